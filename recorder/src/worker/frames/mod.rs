//! From the packets of a track to frames worth storing.
//!
//! A frame is passed on whole or not at all. Sound starts at once; pictures start at a keyframe, and after a loss again
//! at the next one, for which the publisher is asked. Packets come in order, "contiguous unless lost for good"
//! ([`protocol::tap::TapFrame::Rtp`]). Times are arrivals in µs since the segment's zero.

mod order;
mod video;

use order::{Order, Place};
use sfu_wire::rtp::{NewHeader, RtpHeader, write_header};
use video::Assembly;

use crate::manifest::Codec;

/// Least time between two requests for a keyframe, µs.
const ASK_EVERY: u64 = 1_000_000;
/// A picture track is asked for a keyframe when its last is older, so that a viewer can jump into it, µs.
const KEYFRAME_EVERY: u64 = 10_000_000;
/// Constant in what the depayloader sees, whatever the publisher's is.
const SSRC: u32 = 1;

/// A whole frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Arrival of its first packet.
    pub(super) at_us: u64,
    /// Its RTP timestamp.
    pub(super) timestamp: u32,
    /// The publisher's stream began anew with it: its RTP clock has another zero.
    pub(super) restart: bool,
    /// Size in pixels, if it is a keyframe of a picture track.
    pub(super) keyframe: Option<(u16, u16)>,
    /// Its packets, renumbered without gaps, with plain headers.
    pub(super) packets: Vec<Vec<u8>>,
}

/// Turns one track's packets into frames.
#[derive(Debug)]
pub(super) struct Frames {
    order: Order,
    assembly: Option<Assembly>,
    payload_type: u8,
    sequence: u16,
    restart: bool,
    asked: Option<u64>,
    last_keyframe: Option<u64>,
}

impl Frames {
    /// For a track of this codec; packets are given out with `payload_type`.
    pub(super) fn new(codec: Codec, payload_type: u8) -> Self {
        Self {
            order: Order::default(),
            assembly: codec.is_video().then(Assembly::default),
            payload_type,
            sequence: 0,
            restart: false,
            asked: None,
            last_keyframe: None,
        }
    }

    /// Takes a packet; gives the frame that it completes.
    pub(super) fn packet(&mut self, at_us: u64, packet: &[u8]) -> Option<Frame> {
        let header = RtpHeader::parse(packet).ok()?;
        match self.order.place(header.ssrc, header.sequence) {
            Place::Next => {}
            Place::AfterLoss => self.lost(),
            Place::NewStream => {
                self.restart = true;
                self.lost();
            }
            Place::Late => return None,
        }
        let payload = header.payload(packet).ok().filter(|payload| !payload.is_empty())?;
        match &mut self.assembly {
            None => Some(self.frame(at_us, header.timestamp, None, &[payload])),
            Some(assembly) => {
                let whole = assembly.packet(at_us, &header, payload)?;
                let packets: Vec<&[u8]> = whole.payloads.iter().map(Vec::as_slice).collect();
                Some(self.frame(whole.at_us, whole.timestamp, whole.keyframe, &packets))
            }
        }
    }

    /// Packets were left out here.
    pub(super) fn lost(&mut self) {
        if let Some(assembly) = &mut self.assembly {
            assembly.lost();
        }
    }

    /// Whether to ask the publisher for a keyframe now; to be called after each packet.
    pub(super) fn wants_keyframe(&mut self, now_us: u64) -> bool {
        let Some(assembly) = &self.assembly else { return false };
        let old = self.last_keyframe.is_some_and(|last| now_us >= last.saturating_add(KEYFRAME_EVERY));
        let may = self.asked.is_none_or(|asked| now_us >= asked.saturating_add(ASK_EVERY));
        let wants = may && (old || assembly.is_waiting());
        if wants {
            self.asked = Some(now_us);
        }
        wants
    }

    fn frame(
        &mut self,
        at_us: u64,
        timestamp: u32,
        keyframe: Option<(u16, u16)>,
        payloads: &[&[u8]],
    ) -> Frame {
        if keyframe.is_some() {
            self.last_keyframe = Some(at_us);
        }
        let last = payloads.len().saturating_sub(1);
        let packets = payloads.iter().enumerate().filter_map(|(n, payload)| {
            self.sequence = self.sequence.wrapping_add(1);
            self.renumbered(n == last, timestamp, payload)
        });
        let packets = packets.collect();
        Frame { at_us, timestamp, restart: std::mem::take(&mut self.restart), keyframe, packets }
    }

    fn renumbered(&self, marker: bool, timestamp: u32, payload: &[u8]) -> Option<Vec<u8>> {
        let header = NewHeader {
            marker,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: SSRC,
            ..NewHeader::default()
        };
        let mut packet = vec![0; sfu_wire::rtp::MIN_HEADER];
        write_header(&mut packet, &header)?;
        packet.extend_from_slice(payload);
        Some(packet)
    }
}

#[cfg(test)]
mod tests;
