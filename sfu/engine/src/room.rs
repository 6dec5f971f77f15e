//! A room as the engine knows it: who is in it, whose voices are heard, who shares, and whether it is tapped.

use crate::ids::{ParticipantId, RoomId};
use crate::participant::Peer;
use crate::seats::Seats;
use crate::slab::Key;
use crate::time::Micros;

/// Least time between two `Speaking` events.
const SPEAKING_INTERVAL: Micros = Micros::from_millis(200);

/// A room.
pub(crate) struct Room {
    pub id: RoomId,
    pub peers: Vec<Key<Peer>>,
    pub seats: Seats,
    /// Whose screen sound is heard.
    pub sharer: Option<Key<Peer>>,
    /// Since when the tap is open.
    pub tap: Option<Micros>,
    next_csrc: u32,
    speaking: Vec<ParticipantId>,
    told: Micros,
}

impl Room {
    pub fn new(id: RoomId) -> Room {
        Room {
            id,
            peers: Vec::new(),
            seats: Seats::default(),
            sharer: None,
            tap: None,
            next_csrc: 1,
            speaking: Vec::new(),
            told: Micros::ZERO,
        }
    }

    /// A contributing source number that no other source of this room ever had.
    pub fn new_csrc(&mut self) -> u32 {
        let csrc = self.next_csrc;
        self.next_csrc = self.next_csrc.saturating_add(1);
        csrc
    }

    /// Whether speakers may be told now.
    pub fn may_tell(&self, now: Micros) -> bool {
        now.since(self.told) >= SPEAKING_INTERVAL
    }

    /// These speak now; true if that is news.
    pub fn tell(&mut self, speakers: &[ParticipantId], now: Micros) -> bool {
        if self.speaking == speakers {
            return false;
        }
        self.told = now;
        self.speaking.clear();
        self.speaking.extend_from_slice(speakers);
        true
    }
}
