//! The handle by which async code speaks to the shards.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::ids::PersonId;
use protocol::media::Source;
use protocol::tap::Order;
use tokio::sync::{mpsc, oneshot};

use crate::config::{SfuConfig, StartError};
use crate::counters::Counters;
use crate::events::SfuEvent;
use crate::firewall::Firewall;
use crate::join::{AnswerError, EngineView, JoinError, Joined};
use crate::placement::{Placement, shard_of};
use crate::shard::{Command, Shards};
use crate::tap::{RecorderAccess, TapError, Taps};
use sfu_engine::{ParticipantId, RoomId};

/// Events that may wait for the async side before shards begin to merge them.
const EVENTS: usize = 4096;

/// A running node. Clones are the same node; it stops when the last one is dropped.
#[derive(Clone)]
pub struct Sfu(Arc<Node>);

struct Node {
    placement: Mutex<Placement>,
    shards: Arc<Shards>,
    taps: Taps,
    address: SocketAddr,
    tcp: Option<SocketAddr>,
    firewall: Firewall,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.taps.stop();
    }
}

impl Sfu {
    /// Opens the port and starts the shards and the recorder's tap. Must be called within a tokio runtime.
    /// The receiver gets every event of every room.
    pub fn start(config: SfuConfig) -> Result<(Sfu, mpsc::Receiver<SfuEvent>), StartError> {
        let (events, receiver) = mpsc::channel(EVENTS);
        let taps = Taps::new(events.clone());
        let (shards, ports) = Shards::start(&config, events, &taps)?;
        let shards = Arc::new(shards);
        taps.start(&config.tap, &shards)?;
        let address = ports.udp;
        let tcp = ports.firewall.tcp.as_ref().and_then(|listener| listener.local_addr().ok());
        let firewall = Firewall::start(&config, address, ports.firewall, shards.lanes())?;
        let placement = Mutex::new(Placement::new(config.shards));
        Ok((Sfu(Arc::new(Node { placement, shards, taps, address, tcp, firewall })), receiver))
    }

    /// The UDP address in use; its port is the real one if 0 was asked for.
    pub fn local_address(&self) -> SocketAddr {
        self.0.address
    }

    /// Where browsers without UDP connect, if anywhere.
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.0.tcp
    }

    /// Opens a room on the shard with the fewest participants.
    pub async fn open_room(&self) -> RoomId {
        let (room, shard) = self.placement().open();
        self.0.shards.post(shard, Command::OpenRoom(room));
        room
    }

    /// Closes a room and everybody's connection in it. Unknown rooms are ignored.
    pub fn close_room(&self, room: RoomId) {
        let shard = self.placement().close(room);
        if let Some(shard) = shard {
            self.0.taps.finish(room, &self.0.shards);
            self.0.shards.post(shard, Command::CloseRoom(room));
        }
    }

    /// Makes a participant with `video_slots` (1..=25) camera slots and gives the offer for its browser.
    pub async fn join(&self, room: RoomId, video_slots: u8) -> Result<Joined, JoinError> {
        let (participant, shard) = self.placement().join(room).ok_or(JoinError::NoSuchRoom)?;
        let (reply, joined) = oneshot::channel();
        self.0.shards.post(shard, Command::Join { room, participant, video_slots, reply });
        let mut joined = joined.await.unwrap_or(Err(JoinError::Stopping));
        match &mut joined {
            Ok(joined) => joined.relay = self.0.firewall.access(participant),
            Err(_) => drop(self.placement().leave(participant)),
        }
        joined
    }

    /// Applies the browser's answer to the participant's offer.
    pub async fn answer(&self, participant: ParticipantId, sdp: String) -> Result<(), AnswerError> {
        let (reply, answered) = oneshot::channel();
        self.0.shards.post(shard_of(participant), Command::Answer { participant, sdp, reply });
        answered.await.unwrap_or(Err(AnswerError::Stopping))
    }

    /// Lets a source through or drops its packets at the server (R11). All sources start off.
    pub fn publish(&self, participant: ParticipantId, source: Source, on: bool) {
        self.0.shards.post(shard_of(participant), Command::Publish { participant, source, on });
    }

    /// Says what a subscriber shows from now on; sources that are absent are not sent.
    pub fn viewport(&self, participant: ParticipantId, views: Vec<EngineView>) {
        self.0.shards.post(shard_of(participant), Command::Viewport { participant, views });
    }

    /// Ends a participant's connection. Unknown participants are ignored.
    pub fn leave(&self, participant: ParticipantId) {
        if self.placement().leave(participant) {
            self.0.shards.post(shard_of(participant), Command::Leave(participant));
        }
    }

    /// Opens the room's tap and tells the recorder; `order` is [`Order::Begin`], `people` says who the participants are.
    pub fn begin_segment(
        &self,
        room: RoomId,
        order: Order,
        people: Vec<(ParticipantId, PersonId)>,
    ) -> Result<(), TapError> {
        let shard = self.placement().shard(room).ok_or(TapError::NoSuchRoom)?;
        let segment = self.0.taps.begin(room, shard, order, people)?;
        self.0.shards.post(shard, Command::OpenTap { room, segment });
        Ok(())
    }

    /// Passes [`Order::Name`] or [`Order::Note`] on to the recorder of the room's open segment.
    pub fn segment_note(&self, room: RoomId, order: Order) {
        self.0.taps.note(room, order);
    }

    /// Says who a participant of the room's open segment is; before that nothing of theirs is recorded.
    pub fn segment_person(&self, room: RoomId, participant: ParticipantId, person: PersonId, name: String) {
        self.0.taps.person(room, participant, person, name);
    }

    /// Closes the room's tap at once, and tells the recorder when all it has been given has arrived.
    pub fn finish_segment(&self, room: RoomId) {
        self.0.taps.finish(room, &self.0.shards);
    }

    /// Whether segments can begin.
    pub fn recorder_attached(&self) -> bool {
        self.0.taps.attached()
    }

    /// What the recorder process needs to attach; `None` without a tap. Keep it out of logs and arguments.
    pub fn recorder_access(&self) -> Option<RecorderAccess> {
        self.0.taps.access()
    }

    /// Totals since the start, at most 100 ms old.
    pub fn counters(&self) -> Counters {
        let mut counters = self.0.shards.counters();
        counters.tap_chunks_lost = self.0.taps.chunks_lost();
        counters
    }

    /// Connects a participant without a handshake, for benchmarks: `material` is what DTLS would have exported.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    pub fn connect_with_keys(&self, participant: ParticipantId, remote: SocketAddr, material: [u8; 56]) {
        let command = Command::ConnectWithKeys { participant, remote, material: Box::new(material) };
        self.0.shards.post(shard_of(participant), command);
    }

    fn placement(&self) -> MutexGuard<'_, Placement> {
        self.0.placement.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
