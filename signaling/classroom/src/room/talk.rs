//! Chat, reactions, hands.

use protocol::ids::PersonId;
use protocol::server::{ChatMessage, Event, Refusal};

use super::Classroom;
use crate::chat::{REACTIONS, readable};
use crate::command::Effects;
use crate::pace;
use crate::rights::Act;
use crate::tally::Tally;

impl Classroom {
    pub(super) fn write(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        text: &str,
        to: Option<PersonId>,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        let act = match &to {
            None => Act::PublicChat,
            Some(to) => Act::chat_with(self.member(to)?.who.role),
        };
        self.permit(who, act)?;
        let text = readable(text).filter(|_| to.as_ref() != Some(who)).ok_or(Refusal::Invalid)?;
        let writer = self.member_mut(who)?;
        if !writer.pace.chat.take(now_ms, pace::CHAT) {
            return Err(Refusal::TooFast);
        }
        let (from, name) = (who.clone(), writer.who.name.clone());
        let message = self.chat.keep(ChatMessage { id: 0, from, name, to: to.clone(), text, at_ms: now_ms });
        let reads = |person: &PersonId| to.as_ref().is_none_or(|to| person == to || person == who);
        self.tell(Event::Chat { message }, |member| reads(&member.who.person), out);
        self.tally(who).map(Tally::wrote);
        Ok(())
    }

    pub(super) fn react(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        emoji: String,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        self.permit(who, Act::React)?;
        if !REACTIONS.contains(&emoji.as_str()) {
            return Err(Refusal::Invalid);
        }
        if !self.member_mut(who)?.pace.reaction.take(now_ms, pace::REACTION) {
            return Err(Refusal::TooFast);
        }
        self.tell_all(Event::Reaction { person: who.clone(), emoji }, out);
        self.tally(who).map(Tally::reacted);
        Ok(())
    }

    /// Numbers only count up while a hand is up, so that nobody's place changes when another hand goes down.
    pub(super) fn hand(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        up: bool,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        if !up {
            self.put_down(who, out);
            return Ok(());
        }
        self.permit(who, Act::Hand)?;
        if self.member(who)?.hand.is_some() {
            return Ok(());
        }
        if !self.member_mut(who)?.pace.hand.take(now_ms, pace::HAND) {
            return Err(Refusal::TooFast);
        }
        if self.members.values().all(|member| member.hand.is_none()) {
            self.hands = 0;
        }
        self.hands = self.hands.saturating_add(1);
        let number = self.hands;
        self.member_mut(who)?.hand = Some(number);
        self.tally(who).map(Tally::raised_hand);
        self.tell_changed(who, out);
        Ok(())
    }

    pub(super) fn lower_hand(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        whose: &PersonId,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        self.moderate(now_ms, who, Act::LowerHand)?;
        self.member(whose)?;
        self.put_down(whose, out);
        Ok(())
    }

    fn put_down(&mut self, whose: &PersonId, out: &mut Effects) {
        let hand = self.members.get_mut(whose).and_then(|member| member.hand.take());
        if hand.is_some() {
            self.tell_changed(whose, out);
        }
    }

    pub(super) fn talked(&mut self, who: &PersonId, ms: u32, bursts: u32) {
        if let Some(tally) = self.tally(who) {
            tally.talked(ms, bursts);
        }
    }
}
