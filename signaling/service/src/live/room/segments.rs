//! Marked segments: the store opens them, the media node takes them, the recorder reports on them.

use std::collections::BTreeMap;

use classroom::Fact;
use protocol::ids::PersonId;
use protocol::server::{Event, RecordingFailure, Refusal};
use protocol::tap::{Order, Report};
use sfu_node::ParticipantId;
use store::recordings::BegunSegment;

use super::Room;
use super::media::Done;

/// The segments of one meeting.
#[derive(Default)]
pub(super) struct Segments {
    open: Option<Open>,
    /// The classroom's number of each by the store's, which everybody else uses.
    numbers: BTreeMap<u32, u32>,
}

/// The segment that is being taken.
struct Open {
    segment: u32,
    stored: u32,
    /// Its zero on the room's clock.
    zero_ms: u64,
}

impl Room {
    /// Whether a segment could be recorded just now.
    pub(super) fn recording_possible(&self) -> Result<(), Refusal> {
        // A disk whose free space cannot be told is tried; the recorder reports if it is full.
        let free = (self.config.free_disk)().unwrap_or(u64::MAX);
        if free < self.config.limits.free_disk {
            return Err(Refusal::DiskFull);
        }
        if self.config.sfu.recorder_attached() { Ok(()) } else { Err(Refusal::RecorderAway) }
    }

    /// Everybody was told; the store is the one door to recording.
    pub(super) fn begin_segment(&mut self, segment: u32) {
        let (store, meeting) = (self.config.store.clone(), self.meeting.id.clone());
        let started_ms = self.unix_ms(self.now_ms());
        self.work.spawn(async move {
            let result = store.recordings().begin_segment(&meeting, started_ms).await;
            Done::Segment { segment, result }
        });
    }

    pub(super) fn segment_begun(&mut self, segment: u32, result: Result<BegunSegment, store::Error>) {
        let begun = match result {
            Ok(begun) => begun,
            Err(error) => {
                tracing::error!(%error, "a segment could not be opened in the store");
                return self.segment_failed(segment, RecordingFailure::Internal);
            }
        };
        self.segments.numbers.insert(begun.number, segment);
        // It may have been stopped again meanwhile.
        let taken = self.class.segment() == Some(segment);
        match if taken { self.take_media(&begun) } else { Err(RecordingFailure::Internal) } {
            Ok(()) => {
                self.segments.open = Some(Open { segment, stored: begun.number, zero_ms: self.now_ms() })
            }
            Err(reason) => {
                self.books.segment_failed(begun.number);
                return self.segment_failed(segment, reason);
            }
        }
        for (participant, person) in self.people_with_media() {
            if let Some(seen) = self.class.person(&person) {
                self.name_in_segment(&person, participant, seen.name);
            }
        }
    }

    fn take_media(&self, begun: &BegunSegment) -> Result<(), RecordingFailure> {
        let order = Order::Begin {
            tenant: self.meeting.made_from.tenant.clone(),
            meeting: self.meeting.id.clone(),
            segment: begun.number,
            data_key: begun.key.to_hex().to_string(),
            started_unix_ms: self.unix_ms(self.now_ms()),
        };
        self.config.sfu.begin_segment(self.media_room, order, self.people_with_media()).map_err(|error| {
            tracing::error!(%error, "a segment could not be begun");
            RecordingFailure::RecorderLost
        })
    }

    pub(super) fn name_in_segment(&self, person: &PersonId, participant: ParticipantId, name: String) {
        if self.segments.open.is_some() {
            self.config.sfu.segment_person(self.media_room, participant, person.clone(), name);
        }
    }

    /// What everybody could read and see goes onto the timeline of the segment (R33), and nothing else.
    pub(super) fn note_on_timeline(&self, event: &Event) {
        let Some(open) = &self.segments.open else { return };
        let public = match event {
            Event::Chat { message } => message.to.is_none(),
            Event::Reaction { .. } => true,
            _ => false,
        };
        if public {
            let note = Order::Note {
                meeting: self.meeting.id.clone(),
                segment: open.stored,
                at_ms: self.now_ms().saturating_sub(open.zero_ms),
                event: event.clone(),
            };
            self.config.sfu.segment_note(self.media_room, note);
        }
    }

    pub(super) fn finish_segment(&mut self, segment: u32) {
        if self.segments.open.as_ref().is_some_and(|open| open.segment == segment) {
            self.segments.open = None;
            self.config.sfu.finish_segment(self.media_room);
        }
    }

    /// The recorder reports; the store knows it already.
    pub(super) fn report(&mut self, report: Report) {
        let number = |stored| self.segments.numbers.get(&stored).copied();
        match report {
            Report::Finished { segment, .. } => {
                let Some(segment) = number(segment) else { return };
                let url = (self.config.recording_link)(&self.meeting.id, (self.config.clock)());
                self.observe(Fact::SegmentFinished { segment, url: Some(url) });
            }
            Report::Failed { segment, disk_full, .. } => {
                let Some(segment) = number(segment) else { return };
                let reason = if disk_full { RecordingFailure::DiskFull } else { RecordingFailure::Internal };
                self.segment_failed(segment, reason);
            }
            Report::Ready { .. } | Report::WantKeyframe { .. } => {}
        }
    }

    fn segment_failed(&mut self, segment: u32, reason: RecordingFailure) {
        self.observe(Fact::SegmentFailed { segment, reason });
    }
}
