//! The objects of a segment: one journal, one manifest, one file per track.

use protocol::ids::MeetingId;
use protocol::tap::SegmentNumber;
use store::keys::KeyError;
use store::objects::{ObjectPath, Objects};
use store::sealed::SealedError;

const JOURNAL: &str = "journal";
const MANIFEST: &str = "manifest.json";

/// Names one segment and its objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SegmentId {
    pub(crate) meeting: MeetingId,
    pub(crate) segment: SegmentNumber,
}

impl SegmentId {
    pub(crate) fn new(meeting: &MeetingId, segment: SegmentNumber) -> Self {
        Self { meeting: meeting.clone(), segment }
    }

    /// Lives from the segment's begin, so that it can be closed after a crash.
    pub(crate) fn journal(&self) -> Result<ObjectPath, KeyError> {
        ObjectPath::new(&self.meeting, self.segment, JOURNAL)
    }

    /// Exists when the segment is closed.
    pub(crate) fn manifest(&self) -> Result<ObjectPath, KeyError> {
        ObjectPath::new(&self.meeting, self.segment, MANIFEST)
    }

    pub(crate) fn track(&self, track: u32) -> Result<ObjectPath, KeyError> {
        ObjectPath::new(&self.meeting, self.segment, &track_file(track))
    }
}

/// Name of a track's file.
pub(crate) fn track_file(track: u32) -> String {
    format!("{track}.webm")
}

/// The segments that have a journal but no manifest: a recorder process ended before they did.
///
/// # Errors
/// When the objects cannot be listed.
pub fn unfinished(objects: &Objects) -> Result<Vec<(MeetingId, SegmentNumber)>, SealedError> {
    let mut found = Vec::new();
    for meeting in objects.recordings()? {
        for segment in objects.segments(&meeting)? {
            let id = SegmentId::new(&meeting, segment);
            if objects.exists(&id.journal()?) && !objects.exists(&id.manifest()?) {
                found.push((meeting.clone(), segment));
            }
        }
    }
    Ok(found)
}
