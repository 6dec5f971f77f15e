//! The tap: marked media only, in order, one layer at a time, from a keyframe on.

use std::collections::BTreeMap;

use crate::common::{Fate, ROOM, Stamp, Tapped, World};
use sfu_engine::{Micros, ParticipantId, Source};
use sfu_wire::rtp::RtpHeader;
use sfu_wire::vp8::Vp8;

type Tracks<'a> = BTreeMap<(ParticipantId, u8), Vec<(&'a Tapped, RtpHeader, &'a [u8])>>;

fn tracks(world: &World) -> Tracks<'_> {
    let mut tracks = Tracks::new();
    for piece in &world.tapped {
        let Some(packet) = &piece.packet else { continue };
        let header = RtpHeader::parse(packet).unwrap();
        let payload = header.payload(packet).unwrap();
        tracks.entry((piece.participant, piece.source as u8)).or_default().push((piece, header, payload));
    }
    tracks
}

fn class(seed: u64) -> World {
    let mut world = World::new(seed);
    world.join_many(3);
    world.start_camera(0);
    world.start_microphone(0, 30);
    world.start_camera(1);
    world.view(2, &[0, 1], 180);
    world.run(2_000);
    world
}

#[test]
fn r30_the_tap_gives_what_arrives_between_begin_and_end_and_nothing_else() {
    let mut world = class(80);
    assert!(world.tapped.is_empty(), "unmarked media goes nowhere");
    let begin = world.now;
    world.engine.open_tap(world.now, ROOM);
    world.run(2_000);
    world.engine.close_tap(ROOM);
    let end = world.now;
    let count = world.tapped.len();
    world.run(2_000);
    assert_eq!(world.tapped.len(), count, "not one packet after the end");
    assert!(world.tapped.iter().all(|piece| piece.at >= begin && piece.at <= end));
    let before = world.browsers[0].encodings[2].keyframes;
    assert!(before >= 2, "a keyframe was asked for");

    let tracks = tracks(&world);
    assert_eq!(tracks.len(), 3, "two cameras and a voice");
    for ((_, source), packets) in &tracks {
        let video = *source == Source::Camera as u8;
        let sequences: Vec<u16> = packets.iter().map(|(_, header, _)| header.sequence).collect();
        assert!(
            sequences.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)),
            "in order and without a hole"
        );
        let stamps: Vec<Stamp> =
            packets.iter().map(|(_, _, payload)| Stamp::read(payload).unwrap()).collect();
        if video {
            assert!(stamps.iter().all(|stamp| stamp.layer == 2), "the highest layer, and only that");
            assert!(Vp8::parse(packets[0].2).unwrap().keyframe.is_some());
            let late = packets[0].0.at.since(begin);
            assert!(late < Micros::from_millis(200), "the keyframe came at once: {late:?}");
        } else {
            assert!(packets.len() >= 99);
        }
    }
    assert!(world.tapped.iter().any(|piece| piece.report.is_some()), "sender reports are among it");
}

#[test]
fn r30_a_second_segment_holds_nothing_of_the_time_between() {
    let mut world = class(81);
    world.engine.open_tap(world.now, ROOM);
    world.run(1_000);
    world.engine.close_tap(ROOM);
    world.tapped.clear();
    world.run(1_000);
    let begin = world.now;
    world.engine.open_tap(world.now, ROOM);
    world.run(1_000);
    assert!(world.tapped.iter().all(|piece| piece.at >= begin));
    assert_eq!(tracks(&world).len(), 3);
}

#[test]
fn what_the_network_loses_is_repaired_or_skipped_in_order() {
    let mut world = class(82);
    (world.up.delay, world.down.delay) = (15, 15);
    world.engine.open_tap(world.now, ROOM);
    world.up.fate = Fate { lost: 50, doubled: 10, late: 50 };
    world.run(10_000);
    for (key, packets) in tracks(&world) {
        let extended: Vec<i32> = packets
            .windows(2)
            .map(|pair| i32::from(pair[1].1.sequence.wrapping_sub(pair[0].1.sequence) as i16))
            .collect();
        assert!(extended.iter().all(|step| *step > 0), "{key:?}: forwards only");
        let holes: i32 = extended.iter().map(|step| step - 1).sum();
        let allowed = if key.1 == Source::Camera as u8 { packets.len() / 200 } else { packets.len() / 10 };
        assert!(holes as usize <= allowed, "{key:?}: {holes} holes in {}", packets.len());
    }
}

#[test]
fn who_comes_later_is_added_and_who_is_muted_pauses() {
    let mut world = class(83);
    world.engine.open_tap(world.now, ROOM);
    world.run(500);
    world.start_camera(2);
    world.run(1_500);
    world.publish(0, Source::Camera, false);
    world.run(1_000);
    let muted = (world.now - Micros::from_millis(990), world.now);
    world.publish(0, Source::Camera, true);
    world.run(1_000);
    let tracks = tracks(&world);
    let newcomer = &tracks[&(world.id(2), Source::Camera as u8)];
    assert!(Vp8::parse(newcomer[0].2).unwrap().keyframe.is_some());
    let camera = &tracks[&(world.id(0), Source::Camera as u8)];
    assert!(camera.iter().all(|(piece, _, _)| piece.at < muted.0 || piece.at > muted.1));
    let first = camera.iter().find(|(piece, _, _)| piece.at > muted.1).expect("it goes on");
    assert!(Vp8::parse(first.2).unwrap().keyframe.is_some());
}

#[test]
fn the_recorder_gets_the_keyframe_it_asks_for() {
    let mut world = class(84);
    world.engine.open_tap(world.now, ROOM);
    world.run(1_000);
    let before = world.browsers[0].encodings[2].keyframes;
    world.engine.tap_keyframe(ROOM, world.id(0), Source::Camera);
    world.run(1_000);
    assert_eq!(world.browsers[0].encodings[2].keyframes, before + 1);
}
