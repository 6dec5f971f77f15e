//! Statistics per person.

mod common;

use classroom::{Command, Entrant, Fact, Settings, Statistics};
use common::{Room, chat, entrant, id};
use protocol::server::Role;

#[test]
fn r41_everything_that_is_promised_is_counted() {
    let mut room = Room::new(Settings::default());
    room.enter("mo", Role::Moderator).unwrap();
    room.pass(500);
    room.enter("ann", Role::Viewer).unwrap();
    room.run("ann", chat("one", None));
    room.run("ann", chat("two", Some("mo")));
    room.run("ann", Command::React { emoji: "👍".into() });
    room.run("ann", Command::Hand { up: true });
    room.run("ann", Command::Hand { up: false });
    room.run("ann", Command::Hand { up: true });
    room.observe(Fact::Talked { person: id("ann"), ms: 1_000, bursts: 1 });
    room.observe(Fact::Talked { person: id("ann"), ms: 700, bursts: 0 });
    room.pass(10_000);
    room.run("ann", Command::Leave);
    room.pass(5_000);
    let [mo, ann] = &room.class.statistics(room.now)[..] else { panic!("two people") };
    assert!(mo.moderator && mo.left_ms.is_none());
    assert_eq!((mo.name.as_str(), mo.online_ms, mo.chat_messages), ("MO", 15_500, 0));
    let expected = Statistics {
        person: id("ann"),
        user: None,
        name: "ANN".into(),
        moderator: false,
        chat_messages: 2,
        times_talked: 1,
        emoji: 1,
        hands: 2,
        poll_answers: 0,
        talk_ms: 1_700,
        online_ms: 10_000,
        joined_ms: 1_500,
        left_ms: Some(11_500),
    };
    assert_eq!(*ann, expected);
}

#[test]
fn r41_a_user_who_comes_again_is_one_row_and_two_tabs_count_once() {
    let mut room = Room::new(Settings::default());
    let with_user = |name: &str| Entrant { user: Some("lms-7".into()), ..entrant(name, Role::Moderator) };
    room.class.enter(room.now, with_user("mo")).unwrap();
    room.pass(1_000);
    room.class.enter(room.now, with_user("mo2")).unwrap();
    room.pass(1_000);
    room.run("mo", Command::Leave);
    room.pass(1_000);
    room.run("mo2", Command::Leave);
    room.pass(5_000);
    room.class.enter(room.now, with_user("mo3")).unwrap();
    room.pass(1_000);
    let [row] = &room.class.statistics(room.now)[..] else { panic!("one row") };
    assert_eq!((row.online_ms, row.joined_ms, row.left_ms), (4_000, 1_000, None));
    assert_eq!((row.person.as_str(), row.name.as_str()), ("mo", "MO3"));
}

#[test]
fn r41_a_dropped_connection_that_never_came_back_ends_when_it_dropped() {
    let mut room = Room::of_three(Settings::default());
    room.pass(2_000);
    room.run("ann", Command::Drop);
    room.pass(60_000);
    let rows = room.class.statistics(room.now);
    let ann = rows.iter().find(|row| row.person == id("ann")).unwrap();
    assert_eq!((ann.online_ms, ann.left_ms), (2_000, Some(3_000)));
}

#[test]
fn r41_statistics_outlive_the_room() {
    let mut room = Room::of_three(Settings::default());
    room.pass(9_000);
    room.run("mo", Command::End);
    room.pass(9_000);
    let rows = room.class.statistics(room.now);
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.online_ms == 9_000 && row.left_ms == Some(10_000)));
}
