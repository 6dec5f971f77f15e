//! A tile grows and shrinks, encodings come and go: the picture goes on without a seam.

use crate::common::{Frame, Received, World};
use sfu_engine::Source;

/// Frames in order, each later than the one before in every number, each change of layer with a keyframe.
fn check_seamless(received: &Received) -> Vec<Frame> {
    let frames = received.frames();
    for pair in frames.windows(2) {
        let [before, after] = pair else { continue };
        assert!((after.timestamp.wrapping_sub(before.timestamp) as i32) > 0, "time runs forward: {pair:?}");
        assert_eq!(after.picture, before.picture.wrapping_add(1) & 0x7fff, "picture ids go on: {pair:?}");
        assert_eq!(after.tl0, before.tl0.wrapping_add(1), "base layer counters go on: {pair:?}");
        if after.stamp.layer != before.stamp.layer {
            assert!(after.keyframe, "a layer begins with a keyframe: {pair:?}");
        }
    }
    frames
}

fn layers(frames: &[Frame]) -> Vec<u8> {
    let mut layers: Vec<u8> = frames.iter().map(|frame| frame.stamp.layer).collect();
    layers.dedup();
    layers
}

#[test]
fn the_layer_follows_the_tile_without_a_seam() {
    let mut world = World::new(50);
    world.join_many(2);
    world.start_camera(0);
    world.run(300);
    for height in [180, 720, 360, 180, 1080, 90] {
        world.view(1, &[0], height);
        world.run(1_500);
    }
    let received = world.received(1, 0, Source::Camera);
    assert!(received.holes().is_empty());
    let frames = check_seamless(received);
    assert_eq!(layers(&frames), [0, 2, 1, 0, 2, 0]);
    assert!(frames.len() > 200, "nothing stands still meanwhile: {}", frames.len());
}

#[test]
fn timestamps_keep_pace_with_the_clock_over_switches() {
    let mut world = World::new(51);
    world.join_many(2);
    world.start_camera(0);
    world.run(1_200);
    for turn in 0..20 {
        world.view(1, &[0], [180, 720][turn % 2]);
        world.run(1_000);
    }
    let received = world.received(1, 0, Source::Camera);
    check_seamless(received);
    let (first, last) =
        (received.packets.values().next().unwrap(), received.packets.values().last().unwrap());
    let ticks = last.timestamp.wrapping_sub(first.timestamp);
    let passed = (last.at.0 - first.at.0) * 9 / 100;
    assert!(u64::from(ticks).abs_diff(passed) < 90 * 45, "{ticks} ticks in {passed}");
}

#[test]
fn a_layer_that_ends_is_replaced_and_comes_back() {
    let mut world = World::new(52);
    world.join_many(2);
    world.start_camera(0);
    world.view(1, &[0], 720);
    world.run(2_000);
    world.browsers[0].encodings[2].running = false;
    world.run(4_000);
    world.browsers[0].encodings[2].running = true;
    world.run(3_000);
    let frames = check_seamless(world.received(1, 0, Source::Camera));
    assert_eq!(layers(&frames), [2, 1, 2]);
}

#[test]
fn another_person_in_the_slot_goes_on_in_the_same_stream() {
    let mut world = World::new(53);
    world.join_many(7);
    (0..6).for_each(|person| world.start_camera(person));
    // Four slots; then two of those shown leave the screen for two others.
    world.view(6, &[0, 1, 2, 3], 180);
    world.run(1_500);
    let slots: Vec<_> = (0..4).map(|person| world.slot_of(6, person, Source::Camera)).collect();
    assert!(slots.iter().all(Option::is_some));
    world.view(6, &[4, 1, 5, 3], 180);
    world.run(1_500);
    assert_eq!(
        (world.slot_of(6, 1, Source::Camera), world.slot_of(6, 3, Source::Camera)),
        (slots[1], slots[3])
    );
    assert_eq!(world.slot_of(6, 0, Source::Camera), None);
    for (person, slot) in
        [(4, slots[0].unwrap()), (5, slots[2].unwrap())].into_iter().chain([(5, slots[2].unwrap())])
    {
        let from = world.slot_of(6, person, Source::Camera).unwrap();
        assert!([slots[0], slots[2]].contains(&Some(from)), "{slot}");
        let frames = check_seamless(world.browsers[6].slot(from));
        let people: std::collections::BTreeSet<_> =
            frames.iter().map(|frame| frame.stamp.participant).collect();
        assert_eq!(people.len(), 2);
        let first = frames.iter().find(|frame| frame.stamp.participant == person as u64 + 1).unwrap();
        assert!(first.keyframe);
    }
    // Each packet names the person it is of.
    for slot in world.browsers[6].slots() {
        let mut named = std::collections::BTreeMap::new();
        for heard in slot.packets.values() {
            let person = heard.stamp.unwrap().participant;
            assert_eq!(*named.entry(heard.csrc[0]).or_insert(person), person);
        }
    }
}

#[test]
fn a_viewer_who_lost_the_picture_gets_a_keyframe_and_the_publisher_is_not_flooded() {
    let mut world = World::new(54);
    world.join_many(2);
    world.start_camera(0);
    world.view(1, &[0], 180);
    world.run(2_000);
    let before = (world.browsers[0].plis, world.browsers[0].encodings[0].keyframes);
    let slot = world.slot_of(1, 0, Source::Camera).unwrap();
    for _ in 0..100 {
        world.browsers[1].want_keyframe(slot);
        world.run(10);
    }
    let after = (world.browsers[0].plis, world.browsers[0].encodings[0].keyframes);
    assert!(after.1 > before.1);
    assert!(after.0 - before.0 <= 3, "{} requests in a second", after.0 - before.0);
}
