//! Whatever comes from the network, the class goes on.

use std::net::SocketAddr;

use crate::common::{Network, World};
use sfu_engine::{Arrival, DropReason, Source};

#[test]
fn unknown_addresses_are_nobody_and_cost_nothing() {
    let mut world = World::new(100);
    world.join();
    let stranger = SocketAddr::from(([10, 9, 9, 9], 9));
    let before = *world.engine.counters();
    for datagram in [&[0x80, 111, 0, 0, 0, 0][..], &[0x16, 0xfe, 0xfd], &[0; 20], &[], &[0xff; 1500]] {
        let mut datagram = datagram.to_vec();
        assert_eq!(world.engine.handle_datagram(world.now, stranger, &mut datagram), Arrival::Unknown);
    }
    assert_eq!(*world.engine.counters(), before);
    assert!(world.engine.poll_transmits(world.now).is_none());
}

#[test]
fn one_hundred_thousand_random_and_mutated_datagrams_do_not_stop_a_running_class() {
    let mut world = World::new(101);
    world.join_many(3);
    world.start_camera(0);
    world.start_microphone(0, 30);
    world.view(1, &[0], 720);
    world.run(1_000);

    let mut chance = Network::new(7);
    let addresses: Vec<SocketAddr> = world.browsers.iter().map(|browser| browser.address).collect();
    let mut samples = vec![vec![0u8; 20]];
    for _ in 0..1_000 {
        world.run(1);
        for browser in &mut world.browsers {
            let fresh = browser.send(world.now);
            samples.extend(fresh.iter().take(4).cloned());
            browser.raw.extend(fresh);
        }
        let recent = samples.len().saturating_sub(200);
        for _ in 0..100 {
            let mut datagram = mutated(&samples[recent..], &mut chance);
            let from = addresses[chance.next() as usize % addresses.len()];
            world.engine.handle_datagram(world.now, from, &mut datagram);
        }
    }
    let end = world.now;
    world.run(1_000);
    let received = world.received(1, 0, Source::Camera);
    let frames = received.frames();
    assert!(frames.len() >= 70, "25 frames a second for three seconds: {}", frames.len());
    assert!(received.since(end).len() > 100, "and they go on coming");
    let counters = world.engine.counters();
    let refused = [DropReason::Malformed, DropReason::Unauthentic, DropReason::Replayed];
    let dropped: u64 = refused.iter().map(|reason| counters.drops(*reason)).sum();
    assert!(dropped > 50_000, "{:?}", counters.dropped);
}

fn mutated(samples: &[Vec<u8>], chance: &mut Network) -> Vec<u8> {
    let mut bytes = match chance.next() % 4 {
        0 => (0..chance.next() % 1_500).map(|_| chance.next() as u8).collect(),
        _ => samples[chance.next() as usize % samples.len()].clone(),
    };
    for _ in 0..=chance.next() % 4 {
        let length = bytes.len().max(1);
        match chance.next() % 4 {
            0 => bytes.truncate(chance.next() as usize % length),
            1 => bytes.extend((0..chance.next() % 40).map(|n| n as u8)),
            _ => {
                let at = chance.next() as usize % length;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (chance.next() % 8);
                }
            }
        }
    }
    bytes
}

#[test]
fn what_an_admitted_participant_sends_wrongly_is_dropped_with_its_reason() {
    let mut world = World::new(102);
    world.join_many(2);
    world.start_camera(0);
    world.view(1, &[0], 720);
    world.run(500);
    let of_layer = |head: [u8; 4], tail: &[u8]| [&head[..], &[0; 4], &0x1003u32.to_be_bytes(), tail].concat();
    let cases: [(DropReason, Vec<u8>); 4] = [
        // An SSRC that says nothing about itself.
        (DropReason::UnknownStream, vec![0x80, 96, 0, 1, 0, 0, 0, 0, 9, 9, 9, 9, 1, 2, 3]),
        // Opus on one of the camera's SSRCs.
        (DropReason::PayloadType, of_layer([0x80, 111, 0, 1], &[1])),
        // Padding longer than the payload.
        (DropReason::Malformed, of_layer([0xa0, 96, 0, 2], &[200])),
        // A descriptor that ends too early.
        (DropReason::Malformed, of_layer([0x80, 96, 0, 3], &[0x90])),
    ];
    for (reason, packet) in cases {
        let before = world.engine.counters().drops(reason);
        let mut sealed = world.browsers[0].seal_rtp(&packet);
        let from = world.browsers[0].address;
        world.engine.handle_datagram(world.now, from, &mut sealed);
        assert_eq!(world.engine.counters().drops(reason), before + 1, "{reason:?}");
    }
    world.run(500);
    assert!(world.received(1, 0, Source::Camera).holes().is_empty());
}
