//! What happens in a classroom, as a state machine without clock, socket, randomness or storage.
//!
//! People [`enter`](Classroom::enter) and [`apply`](Classroom::apply) commands; the world outside is told by
//! [`observe`](Classroom::observe); time passes by [`handle_timeout`](Classroom::handle_timeout) at the moments that
//! [`poll_timeout`](Classroom::poll_timeout) asks for. Each answers with [`Effects`] that the caller carries out in
//! their order, or with a refusal that changed nothing. All times are ms since the meeting was made. Who may do what
//! stands in one table ([`permit`]). Nothing of a room outlives its [`Classroom`] but its [`Statistics`] (R50).

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

mod chat;
mod command;
mod feed;
mod mark;
mod member;
mod pace;
mod rights;
mod room;
mod settings;
mod tally;

pub use chat::{LONGEST_MESSAGE, REACTIONS};
pub use command::{Command, Effect, Effects, Ending, Entrant, Fact};
pub use feed::REMEMBERED;
pub use rights::{Act, permit};
pub use room::{Classroom, Snapshot};
pub use settings::{Locks, Recording, Settings, Timings};
pub use tally::Statistics;
