//! Answers to a subscriber's NACK: packets from the layer's ring, as retransmissions (RFC 4588).

use super::forward::{EXTENSION, HEADER, PADDED, PLAIN, header, write_head};
use crate::codec::{BASELINE_REPAIR, repair_of};
use crate::counters::DropReason;
use crate::engine::Engine;
use crate::participant::Peer;
use crate::session::SEAL_OVERHEAD;
use crate::slab::Key;
use crate::slot::Slot;
use crate::slot::rewrite::Numbers;
use crate::time::Micros;

/// Bytes of the original sequence number in front of the payload (RFC 4588 §4).
const ORIGINAL: usize = 2;
/// Bytes of padding in a packet of nothing else: as many as its last byte can say (RFC 3550 §5.1).
const PADDING: u8 = 255;

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
        let Peer { session, slots, remote, bandwidth, .. } = peers.get_mut(key)?;
        let to = (*remote)?;
        let slot = slots.iter_mut().find(|slot| slot.ssrc == ssrc)?;
        let repair_ssrc = slot.repair_ssrc?;
        let (stretch, source_sequence) = slot.rewrite.find(sequence)?;
        let layer_sent = stretch.layer;
        let track = tracks.get(stretch.track).filter(|track| track.on)?;
        let layer = track.layer(stretch.layer)?;
        let packet = layer.ring.get(source_sequence)?;
        let payload = layer.ring.payload(packet)?;
        let numbers = stretch.numbers(packet)?;
        let repair = Numbers { sequence: slot.next_repair(), ..numbers };

        let mut bandwidth = bandwidth.as_deref_mut().filter(|_| slot.numbered);
        let head = HEADER.saturating_add(if bandwidth.is_some() { EXTENSION } else { 0 });
        let length = head.saturating_add(ORIGINAL).saturating_add(payload.len());
        if let Some(bandwidth) = &mut bandwidth
            && (slot.current != Some(layer_sent)
                || !bandwidth.may_repair(now, length.saturating_add(SEAL_OVERHEAD)))
        {
            // A layer that the slot has left is not waited for any more.
            return None;
        }
        let buffer = trains.space(length.saturating_add(SEAL_OVERHEAD));
        let header =
            header(PLAIN, repair_of(packet.payload_type), packet.marker, repair, repair_ssrc, track.csrc);
        let transport = bandwidth.as_ref().map(|bandwidth| bandwidth.next_sequence());
        let rest = write_head(buffer, &header, transport)?;
        let (original, body) = rest.split_first_chunk_mut::<ORIGINAL>()?;
        *original = (numbers.sequence as u16).to_be_bytes();
        let body = body.get_mut(..payload.len())?;
        body.copy_from_slice(payload);
        if let Some(descriptor) = &packet.descriptor {
            descriptor.patch(body, numbers.picture, numbers.tl0);
        }
        let sealed = session.seal_rtp(buffer, length, (repair.sequence >> 16) as u32).ok()?;
        if let Some(bandwidth) = &mut bandwidth {
            bandwidth.sent(now, sealed);
        }
        counters.forward(sealed);
        counters.packets_retransmitted = counters.packets_retransmitted.wrapping_add(1);
        trains.commit(sealed, to, now);
        Some(())
    }

    /// Sends so many bytes of padding as retransmissions of nothing, which probe for bandwidth.
    pub(super) fn pad(&mut self, now: Micros, key: Key<Peer>, bytes: usize) {
        let mut left = bytes;
        while left > 0 {
            let Some(sent) = self.pad_one(now, key) else { return };
            left = left.saturating_sub(sent);
        }
    }

    fn pad_one(&mut self, now: Micros, key: Key<Peer>) -> Option<usize> {
        let Engine { peers, trains, counters, .. } = self;
        let Peer { session, slots, remote, bandwidth, .. } = peers.get_mut(key)?;
        let (to, bandwidth) = ((*remote)?, bandwidth.as_deref_mut()?);
        let can = |slot: &&mut Slot| slot.numbered && slot.repair_ssrc.is_some();
        let slot = slots.iter_mut().filter(can).max_by_key(|slot| slot.current.is_some())?;
        let timestamp = slot.rewrite.timestamp_at(now);
        let repair = Numbers { sequence: slot.next_repair(), timestamp, picture: 0, tl0: 0 };

        let head = HEADER.saturating_add(EXTENSION);
        let length = head.saturating_add(usize::from(PADDING));
        let buffer = trains.space(length.saturating_add(SEAL_OVERHEAD));
        let header = header(PLAIN | PADDED, BASELINE_REPAIR, false, repair, slot.repair_ssrc?, slot.ssrc);
        let body = write_head(buffer, &header, Some(bandwidth.next_sequence()))?;
        let padding = body.get_mut(..usize::from(PADDING))?;
        padding.fill(0);
        *padding.last_mut()? = PADDING;
        let sealed = session.seal_rtp(buffer, length, (repair.sequence >> 16) as u32).ok()?;
        bandwidth.sent(now, sealed);
        counters.padding_sent = counters.padding_sent.wrapping_add(sealed as u64);
        trains.commit(sealed, to, now);
        Some(sealed)
    }
}
