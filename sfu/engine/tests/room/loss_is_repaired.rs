//! What the network loses is asked for again, once for all, and served to each from the ring.

use crate::common::{Fate, Stamp, World};
use sfu_engine::Source;

const ROUGH: Fate = Fate { lost: 50, doubled: 10, late: 50 };

fn rough_class(seed: u64) -> World {
    let mut world = World::new(seed);
    for _ in 0..3 {
        world.join();
    }
    (world.up.delay, world.down.delay) = (15, 15);
    world.start_camera(0);
    world.view(1, &[0], 720);
    world.view(2, &[0], 720);
    world.run(500);
    (world.up.fate, world.down.fate) = (ROUGH, ROUGH);
    world.run(10_000);
    (world.up.fate, world.down.fate) = (Fate::default(), Fate::default());
    world.run(1_000);
    world
}

#[test]
fn sequences_are_continuous_and_frames_whole_at_five_percent_loss() {
    for seed in 10..14 {
        let world = rough_class(seed);
        for viewer in [1, 2] {
            let received = world.received(viewer, 0, Source::Camera);
            let (whole, holes) = (received.frames().len(), received.holes().len());
            assert!(received.packets.len() > 1_200 && received.packets.values().any(|heard| heard.repaired));
            assert!(holes * 1_000 <= received.packets.len(), "seed {seed}: {holes} holes");
            let sent: std::collections::BTreeSet<Stamp> =
                received.packets.values().filter_map(|h| h.stamp).map(|s| Stamp { part: 0, ..s }).collect();
            assert!(whole * 1_000 >= sent.len() * 999, "seed {seed}: {whole} of {} frames", sent.len());
        }
        let counters = world.engine.counters();
        assert!(counters.nacks_sent > 0 && counters.nacks_received > 0 && counters.packets_retransmitted > 0);
    }
}

#[test]
fn a_retransmission_is_the_very_packet_under_its_own_ssrc() {
    let world = rough_class(20);
    let received = world.received(1, 0, Source::Camera);
    let mut before = None;
    for heard in received.packets.values() {
        let stamp = heard.stamp.expect("every payload is whole");
        if let Some((last, timestamp, picture)) = before {
            let last: Stamp = last;
            if stamp.frame == last.frame && stamp.layer == last.layer {
                assert_eq!((heard.timestamp, heard.picture), (timestamp, picture), "one frame, one time");
            }
        }
        before = Some((stamp, heard.timestamp, heard.picture));
    }
}

#[test]
fn a_publisher_is_asked_once_for_all_subscribers() {
    let mut world = World::new(30);
    for _ in 0..11 {
        world.join();
    }
    world.start_camera(0);
    (1..11).for_each(|viewer| world.view(viewer, &[0], 720));
    world.run(500);
    world.up.fate = Fate { lost: 50, ..Fate::default() };
    world.run(5_000);
    let lost = world.engine.counters().nacks_sent;
    assert_eq!(u64::from(world.browsers[0].nacked), lost);
    // 25 frames a second in eight packets, a twentieth lost, some of it twice.
    assert!((30..120).contains(&lost), "{lost} asked for");
}

#[test]
fn asking_for_everything_again_and_again_is_answered_within_a_budget() {
    let mut world = World::new(40);
    world.join();
    world.join();
    world.start_camera(0);
    world.view(1, &[0], 720);
    world.run(1_000);
    let slot = world.received(1, 0, Source::Camera);
    let (ssrc, newest) = (slot.ssrc, *slot.packets.last_key_value().unwrap().0 as u16);
    let all: Vec<u16> = (0..100).map(|n| newest.wrapping_sub(n)).rev().collect();
    for _ in 0..200 {
        let mut buffer = [0; 1200];
        let mut writer = sfu_wire::rtcp::RtcpWriter::new(&mut buffer);
        writer.nack(1, ssrc, &all).unwrap();
        let length = writer.len();
        let sealed = world.browsers[1].seal_rtcp(&buffer[..length]);
        world.browsers[1].raw.push(sealed);
    }
    world.run(2);
    let counters = world.engine.counters();
    assert!(counters.packets_retransmitted <= 500, "{}", counters.packets_retransmitted);
    assert!(counters.drops(sfu_engine::DropReason::Budget) > 0);
}
