//! The recorder's tap: marked media and orders over QUIC with mutual TLS (see [`protocol::tap`] for the frames).
//!
//! [`Taps`] is shared by the handle, the shards and the QUIC tasks. A shard opens a [`TrackQueue`] per recorded source
//! and leaves chunks there; [`serve`] writes them to one stream per track. A lagging recorder loses the oldest chunks,
//! never slows a shard; a lost recorder closes all taps.

mod framing;
mod queue;
mod segments;
mod serve;
mod tls;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use protocol::ids::PersonId;
use protocol::media::Source;
use protocol::tap::{Order, SegmentNumber};
use sfu_engine::{ParticipantId, RoomId};
use tokio::sync::{mpsc, oneshot};

pub use queue::{Chunk, TrackQueue};
pub use tls::RecorderAccess;

use crate::config::{StartError, TapConfig};
use crate::events::SfuEvent;
use crate::shard::{Command, Shards};
use segments::{Recorder, State};

/// How long the streams of a finished segment may take to arrive before the recorder is told anyway.
const DRAIN: Duration = Duration::from_secs(3);

/// Why a segment did not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TapError {
    /// No recorder is attached.
    #[error("no recorder is attached")]
    NoRecorder,
    /// The room is closed or was never opened.
    #[error("no such room")]
    NoSuchRoom,
    /// The room has an open segment.
    #[error("the room is being recorded already")]
    AlreadyOpen,
    /// The order is not `Begin`.
    #[error("a segment begins with the order to begin")]
    NotBegin,
    /// The recorder does not take orders fast enough.
    #[error("the recorder is busy")]
    Busy,
}

/// One recorded source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TrackKey {
    pub room: RoomId,
    pub participant: ParticipantId,
    pub source: Source,
}

/// The tap side of a node. Clones are the same.
#[derive(Clone)]
pub struct Taps(Arc<Hub>);

struct Hub {
    state: Mutex<State>,
    events: mpsc::Sender<SfuEvent>,
}

impl Taps {
    pub fn new(events: mpsc::Sender<SfuEvent>) -> Self {
        Self(Arc::new(Hub { state: Mutex::new(State::default()), events }))
    }

    /// Listens for a recorder, if the configuration says so.
    pub fn start(&self, config: &TapConfig, shards: &Arc<Shards>) -> Result<(), StartError> {
        let Some(listen) = config.listen else { return Ok(()) };
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let (server, access) = tls::make().map_err(StartError::Tap)?;
        let endpoint = serve::listen(server, listen).map_err(|error| StartError::Tap(error.to_string()))?;
        let address = endpoint.local_addr().map_err(|error| StartError::Tap(error.to_string()))?;
        {
            let mut state = self.state();
            state.access = Some(access(address));
            state.endpoint = Some(endpoint.clone());
            state.shards = Arc::downgrade(shards);
            state.runtime = Some(runtime.clone());
        }
        runtime.spawn(serve::accept(self.clone(), endpoint));
        Ok(())
    }

    /// Closes the connection and all taps.
    pub fn stop(&self) {
        let mut state = self.state();
        state.recorder = None;
        state.take_segments();
        if let Some(endpoint) = state.endpoint.take() {
            endpoint.close(0u32.into(), b"stopping");
        }
    }

    /// What the recorder needs to attach.
    pub fn access(&self) -> Option<RecorderAccess> {
        self.state().access.clone()
    }

    /// Whether a recorder is attached.
    pub fn attached(&self) -> bool {
        self.state().recorder.is_some()
    }

    /// Chunks lost because a recorder lagged.
    pub fn chunks_lost(&self) -> u64 {
        self.state().chunks_lost()
    }

    /// Tells the recorder that a segment begins. Gives its number, for the shard.
    pub fn begin(
        &self,
        room: RoomId,
        shard: usize,
        order: Order,
        people: Vec<(ParticipantId, PersonId)>,
    ) -> Result<SegmentNumber, TapError> {
        self.state().begin(room, shard, order, people)
    }

    /// Passes an order on, if the room has an open segment.
    pub fn note(&self, room: RoomId, order: Order) {
        self.state().note(room, order);
    }

    /// Says who a participant is.
    pub fn person(&self, room: RoomId, participant: ParticipantId, person: PersonId, name: String) {
        self.state().person(room, participant, person, name);
    }

    /// A shard has media of a source: opens its stream. `None` while nobody said whose it is, or without a recorder.
    pub fn open_track(&self, key: TrackKey, segment: SegmentNumber) -> Option<Arc<TrackQueue>> {
        let mut state = self.state();
        let (connection, header, queue) = state.open_track(key, segment)?;
        let writer = state.runtime.as_ref()?.spawn(serve::write_track(connection, header, queue.clone()));
        state.keep_writer(key.room, writer);
        Some(queue)
    }

    /// Closes the room's tap, waits for its streams to arrive and tells the recorder.
    pub fn finish(&self, room: RoomId, shards: &Shards) {
        let mut state = self.state();
        let Some(mut segment) = state.segments.remove(&room) else { return };
        let Some(runtime) = state.runtime.clone() else { return };
        let orders = state.recorder.as_ref().map(Recorder::orders);
        let (done, closed) = oneshot::channel();
        shards.post(segment.shard, Command::CloseTap { room, done });
        let taps = self.clone();
        runtime.spawn(async move {
            let streams = async {
                let _ = closed.await;
                for writer in &mut segment.writers {
                    let _ = writer.await;
                }
            };
            let arrived = tokio::time::timeout(DRAIN, streams).await.is_ok();
            if !arrived {
                segment.writers.iter().for_each(tokio::task::JoinHandle::abort);
            }
            taps.state().forget_tracks(&segment);
            if let Some(orders) = orders {
                let _ =
                    orders.send(Order::Finish { meeting: segment.meeting, segment: segment.number }).await;
            }
        });
    }

    /// A recorder has opened its control stream; an earlier one gives way. Gives the orders for it and its number.
    async fn attach(&self, connection: quinn::Connection) -> (mpsc::Receiver<Order>, u64) {
        let earlier = self.state().recorder.as_ref().map(|recorder| recorder.attachment);
        if let Some(earlier) = earlier {
            self.detach(earlier).await;
        }
        let attached = self.state().attach(connection);
        let _ = self.0.events.send(SfuEvent::RecorderAttached).await;
        attached
    }

    /// The recorder's connection has ended: its taps are closed.
    async fn detach(&self, attachment: u64) {
        let closed = {
            let mut state = self.state();
            let Some(recorder) = state.recorder.take_if(|recorder| recorder.attachment == attachment) else {
                return;
            };
            recorder.close();
            let shards = Weak::upgrade(&state.shards);
            for (room, segment) in state.take_segments() {
                if let Some(shards) = &shards {
                    shards.post(segment.shard, Command::CloseTap { room, done: oneshot::channel().0 });
                }
            }
            self.0.events.clone()
        };
        let _ = closed.send(SfuEvent::RecorderLost).await;
    }

    /// The recorder cannot decode a track before its next keyframe.
    fn want_keyframe(&self, track: u32) {
        let state = self.state();
        let Some((key, shard)) = state.track(track) else { return };
        if let Some(shards) = Weak::upgrade(&state.shards) {
            let TrackKey { room, participant, source } = key;
            shards.post(shard, Command::TapKeyframe { room, participant, source });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
