use super::*;
use proptest::prelude::*;

fn all(compound: &[u8]) -> Vec<Rtcp<'_>> {
    packets(compound).collect::<Result<_, _>>().unwrap()
}

fn block(ssrc: u32, lost: i32) -> ReportBlock {
    ReportBlock {
        ssrc,
        fraction_lost: 12,
        lost,
        highest_sequence: 0x0001_fffe,
        jitter: 99,
        last_sender_report: 0x1234_5678,
        delay: 65_536,
    }
}

#[test]
fn a_written_compound_is_read_back() {
    let report = SenderReport { ssrc: 1, ntp: 0x0102_0304_0506_0708, rtp: 9, packets: 10, bytes: 11 };
    let mut buffer = [0; 512];
    let mut writer = RtcpWriter::new(&mut buffer);
    writer.sender_report(&report, &[block(5, -3)]).unwrap();
    writer.receiver_report(1, &[block(6, 0x7f_ffff), block(7, 0)]).unwrap();
    writer.cname(1, b"lectern").unwrap();
    writer.nack(1, 8, &[65_534, 65_535, 0, 14, 15, 100]).unwrap();
    writer.pli(1, 9).unwrap();
    writer.fir(1, 10, 3).unwrap();
    writer.remb(1, 5_000_000_000, &[11, 12]).unwrap();
    writer.goodbye(&[13]).unwrap();
    let len = writer.len();
    let packets = all(&buffer[..len]);
    let [sr, rr, sdes, nack, pli, fir, remb, bye] = packets.as_slice() else { panic!("{packets:?}") };
    assert!(
        matches!(sr, Rtcp::SenderReport(read, blocks) if *read == report && { *blocks }.eq([block(5, -3)]))
    );
    assert!(
        matches!(rr, Rtcp::ReceiverReport { ssrc: 1, blocks } if { *blocks }.eq([block(6, 0x7f_ffff), block(7, 0)]))
    );
    assert!(matches!(sdes, Rtcp::Other { packet_type: 202, format: 1 }));
    let Rtcp::Nack(nack) = nack else { panic!("{nack:?}") };
    assert_eq!(nack.media_ssrc, 8);
    assert_eq!(nack.sequences().collect::<Vec<_>>(), [65_534, 65_535, 0, 14, 15, 100]);
    assert!(matches!(pli, Rtcp::Pli { media_ssrc: 9 }));
    assert!(matches!(fir, Rtcp::Fir(fir) if fir.requests().eq([(10, 3)])));
    let Rtcp::Remb(remb) = remb else { panic!("{remb:?}") };
    assert!(remb.bitrate <= 5_000_000_000 && remb.bitrate > 4_999_900_000);
    assert!(remb.sources.eq([11, 12]));
    assert!(matches!(bye, Rtcp::Goodbye(sources) if { *sources }.eq([13])));
}

#[test]
fn what_does_not_fit_is_left_out_as_a_whole() {
    let mut buffer = [0; 20];
    let mut writer = RtcpWriter::new(&mut buffer);
    writer.pli(1, 2).unwrap();
    assert_eq!(writer.fir(1, 2, 3), Err(Full));
    assert_eq!(writer.goodbye(&[0; 32]), Err(Full));
    assert_eq!(writer.len(), 12);
}

#[test]
fn nothing_follows_a_malformed_packet() {
    let mut buffer = [0; 64];
    let mut writer = RtcpWriter::new(&mut buffer);
    writer.pli(1, 2).unwrap();
    writer.pli(1, 3).unwrap();
    buffer[12] = 0;
    let read: Vec<_> = packets(&buffer[..24]).map(|packet| packet.is_ok()).collect();
    assert_eq!(read, [true, false]);
}

#[test]
fn bitrates_beyond_the_format_are_the_highest() {
    let mut buffer = [0; 64];
    let mut writer = RtcpWriter::new(&mut buffer);
    writer.remb(1, u64::MAX, &[]).unwrap();
    let len = writer.len();
    let Rtcp::Remb(remb) = all(&buffer[..len])[0] else { panic!() };
    assert!(remb.bitrate > u64::MAX - (1 << 47));
    buffer[17] = 0xff;
    let Rtcp::Remb(remb) = all(&buffer[..len])[0] else { panic!() };
    assert_eq!(remb.bitrate, u64::MAX);
}

/// Arrival times as a publisher's packets have them: mostly close, some lost, some late.
fn arrivals() -> impl Strategy<Value = Vec<Option<u64>>> {
    let step = prop_oneof![8 => Just(Some(0u64)), 4 => (0u64..70_000).prop_map(Some), 3 => Just(None)];
    (prop::collection::vec(step, 0..200), 1_000_000u64..1 << 40).prop_map(|(steps, start)| {
        let mut now = start;
        let later = steps.into_iter().map(|step| {
            step.map(|us| {
                now += us;
                // Every now and then one comes before its predecessor.
                if us > 65_000 { now - 90_000 } else { now }
            })
        });
        std::iter::once(Some(start)).chain(later.collect::<Vec<_>>()).collect()
    })
}

proptest! {
    #[test]
    fn transport_feedback_is_read_back_to_the_tick(arrivals in arrivals(), base: u16, count: u8) {
        let mut buffer = [0; 1500];
        let mut writer = RtcpWriter::new(&mut buffer);
        let reported = writer.transport_feedback(1, 2, base, count, &arrivals).unwrap();
        let len = writer.len();
        prop_assert_eq!(reported, arrivals.len());
        let Rtcp::Transport(feedback) = all(&buffer[..len])[0] else { panic!() };
        prop_assert_eq!((feedback.base, usize::from(feedback.statuses), feedback.count), (base, reported, count));
        let wrap = (1u64 << 24) * 64_000;
        for (n, ((sequence, read), sent)) in feedback.arrivals().zip(&arrivals).enumerate() {
            prop_assert_eq!(sequence, base.wrapping_add(n as u16));
            prop_assert_eq!(read.map(|us| us % wrap), sent.map(|us| us / TICK_US * TICK_US % wrap));
        }
        prop_assert_eq!(feedback.arrivals().count(), reported);
    }

    #[test]
    fn nacks_are_read_back(mut missing in prop::collection::btree_set(any::<u16>(), 0..60)) {
        let mut buffer = [0; 1500];
        let mut writer = RtcpWriter::new(&mut buffer);
        let sorted: Vec<u16> = missing.iter().copied().collect();
        writer.nack(1, 2, &sorted).unwrap();
        let len = writer.len();
        let Rtcp::Nack(nack) = all(&buffer[..len])[0] else { panic!() };
        for sequence in nack.sequences() {
            prop_assert!(missing.remove(&sequence));
        }
        prop_assert!(missing.is_empty());
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..96), format in 0u8..32, kind in 200u8..208) {
        let words = (bytes.len() / 4) as u16;
        let framed = [&[0x80 | format, kind], &words.to_be_bytes()[..], &bytes].concat();
        for compound in [&bytes, &framed] {
            for packet in packets(compound).flatten() {
                prop_assert!(packet.walk() <= 65_535);
            }
        }
    }
}
