//! Five voices are heard at once: the loudest.

use std::collections::BTreeSet;

use crate::common::World;
use sfu_engine::{Event, Source};

fn heard(world: &World, listener: usize) -> BTreeSet<usize> {
    (0..world.browsers.len())
        .filter(|person| world.slot_of(listener, *person, Source::Microphone).is_some())
        .collect()
}

#[test]
fn the_five_loudest_are_heard_and_none_hears_himself() {
    let mut world = World::new(70);
    world.join_many(9);
    let levels = [40, 20, 45, 22, 24, 48, 26, 28];
    for (person, level) in levels.into_iter().enumerate() {
        world.start_microphone(person, level);
    }
    world.run(4_000);
    assert_eq!(heard(&world, 8), BTreeSet::from([1, 3, 4, 6, 7]));
    assert_eq!(heard(&world, 1), BTreeSet::from([3, 4, 6, 7]));
    let last = world.events.iter().rev().find_map(|(_, event)| match event {
        Event::Speaking { speakers, .. } => Some(speakers.clone()),
        _ => None,
    });
    assert_eq!(last, Some([1, 3, 4, 6, 7].map(|person| world.id(person)).to_vec()), "loudest first");
    for slot in 0..5 {
        assert!(world.browsers[8].slot(slot).holes().is_empty());
    }
}

#[test]
fn a_speaker_keeps_the_slot_while_others_come_and_go() {
    let mut world = World::new(71);
    world.join_many(7);
    (0..5).for_each(|person| world.start_microphone(person, 30));
    world.run(1_000);
    let slots: Vec<_> = (0..5).map(|person| world.slot_of(6, person, Source::Microphone).unwrap()).collect();
    world.browsers[2].voice.as_mut().unwrap().below_full_scale = 127;
    world.run(3_000);
    world.start_microphone(5, 35);
    world.run(1_000);
    for person in [0, 1, 3, 4] {
        assert_eq!(world.slot_of(6, person, Source::Microphone), Some(slots[person]));
    }
    assert_eq!(world.slot_of(6, 5, Source::Microphone), Some(slots[2]), "the silent one's slot is taken");
    let received = world.browsers[6].slot(slots[2]);
    assert!(received.holes().is_empty());
    let csrcs: BTreeSet<_> = received.packets.values().map(|heard| heard.csrc[0]).collect();
    assert_eq!(csrcs.len(), 2);
}

#[test]
fn speaking_is_told_at_most_five_times_a_second() {
    let mut world = World::new(72);
    world.join_many(3);
    (0..3).for_each(|person| world.start_microphone(person, 30));
    for turn in 0..100u8 {
        for person in 0..3u8 {
            let level = if (turn + person) % 3 == 0 { 20 } else { 60 };
            world.browsers[usize::from(person)].voice.as_mut().unwrap().below_full_scale = level;
        }
        world.run(100);
    }
    let told = world.events.iter().filter(|(_, event)| matches!(event, Event::Speaking { .. })).count();
    assert!(told <= 50, "{told} in ten seconds");
}

#[test]
fn a_soft_voice_is_heard_while_there_is_room_but_not_told_as_speech() {
    let mut world = World::new(73);
    world.join_many(2);
    world.start_microphone(0, 60);
    world.run(2_000);
    assert!(world.received(1, 0, Source::Microphone).packets.len() > 90);
    assert!(
        !world.events.iter().any(|(_, event)| matches!(event, Event::Speaking { .. } | Event::Talked { .. }))
    );
}
