//! What a browser says over the WebSocket, one JSON text message each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::PersonId;
use crate::media::{Source, View};

/// A message from the browser. Unknown fields are ignored, so that newer clients may say more; unknown types are
/// answered with an error and the connection stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientMessage {
    /// First message of every socket.
    Hello {
        /// [`crate::VERSION`] of the client.
        version: u16,
        /// The signed room token.
        token: String,
        /// How many video slots the device wants to receive (1 to 25).
        video_slots: u8,
        /// Set when a dropped connection comes back: media went on meanwhile.
        resume: Option<Resume>,
    },
    /// The browser's answer to the welcome's offer.
    Answer {
        /// SDP of the answer.
        sdp: String,
    },
    /// The browser gave up its peer connection (ICE failed) and asks for a new offer.
    RestartMedia,
    /// The owner released or took back a source (R11).
    Publish {
        /// Which source.
        source: Source,
        /// Whether it is on.
        on: bool,
    },
    /// What the client shows now; replaces the last one.
    Viewport {
        /// All wanted pictures.
        views: Vec<View>,
    },
    /// A chat message to all, or to one person.
    Chat {
        /// The text, at most 5000 characters, as typed.
        text: String,
        /// Whom it is for; `None` is everybody.
        to: Option<PersonId>,
    },
    /// Raise or lower one's hand.
    Hand {
        /// Whether it is up.
        up: bool,
    },
    /// An emoji reaction.
    React {
        /// One emoji of the set offered by the room.
        emoji: String,
    },
    /// A moderator mutes somebody (there is no unmuting of others, R11), or takes a camera or screen away.
    Mute {
        /// Whom.
        person: PersonId,
        /// Which source.
        source: Source,
    },
    /// A moderator mutes all viewers' microphones.
    MuteAll,
    /// A moderator lowers somebody's hand.
    LowerHand {
        /// Whose.
        person: PersonId,
    },
    /// A moderator starts or stops a marked segment of the recording.
    Mark {
        /// True starts a segment.
        on: bool,
    },
    /// A moderator removes somebody.
    Eject {
        /// Whom.
        person: PersonId,
    },
    /// A moderator ends the class for all.
    End,
    /// The person leaves for good.
    Leave,
    /// Keeps the connection open and measures it; answered by `pong`.
    Ping {
        /// Returned as it came.
        id: u32,
    },
}

/// Where a dropped connection stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    /// The `resume` secret of the last welcome.
    pub secret: String,
    /// `seq` of the last event that arrived.
    pub seq: u64,
}
