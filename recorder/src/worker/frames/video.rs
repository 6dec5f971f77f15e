//! Puts VP8 frames together (RFC 7741 §4.5) and holds back what cannot be decoded.

use sfu_wire::rtp::RtpHeader;
use sfu_wire::vp8::Vp8;

/// A frame of more bytes is no frame.
const MAX_BYTES: usize = 4 << 20;

/// A frame that lacks nothing.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) at_us: u64,
    pub(super) timestamp: u32,
    pub(super) keyframe: Option<(u16, u16)>,
    pub(super) payloads: Vec<Vec<u8>>,
    bytes: usize,
}

/// The frame that is coming in.
#[derive(Debug)]
pub(super) struct Assembly {
    /// No frame is of use before the next keyframe.
    waiting: bool,
    partial: Option<Whole>,
}

impl Default for Assembly {
    fn default() -> Self {
        Self { waiting: true, partial: None }
    }
}

impl Assembly {
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Something is missing: later frames refer to it.
    pub(super) fn lost(&mut self) {
        self.waiting = true;
        self.partial = None;
    }

    /// Takes the next packet; gives the frame if it is whole now.
    pub(super) fn packet(&mut self, at_us: u64, header: &RtpHeader, payload: &[u8]) -> Option<Whole> {
        let Ok(vp8) = Vp8::parse(payload) else {
            self.lost();
            return None;
        };
        let continues = self.partial.as_ref().is_some_and(|partial| partial.timestamp == header.timestamp);
        if !continues {
            self.begin(at_us, header.timestamp, &vp8);
        }
        let partial = self.partial.as_mut()?;
        partial.bytes = partial.bytes.saturating_add(payload.len());
        partial.payloads.push(payload.to_vec());
        if partial.bytes > MAX_BYTES {
            self.lost();
            return None;
        }
        if !header.marker {
            return None;
        }
        self.waiting = false;
        self.partial.take()
    }

    fn begin(&mut self, at_us: u64, timestamp: u32, vp8: &Vp8) {
        // A frame that never saw its marker, or one that is joined in the middle, is as good as lost.
        if self.partial.is_some() || !vp8.frame_start() {
            self.lost();
        }
        let keyframe = vp8.keyframe.map(|size| (size.width, size.height));
        if vp8.frame_start() && (keyframe.is_some() || !self.waiting) {
            self.partial = Some(Whole { at_us, timestamp, keyframe, payloads: Vec::new(), bytes: 0 });
        }
    }
}
