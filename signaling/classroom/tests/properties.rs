//! Whatever people do in whatever order, the room keeps its promises.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use classroom::{Command, Effect, Effects, Ending, Fact, Locks, Settings, Timings};
use common::{chat, entrant, id, mark, recordable};
use proptest::prelude::*;
use protocol::media::Source;
use protocol::server::{Event, RecordingFailure, RecordingState, Role};

const PEOPLE: [&str; 6] = ["m1", "m2", "v1", "v2", "v3", "v4"];

#[derive(Clone, Debug)]
enum Step {
    Enter(usize),
    Do(usize, Command),
    Fact(Fact),
    Wait(u64),
    Welcome(usize),
}

fn person() -> impl Strategy<Value = usize> {
    0..PEOPLE.len()
}

fn source() -> impl Strategy<Value = Source> {
    prop::sample::select(vec![Source::Microphone, Source::Camera, Source::Screen, Source::ScreenAudio])
}

fn command() -> impl Strategy<Value = Command> {
    let whom = || person().prop_map(|n| id(PEOPLE[n]));
    prop_oneof![
        2 => Just(Command::Drop),
        2 => Just(Command::Return),
        1 => Just(Command::Leave),
        6 => (source(), any::<bool>()).prop_map(|(source, on)| Command::Publish { source, on }),
        3 => prop::option::of(person()).prop_map(|to| chat("text", to.map(|n| PEOPLE[n]))),
        3 => any::<bool>().prop_map(|up| Command::Hand { up }),
        1 => Just(Command::React { emoji: "👍".into() }),
        3 => (whom(), source()).prop_map(|(person, source)| Command::Mute { person, source }),
        1 => Just(Command::MuteAll),
        1 => whom().prop_map(|person| Command::LowerHand { person }),
        4 => any::<bool>().prop_map(mark),
        1 => whom().prop_map(|person| Command::Eject { person }),
    ]
}

fn fact() -> impl Strategy<Value = Fact> {
    let segment = 1_u32..4;
    prop_oneof![
        person().prop_map(|n| Fact::Talked { person: id(PEOPLE[n]), ms: 900, bursts: 1 }),
        segment.clone().prop_map(|segment| Fact::SegmentFinished { segment, url: Some("/r".into()) }),
        segment.prop_map(|segment| Fact::SegmentFailed { segment, reason: RecordingFailure::DiskFull }),
        Just(Fact::RecorderLost),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => person().prop_map(Step::Enter),
        16 => (person(), command()).prop_map(|(n, command)| Step::Do(n, command)),
        2 => fact().prop_map(Step::Fact),
        4 => prop_oneof![1_u64..500, 500_u64..40_000].prop_map(Step::Wait),
        2 => person().prop_map(Step::Welcome),
        1 => Just(Step::Fact(Fact::End(Ending::FrontEnd))),
    ];
    prop::collection::vec(step, 1..150)
}

fn settings() -> impl Strategy<Value = Settings> {
    (any::<[bool; 4]>(), prop::option::of(2_usize..5), prop::option::of(10_000_u64..90_000)).prop_map(
        |([camera, microphone, public_chat, tenant], max_people, expires)| {
            let mut settings = Settings {
                max_people,
                expire_empty_ms: expires,
                expire_unused_ms: expires,
                expire_without_moderator_ms: expires,
                locks: Locks { camera, microphone, public_chat, private_chat: camera },
                timings: Timings::default(),
                ..recordable()
            };
            settings.recording.tenant = tenant;
            settings
        },
    )
}

/// What somebody who only sees the effects knows.
#[derive(Default)]
struct Witness {
    seq: BTreeMap<String, u64>,
    routed: BTreeSet<(String, Source)>,
    announced: Option<u64>,
    taking: Option<u32>,
    last_segment: u32,
    ended: bool,
}

