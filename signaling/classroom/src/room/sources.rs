//! Microphones, cameras, screens: released by their owners alone, taken away by moderators too (R11).

use protocol::ids::PersonId;
use protocol::media::Source;
use protocol::server::{Event, Refusal, Role};

use super::Classroom;
use crate::command::{Effect, Effects};
use crate::pace;
use crate::rights::{Act, permit};

impl Classroom {
    pub(super) fn publish(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        source: Source,
        on: bool,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        if !on {
            self.take(who, source, out);
            return Ok(());
        }
        self.permit(who, Act::release(source))?;
        let member = self.member(who)?;
        if member.on.contains(&source) {
            return Ok(());
        }
        if source == Source::ScreenAudio && !member.on.contains(&Source::Screen) {
            return Err(Refusal::Invalid);
        }
        let sharing = (source == Source::Screen).then(|| self.who_shares().cloned()).flatten();
        if sharing.is_some() {
            self.permit(who, Act::TakeScreen)?;
        }
        if !self.member_mut(who)?.pace.source.take(now_ms, pace::SOURCE) {
            return Err(Refusal::TooFast);
        }
        if let Some(other) = sharing {
            self.take_away(&other, Source::Screen, who, out);
        }
        self.member_mut(who)?.on.insert(source);
        out.push(Effect::Route { person: who.clone(), source, on: true });
        self.tell_changed(who, out);
        Ok(())
    }

    pub(super) fn mute(
        &mut self,
        now_ms: u64,
        who: &PersonId,
        whom: &PersonId,
        source: Source,
        out: &mut Effects,
    ) -> Result<(), Refusal> {
        self.moderate(now_ms, who, Act::Mute)?;
        self.member(whom)?;
        self.take_away(whom, source, who, out);
        Ok(())
    }

    pub(super) fn mute_all(&mut self, now_ms: u64, who: &PersonId, out: &mut Effects) -> Result<(), Refusal> {
        self.moderate(now_ms, who, Act::Mute)?;
        let viewers = self.members.values().filter(|member| member.who.role == Role::Viewer);
        for viewer in viewers.map(|member| member.who.person.clone()).collect::<Vec<_>>() {
            self.take_away(&viewer, Source::Microphone, who, out);
        }
        Ok(())
    }

    /// The one who shares the screen: a room has one screen slot.
    fn who_shares(&self) -> Option<&PersonId> {
        self.members
            .values()
            .find(|member| member.on.contains(&Source::Screen))
            .map(|member| &member.who.person)
    }

    fn take_away(&mut self, whom: &PersonId, source: Source, by: &PersonId, out: &mut Effects) {
        if self.take(whom, source, out) && whom != by {
            let muted = Event::Muted { source, by: by.clone() };
            self.tell(muted, |member| member.who.person == *whom, out);
        }
    }

    /// Turns a source off, and with a screen its sound. True if it was on.
    fn take(&mut self, whose: &PersonId, source: Source, out: &mut Effects) -> bool {
        let Some(member) = self.members.get_mut(whose) else { return false };
        let was_on = member.on.remove(&source);
        let with_sound = source == Source::Screen && member.on.remove(&Source::ScreenAudio);
        if with_sound {
            out.push(Effect::Route { person: whose.clone(), source: Source::ScreenAudio, on: false });
        }
        if was_on {
            out.push(Effect::Route { person: whose.clone(), source, on: false });
            self.tell_changed(whose, out);
        }
        was_on
    }

    /// Whether this person may be shown that source of another.
    pub fn may_see(&self, viewer: &PersonId, publisher: &PersonId, source: Source) -> bool {
        let (Ok(viewer), Ok(publisher)) = (self.member(viewer), self.member(publisher)) else { return false };
        publisher.is_moderator()
            || source != Source::Camera
            || permit(viewer.who.role, Act::SeeViewers, &self.settings).is_ok()
    }
}
