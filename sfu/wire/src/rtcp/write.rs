//! Writing compound packets.

use super::{
    GOODBYE, PAYLOAD_FEEDBACK, RECEIVER_REPORT, ReportBlock, SENDER_REPORT, SOURCE_DESCRIPTION, SenderReport,
    TRANSPORT_FEEDBACK, twcc,
};
use crate::bytes::Writer;

/// The buffer is full, or the packet exceeds RTCP's limits; the packet was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the RTCP packet does not fit")]
pub struct Full;

/// Appends packets to a compound. A packet that does not fit is left out as a whole.
#[derive(Debug)]
pub struct RtcpWriter<'a> {
    writer: Writer<'a>,
}

impl<'a> RtcpWriter<'a> {
    /// Starts an empty compound.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self { writer: Writer::new(buffer) }
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.writer.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.writer.len() == 0
    }

    /// A sender report with at most 31 blocks (RFC 3550 §6.4.1).
    pub fn sender_report(&mut self, report: &SenderReport, blocks: &[ReportBlock]) -> Result<(), Full> {
        self.packet(SENDER_REPORT, count(blocks.len())?, |writer| {
            writer.u32(report.ssrc)?;
            writer.u64(report.ntp)?;
            writer.u32(report.rtp)?;
            writer.u32(report.packets)?;
            writer.u32(report.bytes)?;
            blocks.iter().try_for_each(|block| write_block(writer, block))
        })
    }

    /// A receiver report with at most 31 blocks (RFC 3550 §6.4.2).
    pub fn receiver_report(&mut self, ssrc: u32, blocks: &[ReportBlock]) -> Result<(), Full> {
        self.packet(RECEIVER_REPORT, count(blocks.len())?, |writer| {
            writer.u32(ssrc)?;
            blocks.iter().try_for_each(|block| write_block(writer, block))
        })
    }

    /// A source description with a canonical name of at most 255 bytes (RFC 3550 §6.5.1).
    pub fn cname(&mut self, ssrc: u32, cname: &[u8]) -> Result<(), Full> {
        let length = u8::try_from(cname.len()).map_err(|_| Full)?;
        self.packet(SOURCE_DESCRIPTION, 1, |writer| {
            let start = writer.len();
            writer.u32(ssrc)?;
            writer.put(&[1, length])?;
            writer.put(cname)?;
            // The list of items ends with at least one zero.
            writer.u8(0)?;
            writer.align(start)
        })
    }

    /// A goodbye of at most 31 sources (RFC 3550 §6.6).
    pub fn goodbye(&mut self, ssrcs: &[u32]) -> Result<(), Full> {
        self.packet(GOODBYE, count(ssrcs.len())?, |writer| {
            ssrcs.iter().try_for_each(|ssrc| writer.u32(*ssrc))
        })
    }

    /// A generic NACK (RFC 4585 §6.2.1). `sequences` are best sorted: neighbours share an entry.
    pub fn nack(&mut self, sender_ssrc: u32, media_ssrc: u32, sequences: &[u16]) -> Result<(), Full> {
        self.packet(TRANSPORT_FEEDBACK, 1, |writer| {
            writer.u32(sender_ssrc)?;
            writer.u32(media_ssrc)?;
            let mut rest = sequences.iter().copied().peekable();
            while let Some(first) = rest.next() {
                let mut following = 0u16;
                while let Some(bit) = rest.peek().and_then(|next| bit_after(first, *next)) {
                    following |= bit;
                    rest.next();
                }
                writer.u16(first)?;
                writer.u16(following)?;
            }
            Some(())
        })
    }

    /// A picture loss indication (RFC 4585 §6.3.1).
    pub fn pli(&mut self, sender_ssrc: u32, media_ssrc: u32) -> Result<(), Full> {
        self.packet(PAYLOAD_FEEDBACK, 1, |writer| {
            writer.u32(sender_ssrc)?;
            writer.u32(media_ssrc)
        })
    }

    /// A full intra request (RFC 5104 §4.3.1). `command` counts up with every new request to this source.
    pub fn fir(&mut self, sender_ssrc: u32, media_ssrc: u32, command: u8) -> Result<(), Full> {
        self.packet(PAYLOAD_FEEDBACK, 4, |writer| {
            writer.u32(sender_ssrc)?;
            writer.u32(0)?;
            writer.u32(media_ssrc)?;
            writer.put(&[command, 0, 0, 0])
        })
    }

    /// A receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2) in bits a second, rounded down.
    pub fn remb(&mut self, sender_ssrc: u32, bitrate: u64, ssrcs: &[u32]) -> Result<(), Full> {
        let sources = u8::try_from(ssrcs.len()).map_err(|_| Full)?;
        let exponent = 46u32.saturating_sub(bitrate.leading_zeros());
        let mantissa = (bitrate >> exponent) as u32;
        self.packet(PAYLOAD_FEEDBACK, 15, |writer| {
            writer.u32(sender_ssrc)?;
            writer.u32(0)?;
            writer.put(b"REMB")?;
            writer.u8(sources)?;
            writer.u24(exponent << 18 | mantissa)?;
            ssrcs.iter().try_for_each(|ssrc| writer.u32(*ssrc))
        })
    }

    /// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
    ///
    /// `media_ssrc` must be one of the peer's own sources: Chromium drops feedback on any other, and its estimate then never
    /// rises. `arrivals` are the arrival times in µs of the transport-wide sequence numbers from `base` on, `None` for what did
    /// not come; the first one must have come. `count` numbers the feedback packets. Gives how many of `arrivals` were
    /// reported: fewer than all if two neighbours are further apart than a delta can say (8 s).
    pub fn transport_feedback(
        &mut self,
        sender_ssrc: u32,
        media_ssrc: u32,
        base: u16,
        count: u8,
        arrivals: &[Option<u64>],
    ) -> Result<usize, Full> {
        let mut reported = 0;
        self.packet(TRANSPORT_FEEDBACK, 15, |writer| {
            writer.u32(sender_ssrc)?;
            writer.u32(media_ssrc)?;
            reported = twcc::write(writer, base, count, arrivals)?;
            Some(())
        })?;
        Ok(reported)
    }

    /// Writes one packet: header, body, padding to 32 bits, length.
    fn packet(
        &mut self,
        packet_type: u8,
        format: u8,
        body: impl FnOnce(&mut Writer<'a>) -> Option<()>,
    ) -> Result<(), Full> {
        let start = self.writer.len();
        let written = self.write_packet(start, packet_type, format, body);
        if written.is_none() {
            self.writer.truncate(start);
        }
        written.ok_or(Full)
    }

    fn write_packet(
        &mut self,
        start: usize,
        packet_type: u8,
        format: u8,
        body: impl FnOnce(&mut Writer<'a>) -> Option<()>,
    ) -> Option<()> {
        self.writer.put(&[0x80 | format, packet_type, 0, 0])?;
        body(&mut self.writer)?;
        let len = self.writer.len().checked_sub(start)?;
        let padding = len.wrapping_neg() & 3;
        if padding != 0 {
            // Only transport-wide feedback ends within a word; its padding is counted (RFC 3550 §6.4.1, P bit).
            let zeros = [0, 0, 0];
            self.writer.put(zeros.get(..padding.checked_sub(1)?)?)?;
            self.writer.u8(padding as u8)?;
            self.writer.patch(start, [0xa0 | format])?;
        }
        let words = u16::try_from(self.writer.len().checked_sub(start)? >> 2).ok()?.checked_sub(1)?;
        self.writer.patch(start.checked_add(2)?, words.to_be_bytes())
    }
}

fn count(len: usize) -> Result<u8, Full> {
    u8::try_from(len).ok().filter(|count| *count <= 31).ok_or(Full)
}

/// The bit of `next` in the mask that follows `first`, if it lies within the next sixteen.
fn bit_after(first: u16, next: u16) -> Option<u16> {
    let distance = next.wrapping_sub(first).checked_sub(1)?;
    1u16.checked_shl(u32::from(distance))
}

fn write_block(writer: &mut Writer<'_>, block: &ReportBlock) -> Option<()> {
    writer.u32(block.ssrc)?;
    writer.u8(block.fraction_lost)?;
    writer.u24(block.lost.clamp(-0x80_0000, 0x7f_ffff) as u32)?;
    writer.u32(block.highest_sequence)?;
    writer.u32(block.jitter)?;
    writer.u32(block.last_sender_report)?;
    writer.u32(block.delay)
}
