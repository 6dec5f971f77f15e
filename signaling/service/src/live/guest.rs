//! What the front end said about somebody whom it sends: handed over at the join, before the browser connects.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::ids::{PersonId, SessionId};

/// Somebody who may come in with a room token of the same person and session. Name and role come from the token alone.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Who.
    pub person: PersonId,
    /// Which stay.
    pub session: SessionId,
    /// The front end's id of the person, if it gave one.
    pub user_id: Option<String>,
    /// False for visitors whom the front end does not know; their address is cut before it is written (R55).
    pub signed_in: bool,
    /// Profile picture, served from our own origin.
    pub avatar: Option<String>,
    /// Where leaving leads.
    pub logout_url: Option<String>,
    /// `userdata-*`, shown as custom data of the attendee.
    pub custom: BTreeMap<String, String>,
}

/// Those who may come into one meeting.
#[derive(Default)]
pub(crate) struct Guests(Mutex<HashMap<PersonId, Guest>>);

impl Guests {
    pub fn expect(&self, guest: Guest) {
        self.list().insert(guest.person.clone(), guest);
    }

    /// The guest of this person and stay.
    pub fn find(&self, person: &PersonId, session: &SessionId) -> Option<Guest> {
        self.list().get(person).filter(|guest| guest.session == *session).cloned()
    }

    pub fn forget(&self, person: &PersonId) {
        self.list().remove(person);
    }

    fn list(&self) -> MutexGuard<'_, HashMap<PersonId, Guest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the request came from, after trusted proxies were taken off. Put it into the request's extensions in front
/// of [`super::routes`]; without it the address of the connection counts.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);
