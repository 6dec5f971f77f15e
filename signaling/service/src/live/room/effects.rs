//! What the classroom decided is done here, in its order.

use classroom::{Effect, Effects};
use protocol::ids::PersonId;
use protocol::server::{Close, Event, Role, ServerMessage};
use store::stays::NewStay;

use super::super::outbox::event_text;
use super::Room;

impl Room {
    pub(super) fn carry_out(&mut self, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Tell { to, event } => self.tell(&to, &event),
                Effect::Admitted { person } => self.admitted(&person),
                Effect::Waiting { person } => self.waiting(&person),
                Effect::Route { person, source, on } => self.route(&person, source, on),
                Effect::Gone { person, why, at_ms } => self.depart(&person, why, at_ms),
                Effect::Begin { segment } => self.begin_segment(segment),
                Effect::Finish { segment } => self.finish_segment(segment),
                Effect::Ended { ending } => self.ending = Some(ending),
            }
        }
    }

    /// The event is written down as text once, however many are told.
    fn tell(&mut self, to: &[(PersonId, u64)], event: &Event) {
        let text = serde_json::to_string(event).unwrap_or_default();
        for (person, seq) in to {
            if let Some(outbox) = self.stays.get(person).and_then(|stay| stay.listening()) {
                outbox.send_text(event_text(*seq, &text));
            }
        }
        self.note_on_timeline(event);
    }

    fn waiting(&self, person: &PersonId) {
        let Some(stay) = self.stays.get(person) else { return };
        let logout_url = self.logout_url(&stay.guest);
        let meeting_name = self.meeting.made_from.name.clone();
        if let Some(outbox) = &stay.connection {
            outbox.send(&ServerMessage::Waiting { meeting_name, logout_url });
        }
        self.config.metrics.joined("waiting");
    }

    fn admitted(&mut self, person: &PersonId) {
        self.drop_media(person);
        self.ask_for_media(person);
        if self.stays.get(person).is_some_and(|stay| stay.row.is_none()) {
            self.open_row(person);
        }
        if let Some(started_ms) = self.class.started_ms() {
            self.books.started(self.unix_ms(started_ms));
        }
    }

    /// The first time somebody is let in: the row for support begins (R40).
    fn open_row(&mut self, person: &PersonId) {
        let login_ms = self.unix_ms(self.now_ms());
        let (Some(seen), Some(stay)) = (self.class.person(person), self.stays.get_mut(person)) else {
            return;
        };
        let row = NewStay {
            session: stay.guest.session.clone(),
            meeting: self.meeting.id.clone(),
            person: person.clone(),
            name: seen.name,
            user_id: stay.guest.user_id.clone(),
            signed_in: stay.guest.signed_in,
            moderator: seen.role == Role::Moderator,
            browser: stay.client.browser.clone(),
            os: stay.client.os.to_owned(),
            ip: stay.client.address,
            login_ms,
        };
        stay.row = Some(self.books.stay_began(row));
        stay.role = seen.role;
        self.config.metrics.participants(seen.role).inc();
    }

    fn depart(&mut self, person: &PersonId, why: Close, at_ms: u64) {
        self.drop_media(person);
        let Some(stay) = self.stays.remove(person) else { return };
        let logout_url = self.logout_url(&stay.guest);
        if let Some(outbox) = &stay.connection {
            self.connections.remove(&outbox.id);
            outbox.close(why, logout_url);
        }
        if let Some(row) = stay.row {
            self.books.stay_ended(row, self.unix_ms(at_ms));
            self.config.metrics.participants(stay.role).dec();
        }
        if why == Close::Ejected {
            // The token opens no door any more; the front end may send the person again.
            self.guests.forget(person);
        }
    }
}
