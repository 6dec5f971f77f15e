//! The shard's end of the taps: frames are gathered per track into chunks, and a chunk is handed over when it is full
//! or 50 ms old, so that a tapped packet costs a copy and no lock.

use std::collections::HashMap;
use std::sync::Arc;

use protocol::tap::{SegmentNumber, TapFrame};
use sfu_engine::{Micros, RoomId, TapItem, TapOutput};

use crate::tap::{Chunk, Taps, TrackKey, TrackQueue};

/// A chunk is handed over once it has this many bytes.
const CHUNK: usize = 16 << 10;
/// How old a chunk may become, µs.
const HOLD_US: u64 = 50_000;
/// How long a track whose person is unknown waits before it asks again, µs.
const ASK_AGAIN_US: u64 = 100_000;

/// Open tracks of the shard's tapped rooms.
pub struct Tracks {
    taps: Taps,
    segments: HashMap<RoomId, (SegmentNumber, Micros)>,
    tracks: HashMap<TrackKey, Track>,
    handed_over: Micros,
}

enum Track {
    Open {
        queue: Arc<TrackQueue>,
        chunk: Chunk,
    },
    /// Nobody said yet who this participant is.
    Unknown {
        asked: Micros,
    },
}

impl Tracks {
    pub fn new(taps: Taps) -> Self {
        Self { taps, segments: HashMap::new(), tracks: HashMap::new(), handed_over: Micros::ZERO }
    }

    /// A room's segment begins: `now` is its zero.
    pub fn open(&mut self, now: Micros, room: RoomId, segment: SegmentNumber) {
        self.segments.insert(room, (segment, now));
    }

    /// A room's segment ends: everything gathered is handed over and the queues are closed.
    pub fn close(&mut self, room: RoomId) {
        self.segments.remove(&room);
        self.tracks.retain(|key, track| {
            if key.room == room {
                if let Track::Open { queue, chunk } = track {
                    hand_over(queue, chunk);
                    queue.close();
                }
                return false;
            }
            true
        });
    }

    /// Takes one piece of a tap's output.
    pub fn take(&mut self, now: Micros, output: &TapOutput<'_>) {
        let Some(&(segment, zero)) = self.segments.get(&output.room) else { return };
        let key = TrackKey { room: output.room, participant: output.participant, source: output.source };
        let track = self.tracks.entry(key).or_insert_with(|| ask(&self.taps, now, key, segment));
        if let Track::Unknown { asked } = track
            && now.since(*asked).0 >= ASK_AGAIN_US
        {
            *track = ask(&self.taps, now, key, segment);
        }
        let Track::Open { queue, chunk } = track else { return };
        let at_us = output.at.since(zero).0;
        if chunk.bytes.is_empty() {
            chunk.at_us = at_us;
        }
        match output.item {
            TapItem::Rtp(packet) => TapFrame::Rtp { at_us, packet },
            TapItem::SenderReport { ntp, rtp } => TapFrame::SenderReport { at_us, ntp, rtp },
            TapItem::Gap => TapFrame::Gap { at_us },
        }
        .write(&mut chunk.bytes);
        if chunk.bytes.len() >= CHUNK {
            hand_over(queue, chunk);
        }
    }

    /// Hands over what has waited long enough.
    pub fn tick(&mut self, now: Micros) {
        if self.tracks.is_empty() || now.since(self.handed_over).0 < HOLD_US {
            return;
        }
        self.handed_over = now;
        for track in self.tracks.values_mut() {
            if let Track::Open { queue, chunk } = track {
                hand_over(queue, chunk);
            }
        }
    }

    /// When [`Tracks::tick`] is next due; `None` while nothing is tapped.
    pub fn due(&self) -> Option<Micros> {
        (!self.tracks.is_empty()).then(|| self.handed_over + Micros(HOLD_US))
    }
}

fn ask(taps: &Taps, now: Micros, key: TrackKey, segment: SegmentNumber) -> Track {
    match taps.open_track(key, segment) {
        Some(queue) => Track::Open { queue, chunk: Chunk::default() },
        None => Track::Unknown { asked: now },
    }
}

fn hand_over(queue: &TrackQueue, chunk: &mut Chunk) {
    if !chunk.bytes.is_empty() {
        chunk.bytes = queue.push(std::mem::take(chunk));
    }
}
