//! Media to send: plain RTP packets of VP8 frames and of a voice, as a browser sends them.

/// Payload type of VP8 in every offer of Lectern.
const VP8: u8 = 96;
/// Payload type of Opus in every offer of Lectern.
const OPUS: u8 = 111;
/// Header extension ids of the offer: level of a voice, mid and rid.
const LEVEL: u8 = 1;
const MID: u8 = 2;
const RID: u8 = 3;
/// RTP ticks between two frames at 30 fps.
const TICKS: u32 = 3000;

/// A camera's encoding, frame by frame.
pub struct Camera {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    picture: u16,
    frames: u64,
}

impl Camera {
    /// An encoding that has sent nothing yet.
    pub fn new(ssrc: u32) -> Self {
        Self { ssrc, sequence: 0, timestamp: 0, picture: 0, frames: 0 }
    }

    /// The next frame in `packets` packets of `size` bytes each, header included (at least 64). The first frame is a
    /// keyframe, and the first ten carry mid and rid, as a browser's do until it has heard of the receiver.
    pub fn frame(&mut self, packets: usize, size: usize, each: &mut impl FnMut(&[u8])) {
        self.timestamp = self.timestamp.wrapping_add(TICKS);
        self.picture = self.picture.wrapping_add(1) & 0x7fff;
        for number in 0..packets {
            let last = number + 1 == packets;
            let mut packet = self.header(last);
            let start = if number == 0 { 0x10 } else { 0 };
            let [high, low] = self.picture.to_be_bytes();
            packet.extend([0x80 | start, 0xc0, 0x80 | high, low, low]);
            if number == 0 && self.frames == 0 {
                packet.extend([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
            } else {
                packet.push(0x11);
            }
            packet.resize(size.max(64), 0x77);
            each(&packet);
        }
        self.frames += 1;
    }

    fn header(&mut self, marker: bool) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let named = self.frames < 10;
        let mut packet = vec![if named { 0x90 } else { 0x80 }, VP8 | (u8::from(marker) << 7)];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        if named {
            // One-byte extensions (RFC 8285 §4.2): lengths are written less one.
            packet.extend([0xbe, 0xde, 0, 1, MID << 4, b'1', RID << 4, b'q']);
        }
        packet
    }
}

/// A voice, packet by packet.
pub struct Microphone {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

impl Microphone {
    /// A microphone that has sent nothing yet.
    pub fn new(ssrc: u32) -> Self {
        Self { ssrc, sequence: 0, timestamp: 0 }
    }

    /// The next 20 ms of somebody speaking, in `size` bytes, header included (at least 32).
    pub fn packet(&mut self, size: usize) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(960);
        let mut packet = vec![0x90, OPUS];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        // Voice (the highest bit, RFC 6464 §3) at 30 dB below full scale.
        packet.extend([0xbe, 0xde, 0, 1, LEVEL << 4, 0x80 | 30, MID << 4, b'0']);
        packet.resize(size.max(32), 0x78);
        packet
    }
}
