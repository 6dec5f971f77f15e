//! A camera and a voice go from one browser to another, marked with their source.

use crate::common::World;
use sfu_engine::{Event, Source};

#[test]
fn frames_come_whole_with_the_source_as_csrc_and_nothing_of_the_publishers_numbers() {
    let mut world = World::new(1);
    let (teacher, student) = (world.join(), world.join());
    world.start_camera(teacher);
    world.view(student, &[teacher], 180);
    world.run(3_000);

    let slot = world.slot_of(student, teacher, Source::Camera).unwrap();
    let csrc = world.occupant(student, slot).unwrap().csrc;
    let received = world.received(student, teacher, Source::Camera);
    assert!(received.holes().is_empty());
    for heard in received.packets.values() {
        assert_eq!(heard.csrc, [csrc]);
        assert!(!heard.extended, "extensions of the publisher are not passed on");
        assert_eq!(heard.stamp.unwrap().participant, 1);
    }
    let frames = received.frames();
    assert!(frames.len() >= 70, "{} frames in 3 s", frames.len());
    assert!(frames[0].keyframe, "it begins with a keyframe");
    assert!(
        world.browsers[teacher].slots().iter().all(|slot| slot.packets.is_empty()),
        "nobody sees himself"
    );
    let told: Vec<_> =
        world.events.iter().filter(|(_, event)| matches!(event, Event::Live { live: true, .. })).collect();
    assert_eq!(told.len(), 1);
}

#[test]
fn a_voice_is_heard_by_all_others_and_told() {
    let mut world = World::new(2);
    let people: Vec<_> = (0..4).map(|_| world.join()).collect();
    world.start_microphone(people[0], 30);
    world.run(2_500);

    for listener in &people[1..] {
        let received = world.received(*listener, people[0], Source::Microphone);
        assert!(received.packets.len() > 115, "{}", received.packets.len());
        assert!(received.holes().is_empty());
        assert!(received.packets.values().next().unwrap().marker, "a stretch begins with the marker");
    }
    assert_eq!(world.slot_of(people[0], people[0], Source::Microphone), None, "nobody hears himself");
    let speaking = world.events.iter().find_map(|(_, event)| match event {
        Event::Speaking { speakers, .. } => Some(speakers.clone()),
        _ => None,
    });
    assert_eq!(speaking, Some(vec![world.id(people[0])]));
    let talked: u32 = world
        .events
        .iter()
        .filter_map(|(_, e)| if let Event::Talked { ms, .. } = e { Some(ms) } else { None })
        .sum();
    assert!((1_000..2_600).contains(&talked), "{talked}");
}

#[test]
fn a_frame_leaves_as_one_train() {
    let mut world = World::new(3);
    let (teacher, student) = (world.join(), world.join());
    world.start_camera(teacher);
    world.view(student, &[teacher], 720);
    world.run(2_000);
    let longest = world.trains.iter().map(|(bytes, segment)| bytes / usize::from(*segment)).max();
    assert!(longest >= Some(10), "a keyframe of ten packets in one train: {longest:?}");
    let received = world.received(student, teacher, Source::Camera);
    assert!(received.packets.values().any(|heard| heard.padded));
}

#[test]
fn publishers_get_the_feedback_that_lets_them_send_more() {
    let mut world = World::new(4);
    let (teacher, student) = (world.join(), world.join());
    world.start_camera(teacher);
    world.view(student, &[teacher], 720);
    world.run(3_000);
    let browser = &world.browsers[teacher];
    assert!(browser.receiver_reports >= 2);
    assert!(browser.acknowledged > 500, "{}", browser.acknowledged);
    let received = world.received(student, teacher, Source::Camera);
    let (_, rtp, at) = received.report.expect("a sender report came");
    let nearest = received.packets.values().min_by_key(|heard| heard.at.0.abs_diff(at.0)).unwrap();
    let difference = (nearest.timestamp.wrapping_sub(rtp) as i32).unsigned_abs();
    assert!(difference < 90 * 45, "report and media are on one clock: {difference} ticks");
}
