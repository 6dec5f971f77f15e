//! The manifest: what was recorded when, and where in the track files it lies.
//!
//! The recorder writes one per segment when it closes it; playback joins those of a recording. All times are ms since
//! the segment's zero, so that the tracks of a segment are in step.

use protocol::ids::{MeetingId, PersonId};
use protocol::media::Source;
use protocol::server::Event;
use protocol::tap::SegmentNumber;
use serde::{Deserialize, Serialize};

/// A whole recording, as the player gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The recording.
    pub id: MeetingId,
    /// Name of the meeting, if known.
    pub name: Option<String>,
    /// Unix ms at which the first segment began.
    pub started_unix_ms: i64,
    /// Unix ms at which the recording will be erased; `None` = not by itself.
    pub expires_unix_ms: Option<i64>,
    /// While the class still runs: how many days after its end the recording will be erased; `None` = not by itself.
    pub kept_days: Option<u32>,
    /// Its segments, in order.
    pub segments: Vec<SegmentManifest>,
}

/// One marked stretch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentManifest {
    /// Counts up from 1.
    pub segment: SegmentNumber,
    /// Unix ms at the segment's zero.
    pub started_unix_ms: i64,
    /// Length in ms.
    pub duration_ms: u64,
    /// True if the recorder ended before the mark did and the segment was closed afterwards.
    #[serde(default)]
    pub recovered: bool,
    /// Tracks with media, in the order in which they began.
    pub tracks: Vec<TrackManifest>,
    /// What else happened in the room.
    pub notes: Vec<Note>,
}

/// One person's one source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackManifest {
    /// Unique within the segment.
    pub track: u32,
    /// Who.
    pub person: PersonId,
    /// The person's name then.
    pub name: Option<String>,
    /// What.
    pub source: Source,
    /// How it is encoded.
    pub codec: Codec,
    /// For `MediaSource.addSourceBuffer`, for example `video/webm; codecs="vp8"`.
    pub mime: String,
    /// Path of the file, without a token; empty in the stored manifest.
    #[serde(default)]
    pub url: String,
    /// Width of the first picture in pixels.
    pub width: Option<u16>,
    /// Height of the first picture in pixels.
    pub height: Option<u16>,
    /// Time of the first frame, ms.
    pub start_ms: u64,
    /// Time of the last frame, ms.
    pub end_ms: u64,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Length of the file's header, which a player needs once, in bytes.
    pub init_bytes: u64,
    /// Places at which decoding can start, as (time in ms, offset in bytes), in order. Video files hold further
    /// clusters between these.
    pub clusters: Vec<(u64, u64)>,
}

/// How a track is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Codec {
    /// Opus (RFC 6716).
    Opus,
    /// VP8 (RFC 6386).
    Vp8,
}

impl Codec {
    /// From the name in a [`protocol::tap::TrackHeader`]; `None` for what is not recorded.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "opus" => Some(Self::Opus),
            "vp8" => Some(Self::Vp8),
            _ => None,
        }
    }

    /// The type that a browser's `MediaSource` knows it by.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Opus => "audio/webm; codecs=\"opus\"",
            Self::Vp8 => "video/webm; codecs=\"vp8\"",
        }
    }

    /// Whether pictures depend on each other.
    pub(crate) fn is_video(self) -> bool {
        self == Self::Vp8
    }
}

/// Something that belongs on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// ms since the segment's zero.
    pub at_ms: u64,
    /// What.
    pub event: Event,
}
