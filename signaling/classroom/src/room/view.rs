//! What can be seen of a room.

use std::sync::Arc;

use protocol::ids::PersonId;
use protocol::server::{ChatMessage, Event, Person, RecordingState};

use super::Classroom;
use crate::command::{Ending, Entrant};
use crate::settings::Settings;
use crate::tally::Statistics;

/// What somebody who comes in is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Everybody in the room.
    pub people: Vec<Person>,
    /// The chat that this person may read.
    pub chat: Vec<ChatMessage>,
    /// State of the recording as this person may see it.
    pub recording: RecordingState,
}

impl Classroom {
    /// What this person is told on coming in. The numbers of the person's events start after it, at 1.
    pub fn welcome(&mut self, now_ms: u64, who: &PersonId) -> Option<Snapshot> {
        let member = self.members.get_mut(who)?;
        member.feed.restart();
        let recording = self.mark.state(member.who.role, now_ms);
        let people = self.members.values().map(|member| member.person()).collect();
        Some(Snapshot { people, chat: self.chat.visible_to(who), recording })
    }

    /// The person's events after number `seq`; `None` if too many were missed and a new welcome is needed.
    pub fn missed(&self, who: &PersonId, seq: u64) -> Option<Vec<(u64, Arc<Event>)>> {
        self.members.get(who)?.feed.after(seq)
    }

    /// Everybody in the room.
    pub fn people(&self) -> impl Iterator<Item = (&Entrant, Person)> {
        self.members.values().map(|member| (&member.who, member.person()))
    }

    /// One person in the room.
    pub fn person(&self, who: &PersonId) -> Option<Person> {
        self.members.get(who).map(|member| member.person())
    }

    /// Whether this person is in the room now.
    pub fn is_in(&self, who: &PersonId) -> bool {
        self.members.contains_key(who)
    }

    /// Most people at once so far.
    pub fn most_people(&self) -> usize {
        self.most_people
    }

    /// When the first person came in.
    pub fn started_ms(&self) -> Option<u64> {
        self.started_ms
    }

    /// The segment whose media is being recorded now.
    pub fn segment(&self) -> Option<u32> {
        self.mark.taking()
    }

    /// Whether this room may be recorded at all (R32).
    pub fn may_record(&self) -> bool {
        self.settings.recording.allowed()
    }

    /// The rules of this room.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Why the meeting ended, if it did.
    pub fn ended(&self) -> Option<Ending> {
        self.ended
    }

    /// Everybody's statistics as of now, in the order of coming (R41).
    pub fn statistics(&self, now_ms: u64) -> Vec<Statistics> {
        let mut rows: Vec<_> = self.tallies.values().map(|tally| tally.statistics(now_ms)).collect();
        rows.sort_by_key(|row| row.joined_ms);
        rows
    }
}
