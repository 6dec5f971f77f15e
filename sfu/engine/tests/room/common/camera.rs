//! Encoders: frames and voices as a browser would packetise them.

use sfu_engine::Micros;

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
        let picture = (u32::from(self.first_picture) + self.frame) as u16 & 0x7fff | 0x8000;
        let [high, low] = picture.to_be_bytes();
        let start = if part == 0 { 0x10 } else { 0 };
        // X; then I, L, T: picture id, base layer counter, temporal layer 0.
        let mut payload = vec![0x80 | start, 0xe0, high, low, self.frame as u8, 0];
        if part == 0 {
            payload.push(u8::from(!keyframe));
            payload.extend([0, 0, 0x9d, 0x01, 0x2a]);
            payload.extend((self.height / 9 * 16).to_le_bytes());
            payload.extend(self.height.to_le_bytes());
        }
        let stamp =
            Stamp { participant: self.participant, layer: self.layer, frame: self.frame, part, parts };
        payload.extend(stamp.write());
        // Packets of a frame differ by a byte, as browsers' do.
        payload.resize(800 + usize::from(part % 2), 0x55);
        Part { payload, timestamp, marker: part + 1 == parts }
    }
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
