//! Coming and going: the door, the lobby, dropped connections.

use protocol::ids::PersonId;
use protocol::server::{Close, Event, Refusal};

use super::{Classroom, tally_key};
use crate::command::{Command, Effect, Effects, Entrant};
use crate::member::Member;
use crate::rights::{Act, permit};
use crate::tally::Tally;

impl Classroom {
    /// Somebody with a valid token comes in, or waits for a moderator (R4), or is told why not. Somebody who is in
    /// already begins anew: all own sources are off, the seat and the hand are kept.
    pub fn enter(&mut self, now_ms: u64, who: Entrant) -> Result<Effects, Close> {
        let mut out = Effects::new();
        if let Some(ending) = self.ended {
            return Err(ending.close());
        }
        if self.members.contains_key(&who.person) {
            self.begin_anew(who, &mut out);
            return Ok(out);
        }
        if self.started_ms.is_none() && permit(who.role, Act::Start, &self.settings).is_err() {
            self.wait(who, &mut out);
            return Ok(out);
        }
        if !self.has_room_for(who.user.as_deref()) {
            return Err(Close::Full);
        }
        self.lobby.retain(|waiting| waiting.person != who.person);
        self.admit(now_ms, who, &mut out);
        self.open_lobby(now_ms, &mut out);
        Ok(out)
    }

    /// Whether one more person fits in; a user of the front end who is in already needs no second seat.
    pub fn has_room_for(&self, user: Option<&str>) -> bool {
        let has_seat =
            user.is_some() && self.members.values().any(|member| member.who.user.as_deref() == user);
        has_seat || self.settings.max_people.is_none_or(|most| self.members.len() < most)
    }

    fn wait(&mut self, who: Entrant, out: &mut Effects) {
        self.empty_since_ms = None;
        out.push(Effect::Waiting { person: who.person.clone() });
        match self.lobby.iter_mut().find(|waiting| waiting.person == who.person) {
            Some(waiting) => *waiting = who,
            None => self.lobby.push(who),
        }
    }

    /// In the lobby one can only go.
    pub(super) fn apply_in_lobby(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        command: Command,
    ) -> Result<Effects, Refusal> {
        let why = match command {
            Command::Leave => Some(Close::Left),
            Command::Drop => None,
            _ => return Err(Refusal::NotAllowed),
        };
        self.lobby.retain(|waiting| waiting.person != *who);
        self.note_presence(now_ms);
        Ok(why.map(|why| Effect::Gone { person: who.clone(), why, at_ms: now_ms }).into_iter().collect())
    }

    /// A moderator is here: those who waited come in, in their order.
    fn open_lobby(&mut self, now_ms: u64, out: &mut Effects) {
        for who in std::mem::take(&mut self.lobby) {
            if self.has_room_for(who.user.as_deref()) {
                self.admit(now_ms, who, out);
            } else {
                out.push(Effect::Gone { person: who.person, why: Close::Full, at_ms: now_ms });
            }
        }
    }

    fn admit(&mut self, now_ms: u64, who: Entrant, out: &mut Effects) {
        let tally = self
            .tallies
            .entry(tally_key(&who))
            .or_insert_with(|| Tally::new(who.person.clone(), who.user.clone(), now_ms));
        tally.came(&who.name, who.role, now_ms);
        let (person, member) = (who.person.clone(), Member::new(who));
        let joined = Event::Joined { person: member.person() };
        self.tell_all(joined, out);
        self.members.insert(person.clone(), member);
        self.most_people = self.most_people.max(self.members.len());
        self.started_ms.get_or_insert(now_ms);
        self.note_presence(now_ms);
        out.push(Effect::Admitted { person });
    }

    fn begin_anew(&mut self, who: Entrant, out: &mut Effects) {
        let person = who.person.clone();
        let Some(member) = self.members.get_mut(&person) else { return };
        member.dropped_ms = None;
        member.who.avatar = who.avatar;
        let off = std::mem::take(&mut member.on);
        let route = |source| Effect::Route { person: person.clone(), source, on: false };
        out.extend(off.into_iter().map(route));
        self.tell_changed(&person, out);
        out.push(Effect::Admitted { person });
    }

    pub(super) fn drop_connection(&mut self, now_ms: u64, who: &PersonId, out: &mut Effects) {
        let Some(member) = self.members.get_mut(who) else { return };
        if member.dropped_ms.is_none() {
            member.dropped_ms = Some(now_ms);
            self.tell_changed(who, out);
        }
    }

    pub(super) fn return_connection(&mut self, who: &PersonId, out: &mut Effects) {
        let Some(member) = self.members.get_mut(who) else { return };
        if member.dropped_ms.take().is_some() {
            self.tell_changed(who, out);
        }
    }

    pub(super) fn eject(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        whom: &PersonId,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        self.moderate(now_ms, who, Act::Eject)?;
        self.member(whom)?;
        if who == whom {
            return Err(Refusal::Invalid);
        }
        self.leave(now_ms, whom, Close::Ejected, out);
        Ok(())
    }

    /// Somebody is gone for good, since `at_ms`.
    pub(super) fn leave(&mut self, at_ms: u64, who: &PersonId, why: Close, out: &mut Effects) {
        if let Some(tally) = self.tally(who) {
            tally.went(at_ms);
        }
        let Some(member) = self.members.remove(who) else { return };
        out.push(Effect::Gone { person: member.who.person, why, at_ms });
        self.tell_all(Event::Left { person: who.clone() }, out);
        self.note_presence(at_ms);
    }

    /// Keeps the times since when the room is empty, or without a moderator.
    fn note_presence(&mut self, now_ms: u64) {
        if !self.members.is_empty() || !self.lobby.is_empty() {
            self.empty_since_ms = None;
        } else {
            self.empty_since_ms.get_or_insert(now_ms);
        }
        if self.started_ms.is_none() || self.has_moderator() {
            self.unled_since_ms = None;
        } else {
            self.unled_since_ms.get_or_insert(now_ms);
        }
    }
}
