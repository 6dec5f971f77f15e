//! All running meetings of this server.

use std::sync::Arc;

use protocol::ids::{MeetingId, TenantId};
use sfu_node::SfuEvent;
use tokio::sync::{broadcast, mpsc};

use super::config::LiveConfig;
use super::guest::Guest;
use super::meeting::{CreateMeeting, Meeting, MeetingInfo};

/// All running meetings. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    config: Arc<LiveConfig>,
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
    /// Starts without meetings. `events` is what came with the media node.
    pub fn start(config: LiveConfig, events: mpsc::Receiver<SfuEvent>) -> Self {
        drop(events);
        Self { config: Arc::new(config) }
    }

    /// Makes a meeting. Idempotent and atomic: many at once make one (bbb-api §2.2).
    pub async fn create(&self, wish: CreateMeeting) -> Result<Created, CreateError> {
        let _ = (&self.config, wish);
        Err(CreateError::Stopping)
    }

    /// The running meeting of this id.
    pub async fn by_id(&self, _meeting: &MeetingId) -> Option<MeetingInfo> {
        None
    }

    /// The running meeting that the front end knows under this id.
    pub async fn by_external(&self, _tenant: &TenantId, _external: &str) -> Option<MeetingInfo> {
        None
    }

    /// All running meetings of a tenant, oldest first.
    pub async fn list(&self, _tenant: &TenantId) -> Vec<MeetingInfo> {
        Vec::new()
    }

    /// The last meeting that the front end knew under this id, if it ended within the last hour.
    pub fn recently_ended(&self, _tenant: &TenantId, _external: &str) -> Option<Arc<Meeting>> {
        None
    }

    /// Announces somebody whom the front end sends. Without it the token opens no door.
    pub fn expect(&self, _meeting: &MeetingId, _guest: Guest) -> Result<(), UnknownMeeting> {
        Err(UnknownMeeting)
    }

    /// Whether one more of this front end's user id fits in; somebody who is in already always does.
    pub async fn has_room_for(&self, _meeting: &MeetingId, _user_id: Option<&str>) -> bool {
        false
    }

    /// Ends a meeting for all, as the front end's `end` does; returns once everybody is told.
    pub async fn end(&self, _meeting: &MeetingId) -> Result<(), UnknownMeeting> {
        Err(UnknownMeeting)
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        broadcast::channel(1).1
    }

    /// Ends all meetings because the server stops; returns when all is written.
    pub async fn stop(&self) {}
}

/// The route `/ws`.
pub fn routes(_registry: Registry) -> axum::Router {
    axum::Router::new()
}
