//! Which shard a room lives on: the one with the fewest participants, then the fewest rooms.

use std::collections::HashMap;

use sfu_engine::{ParticipantId, RoomId};

/// Shard number in the top 16 bits of a participant's id, so that any shard can tell whose a datagram is.
const SHARD_SHIFT: u32 = 48;

/// The shard that owns a participant.
pub fn shard_of(participant: ParticipantId) -> usize {
    (participant.0 >> SHARD_SHIFT) as usize
}

#[derive(Clone, Copy, Default)]
struct Load {
    participants: u32,
    rooms: u32,
}

struct Place {
    shard: usize,
    participants: u32,
}

/// Where every open room lives.
pub struct Placement {
    loads: Vec<Load>,
    rooms: HashMap<RoomId, Place>,
    people: HashMap<ParticipantId, RoomId>,
    last_room: u64,
    last_participant: u64,
}

impl Placement {
    pub fn new(shards: usize) -> Self {
        Self {
            loads: vec![Load::default(); shards],
            rooms: HashMap::new(),
            people: HashMap::new(),
            last_room: 0,
            last_participant: 0,
        }
    }

    /// Places a new room; gives its id and shard.
    pub fn open(&mut self) -> (RoomId, usize) {
        let shard = (0..self.loads.len())
            .min_by_key(|&shard| {
                self.loads.get(shard).map_or((u32::MAX, u32::MAX), |load| (load.participants, load.rooms))
            })
            .unwrap_or(0);
        self.last_room += 1;
        let room = RoomId(self.last_room);
        self.rooms.insert(room, Place { shard, participants: 0 });
        if let Some(load) = self.loads.get_mut(shard) {
            load.rooms += 1;
        }
        (room, shard)
    }

    /// Forgets a room and everybody in it; gives the shard it was on.
    pub fn close(&mut self, room: RoomId) -> Option<usize> {
        let place = self.rooms.remove(&room)?;
        self.people.retain(|_, home| *home != room);
        if let Some(load) = self.loads.get_mut(place.shard) {
            load.rooms = load.rooms.saturating_sub(1);
            load.participants = load.participants.saturating_sub(place.participants);
        }
        Some(place.shard)
    }

    /// Names a new participant of a room; gives its id and shard.
    pub fn join(&mut self, room: RoomId) -> Option<(ParticipantId, usize)> {
        let place = self.rooms.get_mut(&room)?;
        place.participants += 1;
        self.last_participant += 1;
        let participant = ParticipantId(((place.shard as u64) << SHARD_SHIFT) | self.last_participant);
        if let Some(load) = self.loads.get_mut(place.shard) {
            load.participants += 1;
        }
        self.people.insert(participant, room);
        Some((participant, place.shard))
    }

    /// Forgets a participant. False if it had left before.
    pub fn leave(&mut self, participant: ParticipantId) -> bool {
        let Some(room) = self.people.remove(&participant) else { return false };
        let Some(place) = self.rooms.get_mut(&room) else { return false };
        place.participants = place.participants.saturating_sub(1);
        if let Some(load) = self.loads.get_mut(place.shard) {
            load.participants = load.participants.saturating_sub(1);
        }
        true
    }

    /// The shard a room lives on.
    pub fn shard(&self, room: RoomId) -> Option<usize> {
        self.rooms.get(&room).map(|place| place.shard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_go_where_the_fewest_people_are() {
        let mut placement = Placement::new(2);
        let (first, a) = placement.open();
        let (second, b) = placement.open();
        assert_ne!(a, b);
        for _ in 0..3 {
            let (participant, shard) = placement.join(first).unwrap();
            assert_eq!((shard, shard_of(participant)), (a, a));
        }
        let (_, third) = placement.open();
        assert_eq!(third, b);
        placement.close(first);
        assert_eq!(placement.shard(first), None);
        let (someone, _) = placement.join(second).unwrap();
        assert!(placement.leave(someone));
        assert!(!placement.leave(someone));
        assert_eq!(placement.open().1, a);
    }
}
