//! Operations metrics of live meetings. No label ever carries a person, a meeting or an address (R43).

use prometheus::{Counter, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};
use protocol::server::{Close, Role};

/// Results of coming in that are no refusal.
const JOINED: [&str; 2] = ["ok", "waiting"];
/// Refusals at the door.
const CLOSES: [Close; 7] = [
    Close::TokenExpired,
    Close::TokenInvalid,
    Close::VersionMismatch,
    Close::Full,
    Close::MeetingEnded,
    Close::ServerStopping,
    Close::Protocol,
];

/// The counters, registered once. Cheap to clone.
#[derive(Clone)]
pub struct LiveMetrics {
    pub(crate) meetings: IntGauge,
    pub(crate) participants: IntGaugeVec,
    pub(crate) joins: IntCounterVec,
    pub(crate) reconnects: IntCounter,
    pub(crate) talk_seconds: Counter,
    pub(crate) chat: IntCounter,
    pub(crate) hands: IntCounter,
    pub(crate) segments: IntCounterVec,
    pub(crate) recorded_seconds: Counter,
}

impl LiveMetrics {
    /// Makes the counters and registers them; fails if one of the names is registered already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let metrics = Self {
            meetings: IntGauge::new("lectern_meetings_active", "Meetings that exist")?,
            participants: IntGaugeVec::new(
                Opts::new("lectern_participants", "People in rooms"),
                &["role", "kind"],
            )?,
            joins: IntCounterVec::new(Opts::new("lectern_joins_total", "Tries to come in"), &["result"])?,
            reconnects: IntCounter::new("lectern_reconnects_total", "Dropped connections that came back")?,
            talk_seconds: Counter::new("lectern_talk_seconds_total", "Time that people talked")?,
            chat: IntCounter::new("lectern_chat_messages_total", "Chat messages")?,
            hands: IntCounter::new("lectern_hands_raised_total", "Raised hands")?,
            segments: IntCounterVec::new(
                Opts::new("lectern_recording_segments_total", "Recorded segments"),
                &["result"],
            )?,
            recorded_seconds: Counter::new("lectern_recording_seconds_total", "Length of recorded segments")?,
        };
        metrics.touch();
        registry.register(Box::new(metrics.meetings.clone()))?;
        registry.register(Box::new(metrics.participants.clone()))?;
        registry.register(Box::new(metrics.joins.clone()))?;
        registry.register(Box::new(metrics.reconnects.clone()))?;
        registry.register(Box::new(metrics.talk_seconds.clone()))?;
        registry.register(Box::new(metrics.chat.clone()))?;
        registry.register(Box::new(metrics.hands.clone()))?;
        registry.register(Box::new(metrics.segments.clone()))?;
        registry.register(Box::new(metrics.recorded_seconds.clone()))?;
        Ok(metrics)
    }

    /// Every name is there from the start, with 0.
    fn touch(&self) {
        for role in [Role::Moderator, Role::Viewer] {
            self.participants(role).set(0);
        }
        for result in JOINED.into_iter().chain(CLOSES.map(turned_away)) {
            self.joins.with_label_values(&[result]).reset();
        }
        for result in ["ready", "failed"] {
            self.segments.with_label_values(&[result]).reset();
        }
    }

    /// People of a role who came with a browser.
    pub(crate) fn participants(&self, role: Role) -> IntGauge {
        let role = match role {
            Role::Moderator => "moderator",
            Role::Viewer => "viewer",
        };
        self.participants.with_label_values(&[role, "web"])
    }

    /// A segment ended with this result.
    pub(crate) fn segment(&self, result: &str) {
        self.segments.with_label_values(&[result]).inc();
    }

    /// Somebody tried to come in, with this result.
    pub(crate) fn joined(&self, result: &str) {
        self.joins.with_label_values(&[result]).inc();
    }

    /// Somebody was turned away at the door.
    pub(crate) fn turned_away(&self, reason: Close) {
        self.joined(turned_away(reason));
    }
}

fn turned_away(reason: Close) -> &'static str {
    match reason {
        Close::TokenExpired => "token_expired",
        Close::TokenInvalid => "token_invalid",
        Close::VersionMismatch => "version",
        Close::Full => "full",
        Close::MeetingEnded => "ended",
        Close::ServerStopping => "stopping",
        Close::Left | Close::Ejected | Close::Replaced | Close::Protocol => "protocol",
    }
}
