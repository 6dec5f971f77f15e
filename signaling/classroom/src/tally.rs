//! Statistics of one person (R41).

use protocol::ids::PersonId;
use protocol::server::Role;

/// What one person did in the meeting. All stays with the same user id of the front end are one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Our id, of the first stay.
    pub person: PersonId,
    /// The front end's id.
    pub user: Option<String>,
    /// Name, of the last stay.
    pub name: String,
    /// Was a moderator in the last stay.
    pub moderator: bool,
    /// Chat messages written, private ones included.
    pub chat_messages: u32,
    /// How often talking was begun.
    pub times_talked: u32,
    /// Emoji sent.
    pub emoji: u32,
    /// How often the hand went up.
    pub hands: u32,
    /// Poll answers.
    pub poll_answers: u32,
    /// Total talk time, ms.
    pub talk_ms: u64,
    /// Total time in the room, ms.
    pub online_ms: u64,
    /// First coming, ms since the meeting was made.
    pub joined_ms: u64,
    /// Last leaving; `None` while in the room.
    pub left_ms: Option<u64>,
}

/// Statistics while they grow.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    so_far: Statistics,
    seats: usize,
    since_ms: u64,
}

impl Tally {
    pub fn new(person: PersonId, user: Option<String>, now_ms: u64) -> Self {
        let so_far = Statistics {
            person,
            user,
            name: String::new(),
            moderator: false,
            chat_messages: 0,
            times_talked: 0,
            emoji: 0,
            hands: 0,
            poll_answers: 0,
            talk_ms: 0,
            online_ms: 0,
            joined_ms: now_ms,
            left_ms: None,
        };
        Self { so_far, seats: 0, since_ms: now_ms }
    }

    /// A stay begins.
    pub fn came(&mut self, name: &str, role: Role, now_ms: u64) {
        self.so_far.name = name.to_owned();
        self.so_far.moderator = role == Role::Moderator;
        self.so_far.left_ms = None;
        if self.seats == 0 {
            self.since_ms = now_ms;
        }
        self.seats = self.seats.saturating_add(1);
    }

    /// A stay ends. Time in two stays at once counts once.
    pub fn went(&mut self, now_ms: u64) {
        self.seats = self.seats.saturating_sub(1);
        if self.seats == 0 {
            let stayed = now_ms.saturating_sub(self.since_ms);
            self.so_far.online_ms = self.so_far.online_ms.saturating_add(stayed);
            self.so_far.left_ms = Some(now_ms);
        }
    }

    pub fn talked(&mut self, ms: u32, bursts: u32) {
        self.so_far.talk_ms = self.so_far.talk_ms.saturating_add(ms.into());
        self.so_far.times_talked = self.so_far.times_talked.saturating_add(bursts);
    }

    pub fn wrote(&mut self) {
        self.so_far.chat_messages = self.so_far.chat_messages.saturating_add(1);
    }

    pub fn reacted(&mut self) {
        self.so_far.emoji = self.so_far.emoji.saturating_add(1);
    }

    pub fn raised_hand(&mut self) {
        self.so_far.hands = self.so_far.hands.saturating_add(1);
    }

    /// The row as of now.
    pub fn statistics(&self, now_ms: u64) -> Statistics {
        let mut row = self.so_far.clone();
        if self.seats > 0 {
            row.online_ms = row.online_ms.saturating_add(now_ms.saturating_sub(self.since_ms));
        }
        row
    }
}
