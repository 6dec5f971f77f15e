//! How meetings end.

mod common;

use classroom::{Command, Effect, Effects, Ending, Fact, Settings};
use common::{Room, gone};
use protocol::server::{Close, Refusal, Role};

const MINUTE: u64 = 60_000;

fn ending(effects: &Effects) -> Option<Ending> {
    effects.iter().find_map(|effect| match effect {
        Effect::Ended { ending } => Some(*ending),
        _ => None,
    })
}

#[test]
fn a_moderator_ends_the_class_for_all() {
    let mut room = Room::of_three(Settings::default());
    assert_eq!(room.apply("ann", Command::End), Err(Refusal::NotAllowed));
    let effects = room.run("mo", Command::End);
    assert_eq!(ending(&effects), Some(Ending::Moderator));
    assert_eq!(gone(&effects).len(), 3);
    assert!(gone(&effects).iter().all(|(_, why)| *why == Close::MeetingEnded));
    assert_eq!(room.enter("ann", Role::Viewer), Err(Close::MeetingEnded));
    assert_eq!(room.apply("mo", Command::End), Err(Refusal::NoSuchPerson));
    assert_eq!((room.class.poll_timeout(), room.observe(Fact::End(Ending::FrontEnd))), (None, vec![]));
}

#[test]
fn r50_an_ended_room_holds_nobody_any_more() {
    let mut room = Room::of_three(Settings::default());
    room.run("ann", common::chat("remember me", None));
    room.observe(Fact::End(Ending::FrontEnd));
    assert_eq!(room.class.people().count(), 0);
    assert_eq!(room.class.welcome(room.now, &"ann".into()), None);
    assert_eq!(room.class.missed(&"ann".into(), 0), None);
}

#[test]
fn an_unused_meeting_ends_unless_somebody_waits_for_the_teacher() {
    let settings = Settings { expire_unused_ms: Some(5 * MINUTE), ..Settings::default() };
    let mut room = Room::new(settings.clone());
    assert_eq!(ending(&room.pass(5 * MINUTE)), Some(Ending::Unused));

    let mut room = Room::new(settings);
    room.enter("ann", Role::Viewer).unwrap();
    assert_eq!(ending(&room.pass(20 * MINUTE)), None);
    room.run("ann", Command::Drop);
    assert_eq!(ending(&room.pass(5 * MINUTE - 1)), None);
    assert_eq!(ending(&room.pass(1)), Some(Ending::Unused));
}

#[test]
fn an_empty_class_ends_and_one_that_is_visited_again_does_not() {
    let mut room = Room::of_three(Settings { expire_empty_ms: Some(MINUTE), ..Settings::default() });
    for who in ["mo", "ann", "bob"] {
        room.run(who, Command::Leave);
    }
    assert_eq!(ending(&room.pass(MINUTE - 1)), None);
    room.enter("ann", Role::Viewer).unwrap();
    assert_eq!(ending(&room.pass(10 * MINUTE)), None);
    room.run("ann", Command::Leave);
    assert_eq!(ending(&room.pass(MINUTE)), Some(Ending::Empty));
}

#[test]
fn a_class_without_a_moderator_ends_if_it_shall() {
    let mut room =
        Room::of_three(Settings { expire_without_moderator_ms: Some(MINUTE), ..Settings::default() });
    room.run("mo", Command::Drop);
    assert_eq!(ending(&room.pass(29_000)), None, "a dropped moderator is still there");
    room.run("mo", Command::Return);
    room.run("mo", Command::Leave);
    assert_eq!(ending(&room.pass(MINUTE)), Some(Ending::NoModerator));
    let mut room = Room::of_three(Settings::default());
    room.run("mo", Command::Leave);
    assert_eq!(ending(&room.pass(600 * MINUTE)), None);
}

#[test]
fn a_class_ends_when_its_time_is_over_counted_from_its_start() {
    let mut room = Room::new(Settings { duration_ms: Some(45 * MINUTE), ..Settings::default() });
    room.pass(30 * MINUTE);
    room.enter("mo", Role::Moderator).unwrap();
    assert_eq!(ending(&room.pass(45 * MINUTE - 1)), None);
    assert_eq!(ending(&room.pass(1)), Some(Ending::Duration));
}

#[test]
fn a_stopping_server_says_so() {
    let mut room = Room::of_three(Settings::default());
    let effects = room.observe(Fact::End(Ending::Stopping));
    assert!(gone(&effects).iter().all(|(_, why)| *why == Close::ServerStopping));
    assert_eq!(room.enter("ann", Role::Viewer), Err(Close::ServerStopping));
}
