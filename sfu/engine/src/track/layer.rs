//! One encoding of a track: what arrives on its SSRC, what is kept of it, and who gets it.

use crate::codec::{Codec, Descriptor};
use crate::counters::DropReason;
use crate::participant::Peer;
use crate::slab::Key;
use crate::time::Micros;
use crate::track::clock::SenderClock;
use crate::track::keyframe::KeyframeWish;
use crate::track::missing::Missing;
use crate::track::reception::{Order, Reception};
use crate::track::ring::{Packet, Ring, RingSize};

/// Longest payload: what fits a packet of 1,500 bytes after rewriting.
const MAX_PAYLOAD: usize = 1_420;
/// Most bytes by which a packet is padded to the length of its neighbours.
const MAX_PAD: u16 = 2;
/// Bytes around a payload on a subscriber's link: IP, UDP, RTP with its extension, SRTP's tag.
const AROUND: u64 = 68;
/// A layer without packets for this long is not offered to subscribers.
const LIVE: Micros = Micros::from_millis(1_500);

/// A subscriber's slot that this layer feeds, or may feed from its next entry point on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub peer: Key<Peer>,
    pub slot: u16,
}

/// A packet that is still to be forwarded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub packet: Packet,
    /// Bytes of padding that make it as long as its neighbours (0 or 1 or 2).
    pub pad: u8,
}

/// An RTP packet, opened, as it came or as its retransmission restored it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'a> {
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
    /// Of the media, also if it came by retransmission.
    pub payload_type: u8,
    pub payload: &'a [u8],
    /// dB below full scale (RFC 6464).
    pub level: Option<u8>,
    /// It came by retransmission.
    pub restored: bool,
}

/// What the track decided about a packet before it reaches the layer's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    HoldBack(DropReason),
}

/// One encoding.
pub(crate) struct Layer {
    /// Learnt from the first packet that names its stream.
    pub ssrc: Option<u32>,
    pub repair_ssrc: Option<u32>,
    pub reception: Reception,
    pub missing: Missing,
    pub ring: Ring,
    pub pending: Vec<Pending>,
    pub routes: Vec<Route>,
    pub keyframe: KeyframeWish,
    pub clock: Option<SenderClock>,
    /// Picture height, pixels; a guess until the first keyframe.
    pub height: u16,
    pub last_arrival: Option<Micros>,
    /// Payload bytes since the last bitrate reading.
    bytes: u64,
    /// Packets since then.
    packets: u64,
    /// bit/s over the last second.
    pub bitrate: u64,
    /// bit/s that it takes of a subscriber's link: up at once, down slowly. 0 until it is known.
    pub load: u64,
    /// Sequence numbers that were held back so far: they close up.
    held_back: u64,
    /// Newest number that was held back: what is older came too late.
    held_until: u64,
    resumes: bool,
    newest: u64,
}

impl Layer {
    pub fn new(size: RingSize, height: u16) -> Layer {
        Layer {
            ssrc: None,
            repair_ssrc: None,
            reception: Reception::default(),
            missing: Missing::default(),
            ring: Ring::new(size),
            pending: Vec::new(),
            routes: Vec::new(),
            keyframe: KeyframeWish::default(),
            clock: None,
            height,
            last_arrival: None,
            bytes: 0,
            packets: 0,
            bitrate: 0,
            load: 0,
            held_back: 0,
            held_until: 0,
            resumes: false,
            newest: 0,
        }
    }

    /// Whether packets come.
    pub fn is_live(&self, now: Micros) -> bool {
        self.last_arrival.is_some_and(|last| now.since(last) <= LIVE)
    }

    /// A new SSRC took the encoding over: its numbers have nothing to do with those before.
    pub fn restart(&mut self, ssrc: u32) {
        self.ssrc = Some(ssrc);
        self.reception = Reception::default();
        self.missing.clear();
        self.pending.clear();
        self.ring.clear();
        self.clock = None;
        self.held_back = 0;
        self.held_until = 0;
        self.newest = 0;
    }

    /// Newest sequence number that was kept.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// Pads the shorter packets of each waiting frame by a byte or two, so that the frame's packets make one train
    /// (RFC 3550 §5.1: browsers cut a frame into packets that differ by one byte).
    pub fn even_out(&mut self) {
        for frame in self.pending.chunk_by_mut(|a, b| a.packet.timestamp == b.packet.timestamp) {
            let longest = frame.iter().map(|pending| pending.packet.length).max().unwrap_or(0);
            for pending in frame {
                let short = longest.saturating_sub(pending.packet.length);
                pending.pad = if short <= MAX_PAD { short as u8 } else { 0 };
            }
        }
    }

