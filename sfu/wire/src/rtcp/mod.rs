//! RTCP compound packets (RFC 3550 §6, RFC 4585, RFC 5104): an iterator over what came, a writer for what goes.

mod feedback;
mod report;
mod twcc;
mod write;

pub use feedback::{Fir, Nack, Remb};
pub use report::{ReportBlock, ReportBlocks, SenderReport, Sources};
pub use twcc::{TICK_US, TransportFeedback};
pub use write::{Full, RtcpWriter};

use crate::bytes::{u16_at, u32_at};

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;

/// One packet of a compound.
#[derive(Clone, Copy, Debug)]
pub enum Rtcp<'a> {
    /// RFC 3550 §6.4.1.
    SenderReport(SenderReport, ReportBlocks<'a>),
    /// RFC 3550 §6.4.2.
    ReceiverReport {
        /// Who reports.
        ssrc: u32,
        /// About whom.
        blocks: ReportBlocks<'a>,
    },
    /// RFC 3550 §6.6.
    Goodbye(Sources<'a>),
    /// RFC 4585 §6.2.1.
    Nack(Nack<'a>),
    /// RFC 4585 §6.3.1: the sources whose next frame should be a keyframe.
    Pli {
        /// Whose keyframe is wanted.
        media_ssrc: u32,
    },
    /// RFC 5104 §4.3.1.
    Fir(Fir<'a>),
    /// draft-alvestrand-rmcat-remb-03.
    Remb(Remb<'a>),
    /// draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.
    Transport(TransportFeedback<'a>),
    /// Well-formed, but of no use here (SDES, APP, XR, other feedback).
    Other {
        /// Packet type.
        packet_type: u8,
        /// Count or format.
        format: u8,
    },
}

impl Rtcp<'_> {
    /// Reads every list of the packet to its end and gives how many entries it has: what fuzzing walks through.
    pub fn walk(&self) -> usize {
        match *self {
            Rtcp::SenderReport(_, blocks) | Rtcp::ReceiverReport { blocks, .. } => blocks.count(),
            Rtcp::Goodbye(sources) => sources.count(),
            Rtcp::Nack(nack) => nack.sequences().count(),
            Rtcp::Fir(fir) => fir.requests().count(),
            Rtcp::Remb(remb) => remb.sources.count(),
            Rtcp::Transport(feedback) => feedback.arrivals().count(),
            Rtcp::Pli { .. } | Rtcp::Other { .. } => 0,
        }
    }
}

/// The compound ends with something that is no RTCP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed RTCP packet")]
pub struct RtcpError;

/// The packets of a compound. After a malformed one nothing follows.
pub fn packets(compound: &[u8]) -> Packets<'_> {
    Packets { rest: compound }
}

/// See [`packets`].
#[derive(Clone, Copy, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Rtcp<'a>, RtcpError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let packet = self.split().and_then(|(format, packet_type, body)| read(format, packet_type, body));
        if packet.is_none() {
            self.rest = &[];
        }
        Some(packet.ok_or(RtcpError))
    }
}

impl<'a> Packets<'a> {
    /// Takes the next packet off and gives its count or format, its type, and its body without padding.
    fn split(&mut self) -> Option<(u8, u8, &'a [u8])> {
        let &[first, packet_type, ..] = self.rest else { return None };
        let words = usize::from(u16_at(self.rest, 2)?);
        let (packet, rest) = self.rest.split_at_checked(words.checked_add(1)?.checked_mul(4)?)?;
        if first >> 6 != 2 {
            return None;
        }
        let mut body = packet.get(4..)?;
        if first & 0x20 != 0 {
            let padding = usize::from(*body.last().filter(|count| **count != 0)?);
            body = body.get(..body.len().checked_sub(padding)?)?;
        }
        self.rest = rest;
        Some((first & 0x1f, packet_type, body))
    }
}

fn read(format: u8, packet_type: u8, body: &[u8]) -> Option<Rtcp<'_>> {
    Some(match (packet_type, format) {
        (SENDER_REPORT, count) => {
            let (info, rest) = body.split_at_checked(24)?;
            Rtcp::SenderReport(SenderReport::read(info)?, ReportBlocks::new(rest, count)?)
        }
        (RECEIVER_REPORT, count) => {
            Rtcp::ReceiverReport { ssrc: u32_at(body, 0)?, blocks: ReportBlocks::new(body.get(4..)?, count)? }
        }
        (GOODBYE, count) => Rtcp::Goodbye(Sources::new(body, usize::from(count))?),
        (TRANSPORT_FEEDBACK, 1) => Rtcp::Nack(Nack::read(body)?),
        (TRANSPORT_FEEDBACK, 15) => Rtcp::Transport(TransportFeedback::read(body)?),
        (PAYLOAD_FEEDBACK, 1) => Rtcp::Pli { media_ssrc: u32_at(body, 4)? },
        (PAYLOAD_FEEDBACK, 4) => Rtcp::Fir(Fir::read(body)?),
        (PAYLOAD_FEEDBACK, 15) if body.get(8..12) == Some(b"REMB") => Rtcp::Remb(Remb::read(body)?),
        _ => Rtcp::Other { packet_type, format },
    })
}

#[cfg(test)]
mod cross_tests;
#[cfg(test)]
mod tests;
