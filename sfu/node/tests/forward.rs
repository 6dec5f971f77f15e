//! Independent peers (`webrtc`) hear and see each other through the node.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::Node;
use common::media::{OPUS, VP8};
use common::peer::Peer;
use sfu_node::{EngineView, ParticipantId, SfuEvent, Source};

/// The CSRC under which a subscriber gets a source.
async fn csrc(node: &mut Node, subscriber: ParticipantId, source: Source) -> u32 {
    let find = |event: &SfuEvent| match event {
        SfuEvent::Slots { participant, slots } if *participant == subscriber => slots
            .iter()
            .filter_map(|change| change.from)
            .find(|(_, from, _)| *from == source)
            .map(|(_, _, csrc)| csrc),
        _ => None,
    };
    match node.seen.iter().rev().find_map(find) {
        Some(csrc) => csrc,
        None => node.event(find).await,
    }
}

fn view(publisher: ParticipantId) -> EngineView {
    EngineView { publisher, source: Source::Camera, width: 320, height: 180, priority: 0 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_gets_voice_and_camera_with_the_sources_csrc() {
    for shards in [1, 2] {
        let mut node = Node::start(shards);
        let room = node.sfu.open_room().await;
        let publisher = Peer::join(&node.sfu, room, 1000).await;
        let mut subscriber = Peer::join(&node.sfu, room, 2000).await;
        node.connected(publisher.id()).await;
        node.connected(subscriber.id()).await;
        node.sfu.viewport(subscriber.id(), vec![view(publisher.id())]);
        let publishing = publisher.publish(&node.sfu, 7);
        for (source, payload_type) in [(Source::Microphone, OPUS), (Source::Camera, VP8)] {
            let csrc = csrc(&mut node, subscriber.id(), source).await;
            let mut expected = None;
            for _ in 0..25 {
                let packet = subscriber.packet(|packet| packet.header.payload_type == payload_type).await;
                assert_eq!(packet.header.csrc, [csrc]);
                assert_eq!(packet.payload.last(), Some(&7));
                let sequence = packet.header.sequence_number;
                assert!(expected.is_none_or(|expected| expected == sequence), "no gap and no repetition");
                expected = Some(sequence.wrapping_add(1));
            }
        }
        assert!(node.sfu.counters().packets_forwarded > 0);
        publishing.abort();
        publisher.close().await;
        subscriber.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rooms_do_not_mix() {
    let node = Node::start(2);
    let mut peers = Vec::new();
    for tag in [1u8, 2] {
        let room = node.sfu.open_room().await;
        let publisher = Peer::join(&node.sfu, room, u32::from(tag) * 1000).await;
        let subscriber = Peer::join(&node.sfu, room, u32::from(tag) * 1000 + 500).await;
        peers.push((tag, publisher, subscriber));
    }
    let publishers: Vec<_> = peers.iter().map(|(_, publisher, _)| publisher.id()).collect();
    let mut publishing = Vec::new();
    for (tag, publisher, subscriber) in &peers {
        // Even a client that asks for the other room's camera does not get it.
        node.sfu.viewport(subscriber.id(), publishers.iter().copied().map(view).collect());
        publishing.push(publisher.publish(&node.sfu, *tag));
    }
    for (tag, _, subscriber) in &mut peers {
        for _ in 0..60 {
            let packet = subscriber.packet(|_| true).await;
            assert_eq!(packet.payload.last(), Some(&*tag));
        }
    }
    let ids = peers.iter().map(|(tag, publisher, subscriber)| (*tag, publisher.id(), subscriber.id()));
    for (tag, _, subscriber) in ids {
        node.seen.iter().for_each(|event| match event {
            SfuEvent::Slots { participant, slots } if *participant == subscriber => {
                let own = publishers[usize::from(tag) - 1];
                assert!(slots.iter().filter_map(|change| change.from).all(|(from, ..)| from == own));
            }
            _ => {}
        });
    }
    publishing.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r11_a_muted_source_is_dropped_by_the_server() {
    let mut node = Node::start(1);
    let room = node.sfu.open_room().await;
    let publisher = Peer::join(&node.sfu, room, 1000).await;
    let mut subscriber = Peer::join(&node.sfu, room, 2000).await;
    node.connected(publisher.id()).await;
    node.connected(subscriber.id()).await;
    node.sfu.viewport(subscriber.id(), vec![view(publisher.id())]);
    let publishing = publisher.publish(&node.sfu, 3);
    subscriber.packet(|packet| packet.header.payload_type == OPUS).await;
    node.sfu.publish(publisher.id(), Source::Microphone, false);
    // Two seconds of camera frames pass; voice that was on its way before the mute comes first.
    let mut voices_after = 0;
    for number in 0..100 {
        let mut voices = 0;
        subscriber
            .packet(|packet| {
                voices += usize::from(packet.header.payload_type == OPUS);
                packet.header.payload_type == VP8
            })
            .await;
        voices_after += if number >= 20 { voices } else { 0 };
    }
    assert_eq!(voices_after, 0);
    publishing.abort();
}
