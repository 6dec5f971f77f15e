//! What live meetings need from outside.

use std::sync::Arc;
use std::time::Duration;

use classroom::Timings;
use protocol::token::TokenKey;

use super::metrics::LiveMetrics;
use crate::config::{Clock, RecordingLink};

/// Bytes free in the data folder, or `None` if that cannot be told.
pub type FreeDisk = Arc<dyn Fn() -> Option<u64> + Send + Sync>;

/// How live meetings are set up. Cheap to clone.
#[derive(Clone)]
pub struct LiveConfig {
    /// Scheme, host and port of the public URL; the `Origin` of every WebSocket must be it.
    pub origin: String,
    /// Verifies room tokens.
    pub token_key: Arc<TokenKey>,
    /// The database and the key ring.
    pub store: store::Store,
    /// The media node.
    pub sfu: sfu_node::Sfu,
    /// Asked before every mark.
    pub free_disk: FreeDisk,
    /// Asked when a recording is ready.
    pub recording_link: RecordingLink,
    /// The time.
    pub clock: Clock,
    /// Counters for Prometheus.
    pub metrics: LiveMetrics,
    /// Waiting times and sizes.
    pub limits: Limits,
}

/// Waiting times and sizes of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Grace and warning times of the rooms.
    pub timings: Timings,
    /// The first message must come in this time.
    pub hello: Duration,
    /// How often the server pings.
    pub ping: Duration,
    /// A connection that said nothing for so long is closed.
    pub idle: Duration,
    /// Longest message, bytes.
    pub message: usize,
    /// Messages that wait for a slow connection before it is cut off; more than can be missed
    /// ([`classroom::REMEMBERED`]), which all come at once when a connection resumes.
    pub outbox: usize,
    /// How often statistics are written while the meeting runs.
    pub statistics: Duration,
    /// Below so many free bytes nothing is recorded.
    pub free_disk: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timings: Timings::default(),
            hello: Duration::from_secs(10),
            ping: Duration::from_secs(15),
            idle: Duration::from_secs(45),
            message: 64 * 1024,
            outbox: 1024,
            statistics: Duration::from_secs(60),
            free_disk: 200_000_000,
        }
    }
}
