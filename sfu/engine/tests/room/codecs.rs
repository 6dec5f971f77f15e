//! VP9, H.264 and AV1 are forwarded as VP8 is: layers change on keyframes, counters go on, and nobody gets what he cannot
//! decode.

use std::net::SocketAddr;

use crate::common::{Fate, ROOM, World, payload_type};
use sfu_engine::client::{AnswerOptions, Client, Received};
use sfu_engine::{Codec, DropReason, Micros, ParticipantId, Source, View};
use sfu_wire::rtp::RtpHeader;

const ALL: [Codec; 4] = [Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::H264];

#[test]
fn every_codec_changes_layers_without_a_seam() {
    for codec in ALL {
        let mut world = World::new(400);
        world.join_many(2);
        world.start_camera_in(0, codec);
        world.run(300);
        for height in [180, 720, 360, 180, 1080, 90] {
            world.view(1, &[0], height);
            world.run(1_500);
        }
        let received = world.received(1, 0, Source::Camera);
        assert!(received.holes().is_empty(), "{codec:?}");
        assert!(received.packets.values().all(|heard| heard.payload_type == payload_type(codec)));
        let frames = received.frames();
        let numbered = matches!(codec, Codec::Vp8 | Codec::Vp9);
        for pair in frames.windows(2) {
            let [before, after] = pair else { continue };
            assert!((after.timestamp.wrapping_sub(before.timestamp) as i32) > 0, "{codec:?} {pair:?}");
            if numbered {
                assert_eq!(after.picture, before.picture.wrapping_add(1) & 0x7fff, "{codec:?} {pair:?}");
                assert_eq!(after.tl0, before.tl0.wrapping_add(1), "{codec:?} {pair:?}");
            }
            if after.stamp.layer != before.stamp.layer {
                assert!(after.keyframe, "{codec:?} {pair:?}");
            }
        }
        let mut layers: Vec<u8> = frames.iter().map(|frame| frame.stamp.layer).collect();
        layers.dedup();
        assert_eq!(layers, [0, 2, 1, 0, 2, 0], "{codec:?}");
        assert!(frames.len() > 200, "{codec:?}: {}", frames.len());
    }
}

#[test]
fn heights_are_read_from_the_keyframes_of_every_codec() {
    for codec in ALL {
        let mut world = World::new(401);
        world.join_many(1);
        world.start_camera_in(0, codec);
        world.run(1_000);
        let layers = world.engine.layers(world.now, world.id(0), Source::Camera);
        assert_eq!(layers.iter().map(|layer| layer.height).collect::<Vec<_>>(), [180, 360, 720], "{codec:?}");
    }
}

#[test]
fn losses_are_repaired_in_every_codec() {
    for codec in ALL {
        let mut world = World::new(402);
        world.join_many(2);
        world.up.fate = Fate { lost: 50, ..Fate::default() };
        world.down.fate = world.up.fate;
        (world.up.delay, world.down.delay) = (20, 20);
        world.start_camera_in(0, codec);
        world.view(1, &[0], 360);
        world.run(5_000);
        let received = world.received(1, 0, Source::Camera);
        let repaired = received.packets.values().filter(|heard| heard.repaired).count();
        assert!(repaired > 5, "{codec:?}: {repaired}");
        assert!(received.packets.values().all(|heard| heard.payload_type == payload_type(codec)));
        let newest = *received.packets.keys().last().unwrap();
        let old = received.holes().into_iter().filter(|hole| newest - hole > 50).count();
        assert_eq!(old, 0, "{codec:?}");
    }
}

#[test]
fn a_publisher_may_change_the_codec_on_the_way() {
    let mut world = World::new(403);
    world.join_many(2);
    world.start_camera(0);
    world.view(1, &[0], 360);
    world.run(2_000);
    for codec in [Codec::Vp9, Codec::H264, Codec::Av1, Codec::Vp8] {
        for encoding in &mut world.browsers[0].encodings {
            (encoding.codec, encoding.wants_keyframe) = (codec, true);
        }
        world.run(2_000);
    }
    let received = world.received(1, 0, Source::Camera);
    assert!(received.holes().is_empty());
    let mut types: Vec<u8> = received.packets.values().map(|heard| heard.payload_type).collect();
    let first_of_each = received.packets.values().zip(received.packets.values().skip(1));
    for (before, after) in first_of_each {
        assert!(
            before.payload_type == after.payload_type || after.keyframe,
            "a codec begins with a keyframe"
        );
    }
    types.dedup();
    assert_eq!(types, [96, 98, 102, 100, 96]);
}

