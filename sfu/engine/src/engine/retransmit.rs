//! Answers to a subscriber's NACK: packets from the layer's ring, as retransmissions (RFC 4588).

use super::forward::{HEADER, PLAIN, header};
use crate::codec::repair_of;
use crate::counters::DropReason;
use crate::engine::Engine;
use crate::participant::Peer;
use crate::session::SEAL_OVERHEAD;
use crate::slab::Key;
use crate::slot::rewrite::Numbers;
use crate::time::Micros;

/// Bytes of the original sequence number in front of the payload (RFC 4588 §4).
const ORIGINAL: usize = 2;

impl Engine {
    /// The subscriber misses these sequence numbers of one of its slots.
    pub(super) fn retransmit(
        &mut self,
        now: Micros,
        key: Key<Peer>,
        ssrc: u32,
        sequences: impl Iterator<Item = u16>,
    ) {
        for sequence in sequences {
            self.counters.nacks_received = self.counters.nacks_received.wrapping_add(1);
            let Some(peer) = self.peers.get_mut(key) else { return };
            if !peer.budget.take(now) {
                self.counters.drop(DropReason::Budget);
                return;
            }
            if self.retransmit_one(now, key, ssrc, sequence).is_none() {
                self.counters.drop(DropReason::Late);
            }
        }
    }

    fn retransmit_one(&mut self, now: Micros, key: Key<Peer>, ssrc: u32, sequence: u16) -> Option<()> {
        let Engine { tracks, peers, trains, counters, .. } = self;
        let Peer { session, slots, remote, .. } = peers.get_mut(key)?;
        let to = (*remote)?;
        let slot = slots.iter_mut().find(|slot| slot.ssrc == ssrc)?;
        let repair_ssrc = slot.repair_ssrc?;
        let (stretch, source_sequence) = slot.rewrite.find(sequence)?;
        let track = tracks.get(stretch.track).filter(|track| track.on)?;
        let layer = track.layer(stretch.layer)?;
        let packet = layer.ring.get(source_sequence)?;
        let payload = layer.ring.payload(packet)?;
        let numbers = stretch.numbers(packet)?;
        let repair = Numbers { sequence: slot.next_repair(), ..numbers };

        let length = HEADER.saturating_add(ORIGINAL).saturating_add(payload.len());
        let buffer = trains.space(length.saturating_add(SEAL_OVERHEAD));
        let (head, rest) = buffer.split_first_chunk_mut::<HEADER>()?;
        *head = header(PLAIN, repair_of(packet.payload_type), packet.marker, repair, repair_ssrc, track.csrc);
        let (original, body) = rest.split_first_chunk_mut::<ORIGINAL>()?;
        *original = (numbers.sequence as u16).to_be_bytes();
        let body = body.get_mut(..payload.len())?;
        body.copy_from_slice(payload);
        if let Some(descriptor) = &packet.descriptor {
            descriptor.patch(body, numbers.picture, numbers.tl0);
        }
        let sealed = session.seal_rtp(buffer, length, (repair.sequence >> 16) as u32).ok()?;
        counters.forward(sealed);
        counters.packets_retransmitted = counters.packets_retransmitted.wrapping_add(1);
        trains.commit(sealed, to, now);
        Some(())
    }
}
