//! What was decided about a room before anybody came in. Nothing here changes while it runs.

/// The rules of one room. Times are ms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Most people at once; `None` = no limit.
    pub max_people: Option<usize>,
    /// Longest time from the first moderator's coming to the end.
    pub duration_ms: Option<u64>,
    /// Ends when no moderator came for so long after it was made, or after the last person stopped waiting for one.
    pub expire_unused_ms: Option<u64>,
    /// Ends when everybody was gone for so long.
    pub expire_empty_ms: Option<u64>,
    /// Ends when no moderator was there for so long.
    pub expire_without_moderator_ms: Option<u64>,
    /// What viewers may not do.
    pub locks: Locks,
    /// Viewers see the cameras of moderators only.
    pub cameras_for_moderators_only: bool,
    /// Whether and how it may be recorded.
    pub recording: Recording,
    /// Grace and warning times.
    pub timings: Timings,
}

/// What the front end took from viewers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locks {
    /// No cameras.
    pub camera: bool,
    /// No microphones.
    pub microphone: bool,
    /// No public chat messages.
    pub public_chat: bool,
    /// No private chat messages, except to moderators.
    pub private_chat: bool,
}

/// Whether a room may be recorded: all three must be true (R30, R32).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// The tenant allows recording.
    pub tenant: bool,
    /// The front end made the meeting recordable.
    pub meeting: bool,
    /// Moderators may start and stop.
    pub marks: bool,
}

impl Recording {
    /// Whether any path may record.
    pub fn allowed(self) -> bool {
        self.tenant && self.meeting && self.marks
    }
}

/// Grace and warning times, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long somebody whose connection dropped keeps the seat.
    pub grace_ms: u64,
    /// How long everybody is told before a segment begins (R31).
    pub announce_ms: u32,
}

impl Default for Timings {
    fn default() -> Self {
        Self { grace_ms: 30_000, announce_ms: 3_000 }
    }
}
