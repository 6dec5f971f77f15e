use super::*;
use proptest::prelude::*;

const IDS: ExtensionIds = ExtensionIds { audio_level: 1, mid: 2, rid: 3, repaired_rid: 4, transport_cc: 5 };

fn packet(csrcs: &[u32], extensions: &[(u8, &[u8])], payload: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 1500];
    let header = NewHeader {
        marker: true,
        payload_type: 96,
        sequence: 65_535,
        timestamp: 0xdead_beef,
        ssrc: 0x0102_0304,
        csrcs,
        extensions,
    };
    let len = write_header(&mut buffer, &header).unwrap();
    [&buffer[..len], payload].concat()
}

#[test]
fn a_written_header_is_read_back() {
    let packet = packet(&[7, 8], &[(1, &[0x85]), (2, b"1"), (5, &[1, 2])], b"media");
    let header = RtpHeader::parse(&packet).unwrap();
    assert!(header.marker && !header.padding);
    assert_eq!((header.payload_type, header.sequence, header.timestamp), (96, 65_535, 0xdead_beef));
    assert_eq!(header.csrcs(&packet).collect::<Vec<_>>(), [7, 8]);
    assert_eq!(header.payload(&packet), Ok(&b"media"[..]));
    let known = header.extensions(&packet).known(&IDS);
    assert_eq!(known.audio_level.map(|level| (level.voice(), level.below_full_scale())), Some((true, 5)));
    assert_eq!((known.mid, known.transport_sequence), (Some(&b"1"[..]), Some(0x0102)));
}

#[test]
fn long_extensions_take_the_two_byte_form() {
    let long = [9; 40];
    let packet = packet(&[], &[(3, &long), (200, &[])], &[]);
    let header = RtpHeader::parse(&packet).unwrap();
    let all: Vec<_> = header.extensions(&packet).collect();
    assert_eq!(all, [(3, &long[..]), (200, &[][..])]);
}

#[test]
fn padding_is_taken_off_and_put_on() {
    let mut buffer = packet(&[], &[], b"abc");
    let len = buffer.len();
    buffer.push(0xff);
    assert_eq!(pad_by_one(&mut buffer, len), Some(len + 1));
    let header = RtpHeader::parse(&buffer).unwrap();
    assert_eq!(header.payload(&buffer), Ok(&b"abc"[..]));
    assert_eq!(pad_by_one(&mut buffer, len), None);
    *buffer.last_mut().unwrap() = 0;
    assert_eq!(header.payload(&buffer), Err(RtpError::Padding));
    *buffer.last_mut().unwrap() = 200;
    assert_eq!(header.payload(&buffer), Err(RtpError::Padding));
}

#[test]
fn cut_headers_and_other_versions_are_refused() {
    let whole = packet(&[1], &[(1, &[0])], &[]);
    for cut in 0..whole.len() {
        assert_eq!(RtpHeader::parse(&whole[..cut]), Err(RtpError::Short), "{cut}");
    }
    let mut other = whole.clone();
    other[0] = 0x40;
    assert_eq!(RtpHeader::parse(&other), Err(RtpError::Version));
}

#[test]
fn reserved_id_fifteen_ends_the_block() {
    let mut packet = packet(&[], &[(1, &[1]), (2, &[2])], &[]);
    packet[18] = 0xf0;
    let header = RtpHeader::parse(&packet).unwrap();
    assert_eq!(header.extensions(&packet).count(), 1);
}

proptest! {
    #[test]
    fn patches_change_only_what_they_name(
        sequence: u16, timestamp: u32, ssrc: u32, payload_type in 0u8..128, marker: bool, counter: u16,
        payload in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let before = packet(&[3], &[(1, &[4]), (5, &[0, 0])], &payload);
        let mut after = before.clone();
        let header = RtpHeader::parse(&before).unwrap();
        set_sequence(&mut after, sequence);
        set_timestamp(&mut after, timestamp);
        set_ssrc(&mut after, ssrc);
        set_payload_type(&mut after, payload_type);
        set_marker(&mut after, marker);
        prop_assert!(set_transport_sequence(&mut after, &header, 5, counter));
        let expected = RtpHeader { sequence, timestamp, ssrc, payload_type, marker, ..header };
        prop_assert_eq!(RtpHeader::parse(&after), Ok(expected));
        let known = expected.extensions(&after).known(&IDS);
        prop_assert_eq!(known.transport_sequence, Some(counter));
        prop_assert_eq!(&after[expected.len..], &payload[..]);
    }

    #[test]
    fn any_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..128), first in 0x80u8..0xc0) {
        if let Some(byte) = bytes.first_mut() {
            *byte = first;
        }
        if let Ok(header) = RtpHeader::parse(&bytes) {
            prop_assert!(header.len <= bytes.len());
            let _ = header.payload(&bytes);
            prop_assert_eq!(header.csrcs(&bytes).count(), usize::from(header.csrc_count));
            let _ = header.extensions(&bytes).known(&IDS);
            let _ = set_transport_sequence(&mut bytes, &header, 5, 1);
        }
    }
}
