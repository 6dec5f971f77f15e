//! Sender and receiver reports (RFC 3550 §6.4) and goodbyes (§6.6).

use crate::bytes::{u24_at, u32_at, u64_at};

/// What a sender says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport {
    /// Who.
    pub ssrc: u32,
    /// Wall clock: 32.32 fixed point seconds since 1900.
    pub ntp: u64,
    /// RTP timestamp of the same instant.
    pub rtp: u32,
    /// Packets sent so far, wraps.
    pub packets: u32,
    /// Payload bytes sent so far, wraps.
    pub bytes: u32,
}

impl SenderReport {
    pub(super) fn read(info: &[u8]) -> Option<Self> {
        Some(Self {
            ssrc: u32_at(info, 0)?,
            ntp: u64_at(info, 4)?,
            rtp: u32_at(info, 12)?,
            packets: u32_at(info, 16)?,
            bytes: u32_at(info, 20)?,
        })
    }
}

/// What a receiver says about one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBlock {
    /// About whom.
    pub ssrc: u32,
    /// Packets lost since the last report, of 256.
    pub fraction_lost: u8,
    /// Packets lost so far; 24 bits, negative if duplicates came.
    pub lost: i32,
    /// Highest sequence number, extended by the count of wraps.
    pub highest_sequence: u32,
    /// Interarrival jitter in ticks of the payload's clock.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time of the last sender report, 0 if none came.
    pub last_sender_report: u32,
    /// Since then, in 1/65536 s.
    pub delay: u32,
}

impl ReportBlock {
    pub(super) const LEN: usize = 24;

    fn read(block: &[u8]) -> Option<Self> {
        // Shifting up and down again extends the sign of the 24-bit number.
        let lost = ((u24_at(block, 5)? << 8) as i32) >> 8;
        Some(Self {
            ssrc: u32_at(block, 0)?,
            fraction_lost: *block.get(4)?,
            lost,
            highest_sequence: u32_at(block, 8)?,
            jitter: u32_at(block, 12)?,
            last_sender_report: u32_at(block, 16)?,
            delay: u32_at(block, 20)?,
        })
    }
}

/// The report blocks of a report.
#[derive(Clone, Copy, Debug)]
pub struct ReportBlocks<'a> {
    rest: &'a [u8],
}

impl<'a> ReportBlocks<'a> {
    pub(super) fn new(bytes: &'a [u8], count: u8) -> Option<Self> {
        Some(Self { rest: bytes.get(..usize::from(count).checked_mul(ReportBlock::LEN)?)? })
    }
}

impl Iterator for ReportBlocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        let (block, rest) = self.rest.split_at_checked(ReportBlock::LEN)?;
        self.rest = rest;
        ReportBlock::read(block)
    }
}

/// A list of SSRCs.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    rest: &'a [u8],
}

impl<'a> Sources<'a> {
    pub(super) fn new(bytes: &'a [u8], count: usize) -> Option<Self> {
        Some(Self { rest: bytes.get(..count.checked_mul(4)?)? })
    }
}

impl Iterator for Sources<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let ssrc = u32_at(self.rest, 0)?;
        self.rest = self.rest.get(4..)?;
        Some(ssrc)
    }
}
