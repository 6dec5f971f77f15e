//! Who may see what: the link first, then the recording's state.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::ids::MeetingId;
use serde::Serialize;
use store::Error;
use store::keys::{DataKey, KeyError};
use store::recordings::{Recording, RecordingState, Standing};
use store::sealed::SealedError;

use super::{Link, Playback};
use crate::links;

/// Why nothing is shown. Each is an answer that the page has words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The link was changed, is of another recording, or has expired.
    Link,
    /// No such recording or track.
    Unknown,
    /// No segment is finished yet.
    Processing,
    /// Withdrawn by the front end.
    Unpublished,
    /// Erased, or being erased.
    Erased,
    /// The disk or the database failed.
    Broken,
}

#[derive(Serialize)]
struct Answer {
    state: &'static str,
}

impl Playback {
    /// The recording and its key, if the link opens it and it may be seen.
    pub(super) async fn open(&self, id: &MeetingId, link: Link) -> Result<(Recording, DataKey), Refused> {
        let token = link.t.ok_or(Refused::Link)?;
        links::verify(&self.links, id, &token, unix_s()).map_err(|_| Refused::Link)?;
        let recording = match self.store.recordings().standing(id).await? {
            Standing::Stored(recording) => recording,
            Standing::BeingErased | Standing::Erased { .. } => return Err(Refused::Erased),
            Standing::Unknown => return Err(Refused::Unknown),
        };
        match recording.state {
            RecordingState::Processing => Err(Refused::Processing),
            RecordingState::Unpublished => Err(Refused::Unpublished),
            RecordingState::Published => Ok((*recording, self.store.recordings().data_key(id).await?)),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error {
            // Erased between two questions.
            Error::BeingErased | Error::Key(KeyError::Missing) | Error::Unknown(_) => Self::Erased,
            Error::Object(error) => error.into(),
            error => {
                tracing::error!(%error, "a recording cannot be looked up");
                Self::Broken
            }
        }
    }
}

impl From<SealedError> for Refused {
    fn from(error: SealedError) -> Self {
        match error {
            SealedError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => Self::Unknown,
            SealedError::Key(_) => Self::Unknown,
            error => {
                tracing::error!(%error, "a recording cannot be read");
                Self::Broken
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, state) = match self {
            Self::Link => (StatusCode::FORBIDDEN, "expired"),
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown"),
            Self::Processing => (StatusCode::NOT_FOUND, "processing"),
            Self::Unpublished => (StatusCode::NOT_FOUND, "unpublished"),
            Self::Erased => (StatusCode::GONE, "erased"),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "broken"),
        };
        let never_stored = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        (status, never_stored, Json(Answer { state })).into_response()
    }
}

fn unix_s() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}
