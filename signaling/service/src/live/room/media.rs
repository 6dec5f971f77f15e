//! Connections of the media node: who is whom there, what they show, and what comes back.

use std::collections::HashSet;

use protocol::ids::PersonId;
use protocol::media::{IceServer, MediaOffer, PublishSection, Slot, SlotAssignment, Source, View};
use protocol::server::{Close, Refusal, ServerMessage};
use sfu_node::{AnswerError, EngineView, JoinError, Joined, ParticipantId, SfuEvent, SlotChange};
use store::recordings::BegunSegment;

use super::super::outbox::{ConnectionId, text};
use super::Room;
use classroom::{Command, Fact};

/// More pictures than any screen shows.
const MOST_VIEWS: usize = 64;
/// A client asks for new media no more often, ms.
const RESTART_PAUSE_MS: u64 = 1_000;

/// Work that was done aside.
pub(super) enum Done {
    /// A connection of the media node is prepared.
    Joined { person: PersonId, connection: ConnectionId, result: Result<Joined, JoinError> },
    /// A browser's answer was applied.
    Answered { person: PersonId, result: Result<(), AnswerError> },
    /// The store opened a segment.
    Segment { segment: u32, result: Result<BegunSegment, store::Error> },
}

impl Room {
    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Joined { person, connection, result } => self.joined(&person, connection, result),
            Done::Answered { person, result } => {
                if result.is_err() {
                    self.refuse(&person, Refusal::BadAnswer);
                }
            }
            Done::Segment { segment, result } => self.segment_begun(segment, result),
        }
    }

    /// The meeting ended before this was done.
    pub(super) fn give_up(&mut self, done: Done) {
        match done {
            Done::Segment { result: Ok(begun), .. } => self.books.segment_failed(begun.number),
            // The media room is closed next, with everybody in it.
            Done::Segment { .. } | Done::Joined { .. } | Done::Answered { .. } => {}
        }
    }

    /// Prepares media for the person's connection; the welcome or the new offer follows.
    pub(super) fn ask_for_media(&mut self, person: &PersonId) {
        let Some(stay) = self.stays.get(person) else { return };
        let Some(connection) = stay.connection.as_ref().map(|outbox| outbox.id) else { return };
        let (sfu, room, slots, person) =
            (self.config.sfu.clone(), self.media_room, stay.video_slots, person.clone());
        self.work.spawn(async move {
            let result = sfu.join(room, slots).await;
            Done::Joined { person, connection, result }
        });
    }

    fn joined(&mut self, person: &PersonId, connection: ConnectionId, result: Result<Joined, JoinError>) {
        let waits = self.stays.get(person).is_some_and(|stay| stay.is_connected_by(connection));
        match result {
            Ok(joined) if waits => self.attach(person, &joined),
            Ok(joined) => self.config.sfu.leave(joined.participant),
            Err(error) if waits => self.no_media(person, error),
            Err(_) => {}
        }
    }

    fn attach(&mut self, person: &PersonId, joined: &Joined) {
        self.drop_media(person);
        let Some(stay) = self.stays.get_mut(person) else { return };
        stay.media = Some(joined.participant);
        let welcomed = stay.welcomed;
        self.participants.insert(joined.participant, person.clone());
        self.routes.add_participant(joined.participant, self.events.clone());
        if welcomed {
            self.send(person, &ServerMessage::Media(offer(joined)));
        } else {
            self.welcome(person, joined);
        }
        let Some(seen) = self.class.person(person) else { return };
        for source in seen.on {
            self.config.sfu.publish(joined.participant, source, true);
        }
        self.name_in_segment(person, joined.participant, seen.name);
        self.send_views(person);
        self.show_to_others(person);
    }

    fn no_media(&mut self, person: &PersonId, error: JoinError) {
        tracing::warn!(%error, "no media for a participant");
        let reason = if error == JoinError::Full { Close::Full } else { Close::ServerStopping };
        if let Some(stay) = self.stays.get_mut(person) {
            let logout_url = stay.guest.logout_url.clone();
            if let Some(outbox) = stay.connection.take() {
                self.connections.remove(&outbox.id);
                outbox.close(reason, logout_url);
            }
        }
        self.config.metrics.turned_away(reason);
        self.apply(person, Command::Leave);
    }

    pub(super) fn answer(&mut self, person: &PersonId, sdp: String) {
        let Some(participant) = self.stays.get(person).and_then(|stay| stay.media) else {
            return self.refuse(person, Refusal::BadAnswer);
        };
        let (sfu, person) = (self.config.sfu.clone(), person.clone());
        self.work.spawn(async move {
            let result = sfu.answer(participant, sdp).await;
            Done::Answered { person, result }
        });
    }

    pub(super) fn restart_media(&mut self, person: &PersonId) {
        let now_ms = self.now_ms();
        let Some(stay) = self.stays.get_mut(person) else { return };
        if stay.restarted_ms.is_some_and(|at_ms| now_ms.saturating_sub(at_ms) < RESTART_PAUSE_MS) {
            return self.refuse(person, Refusal::TooFast);
        }
        stay.restarted_ms = Some(now_ms);
        self.drop_media(person);
        self.ask_for_media(person);
    }

    pub(super) fn drop_media(&mut self, person: &PersonId) {
        let Some(stay) = self.stays.get_mut(person) else { return };
        stay.slots.clear();
        if let Some(participant) = stay.media.take() {
            self.participants.remove(&participant);
            self.routes.remove_participant(participant);
            self.config.sfu.leave(participant);
        }
    }

    pub(super) fn route(&self, person: &PersonId, source: Source, on: bool) {
        if let Some(participant) = self.stays.get(person).and_then(|stay| stay.media) {
            self.config.sfu.publish(participant, source, on);
        }
    }

    pub(super) fn viewport(&mut self, person: &PersonId, mut views: Vec<View>) {
        views.truncate(MOST_VIEWS);
        if let Some(stay) = self.stays.get_mut(person) {
            stay.views = views;
        }
        self.send_views(person);
    }

    fn send_views(&self, person: &PersonId) {
        let Some(stay) = self.stays.get(person) else { return };
        let Some(participant) = stay.media else { return };
        let view = |view: &View| {
            let publisher = self.stays.get(&view.person)?.media?;
            let seen = self.class.may_see(person, &view.person, view.source);
            let &View { source, width, height, priority, .. } = view;
            seen.then_some(EngineView { publisher, source, width, height, priority })
        };
        self.config.sfu.viewport(participant, stay.views.iter().filter_map(view).collect());
    }

    /// Somebody has new media: those who show the person ask for it.
    fn show_to_others(&self, publisher: &PersonId) {
        let shows = |views: &[View]| views.iter().any(|view| view.person == *publisher);
        let viewers = self.stays.iter().filter(|(person, stay)| *person != publisher && shows(&stay.views));
        viewers.for_each(|(person, _)| self.send_views(person));
    }

    pub(super) fn media_event(&mut self, event: SfuEvent) {
        match event {
            SfuEvent::Slots { participant, slots } => self.slots(participant, &slots),
            SfuEvent::Speaking { speakers, .. } => self.speaking(&speakers),
            SfuEvent::Talked { participant, ms, bursts } => {
                if let Some(person) = self.participants.get(&participant).cloned() {
                    self.config.metrics.talk_seconds.inc_by(f64::from(ms) / 1000.0);
                    self.observe(Fact::Talked { person, ms, bursts });
                }
            }
            SfuEvent::Disconnected { participant } => {
                if let Some(person) = self.participants.get(&participant).cloned() {
                    self.drop_media(&person);
                }
            }
            SfuEvent::Connected { .. } | SfuEvent::Live { .. } => {}
            // The registry deals with the recorder.
            SfuEvent::Tap(_) | SfuEvent::RecorderAttached | SfuEvent::RecorderLost => {}
        }
    }

    fn slots(&mut self, participant: ParticipantId, changes: &[SlotChange]) {
        let Some(person) = self.participants.get(&participant) else { return };
        let assignment = |change: &SlotChange| {
            let from = change
                .from
                .and_then(|(whose, source, csrc)| Some((self.participants.get(&whose)?, source, csrc)));
            SlotAssignment {
                slot: change.slot,
                person: from.map(|(person, ..)| person.clone()),
                source: from.map(|(_, source, _)| source),
                csrc: from.map(|(.., csrc)| csrc),
            }
        };
        let slots: Vec<_> = changes.iter().map(assignment).collect();
        let Some(stay) = self.stays.get_mut(person) else { return };
        stay.slots.extend(slots.iter().map(|slot| (slot.slot, slot.clone())));
        if let Some(outbox) = stay.listening() {
            outbox.send(&ServerMessage::Slots { slots });
        }
    }

    /// For a client that comes back: all its slots, and who speaks.
    pub(super) fn show_slots(&self, person: &PersonId) {
        let Some(stay) = self.stays.get(person) else { return };
        self.send(person, &ServerMessage::Slots { slots: stay.slots.values().cloned().collect() });
        self.send(person, &ServerMessage::Speaking { people: self.speakers.clone() });
    }

    fn speaking(&mut self, speakers: &[ParticipantId]) {
        self.speakers =
            speakers.iter().filter_map(|speaker| self.participants.get(speaker).cloned()).collect();
        let message = text(&ServerMessage::Speaking { people: self.speakers.clone() });
        let listening = self.stays.values().filter_map(|stay| stay.listening());
        listening.for_each(|outbox| outbox.send_text(message.clone()));
    }

    /// Everybody who can be recorded.
    pub(super) fn people_with_media(&self) -> Vec<(ParticipantId, PersonId)> {
        let people: HashSet<_> = self.participants.iter().collect();
        people.into_iter().map(|(participant, person)| (*participant, person.clone())).collect()
    }
}

/// The offer as the client gets it.
pub(super) fn offer(joined: &Joined) -> MediaOffer {
    let slots =
        joined.slots.iter().map(|slot| Slot { slot: slot.slot, kind: slot.kind, mid: slot.mid.clone() });
    let publish =
        joined.publish.iter().map(|(source, mid)| PublishSection { source: *source, mid: mid.clone() });
    let relays = joined.relay.iter().map(|relay| IceServer {
        urls: relay.urls.clone(),
        username: relay.username.clone(),
        credential: relay.credential.clone(),
    });
    MediaOffer {
        sdp: joined.offer.clone(),
        slots: slots.collect(),
        publish: publish.collect(),
        ice_servers: relays.collect(),
    }
}
