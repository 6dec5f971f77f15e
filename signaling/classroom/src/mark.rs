//! The marks of a recording: nothing is taken before everybody was told (R31), and only between two marks (R30).

use std::collections::BTreeSet;

use protocol::ids::PersonId;
use protocol::server::{RecordingFailure, RecordingState, Role};

/// What the marks stand at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark {
    phase: Phase,
    rest: Rest,
    /// Number of the last segment that began.
    last: u32,
    /// Segments that ended and are being written down.
    finishing: BTreeSet<u32>,
}

#[derive(Clone, Debug, Default)]
enum Phase {
    #[default]
    Quiet,
    Announced {
        by: PersonId,
        begins_ms: u64,
    },
    On {
        segment: u32,
        since_ms: u64,
    },
}

/// What is shown while nothing is announced, taken or finished.
#[derive(Clone, Debug, Default)]
enum Rest {
    #[default]
    Off,
    Ready(Option<String>),
    Failed(RecordingFailure),
}

impl Mark {
    /// A moderator starts: false if it is started already.
    pub fn announce(&mut self, by: PersonId, begins_ms: u64) -> bool {
        let quiet = matches!(self.phase, Phase::Quiet);
        if quiet {
            self.phase = Phase::Announced { by, begins_ms };
        }
        quiet
    }

    /// When the announced segment begins.
    pub fn begins_ms(&self) -> Option<u64> {
        match self.phase {
            Phase::Announced { begins_ms, .. } => Some(begins_ms),
            Phase::Quiet | Phase::On { .. } => None,
        }
    }

    /// The announced time is over: the segment that begins now.
    pub fn begin(&mut self, now_ms: u64) -> Option<u32> {
        if self.begins_ms()? > now_ms {
            return None;
        }
        self.last = self.last.saturating_add(1);
        self.phase = Phase::On { segment: self.last, since_ms: now_ms };
        Some(self.last)
    }

    /// A moderator stops, or the class ends.
    pub fn stop(&mut self) -> Stopped {
        match std::mem::take(&mut self.phase) {
            Phase::Quiet => Stopped::Nothing,
            Phase::Announced { .. } => Stopped::Announcement,
            Phase::On { segment, .. } => {
                self.finishing.insert(segment);
                Stopped::Segment(segment)
            }
        }
    }

    /// A segment can be played.
    pub fn finished(&mut self, segment: u32, url: Option<String>) {
        self.finishing.remove(&segment);
        self.rest = Rest::Ready(url);
    }

    /// A segment stopped by itself. True if its media was still being taken.
    pub fn failed(&mut self, segment: u32, reason: RecordingFailure) -> bool {
        let taking = self.taking() == Some(segment);
        if taking {
            self.phase = Phase::Quiet;
        }
        self.finishing.remove(&segment);
        self.rest = Rest::Failed(reason);
        taking
    }

    /// The recorder is gone, with all it was at. The segment that was being taken, if any.
    pub fn recorder_lost(&mut self) -> Lost {
        let taking = self.taking();
        let busy = !matches!(self.phase, Phase::Quiet) || !self.finishing.is_empty();
        self.phase = Phase::Quiet;
        self.finishing.clear();
        if busy {
            self.rest = Rest::Failed(RecordingFailure::RecorderLost);
        }
        Lost { busy, taking }
    }

    /// The segment whose media is being taken.
    pub fn taking(&self) -> Option<u32> {
        match self.phase {
            Phase::On { segment, .. } => Some(segment),
            Phase::Quiet | Phase::Announced { .. } => None,
        }
    }

    /// What somebody of this role is shown; only moderators get the link (R34).
    pub fn state(&self, role: Role, now_ms: u64) -> RecordingState {
        match &self.phase {
            Phase::Announced { by, begins_ms } => RecordingState::Announced {
                starts_in_ms: u32::try_from(begins_ms.saturating_sub(now_ms)).unwrap_or(u32::MAX),
                by: by.clone(),
            },
            Phase::On { since_ms, .. } => RecordingState::On { elapsed_ms: now_ms.saturating_sub(*since_ms) },
            Phase::Quiet if !self.finishing.is_empty() => RecordingState::Finishing,
            Phase::Quiet => match &self.rest {
                Rest::Off => RecordingState::Off,
                Rest::Ready(url) => {
                    RecordingState::Ready { url: url.clone().filter(|_| role == Role::Moderator) }
                }
                Rest::Failed(reason) => RecordingState::Failed { reason: *reason },
            },
        }
    }
}

/// What a stop stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    Nothing,
    Announcement,
    Segment(u32),
}

/// What was lost with the recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Anything that people were shown.
    pub busy: bool,
    /// The segment that was being taken.
    pub taking: Option<u32>,
}
