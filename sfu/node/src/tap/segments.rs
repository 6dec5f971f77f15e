//! Which segments are open, who is who in them, and which tracks they have.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use protocol::ids::{MeetingId, PersonId};
use protocol::media::Source;
use protocol::tap::{Order, SegmentNumber, TrackHeader};
use sfu_engine::{ParticipantId, RoomId};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{RecorderAccess, TapError, TrackKey, TrackQueue};
use crate::shard::Shards;

/// Orders that may wait for the recorder.
const ORDERS: usize = 4096;
/// Bytes that may wait per track: some 6 s of video at 2.5 Mbit/s, a minute of voice.
const VIDEO_LIMIT: usize = 2 << 20;
const AUDIO_LIMIT: usize = 256 << 10;

/// An attached recorder.
pub struct Recorder {
    pub attachment: u64,
    connection: quinn::Connection,
    orders: mpsc::Sender<Order>,
}

impl Recorder {
    pub fn orders(&self) -> mpsc::Sender<Order> {
        self.orders.clone()
    }

    pub fn close(&self) {
        self.connection.close(0u32.into(), b"detached");
    }
}

/// A segment that is being recorded.
pub struct Segment {
    pub meeting: MeetingId,
    pub number: SegmentNumber,
    pub shard: usize,
    pub writers: Vec<JoinHandle<()>>,
    people: HashMap<ParticipantId, PersonId>,
    tracks: Vec<(u32, Arc<TrackQueue>)>,
}

/// Everything that the handle, the shards and the QUIC tasks share.
#[derive(Default)]
pub struct State {
    pub access: Option<RecorderAccess>,
    pub endpoint: Option<quinn::Endpoint>,
    pub shards: Weak<Shards>,
    pub runtime: Option<tokio::runtime::Handle>,
    pub recorder: Option<Recorder>,
    pub segments: HashMap<RoomId, Segment>,
    tracks: HashMap<u32, (TrackKey, usize)>,
    last_track: u32,
    last_attachment: u64,
    lost: u64,
}

impl State {
    /// Makes the connection the recorder; gives its orders and the number of the attachment.
    pub fn attach(&mut self, connection: quinn::Connection) -> (mpsc::Receiver<Order>, u64) {
        let (orders, receiver) = mpsc::channel(ORDERS);
        self.last_attachment += 1;
        self.recorder = Some(Recorder { attachment: self.last_attachment, connection, orders });
        (receiver, self.last_attachment)
    }

    pub fn begin(
        &mut self,
        room: RoomId,
        shard: usize,
        order: Order,
        people: Vec<(ParticipantId, PersonId)>,
    ) -> Result<SegmentNumber, TapError> {
        let Order::Begin { ref meeting, segment: number, .. } = order else { return Err(TapError::NotBegin) };
        let recorder = self.recorder.as_ref().ok_or(TapError::NoRecorder)?;
        if self.segments.contains_key(&room) {
            return Err(TapError::AlreadyOpen);
        }
        let meeting = meeting.clone();
        recorder.orders.try_send(order).map_err(|_| TapError::Busy)?;
        let people = people.into_iter().collect();
        let segment = Segment { meeting, number, shard, writers: Vec::new(), people, tracks: Vec::new() };
        self.segments.insert(room, segment);
        Ok(number)
    }

    /// A note that finds the recorder's orders full is lost: it is one line on a timeline.
    pub fn note(&self, room: RoomId, order: Order) {
        if let (true, Some(recorder)) = (self.segments.contains_key(&room), &self.recorder) {
            let _ = recorder.orders.try_send(order);
        }
    }

    pub fn person(&mut self, room: RoomId, participant: ParticipantId, person: PersonId, name: String) {
        let Some(segment) = self.segments.get_mut(&room) else { return };
        segment.people.insert(participant, person.clone());
        let order = Order::Name { meeting: segment.meeting.clone(), segment: segment.number, person, name };
        self.note(room, order);
    }

    /// Names a new track of an open segment.
    pub fn open_track(
        &mut self,
        key: TrackKey,
        number: SegmentNumber,
    ) -> Option<(quinn::Connection, TrackHeader, Arc<TrackQueue>)> {
        let recorder = self.recorder.as_ref()?;
        let segment = self.segments.get_mut(&key.room).filter(|segment| segment.number == number)?;
        let person = segment.people.get(&key.participant)?.clone();
        self.last_track = self.last_track.wrapping_add(1);
        let track = self.last_track;
        let (codec, clock_rate, limit) = match key.source {
            Source::Microphone | Source::ScreenAudio => ("opus", 48_000, AUDIO_LIMIT),
            Source::Camera | Source::Screen => ("vp8", 90_000, VIDEO_LIMIT),
        };
        let header = TrackHeader {
            track,
            meeting: segment.meeting.clone(),
            segment: number,
            person,
            source: key.source,
            codec: codec.to_owned(),
            clock_rate,
        };
        let queue = Arc::new(TrackQueue::new(limit));
        segment.tracks.push((track, queue.clone()));
        self.tracks.insert(track, (key, segment.shard));
        Some((recorder.connection.clone(), header, queue))
    }

    pub fn keep_writer(&mut self, room: RoomId, writer: JoinHandle<()>) {
        if let Some(segment) = self.segments.get_mut(&room) {
            segment.writers.push(writer);
        }
    }

    /// The source and shard of a track that the recorder speaks of.
    pub fn track(&self, track: u32) -> Option<(TrackKey, usize)> {
        self.tracks.get(&track).copied()
    }

    /// A finished segment's tracks are no longer spoken of.
    pub fn forget_tracks(&mut self, segment: &Segment) {
        for (track, queue) in &segment.tracks {
            self.tracks.remove(track);
            self.lost += queue.lost();
        }
    }

    /// Ends all segments at once: the recorder is gone.
    pub fn take_segments(&mut self) -> HashMap<RoomId, Segment> {
        let segments = std::mem::take(&mut self.segments);
        for segment in segments.values() {
            segment.tracks.iter().for_each(|(_, queue)| queue.abandon());
            self.forget_tracks(segment);
        }
        segments
    }

    pub fn chunks_lost(&self) -> u64 {
        let open = self.segments.values().flat_map(|segment| &segment.tracks);
        self.lost + open.map(|(_, queue)| queue.lost()).sum::<u64>()
    }
}
