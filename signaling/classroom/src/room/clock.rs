//! What happens because time passes, and how a meeting ends.

use protocol::ids::PersonId;
use protocol::server::Close;

use super::Classroom;
use crate::command::{Effect, Effects, Ending};

impl Classroom {
    /// When something happens by itself next, ms; `None` if nothing will.
    pub fn poll_timeout(&self) -> Option<u64> {
        if self.ended.is_some() {
            return None;
        }
        let endings = self.endings().into_iter().flatten().map(|(at, _)| at);
        let graces = self.members.values().filter_map(|member| self.grace_over_ms(member.dropped_ms));
        endings.chain(graces).chain(self.mark.begins_ms()).min()
    }

    /// Lets time pass until `now_ms`.
    pub fn handle_timeout(&mut self, now_ms: u64) -> Effects {
        let mut out = Effects::new();
        if self.ended.is_some() {
            return out;
        }
        self.begin_segment(now_ms, &mut out);
        for (person, dropped_ms) in self.given_up(now_ms) {
            // The stay lasted until the connection dropped, not until the grace was over.
            self.leave(dropped_ms, &person, Close::Left, &mut out);
        }
        let due = self.endings().into_iter().flatten().filter(|(at, _)| *at <= now_ms);
        if let Some((_, ending)) = due.min_by_key(|(at, _)| *at) {
            self.end(now_ms, ending, &mut out);
        }
        out
    }

    /// Ends the class: the segment first, so that all of it is kept, then everybody is let go.
    pub(super) fn end(&mut self, now_ms: u64, ending: Ending, out: &mut Effects) {
        if self.ended.is_some() {
            return;
        }
        self.stop_marking(now_ms, out);
        self.ended = Some(ending);
        let why = ending.close();
        for (person, member) in std::mem::take(&mut self.members) {
            if let Some(tally) = self.tallies.get_mut(&super::tally_key(&member.who)) {
                tally.went(member.dropped_ms.unwrap_or(now_ms));
            }
            out.push(Effect::Gone { person, why, at_ms: member.dropped_ms.unwrap_or(now_ms) });
        }
        let waiting = std::mem::take(&mut self.lobby).into_iter();
        out.extend(waiting.map(|who| Effect::Gone { person: who.person, why, at_ms: now_ms }));
        out.push(Effect::Ended { ending });
    }

    fn given_up(&self, now_ms: u64) -> Vec<(PersonId, u64)> {
        let over = |dropped_ms| self.grace_over_ms(dropped_ms).is_some_and(|over_ms| over_ms <= now_ms);
        let gone = self.members.iter().filter(|(_, member)| over(member.dropped_ms));
        gone.filter_map(|(person, member)| Some((person.clone(), member.dropped_ms?))).collect()
    }

    fn grace_over_ms(&self, dropped_ms: Option<u64>) -> Option<u64> {
        Some(dropped_ms?.saturating_add(self.settings.timings.grace_ms))
    }

    /// The moments at which the meeting would end by itself.
    fn endings(&self) -> [Option<(u64, Ending)>; 3] {
        let at =
            |since: Option<u64>, after: Option<u64>, ending| Some((since?.saturating_add(after?), ending));
        let settings = &self.settings;
        let (empty_after, empty) = match self.started_ms {
            Some(_) => (settings.expire_empty_ms, Ending::Empty),
            None => (settings.expire_unused_ms, Ending::Unused),
        };
        [
            at(self.started_ms, settings.duration_ms, Ending::Duration),
            at(self.empty_since_ms, empty_after, empty),
            at(self.unled_since_ms, settings.expire_without_moderator_ms, Ending::NoModerator),
        ]
    }
}
