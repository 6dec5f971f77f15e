//! Microphones, cameras, screens.

mod common;

use classroom::{Command, Effect, Effects, Locks, Settings};
use common::{Room, id, told};
use protocol::media::Source;
use protocol::server::{Event, Refusal, Role};

fn publish(source: Source, on: bool) -> Command {
    Command::Publish { source, on }
}

fn mute(person: &str, source: Source) -> Command {
    Command::Mute { person: person.into(), source }
}

fn routes(effects: &Effects) -> Vec<(&str, Source, bool)> {
    let route = |effect| match effect {
        &Effect::Route { ref person, source, on } => Some((person.as_str(), source, on)),
        _ => None,
    };
    effects.iter().filter_map(route).collect()
}

#[test]
fn r11_everything_is_off_until_its_owner_releases_it() {
    let mut room = Room::of_three(Settings::default());
    assert!(room.class.people().all(|(_, person)| person.on.is_empty()));
    let effects = room.run("ann", publish(Source::Microphone, true));
    assert_eq!(routes(&effects), [("ann", Source::Microphone, true)]);
    assert!(
        matches!(&told("bob", &effects)[..], [Event::Changed { person }] if person.on == [Source::Microphone])
    );
    assert_eq!(room.run("ann", publish(Source::Microphone, true)), [], "on already");
    let effects = room.run("ann", publish(Source::Microphone, false));
    assert_eq!(routes(&effects), [("ann", Source::Microphone, false)]);
}

#[test]
fn r11_a_moderator_mutes_and_only_the_owner_unmutes() {
    let mut room = Room::of_three(Settings::default());
    room.run("ann", publish(Source::Microphone, true));
    let effects = room.run("mo", mute("ann", Source::Microphone));
    assert_eq!(routes(&effects), [("ann", Source::Microphone, false)]);
    assert!(told("ann", &effects).contains(&Event::Muted { source: Source::Microphone, by: id("mo") }));
    assert!(!told("bob", &effects).iter().any(|event| matches!(event, Event::Muted { .. })));
    assert_eq!(room.run("mo", mute("ann", Source::Microphone)), [], "muting again does not unmute");
    assert_eq!(room.apply("bob", mute("ann", Source::Microphone)), Err(Refusal::NotAllowed));
    assert_eq!(
        routes(&room.run("ann", publish(Source::Microphone, true))),
        [("ann", Source::Microphone, true)]
    );
}

#[test]
fn r11_mute_all_takes_the_microphones_of_viewers_and_nothing_else() {
    let mut room = Room::of_three(Settings::default());
    for who in ["mo", "ann", "bob"] {
        room.run(who, publish(Source::Microphone, true));
    }
    room.run("ann", publish(Source::Camera, true));
    let effects = room.run("mo", Command::MuteAll);
    assert_eq!(routes(&effects), [("ann", Source::Microphone, false), ("bob", Source::Microphone, false)]);
    assert_eq!(room.apply("ann", Command::MuteAll), Err(Refusal::NotAllowed));
}

#[test]
fn there_is_one_screen_and_a_moderator_may_take_it_over() {
    let mut room = Room::of_three(Settings::default());
    assert_eq!(
        room.apply("ann", publish(Source::ScreenAudio, true)),
        Err(Refusal::Invalid),
        "sound needs a screen"
    );
    room.run("ann", publish(Source::Screen, true));
    room.run("ann", publish(Source::ScreenAudio, true));
    assert_eq!(room.apply("bob", publish(Source::Screen, true)), Err(Refusal::NotAllowed));
    let effects = room.run("mo", publish(Source::Screen, true));
    let expected =
        [("ann", Source::ScreenAudio, false), ("ann", Source::Screen, false), ("mo", Source::Screen, true)];
    assert_eq!(routes(&effects), expected);
    assert!(told("ann", &effects).contains(&Event::Muted { source: Source::Screen, by: id("mo") }));
}

#[test]
fn locks_hold_viewers_back_and_taking_back_is_always_possible() {
    let locks = Locks { camera: true, microphone: true, ..Locks::default() };
    let mut room = Room::of_three(Settings { locks, ..Settings::default() });
    assert_eq!(room.apply("ann", publish(Source::Camera, true)), Err(Refusal::NotAllowed));
    assert_eq!(room.apply("ann", publish(Source::Microphone, true)), Err(Refusal::NotAllowed));
    assert_eq!(room.apply("ann", publish(Source::Microphone, false)), Ok(vec![]));
    assert!(room.apply("mo", publish(Source::Camera, true)).is_ok());
}

#[test]
fn cameras_of_viewers_can_be_for_moderators_only() {
    let mut room = Room::of_three(Settings { cameras_for_moderators_only: true, ..Settings::default() });
    room.enter("mia", Role::Moderator).unwrap();
    let sees = |who: &str, whom: &str, source| room.class.may_see(&id(who), &id(whom), source);
    assert!(sees("mo", "ann", Source::Camera) && sees("ann", "mo", Source::Camera));
    assert!(!sees("bob", "ann", Source::Camera) && sees("bob", "ann", Source::Screen));
    assert!(!sees("bob", "zoe", Source::Screen), "nobody of that name");
}

#[test]
fn switching_on_and_off_too_fast_is_refused_but_off_always_works() {
    let mut room = Room::of_three(Settings::default());
    let mut refused = 0;
    for _ in 0..40 {
        refused += usize::from(room.apply("ann", publish(Source::Camera, true)) == Err(Refusal::TooFast));
        room.run("ann", publish(Source::Camera, false));
    }
    assert_eq!(refused, 20);
}
