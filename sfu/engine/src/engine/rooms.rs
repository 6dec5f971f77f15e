//! Who is where: rooms open and close, participants join and leave.

use crate::allot::Allotment;
use crate::codec::PayloadTypes;
use crate::engine::Engine;
use crate::engine::datagram::fragment_of;
use crate::events::{Event, Joined, SlotInfo};
use crate::ids::{ParticipantId, RoomId};
use crate::participant::{Budget, Peer, Streams};
use crate::room::Room;
use crate::session::{OfferLayout, Session, SlotLayout};
use crate::slab::Key;
use crate::slot::{Slot, layout};
use crate::time::Micros;
use crate::track::clock::ClockOffset;
use crate::track::transport::TransportLog;
use crate::track::{SOURCES, Track};

/// Most video slots of a participant.
const MAX_VIDEO_SLOTS: u8 = 25;
/// The `a=mid` values of the sections in which participants publish, in the order of [`SOURCES`].
const PUBLISH_MIDS: [&str; 4] = ["0", "1", "2", "3"];
/// Taken for the round trip until reports tell.
const ROUND_TRIP: Micros = Micros::from_millis(60);

/// Why a participant could not join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// No such room on this shard.
    #[error("no such room")]
    NoRoom,
    /// The id is in use.
    #[error("the participant is already there")]
    Taken,
    /// More slots than can be offered.
    #[error("at least one and at most 25 video slots")]
    Slots,
}

impl Engine {
    /// Opens a room; nothing happens if it is open.
    pub fn open_room(&mut self, room: RoomId) {
        if !self.room_ids.contains_key(&room) {
            let key = self.rooms.insert(Room::new(room));
            self.room_ids.insert(room, key);
        }
    }

    /// Closes a room; its participants leave, its tap ends.
    pub fn close_room(&mut self, now: Micros, room: RoomId) {
        self.close_tap(room);
        let Some(key) = self.room_ids.remove(&room) else { return };
        let peers = self.rooms.get(key).map(|room| room.peers.clone()).unwrap_or_default();
        let left: Vec<_> = peers.into_iter().filter_map(|peer| Some(self.peers.get(peer)?.id)).collect();
        left.into_iter().for_each(|participant| self.leave(now, participant));
        self.rooms.remove(key);
    }

    /// Adds a participant with `video_slots` (1 to 25) video slots and makes the offer.
    pub fn join(
        &mut self,
        now: Micros,
        room: RoomId,
        participant: ParticipantId,
        video_slots: u8,
    ) -> Result<Joined, JoinError> {
        if !(1..=MAX_VIDEO_SLOTS).contains(&video_slots) {
            return Err(JoinError::Slots);
        }
        if self.ids.contains_key(&participant) {
            return Err(JoinError::Taken);
        }
        let room = self.room_ids.get(&room).copied().ok_or(JoinError::NoRoom)?;
        let key = self.admit(now, room, participant, video_slots).ok_or(JoinError::NoRoom)?;
        self.fill_room_slots(now, room, key);
        let peer = self.peers.get_mut(key).ok_or(JoinError::NoRoom)?;
        let sections = peer.slots.iter();
        let sections =
            sections.map(|slot| SlotLayout { kind: slot.kind, ssrc: slot.ssrc, rtx_ssrc: slot.repair_ssrc });
        let layout = OfferLayout { session_id: self.random.next() >> 1, slots: sections.collect() };
        let slots = peer.slots.iter().zip(0u16..);
        let slots = slots.map(|(slot, number)| SlotInfo {
            slot: number,
            kind: slot.kind,
            mid: number.saturating_add(PUBLISH_MIDS.len() as u16).to_string(),
        });
        let slots = slots.collect();
        let publish = SOURCES.into_iter().zip(PUBLISH_MIDS).collect();
        Ok(Joined { offer: peer.session.offer(&layout), slots, publish })
    }

