//! What the server says over the WebSocket, one JSON text message each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{MeetingId, PersonId};
use crate::media::{MediaOffer, SlotAssignment, Source};

/// A message to the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerMessage {
    /// The answer to a `hello` that starts a stay.
    Welcome(Box<Welcome>),
    /// The answer to a `hello` before a moderator has come (R4): keep the connection, the welcome follows by itself.
    Waiting {
        /// The meeting's name.
        meeting_name: String,
        /// Where leaving leads.
        logout_url: Option<String>,
    },
    /// The answer to a `hello` that resumes one; the missed events follow.
    Resumed {
        /// The next secret to resume with.
        resume: String,
        /// Whether media is still alive; if not, the client asks for it with `restartMedia`.
        media: bool,
    },
    /// The answer to `restartMedia`.
    Media(MediaOffer),
    /// Something happened in the room.
    Event {
        /// Counts up by one within a stay.
        seq: u64,
        /// What.
        event: Event,
    },
    /// Who is in which slot from now on; slots that are not listed stay as they are.
    Slots {
        /// The changed slots.
        slots: Vec<SlotAssignment>,
    },
    /// Who speaks now, loudest first; sent on change, at most five times a second.
    Speaking {
        /// The speakers.
        people: Vec<PersonId>,
    },
    /// A command was refused; nothing changed.
    Refused {
        /// Why, for programs.
        code: Refusal,
        /// Why, for people, in English; the client shows its own words for known codes.
        message: String,
    },
    /// The answer to `ping`.
    Pong {
        /// As it came.
        id: u32,
    },
    /// The stay is over; the socket closes with this code (see [`Close::code`]).
    Closed {
        /// Why.
        reason: Close,
        /// For people, in English.
        message: String,
        /// Where to go: the front end's logout URL.
        logout_url: Option<String>,
    },
}

/// Everything a client needs to draw the room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// [`crate::VERSION`] of the server.
    pub version: u16,
    /// Secret for [`crate::client::Resume`].
    pub resume: String,
    /// Who the client is.
    pub you: PersonId,
    /// The meeting's name.
    pub meeting_name: String,
    /// The meeting's id.
    pub meeting: MeetingId,
    /// The front end's welcome text, already reduced to plain text.
    pub welcome_text: Option<String>,
    /// Everybody in the room, the client included.
    pub people: Vec<Person>,
    /// The public chat so far and the private messages of this person, oldest first.
    pub chat: Vec<ChatMessage>,
    /// State of the recording.
    pub recording: RecordingState,
    /// Whether this tenant and meeting may be recorded at all (R32).
    pub may_record: bool,
    /// The emoji that may be sent.
    pub reactions: Vec<String>,
    /// The retention policy of a recording in force, in days; `None` = kept until deleted on request.
    pub retention_days: Option<u32>,
    /// Where leaving leads.
    pub logout_url: Option<String>,
    /// ms since the meeting began.
    pub elapsed_ms: u64,
    /// The one offer.
    pub media: MediaOffer,
}

/// One person as the others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Profile picture given by the front end, served from our own origin, if any.
    pub avatar: Option<String>,
    /// Sources that are on.
    pub on: Vec<Source>,
    /// Order in which the hand went up: counts up, with gaps once somebody put it down; `None` = down.
    pub hand: Option<u32>,
    /// False while the person's connection is dropped and may come back.
    pub connected: bool,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Starts and ends the class, mutes, marks.
    Moderator,
    /// Takes part.
    Viewer,
}

/// A chat message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// Unique within the meeting, counts up.
    pub id: u64,
    /// Who wrote it.
    pub from: PersonId,
    /// The writer's name at that time (the writer may have left).
    pub name: String,
    /// Whom it is for; `None` is everybody.
    pub to: Option<PersonId>,
    /// Plain text.
    pub text: String,
    /// ms since the meeting began.
    pub at_ms: u64,
}

/// Something that happened in the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// Somebody came in.
    Joined {
        /// Who.
        person: Person,
    },
    /// Somebody left for good.
    Left {
        /// Who.
        person: PersonId,
    },
    /// Somebody's state changed: sources, hand, connection, name.
    Changed {
        /// The whole new state.
        person: Person,
    },
    /// A chat message.
    Chat {
        /// The message.
        message: ChatMessage,
    },
    /// An emoji reaction, shown for five seconds.
    Reaction {
        /// Who.
        person: PersonId,
        /// Which.
        emoji: String,
    },
    /// A moderator muted your source; it can be released again by you alone.
    Muted {
        /// Which.
        source: Source,
        /// Who did it.
        by: PersonId,
    },
    /// The recording's state changed (R31).
    Recording {
        /// The new state.
        state: RecordingState,
    },
}

/// State of the recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RecordingState {
    /// Nothing is recorded.
    Off,
    /// Everybody is being told; recording starts when this time is over (R31).
    Announced {
        /// ms until it starts.
        starts_in_ms: u32,
        /// Who marked.
        by: PersonId,
    },
    /// A marked segment is being recorded.
    On {
        /// ms since the segment began.
        elapsed_ms: u64,
    },
    /// The segment is being finished; no media is taken any more.
    Finishing,
    /// The recording can be watched.
    Ready {
        /// Signed path of the playback page, for moderators only.
        url: Option<String>,
    },
    /// Recording stopped by itself; the class goes on.
    Failed {
        /// Why.
        reason: RecordingFailure,
    },
}

/// Why a recording stopped by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RecordingFailure {
    /// The disk is full.
    DiskFull,
    /// The recorder process ended; what was written is kept.
    RecorderLost,
    /// Anything else, see the operator's log.
    Internal,
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// The role does not allow it.
    NotAllowed,
    /// Nobody of that id is here.
    NoSuchPerson,
    /// Too long, empty, or not one of the offered values.
    Invalid,
    /// Too many in too short a time.
    TooFast,
    /// This meeting or tenant is not recorded (R32).
    RecordingOff,
    /// The disk is too full to record.
    DiskFull,
    /// No recorder is attached just now.
    RecorderAway,
    /// The message could not be read.
    Malformed,
    /// The browser's answer could not be used.
    BadAnswer,
}

/// Why a stay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Close {
    /// The person left.
    Left,
    /// A moderator, the LMS or a limit ended the class.
    MeetingEnded,
    /// A moderator removed the person.
    Ejected,
    /// The room token expired: open the class again from the course page.
    TokenExpired,
    /// The room token was not made by this server.
    TokenInvalid,
    /// The same stay was opened in another tab.
    Replaced,
    /// The client speaks another version: reload.
    VersionMismatch,
    /// The connection said nothing for too long, or something that is no message, or too much.
    Protocol,
    /// The room is full.
    Full,
    /// The server is stopping.
    ServerStopping,
}

impl Close {
    /// The WebSocket close code (RFC 6455 §7.4.2, private use).
    pub fn code(self) -> u16 {
        match self {
            Close::Left => 4000,
            Close::MeetingEnded => 4001,
            Close::Ejected => 4002,
            Close::TokenExpired => 4003,
            Close::TokenInvalid => 4004,
            Close::Replaced => 4005,
            Close::VersionMismatch => 4006,
            Close::Protocol => 4007,
            Close::Full => 4008,
            Close::ServerStopping => 4009,
        }
    }
}
