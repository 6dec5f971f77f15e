//! What a subscriber's link has room for: the estimate, its share for each slot, and probes for more.

use sfu_wire::rtcp::TransportFeedback;

use crate::allot::{Claim, Claims};
use crate::engine::Engine;
use crate::participant::Peer;
use crate::slab::Key;
use crate::slot::choose::choose;
use crate::slot::{Allowed, SCREEN_SLOT, Slot, is_video};
use crate::time::Micros;
use crate::track::Track;

/// bit/s taken for a layer that has not been measured yet, by its height.
const EXPECTED: [(u16, u64); 3] = [(180, 180_000), (360, 550_000), (u16::MAX, 1_800_000)];
/// What is probed for is more than what could be sent, so that it fits with head-room (percent).
const BEYOND: u64 = 125;

impl Engine {
    /// The subscriber's browser says what arrived when.
    pub(super) fn take_arrivals(&mut self, now: Micros, key: Key<Peer>, feedback: &TransportFeedback<'_>) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let Some(bandwidth) = peer.bandwidth.as_mut() else { return };
        let known = bandwidth.estimate().is_some();
        bandwidth.feedback(now, feedback);
        // Less room takes effect at once; more waits for its turn.
        let short = bandwidth.estimate().is_some_and(|estimate| estimate < peer.allotment.spent);
        if short || !known {
            self.allot(now, key);
        }
    }

    /// Sends the padding that a probe needs now.
    pub(super) fn probe(&mut self, now: Micros, key: Key<Peer>) {
        let bandwidth = self.peers.get_mut(key).and_then(|peer| peer.bandwidth.as_mut());
        let owed = bandwidth.map_or(0, |bandwidth| bandwidth.tick(now));
        if owed > 0 {
            self.pad(now, key, owed);
        }
    }

    /// Shares the subscriber's link among its slots. Nothing is held back before the first feedback.
    pub(super) fn allot(&mut self, now: Micros, key: Key<Peer>) {
        let Some(peer) = self.peers.get(key) else { return };
        let Some(estimate) = peer.bandwidth.as_ref().and_then(|bandwidth| bandwidth.estimate()) else {
            return;
        };
        let (voices, mut claims) = (self.voices_load(peer), self.claims(now, peer));
        let most = claims.iter().filter_map(|claim| claim.layers.last());
        let most = most.fold(voices, |sum, (_, rate)| sum.saturating_add(*rate));
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.allotment.share(now, estimate, voices, &mut claims);
        if let Some(bandwidth) = peer.bandwidth.as_mut() {
            bandwidth.demand(most.saturating_mul(BEYOND) / 100, peer.allotment.spent);
        }
        for claim in claims {
            let granted = claim.granted.and_then(|place| claim.layers.get(place));
            let allowed = granted.map_or(Allowed::Nothing, |(layer, _)| Allowed::UpTo(*layer));
            let slot = self.peers.get_mut(key).and_then(|peer| peer.slots.get_mut(claim.slot));
            if let Some(slot) = slot
                && std::mem::replace(&mut slot.allowed, allowed) != allowed
            {
                self.retarget(now, key, claim.slot);
            }
        }
    }

    /// What the voices and the screen's sound take, bit/s.
    fn voices_load(&self, peer: &Peer) -> u64 {
        let heard = peer.slots.iter().filter(|slot| !is_video(slot.kind));
        let tracks = heard.filter_map(|slot| self.tracks.get(slot.source?));
        tracks.filter_map(|track| track.layer(0)).fold(0, |sum, layer| sum.saturating_add(layer.load))
    }

    /// What the video slots want: the screen first, then cameras as the viewport ranks them, the larger first.
    fn claims(&self, now: Micros, peer: &Peer) -> Claims {
        let fed = peer.slots.iter().enumerate().filter(|(_, slot)| is_video(slot.kind));
        let claims = fed.filter_map(|(number, slot)| {
            let track = self.tracks.get(slot.source?)?;
            let claim = claim(now, number, slot, track, rank(peer, number, track))?;
            Some((slot.height, claim))
        });
        let mut claims: smallvec::SmallVec<[(u16, Claim); 26]> = claims.collect();
        claims.sort_unstable_by_key(|(height, claim)| (claim.rank, std::cmp::Reverse(*height), claim.slot));
        claims.into_iter().map(|(_, claim)| claim).collect()
    }
}

/// 0 for the screen; cameras follow as the viewport ranks them.
fn rank(peer: &Peer, number: usize, track: &Track) -> u8 {
    if number == SCREEN_SLOT {
        return 0;
    }
    let shown =
        |view: &&crate::events::View| view.publisher == track.participant && view.source == track.source;
    peer.views.iter().find(shown).map_or(u8::MAX, |view| view.priority.saturating_add(1))
}

fn claim(now: Micros, number: usize, slot: &Slot, track: &Track, rank: u8) -> Option<Claim> {
    let wanted = choose(slot.height, track.live_layers(now))?;
    let live = track.live_layers(now).filter(|(layer, _)| *layer <= wanted);
    let layers = live.map(|(layer, height)| {
        let load = track.layer(layer).map_or(0, |layer| layer.load);
        (layer, if load > 0 { load } else { expected(height) })
    });
    let mut claim = Claim { slot: number, layers: layers.collect(), rank, ..Claim::default() };
    // A simulcast that is out of step must not make the larger layer the cheaper one.
    let mut most = 0;
    for (_, rate) in &mut claim.layers {
        most = most.max(*rate);
        *rate = most;
    }
    claim.before = match slot.allowed {
        Allowed::All => claim.layers.len().checked_sub(1),
        Allowed::UpTo(most) => claim.layers.iter().rposition(|(layer, _)| *layer <= most).or(Some(0)),
        Allowed::Nothing => None,
    };
    Some(claim)
}

fn expected(height: u16) -> u64 {
    EXPECTED.iter().find(|(most, _)| height <= *most).map_or(0, |(_, rate)| *rate)
}
