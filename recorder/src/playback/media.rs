//! A track's bytes, decrypted while they are sent.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};
use store::keys::DataKey;
use store::objects::Objects;
use store::sealed::Reader;

use super::access::Refused;
use super::range::{self, Wanted};
use crate::layout::SegmentId;

/// Plaintext bytes that a response holds in memory at once.
const PIECE: u64 = 256 * 1024;

/// An opened track.
pub(super) struct Media(Arc<Reader>);

/// Opens a track of a closed segment. Reads from the disk.
pub(super) fn open(
    objects: &Objects,
    segment: &SegmentId,
    track: u32,
    key: &DataKey,
) -> Result<Media, Refused> {
    let unknown = |_| Refused::Unknown;
    if !objects.exists(&segment.manifest().map_err(unknown)?) {
        return Err(Refused::Unknown);
    }
    Ok(Media(Arc::new(objects.read(&segment.track(track).map_err(unknown)?, key)?)))
}

impl Media {
    /// Answers a request with this `Range` header.
    pub(super) fn respond(self, range: Option<&str>) -> Response {
        let length = self.0.len();
        let mut headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static("video/webm")),
            (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        ]);
        let (status, part) = match range::parse(range, length) {
            Wanted::Whole => (StatusCode::OK, 0..length),
            Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
            Wanted::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
        };
        let content_range = match status {
            StatusCode::OK => None,
            StatusCode::PARTIAL_CONTENT => {
                Some(format!("bytes {}-{}/{length}", part.start, part.end.saturating_sub(1)))
            }
            _ => Some(format!("bytes */{length}")),
        };
        if let Some(value) = content_range.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::CONTENT_RANGE, value);
        }
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end.saturating_sub(part.start)));
        (status, headers, Body::from_stream(pieces(self.0, part))).into_response()
    }
}

fn pieces(reader: Arc<Reader>, part: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((reader, part), |(reader, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let end = part.start.saturating_add(PIECE).min(part.end);
        let (reading, piece) = (reader.clone(), part.start..end);
        let bytes = tokio::task::spawn_blocking(move || reading.read_range(piece)).await;
        let bytes = bytes.map_err(io::Error::other)?.map_err(io::Error::other)?;
        Ok(Some((Bytes::from(bytes), (reader, end..part.end))))
    })
}
