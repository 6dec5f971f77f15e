//! Taps: a subscriber without a socket. It gets every source of its room, in order and after repair.

use protocol::media::Source;
use sfu_wire::rtp::{NewHeader, write_header};

use crate::codec::Codec;
use crate::counters::{DropReason, EngineCounters};
use crate::events::{TapItem, TapOutput};
use crate::ids::{ParticipantId, RoomId};
use crate::slab::Key;
use crate::slot::rewrite::{Numbers, Rewrite};
use crate::time::Micros;
use crate::track::Track;
use crate::track::clock::Clocks;
use crate::track::layer::Layer;
use crate::track::ring::Packet;

/// How long a packet is waited for before the tap goes on without it.
const PATIENCE: Micros = Micros::from_millis(300);
/// What is not drained beyond this many bytes is dropped: a driver that does not drain must not eat the memory.
const MAX_UNDRAINED: usize = 32 << 20;

/// One source as the tap takes it.
pub(crate) struct TapTrack {
    /// The layer that is taken now.
    pub current: Option<u8>,
    /// The layer to be taken from its next entry point on.
    pub target: Option<u8>,
    rewrite: Rewrite,
    /// The next sequence number of the layer.
    next: u64,
    /// Not one packet that came before this.
    since: Micros,
    blocked: Option<Micros>,
    reported: Micros,
}

impl TapTrack {
    pub fn new(clock_rate: u32, since: Micros) -> TapTrack {
        TapTrack {
            current: None,
            target: None,
            rewrite: Rewrite::new(clock_rate, 1),
            next: 0,
            since,
            blocked: None,
            reported: Micros::ZERO,
        }
    }

    /// The source was off: it goes on with an entry point.
    pub fn interrupt(&mut self, now: Micros) {
        self.since = now;
        self.target = self.target.or(self.current);
        self.current = None;
    }
}

/// Who a piece of output belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub room: RoomId,
    pub participant: ParticipantId,
    pub source: Source,
    pub csrc: u32,
}

enum Item {
    Rtp { start: usize, end: usize },
    SenderReport { ntp: u64, rtp: u32 },
    Gap,
}

struct Piece {
    origin: Origin,
    at: Micros,
    item: Item,
}

/// What the taps hold until it is drained.
#[derive(Default)]
pub(crate) struct TapBuffer {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

impl TapBuffer {
    pub fn drain(&mut self, mut take: impl FnMut(TapOutput<'_>)) {
        for piece in &self.pieces {
            let item = match piece.item {
                Item::Rtp { start, end } => TapItem::Rtp(self.bytes.get(start..end).unwrap_or_default()),
                Item::SenderReport { ntp, rtp } => TapItem::SenderReport { ntp, rtp },
                Item::Gap => TapItem::Gap,
            };
            let Origin { room, participant, source, .. } = piece.origin;
            take(TapOutput { room, participant, source, at: piece.at, item });
        }
        self.pieces.clear();
        self.bytes.clear();
    }

    /// Forgets what is left of a room whose tap has been closed.
    pub fn forget(&mut self, room: RoomId) {
        self.pieces.retain(|piece| piece.origin.room != room);
    }

    fn push(&mut self, origin: &Origin, at: Micros, item: Item) {
        self.pieces.push(Piece { origin: *origin, at, item });
    }

    fn push_packet(&mut self, origin: &Origin, packet: &Packet, numbers: Numbers, payload: &[u8]) {
        if self.bytes.len() > MAX_UNDRAINED {
            self.push(origin, packet.arrival, Item::Gap);
            return;
        }
        let header = NewHeader {
            marker: packet.marker,
            payload_type: packet.payload_type,
            sequence: numbers.sequence as u16,
            timestamp: numbers.timestamp,
            ssrc: origin.csrc,
            csrcs: &[origin.csrc],
            extensions: &[],
        };
        let mut bytes = [0; 16];
        let Some(length) = write_header(&mut bytes, &header) else { return };
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes.get(..length).unwrap_or_default());
        let body = self.bytes.len();
        self.bytes.extend_from_slice(payload);
        if let (Some(descriptor), Some(copy)) = (&packet.descriptor, self.bytes.get_mut(body..)) {
            descriptor.patch(copy, numbers.picture, numbers.tl0);
        }
        let end = self.bytes.len();
        self.push(origin, packet.arrival, Item::Rtp { start, end });
    }
}

/// A layer as the tap meets it.
pub(crate) struct Feed<'a> {
    pub track: Key<Track>,
    pub number: u8,
    pub layer: &'a Layer,
    pub clocks: Clocks,
    pub origin: Origin,
}

