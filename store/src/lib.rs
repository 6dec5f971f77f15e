//! What is kept: rows in SQL, objects on a disk, and the keys that both are sealed under.
//!
//! In the order in which data goes: a [`Store`] is opened on a data folder; a [`tenants`] row owns [`meetings`], whose
//! people leave [`stays`] (support data, R40) and [`statistics`] (R41); a marked segment makes a [`recordings`] row, a
//! key in the key ring ([`keys`]), and [`objects`], each a [`sealed`] file. What is to go is written into [`erasures`]
//! and carried out by the crate `retention` with [`removal`]; nothing else deletes.
//!
//! Personal fields are sealed under keys that the database does not hold, one for each promise that ends at its own
//! time ([`keys::KeyUse`]): when the key is destroyed, rows, logs of the database and backups are noise at once.
//! All times are unix ms and come from the caller.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

mod address;
pub mod erasures;
mod error;
mod fields;
pub mod keys;
pub mod meetings;
pub mod objects;
mod open;
pub mod policy;
pub mod recordings;
pub mod removal;
pub mod sealed;
pub mod statistics;
pub mod stays;
pub mod tenants;

pub use address::cut as cut_address;
pub use error::Error;
pub use open::{OpenError, Store, StoreConfig};
pub use policy::Retention;

/// The areas of the database, each a small handle.
impl Store {
    /// Tenants and their secrets.
    pub fn tenants(&self) -> tenants::Tenants<'_> {
        tenants::Tenants(self)
    }

    /// Meetings.
    pub fn meetings(&self) -> meetings::Meetings<'_> {
        meetings::Meetings(self)
    }

    /// Support data (R40).
    pub fn stays(&self) -> stays::Stays<'_> {
        stays::Stays(self)
    }

    /// Statistics (R41).
    pub fn statistics(&self) -> statistics::Statistics<'_> {
        statistics::Statistics(self)
    }

    /// Recordings and segments.
    pub fn recordings(&self) -> recordings::Recordings<'_> {
        recordings::Recordings(self)
    }

    /// Unfinished erasures.
    pub fn erasures(&self) -> erasures::Erasures<'_> {
        erasures::Erasures(self)
    }

    /// What is due, and the removing of rows; for `retention` alone.
    pub fn removal(&self) -> removal::Removal<'_> {
        removal::Removal(self)
    }
}
