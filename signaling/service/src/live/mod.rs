//! Running meetings: who is in them, what they say and hear, and what is kept of them.
//!
//! The front end's `create` makes a meeting in the [`Registry`] ([`CreateMeeting`] → [`MeetingInfo`]), its `join`
//! announces a [`Guest`], and the browser comes in over the WebSocket of [`routes`]: [`socket`] checks the token and
//! the pace, [`room`] is the task that drives the meeting's classroom and media, [`outbox`] leads back.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod agent;
mod config;
mod guest;
mod meeting;
mod metrics;
mod outbox;
mod registry;
mod room;
mod socket;
mod words;

pub use config::{FreeDisk, Limits, LiveConfig};
pub use guest::{ClientAddress, Guest};
pub use meeting::{Attendee, CreateMeeting, Meeting, MeetingInfo};
pub use metrics::LiveMetrics;
pub use registry::{CreateError, Created, LiveEvent, Registry, UnknownMeeting};
pub use socket::routes;
