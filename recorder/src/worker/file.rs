//! A track's file while it is written: sealed, and its clusters listed.

use store::keys::DataKey;
use store::objects::{ObjectPath, Objects};
use store::sealed::{Reader, SealedError, Writer};

use super::journal::TrackFacts;
use super::webm::{Cluster, NotWebm, Scanner};
use crate::manifest::TrackManifest;

/// Clusters that are looked at again when a file is closed: enough to notice a wrong file, few enough for any length.
const SAMPLES: usize = 16;
/// Id of a cluster element (RFC 9559 §5.1.3).
const CLUSTER_ID: [u8; 4] = [0x1F, 0x43, 0xB6, 0x75];

/// Why a track's file cannot be written or is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error(transparent)]
    Sealed(#[from] SealedError),
    #[error(transparent)]
    Webm(#[from] NotWebm),
    #[error("the track's file does not hold what was written to it")]
    Unlike,
}

impl FileError {
    pub(super) fn is_disk_full(&self) -> bool {
        matches!(self, Self::Sealed(SealedError::DiskFull))
    }
}

/// A file that grows.
pub(super) struct TrackFile {
    writer: Writer,
    scanner: Scanner,
    listed: usize,
}

impl TrackFile {
    pub(super) fn new(writer: Writer, video: bool) -> Self {
        Self { writer, scanner: Scanner::new(!video), listed: 0 }
    }

    /// Appends what the muxer gave out; gives the clusters that began.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<&[Cluster], FileError> {
        self.scanner.push(bytes)?;
        self.writer.write(bytes)?;
        let clusters = self.scanner.clusters();
        let new = clusters.get(self.listed..).unwrap_or_default();
        self.listed = clusters.len();
        Ok(new)
    }

    /// Seals what is in memory, so that a kill of the process does not lose it.
    pub(super) fn flush(&mut self) -> Result<(), FileError> {
        Ok(self.writer.flush()?)
    }

    /// Closes the file; gives what was found in it and its size on the disk.
    pub(super) fn close(self) -> Result<(Scanner, u64), FileError> {
        let stored = self.writer.close()?;
        Ok((self.scanner, stored))
    }
}

/// Reads a closed file back: header, track list, and clusters where they should be.
pub(super) fn verify(
    objects: &Objects,
    path: &ObjectPath,
    key: &DataKey,
    facts: &TrackFacts,
    scanner: &Scanner,
) -> Result<(), FileError> {
    let reader = objects.read(path, key)?;
    let clusters = scanner.clusters();
    let first = clusters.first().ok_or(FileError::Unlike)?;
    let header = reader.read_range(0..first.offset)?;
    let mut again = Scanner::new(true);
    again.push(&header)?;
    let codec: &[u8] = if facts.codec.is_video() { b"V_VP8" } else { b"A_OPUS" };
    let listed = again.saw_tracks() && header.windows(codec.len()).any(|bytes| bytes == codec);
    if !listed || reader.len() < scanner.whole() {
        return Err(FileError::Unlike);
    }
    let step = clusters.len().div_ceil(SAMPLES).max(1);
    clusters
        .iter()
        .step_by(step)
        .chain(clusters.last())
        .try_for_each(|cluster| begins_at(&reader, cluster.offset))
}

fn begins_at(reader: &Reader, offset: u64) -> Result<(), FileError> {
    let found = reader.read_range(offset..offset.saturating_add(CLUSTER_ID.len() as u64))?;
    if found == CLUSTER_ID { Ok(()) } else { Err(FileError::Unlike) }
}

/// The manifest's entry of a track; `None` if it holds no media.
pub(super) fn manifest(facts: &TrackFacts, scanner: &Scanner) -> Option<TrackManifest> {
    let first = scanner.clusters().first()?;
    let size = facts.size.filter(|&(width, height)| width > 0 && height > 0);
    Some(TrackManifest {
        track: facts.track,
        person: facts.person.clone(),
        name: None,
        source: facts.source,
        codec: facts.codec,
        mime: facts.codec.mime().to_owned(),
        url: String::new(),
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
        start_ms: first.ms,
        end_ms: scanner.last_ms().unwrap_or(first.ms),
        bytes: scanner.whole(),
        init_bytes: first.offset,
        clusters: scanner.clusters().iter().filter(|c| c.entry).map(|c| (c.ms, c.offset)).collect(),
    })
}
