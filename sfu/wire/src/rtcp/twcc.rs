//! Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

use crate::bytes::{Writer, u16_at, u24_at};

/// Unit of the deltas, µs.
pub const TICK_US: u64 = 250;
/// Unit of the reference time, µs.
const REFERENCE_US: u64 = 64_000;
/// Symbols of one two-bit vector chunk.
const VECTOR: usize = 7;
/// Longest run of a run-length chunk.
const MAX_RUN: usize = 0x1fff;

const LOST: u8 = 0;
const SMALL: u8 = 1;
const LARGE: u8 = 2;

/// Feedback as it came: when which transport-wide sequence number arrived.
#[derive(Clone, Copy, Debug)]
pub struct TransportFeedback<'a> {
    /// First sequence number.
    pub base: u16,
    /// How many sequence numbers are reported on.
    pub statuses: u16,
    /// Time to which the first delta is added, µs; wraps after 12 days.
    pub reference_us: u64,
    /// Numbers the feedback packets, wraps.
    pub count: u8,
    chunks: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        Some(Self {
            base: u16_at(body, 8)?,
            statuses: u16_at(body, 10)?,
            reference_us: u64::from(u24_at(body, 12)?).checked_mul(REFERENCE_US)?,
            count: *body.get(15)?,
            chunks: body.get(16..)?,
        })
    }

    /// (sequence number, arrival in µs or `None` if lost), in order; ends early if the packet is cut short.
    pub fn arrivals(&self) -> impl Iterator<Item = (u16, Option<u64>)> + use<'a> {
        let (base, chunks) = (self.base, self.chunks);
        let mut deltas = chunks.get(chunk_bytes(chunks, self.statuses)..).unwrap_or_default();
        let mut now = self.reference_us;
        let mut sequence = base;
        symbols(chunks).take(usize::from(self.statuses)).map_while(move |symbol| {
            let delta = match symbol {
                SMALL => i64::from(take(&mut deltas, 1)?.first().copied()?),
                LARGE => i64::from(u16_at(take(&mut deltas, 2)?, 0)? as i16),
                _ => 0,
            };
            now = now.wrapping_add_signed(delta.wrapping_mul(TICK_US as i64));
            let arrived = matches!(symbol, SMALL | LARGE).then_some(now);
            let current = sequence;
            sequence = sequence.wrapping_add(1);
            Some((current, arrived))
        })
    }
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(head)
}

/// The symbols of one chunk: how many, and what they are.
fn chunk_symbol(chunk: u16, n: u16) -> u8 {
    match (chunk >> 15, chunk >> 14 & 1) {
        (0, _) => (chunk >> 13 & 3) as u8,
        (_, 0) => (chunk >> 13u16.saturating_sub(n) & 1) as u8,
        _ => (chunk >> 12u16.saturating_sub(n.saturating_mul(2)) & 3) as u8,
    }
}

fn chunk_len(chunk: u16) -> u16 {
    match (chunk >> 15, chunk >> 14 & 1) {
        (0, _) => chunk & 0x1fff,
        (_, 0) => 14,
        _ => 7,
    }
}

fn symbols(chunks: &[u8]) -> impl Iterator<Item = u8> + use<'_> {
    chunks.chunks_exact(2).flat_map(|pair| {
        let chunk = u16_at(pair, 0).unwrap_or_default();
        (0..chunk_len(chunk)).map(move |n| chunk_symbol(chunk, n))
    })
}

/// Bytes of the chunks that describe `statuses` packets; the deltas follow.
fn chunk_bytes(chunks: &[u8], statuses: u16) -> usize {
    let mut left = statuses;
    let mut bytes = 0usize;
    for pair in chunks.chunks_exact(2) {
        if left == 0 {
            break;
        }
        left = left.saturating_sub(chunk_len(u16_at(pair, 0).unwrap_or_default()));
        bytes = bytes.saturating_add(2);
    }
    bytes
}

/// Walks the arrivals and gives each one's symbol and delta in ticks; ends before a delta that does not fit.
fn steps(reference: u64, arrivals: &[Option<u64>]) -> impl Iterator<Item = (u8, i16)> + use<'_> {
    // Deltas are taken between rounded times, so that rounding never adds up.
    let mut last = reference.wrapping_mul(REFERENCE_US / TICK_US) as i64;
    arrivals.iter().map_while(move |arrival| {
        let Some(at) = arrival else { return Some((LOST, 0)) };
        let ticks = (at / TICK_US) as i64;
        let delta = i16::try_from(ticks.checked_sub(last)?).ok()?;
        last = ticks;
        Some((if matches!(delta, 0..=255) { SMALL } else { LARGE }, delta))
    })
}

/// Writes everything after the two SSRCs and gives how many arrivals were reported.
pub(super) fn write(
    writer: &mut Writer<'_>,
    base: u16,
    count: u8,
    arrivals: &[Option<u64>],
) -> Option<usize> {
    let first = (*arrivals.first()?)?;
    let reference = first / REFERENCE_US;
    let reported = steps(reference, arrivals).take(usize::from(u16::MAX)).count();
    let arrivals = arrivals.get(..reported)?;
    writer.u16(base)?;
    writer.u16(u16::try_from(reported).ok()?)?;
    writer.u24((reference & 0xff_ffff) as u32)?;
    writer.u8(count)?;
    write_chunks(writer, reference, arrivals)?;
    for (symbol, delta) in steps(reference, arrivals) {
        match symbol {
            SMALL => writer.u8(delta as u8)?,
            LARGE => writer.u16(delta as u16)?,
            _ => {}
        }
    }
    Some(reported)
}

fn write_chunks(writer: &mut Writer<'_>, reference: u64, arrivals: &[Option<u64>]) -> Option<()> {
    let mut symbols = steps(reference, arrivals).map(|(symbol, _)| symbol).peekable();
    let mut pending = [LOST; VECTOR];
    let mut held = 0usize;
    while let Some(symbol) = symbols.next() {
        let mut run = 1usize;
        // A run pays from the length of a vector on, and only where no vector has been begun.
        while held == 0 && run < MAX_RUN && symbols.next_if_eq(&symbol).is_some() {
            run = run.saturating_add(1);
        }
        if run >= VECTOR || (held == 0 && symbols.peek().is_none()) {
            writer.u16(u16::from(symbol) << 13 | u16::try_from(run).ok()?)?;
            continue;
        }
        for _ in 0..run {
            *pending.get_mut(held)? = symbol;
            held = held.saturating_add(1);
        }
        if held == VECTOR {
            write_vector(writer, &pending)?;
            held = 0;
        }
    }
    if held > 0 {
        pending.iter_mut().skip(held).for_each(|symbol| *symbol = LOST);
        write_vector(writer, &pending)?;
    }
    Some(())
}

fn write_vector(writer: &mut Writer<'_>, symbols: &[u8; VECTOR]) -> Option<()> {
    let packed = symbols.iter().fold(0u16, |packed, symbol| packed << 2 | u16::from(*symbol));
    writer.u16(0xc000 | packed)
}