    fn admit(
        &mut self,
        now: Micros,
        room_key: Key<Room>,
        id: ParticipantId,
        video_slots: u8,
    ) -> Option<Key<Peer>> {
        let (password, ssrc) = (self.random.password(), self.random.ssrc());
        let session = Session::new(&self.config.session, fragment_of(id), password, now);
        let slots = layout(video_slots).map(|kind| Slot::new(kind, &mut self.random)).collect();
        let room = self.rooms.get_mut(room_key)?;
        let key = self.peers.insert_with(|key| {
            let mut track =
                |source| self.tracks.insert(Track::new(key, id, room_key, source, room.new_csrc()));
            Peer {
                id,
                room: room_key,
                session,
                remote: None,
                connected: false,
                was_connected: false,
                closed: false,
                ssrc,
                streams: Streams::default(),
                tracks: SOURCES.map(&mut track),
                slots,
                decodes: PayloadTypes::ALL,
                views: Vec::new(),
                transport: TransportLog::default(),
                clock_offset: ClockOffset::default(),
                round_trip: ROUND_TRIP,
                budget: Budget::default(),
                bandwidth: None,
                allotment: Allotment::default(),
            }
        });
        room.peers.push(key);
        self.ids.insert(id, key);
        self.counters.participants = self.ids.len() as u64;
        if self.counters.participants == 1 {
            self.next_tick = now;
        }
        Some(key)
    }

    /// Removes a participant.
    pub fn leave(&mut self, now: Micros, participant: ParticipantId) {
        let Some(key) = self.ids.get(&participant).copied() else { return };
        for source in SOURCES {
            self.publish(now, participant, source, false);
        }
        let Some(peer) = self.peers.get(key) else { return };
        let (slots, tracks, room) = (peer.slots.len(), peer.tracks, peer.room);
        for slot in 0..slots {
            self.attach(now, key, slot, None);
        }
        self.detach_subscribers(now, room, &tracks);
        self.ids.remove(&participant);
        if let Some(room) = self.rooms.get_mut(room) {
            room.peers.retain(|other| *other != key);
        }
        tracks.into_iter().for_each(|track| drop(self.tracks.remove(track)));
        if let Some(mut peer) = self.peers.remove(key) {
            self.say_goodbye(now, key, &mut peer);
        }
        self.counters.participants = self.ids.len() as u64;
    }

    /// Nobody receives these tracks any more; whose slots they were in is told.
    fn detach_subscribers(&mut self, now: Micros, room: Key<Room>, tracks: &[Key<Track>; 4]) {
        let peers = self.rooms.get(room).map(|room| room.peers.clone()).unwrap_or_default();
        for other in peers {
            let Some(peer) = self.peers.get(other) else { continue };
            let held = peer.slots.iter().enumerate();
            let held: Vec<_> =
                held.filter(|(_, s)| s.source.is_some_and(|t| tracks.contains(&t))).map(|(n, _)| n).collect();
            let changes: Vec<_> =
                held.into_iter().filter_map(|slot| self.attach(now, other, slot, None)).collect();
            self.tell_slots(other, changes);
        }
    }

    /// Closes the session; its last words are sent at once.
    fn say_goodbye(&mut self, now: Micros, key: Key<Peer>, peer: &mut Peer) {
        peer.session.close(now);
        while let Some((to, bytes)) = peer.session.poll_transmit() {
            self.trains.push_alone(&bytes, to, now);
        }
        let addresses: Vec<_> = peer.session.addresses().collect();
        addresses.into_iter().for_each(|address| self.forget_address(key, address));
        if !peer.was_connected {
            self.counters.handshakes_failed = self.counters.handshakes_failed.wrapping_add(1);
        }
    }

    pub(super) fn tell_slots(&mut self, key: Key<Peer>, changes: Vec<crate::events::SlotChange>) {
        if let Some(peer) = self.peers.get(key)
            && !changes.is_empty()
        {
            self.events.push_back(Event::Slots { participant: peer.id, changes });
        }
    }
}
