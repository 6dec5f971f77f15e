//! The sessions in memory. They hold names, so they go when their meeting ends (R50), or after a day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::ids::{MeetingId, PersonId, SessionId, TenantId};
use protocol::server::Role;

use crate::live::{LiveEvent, Registry};

/// How long a session lives at most, ms.
pub(crate) const LIFE_MS: i64 = 24 * 3600 * 1000;

/// One join of one person.
#[derive(Clone)]
pub(crate) struct Session {
    /// What the room's URL carries.
    pub token: String,
    /// The stay's id.
    pub id: SessionId,
    /// The browser it belongs to; `None` until the first one comes.
    pub browser: Option<String>,
    pub tenant: TenantId,
    pub meeting: MeetingId,
    pub meeting_name: String,
    pub person: PersonId,
    pub name: String,
    pub role: Role,
    pub logout_url: Option<String>,
    /// What the front end asked for.
    pub language: Option<String>,
    /// Unix ms.
    pub made_ms: i64,
}

/// Why a session does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSession {
    /// Never made, or gone with its meeting.
    Unknown,
    /// Older than a day.
    Expired,
    /// It belongs to another browser.
    OtherBrowser,
}

/// All sessions, by token.
#[derive(Clone, Default)]
pub(crate) struct Sessions(Arc<Mutex<HashMap<String, Session>>>);

impl Sessions {
    /// Keeps a session; those older than a day are dropped on the way.
    pub fn add(&self, session: Session, now_ms: i64) {
        let mut table = self.lock();
        table.retain(|_, session| !is_old(session, now_ms));
        table.insert(session.token.clone(), session);
    }

    /// Opens a session for a browser. One that belongs to nobody yet is given to the first who comes.
    pub fn open(&self, token: &str, browser: &str, now_ms: i64) -> Result<Session, NoSession> {
        let mut table = self.lock();
        let session = table.get_mut(token).ok_or(NoSession::Unknown)?;
        if is_old(session, now_ms) {
            table.remove(token);
            return Err(NoSession::Expired);
        }
        if session.browser.get_or_insert_with(|| browser.to_owned()) != browser {
            return Err(NoSession::OtherBrowser);
        }
        Ok(session.clone())
    }

    /// Drops the sessions of a meeting.
    pub fn forget(&self, meeting: &MeetingId) {
        self.lock().retain(|_, session| &session.meeting != meeting);
    }

    /// Drops sessions as their meetings end, as long as the registry lives.
    pub fn forget_with(&self, live: &Registry) {
        let (sessions, live) = (self.clone(), live.clone());
        let mut events = live.subscribe();
        tokio::spawn(async move {
            use tokio::sync::broadcast::error::RecvError;
            loop {
                match events.recv().await {
                    Ok(LiveEvent::MeetingEnded { meeting, .. }) => sessions.forget(&meeting.id),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => sessions.forget_ended(&live).await,
                    Err(RecvError::Closed) => break,
                }
            }
        });
    }

    /// Drops the sessions of all meetings that run no more: events were missed.
    async fn forget_ended(&self, live: &Registry) {
        let meetings: Vec<MeetingId> = self.lock().values().map(|session| session.meeting.clone()).collect();
        for meeting in meetings {
            if live.by_id(&meeting).await.is_none() {
                self.forget(&meeting);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_old(session: &Session, now_ms: i64) -> bool {
    now_ms.saturating_sub(session.made_ms) >= LIFE_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(token: &str, browser: Option<&str>) -> Session {
        Session {
            token: token.into(),
            id: "s".into(),
            browser: browser.map(str::to_owned),
            tenant: "default".into(),
            meeting: "m-1".into(),
            meeting_name: "Maths".into(),
            person: "w_1".into(),
            name: "Zoë".into(),
            role: Role::Viewer,
            logout_url: None,
            language: None,
            made_ms: 0,
        }
    }

    #[test]
    fn a_session_opens_in_its_browser_only_and_for_a_day() {
        let sessions = Sessions::default();
        sessions.add(session("t", Some("a")), 0);
        assert!(sessions.open("t", "a", LIFE_MS - 1).is_ok());
        assert_eq!(sessions.open("t", "b", 1).err(), Some(NoSession::OtherBrowser));
        assert_eq!(sessions.open("x", "a", 1).err(), Some(NoSession::Unknown));
        assert_eq!(sessions.open("t", "a", LIFE_MS).err(), Some(NoSession::Expired));
    }

    #[test]
    fn an_unbound_session_goes_to_the_first_browser() {
        let sessions = Sessions::default();
        sessions.add(session("t", None), 0);
        assert!(sessions.open("t", "b", 1).is_ok());
        assert_eq!(sessions.open("t", "a", 1).err(), Some(NoSession::OtherBrowser));
    }

    #[test]
    fn r50_sessions_go_with_their_meeting() {
        let sessions = Sessions::default();
        sessions.add(session("t", None), 0);
        sessions.forget(&"m-1".into());
        assert_eq!(sessions.open("t", "b", 1).err(), Some(NoSession::Unknown));
    }
}
