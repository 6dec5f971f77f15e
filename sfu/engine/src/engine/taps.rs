//! The room's tap: opened and closed by the driver's order, fed with every source of the room meanwhile (R30).

use crate::engine::Engine;
use crate::events::TapOutput;
use crate::ids::{ParticipantId, RoomId};
use crate::slab::Key;
use crate::tap::{Feed, Origin, TapTrack};
use crate::time::Micros;
use crate::track::{Track, place};
use protocol::media::Source;

impl Engine {
    /// Opens the room's tap: what arrives from now on, of every source of the room, goes to [`Engine::drain_tap`].
    pub fn open_tap(&mut self, now: Micros, room: RoomId) {
        let Some(key) = self.room_ids.get(&room).copied() else { return };
        match self.rooms.get_mut(key) {
            Some(state) if state.tap.is_none() => state.tap = Some(now),
            _ => return,
        }
        for track in self.tracks_of(room) {
            self.open_tap_track(now, track);
        }
    }

    /// Closes the room's tap; not one packet follows.
    pub fn close_tap(&mut self, room: RoomId) {
        let Some(key) = self.room_ids.get(&room).copied() else { return };
        if let Some(state) = self.rooms.get_mut(key) {
            state.tap = None;
        }
        for track in self.tracks_of(room) {
            if let Some(track) = self.tracks.get_mut(track) {
                track.tap = None;
            }
        }
        self.tapped.forget(room);
    }

    /// The recorder cannot decode this source before its next keyframe.
    pub fn tap_keyframe(&mut self, room: RoomId, participant: ParticipantId, source: Source) {
        let Some(key) = self.ids.get(&participant).copied() else { return };
        let Some(track) =
            self.track_of(key, place(source) as u8).and_then(|track| self.tracks.get_mut(track))
        else {
            return;
        };
        let tapped = self.rooms.get(track.room).is_some_and(|state| state.id == room);
        let layer = track.tap.as_ref().filter(|_| tapped).and_then(|tap| tap.current.or(tap.target));
        if let Some(layer) = layer.filter(|_| track.is_video()).and_then(|layer| track.layer_mut(layer)) {
            layer.keyframe.want();
        }
    }

    /// Hands out all that the taps hold. Call it after [`Engine::poll_transmits`] gave `None`.
    pub fn drain_tap(&mut self, take: impl FnMut(TapOutput<'_>)) {
        self.tapped.drain(take);
    }

    /// If its room is tapped and the source is on, the track goes to the tap.
    pub(super) fn open_tap_track(&mut self, now: Micros, key: Key<Track>) {
        let Some(track) = self.tracks.get_mut(key).filter(|track| track.on) else { return };
        if self.rooms.get(track.room).is_none_or(|room| room.tap.is_none()) {
            return;
        }
        let clock_rate = track.clock_rate();
        track.tap.get_or_insert_with(|| TapTrack::new(clock_rate, now));
        self.retarget_tap(now, key);
    }

    /// The tap takes the highest live layer.
    pub(super) fn retarget_tap(&mut self, now: Micros, key: Key<Track>) {
        let Some(track) = self.tracks.get_mut(key) else { return };
        let target =
            if track.is_video() { track.live_layers(now).last().map(|(layer, _)| layer) } else { Some(0) };
        let video = track.is_video();
        let Some((tap, target)) = track.tap.as_mut().zip(target) else { return };
        tap.target = Some(target);
        if video
            && tap.current != Some(target)
            && let Some(layer) = track.layer_mut(target)
        {
            layer.keyframe.want();
        }
    }

    /// The tap takes what a layer has for it.
    pub(super) fn pump_tap(&mut self, now: Micros, key: Key<Track>, number: u8) {
        let Some(track) = self.tracks.get_mut(key).filter(|track| track.tap.is_some()) else { return };
        let Some(room) = self.rooms.get(track.room) else { return };
        let origin =
            Origin { room: room.id, participant: track.participant, source: track.source, csrc: track.csrc };
        let clocks = track.clocks();
        if let (Some(tap), Some(layer)) = (&mut track.tap, track.layers.get(usize::from(number))) {
            Feed { track: key, number, layer, clocks, origin }.pump(
                tap,
                now,
                &mut self.tapped,
                &mut self.counters,
            );
        }
    }

    /// Gaps that time closes.
    pub(super) fn pump_current_tap(&mut self, now: Micros, key: Key<Track>) {
        let layer = self.tracks.get(key).and_then(|track| track.tap.as_ref()?.current);
        if let Some(layer) = layer {
            self.pump_tap(now, key, layer);
        }
    }

    fn tracks_of(&self, room: RoomId) -> Vec<Key<Track>> {
        let Some(key) = self.room_ids.get(&room).copied() else { return Vec::new() };
        self.peers_of(key)
            .into_iter()
            .filter_map(|peer| self.peers.get(peer))
            .flat_map(|peer| peer.tracks)
            .collect()
    }
}
