//! Running meetings: who is in them, what they say and hear, and what is kept of them.
//!
//! The front end's `create` makes a meeting in the [`Registry`] ([`CreateMeeting`] → [`MeetingInfo`]), its `join`
//! announces a [`Guest`], and the browser comes in over the WebSocket of [`routes`].

mod config;
mod guest;
mod meeting;
mod metrics;
mod registry;

pub use config::{FreeDisk, Limits, LiveConfig, SignLink};
pub use guest::{ClientAddress, Guest};
pub use meeting::{Attendee, CreateMeeting, Meeting, MeetingInfo};
pub use metrics::LiveMetrics;
pub use registry::{CreateError, Created, LiveEvent, Registry, UnknownMeeting, routes};
