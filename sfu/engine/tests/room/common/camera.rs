//! Encoders: frames and voices as a browser would packetise them.

use sfu_engine::{Codec, Micros};

/// What a payload says about its origin, behind the VP8 header or as the Opus frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    pub participant: u64,
    pub layer: u8,
    pub frame: u32,
    pub part: u8,
    pub parts: u8,
}

const MAGIC: [u8; 4] = *b"lctn";

impl Stamp {
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.participant.to_be_bytes());
        bytes.push(self.layer);
        bytes.extend(self.frame.to_be_bytes());
        bytes.extend([self.part, self.parts]);
        bytes
    }

    pub fn read(payload: &[u8]) -> Option<Stamp> {
        let at = payload.windows(4).position(|window| window == MAGIC)?;
        let rest = payload.get(at + 4..at + 19)?;
        Some(Stamp {
            participant: u64::from_be_bytes(rest[..8].try_into().ok()?),
            layer: rest[8],
            frame: u32::from_be_bytes(rest[9..13].try_into().ok()?),
            part: rest[13],
            parts: rest[14],
        })
    }
}

/// One payload to send.
pub struct Part {
    pub payload: Vec<u8>,
    pub timestamp: u32,
    pub marker: bool,
}

/// One encoding of a camera at 25 frames a second.
pub struct Encoding {
    pub participant: u64,
    pub layer: u8,
    pub codec: Codec,
    height: u16,
    parts: u8,
    frame: u32,
    keyframe_at: u32,
    pub first_timestamp: u32,
    first_picture: u16,
    due: Micros,
    start: Micros,
    pub wants_keyframe: bool,
    pub keyframes: u32,
    pub running: bool,
}

impl Encoding {
    pub fn new(participant: u64, layer: u8, now: Micros) -> Encoding {
        let odd = participant as u32 * 7 + u32::from(layer) * 3;
        Encoding {
            participant,
            layer,
            codec: Codec::Vp8,
            height: [180, 360, 720][usize::from(layer)],
            parts: [1, 2, 5][usize::from(layer)],
            frame: 0,
            keyframe_at: 0,
            // Far apart, and near the wrap for some.
            first_timestamp: odd.wrapping_mul(0x2fff_ffff),
            first_picture: (odd * 4_000 % 0x8000) as u16,
            due: now,
            start: now,
            wants_keyframe: true,
            keyframes: 0,
            running: true,
        }
    }

    /// The RTP timestamp of an instant.
    pub fn timestamp(&self, now: Micros) -> u32 {
        self.first_timestamp.wrapping_add((now.since(self.start).0 * 9 / 100) as u32)
    }

    pub fn frame_due(&mut self, now: Micros) -> Vec<Part> {
        if !self.running || now < self.due {
            return Vec::new();
        }
        self.due = self.due + Micros::from_millis(40);
        let keyframe = std::mem::take(&mut self.wants_keyframe);
        self.frame += 1;
        if keyframe {
            self.keyframes += 1;
            self.keyframe_at = self.frame;
        }
        let timestamp = self.timestamp(now);
        let parts = if keyframe { self.parts * 2 } else { self.parts };
        (0..parts).map(|part| self.part(part, parts, keyframe, timestamp)).collect()
    }

    fn part(&self, part: u8, parts: u8, keyframe: bool, timestamp: u32) -> Part {
        let picture = (u32::from(self.first_picture) + self.frame) as u16 & 0x7fff;
        let width = self.height / 9 * 16;
        let shape = Shape { first: part == 0, last: part + 1 == parts, keyframe, width, height: self.height };
        let mut payload = match self.codec {
            Codec::Vp8 => shape.vp8(picture, self.frame as u8),
            Codec::Vp9 => shape.vp9(picture, self.frame as u8),
            Codec::H264 => shape.h264(),
            Codec::Av1 => shape.av1(),
        };
        let stamp =
            Stamp { participant: self.participant, layer: self.layer, frame: self.frame, part, parts };
        payload.extend(stamp.write());
        // Packets of a frame differ by a byte, as browsers' do.
        payload.resize(800 + usize::from(part % 2), 0x55);
        Part { payload, timestamp, marker: part + 1 == parts }
    }
}

/// Where in a frame a packet is, and what frame.
struct Shape {
    first: bool,
    last: bool,
    keyframe: bool,
    width: u16,
    height: u16,
}

