//! What comes by RTCP: sender reports of publishers, and what subscribers miss.

use sfu_wire::rtcp::{ReportBlock, Rtcp, SenderReport};

use crate::engine::Engine;
use crate::participant::Peer;
use crate::slab::Key;
use crate::time::Micros;
use crate::track::clock::{SenderClock, ntp};

/// Longer round trips are not believed.
const MAX_ROUND_TRIP: Micros = Micros::from_millis(2_000);

impl Engine {
    pub(super) fn take_feedback(&mut self, now: Micros, key: Key<Peer>, packet: Rtcp<'_>) {
        match packet {
            Rtcp::SenderReport(report, blocks) => {
                self.take_sender_report(now, key, &report);
                blocks.for_each(|block| self.take_block(now, key, &block));
            }
            Rtcp::ReceiverReport { blocks, .. } => blocks.for_each(|block| self.take_block(now, key, &block)),
            Rtcp::Nack(nack) => self.retransmit(now, key, nack.media_ssrc, nack.sequences()),
            Rtcp::Pli { media_ssrc } => self.want_keyframe(key, media_ssrc),
            Rtcp::Fir(fir) => fir.requests().for_each(|(ssrc, _)| self.want_keyframe(key, ssrc)),
            Rtcp::Transport(feedback) => self.take_arrivals(now, key, &feedback),
            Rtcp::Goodbye(_) | Rtcp::Remb(_) | Rtcp::Other { .. } => {}
        }
    }

    fn take_sender_report(&mut self, now: Micros, key: Key<Peer>, report: &SenderReport) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let Some(stream) = peer.streams.find(report.ssrc).filter(|stream| !stream.repair) else { return };
        peer.clock_offset.learn(report.ntp, now);
        let track = peer.tracks.get(usize::from(stream.track)).copied();
        if let Some(layer) = track.and_then(|key| self.tracks.get_mut(key)?.layer_mut(stream.layer)) {
            layer.clock = Some(SenderClock { ntp: report.ntp, rtp: report.rtp, at: now });
        }
    }

    /// A report about one of our slots tells the round trip (RFC 3550 §6.4.1).
    fn take_block(&mut self, now: Micros, key: Key<Peer>, block: &ReportBlock) {
        if block.last_sender_report == 0 {
            return;
        }
        let middle = (ntp(now) >> 16) as u32;
        let trip = middle.wrapping_sub(block.last_sender_report).wrapping_sub(block.delay);
        let trip = Micros(u64::from(trip).saturating_mul(1_000_000) >> 16);
        if trip <= MAX_ROUND_TRIP
            && let Some(peer) = self.peers.get_mut(key)
        {
            peer.round_trip = Micros(peer.round_trip.0.saturating_mul(3).saturating_add(trip.0) / 4);
        }
    }

    /// A subscriber cannot decode one of its slots.
    fn want_keyframe(&mut self, key: Key<Peer>, ssrc: u32) {
        let slot = self.peers.get(key).and_then(|peer| peer.slots.iter().find(|slot| slot.ssrc == ssrc));
        let Some((track, layer)) = slot.and_then(|slot| slot.source.zip(slot.current.or(slot.target))) else {
            return;
        };
        if let Some(track) = self.tracks.get_mut(track).filter(|track| track.is_video())
            && let Some(layer) = track.layer_mut(layer)
        {
            layer.keyframe.want();
        }
    }
}
