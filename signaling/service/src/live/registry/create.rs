//! How a meeting comes into being (bbb-api §2.2).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use protocol::ids::MeetingId;
use store::meetings::NewMeeting;

use super::super::meeting::{CreateMeeting, Meeting};
use super::super::room::{self, Input, RoomHandle};
use super::{CreateError, Created, Registry, ask};
use crate::random;

/// Tries to find a PIN, or an id, that is free.
const TRIES: u32 = 10;

impl Registry {
    /// Makes a meeting. Idempotent and atomic: many at once make one (bbb-api §2.2).
    pub async fn create(&self, wish: CreateMeeting) -> Result<Created, CreateError> {
        loop {
            if self.0.is_stopping() {
                return Err(CreateError::Stopping);
            }
            let cell = self.0.table().cell(&wish.tenant, &wish.external_id);
            let made = AtomicBool::new(false);
            let opening = cell.get_or_try_init(|| async {
                made.store(true, Ordering::Relaxed);
                self.open(&wish).await
            });
            let asked = match opening.await {
                Ok(room) => ask(room, Input::Info).await,
                Err(error) => {
                    self.0.table().give_up(&wish.tenant, &wish.external_id, &cell);
                    return Err(error);
                }
            };
            let Some(meeting) = asked else {
                // It ended just now: the next one of this name is another meeting.
                self.0.table().give_up(&wish.tenant, &wish.external_id, &cell);
                continue;
            };
            let already_existed = !made.load(Ordering::Relaxed);
            if already_existed && !has_passwords(&meeting.meeting, &wish) {
                return Err(CreateError::IdNotUnique);
            }
            return Ok(Created { meeting, already_existed });
        }
    }

    async fn open(&self, wish: &CreateMeeting) -> Result<RoomHandle, CreateError> {
        let voice_bridge = self.reserve_pin(wish.voice_bridge.as_deref())?;
        let made = self.write_down(wish, &voice_bridge).await;
        let meeting = made.inspect_err(|_| self.0.table().release(&voice_bridge))?;
        let config = &self.0.config;
        let media_room = config.sfu.open_room().await;
        let (handle, running) =
            room::open(meeting.clone(), config.clone(), self.0.routes.clone(), media_room);
        self.0.table().add(handle.clone());
        config.metrics.meetings.inc();
        let inner = Arc::downgrade(&self.0);
        let metrics = config.metrics.clone();
        tokio::spawn(async move {
            let room = running.await;
            metrics.meetings.dec();
            if let Some(inner) = inner.upgrade() {
                inner.table().remove(&meeting);
            }
            let outcome = room.close().await;
            if let Some(inner) = inner.upgrade() {
                inner.ended(meeting, outcome).await;
            }
        });
        Ok(handle)
    }

    async fn write_down(
        &self,
        wish: &CreateMeeting,
        voice_bridge: &str,
    ) -> Result<Arc<Meeting>, CreateError> {
        let store = &self.0.config.store;
        let failed = |error: store::Error| CreateError::Store(error.to_string());
        let tenant =
            store.tenants().find(&wish.tenant).await.map_err(failed)?.ok_or(CreateError::UnknownTenant)?;
        for later_ms in 0..i64::from(TRIES) {
            let create_ms = wish.now_ms.saturating_add(later_ms);
            let id = meeting_id(&wish.external_id, create_ms);
            let row = NewMeeting {
                id: id.clone(),
                tenant: wish.tenant.clone(),
                external_id: wish.external_id.clone(),
                name: wish.name.clone(),
                record: wish.record,
                metadata: wish.metadata.clone(),
                created_ms: create_ms,
            };
            match store.meetings().create(&row).await {
                Ok(()) => {}
                // Another tenant's meeting of the same name and moment, or the last one of this name.
                Err(store::Error::Exists(_)) => continue,
                Err(error) => return Err(failed(error)),
            }
            return Ok(Arc::new(Meeting {
                id,
                attendee_pw: wish.attendee_pw.clone().unwrap_or_else(password),
                moderator_pw: wish.moderator_pw.clone().unwrap_or_else(password),
                voice_bridge: voice_bridge.to_owned(),
                create_ms,
                tenant_records: tenant.recording_allowed,
                retention_days: tenant.retention.days(),
                made_from: wish.clone(),
            }));
        }
        Err(CreateError::Store("no free meeting id".to_owned()))
    }

    fn reserve_pin(&self, wanted: Option<&str>) -> Result<String, CreateError> {
        let mut table = self.0.table();
        if let Some(pin) = wanted {
            return table.reserve(pin).then(|| pin.to_owned()).ok_or(CreateError::NonUniqueVoiceBridge);
        }
        (0..TRIES).map(|_| pin()).find(|pin| table.reserve(pin)).ok_or(CreateError::NonUniqueVoiceBridge)
    }
}

/// Whether the wish names the passwords of the meeting, or none (bbb-api §2.2).
fn has_passwords(meeting: &Meeting, wish: &CreateMeeting) -> bool {
    let same = |wanted: &Option<String>, there: &str| wanted.as_deref().is_none_or(|wanted| wanted == there);
    same(&wish.attendee_pw, &meeting.attendee_pw) && same(&wish.moderator_pw, &meeting.moderator_pw)
}

/// BigBlueButton's `internalMeetingID`.
fn meeting_id(external: &str, create_ms: i64) -> MeetingId {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, external.as_bytes());
    MeetingId(format!("{}-{create_ms}", hex::encode(hash)))
}

/// 8 letters and digits.
fn password() -> String {
    random::short_id().chars().take(8).collect()
}

/// 5 digits, the first not 0.
fn pin() -> String {
    let digits =
        random::hex_id().get(..8).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or_default();
    (digits % 90_000).saturating_add(10_000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_name_hashed_and_the_time() {
        assert_eq!(meeting_id("abc", 17).as_str(), "a9993e364706816aba3e25717850c26c9cd0d89d-17");
    }

    #[test]
    fn made_up_pins_and_passwords_have_their_form() {
        for _ in 0..100 {
            assert!((10_000..100_000).contains(&pin().parse::<u32>().unwrap()));
            assert_eq!(password().len(), 8);
        }
    }
}
