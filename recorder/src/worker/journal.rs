//! The journal of a segment: what would be in its manifest, written as it happens, so that a segment can be closed
//! after the process that recorded it was killed. One JSON object a line, sealed.

use protocol::ids::PersonId;
use protocol::media::Source;
use protocol::tap::TrackHeader;
use serde::{Deserialize, Serialize};
use store::sealed::{SealedError, Writer};

use super::webm::Cluster;
use crate::manifest::{Codec, Note};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Entry {
    /// The first line.
    Began {
        /// Unix ms at the segment's zero.
        started_unix_ms: i64,
    },
    /// Somebody's name.
    Name { person: PersonId, name: String },
    /// Something on the timeline.
    Note(Note),
    /// A track's file was made.
    Track(TrackFacts),
    /// A cluster began in a track's file; its bytes may not be on the disk yet.
    Cluster { track: u32, ms: u64, offset: u64, enter: bool },
}

/// What is known of a track before its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TrackFacts {
    pub(super) track: u32,
    pub(super) person: PersonId,
    pub(super) source: Source,
    pub(super) codec: Codec,
    /// Size of the first picture.
    pub(super) size: Option<(u16, u16)>,
}

impl TrackFacts {
    pub(super) fn new(header: &TrackHeader, codec: Codec, size: Option<(u16, u16)>) -> Self {
        Self { track: header.track, person: header.person.clone(), source: header.source, codec, size }
    }
}

impl Entry {
    pub(super) fn cluster(track: u32, cluster: Cluster) -> Self {
        Self::Cluster { track, ms: cluster.ms, offset: cluster.offset, enter: cluster.entry }
    }
}

/// Appends to a journal.
pub(super) struct Journal(Writer);

impl Journal {
    pub(super) fn new(writer: Writer) -> Self {
        Self(writer)
    }

    pub(super) fn append(&mut self, entry: &Entry) -> Result<(), SealedError> {
        let mut line = serde_json::to_vec(entry).map_err(|error| SealedError::Io(error.into()))?;
        line.push(b'\n');
        self.0.write(&line)
    }

    pub(super) fn flush(&mut self) -> Result<(), SealedError> {
        self.0.flush()
    }

    /// Gives the file's size in bytes.
    pub(super) fn close(self) -> Result<u64, SealedError> {
        self.0.close()
    }
}

/// The entries of a journal's plaintext; a line that was cut off is left out.
pub(super) fn read(bytes: &[u8]) -> impl Iterator<Item = Entry> {
    bytes.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_was_cut_keeps_its_whole_lines() {
        let entries = [
            Entry::Began { started_unix_ms: 5 },
            Entry::Name { person: PersonId::from("w_1"), name: "Ada\n".into() },
            Entry::cluster(3, Cluster { ms: 1, offset: 2, entry: true }),
        ];
        let mut bytes = Vec::new();
        for entry in &entries {
            bytes.extend(serde_json::to_vec(entry).unwrap());
            bytes.push(b'\n');
        }
        assert_eq!(read(&bytes).collect::<Vec<_>>(), entries);
        bytes.truncate(bytes.len() - 3);
        assert_eq!(read(&bytes).collect::<Vec<_>>(), entries[..2]);
    }
}
