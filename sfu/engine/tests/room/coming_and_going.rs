//! People come late, leave, and come again; rooms are apart from one another.

use crate::common::{ROOM, World};
use sfu_engine::{Event, JoinError, Micros, ParticipantId, RoomId, Source, owner_shard};

#[test]
fn who_comes_late_sees_and_hears_the_class() {
    let mut world = World::new(90);
    world.join();
    world.start_camera(0);
    world.start_microphone(0, 30);
    world.run(5_000);
    let late = world.join();
    let joined = world.now;
    world.view(late, &[0], 720);
    world.run(1_000);
    let camera = world.received(late, 0, Source::Camera);
    let first = camera.packets.values().next().unwrap();
    assert!(first.keyframe && first.at.since(joined) < Micros::from_millis(150));
    assert!(world.received(late, 0, Source::Microphone).packets.len() >= 49);
}

#[test]
fn the_keyframe_for_a_newcomer_is_asked_for_when_it_can_be_received() {
    let mut world = World::new(97);
    world.join();
    world.start_camera(0);
    world.run(2_000);
    let newcomer = world.join_unconnected();
    world.view(newcomer, &[0], 720);
    world.run(200);
    assert_eq!(world.browsers[0].plis, 0, "nobody could see it yet");
    let connected = world.now;
    world.connect(newcomer);
    world.run(500);
    let first = world.received(newcomer, 0, Source::Camera).packets.values().next().unwrap().at;
    assert!(first.since(connected) < Micros::from_millis(100), "{:?}", first.since(connected));
}

#[test]
fn who_leaves_is_gone_from_every_slot() {
    let mut world = World::new(91);
    world.join_many(3);
    world.start_camera(0);
    world.start_microphone(0, 30);
    world.view(1, &[0], 720);
    world.view(2, &[0], 180);
    world.run(1_000);
    let id = world.id(0);
    world.engine.leave(world.now, id);
    world.browsers[0].encodings.clear();
    world.browsers[0].voice = None;
    world.flush();
    for viewer in [1, 2] {
        assert!((0..11).all(|slot| world.occupant(viewer, slot).is_none()));
    }
    assert_eq!(world.engine.counters().participants, 2);
    // The id may come again, and is another participant.
    assert!(world.engine.join(world.now, ROOM, id, 4).is_ok());
    assert_eq!(world.engine.join(world.now, ROOM, id, 4), Err(JoinError::Taken));
    assert_eq!(world.engine.join(world.now, RoomId(99), ParticipantId(50), 4), Err(JoinError::NoRoom));
    assert_eq!(world.engine.join(world.now, ROOM, ParticipantId(50), 26), Err(JoinError::Slots));
}

#[test]
fn rooms_are_apart() {
    let mut world = World::new(92);
    world.engine.open_room(RoomId(8));
    let (here, there) = (world.join(), world.join_room(RoomId(8)));
    world.start_camera(here);
    world.start_microphone(here, 30);
    world.view(there, &[here], 720);
    world.run(1_000);
    assert!(world.browsers[there].slots().iter().all(|slot| slot.packets.is_empty()));
    world.engine.close_room(world.now, RoomId(8));
    assert_eq!(world.engine.counters().participants, 1);
}

#[test]
fn screens_have_a_slot_of_their_own_with_sound() {
    let mut world = World::new(93);
    world.join_many(2);
    world.publish(0, Source::ScreenAudio, true);
    world.publish(0, Source::Screen, true);
    world.flush();
    let sound = world.occupant(1, 6).expect("the sound follows who shares");
    assert_eq!((sound.participant, sound.source), (world.id(0), Source::ScreenAudio));
    let id = world.id(1);
    let view = sfu_engine::View {
        publisher: world.id(0),
        source: Source::Screen,
        width: 1920,
        height: 1080,
        priority: 0,
    };
    world.engine.viewport(world.now, id, &[view]);
    world.flush();
    assert_eq!(world.occupant(1, 5).map(|from| from.source), Some(Source::Screen));
    world.publish(0, Source::Screen, false);
    world.publish(0, Source::ScreenAudio, false);
    world.flush();
    assert_eq!((world.occupant(1, 5), world.occupant(1, 6)), (None, None));
}

#[test]
fn no_contributing_source_is_ever_used_twice() {
    let mut world = World::new(94);
    world.join();
    let mut csrcs = std::collections::BTreeSet::new();
    for turn in 0..20 {
        let id = ParticipantId(1_000 + turn);
        world.engine.join(world.now, ROOM, id, 4).unwrap();
        world.engine.publish(world.now, id, Source::ScreenAudio, true);
        world.flush();
        assert!(csrcs.insert(world.occupant(0, 6).unwrap().csrc));
        world.engine.leave(world.now, id);
    }
}

#[test]
fn without_consent_the_connection_ends_and_the_room_goes_on() {
    let mut world = World::new(95);
    world.join_many(2);
    world.start_microphone(0, 30);
    // The virtual browsers send no checks, so consent runs out after thirty seconds (RFC 7675).
    world.run(31_000);
    let ended = world.events.iter().filter(|(_, event)| matches!(event, Event::Disconnected(_))).count();
    assert_eq!(ended, 2);
}

#[test]
fn only_stun_names_a_shard() {
    assert_eq!(owner_shard(&[]), None);
    assert_eq!(owner_shard(&[0x80, 111, 0, 0]), None);
}

#[test]
fn a_browser_that_starts_its_streams_anew_goes_on_in_the_same_slots() {
    let mut world = World::new(96);
    world.join_many(2);
    world.start_camera(0);
    world.start_microphone(0, 30);
    world.view(1, &[0], 720);
    world.run(1_000);
    let again = world.now;
    world.browsers[0].restart_streams();
    world.run(2_000);
    for source in [Source::Camera, Source::Microphone] {
        let received = world.received(1, 0, source);
        assert!(received.holes().is_empty());
        assert!(received.since(again).len() > 90, "{source:?}: {}", received.since(again).len());
    }
}