impl Feed<'_> {
    /// Moves what the layer has for the tap into the buffer. Called after arrivals, and now and then, as gaps are given
    /// up by time.
    pub fn pump(&self, tap: &mut TapTrack, now: Micros, out: &mut TapBuffer, counters: &mut EngineCounters) {
        if tap.target == Some(self.number) && tap.current != tap.target {
            self.enter(tap, out, counters);
        }
        if tap.current != Some(self.number) {
            return;
        }
        let end = self.layer.newest().wrapping_add(1);
        while tap.next < end {
            match self.layer.ring.get(tap.next) {
                Some(packet) if !is_recorded(packet) => {
                    // The source goes on with its next keyframe in a codec that can be recorded.
                    counters.drop(DropReason::Unrecorded);
                    tap.interrupt(packet.arrival);
                    return;
                }
                Some(packet) => {
                    // What came before the tap was opened, or while the source was off, stays out (R30).
                    if packet.arrival >= tap.since {
                        self.emit(tap, packet, out);
                    }
                    tap.next = tap.next.wrapping_add(1);
                    tap.blocked = None;
                }
                None if now.since(*tap.blocked.get_or_insert(now)) < PATIENCE => return,
                None => {
                    let next = (tap.next..end).find(|sequence| self.layer.ring.get(*sequence).is_some());
                    tap.next = next.unwrap_or(end);
                    tap.blocked = None;
                    out.push(&self.origin, now, Item::Gap);
                }
            }
        }
    }

    /// Begins with the first waiting entry point of the layer that came since the tap wanted it.
    fn enter(&self, tap: &mut TapTrack, out: &mut TapBuffer, counters: &mut EngineCounters) {
        let mut waiting = self.layer.pending.iter().map(|pending| &pending.packet);
        let Some(entry) = waiting.find(|packet| packet.entry && packet.arrival >= tap.since) else { return };
        if !is_recorded(entry) {
            counters.drop(DropReason::Unrecorded);
            return;
        }
        let aligned = tap.current.and_then(|from| self.clocks.translate(from, self.number, entry.timestamp));
        if tap.current.is_none() && tap.next != 0 {
            out.push(&self.origin, entry.arrival, Item::Gap);
        }
        tap.rewrite.begin(self.track, self.number, entry, aligned);
        tap.next = entry.sequence;
        tap.current = Some(self.number);
        tap.blocked = None;
        tap.reported = Micros::ZERO;
    }

    fn emit(&self, tap: &mut TapTrack, packet: &Packet, out: &mut TapBuffer) {
        let Some(numbers) = tap.rewrite.apply(packet) else { return };
        if let (Some(clock), Some(offset)) = (self.layer.clock, tap.rewrite.timestamp_offset())
            && clock.at > tap.reported
        {
            tap.reported = clock.at;
            let report = Item::SenderReport { ntp: clock.ntp, rtp: clock.rtp.wrapping_add(offset) };
            out.push(&self.origin, packet.arrival, report);
        }
        if let Some(payload) = self.layer.ring.payload(packet)
            && !payload.is_empty()
        {
            out.push_packet(&self.origin, packet, numbers, payload);
        }
    }
}

/// Whether the recorder takes the packet's codec: VP8 of the video codecs, and all audio.
fn is_recorded(packet: &Packet) -> bool {
    packet.descriptor.is_none() || Codec::of(packet.payload_type) == Some(Codec::Vp8)
}
