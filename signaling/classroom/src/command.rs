//! What goes into a classroom and what comes out of it.

use std::sync::Arc;

use protocol::ids::PersonId;
use protocol::media::Source;
use protocol::server::{Close, Event, RecordingFailure, Refusal, Role};

/// Somebody at the door. Name and role come from the signed token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// Who.
    pub person: PersonId,
    /// The front end's id, if it gave one: statistics of all stays with it are one row, and it never needs two seats.
    pub user: Option<String>,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Profile picture.
    pub avatar: Option<String>,
}

/// What somebody in the room does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The connection dropped; the seat is kept for the grace time.
    Drop,
    /// The connection came back in time.
    Return,
    /// Leaves for good.
    Leave,
    /// Releases or takes back an own source (R11).
    Publish {
        /// Which.
        source: Source,
        /// On or off.
        on: bool,
    },
    /// Writes to all or to one.
    Chat {
        /// The text as typed.
        text: String,
        /// Whom it is for; `None` is everybody.
        to: Option<PersonId>,
    },
    /// Raises or lowers the own hand.
    Hand {
        /// Up or down.
        up: bool,
    },
    /// Sends an emoji.
    React {
        /// One of [`crate::REACTIONS`].
        emoji: String,
    },
    /// Takes a source away from somebody.
    Mute {
        /// From whom.
        person: PersonId,
        /// Which.
        source: Source,
    },
    /// Mutes all viewers.
    MuteAll,
    /// Lowers somebody's hand.
    LowerHand {
        /// Whose.
        person: PersonId,
    },
    /// Starts or stops a marked segment.
    Mark {
        /// Start or stop.
        on: bool,
        /// Whether recording is possible just now (disk, recorder); asked for after the rights.
        possible: Result<(), Refusal>,
    },
    /// Removes somebody.
    Eject {
        /// Whom.
        person: PersonId,
    },
    /// Ends the class for all.
    End,
}

/// What the world outside has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Somebody talked (R41).
    Talked {
        /// Who.
        person: PersonId,
        /// How long, ms.
        ms: u32,
        /// How often it was begun.
        bursts: u32,
    },
    /// A segment is closed and can be played.
    SegmentFinished {
        /// Which.
        segment: u32,
        /// Signed path for moderators.
        url: Option<String>,
    },
    /// A segment stopped by itself, or never began.
    SegmentFailed {
        /// Which.
        segment: u32,
        /// Why.
        reason: RecordingFailure,
    },
    /// The recorder is gone.
    RecorderLost,
    /// The meeting is ended from outside.
    End(Ending),
}

/// Why a meeting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A moderator ended it.
    Moderator,
    /// The front end ended it.
    FrontEnd,
    /// Its time was over.
    Duration,
    /// Everybody was gone.
    Empty,
    /// No moderator ever came.
    Unused,
    /// No moderator was left.
    NoModerator,
    /// The server stops.
    Stopping,
}

impl Ending {
    /// Whether somebody decided it.
    pub fn forced(self) -> bool {
        matches!(self, Ending::Moderator | Ending::FrontEnd)
    }

    /// What people are told.
    pub(crate) fn close(self) -> Close {
        if self == Ending::Stopping { Close::ServerStopping } else { Close::MeetingEnded }
    }
}

/// What the caller does next, in order.
pub type Effects = Vec<Effect>;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send an event; the number is the recipient's own, gapless since the welcome.
    Tell {
        /// To whom, and as which number.
        to: Vec<(PersonId, u64)>,
        /// What.
        event: Arc<Event>,
    },
    /// Let somebody in: prepare media, then welcome with [`crate::Classroom::welcome`].
    Admitted {
        /// Whom.
        person: PersonId,
    },
    /// Tell somebody that a moderator is awaited (R4).
    Waiting {
        /// Whom.
        person: PersonId,
    },
    /// Route a source, or drop its packets.
    Route {
        /// Whose.
        person: PersonId,
        /// Which.
        source: Source,
        /// Route or drop.
        on: bool,
    },
    /// A stay is over: media ends, the connection closes with this reason.
    Gone {
        /// Whose.
        person: PersonId,
        /// Why.
        why: Close,
        /// When the person was last there.
        at_ms: u64,
    },
    /// Begin a marked segment: everybody was told the announced time ago (R31).
    Begin {
        /// Its number, counting up from 1.
        segment: u32,
    },
    /// Finish it.
    Finish {
        /// Its number.
        segment: u32,
    },
    /// The meeting is over; nothing follows.
    Ended {
        /// Why.
        ending: Ending,
    },
}
