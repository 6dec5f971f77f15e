//! All running meetings of this server.

mod create;
mod recorder;
mod routes;
mod table;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use classroom::Ending;
use protocol::ids::{MeetingId, TenantId};
use sfu_node::SfuEvent;
use tokio::sync::{broadcast, mpsc, oneshot};

pub(crate) use routes::Routes;

use self::table::Table;
use super::config::LiveConfig;
use super::guest::Guest;
use super::meeting::{Meeting, MeetingInfo};
use super::outbox::ConnectionId;
use super::room::{Input, RoomHandle};

/// How long a stopping server waits for the recorder's last reports, and how often it looks.
const LAST_REPORTS: Duration = Duration::from_secs(10);
const REPORT_PAUSE: Duration = Duration::from_millis(50);
/// Events that may wait for a slow listener before the oldest are dropped.
const TOLD: usize = 256;

/// All running meetings. Cheap to clone.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    config: Arc<LiveConfig>,
    routes: Arc<Routes>,
    table: Mutex<Table>,
    told: broadcast::Sender<LiveEvent>,
    connections: AtomicU64,
    stopping: AtomicBool,
}

/// The answer to a create.
#[derive(Clone, Debug)]
pub struct Created {
    /// The meeting, new or not.
    pub meeting: MeetingInfo,
    /// It was there before; nothing was changed.
    pub already_existed: bool,
}

/// Why a meeting was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// A running meeting has this id and other passwords.
    #[error("a meeting with this id and other passwords exists")]
    IdNotUnique,
    /// A running meeting has this PIN.
    #[error("another meeting has this voice bridge")]
    NonUniqueVoiceBridge,
    /// The tenant is not known.
    #[error("no such tenant")]
    UnknownTenant,
    /// The database did not answer.
    #[error("the database failed: {0}")]
    Store(String),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

/// No running meeting has this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such meeting")]
pub struct UnknownMeeting;

/// What others may want to know about, for the front ends' callbacks.
#[derive(Clone, Debug)]
pub enum LiveEvent {
    /// A meeting is over.
    MeetingEnded {
        /// Which.
        meeting: Arc<Meeting>,
        /// Whether segments of it were recorded.
        recorded: bool,
    },
    /// All segments of an ended meeting are ready.
    RecordingReady {
        /// Which.
        meeting: Arc<Meeting>,
    },
}

impl Registry {
    /// Starts without meetings. `events` is what came with the media node. Must be called within a tokio runtime.
    pub fn start(config: LiveConfig, events: mpsc::Receiver<SfuEvent>) -> Self {
        let inner = Arc::new(Inner {
            config: Arc::new(config),
            routes: Arc::new(Routes::default()),
            table: Mutex::new(Table::default()),
            told: broadcast::channel(TOLD).0,
            connections: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
        });
        tokio::spawn(recorder::listen(Arc::downgrade(&inner), events));
        Self(inner)
    }

    /// The running meeting of this id.
    pub async fn by_id(&self, meeting: &MeetingId) -> Option<MeetingInfo> {
        ask(&self.room(meeting)?, Input::Info).await
    }

    /// The running meeting that the front end knows under this id.
    pub async fn by_external(&self, tenant: &TenantId, external: &str) -> Option<MeetingInfo> {
        let room = self.0.table().by_external(tenant, external)?;
        ask(&room, Input::Info).await
    }

    /// All running meetings of a tenant, oldest first.
    pub async fn list(&self, tenant: &TenantId) -> Vec<MeetingInfo> {
        let rooms = self.0.table().rooms();
        let mut meetings = Vec::new();
        for room in rooms.iter().filter(|room| room.meeting.made_from.tenant == *tenant) {
            meetings.extend(ask(room, Input::Info).await);
        }
        meetings
    }

    /// The last meeting that the front end knew under this id, if it ended within the last hour.
    pub fn recently_ended(&self, tenant: &TenantId, external: &str) -> Option<Arc<Meeting>> {
        self.0.table().last_ended(tenant, external)
    }

    /// Announces somebody whom the front end sends. Without it the token opens no door.
    pub fn expect(&self, meeting: &MeetingId, guest: Guest) -> Result<(), UnknownMeeting> {
        self.room(meeting).ok_or(UnknownMeeting)?.guests.expect(guest);
        Ok(())
    }

    /// Whether one more of this front end's user id fits in; somebody who is in already always does.
    pub async fn has_room_for(&self, meeting: &MeetingId, user_id: Option<&str>) -> bool {
        let Some(room) = self.room(meeting) else { return false };
        let user = user_id.map(str::to_owned);
        ask(&room, |reply| Input::HasRoomFor(user, reply)).await.unwrap_or(false)
    }

    /// Ends a meeting for all, as the front end's `end` does; returns once everybody is told and all is written.
    pub async fn end(&self, meeting: &MeetingId) -> Result<(), UnknownMeeting> {
        let room = self.room(meeting).ok_or(UnknownMeeting)?;
        ask(&room, |reply| Input::End(Ending::FrontEnd, reply)).await.ok_or(UnknownMeeting)
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.0.told.subscribe()
    }

    /// Ends all meetings because the server stops; returns when all is written.
    pub async fn stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
        let rooms = self.0.table().rooms();
        let ends = rooms.iter().map(|room| ask(room, |reply| Input::End(Ending::Stopping, reply)));
        futures_util::future::join_all(ends).await;
        // What the recorder still writes is reported and noted, unless it hangs.
        let settled = async {
            let recordings = self.0.config.store.recordings();
            while self.0.config.sfu.recorder_attached()
                && recordings.unfinished_segments().await.is_ok_and(|open| !open.is_empty())
            {
                tokio::time::sleep(REPORT_PAUSE).await;
            }
        };
        if tokio::time::timeout(LAST_REPORTS, settled).await.is_err() {
            tracing::warn!("the recorder did not finish in time; it will at the next start");
        }
    }

    pub(super) fn room(&self, meeting: &MeetingId) -> Option<RoomHandle> {
        self.0.table().room(meeting)
    }

    /// Where somebody who comes too late is sent: the logout URL of a meeting that ended.
    pub(super) fn ended(&self, meeting: &MeetingId) -> Option<Arc<Meeting>> {
        self.0.table().ended(meeting)
    }

    pub(super) fn config(&self) -> &LiveConfig {
        &self.0.config
    }

    pub(super) fn next_connection(&self) -> ConnectionId {
        self.0.connections.fetch_add(1, Ordering::Relaxed)
    }
}

impl Inner {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Asks a room; `None` if it is gone.
async fn ask<T>(room: &RoomHandle, question: impl FnOnce(oneshot::Sender<T>) -> Input) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    room.inputs.send(question(reply)).await.ok()?;
    answer.await.ok()
}
