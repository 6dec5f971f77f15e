//! The room itself. Commands are sorted here; what they do stands in the modules, one question each.

mod clock;
mod entry;
mod marks;
mod sources;
mod talk;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::ids::PersonId;
use protocol::server::{Event, Refusal, Role};

pub use view::Snapshot;

use crate::chat::ChatLog;
use crate::command::{Command, Effect, Effects, Ending, Entrant, Fact};
use crate::mark::Mark;
use crate::member::Member;
use crate::pace;
use crate::rights::{Act, permit};
use crate::settings::Settings;
use crate::tally::Tally;

/// A classroom.
#[derive(Clone, Debug)]
pub struct Classroom {
    settings: Settings,
    members: BTreeMap<PersonId, Member>,
    /// Viewers who came before a moderator, in order (R4).
    lobby: Vec<Entrant>,
    chat: ChatLog,
    mark: Mark,
    tallies: BTreeMap<String, Tally>,
    hands: u32,
    most_people: usize,
    /// When the first moderator came.
    started_ms: Option<u64>,
    /// Since when nobody is here or waits.
    empty_since_ms: Option<u64>,
    /// Since when no moderator is here, after there was one.
    unled_since_ms: Option<u64>,
    ended: Option<Ending>,
}

impl Classroom {
    /// An empty room; its time begins at 0.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            members: BTreeMap::new(),
            lobby: Vec::new(),
            chat: ChatLog::default(),
            mark: Mark::default(),
            tallies: BTreeMap::new(),
            hands: 0,
            most_people: 0,
            started_ms: None,
            empty_since_ms: Some(0),
            unled_since_ms: None,
            ended: None,
        }
    }

    /// Carries out a command of somebody in the room, or refuses and changes nothing.
    pub fn apply(&mut self, now_ms: u64, who: &PersonId, command: Command) -> Result<Effects, Refusal> {
        if self.lobby.iter().any(|waiting| waiting.person == *who) {
            return self.apply_in_lobby(now_ms, who, command);
        }
        if self.ended.is_some() || !self.members.contains_key(who) {
            return Err(Refusal::NoSuchPerson);
        }
        let mut effects = Effects::new();
        let out = &mut effects;
        match command {
            Command::Drop => self.drop_connection(now_ms, who, out),
            Command::Return => self.return_connection(who, out),
            Command::Leave => self.leave(now_ms, who, protocol::server::Close::Left, out),
            Command::Publish { source, on } => self.publish(now_ms, who, source, on, out)?,
            Command::Chat { text, to } => self.write(now_ms, who, &text, to, out)?,
            Command::Hand { up } => self.hand(now_ms, who, up, out)?,
            Command::React { emoji } => self.react(now_ms, who, emoji, out)?,
            Command::Mute { person, source } => self.mute(now_ms, who, &person, source, out)?,
            Command::MuteAll => self.mute_all(now_ms, who, out)?,
            Command::LowerHand { person } => self.lower_hand(now_ms, who, &person, out)?,
            Command::Mark { on, possible } => self.mark(now_ms, who, on, possible, out)?,
            Command::Eject { person } => self.eject(now_ms, who, &person, out)?,
            Command::End => {
                self.permit(who, Act::End)?;
                self.end(now_ms, Ending::Moderator, out);
            }
        }
        Ok(effects)
    }

    /// Takes note of what happened outside.
    pub fn observe(&mut self, now_ms: u64, fact: Fact) -> Effects {
        let mut out = Effects::new();
        match fact {
            Fact::Talked { person, ms, bursts } => self.talked(&person, ms, bursts),
            Fact::End(ending) => self.end(now_ms, ending, &mut out),
            Fact::SegmentFinished { segment, url } => self.segment_finished(now_ms, segment, url, &mut out),
            Fact::SegmentFailed { segment, reason } => self.segment_failed(now_ms, segment, reason, &mut out),
            Fact::RecorderLost => self.recorder_lost(now_ms, &mut out),
        }
        out
    }

    fn permit(&self, who: &PersonId, act: Act) -> Result<(), Refusal> {
        permit(self.member(who)?.who.role, act, &self.settings)
    }

    /// The right of a moderator over others, and not too often.
    fn moderate(&mut self, now_ms: u64, who: &PersonId, act: Act) -> Result<(), Refusal> {
        self.permit(who, act)?;
        let bucket = &mut self.member_mut(who)?.pace.moderation;
        if bucket.take(now_ms, pace::MODERATION) { Ok(()) } else { Err(Refusal::TooFast) }
    }

    fn member(&self, who: &PersonId) -> Result<&Member, Refusal> {
        self.members.get(who).ok_or(Refusal::NoSuchPerson)
    }

    fn member_mut(&mut self, who: &PersonId) -> Result<&mut Member, Refusal> {
        self.members.get_mut(who).ok_or(Refusal::NoSuchPerson)
    }

    fn tally(&mut self, who: &PersonId) -> Option<&mut Tally> {
        let key = tally_key(&self.members.get(who)?.who);
        self.tallies.get_mut(&key)
    }

    /// Tells everybody for whom `to` is true.
    fn tell(&mut self, event: Event, to: impl Fn(&Member) -> bool, out: &mut Effects) {
        let event = Arc::new(event);
        let recipients = self.members.iter_mut().filter(|(_, member)| to(member));
        let to: Vec<_> =
            recipients.map(|(id, member)| (id.clone(), member.feed.push(event.clone()))).collect();
        if !to.is_empty() {
            out.push(Effect::Tell { to, event });
        }
    }

    fn tell_all(&mut self, event: Event, out: &mut Effects) {
        self.tell(event, |_| true, out);
    }

    /// Tells everybody somebody's new state.
    fn tell_changed(&mut self, who: &PersonId, out: &mut Effects) {
        if let Some(member) = self.members.get(who) {
            let person = member.person();
            self.tell_all(Event::Changed { person }, out);
        }
    }

    fn has_moderator(&self) -> bool {
        self.members.values().any(|member| member.who.role == Role::Moderator)
    }
}

/// All stays of one user of the front end are counted together; the prefix keeps its ids and ours apart.
fn tally_key(who: &Entrant) -> String {
    match &who.user {
        Some(user) => format!("user {user}"),
        None => format!("person {}", who.person),
    }
}
