//! The hot path: each packet that came in goes to every slot its layer feeds, rewritten and sealed in place.

use crate::codec::PayloadTypes;
use crate::counters::{DropReason, EngineCounters};
use crate::engine::Engine;
use crate::participant::Peer;
use crate::session::{EXTENSION_IDS, SEAL_OVERHEAD};
use crate::slab::Key;
use crate::slot::Slot;
use crate::slot::rewrite::Numbers;
use crate::time::Micros;
use crate::track::Track;
use crate::track::clock::Clocks;
use crate::track::layer::{Layer, Pending, Route};
use crate::track::ring::Packet;
use crate::train::{Trains, Transmits};

/// Bytes of an outgoing header: twelve, and one CSRC.
pub(super) const HEADER: usize = 16;

/// Bytes of the header extension with the transport-wide sequence number, where it was negotiated.
pub(super) const EXTENSION: usize = 8;

/// First byte of an outgoing header: version 2, one CSRC.
pub(super) const PLAIN: u8 = 0x81;
/// The padding bit.
pub(super) const PADDED: u8 = 0x20;
/// The extension bit.
const EXTENDED: u8 = 0x10;

/// Where forwarding stopped when a batch was full.
#[derive(Clone, Copy, Default)]
pub(super) struct Cursor {
    layer: usize,
    route: usize,
}

/// A layer whose pending packets are being forwarded.
struct Feed<'a> {
    now: Micros,
    track: Key<Track>,
    number: u8,
    csrc: u32,
    layer: &'a Layer,
    clocks: Clocks,
}

impl Engine {
    /// Forwards what has come in and gives the next batch of sends (about 256 KiB); `None` when all is sent.
    pub fn poll_transmits(&mut self, now: Micros) -> Option<Transmits<'_>> {
        self.trains.reuse();
        self.collect_sessions(now);
        while !self.trains.is_full() && self.forward_layer(now) {}
        self.trains.hand_out()
    }

    /// Works on the next layer with pending packets until it is done or the batch is full. False if there is none.
    fn forward_layer(&mut self, now: Micros) -> bool {
        let Some(&(key, number)) = self.ready.get(self.cursor.layer) else {
            self.ready.clear();
            self.cursor = Cursor::default();
            return false;
        };
        if self.cursor.route == 0
            && let Some(layer) =
                self.tracks.get_mut(key).filter(|track| track.is_video()).and_then(|t| t.layer_mut(number))
        {
            layer.even_out();
        }
        if self.forward_routes(now, key, number) {
            self.finish_layer(now, key, number);
            self.cursor = Cursor { layer: self.cursor.layer.saturating_add(1), route: 0 };
        }
        true
    }

    /// True when every route was served; false when the batch is full before.
    fn forward_routes(&mut self, now: Micros, key: Key<Track>, number: u8) -> bool {
        let Engine { tracks, peers, trains, counters, moved, cursor, .. } = self;
        let Some(track) = tracks.get(key) else { return true };
        let Some(layer) = track.layer(number) else { return true };
        let feed = Feed { now, track: key, number, csrc: track.csrc, layer, clocks: track.clocks() };
        while let Some(route) = layer.routes.get(cursor.route) {
            if trains.is_full() {
                return false;
            }
            cursor.route = cursor.route.saturating_add(1);
            if let Some(peer) = peers.get_mut(route.peer)
                && let Some(left) = feed.serve(peer, route.slot, trains, counters)
            {
                moved.push((key, left, *route));
            }
        }
        true
    }

    /// All routes of a layer are served: the tap takes its share, and slots that moved on lose their old route.
    fn finish_layer(&mut self, now: Micros, key: Key<Track>, number: u8) {
        self.pump_tap(now, key, number);
        if let Some(layer) = self.tracks.get_mut(key).and_then(|track| track.layer_mut(number)) {
            layer.pending.clear();
        }
        while let Some((track, layer, route)) = self.moved.pop() {
            self.remove_route(track, layer, route);
        }
    }

    pub(super) fn remove_route(&mut self, track: Key<Track>, layer: u8, route: Route) {
        if let Some(layer) = self.tracks.get_mut(track).and_then(|track| track.layer_mut(layer)) {
            layer.remove_route(route);
        }
    }
}

