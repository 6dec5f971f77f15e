//! A tap: how marked media and its orders reach the recorder process, over QUIC with mutual TLS.
//!
//! The recorder connects to the SFU node and opens one bidirectional control stream, on which both sides send
//! length-prefixed JSON ([`Order`] down, [`Report`] up; length is a big-endian `u32`, at most [`MAX_CONTROL`] bytes).
//! The node opens one unidirectional stream per recorded track: first a length-prefixed JSON [`TrackHeader`], then
//! [`TapFrame`]s until the stream ends. ALPN is [`ALPN`].

use serde::{Deserialize, Serialize};

use crate::ids::{MeetingId, PersonId, TenantId};
use crate::media::Source;

/// ALPN of the tap connection.
pub const ALPN: &[u8] = b"lectern-tap/1";
/// Longest control message, bytes.
pub const MAX_CONTROL: usize = 1 << 20;
/// Longest tap frame payload, bytes.
pub const MAX_FRAME: usize = 2048;

/// One marked stretch of one meeting. Counts up within the meeting from 1.
pub type SegmentNumber = u32;

/// What the server tells the recorder.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Order {
    /// A segment begins: its tracks follow on streams of their own.
    Begin {
        /// Whose.
        tenant: TenantId,
        /// Which meeting; also the id of the recording.
        meeting: MeetingId,
        /// Which segment.
        segment: SegmentNumber,
        /// The recording's data key, 32 bytes as hex. Never logged; lives in memory only.
        data_key: String,
        /// Unix ms at the segment's zero.
        started_unix_ms: i64,
    },
    /// Somebody's name, for the manifest; sent for everyone who publishes in the segment.
    Name {
        /// Which meeting.
        meeting: MeetingId,
        /// Which segment.
        segment: SegmentNumber,
        /// Who.
        person: PersonId,
        /// Display name.
        name: String,
    },
    /// Something of the room that belongs on the timeline (chat, reaction), as JSON for the player.
    Note {
        /// Which meeting.
        meeting: MeetingId,
        /// Which segment.
        segment: SegmentNumber,
        /// ms since the segment's zero.
        at_ms: u64,
        /// A [`crate::server::Event`].
        event: crate::server::Event,
    },
    /// The mark ended: finish the files and report.
    Finish {
        /// Which meeting.
        meeting: MeetingId,
        /// Which segment.
        segment: SegmentNumber,
    },
}

/// What the recorder tells the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Report {
    /// Sent once after connecting.
    Ready {
        /// Segments found unfinished on the disk and closed, as (meeting, segment).
        recovered: Vec<(MeetingId, SegmentNumber)>,
    },
    /// A track cannot be decoded before its next keyframe.
    WantKeyframe {
        /// The track's id from its [`TrackHeader`].
        track: u32,
    },
    /// A segment is closed and can be played.
    Finished {
        /// Which meeting.
        meeting: MeetingId,
        /// Which segment.
        segment: SegmentNumber,
        /// Length in ms.
        duration_ms: u64,
        /// Stored bytes of all its files.
        bytes: u64,
        /// How many tracks hold media.
        tracks: u32,
        /// People with media in it.
        people: u32,
    },
    /// A segment stopped by itself.
    Failed {
        /// Which meeting.
        meeting: MeetingId,
        /// Which segment.
        segment: SegmentNumber,
        /// True if the disk is full.
        disk_full: bool,
        /// For the operator's log: no personal data.
        message: String,
    },
}

/// First thing on a track's stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackHeader {
    /// Unique within the connection.
    pub track: u32,
    /// Which meeting.
    pub meeting: MeetingId,
    /// Which segment.
    pub segment: SegmentNumber,
    /// Who publishes.
    pub person: PersonId,
    /// What.
    pub source: Source,
    /// `opus`, `vp8`, `vp9`, `h264` or `av1`.
    pub codec: String,
    /// RTP clock rate in Hz.
    pub clock_rate: u32,
}

