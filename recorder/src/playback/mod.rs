//! Playback, in the server process: manifests and media of published recordings, for whoever has a signed link (R34).
//!
//! Media is opened chunk by chunk while it is sent; no plaintext touches a disk, here or in a cache.

mod access;
mod media;
mod range;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use protocol::ids::MeetingId;
use protocol::tap::SegmentNumber;
use serde::Deserialize;
use store::keys::DataKey;
use store::objects::Objects;
use store::recordings::Recording;
use store::sealed::SealedError;
use store::{Error, Store};

use crate::layout::{SegmentId, track_file};
use crate::links::LinkKey;
use crate::manifest::{Manifest, SegmentManifest};
use access::Refused;

/// What playback needs. Cheap to clone.
#[derive(Clone)]
pub struct Playback {
    /// Knows which recordings may be seen, and holds their keys.
    pub store: Store,
    /// Signs links.
    pub links: LinkKey,
}

/// Routes: `/recordings/{id}/manifest.json` and `/recordings/{id}/{segment}/{track}.webm`, both with `?t=TOKEN`. The page
/// at `/recordings/{id}` is not served here.
pub fn router(playback: Playback) -> Router {
    Router::new()
        .route("/recordings/{id}/manifest.json", get(manifest))
        .route("/recordings/{id}/{segment}/{file}", get(track))
        .with_state(playback)
}

#[derive(Deserialize)]
struct Link {
    /// The token.
    t: Option<String>,
}

async fn manifest(
    State(playback): State<Playback>,
    Path(id): Path<MeetingId>,
    Query(link): Query<Link>,
) -> Result<Response, Refused> {
    let (recording, key) = playback.open(&id, link).await?;
    let kept_days = match recording.ended_ms {
        Some(_) => None,
        None => {
            playback.store.tenants().find(&recording.tenant).await?.and_then(|tenant| tenant.retention.days())
        }
    };
    let objects = playback.store.objects().clone();
    let reading = tokio::task::spawn_blocking(move || read_manifest(&objects, &key, &recording, kept_days));
    let manifest = reading.await.map_err(|_| Refused::Broken)?.map_err(Refused::from)?;
    Ok((never_stored(), Json(manifest)).into_response())
}

async fn track(
    State(playback): State<Playback>,
    Path((id, segment, file)): Path<(MeetingId, SegmentNumber, String)>,
    Query(link): Query<Link>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (_, key) = playback.open(&id, link).await?;
    let number: u32 =
        file.strip_suffix(".webm").and_then(|number| number.parse().ok()).ok_or(Refused::Unknown)?;
    let segment = SegmentId { meeting: id, segment };
    let objects = playback.store.objects().clone();
    let reading = tokio::task::spawn_blocking(move || media::open(&objects, &segment, number, &key));
    let track = reading.await.map_err(|_| Refused::Broken)??;
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    Ok((never_stored(), track.respond(range)).into_response())
}

/// Answers stay out of every cache and are what they say they are.
fn never_stored() -> [(HeaderName, HeaderValue); 2] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

fn read_manifest(
    objects: &Objects,
    key: &DataKey,
    recording: &Recording,
    kept_days: Option<u32>,
) -> Result<Manifest, Error> {
    let mut segments = Vec::new();
    for segment in objects.segments(&recording.id)? {
        let path = SegmentId::new(&recording.id, segment).manifest()?;
        if objects.exists(&path) {
            let json = objects.read(&path, key)?.read_all()?;
            let mut manifest: SegmentManifest =
                serde_json::from_slice(&json).map_err(|_| SealedError::Damaged)?;
            for track in &mut manifest.tracks {
                track.url = format!("/recordings/{}/{segment}/{}", recording.id, track_file(track.track));
            }
            segments.push(manifest);
        }
    }
    Ok(Manifest {
        id: recording.id.clone(),
        name: Some(recording.name.clone()),
        started_unix_ms: recording.started_ms,
        expires_unix_ms: recording.due_ms,
        kept_days,
        segments,
    })
}
