//! Sources go on and off. Off is the server's word: nothing of the source goes anywhere (R11).

use crate::engine::Engine;
use crate::events::Event;
use crate::ids::ParticipantId;
use crate::participant::Peer;
use crate::room::Room;
use crate::slab::Key;
use crate::slot::SCREEN_AUDIO_SLOT;
use crate::time::Micros;
use crate::track::{Track, place};
use protocol::media::Source;

impl Engine {
    /// Switches a source on or off; all are off at first. While off, its packets are dropped (R11).
    pub fn publish(&mut self, now: Micros, participant: ParticipantId, source: Source, on: bool) {
        let Some(key) = self.ids.get(&participant).copied() else { return };
        let Some(track_key) = self.track_of(key, place(source) as u8) else { return };
        let Some(track) = self.tracks.get_mut(track_key).filter(|track| track.on != on) else { return };
        track.on = on;
        let room = track.room;
        if on {
            self.switched_on(now, track_key);
        } else {
            self.switched_off(now, track_key);
        }
        self.count_tracks();
        match source {
            Source::Microphone if !on => self.unseat(now, room, track_key),
            Source::Microphone => {}
            Source::Camera | Source::Screen => self.reassign_viewers(now, room, participant),
            Source::ScreenAudio => {}
        }
        if matches!(source, Source::Screen | Source::ScreenAudio) {
            self.share(now, room, key, on);
        }
    }

    fn switched_on(&mut self, now: Micros, key: Key<Track>) {
        let layers = self.tracks.get(key).map_or(0, |track| track.layers.len());
        (0..layers).for_each(|layer| self.restart_slots(now, key, layer as u8));
        self.open_tap_track(now, key);
    }

    fn switched_off(&mut self, now: Micros, key: Key<Track>) {
        let Some(track) = self.tracks.get_mut(key) else { return };
        for layer in &mut track.layers {
            // What has not been forwarded yet is not forwarded any more.
            layer.pending.clear();
            layer.missing.clear();
            layer.keyframe.withdraw();
            layer.last_arrival = None;
        }
        if let Some(tap) = &mut track.tap {
            tap.interrupt(now);
        }
        let (participant, source) = (track.participant, track.source);
        if let Some(talk) = track.voice.take() {
            self.events.push_back(Event::Talked { participant, ms: talk.ms, bursts: talk.bursts });
        }
        track.voice.silence();
        if std::mem::take(&mut track.live) {
            self.events.push_back(Event::Live { participant, source, live: false });
        }
    }

    /// Who shows this participant's video chooses anew.
    fn reassign_viewers(&mut self, now: Micros, room: Key<Room>, participant: ParticipantId) {
        for key in self.peers_of(room) {
            let views = self.peers.get(key).map(|peer| peer.views.iter()).into_iter().flatten();
            if views.into_iter().any(|view| view.publisher == participant) {
                self.assign_slots(now, key);
            }
        }
    }

    /// The last who shares is heard.
    fn share(&mut self, now: Micros, room_key: Key<Room>, sharer: Key<Peer>, on: bool) {
        let sharing = |engine: &Engine, key: Key<Peer>| {
            let tracks =
                [Source::Screen, Source::ScreenAudio].map(|source| engine.track_of(key, place(source) as u8));
            tracks.into_iter().flatten().any(|track| engine.tracks.get(track).is_some_and(|track| track.on))
        };
        let Some(room) = self.rooms.get(room_key) else { return };
        let next = match on {
            true => Some(sharer),
            false if room.sharer != Some(sharer) || sharing(self, sharer) => room.sharer,
            false => room.peers.iter().copied().rfind(|key| *key != sharer && sharing(self, *key)),
        };
        if let Some(room) = self.rooms.get_mut(room_key) {
            room.sharer = next;
        }
        for key in self.peers_of(room_key) {
            let change = self.attach(now, key, SCREEN_AUDIO_SLOT, self.sound_of(next, key));
            self.tell_slots(key, change.into_iter().collect());
        }
    }

    fn count_tracks(&mut self) {
        let (mut audio, mut video) = (0u64, 0u64);
        for key in (0..self.tracks.places()).filter_map(|index| self.tracks.key_at(index)) {
            if let Some(track) = self.tracks.get(key).filter(|track| track.on) {
                let count = if track.is_video() { &mut video } else { &mut audio };
                *count = count.saturating_add(1);
            }
        }
        (self.counters.audio_tracks, self.counters.video_tracks) = (audio, video);
    }
}