#[test]
fn the_tap_takes_what_can_be_recorded_and_counts_the_rest() {
    let mut world = World::new(404);
    world.join_many(2);
    world.start_camera_in(0, Codec::Vp9);
    world.start_camera(1);
    world.run(1_000);
    world.engine.open_tap(world.now, ROOM);
    world.run(2_000);
    let of = |world: &World, index: usize| {
        let id = world.id(index);
        world.tapped.iter().filter(|piece| piece.participant == id && piece.packet.is_some()).count()
    };
    assert_eq!(of(&world, 0), 0);
    assert!(of(&world, 1) > 50);
    assert!(world.engine.counters().drops(DropReason::Unrecorded) > 0);
    // Back in the codec that is recorded, it is recorded from the keyframe on; and not after another change.
    world.browsers[0]
        .encodings
        .iter_mut()
        .for_each(|one| (one.codec, one.wants_keyframe) = (Codec::Vp8, true));
    world.run(2_000);
    let recorded = of(&world, 0);
    assert!(recorded > 50);
    world.browsers[0]
        .encodings
        .iter_mut()
        .for_each(|one| (one.codec, one.wants_keyframe) = (Codec::Av1, true));
    world.run(2_000);
    assert!(of(&world, 0) < recorded + 20);
    let types = world.tapped.iter().filter_map(|piece| RtpHeader::parse(piece.packet.as_ref()?).ok());
    assert!(types.map(|header| header.payload_type).all(|kind| kind == 96));
}

#[test]
fn nobody_gets_a_codec_that_his_answer_left_out() {
    let mut world = World::new(405);
    world.join();
    world.start_camera_in(0, Codec::H264);
    let id = ParticipantId(100);
    let offer = world.engine.join(world.now, ROOM, id, 1).unwrap().offer;
    let mut client = Client::new(&offer, world.now);
    let options =
        AnswerOptions { payload_types_left_out: vec![102, 103, 104, 105], ..AnswerOptions::default() };
    world.engine.answer(world.now, id, &client.answer_with(&options)).unwrap();
    let view = View { publisher: world.id(0), source: Source::Camera, width: 640, height: 360, priority: 0 };
    world.engine.viewport(world.now, id, &[view]);
    let address = SocketAddr::from(([10, 1, 0, 1], 4_000));
    let mut media = Vec::new();
    for step in 0..6_000 {
        world.now = world.now + Micros::from_millis(1);
        let now = world.now;
        if client.poll_timeout() <= now {
            client.handle_timeout(now);
        }
        while let Some(mut datagram) = client.poll_transmit() {
            world.engine.handle_datagram(now, address, &mut datagram);
        }
        if step == 3_000 {
            assert!(media.is_empty() && world.engine.counters().drops(DropReason::Undecodable) > 0);
            world.browsers[0]
                .encodings
                .iter_mut()
                .for_each(|one| (one.codec, one.wants_keyframe) = (Codec::Vp8, true));
        }
        let first = world.browsers[0].address;
        for mut datagram in world.browsers[0].send(now) {
            world.engine.handle_datagram(now, first, &mut datagram);
        }
        world.engine.handle_timeout(now);
        world.flush();
        while let Some((to, datagram)) = world.down.deliver(now) {
            if to != address {
                world.browsers[0].receive(now, &datagram);
            } else if let Some(Received::Rtp(packet)) = client.handle(now, &datagram) {
                media.push(RtpHeader::parse(&packet).unwrap().payload_type);
            }
        }
    }
    assert!(media.len() > 100, "{}", media.len());
    assert!(media.iter().all(|kind| *kind == 96));
}