/// One frame of a track's stream. On the wire, big endian: `kind u8, length u16, at_us u64, payload`.
/// `at_us` is the arrival on the server's monotonic clock in µs since the segment's zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapFrame<'a> {
    /// A whole RTP packet after repair: one layer, contiguous sequence numbers unless lost for good.
    Rtp {
        /// Arrival, µs.
        at_us: u64,
        /// The packet.
        packet: &'a [u8],
    },
    /// What the publisher's last sender report said (RFC 3550 §6.4.1).
    SenderReport {
        /// Arrival, µs.
        at_us: u64,
        /// NTP timestamp, 32.32 fixed point seconds since 1900.
        ntp: u64,
        /// RTP timestamp of the same instant.
        rtp: u32,
    },
    /// Packets were left out here because the recorder lagged.
    Gap {
        /// When, µs.
        at_us: u64,
    },
}

/// A frame that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed tap frame")]
pub struct TapFrameError;

const HEADER: usize = 11;

impl<'a> TapFrame<'a> {
    /// Appends the frame's bytes. A packet longer than [`MAX_FRAME`] is cut off from the recording by writing a gap.
    pub fn write(&self, out: &mut Vec<u8>) {
        match *self {
            TapFrame::Rtp { at_us, packet } if packet.len() <= MAX_FRAME => {
                write_header(out, 1, packet.len(), at_us);
                out.extend_from_slice(packet);
            }
            TapFrame::SenderReport { at_us, ntp, rtp } => {
                write_header(out, 2, 12, at_us);
                out.extend_from_slice(&ntp.to_be_bytes());
                out.extend_from_slice(&rtp.to_be_bytes());
            }
            TapFrame::Rtp { at_us, .. } | TapFrame::Gap { at_us } => write_header(out, 3, 0, at_us),
        }
    }

    /// Reads the frame at the start of `bytes`: `None` if more bytes are needed, else the frame and its length.
    pub fn read(bytes: &'a [u8]) -> Result<Option<(TapFrame<'a>, usize)>, TapFrameError> {
        let Some((header, rest)) = bytes.split_at_checked(HEADER) else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([header[1], header[2]]));
        let at_us = u64::from_be_bytes(header[3..].try_into().map_err(|_| TapFrameError)?);
        if length > MAX_FRAME {
            return Err(TapFrameError);
        }
        let Some(payload) = rest.get(..length) else { return Ok(None) };
        let frame = match (header[0], length) {
            (1, 12..) => TapFrame::Rtp { at_us, packet: payload },
            (2, 12) => TapFrame::SenderReport {
                at_us,
                ntp: u64::from_be_bytes(payload[..8].try_into().map_err(|_| TapFrameError)?),
                rtp: u32::from_be_bytes(payload[8..].try_into().map_err(|_| TapFrameError)?),
            },
            (3, 0) => TapFrame::Gap { at_us },
            _ => return Err(TapFrameError),
        };
        Ok(Some((frame, HEADER + length)))
    }
}

fn write_header(out: &mut Vec<u8>, kind: u8, length: usize, at_us: u64) {
    out.push(kind);
    out.extend_from_slice(&(length as u16).to_be_bytes());
    out.extend_from_slice(&at_us.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_survive_the_wire(at_us: u64, ntp: u64, rtp: u32, packet in prop::collection::vec(any::<u8>(), 12..1500)) {
            let frames = [
                TapFrame::Rtp { at_us, packet: &packet },
                TapFrame::SenderReport { at_us, ntp, rtp },
                TapFrame::Gap { at_us },
            ];
            let mut bytes = Vec::new();
            frames.iter().for_each(|frame| frame.write(&mut bytes));
            let mut at = 0;
            for frame in frames {
                let (read, length) = TapFrame::read(&bytes[at..]).unwrap().unwrap();
                prop_assert_eq!(read, frame);
                at += length;
            }
            prop_assert_eq!(at, bytes.len());
        }

        #[test]
        fn any_bytes_are_refused_or_read_but_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = TapFrame::read(&bytes);
        }
    }
}
