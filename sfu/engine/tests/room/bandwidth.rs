//! A subscriber's narrow link: what is sent to it is what fits, the important first, and more as soon as there is room.
//! Nobody checks for consent here, so that no test lasts longer than 30 s of virtual time.

use std::collections::BTreeSet;

use crate::common::{Narrow, World};
use sfu_engine::{LinkState, Micros, Source, View};

/// A subscriber who agreed to transport-wide numbers, behind a link of so many bit/s and 25 ms.
fn subscriber(world: &mut World, rate: u64) -> usize {
    let index = world.join();
    world.browsers[index].arrivals = Some(Default::default());
    world.engine.number_packets(world.id(index));
    narrow(world, index, rate);
    index
}

fn narrow(world: &mut World, index: usize, rate: u64) {
    world.down.narrow.insert(world.browsers[index].address, Narrow::new(rate));
}

fn link(world: &World, index: usize) -> LinkState {
    world.engine.link(world.id(index)).unwrap()
}

/// The layers that arrived since then, and how many packets.
fn layers(world: &World, viewer: usize, publisher: usize, since: Micros) -> (BTreeSet<u8>, usize) {
    let heard = world.received(viewer, publisher, Source::Camera).since(since);
    (heard.iter().filter_map(|heard| heard.stamp).map(|stamp| stamp.layer).collect(), heard.len())
}

/// A camera's layers are 0.17, 0.35 and 0.87 Mbit/s here.
fn class(seed: u64, cameras: usize) -> World {
    let mut world = World::new(seed);
    world.down.delay = 25;
    world.join_many(cameras);
    (0..cameras).for_each(|camera| world.start_camera(camera));
    world.run(1_500);
    world
}

#[test]
fn a_link_with_room_gets_the_layer_that_fills_the_tile() {
    let mut world = class(60, 1);
    let viewer = subscriber(&mut world, 5_000_000);
    world.view(viewer, &[0], 720);
    world.run(6_000);
    let settled = world.now;
    world.run(8_000);
    assert_eq!(layers(&world, viewer, 0, settled).0, BTreeSet::from([2]), "{:?}", link(&world, viewer));
    let estimate = link(&world, viewer).estimate.unwrap();
    assert!((1_000_000..=5_500_000).contains(&estimate), "{estimate}");
    let (before, padding) = (world.now, world.browsers[viewer].padding);
    world.run(10_000);
    assert!(padding > 0 && world.browsers[viewer].padding == padding, "who has all asks for no more");
    assert!(layers(&world, viewer, 0, before).1 > 1_000);
}

#[test]
fn a_narrow_link_gets_a_smaller_layer_and_more_when_it_widens() {
    let mut world = class(61, 1);
    let viewer = subscriber(&mut world, 500_000);
    world.view(viewer, &[0], 720);
    world.run(6_000);
    let settled = world.now;
    world.run(6_000);
    let (seen, packets) = layers(&world, viewer, 0, settled);
    assert!(seen.is_subset(&BTreeSet::from([0, 1])) && packets > 140, "{seen:?} {packets}");
    let narrow_state = world.down.narrow[&world.browsers[viewer].address];
    assert!(narrow_state.longest <= 300_000);

    narrow(&mut world, viewer, 4_000_000);
    world.run(8_000);
    let settled = world.now;
    world.run(5_000);
    assert_eq!(layers(&world, viewer, 0, settled).0, BTreeSet::from([2]), "{:?}", link(&world, viewer));
}

#[test]
fn a_link_that_narrows_gets_less_at_once() {
    let mut world = class(64, 1);
    let viewer = subscriber(&mut world, 4_000_000);
    world.view(viewer, &[0], 720);
    world.run(8_000);
    narrow(&mut world, viewer, 300_000);
    world.run(4_000);
    let settled = world.now;
    world.run(6_000);
    let (dropped, steady) = (world.down.narrow[&world.browsers[viewer].address].dropped, world.now);
    world.run(6_000);
    assert_eq!(layers(&world, viewer, 0, settled).0, BTreeSet::from([0]), "{:?}", link(&world, viewer));
    assert!(layers(&world, viewer, 0, steady).1 >= 145);
    let later = world.down.narrow[&world.browsers[viewer].address].dropped;
    assert!(later - dropped <= 20, "{dropped} then {later}");
}

#[test]
fn what_matters_most_is_sent_first_and_voices_always() {
    let mut world = class(62, 3);
    world.start_microphone(0, 30);
    let viewer = subscriber(&mut world, 350_000);
    let views: Vec<View> = [(2, 0), (0, 1), (1, 2)]
        .into_iter()
        .map(|(publisher, priority)| View {
            publisher: world.id(publisher),
            source: Source::Camera,
            width: 320,
            height: 180,
            priority,
        })
        .collect();
    world.engine.viewport(world.now, world.id(viewer), &views);
    world.run(6_000);
    let settled = world.now;
    world.run(8_000);
    let sent = |publisher| layers(&world, viewer, publisher, settled).1;
    let state = link(&world, viewer);
    assert!(state.paused >= 1, "{state:?}");
    assert!(sent(2) > 185, "the first: {} {state:?}", sent(2));
    assert!(sent(1) < 60, "the last: {} {state:?}", sent(1));
    let voice = world.received(viewer, 0, Source::Microphone).since(settled).len();
    assert!(voice >= 390, "{voice}");

    narrow(&mut world, viewer, 3_000_000);
    world.run(6_000);
    let settled = world.now;
    world.run(4_000);
    assert_eq!(link(&world, viewer).paused, 0);
    assert!((0..3).all(|publisher| layers(&world, viewer, publisher, settled).1 >= 95));
}

#[test]
fn who_did_not_agree_to_numbers_gets_what_the_tile_asks_for() {
    let mut world = class(63, 1);
    let viewer = world.join();
    world.view(viewer, &[0], 720);
    world.run(3_000);
    assert_eq!(link(&world, viewer), LinkState { estimate: None, allotted: 0, paused: 0 });
    let heard = world.received(viewer, 0, Source::Camera);
    assert!(heard.packets.values().all(|heard| !heard.extended));
    assert!(heard.frames().iter().any(|frame| frame.stamp.layer == 2));
}