    /// Takes a packet; `verdict` says whether it is kept. What is kept waits in `pending`.
    pub fn arrive(
        &mut self,
        incoming: &Incoming<'_>,
        video: bool,
        clock_rate: u32,
        verdict: Verdict,
        now: Micros,
    ) -> Result<Packet, DropReason> {
        let (extended, order) = self.place(incoming, clock_rate, video && verdict == Verdict::Keep, now);
        self.bytes = self.bytes.saturating_add(incoming.payload.len() as u64);
        self.packets = self.packets.saturating_add(1);
        if let Verdict::HoldBack(reason) = verdict {
            self.hold_back(extended, order);
            return Err(reason);
        }
        self.last_arrival = Some(now);
        if extended <= self.held_until {
            return Err(DropReason::Late);
        }
        if incoming.payload.len() > MAX_PAYLOAD {
            return Err(DropReason::Size);
        }
        let sequence = extended.wrapping_sub(self.held_back);
        if sequence.saturating_add(self.ring.packets()) <= self.newest {
            return Err(DropReason::Late);
        }
        if self.ring.get(sequence).is_some() {
            return Err(DropReason::Duplicate);
        }
        self.store(sequence, incoming, video, now)
    }

    /// Gives the extended sequence number and its order; opens and closes gaps.
    fn place(&mut self, incoming: &Incoming<'_>, clock_rate: u32, mend: bool, now: Micros) -> (u64, Order) {
        let sequence = incoming.sequence;
        let (extended, order) = if incoming.restored {
            (self.reception.extend(sequence), Order::Older)
        } else {
            self.reception.arrive(sequence, incoming.timestamp, clock_rate, now)
        };
        match order {
            Order::First => self.missing.clear(),
            Order::Newer { skipped: 0 } => {}
            Order::Newer { skipped } if mend => {
                if self.missing.skip(extended, skipped, now) {
                    self.keyframe.want();
                }
            }
            Order::Newer { .. } => self.missing.clear(),
            Order::Older => {
                self.missing.arrive(extended);
            }
        }
        (extended, order)
    }

    /// The numbers of what is held back, and of what got lost meanwhile, close up.
    fn hold_back(&mut self, extended: u64, order: Order) {
        let skipped = match order {
            Order::Older => return,
            Order::First => 0,
            Order::Newer { skipped } => skipped,
        };
        self.held_back = self.held_back.wrapping_add(skipped).wrapping_add(1);
        self.held_until = extended;
        self.resumes = true;
    }

    fn store(
        &mut self,
        sequence: u64,
        incoming: &Incoming<'_>,
        video: bool,
        now: Micros,
    ) -> Result<Packet, DropReason> {
        let descriptor = match incoming.payload {
            // Padding alone: nothing to see, but its number counts.
            [] => None,
            payload if video => {
                let codec = Codec::of(incoming.payload_type).ok_or(DropReason::PayloadType)?;
                Some(Descriptor::parse(codec, payload).ok_or(DropReason::Malformed)?)
            }
            _ => None,
        };
        let marker = incoming.marker || (!video && std::mem::take(&mut self.resumes));
        let payload_type = incoming.payload_type;
        let mut packet = Packet::new(sequence, incoming.timestamp, marker, now, payload_type, descriptor);
        packet.entry &= !(video && descriptor.is_none());
        if let Some(keyframe) = descriptor.and_then(|descriptor| descriptor.keyframe) {
            self.keyframe.fulfil();
            if keyframe.height > 0 {
                self.height = keyframe.height;
            }
        }
        let packet = self.ring.push(packet, incoming.payload).ok_or(DropReason::Size)?;
        self.newest = self.newest.max(sequence);
        self.pending.push(Pending { packet, pad: 0 });
        Ok(packet)
    }

    /// Asks for a keyframe if anybody decodes this layer.
    pub fn want_if_used(&mut self, tapped: bool) {
        if tapped || !self.routes.is_empty() {
            self.keyframe.want();
        }
    }

    /// Takes the reading of the bitrate, over `span`.
    pub fn measure(&mut self, span: Micros) {
        let bits = std::mem::take(&mut self.bytes).saturating_mul(8_000_000);
        self.bitrate = bits.checked_div(span.0).unwrap_or(0);
        let around = std::mem::take(&mut self.packets).saturating_mul(AROUND).saturating_mul(8_000_000);
        let load = self.bitrate.saturating_add(around.checked_div(span.0).unwrap_or(0));
        self.load = load.max(self.load.saturating_mul(3).saturating_add(load) / 4);
    }

    pub fn add_route(&mut self, route: Route) {
        if !self.routes.contains(&route) {
            self.routes.push(route);
        }
    }

    pub fn remove_route(&mut self, route: Route) {
        self.routes.retain(|known| *known != route);
    }
}
