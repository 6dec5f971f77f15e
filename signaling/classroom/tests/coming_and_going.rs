//! The door, the lobby, dropped connections.

mod common;

use classroom::{Command, Effect, REMEMBERED, Settings};
use common::{Room, entrant, gone, id, told};
use protocol::media::Source;
use protocol::server::{Close, Event, Refusal, Role};

#[test]
fn r4_viewers_wait_until_a_moderator_comes() {
    let mut room = Room::new(Settings::default());
    assert_eq!(room.enter("ann", Role::Viewer).unwrap(), [Effect::Waiting { person: id("ann") }]);
    assert_eq!(room.enter("bob", Role::Viewer).unwrap(), [Effect::Waiting { person: id("bob") }]);
    assert_eq!((room.class.people().count(), room.class.started_ms()), (0, None));
    assert_eq!(room.apply("ann", Command::Hand { up: true }), Err(Refusal::NotAllowed));

    let effects = room.enter("mo", Role::Moderator).unwrap();
    let admitted = effects.iter().filter_map(|effect| match effect {
        Effect::Admitted { person } => Some(person.as_str()),
        _ => None,
    });
    assert_eq!(admitted.collect::<Vec<_>>(), ["mo", "ann", "bob"], "in the order in which they came");
    assert_eq!(room.class.started_ms(), Some(room.now));

    // Once started, viewers come in whether or not a moderator is there.
    room.run("mo", Command::Leave);
    assert!(room.enter("cem", Role::Viewer).unwrap().contains(&Effect::Admitted { person: id("cem") }));
}

#[test]
fn r4_who_leaves_the_lobby_is_not_let_in() {
    let mut room = Room::new(Settings::default());
    room.enter("ann", Role::Viewer).unwrap();
    room.enter("bob", Role::Viewer).unwrap();
    assert_eq!(gone(&room.run("ann", Command::Leave)), [("ann".into(), Close::Left)]);
    assert_eq!(room.run("bob", Command::Drop), []);
    room.enter("mo", Role::Moderator).unwrap();
    assert_eq!(room.class.people().count(), 1);
}

#[test]
fn a_full_room_lets_nobody_in_but_the_same_user_again() {
    let mut room = Room::new(Settings { max_people: Some(2), ..Settings::default() });
    let with_user = |name, role| classroom::Entrant { user: Some("lms-7".into()), ..entrant(name, role) };
    room.class.enter(0, with_user("mo", Role::Moderator)).unwrap();
    room.enter("ann", Role::Viewer).unwrap();
    assert_eq!(room.enter("bob", Role::Viewer), Err(Close::Full));
    assert!(!room.class.has_room_for(None) && !room.class.has_room_for(Some("lms-8")));
    assert!(room.class.has_room_for(Some("lms-7")));
    assert!(room.class.enter(0, with_user("mo2", Role::Moderator)).is_ok());
    assert_eq!(room.class.most_people(), 3);
}

#[test]
fn a_full_lobby_is_let_in_in_its_order() {
    let mut room = Room::new(Settings { max_people: Some(2), ..Settings::default() });
    room.enter("ann", Role::Viewer).unwrap();
    room.enter("bob", Role::Viewer).unwrap();
    let effects = room.enter("mo", Role::Moderator).unwrap();
    assert_eq!(gone(&effects), [("bob".into(), Close::Full)]);
}

#[test]
fn a_dropped_connection_keeps_its_seat_for_the_grace_time() {
    let mut room = Room::of_three(Settings::default());
    room.run("ann", Command::Publish { source: Source::Microphone, on: true });
    let effects = room.run("ann", Command::Drop);
    assert!(
        matches!(&told("bob", &effects)[..], [Event::Changed { person }] if !person.connected && !person.on.is_empty())
    );
    assert_eq!(gone(&room.pass(29_999)), []);
    let effects = room.pass(1);
    assert_eq!(gone(&effects), [("ann".into(), Close::Left)]);
    assert_eq!(told("bob", &effects), [Event::Left { person: id("ann") }]);
    let left = effects.iter().find_map(|effect| match effect {
        Effect::Gone { at_ms, .. } => Some(*at_ms),
        _ => None,
    });
    assert_eq!(left, Some(1_000), "the stay lasted until the connection dropped");
}

#[test]
fn who_returns_in_time_gets_the_missed_events_once_and_in_order() {
    let mut room = Room::of_three(Settings::default());
    room.class.welcome(room.now, &id("ann")).unwrap();
    room.run("bob", common::chat("one", None));
    room.run("ann", Command::Drop);
    room.run("bob", common::chat("two", None));
    room.run("bob", common::chat("for mo", Some("mo")));
    let effects = room.run("ann", Command::Return);
    assert!(matches!(&told("bob", &effects)[..], [Event::Changed { person }] if person.connected));
    let missed = room.class.missed(&id("ann"), 1).unwrap();
    let texts = missed.iter().filter_map(|(seq, event)| match &**event {
        Event::Chat { message } => Some((*seq, message.text.as_str())),
        _ => None,
    });
    assert_eq!(texts.collect::<Vec<_>>(), [(3, "two")], "not her own first one, not others' private ones");
    assert_eq!(gone(&room.pass(60_000)), []);
}

#[test]
fn who_missed_too_much_needs_a_new_welcome() {
    let mut room = Room::of_three(Settings::default());
    room.class.welcome(room.now, &id("ann")).unwrap();
    for _ in 0..=REMEMBERED {
        room.run("bob", Command::React { emoji: "👍".into() });
        room.now += 1_000;
    }
    assert_eq!(room.class.missed(&id("ann"), 0), None);
    assert_eq!(room.class.missed(&id("ann"), 1).map(|missed| missed.len()), Some(REMEMBERED));
    assert_eq!(room.class.missed(&id("ann"), 10_000), None, "never was");
}

#[test]
fn who_comes_in_anew_keeps_the_seat_and_the_hand_but_no_source() {
    let mut room = Room::of_three(Settings::default());
    room.run("ann", Command::Hand { up: true });
    room.run("ann", Command::Publish { source: Source::Camera, on: true });
    let effects = room.enter("ann", Role::Viewer).unwrap();
    assert!(effects.contains(&Effect::Route { person: id("ann"), source: Source::Camera, on: false }));
    assert!(effects.contains(&Effect::Admitted { person: id("ann") }));
    let ann = room.class.person(&id("ann")).unwrap();
    assert_eq!((ann.on, ann.hand, room.class.people().count()), (vec![], Some(1), 3));
}

#[test]
fn moderators_remove_others_but_not_themselves() {
    let mut room = Room::of_three(Settings::default());
    assert_eq!(room.apply("ann", Command::Eject { person: id("bob") }), Err(Refusal::NotAllowed));
    assert_eq!(room.apply("mo", Command::Eject { person: id("mo") }), Err(Refusal::Invalid));
    assert_eq!(room.apply("mo", Command::Eject { person: id("zoe") }), Err(Refusal::NoSuchPerson));
    let effects = room.run("mo", Command::Eject { person: id("bob") });
    assert_eq!(gone(&effects), [("bob".into(), Close::Ejected)]);
    assert_eq!(told("ann", &effects), [Event::Left { person: id("bob") }]);
    assert_eq!(room.apply("bob", Command::Hand { up: true }), Err(Refusal::NoSuchPerson));
}
