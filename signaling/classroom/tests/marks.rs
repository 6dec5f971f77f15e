//! Marked segments.

mod common;

use classroom::{Command, Effect, Effects, Fact, Recording, Settings};
use common::{Room, id, mark, recordable, told};
use protocol::server::{Event, RecordingFailure, RecordingState, Refusal, Role};

fn taken(effects: &Effects) -> Vec<&Effect> {
    effects.iter().filter(|effect| matches!(effect, Effect::Begin { .. } | Effect::Finish { .. })).collect()
}

fn states(who: &str, effects: &Effects) -> Vec<RecordingState> {
    let state = |event| match event {
        Event::Recording { state } => Some(state),
        _ => None,
    };
    told(who, effects).into_iter().filter_map(state).collect()
}

/// A room in which a segment is being taken.
fn taking() -> Room {
    let mut room = Room::of_three(recordable());
    room.run("mo", mark(true));
    assert_eq!(taken(&room.pass(3_000)), [&Effect::Begin { segment: 1 }]);
    room
}

#[test]
fn r31_everybody_is_told_three_seconds_before_anything_is_taken() {
    let mut room = Room::of_three(recordable());
    let effects = room.run("mo", mark(true));
    for who in ["mo", "ann", "bob"] {
        assert_eq!(states(who, &effects), [RecordingState::Announced { starts_in_ms: 3_000, by: id("mo") }]);
    }
    assert_eq!(taken(&effects), [] as [&Effect; 0]);
    assert_eq!(taken(&room.pass(2_999)), [] as [&Effect; 0]);
    room.enter("cem", Role::Viewer).unwrap();
    let seen = room.class.welcome(room.now, &id("cem")).unwrap().recording;
    assert_eq!(seen, RecordingState::Announced { starts_in_ms: 1, by: id("mo") }, "latecomers are told too");
    let effects = room.pass(1);
    assert_eq!(states("ann", &effects), [RecordingState::On { elapsed_ms: 0 }]);
    assert_eq!(taken(&effects), [&Effect::Begin { segment: 1 }]);
    assert!(matches!(effects[..], [Effect::Tell { .. }, Effect::Begin { .. }]), "told first, taken then");
}

#[test]
fn r30_nothing_is_taken_without_a_mark_or_with_one_taken_back() {
    let mut room = Room::of_three(recordable());
    assert_eq!(taken(&room.pass(3_600_000)), [] as [&Effect; 0]);
    room.run("mo", mark(true));
    room.pass(2_000);
    let effects = room.run("mo", mark(false));
    assert_eq!(states("ann", &effects), [RecordingState::Off]);
    assert_eq!(taken(&room.pass(60_000)), [] as [&Effect; 0]);
}

#[test]
fn r32_only_moderators_mark_and_only_what_tenant_and_meeting_allow() {
    let mut room = Room::of_three(recordable());
    assert_eq!(room.apply("ann", mark(true)), Err(Refusal::NotAllowed));
    assert_eq!(
        room.apply("mo", Command::Mark { on: true, possible: Err(Refusal::DiskFull) }),
        Err(Refusal::DiskFull)
    );
    for off in 0..3 {
        let recording = Recording { tenant: off != 0, meeting: off != 1, marks: off != 2 };
        let mut room = Room::of_three(Settings { recording, ..Settings::default() });
        let wish = Command::Mark { on: true, possible: Err(Refusal::DiskFull) };
        assert_eq!(room.apply("mo", wish), Err(Refusal::RecordingOff), "the rights come first");
        assert_eq!(room.apply("mo", mark(true)), Err(Refusal::RecordingOff));
        assert!(!room.class.may_record());
        assert_eq!(taken(&room.pass(60_000)), [] as [&Effect; 0]);
    }
}

#[test]
fn r34_a_finished_segment_is_ready_and_only_moderators_get_the_link() {
    let mut room = taking();
    assert_eq!(room.class.segment(), Some(1));
    assert_eq!(room.run("mo", mark(true)), [], "on already");
    let effects = room.run("mo", mark(false));
    assert_eq!(states("ann", &effects), [RecordingState::Finishing]);
    assert_eq!(taken(&effects), [&Effect::Finish { segment: 1 }]);
    let effects = room.observe(Fact::SegmentFinished { segment: 1, url: Some("/r".into()) });
    assert_eq!(states("mo", &effects), [RecordingState::Ready { url: Some("/r".into()) }]);
    assert_eq!(states("ann", &effects), [RecordingState::Ready { url: None }]);
    let mut seen = |who: &str| room.class.welcome(room.now, &id(who)).unwrap().recording;
    assert_eq!(seen("ann"), RecordingState::Ready { url: None });
    assert_eq!(seen("mo"), RecordingState::Ready { url: Some("/r".into()) });
}

#[test]
fn a_second_segment_may_begin_while_the_first_is_finished() {
    let mut room = taking();
    room.run("mo", mark(false));
    room.run("mo", mark(true));
    let effects = room.observe(Fact::SegmentFinished { segment: 1, url: None });
    assert!(matches!(states("ann", &effects)[..], [RecordingState::Announced { .. }]));
    assert_eq!(taken(&room.pass(3_000)), [&Effect::Begin { segment: 2 }]);
    let effects = room.run("mo", mark(false));
    assert_eq!(states("ann", &effects), [RecordingState::Finishing]);
}

#[test]
fn a_full_disk_stops_the_segment_and_the_class_goes_on() {
    let mut room = taking();
    let effects = room.observe(Fact::SegmentFailed { segment: 1, reason: RecordingFailure::DiskFull });
    assert_eq!(states("ann", &effects), [RecordingState::Failed { reason: RecordingFailure::DiskFull }]);
    assert_eq!(taken(&effects), [&Effect::Finish { segment: 1 }]);
    assert!(room.class.ended().is_none() && room.class.segment().is_none());
    assert!(room.apply("mo", mark(true)).is_ok(), "it can be tried again");
}

#[test]
fn a_lost_recorder_is_told_and_what_it_saved_is_ready_later() {
    let mut room = taking();
    let effects = room.observe(Fact::RecorderLost);
    assert_eq!(states("ann", &effects), [RecordingState::Failed { reason: RecordingFailure::RecorderLost }]);
    assert_eq!(taken(&effects), [&Effect::Finish { segment: 1 }]);
    let effects = room.observe(Fact::SegmentFinished { segment: 1, url: None });
    assert_eq!(states("ann", &effects), [RecordingState::Ready { url: None }]);
    assert_eq!(room.observe(Fact::RecorderLost), [], "nothing was being recorded");
}

#[test]
fn a_class_that_ends_finishes_its_segment_first() {
    let mut room = taking();
    let effects = room.run("mo", Command::End);
    let finish = effects.iter().position(|effect| *effect == Effect::Finish { segment: 1 }).unwrap();
    let first_gone = effects.iter().position(|effect| matches!(effect, Effect::Gone { .. })).unwrap();
    assert!(finish < first_gone);
}
