use super::*;

/// A VP8 packet; `start` is the first of its frame.
fn vp8(sequence: u16, timestamp: u32, start: bool, key: bool, marker: bool) -> Vec<u8> {
    let mut payload = vec![if start { 0x10 } else { 0 }];
    payload.extend(if key { [0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0] } else { [1; 10] });
    rtp(sequence, timestamp, 77, marker, &payload)
}

fn rtp(sequence: u16, timestamp: u32, ssrc: u32, marker: bool, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, if marker { 0x80 | 96 } else { 96 }];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

/// One-packet frames.
fn push(frames: &mut Frames, sequence: u16, key: bool) -> Option<Frame> {
    frames.packet(u64::from(sequence) * 33_000, &vp8(sequence, u32::from(sequence) * 3000, true, key, true))
}

#[test]
fn pictures_start_at_a_keyframe_and_sound_at_once() {
    let mut frames = Frames::new(Codec::Vp8, 96);
    assert_eq!(push(&mut frames, 1, false), None);
    assert!(frames.wants_keyframe(33_000));
    assert!(!frames.wants_keyframe(900_000), "asked too often");
    let frame = push(&mut frames, 2, true).unwrap();
    assert_eq!((frame.keyframe, frame.packets.len()), (Some((320, 240)), 1));
    assert!(push(&mut frames, 3, false).is_some());
    assert!(!frames.wants_keyframe(5_000_000));
    assert!(frames.wants_keyframe(11_000_000), "an old keyframe is renewed");

    let mut frames = Frames::new(Codec::Opus, 111);
    assert!(frames.packet(0, &rtp(5, 960, 1, true, &[1, 2, 3])).is_some());
    assert!(!frames.wants_keyframe(60_000_000));
}

#[test]
fn after_a_loss_nothing_passes_before_the_next_keyframe() {
    let mut frames = Frames::new(Codec::Vp8, 96);
    assert!(push(&mut frames, 1, true).is_some());
    assert!(push(&mut frames, 3, false).is_none());
    assert!(frames.wants_keyframe(1));
    assert!(push(&mut frames, 4, false).is_none());
    assert!(push(&mut frames, 5, true).is_some());
    frames.lost();
    assert!(push(&mut frames, 6, false).is_none());
    assert!(push(&mut frames, 7, true).is_some());
}

#[test]
fn frames_are_whole_and_renumbered_without_gaps() {
    let mut frames = Frames::new(Codec::Vp8, 96);
    assert_eq!(frames.packet(10, &vp8(65535, 9, true, true, false)), None);
    assert_eq!(frames.packet(20, &vp8(65535, 9, true, true, false)), None, "repeated");
    assert_eq!(frames.packet(30, &vp8(0, 9, false, false, false)), None);
    let frame = frames.packet(40, &vp8(1, 9, false, false, true)).unwrap();
    assert_eq!((frame.at_us, frame.timestamp, frame.packets.len()), (10, 9, 3));
    // The first packet of the next frame is lost: the frame is left out.
    assert_eq!(frames.packet(50, &vp8(3, 18, false, false, true)), None);
    let next = frames.packet(60, &vp8(4, 27, true, true, true)).unwrap();
    let sequences: Vec<u16> = frame
        .packets
        .iter()
        .chain(&next.packets)
        .map(|packet| {
            let header = RtpHeader::parse(packet).unwrap();
            assert_eq!(header.marker, [3, 4].contains(&header.sequence));
            header.sequence
        })
        .collect();
    assert_eq!(sequences, [1, 2, 3, 4]);
}

#[test]
fn padding_and_empty_packets_count_but_carry_nothing() {
    let mut frames = Frames::new(Codec::Vp8, 96);
    assert!(push(&mut frames, 1, true).is_some());
    assert_eq!(frames.packet(1, &rtp(2, 3000, 77, false, &[])), None);
    assert!(push(&mut frames, 3, false).is_some(), "padding is no loss");
}

#[test]
fn another_stream_restarts_the_clock_and_the_pictures() {
    let mut frames = Frames::new(Codec::Vp8, 96);
    assert!(!push(&mut frames, 1, true).unwrap().restart);
    assert_eq!(frames.packet(1, &rtp(500, 0, 78, true, &[0x10, 1, 1])), None);
    let key = [0x10, 0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1];
    let frame = frames.packet(2, &rtp(501, 3000, 78, true, &key)).unwrap();
    assert!(frame.restart && frame.keyframe == Some((640, 360)));
}

proptest::proptest! {
    #[test]
    fn any_packets_never_panic(packets in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..64), 0..64)) {
        let mut frames = Frames::new(Codec::Vp8, 96);
        for (n, packet) in packets.iter().enumerate() {
            let _ = frames.packet(n as u64, packet);
            let _ = frames.wants_keyframe(n as u64);
        }
    }
}