impl Shape {
    fn vp8(&self, picture: u16, tl0: u8) -> Vec<u8> {
        let [high, low] = (picture | 0x8000).to_be_bytes();
        // X; then I, L, T: picture id, base layer counter, temporal layer 0.
        let mut payload = vec![0x80 | if self.first { 0x10 } else { 0 }, 0xe0, high, low, tl0, 0];
        if self.first {
            payload.push(u8::from(!self.keyframe));
            payload.extend([0, 0, 0x9d, 0x01, 0x2a]);
            payload.extend(self.width.to_le_bytes());
            payload.extend(self.height.to_le_bytes());
        }
        payload
    }

    fn vp9(&self, picture: u16, tl0: u8) -> Vec<u8> {
        let [high, low] = (picture | 0x8000).to_be_bytes();
        let structure = self.first && self.keyframe;
        // I, L; P, B, E, V as the frame has it: non-flexible, one layer.
        let flags = 0xa0
            | if self.keyframe { 0 } else { 0x40 }
            | if self.first { 0x08 } else { 0 }
            | if self.last { 0x04 } else { 0 }
            | if structure { 0x02 } else { 0 };
        let mut payload = vec![flags, high, low, 0, tl0];
        if structure {
            payload.push(0x10);
            payload.extend(self.width.to_be_bytes());
            payload.extend(self.height.to_be_bytes());
        }
        payload
    }

    /// Sequence parameters stand alone in front of a keyframe; slices are fragmented.
    fn h264(&self) -> Vec<u8> {
        match (self.first, self.keyframe) {
            (true, true) => sequence_parameters(self.width, self.height),
            _ => vec![0x7c, if self.keyframe { 0x05 } else { 0x01 }],
        }
    }

    fn av1(&self) -> Vec<u8> {
        match (self.first, self.keyframe) {
            // W 2, N: a sequence header with its length, then a frame.
            (true, true) => {
                let header = sequence_header(self.width, self.height);
                [&[0x28, header.len() as u8][..], &header, &[0x30]].concat()
            }
            _ => vec![if self.first { 0x10 } else { 0x90 }, 0x30],
        }
    }
}

/// Writes numbers bit by bit.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, count: u32, value: u32) -> &mut Bits {
        self.0.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn exp_golomb(&mut self, value: u32) -> &mut Bits {
        let width = (value + 1).ilog2();
        self.put(width, 0).put(width + 1, value + 1)
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (n, bit)| byte | u8::from(*bit) << (7 - n))
        };
        self.0.chunks(8).map(byte).collect()
    }
}

/// H.264 §7.3.2.1.1, constrained baseline.
fn sequence_parameters(width: u16, height: u16) -> Vec<u8> {
    let (across, down) = (u32::from(width).div_ceil(16), u32::from(height).div_ceil(16));
    let mut bits = Bits::default();
    bits.put(32, 0x6742_e01f).exp_golomb(0).exp_golomb(0).exp_golomb(2).exp_golomb(1).put(1, 0);
    bits.exp_golomb(across - 1).exp_golomb(down - 1).put(2, 0b11).put(1, 1);
    let crop = |blocks: u32, side: u16| (blocks * 16 - u32::from(side)) / 2;
    bits.exp_golomb(0).exp_golomb(crop(across, width)).exp_golomb(0).exp_golomb(crop(down, height));
    bits.put(2, 0b01).bytes()
}

/// AV1 §5.5, one operating point.
fn sequence_header(width: u16, height: u16) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(8, 0x08).put(24, 0).put(5, 5).put(4, 15).put(4, 15);
    bits.put(16, u32::from(width) - 1).put(16, u32::from(height) - 1).bytes()
}

/// A microphone: a packet every 20 ms.
pub struct Voice {
    pub participant: u64,
    pub below_full_scale: u8,
    frame: u32,
    due: Micros,
    start: Micros,
}

impl Voice {
    pub fn new(participant: u64, below_full_scale: u8, now: Micros) -> Voice {
        Voice { participant, below_full_scale, frame: 0, due: now, start: now }
    }

    pub fn timestamp(&self, now: Micros) -> u32 {
        (now.since(self.start).millis() * 48) as u32
    }

    pub fn packet_due(&mut self, now: Micros) -> Option<Part> {
        if now < self.due {
            return None;
        }
        self.due = self.due + Micros::from_millis(20);
        self.frame += 1;
        let stamp = Stamp { participant: self.participant, layer: 0, frame: self.frame, part: 0, parts: 1 };
        let mut payload = stamp.write();
        payload.resize(80, 0x33);
        Some(Part { payload, timestamp: self.timestamp(now), marker: self.frame == 1 })
    }
}
