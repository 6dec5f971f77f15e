//! A room with a clock that tests turn.
#![allow(dead_code, clippy::unwrap_used, reason = "tests; each uses its part")]

use classroom::{Classroom, Command, Effect, Effects, Entrant, Fact, Recording, Settings};
use protocol::ids::PersonId;
use protocol::server::{Close, Event, Refusal, Role};

pub struct Room {
    pub class: Classroom,
    pub now: u64,
}

pub fn id(name: &str) -> PersonId {
    name.into()
}

pub fn entrant(name: &str, role: Role) -> Entrant {
    Entrant { person: name.into(), user: None, name: name.to_uppercase(), role, avatar: None }
}

/// A room that may be recorded.
pub fn recordable() -> Settings {
    Settings { recording: Recording { tenant: true, meeting: true, marks: true }, ..Settings::default() }
}

impl Room {
    pub fn new(settings: Settings) -> Self {
        Self { class: Classroom::new(settings), now: 1_000 }
    }

    /// A room with a moderator `mo` and viewers `ann` and `bob`, long enough ago that nobody is too fast.
    pub fn of_three(settings: Settings) -> Self {
        let mut room = Self::new(settings);
        room.enter("mo", Role::Moderator).unwrap();
        room.enter("ann", Role::Viewer).unwrap();
        room.enter("bob", Role::Viewer).unwrap();
        room
    }

    pub fn enter(&mut self, name: &str, role: Role) -> Result<Effects, Close> {
        self.class.enter(self.now, entrant(name, role))
    }

    pub fn apply(&mut self, who: &str, command: Command) -> Result<Effects, Refusal> {
        self.class.apply(self.now, &who.into(), command)
    }

    /// Applies what must be allowed.
    pub fn run(&mut self, who: &str, command: Command) -> Effects {
        self.apply(who, command).unwrap()
    }

    pub fn observe(&mut self, fact: Fact) -> Effects {
        self.class.observe(self.now, fact)
    }

    /// Lets time pass, stopping wherever the room asks to.
    pub fn pass(&mut self, ms: u64) -> Effects {
        let end = self.now + ms;
        let mut effects = Effects::new();
        while let Some(due) = self.class.poll_timeout().filter(|due| *due <= end) {
            assert!(due > self.now, "a timeout must be in the future after it was handled");
            self.now = due;
            effects.extend(self.class.handle_timeout(due));
        }
        self.now = end;
        effects
    }
}

/// What one person is told.
pub fn told(who: &str, effects: &Effects) -> Vec<Event> {
    let to_me = |effect: &Effect| match effect {
        Effect::Tell { to, event } if to.iter().any(|(person, _)| person.as_str() == who) => {
            Some((**event).clone())
        }
        _ => None,
    };
    effects.iter().filter_map(to_me).collect()
}

pub fn gone(effects: &Effects) -> Vec<(String, Close)> {
    let gone = |effect: &Effect| match effect {
        Effect::Gone { person, why, .. } => Some((person.to_string(), *why)),
        _ => None,
    };
    effects.iter().filter_map(gone).collect()
}

pub fn chat(text: &str, to: Option<&str>) -> Command {
    Command::Chat { text: text.into(), to: to.map(Into::into) }
}

pub fn mark(on: bool) -> Command {
    Command::Mark { on, possible: Ok(()) }
}
