//! Media that looks like a browser's: VP8 frames with picture ids, Opus packets with audio levels.

use bytes::Bytes;
use rtc::rtp::{Packet, header::Header};

/// Header extension ids of the offer.
const LEVEL: u8 = 1;
const MID: u8 = 2;
const RID: u8 = 3;

pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;

/// A camera encoding: frames of one packet, every 30th a keyframe of 640 x 360.
pub struct Camera {
    pub ssrc: u32,
    rid: &'static str,
    sequence: u16,
    timestamp: u32,
    picture: u16,
    /// The next frame is a keyframe.
    pub keyframe: bool,
}

impl Camera {
    pub fn new(ssrc: u32, rid: &'static str) -> Self {
        Self { ssrc, rid, sequence: 60_000, timestamp: 900_000, picture: 100, keyframe: true }
    }

    /// The next frame; `tag` is the last byte of the payload.
    pub fn frame(&mut self, tag: u8) -> Packet {
        let keyframe = std::mem::take(&mut self.keyframe) || self.picture.is_multiple_of(30);
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(3000);
        self.picture = (self.picture + 1) & 0x7fff;
        let mut header = Header {
            version: 2,
            marker: true,
            payload_type: VP8,
            sequence_number: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..Default::default()
        };
        header.set_extension(MID, Bytes::from_static(b"1")).unwrap();
        header.set_extension(RID, Bytes::from_static(self.rid.as_bytes())).unwrap();
        Packet { header, payload: vp8(self.picture, keyframe, tag) }
    }
}

/// RFC 7741: descriptor with 15-bit picture id and TL0PICIDX, then a frame header.
fn vp8(picture: u16, keyframe: bool, tag: u8) -> Bytes {
    let mut payload = vec![0x90, 0xc0, 0x80 | (picture >> 8) as u8, picture as u8, picture as u8];
    if keyframe {
        payload.extend([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
    } else {
        payload.extend([0x11, 0, 0]);
    }
    payload.resize(799, 0x55);
    payload.push(tag);
    payload.into()
}

/// A speaking microphone: 20 ms Opus packets at -20 dBov.
pub struct Microphone {
    pub ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

impl Microphone {
    pub fn new(ssrc: u32) -> Self {
        Self { ssrc, sequence: 100, timestamp: 48_000 }
    }

    /// The next packet; `tag` is the last byte of the payload.
    pub fn packet(&mut self, tag: u8) -> Packet {
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(960);
        let mut header = Header {
            version: 2,
            payload_type: OPUS,
            sequence_number: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            ..Default::default()
        };
        header.set_extension(LEVEL, Bytes::from_static(&[0x80 | 20])).unwrap();
        header.set_extension(MID, Bytes::from_static(b"0")).unwrap();
        let mut payload = vec![0x78; 79];
        payload.push(tag);
        Packet { header, payload: payload.into() }
    }
}
