//! Off means off: the server enforces it, whatever the browser goes on sending.

use crate::common::World;
use sfu_engine::{DropReason, Event, Micros, Source};

#[test]
fn r11_nothing_of_a_source_is_forwarded_before_it_is_released_or_after_it_is_taken_back() {
    let mut world = World::new(60);
    world.join_many(2);
    world.browsers[0].start_camera(3, world.now);
    world.browsers[0].start_microphone(30, world.now);
    world.view(1, &[0], 720);
    world.run(1_000);
    let media =
        |world: &World| world.browsers[1].slots().iter().map(|slot| slot.packets.len()).sum::<usize>();
    assert_eq!(media(&world), 0, "both are off until they are released");

    world.publish(0, Source::Microphone, true);
    world.publish(0, Source::Camera, true);
    world.run(1_000);
    let heard = media(&world);
    assert!(heard > 150, "{heard}");

    world.publish(0, Source::Microphone, false);
    world.publish(0, Source::Camera, false);
    world.run(1_000);
    assert_eq!(media(&world), heard, "not one packet more");
    assert_eq!(world.slot_of(1, 0, Source::Microphone), None);
    assert_eq!(world.slot_of(1, 0, Source::Camera), None);
    assert!(world.engine.counters().drops(DropReason::Muted) > 100);
    assert!(world.events.iter().any(|(_, event)| matches!(event, Event::Live { live: false, .. })));
}

#[test]
fn r11_after_a_mute_the_streams_go_on_without_a_gap_and_the_picture_with_a_keyframe() {
    let mut world = World::new(61);
    world.join_many(2);
    world.start_camera(0);
    world.start_microphone(0, 30);
    world.view(1, &[0], 360);
    world.run(1_000);
    world.publish(0, Source::Microphone, false);
    world.publish(0, Source::Camera, false);
    world.run(1_000);
    let again = world.now;
    world.publish(0, Source::Microphone, true);
    world.publish(0, Source::Camera, true);
    world.run(1_000);

    let voice = world.received(1, 0, Source::Microphone);
    assert!(voice.holes().is_empty());
    assert!(voice.since(again).first().unwrap().marker);
    let camera = world.received(1, 0, Source::Camera);
    assert!(camera.holes().is_empty());
    assert!(camera.since(again).first().unwrap().keyframe);
    let pause = |received: &crate::common::Received| {
        let (before, after) = received
            .packets
            .values()
            .zip(received.packets.values().skip(1))
            .find(|(_, a)| a.at >= again)
            .unwrap();
        (after.timestamp.wrapping_sub(before.timestamp), Micros(after.at.0 - before.at.0).millis())
    };
    for (ticks, ms, rate) in
        [voice, camera].iter().zip([48, 90]).map(|(r, rate)| (pause(r).0, pause(r).1, rate))
    {
        assert!(
            (u64::from(ticks) / rate).abs_diff(ms) < 60,
            "the pause took its time: {ticks} ticks, {ms} ms"
        );
    }
}

#[test]
fn digital_silence_is_not_forwarded_and_leaves_no_gap() {
    let mut world = World::new(62);
    world.join_many(2);
    world.start_microphone(0, 30);
    world.run(1_000);
    world.browsers[0].voice.as_mut().unwrap().below_full_scale = 127;
    world.run(10_000);
    let quiet = world.received(1, 0, Source::Microphone).packets.len();
    assert!(quiet < 170, "faded out after two seconds: {quiet}");
    let again = world.now;
    world.browsers[0].voice.as_mut().unwrap().below_full_scale = 30;
    world.run(1_000);
    let voice = world.received(1, 0, Source::Microphone);
    assert!(voice.holes().is_empty());
    let first = voice.since(again)[0];
    assert!(first.marker, "speech begins with the marker");
    assert!(world.engine.counters().drops(DropReason::Silence) > 350);
}
