//! An opened packet meets its track: learnt from, kept, and put up for forwarding.

use crate::counters::DropReason;
use crate::engine::Engine;
use crate::events::Event;
use crate::participant::{Peer, Stream};
use crate::slab::Key;
use crate::time::Micros;
use crate::track::Track;
use crate::track::layer::Incoming;
use protocol::media::Source;

impl Engine {
    /// An SSRC has been learnt.
    pub(super) fn latch(&mut self, now: Micros, key: Key<Peer>, stream: Stream) {
        let Some(track_key) = self.track_of(key, stream.track) else { return };
        let Some(layer) = self.tracks.get_mut(track_key).and_then(|track| track.layer_mut(stream.layer))
        else {
            return;
        };
        if stream.repair {
            layer.repair_ssrc = Some(stream.ssrc);
        } else if layer.ssrc.is_some() {
            layer.restart(stream.ssrc);
            self.restart_slots(now, track_key, stream.layer);
        } else {
            layer.ssrc = Some(stream.ssrc);
        }
    }

    pub(super) fn take_media(
        &mut self,
        now: Micros,
        key: Key<Peer>,
        stream: Stream,
        payload_type: u8,
        incoming: &Incoming<'_>,
    ) -> Result<(), DropReason> {
        let track_key = self.track_of(key, stream.track).ok_or(DropReason::UnknownStream)?;
        let track = self.tracks.get_mut(track_key).ok_or(DropReason::UnknownStream)?;
        if !stream.carries(payload_type, track.source) {
            return Err(DropReason::PayloadType);
        }
        let was_live = track.layer(stream.layer).is_some_and(|layer| layer.is_live(now));
        let arrived = track.arrive(stream.layer, incoming, now);
        if track.source == Source::Microphone && track.on {
            self.hear(now, track_key);
        }
        arrived?;
        if !was_live {
            self.layer_started(now, track_key);
        }
        self.put_up(track_key, stream.layer);
        Ok(())
    }

    /// The layer has a packet to forward.
    fn put_up(&mut self, track: Key<Track>, layer: u8) {
        let pending = self
            .tracks
            .get(track)
            .and_then(|track| track.layer(layer))
            .map_or(0, |layer| layer.pending.len());
        if pending == 1 {
            self.ready.push((track, layer));
        }
    }

    /// A layer that was silent sends: it can be chosen now.
    fn layer_started(&mut self, now: Micros, key: Key<Track>) {
        self.retarget_all(now, key);
        let Some(track) = self.tracks.get_mut(key).filter(|track| track.is_video() && !track.live) else {
            return;
        };
        track.live = true;
        self.events.push_back(Event::Live {
            participant: track.participant,
            source: track.source,
            live: true,
        });
    }

    pub(super) fn track_of(&self, peer: Key<Peer>, place: u8) -> Option<Key<Track>> {
        self.peers.get(peer)?.tracks.get(usize::from(place)).copied()
    }
}
