//! Closing a segment: its manifest.

use std::collections::{HashMap, HashSet};

use protocol::ids::PersonId;
use protocol::tap::Report;
use store::keys::DataKey;
use store::objects::Objects;
use store::sealed::SealedError;

use crate::layout::SegmentId;
use crate::manifest::{Note, SegmentManifest, TrackManifest};

/// What a manifest is made of.
pub(super) struct Contents {
    pub(super) started_unix_ms: i64,
    pub(super) duration_ms: u64,
    pub(super) recovered: bool,
    pub(super) names: HashMap<PersonId, String>,
    pub(super) notes: Vec<Note>,
    pub(super) tracks: Vec<TrackManifest>,
}

/// Closes a segment: from now on it can be played.
pub(super) fn write_manifest(
    objects: &Objects,
    id: &SegmentId,
    key: &DataKey,
    contents: Contents,
    stored: u64,
) -> Result<Report, SealedError> {
    let Contents { started_unix_ms, duration_ms, recovered, names, mut notes, mut tracks } = contents;
    tracks.sort_by_key(|track| (track.start_ms, track.track));
    notes.sort_by_key(|note| note.at_ms);
    for track in &mut tracks {
        track.name = names.get(&track.person).cloned();
    }
    let manifest =
        SegmentManifest { segment: id.segment, started_unix_ms, duration_ms, recovered, tracks, notes };
    let json = serde_json::to_vec(&manifest).map_err(|error| SealedError::Io(error.into()))?;
    let written = objects.put(&id.manifest()?, key, &json)?;
    Ok(finished(id, &manifest, stored.saturating_add(written)))
}

/// What the server is told of a closed segment; `bytes` are those of all its files.
pub(super) fn finished(id: &SegmentId, manifest: &SegmentManifest, bytes: u64) -> Report {
    let people: HashSet<&PersonId> = manifest.tracks.iter().map(|track| &track.person).collect();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Report::Finished {
        meeting: id.meeting.clone(),
        segment: id.segment,
        duration_ms: manifest.duration_ms,
        bytes,
        tracks: count(manifest.tracks.len()),
        people: count(people.len()),
    }
}
