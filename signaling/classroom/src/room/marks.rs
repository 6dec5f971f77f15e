//! Marked segments, and what people are told about them.

use protocol::ids::PersonId;
use protocol::server::{Event, RecordingFailure, Refusal, Role};

use super::Classroom;
use crate::command::{Effect, Effects};
use crate::mark::Stopped;
use crate::rights::Act;

impl Classroom {
    pub(super) fn mark(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        on: bool,
        possible: Result<(), Refusal>,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        self.moderate(now_ms, who, Act::Mark)?;
        if on {
            possible?;
            let begins_ms = now_ms.saturating_add(self.settings.timings.announce_ms.into());
            if self.mark.announce(who.clone(), begins_ms) {
                self.tell_recording(now_ms, out);
            }
        } else {
            self.stop_marking(now_ms, out);
        }
        Ok(())
    }

    /// Ends the segment or its announcement.
    pub(super) fn stop_marking(&mut self, now_ms: u64, out: &mut Effects) {
        let stopped = self.mark.stop();
        if let Stopped::Segment(segment) = stopped {
            out.push(Effect::Finish { segment });
        }
        if stopped != Stopped::Nothing {
            self.tell_recording(now_ms, out);
        }
    }

    /// The announced time is over.
    pub(super) fn begin_segment(&mut self, now_ms: u64, out: &mut Effects) {
        if let Some(segment) = self.mark.begin(now_ms) {
            // Told first, taken then.
            self.tell_recording(now_ms, out);
            out.push(Effect::Begin { segment });
        }
    }

    pub(super) fn segment_finished(
        &mut self,
        now_ms: u64,
        segment: u32,
        url: Option<String>,
        out: &mut Effects,
    ) {
        // A recorder that finished by itself gets no more media either.
        if self.mark.taking() == Some(segment) {
            self.stop_marking(now_ms, out);
        }
        self.mark.finished(segment, url);
        self.tell_recording(now_ms, out);
    }

    pub(super) fn segment_failed(
        &mut self,
        now_ms: u64,
        segment: u32,
        reason: RecordingFailure,
        out: &mut Effects,
    ) {
        if self.mark.failed(segment, reason) {
            out.push(Effect::Finish { segment });
        }
        self.tell_recording(now_ms, out);
    }

    pub(super) fn recorder_lost(&mut self, now_ms: u64, out: &mut Effects) {
        let lost = self.mark.recorder_lost();
        out.extend(lost.taking.map(|segment| Effect::Finish { segment }));
        if lost.busy {
            self.tell_recording(now_ms, out);
        }
    }

    /// Tells everybody; only moderators are given the link (R34).
    fn tell_recording(&mut self, now_ms: u64, out: &mut Effects) {
        let (led, seen) = (self.mark.state(Role::Moderator, now_ms), self.mark.state(Role::Viewer, now_ms));
        if led == seen {
            self.tell_all(Event::Recording { state: led }, out);
        } else {
            self.tell(Event::Recording { state: led }, |member| member.is_moderator(), out);
            self.tell(Event::Recording { state: seen }, |member| !member.is_moderator(), out);
        }
    }
}
