//! What can go wrong in the database's areas.

use crate::keys::KeyError;
use crate::sealed::SealedError;

/// Why a row could not be read or written. No variant holds personal data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such tenant, meeting, stay or recording.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// There is one already.
    #[error("there is such a {0} already")]
    Exists(&'static str),
    /// It is being erased: nothing of it may be read or added any more.
    #[error("it is being erased")]
    BeingErased,
    /// The tenant does not allow recording (R32), or the meeting is not recorded (R30).
    #[error("recording is switched off")]
    RecordingOff,
    /// A row holds what this program never writes.
    #[error("the database holds a damaged {0}")]
    Damaged(&'static str),
    /// A key is missing or damaged.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An object is missing or damaged.
    #[error(transparent)]
    Object(#[from] SealedError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Turns a violated primary key into [`Error::Exists`].
pub(crate) fn exists(error: sqlx::Error, what: &'static str) -> Error {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => Error::Exists(what),
        _ => Error::Database(error),
    }
}
