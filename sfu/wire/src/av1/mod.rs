//! AV1 payloads (RTP payload format for AV1 §4): the aggregation header and its OBUs. There is nothing to patch, only
//! keyframes to be found.

mod sequence_header;

pub use crate::picture::Keyframe;

/// Types of OBUs (AV1 §6.2.2).
mod kind {
    pub const SEQUENCE_HEADER: u8 = 1;
    pub const TEMPORAL_DELIMITER: u8 = 2;
}

/// Most OBU elements that are looked at in search of the sequence header, which stands in front.
const FRONT: usize = 4;

/// What an AV1 payload says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Av1 {
    /// The first element goes on from the packet before (Z bit).
    pub continues: bool,
    /// The last element goes on in the next packet (Y bit).
    pub continued: bool,
    /// Set on the first packet of a coded video sequence (N bit) that holds its sequence header.
    pub keyframe: Option<Keyframe>,
}

/// The payload ends within an element, or its header contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("AV1 payload is malformed")]
pub struct Av1Error;

impl Av1 {
    /// Reads an RTP payload.
    pub fn parse(payload: &[u8]) -> Result<Av1, Av1Error> {
        Self::read(payload).ok_or(Av1Error)
    }

    fn read(payload: &[u8]) -> Option<Av1> {
        let (&head, rest) = payload.split_first()?;
        let new_sequence = head & 0x08 != 0;
        let mut av1 = Av1 { continues: head & 0x80 != 0, continued: head & 0x40 != 0, keyframe: None };
        // A coded video sequence does not begin within an OBU (§4.4).
        if rest.is_empty() || (new_sequence && av1.continues) {
            return None;
        }
        if new_sequence {
            av1.keyframe = find_sequence_header(rest, (head >> 4) & 3)?;
        }
        Some(av1)
    }
}

/// Looks through the first elements; `count` is the header's W, 0 if each element has its length.
fn find_sequence_header(mut rest: &[u8], count: u8) -> Option<Option<Keyframe>> {
    for n in 1..=FRONT {
        if rest.is_empty() {
            return Some(None);
        }
        let last = n == usize::from(count);
        let length = if last { rest.len() } else { leb128(&mut rest)? };
        let (element, after) = rest.split_at_checked(length)?;
        let (&header, _) = element.split_first()?;
        match (header >> 3) & 0x0f {
            kind::SEQUENCE_HEADER => {
                return Some(Some(body(element).and_then(sequence_header::size).unwrap_or_default()));
            }
            kind::TEMPORAL_DELIMITER if !last => rest = after,
            _ => return Some(None),
        }
    }
    Some(None)
}

/// An OBU without its header (AV1 §5.3).
fn body(element: &[u8]) -> Option<&[u8]> {
    let (&header, mut rest) = element.split_first()?;
    if header & 0x04 != 0 {
        rest = rest.get(1..)?;
    }
    if header & 0x02 != 0 {
        let size = leb128(&mut rest)?;
        rest = rest.get(..size)?;
    }
    Some(rest)
}

/// Takes a length (AV1 §4.10.5) off the front. More than four bytes never fit a packet.
fn leb128(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0usize;
    for shift in [0u32, 7, 14, 21] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Profile 0, one operating point of level 5, 640 × 360 (10 and 9 bits), and the first of the tools' bits.
    const SEQUENCE: [u8; 9] = [0x08, 0x00, 0x00, 0x00, 0x2c, 0xc4, 0xff, 0x67, 0xd0];

    #[test]
    fn a_keyframe_is_a_new_sequence_with_its_header() {
        let size = Some(Keyframe { width: 640, height: 360 });
        // W 2, N: the header with its length, a frame without.
        let counted = [&[0x28, SEQUENCE.len() as u8][..], &SEQUENCE, &[0x30, 0x10]].concat();
        assert_eq!(Av1::parse(&counted).unwrap().keyframe, size);
        // W 0, N, Y: temporal delimiter, then the header, each with its length.
        let listed = [&[0x48, 1, 0x10, SEQUENCE.len() as u8][..], &SEQUENCE].concat();
        assert_eq!(Av1::parse(&listed), Ok(Av1 { continues: false, continued: true, keyframe: size }));
        // W 1, N: the header alone, with a size field of its own.
        let sized = [&[0x18, 0x0a, SEQUENCE.len() as u8 - 1][..], &SEQUENCE[1..]].concat();
        assert_eq!(Av1::parse(&sized).unwrap().keyframe, size);
    }

    #[test]
    fn without_the_mark_or_without_the_header_it_is_none() {
        let unmarked = [&[0x20, SEQUENCE.len() as u8][..], &SEQUENCE, &[0x30]].concat();
        assert_eq!(Av1::parse(&unmarked).unwrap().keyframe, None);
        assert_eq!(Av1::parse(&[0x18, 0x30, 0x10]).unwrap().keyframe, None);
        assert_eq!(Av1::parse(&[0x18, 0x08]).unwrap().keyframe, Some(Keyframe::default()), "cut short");
    }

    #[test]
    fn contradictions_are_refused() {
        for payload in [&[][..], &[0x10], &[0x98, 0x08], &[0x08, 0x05, 0x08], &[0x08, 0xff, 0xff, 0xff, 0xff]]
        {
            assert_eq!(Av1::parse(payload), Err(Av1Error), "{payload:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Av1::parse(&bytes);
            let _ = Av1::parse(&[&[0x08][..], &bytes].concat());
            let _ = Av1::parse(&[&[0x18, 0x08][..], &bytes].concat());
        }
    }
}
