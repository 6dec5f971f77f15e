//! What is kept no longer than promised: policy, due, plan, erase, verify, receipt.
//!
//! A [`Keeper`] sweeps: it asks each tenant's policy what is [`due`], writes a plan of what belongs to each due thing,
//! destroys the keys, removes the objects and the rows, looks whether they are gone, and appends a signed receipt to
//! the chain ([`receipts`]). Every step is durable and may be done twice, so that a sweep can be killed anywhere and is
//! taken up again. [`notice()`] says in words what the policy in force is (N2). Nothing else in this program deletes.
//!
//! All times are unix ms and come from the caller; nothing here reads a clock.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod due;
mod erase;
mod keeper;
mod metrics;
mod notice;
mod plan;
pub mod receipts;
mod report;

pub use erase::{EraseError, Point};
pub use keeper::{Keeper, SweepError};
pub use metrics::Metrics;
pub use notice::{Language, notice};
pub use report::{Failure, SweepReport};
