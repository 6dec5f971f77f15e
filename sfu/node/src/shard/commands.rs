//! Carries out what async code asked for, and says in the node's words what the engine answered.

use sfu_engine::{Engine, Event, Micros, View};

use super::mailbox::Command;
use super::tracks::Tracks;
use crate::events::{SfuEvent, SlotChange};
use crate::join::{AnswerError, EngineView, JoinError, Joined, SlotInfo};

/// Carries out one command. False means: stop.
pub fn carry_out(engine: &mut Engine, tracks: &mut Tracks, now: Micros, command: Command) -> bool {
    match command {
        Command::OpenRoom(room) => engine.open_room(room),
        Command::CloseRoom(room) => {
            engine.close_room(now, room);
            engine.drain_tap(|output| tracks.take(now, &output));
            tracks.close(room);
        }
        Command::Join { room, participant, video_slots, reply } => {
            let joined = engine.join(now, room, participant, video_slots);
            // Whoever asked may be gone by now; then the participant goes as well.
            let taken = joined.is_ok();
            if reply.send(joined.map(|joined| joined_of(participant, joined)).map_err(join_error)).is_err()
                && taken
            {
                engine.leave(now, participant);
            }
        }
        Command::Answer { participant, sdp, reply } => {
            let _ = reply.send(engine.answer(now, participant, &sdp).map_err(answer_error));
        }
        Command::Publish { participant, source, on } => engine.publish(now, participant, source, on),
        Command::Viewport { participant, views } => {
            let views: Vec<View> = views.into_iter().map(view_of).collect();
            engine.viewport(now, participant, &views);
        }
        Command::Leave(participant) => engine.leave(now, participant),
        Command::OpenTap { room, segment } => {
            tracks.open(now, room, segment);
            engine.open_tap(now, room);
        }
        Command::CloseTap { room, done } => {
            engine.close_tap(room);
            engine.drain_tap(|output| tracks.take(now, &output));
            tracks.close(room);
            let _ = done.send(());
        }
        Command::TapKeyframe { room, participant, source } => engine.tap_keyframe(room, participant, source),
        #[cfg(feature = "testing")]
        Command::ConnectWithKeys { participant, remote, material } => {
            engine.connect_with_keys(now, participant, remote, &material);
        }
        Command::Stop => return false,
    }
    true
}

fn joined_of(participant: sfu_engine::ParticipantId, joined: sfu_engine::Joined) -> Joined {
    let slots =
        joined.slots.into_iter().map(|slot| SlotInfo { slot: slot.slot, kind: slot.kind, mid: slot.mid });
    let publish = joined.publish.into_iter().map(|(source, mid)| (source, mid.to_owned()));
    Joined {
        participant,
        offer: joined.offer,
        slots: slots.collect(),
        publish: publish.collect(),
        relay: None,
    }
}

fn join_error(error: sfu_engine::JoinError) -> JoinError {
    match error {
        sfu_engine::JoinError::NoRoom => JoinError::NoSuchRoom,
        sfu_engine::JoinError::Taken => JoinError::Full,
        sfu_engine::JoinError::Slots => JoinError::Slots,
    }
}

fn answer_error(error: sfu_engine::AnswerRefused) -> AnswerError {
    match error {
        sfu_engine::AnswerRefused::NoParticipant => AnswerError::NoSuchParticipant,
        sfu_engine::AnswerRefused::Answer(why) => AnswerError::Refused(why.to_string()),
    }
}

fn view_of(view: EngineView) -> View {
    let EngineView { publisher, source, width, height, priority } = view;
    View { publisher, source, width, height, priority }
}

/// An engine's event in the node's words.
pub fn event_of(event: Event) -> SfuEvent {
    match event {
        Event::Connected(participant) => SfuEvent::Connected { participant },
        Event::Disconnected(participant) => SfuEvent::Disconnected { participant },
        Event::Slots { participant, changes } => {
            let slots = changes.into_iter().map(|change| SlotChange {
                slot: change.slot,
                from: change.from.map(|from| (from.participant, from.source, from.csrc)),
            });
            SfuEvent::Slots { participant, slots: slots.collect() }
        }
        Event::Speaking { room, speakers } => SfuEvent::Speaking { room, speakers },
        Event::Talked { participant, ms, bursts } => SfuEvent::Talked { participant, ms, bursts },
        Event::Live { participant, source, live } => SfuEvent::Live { participant, source, live },
    }
}
