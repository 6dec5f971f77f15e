//! What is written here is read by rtc-rtcp, and the other way round.

use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::packet::{Packet, unmarshal};
use rtc_rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport as TheirSenderReport;
use rtc_rtcp::source_description::SourceDescription;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::{PacketStatusChunk, SymbolTypeTcc, TransportLayerCc};
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};

use super::*;

fn written(write: impl FnOnce(&mut RtcpWriter<'_>)) -> Vec<u8> {
    let mut buffer = [0; 1500];
    let mut writer = RtcpWriter::new(&mut buffer);
    write(&mut writer);
    let len = writer.len();
    buffer[..len].to_vec()
}

/// The one packet of a compound, as they read it.
fn theirs<T: Packet + Clone + 'static>(compound: &[u8]) -> T {
    let packets = unmarshal(&mut &compound[..]).unwrap();
    packets[0].as_any().downcast_ref::<T>().cloned().unwrap()
}

fn block() -> ReportBlock {
    ReportBlock {
        ssrc: 5,
        fraction_lost: 30,
        lost: 4_711,
        highest_sequence: 0x0003_0001,
        jitter: 17,
        last_sender_report: 0x1111_2222,
        delay: 9_999,
    }
}

fn their_block() -> ReceptionReport {
    ReceptionReport {
        ssrc: 5,
        fraction_lost: 30,
        total_lost: 4_711,
        last_sequence_number: 0x0003_0001,
        jitter: 17,
        last_sender_report: 0x1111_2222,
        delay: 9_999,
    }
}

#[test]
fn they_read_our_reports() {
    let report = SenderReport { ssrc: 1, ntp: 0x0102_0304_0506_0708, rtp: 2, packets: 3, bytes: 4 };
    let read: TheirSenderReport =
        theirs(&written(|writer| writer.sender_report(&report, &[block()]).unwrap()));
    assert_eq!((read.ssrc, read.ntp_time, read.rtp_time), (1, report.ntp, 2));
    assert_eq!((read.packet_count, read.octet_count), (3, 4));
    assert_eq!(read.reports, [their_block()]);
    let read: ReceiverReport =
        theirs(&written(|writer| writer.receiver_report(1, &[block(), block()]).unwrap()));
    assert_eq!(read.reports, [their_block(), their_block()]);
    let read: SourceDescription = theirs(&written(|writer| writer.cname(1, b"lectern").unwrap()));
    assert_eq!(read.chunks[0].items[0].text, "lectern");
    let read: Goodbye = theirs(&written(|writer| writer.goodbye(&[1, 2]).unwrap()));
    assert_eq!(read.sources, [1, 2]);
}

#[test]
fn they_read_our_feedback() {
    let read: PictureLossIndication = theirs(&written(|writer| writer.pli(1, 2).unwrap()));
    assert_eq!((read.sender_ssrc, read.media_ssrc), (1, 2));
    let read: FullIntraRequest = theirs(&written(|writer| writer.fir(1, 2, 3).unwrap()));
    assert_eq!(read.fir, [FirEntry { ssrc: 2, sequence_number: 3 }]);
    let read: TransportLayerNack =
        theirs(&written(|writer| writer.nack(1, 2, &[7, 8, 23, 24, 500]).unwrap()));
    let missing: Vec<u16> = read.nacks.iter().flat_map(|pair| pair.packet_list()).collect();
    assert_eq!(missing, [7, 8, 23, 24, 500]);
    let read: ReceiverEstimatedMaximumBitrate =
        theirs(&written(|writer| writer.remb(1, 1_048_576, &[9]).unwrap()));
    assert_eq!((read.bitrate, read.ssrcs), (1_048_576.0, vec![9]));
}

/// The arrivals as they read them, in µs after the reference time.
fn their_arrivals(feedback: &TransportLayerCc) -> Vec<Option<i64>> {
    let mut symbols = Vec::new();
    for chunk in &feedback.packet_chunks {
        match chunk {
            PacketStatusChunk::RunLengthChunk(run) => {
                symbols.extend((0..run.run_length).map(|_| run.packet_status_symbol));
            }
            PacketStatusChunk::StatusVectorChunk(vector) => {
                symbols.extend(vector.symbol_list.iter().copied())
            }
        }
    }
    symbols.truncate(usize::from(feedback.packet_status_count));
    let (mut at, mut deltas) = (0, feedback.recv_deltas.iter());
    let arrived = |symbol| {
        (symbol != SymbolTypeTcc::PacketNotReceived).then(|| {
            at += deltas.next().unwrap().delta;
            at
        })
    };
    symbols.into_iter().map(arrived).collect()
}

#[test]
fn they_read_our_transport_feedback() {
    let start = 64_000u64 * 1_000 + 750;
    let steps = [Some(0), Some(250), None, Some(70_000), Some(-2_000), Some(500), None, None, Some(63_750)];
    let mut at = start;
    let mut arrivals: Vec<Option<u64>> = Vec::new();
    for _ in 0..13 {
        arrivals.extend(steps.iter().map(|step: &Option<i64>| {
            step.map(|step| {
                at = at.checked_add_signed(step).unwrap();
                at
            })
        }));
    }
    arrivals.extend((0..100).map(|n| Some(at + n * 250)));
    arrivals.extend([None; 40]);
    let compound = written(|writer| {
        assert_eq!(writer.transport_feedback(1, 2, 65_500, 9, &arrivals), Ok(arrivals.len()));
    });
    let read: TransportLayerCc = theirs(&compound);
    assert_eq!((read.base_sequence_number, read.reference_time, read.fb_pkt_count), (65_500, 1_000, 9));
    let expected: Vec<Option<i64>> =
        arrivals.iter().map(|at| at.map(|at| (at - 64_000 * 1_000) as i64)).collect();
    assert_eq!(their_arrivals(&read), expected);
}

#[test]
fn we_read_what_they_write() {
    let nacks = nack_pairs_from_sequence_numbers(&[1, 2, 18, 400]);
    let compound = rtc_rtcp::packet::marshal(&[
        Box::new(ReceiverReport { ssrc: 1, reports: vec![their_block()], ..ReceiverReport::default() }),
        Box::new(TransportLayerNack { sender_ssrc: 1, media_ssrc: 2, nacks }),
        Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: 3 }),
    ])
    .unwrap();
    let read: Vec<Rtcp<'_>> = packets(&compound).collect::<Result<_, _>>().unwrap();
    assert!(matches!(read[0], Rtcp::ReceiverReport { ssrc: 1, blocks } if { blocks }.eq([block()])));
    assert!(
        matches!(read[1], Rtcp::Nack(nack) if nack.sequences().eq([1, 2, 18, 400]) && nack.media_ssrc == 2)
    );
    assert!(matches!(read[2], Rtcp::Pli { media_ssrc: 3 }));
}
