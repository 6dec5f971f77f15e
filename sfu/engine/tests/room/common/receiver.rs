//! The receiving half of a browser: what came in each slot, after repair.

use std::collections::{BTreeMap, BTreeSet};

use sfu_engine::Micros;
use sfu_wire::av1::Av1;
use sfu_wire::h264::H264;
use sfu_wire::rtp::RtpHeader;
use sfu_wire::sequence::unwrap_u16;
use sfu_wire::vp8::Vp8;
use sfu_wire::vp9::Vp9;

use super::camera::Stamp;

/// One packet that came in a slot.
#[derive(Clone, Debug)]
pub struct Heard {
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub csrc: Vec<u32>,
    /// Of the media, also if it came by retransmission.
    pub payload_type: u8,
    pub picture: Option<u16>,
    pub tl0: Option<u8>,
    pub keyframe: bool,
    pub stamp: Option<Stamp>,
    pub extended: bool,
    pub padded: bool,
    pub at: Micros,
    pub repaired: bool,
}

/// Picture id, base layer counter, and whether a keyframe begins.
fn seen(payload_type: u8, payload: &[u8]) -> (Option<u16>, Option<u8>, bool) {
    match payload_type {
        96 => Vp8::parse(payload).map_or((None, None, false), |vp8| {
            (
                vp8.picture_id.map(|id| id.value),
                vp8.tl0_picture_index.map(|tl0| tl0.value),
                vp8.keyframe.is_some(),
            )
        }),
        98 => Vp9::parse(payload).map_or((None, None, false), |vp9| {
            (
                vp9.picture_id.map(|id| id.value),
                vp9.tl0_picture_index.map(|tl0| tl0.value),
                vp9.keyframe.is_some(),
            )
        }),
        100 => (None, None, Av1::parse(payload).is_ok_and(|av1| av1.keyframe.is_some())),
        102 => (None, None, H264::parse(payload).is_ok_and(|h264| h264.keyframe.is_some())),
        _ => (None, None, false),
    }
}

/// A whole frame.
#[derive(Clone, Debug)]
pub struct Frame {
    pub stamp: Stamp,
    pub timestamp: u32,
    pub picture: u16,
    pub tl0: u8,
    pub keyframe: bool,
}

/// All that came in one slot.
pub struct Received {
    pub ssrc: u32,
    pub repair_ssrc: Option<u32>,
    pub packets: BTreeMap<u64, Heard>,
    newest: u64,
    asked: BTreeMap<u64, (Micros, u32)>,
    pub report: Option<(u64, u32, Micros)>,
    /// Whether a keyframe is needed to go on.
    pub wants_keyframe: bool,
}

impl Received {
    pub fn new(ssrc: u32, repair_ssrc: Option<u32>) -> Received {
        Received {
            ssrc,
            repair_ssrc,
            packets: BTreeMap::new(),
            newest: 1 << 16,
            asked: BTreeMap::new(),
            report: None,
            wants_keyframe: false,
        }
    }

    /// Takes an opened packet of the media or of the retransmission SSRC.
    pub fn take(&mut self, now: Micros, packet: &[u8], header: &RtpHeader) {
        let payload = header.payload(packet).expect("padding is right");
        let repaired = Some(header.ssrc) == self.repair_ssrc;
        let (sequence, payload) = if repaired {
            (u16::from_be_bytes([payload[0], payload[1]]), &payload[2..])
        } else {
            (header.sequence, payload)
        };
        let sequence = unwrap_u16(self.newest, sequence);
        self.newest = self.newest.max(sequence);
        if self.packets.is_empty() {
            self.newest = sequence;
        }
        let payload_type = if repaired { header.payload_type - 1 } else { header.payload_type };
        let (picture, tl0, keyframe) = seen(payload_type, payload);
        let heard = Heard {
            sequence,
            timestamp: header.timestamp,
            marker: header.marker,
            csrc: header.csrcs(packet).collect(),
            payload_type,
            picture,
            tl0,
            keyframe,
            stamp: Stamp::read(payload),
            extended: header.extensions(packet).next().is_some(),
            padded: header.padding,
            at: now,
            repaired,
        };
        self.packets.entry(sequence).or_insert(heard);
    }

    /// Sequence numbers to ask for again now.
    pub fn missing(&mut self, now: Micros) -> Vec<u16> {
        if self.repair_ssrc.is_none() {
            return Vec::new();
        }
        let Some((&first, _)) = self.packets.first_key_value() else { return Vec::new() };
        let from = first.max(self.newest.saturating_sub(500));
        let mut missing = Vec::new();
        for sequence in (from..self.newest).filter(|sequence| !self.packets.contains_key(sequence)) {
            let (asked, tries) = self.asked.entry(sequence).or_insert((Micros::ZERO, 0));
            if *tries < 10 && now.since(*asked).millis() >= 60 {
                (*asked, *tries) = (now, *tries + 1);
                missing.push(sequence as u16);
            }
        }
        missing
    }

    /// Sequence numbers between the first and the last that never came.
    pub fn holes(&self) -> Vec<u64> {
        let (Some((&first, _)), Some((&last, _))) =
            (self.packets.first_key_value(), self.packets.last_key_value())
        else {
            return Vec::new();
        };
        (first..=last).filter(|sequence| !self.packets.contains_key(sequence)).collect()
    }

    /// Frames of which every packet came, in order.
    pub fn frames(&self) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut parts: BTreeSet<u8> = BTreeSet::new();
        let mut keyframe = false;
        let mut last = None;
        for heard in self.packets.values() {
            let Some(stamp) = heard.stamp else { continue };
            let frame = (stamp.participant, stamp.layer, stamp.frame);
            if last != Some(frame) {
                parts.clear();
                keyframe = false;
                last = Some(frame);
            }
            keyframe |= heard.keyframe;
            parts.insert(stamp.part);
            if parts.len() == usize::from(stamp.parts) {
                let (picture, tl0) = (heard.picture.unwrap_or(0), heard.tl0.unwrap_or(0));
                frames.push(Frame { stamp, timestamp: heard.timestamp, picture, tl0, keyframe });
            }
        }
        frames
    }

    /// What came since a time.
    pub fn since(&self, at: Micros) -> Vec<&Heard> {
        self.packets.values().filter(|heard| heard.at >= at).collect()
    }
}
