//! A participant's connection as the engine sees it: what it publishes, and the slots in which it receives.

use std::net::SocketAddr;

use sfu_wire::rtp::KnownExtensions;

use crate::allot::Allotment;
use crate::bandwidth::Bandwidth;
use crate::codec::{Codec, PayloadTypes, is_repair};
use crate::events::View;
use crate::ids::ParticipantId;
use crate::room::Room;
use crate::session::{OPUS, Session};
use crate::slab::Key;
use crate::slot::Slot;
use crate::time::Micros;
use crate::track::clock::ClockOffset;
use crate::track::transport::TransportLog;
use crate::track::{ENCODINGS, Track, is_video};
use protocol::media::Source;

/// Most SSRCs of one participant: four sources, three encodings, each with retransmission, and room to restart.
const MAX_STREAMS: usize = 24;
/// Least time between two SSRCs taking over encodings: each makes slots begin anew.
const TAKEOVER: Micros = Micros::from_millis(200);
/// Retransmissions a participant may ask for at once.
const BURST: u32 = 400;
/// And a second.
const RATE: u64 = 2_000;

/// A participant.
pub(crate) struct Peer {
    pub id: ParticipantId,
    pub room: Key<Room>,
    pub session: Session,
    /// Where media goes; `None` until the connection is up.
    pub remote: Option<SocketAddr>,
    pub connected: bool,
    /// Whether it ever was.
    pub was_connected: bool,
    pub closed: bool,
    /// SSRC of our own RTCP.
    pub ssrc: u32,
    pub streams: Streams,
    /// In the order of [`crate::track::SOURCES`].
    pub tracks: [Key<Track>; 4],
    pub slots: Vec<Slot>,
    /// The payload types that its slots take.
    pub decodes: PayloadTypes,
    /// What it shows, most wanted first.
    pub views: Vec<View>,
    pub transport: TransportLog,
    pub clock_offset: ClockOffset,
    pub round_trip: Micros,
    pub budget: Budget,
    /// The link to it; none unless its browser gives transport-wide feedback.
    pub bandwidth: Option<Box<Bandwidth>>,
    pub allotment: Allotment,
}

impl Peer {
    /// Which slots' packets carry transport-wide sequence numbers. The link is estimated if those of video do.
    pub fn number_packets(&mut self, numbered: impl Iterator<Item = bool>) {
        self.slots.iter_mut().zip(numbered).for_each(|(slot, numbered)| slot.numbered = numbered);
        let estimated = self.slots.iter().any(|slot| slot.numbered && slot.repair_ssrc.is_some());
        self.bandwidth = estimated.then(Box::default);
    }
}

/// What an SSRC carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub ssrc: u32,
    /// Place among the tracks.
    pub track: u8,
    pub layer: u8,
    /// Retransmissions of the layer (RFC 4588).
    pub repair: bool,
}

/// The SSRCs that were learnt.
#[derive(Default)]
pub(crate) struct Streams {
    known: Vec<Stream>,
    taken_over: Option<Micros>,
}

impl Streams {
    #[inline]
    pub fn find(&self, ssrc: u32) -> Option<Stream> {
        self.known.iter().find(|stream| stream.ssrc == ssrc).copied()
    }

    /// Any one of them.
    pub fn first(&self) -> Option<u32> {
        self.known.first().map(|stream| stream.ssrc)
    }

