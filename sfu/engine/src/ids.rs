//! Names by which the engine and its driver speak of rooms, participants and tracks.

/// A room. Chosen by the driver, unique within the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub u64);

/// A participant. Chosen by the driver, unique within the process; its user fragment carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantId(pub u64);
