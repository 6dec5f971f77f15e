//! What the engine knows of a published source, for operators and tests.

use crate::engine::Engine;
use crate::events::{LayerState, LinkState};
use crate::ids::ParticipantId;
use crate::slot::Allowed;
use crate::time::Micros;
use crate::track::place;
use protocol::media::Source;

impl Engine {
    /// The link to a participant.
    pub fn link(&self, participant: ParticipantId) -> Option<LinkState> {
        let peer = self.peers.get(*self.ids.get(&participant)?)?;
        let paused =
            peer.slots.iter().filter(|slot| slot.source.is_some() && slot.allowed == Allowed::Nothing);
        Some(LinkState {
            estimate: peer.bandwidth.as_ref().and_then(|bandwidth| bandwidth.estimate()),
            allotted: peer.allotment.spent,
            paused: paused.count(),
        })
    }

    /// The encodings of a source, softest first.
    pub fn layers(&self, now: Micros, participant: ParticipantId, source: Source) -> Vec<LayerState> {
        let key = self.ids.get(&participant).and_then(|key| self.track_of(*key, place(source) as u8));
        let layers = key.and_then(|key| self.tracks.get(key)).map(|track| track.layers.iter());
        let state = |layer: &crate::track::layer::Layer| LayerState {
            live: layer.is_live(now),
            height: layer.height,
            bitrate: layer.bitrate,
            slots: layer.routes.len(),
        };
        layers.into_iter().flatten().map(state).collect()
    }
}
