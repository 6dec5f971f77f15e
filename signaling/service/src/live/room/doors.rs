//! How connections come in, come back, and go.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use classroom::{Command, Entrant};
use protocol::client::Resume;
use protocol::ids::PersonId;
use protocol::server::{Close, ServerMessage, Welcome};
use protocol::token::Claims;
use sfu_node::Joined;

use super::super::outbox::{ConnectionId, Outbox, event_text};
use super::media::offer;
use super::stay::{Client, Stay};
use super::{Guest, Room};
use crate::random;

/// A connection whose token and version are good.
pub(crate) struct Hello {
    pub claims: Claims,
    pub video_slots: u8,
    pub resume: Option<Resume>,
    pub client: Client,
    pub outbox: Outbox,
}

impl Room {
    pub(super) fn hello(&mut self, hello: Hello) {
        let Some(guest) = self.guests.find(&hello.claims.person, &hello.claims.session) else {
            self.turn_away(&hello.outbox, Close::TokenInvalid, None);
            return;
        };
        if !self.resume(&hello) {
            self.enter(guest, hello);
        }
    }

    /// A dropped connection that comes back gets what it missed; false if it cannot, and must come in anew.
    fn resume(&mut self, hello: &Hello) -> bool {
        let person = &hello.claims.person;
        let (Some(resume), Some(stay)) = (&hello.resume, self.stays.get_mut(person)) else { return false };
        let known = verify_slices_are_equal(resume.secret.as_bytes(), stay.secret.as_bytes()).is_ok();
        if !known || !stay.welcomed {
            return false;
        }
        let Some(missed) = self.class.missed(person, resume.seq) else { return false };
        // The old connection may not know yet that it is dead.
        if let Some(old) = stay.connection.replace(hello.outbox.clone()) {
            self.connections.remove(&old.id);
            old.cut();
        }
        stay.secret = random::hex_id();
        hello
            .outbox
            .send(&ServerMessage::Resumed { resume: stay.secret.clone(), media: stay.media.is_some() });
        for (seq, event) in missed {
            hello.outbox.send_text(event_text(seq, &serde_json::to_string(&*event).unwrap_or_default()));
        }
        self.connections.insert(hello.outbox.id, person.clone());
        self.note_reconnect(person);
        self.show_slots(person);
        self.apply(person, Command::Return);
        true
    }

    fn enter(&mut self, guest: Guest, hello: Hello) {
        let Hello { claims, video_slots, client, outbox, .. } = hello;
        let person = claims.person;
        let logout_url = self.logout_url(&guest);
        let who = Entrant {
            person: person.clone(),
            user: guest.user_id.clone(),
            name: claims.name,
            role: claims.role,
            avatar: guest.avatar.clone(),
        };
        let effects = match self.class.enter(self.now_ms(), who) {
            Ok(effects) => effects,
            Err(reason) => return self.turn_away(&outbox, reason, logout_url),
        };
        self.connections.insert(outbox.id, person.clone());
        match self.stays.get_mut(&person) {
            None => drop(self.stays.insert(person, Stay::new(guest, client, outbox, video_slots))),
            Some(stay) => {
                let old = stay.connection.replace(outbox);
                (stay.client, stay.video_slots, stay.welcomed) = (client, video_slots, false);
                match old {
                    Some(old) => {
                        self.connections.remove(&old.id);
                        old.close(Close::Replaced, logout_url);
                    }
                    None => self.note_reconnect(&person),
                }
            }
        }
        self.carry_out(effects);
    }

    /// Media is prepared: the one who waits for it is welcomed.
    pub(super) fn welcome(&mut self, person: &PersonId, joined: &Joined) {
        let now_ms = self.now_ms();
        let Some(snapshot) = self.class.welcome(now_ms, person) else { return };
        let Some(stay) = self.stays.get_mut(person) else { return };
        (stay.secret, stay.welcomed) = (random::hex_id(), true);
        let (resume, logout_url) = (stay.secret.clone(), stay.guest.logout_url.clone());
        let made = &self.meeting.made_from;
        let welcome = Welcome {
            version: protocol::VERSION,
            resume,
            you: person.clone(),
            meeting_name: made.name.clone(),
            meeting: self.meeting.id.clone(),
            welcome_text: made.welcome.clone(),
            people: snapshot.people,
            chat: snapshot.chat,
            recording: snapshot.recording,
            may_record: self.class.may_record(),
            reactions: classroom::REACTIONS.map(str::to_owned).to_vec(),
            retention_days: self.meeting.retention_days,
            logout_url: logout_url.or_else(|| made.logout_url.clone()),
            elapsed_ms: now_ms,
            media: offer(joined),
        };
        self.send(person, &ServerMessage::Welcome(Box::new(welcome)));
        self.send(person, &ServerMessage::Speaking { people: self.speakers.clone() });
        self.config.metrics.joined("ok");
    }

    /// A connection ended; the stay goes on for the grace time.
    pub(super) fn gone(&mut self, connection: ConnectionId) {
        let Some(person) = self.connections.remove(&connection) else { return };
        let Some(stay) = self.stays.get_mut(&person).filter(|stay| stay.is_connected_by(connection)) else {
            return;
        };
        stay.connection = None;
        self.apply(&person, Command::Drop);
        if !self.class.is_in(&person) {
            // Nobody keeps a place in the lobby.
            self.stays.remove(&person);
        }
    }

    pub(super) fn logout_url(&self, guest: &Guest) -> Option<String> {
        guest.logout_url.clone().or_else(|| self.meeting.made_from.logout_url.clone())
    }

    fn note_reconnect(&self, person: &PersonId) {
        self.config.metrics.reconnects.inc();
        if let Some(row) = self.stays.get(person).and_then(|stay| stay.row.clone()) {
            self.books.reconnected(row);
        }
    }

    pub(super) fn turn_away(&self, outbox: &Outbox, reason: Close, logout_url: Option<String>) {
        self.config.metrics.turned_away(reason);
        outbox.close(reason, logout_url);
    }
}
