//! What goes out by RTCP: requests and reports to publishers, sender reports to subscribers.

use smallvec::SmallVec;

use sfu_wire::rtcp::{ReportBlock, RtcpWriter, SenderReport};

use crate::engine::Engine;
use crate::participant::Peer;
use crate::session::RTCP_OVERHEAD;
use crate::slab::{Key, Slab};
use crate::slot::Slot;
use crate::time::Micros;
use crate::track::Track;
use crate::track::clock::{SenderClock, ntp};
use crate::track::layer::Layer;
use crate::train::Trains;

/// Longest compound: fits one datagram.
const COMPOUND: usize = 1_200;
/// The name of the server in source descriptions (RFC 3550 §6.5.1), as in the offer.
const CNAME: &[u8] = b"lectern";
/// Time between two bitrate readings: that between two reports.
const READING: Micros = Micros::from_millis(1_000);

impl Engine {
    /// Asks the publisher for missing packets and for keyframes.
    pub(super) fn ask_publisher(&mut self, now: Micros, key: Key<Peer>) {
        let Engine { peers, tracks, trains, counters, .. } = self;
        let Some(peer) = peers.get_mut(key) else { return };
        let (ssrc, round_trip) = (peer.ssrc, peer.round_trip);
        for track in peer.tracks {
            let Some(track) = tracks.get_mut(track).filter(|track| track.on && track.is_video()) else {
                continue;
            };
            let (only, tapped) = (track.layers.len() == 1, track.tap.is_some());
            for layer in &mut track.layers {
                let Some(media) = layer.ssrc else { continue };
                let mut lost: SmallVec<[u16; 64]> = SmallVec::new();
                if !layer.missing.is_empty()
                    && layer.missing.due(now, round_trip, |sequence| lost.push(sequence))
                {
                    // Given up: whoever decodes this layer needs a fresh start.
                    layer.want_if_used(tapped);
                }
                let keyframe = (only || layer.is_live(now)) && layer.keyframe.ask(now);
                if lost.is_empty() && !keyframe {
                    continue;
                }
                counters.nacks_sent = counters.nacks_sent.wrapping_add(lost.len() as u64);
                counters.keyframe_requests = counters.keyframe_requests.wrapping_add(u64::from(keyframe));
                send(peer, trains, now, |writer| {
                    if !lost.is_empty() {
                        let _ = writer.nack(ssrc, media, &lost);
                    }
                    if keyframe {
                        let _ = writer.pli(ssrc, media);
                    }
                });
            }
        }
    }

    pub(super) fn send_transport_feedback(&mut self, now: Micros, key: Key<Peer>) {
        let Engine { peers, trains, .. } = self;
        let Some(peer) = peers.get_mut(key).filter(|peer| !peer.transport.is_empty()) else { return };
        let (ssrc, mut log) = (peer.ssrc, std::mem::take(&mut peer.transport));
        let media = peer.streams.first().unwrap_or(0);
        send(peer, trains, now, |writer| log.write(writer, ssrc, media));
        peer.transport = log;
    }

    /// Reports of one participant: on what it publishes, and on what it is sent.
    pub(super) fn send_reports(&mut self, now: Micros, key: Key<Peer>) {
        let Engine { peers, tracks, trains, .. } = self;
        let senders = sender_reports(now, peers, tracks, key);
        let Some(peer) = peers.get_mut(key) else { return };
        let mut blocks: SmallVec<[ReportBlock; 8]> = SmallVec::new();
        for track in peer.tracks {
            let Some(track) = tracks.get_mut(track) else { continue };
            for layer in &mut track.layers {
                layer.measure(READING);
                blocks.extend(block(layer, now));
            }
        }
        let ssrc = peer.ssrc;
        if !blocks.is_empty() {
            send(peer, trains, now, |writer| {
                let _ = writer.receiver_report(ssrc, &blocks);
            });
        }
        if !senders.is_empty() {
            send(peer, trains, now, |writer| {
                for report in &senders {
                    let _ = writer.sender_report(report, &[]);
                }
                if let Some(first) = senders.first() {
                    let _ = writer.cname(first.ssrc, CNAME);
                }
            });
        }
    }
}

fn block(layer: &mut Layer, now: Micros) -> Option<ReportBlock> {
    let ssrc = layer.ssrc?;
    let quality = layer.reception.report()?;
    let (last_sender_report, delay) = match layer.clock {
        None => (0, 0),
        Some(clock) => {
            let delay = u128::from(now.since(clock.at).0).wrapping_mul(65_536) / 1_000_000;
            ((clock.ntp >> 16) as u32, u32::try_from(delay).unwrap_or(u32::MAX))
        }
    };
    Some(ReportBlock {
        ssrc,
        fraction_lost: quality.fraction_lost,
        lost: quality.lost,
        highest_sequence: quality.highest,
        jitter: quality.jitter,
        last_sender_report,
        delay,
    })
}

/// Sender reports for the slots that are being fed.
fn sender_reports(
    now: Micros,
    peers: &Slab<Peer>,
    tracks: &Slab<Track>,
    key: Key<Peer>,
) -> SmallVec<[SenderReport; 16]> {
    let slots = peers.get(key).map(|peer| peer.slots.iter()).into_iter().flatten();
    slots.filter_map(|slot| sender_report(now, peers, tracks, slot)).collect()
}

fn sender_report(now: Micros, peers: &Slab<Peer>, tracks: &Slab<Track>, slot: &Slot) -> Option<SenderReport> {
    let track = tracks.get(slot.source?)?;
    let layer = track.layer(slot.current?)?;
    let theirs = peers.get(track.owner).and_then(|owner| owner.clock_offset.theirs(now));
    let mapped = layer.clock.as_ref().zip(theirs).zip(slot.rewrite.timestamp_offset());
    let rtp = match mapped {
        Some(((clock, theirs), offset)) => timestamp(clock, theirs, slot.clock_rate()).wrapping_add(offset),
        None => slot.rewrite.timestamp_at(now),
    };
    Some(SenderReport { ssrc: slot.ssrc, ntp: ntp(now), rtp, packets: slot.packets, bytes: slot.bytes })
}

fn timestamp(clock: &SenderClock, theirs: u64, clock_rate: u32) -> u32 {
    clock.timestamp_at(theirs, clock_rate)
}

/// Writes a compound, seals it and puts it up for sending.
fn send(peer: &mut Peer, trains: &mut Trains, now: Micros, write: impl FnOnce(&mut RtcpWriter<'_>)) {
    let Some(to) = peer.remote else { return };
    let space = trains.space(COMPOUND.saturating_add(RTCP_OVERHEAD));
    let mut writer = RtcpWriter::new(space.get_mut(..COMPOUND).unwrap_or_default());
    write(&mut writer);
    let length = writer.len();
    if length == 0 {
        return;
    }
    if let Ok(sealed) = peer.session.seal_rtcp(space, length) {
        trains.commit_alone(sealed, to, now);
    }
}
