//! Voices: who is heard, who speaks, and for how long.

use crate::engine::Engine;
use crate::events::Event;
use crate::room::Room;
use crate::slab::Key;
use crate::time::Micros;
use crate::track::Track;
use protocol::media::Source;

impl Engine {
    /// A microphone's packet came: it may win a seat.
    pub(super) fn hear(&mut self, now: Micros, key: Key<Track>) {
        let Some(track) = self.tracks.get(key) else { return };
        let room_key = track.room;
        let Some(room) = self.rooms.get_mut(room_key) else { return };
        let Some(taken) = room.seats.hear(key, &track.voice, now) else { return };
        for peer in self.peers_of(room_key) {
            let change = self.seat(now, peer, taken.seat, key);
            self.tell_slots(peer, change.into_iter().collect());
        }
    }

    /// A microphone is off: its seat is free.
    pub(super) fn unseat(&mut self, now: Micros, room_key: Key<Room>, key: Key<Track>) {
        let Some(room) = self.rooms.get_mut(room_key) else { return };
        let Some(seat) = room.seats.remove(key) else { return };
        for peer in self.peers_of(room_key) {
            let change = self.attach(now, peer, seat, None);
            self.tell_slots(peer, change.into_iter().collect());
        }
    }

    /// Tells who speaks in a room, if that has changed.
    pub(super) fn tell_speakers(&mut self, now: Micros, room_key: Key<Room>) {
        let Some(room) = self.rooms.get_mut(room_key).filter(|room| room.may_tell(now)) else { return };
        let mut speakers: smallvec::SmallVec<[_; 5]> = room
            .seats
            .iter()
            .filter_map(|(_, key)| self.tracks.get(key))
            .filter(|track| track.on && track.voice.is_speaking(now))
            .map(|track| (track.voice.loudness(), track.participant))
            .collect();
        speakers.sort_by_key(|(loudness, _)| std::cmp::Reverse(*loudness));
        let names: smallvec::SmallVec<[_; 5]> =
            speakers.into_iter().map(|(_, participant)| participant).collect();
        if room.tell(&names, now) {
            self.events.push_back(Event::Speaking { room: room.id, speakers: names.into_vec() });
        }
    }

    /// Tells the talk time of a microphone, about once a second while there is any (R41).
    pub(super) fn tell_talk(&mut self, now: Micros, key: Key<Track>) {
        let Some(track) = self.tracks.get_mut(key).filter(|track| track.source == Source::Microphone) else {
            return;
        };
        if let Some(talk) = track.voice.report(now) {
            self.events.push_back(Event::Talked {
                participant: track.participant,
                ms: talk.ms,
                bursts: talk.bursts,
            });
        }
    }
}
