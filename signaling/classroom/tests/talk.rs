//! Chat, reactions, hands.

mod common;

use classroom::{Command, LONGEST_MESSAGE, Locks, REACTIONS, Settings};
use common::{Room, chat, id, told};
use protocol::server::{Event, Refusal};

fn hand(up: bool) -> Command {
    Command::Hand { up }
}

#[test]
fn everybody_reads_public_chat_and_two_people_a_private_message() {
    let mut room = Room::of_three(Settings::default());
    let effects = room.run("ann", chat("hello <b>all</b>", None));
    for who in ["mo", "ann", "bob"] {
        let [Event::Chat { message }] = &told(who, &effects)[..] else { panic!("{who} must read it") };
        assert_eq!(
            (message.name.as_str(), message.text.as_str(), message.at_ms),
            ("ANN", "hello <b>all</b>", 1_000)
        );
    }
    let effects = room.run("ann", chat("psst", Some("bob")));
    assert_eq!(
        (told("ann", &effects).len(), told("bob", &effects).len(), told("mo", &effects).len()),
        (1, 1, 0)
    );
    let seen = |who: &str| room.class.clone().welcome(room.now, &id(who)).unwrap().chat.len();
    assert_eq!((seen("ann"), seen("bob"), seen("mo")), (2, 2, 1));
}

#[test]
fn messages_have_limits() {
    let mut room = Room::of_three(Settings::default());
    assert_eq!(room.apply("ann", chat("  \n", None)), Err(Refusal::Invalid));
    assert_eq!(room.apply("ann", chat(&"x".repeat(LONGEST_MESSAGE + 1), None)), Err(Refusal::Invalid));
    assert_eq!(room.apply("ann", chat("to myself", Some("ann"))), Err(Refusal::Invalid));
    assert_eq!(room.apply("ann", chat("anybody?", Some("zoe"))), Err(Refusal::NoSuchPerson));
    let sent = (0..20).filter(|_| room.apply("ann", chat("spam", None)).is_ok()).count();
    assert_eq!(sent, 8);
    assert_eq!(room.apply("ann", chat("spam", None)), Err(Refusal::TooFast));
    room.pass(1_000);
    assert!(room.apply("ann", chat("slower now", None)).is_ok());
}

#[test]
fn locks_close_the_chat_for_viewers_but_never_the_way_to_a_moderator() {
    let locks = Locks { public_chat: true, private_chat: true, ..Locks::default() };
    let mut room = Room::of_three(Settings { locks, ..Settings::default() });
    assert_eq!(room.apply("ann", chat("all", None)), Err(Refusal::NotAllowed));
    assert_eq!(room.apply("ann", chat("bob", Some("bob"))), Err(Refusal::NotAllowed));
    assert!(room.apply("ann", chat("help", Some("mo"))).is_ok());
    assert!(
        room.apply("mo", chat("all", None)).is_ok() && room.apply("mo", chat("ann", Some("ann"))).is_ok()
    );
}

#[test]
fn only_offered_emoji_are_sent_and_not_too_many() {
    let mut room = Room::of_three(Settings::default());
    for emoji in ["", "x", "<img>", "👍👍"] {
        assert_eq!(room.apply("ann", Command::React { emoji: emoji.into() }), Err(Refusal::Invalid));
    }
    let effects = room.run("ann", Command::React { emoji: REACTIONS[0].into() });
    assert_eq!(told("bob", &effects), [Event::Reaction { person: id("ann"), emoji: REACTIONS[0].into() }]);
    let sent = (0..20).filter(|_| room.apply("ann", Command::React { emoji: "👏".into() }).is_ok()).count();
    assert_eq!(sent, 4);
}

#[test]
fn hands_stay_in_the_order_in_which_they_went_up() {
    let mut room = Room::of_three(Settings::default());
    let order = |room: &Room| {
        let mut up: Vec<_> =
            room.class.people().filter_map(|(_, p)| Some((p.hand?, p.id.to_string()))).collect();
        up.sort();
        up.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    for who in ["bob", "mo", "ann"] {
        room.run(who, hand(true));
    }
    assert_eq!(order(&room), ["bob", "mo", "ann"]);
    assert_eq!(room.run("bob", hand(true)), [], "up already");
    room.run("mo", Command::LowerHand { person: id("bob") });
    room.run("bob", hand(true));
    assert_eq!(order(&room), ["mo", "ann", "bob"]);
    assert_eq!(room.apply("ann", Command::LowerHand { person: id("mo") }), Err(Refusal::NotAllowed));
    for who in ["bob", "mo", "ann"] {
        room.run(who, hand(false));
    }
    room.run("ann", hand(true));
    assert_eq!(room.class.person(&id("ann")).unwrap().hand, Some(1), "numbers start again");
}
