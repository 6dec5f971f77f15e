//! What time asks for, in ticks of 10 ms.

use crate::engine::Engine;
use crate::events::Event;
use crate::participant::Peer;
use crate::slab::Key;
use crate::time::Micros;
use crate::track::Track;
use protocol::media::Source;

const TICK: Micros = Micros::from_millis(10);
/// Ticks between transport-wide feedbacks of one publisher.
const TRANSPORT: u64 = 5;
/// Ticks between reports of one participant.
const REPORTS: u64 = 100;
/// Ticks between two looks at who is live.
const LIVENESS: u64 = 25;
/// Ticks between two looks at who speaks.
const SPEAKERS: u64 = 10;
/// A camera without packets for this long is told as silent.
const SILENT_CAMERA: Micros = Micros::from_millis(3_000);
/// A screen may stand still.
const SILENT_SCREEN: Micros = Micros::from_millis(10_000);

impl Engine {
    /// When [`Engine::handle_timeout`] is next due; `None` while there is nobody.
    pub fn poll_timeout(&self) -> Option<Micros> {
        (!self.ids.is_empty()).then_some(self.next_tick)
    }

    /// Does what time asks for; early calls are harmless.
    pub fn handle_timeout(&mut self, now: Micros) {
        if self.ids.is_empty() || now < self.next_tick {
            return;
        }
        self.next_tick = now.plus(TICK);
        self.ticks = self.ticks.wrapping_add(1);
        for index in 0..self.peers.places() {
            if let Some(key) = self.peers.key_at(index) {
                // Spread over the ticks, so that not everyone's reports leave at once.
                self.tick_peer(now, key, self.ticks.wrapping_add(index as u64));
            }
        }
        if self.ticks.is_multiple_of(SPEAKERS) {
            let rooms: smallvec::SmallVec<[_; 16]> =
                (0..self.rooms.places()).filter_map(|index| self.rooms.key_at(index)).collect();
            rooms.into_iter().for_each(|room| self.tell_speakers(now, room));
        }
    }

    fn tick_peer(&mut self, now: Micros, key: Key<Peer>, turn: u64) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        if peer.session.poll_timeout().is_some_and(|due| due <= now) {
            peer.session.handle_timeout(now);
            self.talkative.push(key);
            self.settle(now, key);
        }
        let Some(peer) = self.peers.get(key).filter(|peer| peer.connected) else { return };
        let tracks = peer.tracks;
        self.probe(now, key);
        if turn.is_multiple_of(LIVENESS) {
            self.allot(now, key);
        }
        self.ask_publisher(now, key);
        if turn.is_multiple_of(TRANSPORT) {
            self.send_transport_feedback(now, key);
        }
        if turn.is_multiple_of(LIVENESS) {
            tracks.into_iter().for_each(|track| self.watch(now, track));
        }
        if turn.is_multiple_of(REPORTS) {
            self.send_reports(now, key);
        }
        for track in tracks {
            self.pump_current_tap(now, track);
            if turn.is_multiple_of(LIVENESS) {
                self.tell_talk(now, track);
            }
        }
    }

    /// Notices layers that fell silent, and those whose size has changed.
    fn watch(&mut self, now: Micros, key: Key<Track>) {
        let Some(track) = self.tracks.get_mut(key).filter(|track| track.on && track.is_video()) else {
            return;
        };
        let mut sizes = [0; 3];
        for (layer, height) in track.live_layers(now) {
            if let Some(size) = sizes.get_mut(usize::from(layer)) {
                *size = height.max(1);
            }
        }
        let changed = std::mem::replace(&mut track.sizes, sizes) != sizes;
        let last = track.layers.iter().filter_map(|layer| layer.last_arrival).max();
        let silent = if track.source == Source::Screen { SILENT_SCREEN } else { SILENT_CAMERA };
        if track.live && last.is_none_or(|last| now.since(last) > silent) {
            track.live = false;
            self.events.push_back(Event::Live {
                participant: track.participant,
                source: track.source,
                live: false,
            });
        }
        if changed {
            self.retarget_all(now, key);
        }
    }
}