impl Witness {
    fn see(&mut self, now: u64, effects: &Effects, actor: Option<&str>) {
        assert!(!self.ended || effects.is_empty(), "nothing follows the end");
        for effect in effects {
            match effect {
                Effect::Tell { to, event } => self.see_event(now, to, event),
                Effect::Route { person, source, on: true } => {
                    assert_eq!(Some(person.as_str()), actor, "R11: nobody else turns a source on");
                    self.routed.insert((person.to_string(), *source));
                }
                Effect::Route { person, source, on: false } => {
                    self.routed.remove(&(person.to_string(), *source));
                }
                Effect::Gone { person, .. } => {
                    self.seq.remove(person.as_str());
                    self.routed.retain(|(who, _)| who != person.as_str());
                }
                Effect::Begin { segment } => {
                    let announced = self.announced.expect("R31: announced");
                    assert!(now >= announced + 3_000, "R31: three seconds before");
                    assert_eq!((*segment, self.taking), (self.last_segment + 1, None));
                    (self.taking, self.last_segment) = (Some(*segment), *segment);
                }
                Effect::Finish { segment } => assert_eq!(self.taking.take(), Some(*segment)),
                Effect::Ended { .. } => self.ended = true,
                Effect::Admitted { .. } | Effect::Waiting { .. } => {}
            }
        }
    }

    fn see_event(&mut self, now: u64, to: &[(protocol::ids::PersonId, u64)], event: &Event) {
        for (person, seq) in to {
            let last = self.seq.entry(person.to_string()).or_default();
            assert_eq!(*seq, *last + 1, "numbers are gapless");
            *last = *seq;
        }
        match event {
            Event::Chat { message } if message.to.is_some() => {
                let ends =
                    |who: &protocol::ids::PersonId| message.from == *who || message.to.as_ref() == Some(who);
                assert!(to.iter().all(|(who, _)| ends(who)), "private is private");
            }
            Event::Recording { state: RecordingState::Announced { .. } } => {
                self.announced.get_or_insert(now);
            }
            Event::Recording { state: RecordingState::On { .. } } => {}
            Event::Recording { .. } => self.announced = None,
            _ => {}
        }
    }
}

fn check(room: &common::Room, witness: &Witness) {
    let people: Vec<_> = room.class.people().map(|(_, person)| person).collect();
    let on: BTreeSet<_> =
        people.iter().flat_map(|p| p.on.iter().map(|source| (p.id.to_string(), *source))).collect();
    assert_eq!(on, witness.routed, "what is shown as on is what is routed");
    let shares = |source| people.iter().filter(|p| p.on.contains(&source)).count();
    assert!(shares(Source::Screen) <= 1 && shares(Source::ScreenAudio) <= shares(Source::Screen));
    let hands: Vec<_> = people.iter().filter_map(|p| p.hand).collect();
    assert_eq!(hands.iter().collect::<BTreeSet<_>>().len(), hands.len(), "no two hands have one number");
    assert_eq!(room.class.segment(), witness.taking);
    assert!(room.class.segment().is_none() || room.class.may_record(), "R32");
    assert!(people.is_empty() || room.class.started_ms().is_some(), "R4");
    let waits = !people.iter().all(|p| p.connected);
    assert!(room.class.ended().is_some() || !waits || room.class.poll_timeout().is_some(), "grace ends");
    if let Some(due) = room.class.poll_timeout() {
        assert!(due > room.now, "a handled timeout is over");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_commands_keeps_the_invariants(settings in settings(), steps in steps()) {
        let mut room = common::Room::new(settings);
        let mut witness = Witness::default();
        for step in steps {
            let (effects, actor) = match step {
                Step::Enter(n) => {
                    let role = if n < 2 { Role::Moderator } else { Role::Viewer };
                    (room.class.enter(room.now, entrant(PEOPLE[n], role)).unwrap_or_default(), None)
                }
                Step::Do(n, command) => (room.apply(PEOPLE[n], command).unwrap_or_default(), Some(PEOPLE[n])),
                Step::Fact(fact) => (room.observe(fact), None),
                Step::Welcome(n) => {
                    if room.class.welcome(room.now, &id(PEOPLE[n])).is_some() {
                        witness.seq.insert(PEOPLE[n].to_owned(), 0);
                    }
                    (Effects::new(), None)
                }
                Step::Wait(ms) => {
                    let end = room.now + ms;
                    while let Some(due) = room.class.poll_timeout().filter(|due| *due <= end) {
                        room.now = due;
                        let effects = room.class.handle_timeout(due);
                        witness.see(due, &effects, None);
                        check(&room, &witness);
                    }
                    room.now = end;
                    (Effects::new(), None)
                }
            };
            witness.see(room.now, &effects, actor);
            check(&room, &witness);
            for who in PEOPLE {
                let missed = room.class.missed(&id(who), 0).unwrap_or_default();
                prop_assert!(missed.iter().zip(1..).all(|((seq, _), expected)| *seq == expected), "nothing is missing");
            }
        }
    }
}
