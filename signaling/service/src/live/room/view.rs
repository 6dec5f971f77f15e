//! How a running meeting looks from outside.

use classroom::Entrant;
use protocol::media::Source;
use protocol::server::Person;

use super::super::meeting::{Attendee, MeetingInfo};
use super::Room;

impl Room {
    pub(super) fn info(&self) -> MeetingInfo {
        let attendees: Vec<_> = self.class.people().map(|(who, seen)| self.attendee(who, &seen)).collect();
        MeetingInfo {
            meeting: self.meeting.clone(),
            running: !attendees.is_empty(),
            has_user_joined: self.class.started_ms().is_some(),
            recording: self.class.segment().is_some(),
            forcibly_ended: false,
            start_ms: self.class.started_ms().map_or(0, |ms| self.unix_ms(ms)),
            end_ms: 0,
            max_users: self.class.most_people(),
            attendees,
        }
    }

    fn attendee(&self, who: &Entrant, seen: &Person) -> Attendee {
        Attendee {
            person: who.person.clone(),
            user_id: who.user.clone().unwrap_or_else(|| who.person.to_string()),
            name: who.name.clone(),
            role: who.role,
            has_voice: seen.on.contains(&Source::Microphone),
            has_video: seen.on.contains(&Source::Camera),
            custom: self.stays.get(&who.person).map(|stay| stay.guest.custom.clone()).unwrap_or_default(),
        }
    }
}
