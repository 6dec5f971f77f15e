//! Refusals of the API: HTTP 200 with a key for programs and a message for people.

use std::borrow::Cow;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `messageKey`, as the known callers compare it.
    pub key: &'static str,
    /// `message`.
    pub message: Cow<'static, str>,
}

impl Failure {
    /// A refusal with its key and message.
    pub fn new(key: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { key, message: message.into() }
    }

    /// A value of the wrong form.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("validationError", message)
    }

    /// The checksum does not match.
    pub fn checksum() -> Self {
        Self::new("checksumError", "Checksums do not match")
    }

    /// No such meeting.
    pub fn not_found() -> Self {
        Self::new("notFound", "A meeting with that ID does not exist")
    }

    /// The store could not be reached; details are in the log.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a call of the LMS API failed");
        Self::new("internalError", "The server could not do this now, please try again")
    }
}