    /// Learns an SSRC from what its packet says about itself (RFC 8843 §9.2, RFC 8852 §3). Whatever carried the same
    /// encoding before is forgotten.
    pub fn learn(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        known: &KnownExtensions<'_>,
        now: Micros,
    ) -> Option<Stream> {
        let track = match known.mid? {
            [digit @ b'0'..=b'3'] => digit.wrapping_sub(b'0'),
            _ => return None,
        };
        let repair = is_repair(payload_type);
        let rid = if repair { known.repaired_rid.or(known.rid) } else { known.rid };
        let layer = match rid {
            Some(rid) if track == 1 => ENCODINGS.iter().position(|(name, _)| *name == rid)? as u8,
            _ => 0,
        };
        let stream = Stream { ssrc, track, layer, repair };
        let before =
            self.known.iter().position(|old| (old.track, old.layer, old.repair) == (track, layer, repair));
        if let Some(before) = before {
            if self.taken_over.is_some_and(|at| now.since(at) < TAKEOVER) {
                return None;
            }
            self.taken_over = Some(now);
            self.known.remove(before);
        }
        if self.known.len() >= MAX_STREAMS {
            return None;
        }
        self.known.push(stream);
        Some(stream)
    }
}

impl Stream {
    /// Whether the payload type is one that was offered for it.
    pub fn carries(&self, payload_type: u8, source: Source) -> bool {
        match (is_video(source), self.repair) {
            (true, true) => is_repair(payload_type),
            (true, false) => Codec::of(payload_type).is_some(),
            (false, _) => payload_type == OPUS,
        }
    }
}

/// How many retransmissions may still be sent: a flood of requests must not become a flood of packets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    left: u32,
    at: Micros,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { left: BURST, at: Micros::ZERO }
    }
}

impl Budget {
    /// Takes one, if there is one.
    pub fn take(&mut self, now: Micros) -> bool {
        let earned = now.since(self.at).0.saturating_mul(RATE) / 1_000_000;
        if earned > 0 {
            self.left = self.left.saturating_add(u32::try_from(earned).unwrap_or(BURST)).min(BURST);
            self.at = now;
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VP8: u8 = 96;
    const RTX: u8 = 97;

    fn known<'a>(
        mid: &'a [u8],
        rid: Option<&'a [u8]>,
        repaired_rid: Option<&'a [u8]>,
    ) -> KnownExtensions<'a> {
        KnownExtensions { mid: Some(mid), rid, repaired_rid, ..KnownExtensions::default() }
    }

    #[test]
    fn streams_are_learnt_by_mid_and_rid() {
        let mut streams = Streams::default();
        let stream = |ssrc, track, layer, repair| Some(Stream { ssrc, track, layer, repair });
        assert_eq!(streams.learn(1, OPUS, &known(b"0", None, None), Micros::ZERO), stream(1, 0, 0, false));
        assert_eq!(
            streams.learn(2, VP8, &known(b"1", Some(b"f"), None), Micros::ZERO),
            stream(2, 1, 2, false)
        );
        assert_eq!(
            streams.learn(3, RTX, &known(b"1", None, Some(b"f")), Micros::ZERO),
            stream(3, 1, 2, true)
        );
        assert_eq!(streams.learn(4, VP8, &known(b"2", None, None), Micros::ZERO), stream(4, 2, 0, false));
        assert_eq!(streams.learn(5, VP8, &known(b"1", Some(b"x"), None), Micros::ZERO), None);
        assert_eq!(streams.learn(5, VP8, &known(b"17", None, None), Micros::ZERO), None);
        assert_eq!(
            streams.learn(6, VP8, &known(b"1", Some(b"f"), None), Micros::ZERO),
            stream(6, 1, 2, false)
        );
        assert_eq!((streams.find(2), streams.find(6)), (None, stream(6, 1, 2, false)));
        assert_eq!(
            streams.learn(7, VP8, &known(b"1", Some(b"f"), None), Micros::ZERO),
            None,
            "one at a time"
        );
        let later = Micros::from_millis(300);
        assert_eq!(streams.learn(7, VP8, &known(b"1", Some(b"f"), None), later), stream(7, 1, 2, false));
    }

    #[test]
    fn the_budget_fills_again() {
        let mut budget = Budget::default();
        assert_eq!((0..1_000).filter(|_| budget.take(Micros::ZERO)).count(), BURST as usize);
        assert_eq!((0..1_000).filter(|_| budget.take(Micros::from_millis(50))).count(), 100);
    }
}
