//! The recorder's tap, with a recorder of `quinn` and publishers of `webrtc`.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::Node;
use common::peer::Peer;
use common::recorder::{Frame, Recorder, client};
use protocol::ids::{MeetingId, PersonId, TenantId};
use protocol::media::Source;
use protocol::tap::{Order, Report};
use sfu_node::{SfuEvent, TapError};

fn begin(segment: u32) -> Order {
    Order::Begin {
        tenant: TenantId::from("default"),
        meeting: MeetingId::from("meeting"),
        segment,
        data_key: "00".repeat(32),
        started_unix_ms: 1_700_000_000_000,
    }
}

async fn attached(node: &mut Node) -> Recorder {
    let recorder = Recorder::attach(&node.sfu.recorder_access().unwrap()).await;
    node.event(|event| (*event == SfuEvent::RecorderAttached).then_some(())).await;
    recorder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_segment_needs_a_recorder_and_begins_only_once() {
    let mut node = Node::start(1);
    let room = node.sfu.open_room().await;
    assert_eq!(node.sfu.begin_segment(room, begin(1), vec![]), Err(TapError::NoRecorder));
    let mut recorder = attached(&mut node).await;
    assert!(node.sfu.recorder_attached());
    node.event(|event| matches!(event, SfuEvent::Tap(Report::Ready { .. })).then_some(())).await;
    node.sfu.begin_segment(room, begin(1), vec![]).unwrap();
    assert_eq!(node.sfu.begin_segment(room, begin(2), vec![]), Err(TapError::AlreadyOpen));
    assert!(matches!(recorder.order().await, Order::Begin { segment: 1, .. }));
    node.sfu.finish_segment(room);
    assert!(matches!(recorder.order().await, Order::Finish { segment: 1, .. }));
    let finished = Report::Finished {
        meeting: MeetingId::from("meeting"),
        segment: 1,
        duration_ms: 0,
        bytes: 0,
        tracks: 0,
        people: 0,
    };
    recorder.report(&finished).await;
    node.event(|event| (*event == SfuEvent::Tap(finished.clone())).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_recorder_is_told_and_another_can_attach() {
    let mut node = Node::start(1);
    let room = node.sfu.open_room().await;
    let recorder = attached(&mut node).await;
    node.sfu.begin_segment(room, begin(1), vec![]).unwrap();
    recorder.connection.close(0u32.into(), b"crash");
    node.event(|event| (*event == SfuEvent::RecorderLost).then_some(())).await;
    assert_eq!(node.sfu.begin_segment(room, begin(2), vec![]), Err(TapError::NoRecorder));
    let _second = attached(&mut node).await;
    node.sfu.begin_segment(room, begin(2), vec![]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_attaches_without_the_recorders_certificate() {
    let node = Node::start(1);
    let access = node.sfu.recorder_access().unwrap();
    let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let connecting =
        endpoint.connect_with(client(&access, false), access.address, &access.server_name).unwrap();
    // In TLS 1.3 the client learns of its refusal only after its own handshake is done.
    let refused = match tokio::time::timeout(common::LIMIT, connecting).await.unwrap() {
        Ok(connection) => tokio::time::timeout(common::LIMIT, connection.closed()).await.is_ok(),
        Err(_) => true,
    };
    assert!(refused);
    assert!(!node.sfu.recorder_attached());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r30_only_media_between_the_marks_reaches_the_recorder() {
    let mut node = Node::start(1);
    let room = node.sfu.open_room().await;
    let mut recorder = attached(&mut node).await;
    let publisher = Peer::join(&node.sfu, room, 1000).await;
    node.connected(publisher.id()).await;
    let publishing = publisher.publish(&node.sfu, 1);
    node.event(|event| matches!(event, SfuEvent::Live { live: true, .. }).then_some(())).await;

    node.sfu.begin_segment(room, begin(1), vec![]).unwrap();
    assert!(matches!(recorder.order().await, Order::Begin { .. }));
    let person = PersonId::from("w_0123456789ab");
    node.sfu.segment_person(room, publisher.id(), person.clone(), "Ada".to_owned());
    assert!(matches!(recorder.order().await, Order::Name { name, .. } if name == "Ada"));

    let mut sources = Vec::new();
    let mut tracks = Vec::new();
    for _ in 0..2 {
        let (header, mut track) = recorder.track().await;
        assert_eq!((&header.person, header.segment), (&person, 1));
        let mut last = None;
        for _ in 0..20 {
            let Some(Frame::Rtp { at_us, packet }) = track.frame().await else { continue };
            assert!(at_us < 20_000_000 && last.is_none_or(|last| last <= at_us));
            assert_eq!((packet[0] & 0x10, packet.last()), (0, Some(&1)), "no extension, and the payload");
            last = Some(at_us);
        }
        assert!(last.is_some());
        if header.source == Source::Camera {
            recorder.report(&Report::WantKeyframe { track: header.track }).await;
        }
        sources.push((header.source, header.codec, header.clock_rate));
        tracks.push(track);
    }
    sources.sort();
    let expected =
        [(Source::Microphone, "opus".to_owned(), 48_000), (Source::Camera, "vp8".to_owned(), 90_000)];
    assert_eq!(sources, expected);

    node.sfu.finish_segment(room);
    let ends = tracks.into_iter().map(|mut track| async move { while track.frame().await.is_some() {} });
    for end in ends {
        tokio::time::timeout(common::LIMIT, end).await.expect("the stream ends");
    }
    assert!(matches!(recorder.order().await, Order::Finish { .. }));
    let more = tokio::time::timeout(std::time::Duration::from_millis(300), recorder.connection.accept_uni());
    assert!(more.await.is_err(), "nothing follows the mark's end");
    publishing.abort();
    publisher.close().await;
}