impl Feed<'_> {
    /// Forwards the pending packets to one slot. Gives the layer that the slot left for this one, if it did.
    #[inline]
    fn serve(
        &self,
        peer: &mut Peer,
        slot: u16,
        trains: &mut Trains,
        counters: &mut EngineCounters,
    ) -> Option<u8> {
        let Peer { session, slots, remote, decodes, bandwidth, .. } = peer;
        let to = (*remote)?;
        let slot = slots.get_mut(usize::from(slot))?;
        let mut bandwidth = bandwidth.as_deref_mut().filter(|_| slot.numbered);
        let head = HEADER.saturating_add(if bandwidth.is_some() { EXTENSION } else { 0 });
        let mut left = None;
        for pending in &self.layer.pending {
            let Pending { packet, pad } = pending;
            let mut marker = packet.marker;
            if slot.current != Some(self.number) || slot.payload_type != packet.payload_type {
                if !self.may_enter(slot, packet, *decodes, counters) {
                    continue;
                }
                left = slot.current.filter(|current| *current != self.number).or(left);
                self.enter(slot, pending);
                marker |= packet.descriptor.is_none();
            }
            let Some(numbers) = slot.rewrite.apply(packet) else { continue };
            let Some(payload) = self.layer.ring.payload(packet) else { continue };
            let length = head.saturating_add(payload.len()).saturating_add(usize::from(*pad));
            let buffer = trains.space(length.saturating_add(SEAL_OVERHEAD));
            let first_byte = if *pad > 0 { PLAIN | PADDED } else { PLAIN };
            let header = header(first_byte, packet.payload_type, marker, numbers, slot.ssrc, self.csrc);
            let transport = bandwidth.as_ref().map(|bandwidth| bandwidth.next_sequence());
            write(buffer, &header, transport, payload, *pad);
            if let (Some(descriptor), Some(copy)) = (&packet.descriptor, buffer.get_mut(head..)) {
                descriptor.patch(copy, numbers.picture, numbers.tl0);
            }
            match session.seal_rtp(buffer, length, (numbers.sequence >> 16) as u32) {
                Ok(sealed) => {
                    slot.count(payload.len());
                    if let Some(bandwidth) = &mut bandwidth {
                        bandwidth.sent(self.now, sealed);
                    }
                    counters.forward(sealed);
                    trains.commit(sealed, to, packet.arrival);
                }
                Err(_) => counters.drop(DropReason::Unsealed),
            }
        }
        left
    }

    /// Whether the slot can change to this layer, or to another codec of it, with this packet.
    #[cold]
    fn may_enter(
        &self,
        slot: &Slot,
        packet: &Packet,
        decodes: PayloadTypes,
        counters: &mut EngineCounters,
    ) -> bool {
        let meant = slot.target == Some(self.number) || slot.current == Some(self.number);
        if !meant || !packet.entry {
            return false;
        }
        let decodable = packet.descriptor.is_none() || decodes.has(packet.payload_type);
        if !decodable {
            counters.drop(DropReason::Undecodable);
        }
        decodable
    }

    /// The slot changes to this layer with this packet.
    #[cold]
    fn enter(&self, slot: &mut Slot, pending: &Pending) {
        let timestamp = pending.packet.timestamp;
        let aligned = slot.current.and_then(|from| self.clocks.translate(from, self.number, timestamp));
        slot.rewrite.begin(self.track, self.number, &pending.packet, aligned);
        slot.current = Some(self.number);
        slot.payload_type = pending.packet.payload_type;
    }
}

/// An outgoing header with one CSRC (RFC 3550 §5.1).
#[inline]
pub(super) fn header(
    first: u8,
    payload_type: u8,
    marker: bool,
    numbers: Numbers,
    ssrc: u32,
    csrc: u32,
) -> [u8; HEADER] {
    let [s0, s1] = (numbers.sequence as u16).to_be_bytes();
    let [t0, t1, t2, t3] = numbers.timestamp.to_be_bytes();
    let [a0, a1, a2, a3] = ssrc.to_be_bytes();
    let [c0, c1, c2, c3] = csrc.to_be_bytes();
    let second = payload_type | (u8::from(marker) << 7);
    [first, second, s0, s1, t0, t1, t2, t3, a0, a1, a2, a3, c0, c1, c2, c3]
}

/// Writes the header, with the extension for a transport-wide sequence number if there is one, and gives the rest.
#[inline]
pub(super) fn write_head<'a>(
    buffer: &'a mut [u8],
    header: &[u8; HEADER],
    transport: Option<u16>,
) -> Option<&'a mut [u8]> {
    let (head, body) = buffer.split_first_chunk_mut::<HEADER>()?;
    *head = *header;
    let Some(transport) = transport else { return Some(body) };
    head[0] |= EXTENDED;
    let (extension, body) = body.split_first_chunk_mut::<EXTENSION>()?;
    let [high, low] = transport.to_be_bytes();
    // One word of one-byte extensions: id and length less one, two bytes, padding (RFC 8285 §4.2).
    *extension = [0xbe, 0xde, 0, 1, EXTENSION_IDS.transport_cc << 4 | 1, high, low, 0];
    Some(body)
}

/// Writes header, payload and padding to the start of `buffer`.
#[inline]
fn write(buffer: &mut [u8], header: &[u8; HEADER], transport: Option<u16>, payload: &[u8], pad: u8) {
    let Some(body) = write_head(buffer, header, transport) else { return };
    let Some((place, rest)) = body.split_at_mut_checked(payload.len()) else { return };
    place.copy_from_slice(payload);
    if pad > 0
        && let Some(padding) = rest.get_mut(..usize::from(pad))
    {
        padding.fill(0);
        if let Some(last) = padding.last_mut() {
            *last = pad;
        }
    }
}
