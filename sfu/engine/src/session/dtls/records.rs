//! DTLS records (RFC 6347 §4.1) as they lie in a datagram: judged before `rtc-dtls` sees them, renumbered before they
//! leave.

/// Bytes of a record header.
const HEADER: usize = 13;
/// Bytes of a handshake message header (RFC 6347 §4.2.2).
const HANDSHAKE_HEADER: usize = 12;
/// Longest handshake message; a client's certificate and a post-quantum hello are below 4 KB.
const MAX_MESSAGE: usize = 16 * 1024;
/// Messages of one handshake are numbered below this.
const MAX_SEQUENCE: u16 = 32;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const HELLO_VERIFY_REQUEST: u8 = 3;

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    kind: u8,
    epoch: u16,
    body: &'a [u8],
}

/// A fragment of a handshake message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment<'a> {
    pub(super) kind: u8,
    pub(super) length: usize,
    pub(super) sequence: u16,
    pub(super) offset: usize,
    pub(super) data: &'a [u8],
}

/// What a well-formed datagram holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Plaintext fragments of handshake messages.
    pub(super) fragments: usize,
    /// One of them belongs to a ClientHello.
    pub(super) client_hello: bool,
    /// A plaintext alert: anybody can write one.
    pub(super) plain_alert: bool,
}

/// Judges a datagram: every record and every fragment must be whole and within the limits of a handshake.
pub(super) fn inspect(datagram: &[u8]) -> Option<Contents> {
    let mut contents = Contents::default();
    for record in records(datagram) {
        let record = record?;
        contents.plain_alert |= record.epoch == 0 && record.kind == ALERT;
        for fragment in fragments(record) {
            contents.client_hello |= fragment?.kind == CLIENT_HELLO;
            contents.fragments = contents.fragments.saturating_add(1);
        }
    }
    Some(contents)
}

/// The plaintext handshake fragments of a datagram.
pub(super) fn plain_fragments(datagram: &[u8]) -> impl Iterator<Item = Fragment<'_>> {
    records(datagram).flatten().flat_map(fragments).flatten()
}

/// The records of a datagram; `None` is the first that is malformed, and nothing follows it.
fn records(datagram: &[u8]) -> impl Iterator<Item = Option<Record<'_>>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let record = split_record(rest);
        rest = record.map_or(&[], |(_, rest)| rest);
        Some(record.map(|(record, _)| record))
    })
}

fn split_record(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let &[kind, major, _, epoch_high, epoch_low, _, _, _, _, _, _, high, low] =
        bytes.first_chunk::<HEADER>()?;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (body, rest) = bytes.get(HEADER..)?.split_at_checked(length)?;
    let known = matches!(kind, 20..=23) && major == 0xfe && !body.is_empty();
    let record = Record { kind, epoch: u16::from_be_bytes([epoch_high, epoch_low]), body };
    known.then_some((record, rest))
}

fn fragments(record: Record<'_>) -> impl Iterator<Item = Option<Fragment<'_>>> {
    let mut rest = if record.epoch == 0 && record.kind == HANDSHAKE { record.body } else { &[] };
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let fragment = split_fragment(rest);
        rest = fragment.map_or(&[], |(_, rest)| rest);
        Some(fragment.map(|(fragment, _)| fragment))
    })
}

fn split_fragment(bytes: &[u8]) -> Option<(Fragment<'_>, &[u8])> {
    let header = bytes.first_chunk::<HANDSHAKE_HEADER>()?;
    let &[kind, l0, l1, l2, s0, s1, o0, o1, o2, f0, f1, f2] = header;
    let number = |a, b, c| u32::from_be_bytes([0, a, b, c]) as usize;
    let (length, offset, here) = (number(l0, l1, l2), number(o0, o1, o2), number(f0, f1, f2));
    let sequence = u16::from_be_bytes([s0, s1]);
    let (data, rest) = bytes.get(HANDSHAKE_HEADER..)?.split_at_checked(here)?;
    // A fragment of nothing is only whole if its message is empty.
    let whole = length <= MAX_MESSAGE && offset.saturating_add(here) <= length && (here > 0 || length == 0);
    // Several messages in one record must each be whole: `rtc-dtls` steps by the length of the message.
    let stepped = rest.is_empty() || here == length;
    (whole && stepped && sequence < MAX_SEQUENCE)
        .then_some((Fragment { kind, length, sequence, offset, data }, rest))
}

/// Gives the plaintext records of an outgoing datagram new numbers, so that a flight that is sent again is not taken for a
/// replay (RFC 6347 §4.1.2.6). Nothing authenticates the numbers of epoch 0.
pub(super) fn renumber(datagram: &mut [u8], next: &mut u64) {
    let mut rest = datagram;
    while let Some(header) = rest.first_chunk_mut::<HEADER>() {
        if header[3..5] == [0, 0] {
            let [_, _, number @ ..] = next.to_be_bytes();
            header[5..11].copy_from_slice(&number);
            *next = next.wrapping_add(1);
        }
        let end = HEADER + usize::from(u16::from_be_bytes([header[11], header[12]]));
        rest = match rest.split_at_mut_checked(end) {
            Some((_, rest)) => rest,
            None => return,
        };
    }
}
