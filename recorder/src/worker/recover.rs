//! Closing what a killed process left behind, from its journals.

use std::collections::{BTreeMap, HashMap};

use protocol::tap::Report;
use store::keys::DataKey;
use store::objects::Objects;
use store::sealed::SealedError;

use super::closing::{Contents, finished, write_manifest};
use super::file::{self, FileError};
use super::journal::{self, Entry, TrackFacts};
use super::segment::Segment;
use super::webm::{Cluster, Scanner};
use crate::handover::OpenSegment;
use crate::layout::SegmentId;
use crate::manifest::{SegmentManifest, TrackManifest};

/// Bytes that are read at once.
const PIECE: u64 = 1 << 20;

/// Closes a segment. The report says what it holds.
pub(super) fn segment(objects: &Objects, open: &OpenSegment) -> Result<Report, SealedError> {
    let id = SegmentId::new(&open.meeting, open.segment);
    let key = DataKey::from_hex(&open.data_key)?;
    if objects.exists(&id.manifest()?) {
        return report_again(objects, &id, &key);
    }
    let path = id.journal()?;
    objects.recover(&path, &key)?;
    let journal = objects.read(&path, &key)?;
    let mut found = Found::default();
    journal::read(&journal.read_all()?).for_each(|entry| found.take(entry));
    let mut stored = journal.stored();
    for (facts, clusters) in found.tracks.values() {
        match reopen(objects, &id, &key, facts, clusters) {
            Ok(Some((track, bytes))) => {
                stored = stored.saturating_add(bytes);
                found.contents.tracks.push(track);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a track's file cannot be recovered"),
        }
    }
    let contents = &mut found.contents;
    let ends =
        contents.tracks.iter().map(|track| track.end_ms).chain(contents.notes.iter().map(|note| note.at_ms));
    contents.duration_ms = ends.max().unwrap_or(0);
    write_manifest(objects, &id, &key, found.contents, stored)
}

/// The report of a segment that was closed, but whose report got lost.
fn report_again(objects: &Objects, id: &SegmentId, key: &DataKey) -> Result<Report, SealedError> {
    let manifest = objects.read(&id.manifest()?, key)?;
    let mut stored = manifest.stored();
    let manifest: SegmentManifest =
        serde_json::from_slice(&manifest.read_all()?).map_err(|_| SealedError::Damaged)?;
    for track in &manifest.tracks {
        stored = stored.saturating_add(objects.read(&id.track(track.track)?, key)?.stored());
    }
    Ok(finished(id, &manifest, stored))
}

/// Closes one track of a segment that goes on; gives its entry and its size on the disk, or `None` if it is empty.
pub(super) fn track(
    segment: &Segment,
    facts: &TrackFacts,
) -> Result<Option<(TrackManifest, u64)>, FileError> {
    reopen(&segment.objects, &segment.id, &segment.key, facts, &[])
}

/// What a journal holds.
struct Found {
    contents: Contents,
    tracks: BTreeMap<u32, (TrackFacts, Vec<Cluster>)>,
}

impl Default for Found {
    fn default() -> Self {
        let contents = Contents {
            started_unix_ms: 0,
            duration_ms: 0,
            recovered: true,
            names: HashMap::new(),
            notes: Vec::new(),
            tracks: Vec::new(),
        };
        Self { contents, tracks: BTreeMap::new() }
    }
}

impl Found {
    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Began { started_unix_ms } => self.contents.started_unix_ms = started_unix_ms,
            Entry::Name { person, name } => {
                self.contents.names.insert(person, name);
            }
            Entry::Note(note) => self.contents.notes.push(note),
            Entry::Track(facts) => {
                self.tracks.insert(facts.track, (facts, Vec::new()));
            }
            Entry::Cluster { track, ms, offset, enter } => {
                if let Some((_, clusters)) = self.tracks.get_mut(&track) {
                    clusters.push(Cluster { ms, offset, entry: enter });
                }
            }
        }
    }
}

fn reopen(
    objects: &Objects,
    id: &SegmentId,
    key: &DataKey,
    facts: &TrackFacts,
    listed: &[Cluster],
) -> Result<Option<(TrackManifest, u64)>, FileError> {
    let path = id.track(facts.track).map_err(SealedError::from)?;
    objects.recover(&path, key)?;
    let reader = objects.read(&path, key)?;
    // The last listed cluster that reached the disk is read again to its end; those before it are as listed.
    let mut clusters: Vec<Cluster> =
        listed.iter().copied().filter(|cluster| cluster.offset < reader.len()).collect();
    let mut scanner = match clusters.pop() {
        Some(last) => Scanner::resume(!facts.codec.is_video(), last.offset, clusters),
        None => Scanner::new(!facts.codec.is_video()),
    };
    let mut at = scanner.whole();
    while at < reader.len() {
        let end = at.saturating_add(PIECE).min(reader.len());
        scanner.push(&reader.read_range(at..end)?)?;
        at = end;
    }
    if scanner.clusters().is_empty() {
        return Ok(None);
    }
    file::verify(objects, &path, key, facts, &scanner)?;
    Ok(file::manifest(facts, &scanner).map(|track| (track, reader.stored())))
}
