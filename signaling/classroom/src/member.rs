//! One person in the room.

use std::collections::BTreeSet;

use protocol::media::Source;
use protocol::server::{Person, Role};

use crate::command::Entrant;
use crate::feed::Feed;
use crate::pace::Pace;

/// A taken seat.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub who: Entrant,
    /// Sources that the owner released and nobody took away.
    pub on: BTreeSet<Source>,
    /// Number of the raised hand.
    pub hand: Option<u32>,
    /// When the connection dropped.
    pub dropped_ms: Option<u64>,
    pub feed: Feed,
    pub pace: Pace,
}

impl Member {
    pub fn new(who: Entrant) -> Self {
        Self {
            who,
            on: BTreeSet::new(),
            hand: None,
            dropped_ms: None,
            feed: Feed::default(),
            pace: Pace::default(),
        }
    }

    pub fn is_moderator(&self) -> bool {
        self.who.role == Role::Moderator
    }

    /// As the others see it.
    pub fn person(&self) -> Person {
        Person {
            id: self.who.person.clone(),
            name: self.who.name.clone(),
            role: self.who.role,
            avatar: self.who.avatar.clone(),
            on: self.on.iter().copied().collect(),
            hand: self.hand,
            connected: self.dropped_ms.is_none(),
        }
    }
}
