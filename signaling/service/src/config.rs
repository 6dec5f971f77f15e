//! What the service needs from the program around it.

use std::sync::Arc;

use protocol::ids::MeetingId;
use protocol::token::TokenKey;
use store::Store;

use crate::live::Registry;

/// The time, Unix ms.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Makes the signed, expiring path and query of a recording's playback page (R34) at a time in Unix ms.
pub type RecordingLink = Arc<dyn Fn(&MeetingId, i64) -> String + Send + Sync>;

/// How the service is set up.
#[derive(Clone)]
pub struct ServiceConfig {
    /// What links begin with: scheme, host and port, without a slash at the end.
    pub public_url: String,
    /// The database.
    pub store: Store,
    /// The running meetings.
    pub live: Registry,
    /// Signs room tokens.
    pub token_key: Arc<TokenKey>,
    /// Origins of front ends that may show our pages in a frame.
    pub frame_ancestors: Vec<String>,
    /// Whether the demo front end is there.
    pub demo: bool,
    /// Whether a POST whose parameters are all in its unsigned body is accepted. One captured checksum then signs any
    /// such call, so it is off unless an old front end needs it.
    pub body_signing: bool,
    /// Links to recordings.
    pub recording_link: RecordingLink,
    /// The time.
    pub clock: Clock,
}
