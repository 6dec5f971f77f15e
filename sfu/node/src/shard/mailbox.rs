//! Orders from async code to a shard. The queue is touched only after the eventfd fired: nothing per packet.

use std::sync::Mutex;

use protocol::media::Source;
use protocol::tap::SegmentNumber;
use tokio::sync::oneshot;

use crate::join::{AnswerError, EngineView, JoinError, Joined};
use crate::sys::Wake;
use sfu_engine::{ParticipantId, RoomId};

/// What async code asks of a shard.
pub enum Command {
    OpenRoom(RoomId),
    CloseRoom(RoomId),
    Join {
        room: RoomId,
        participant: ParticipantId,
        video_slots: u8,
        reply: oneshot::Sender<Result<Joined, JoinError>>,
    },
    Answer {
        participant: ParticipantId,
        sdp: String,
        reply: oneshot::Sender<Result<(), AnswerError>>,
    },
    Publish {
        participant: ParticipantId,
        source: Source,
        on: bool,
    },
    Viewport {
        participant: ParticipantId,
        views: Vec<EngineView>,
    },
    Leave(ParticipantId),
    OpenTap {
        room: RoomId,
        segment: SegmentNumber,
    },
    /// Flushes and closes the room's tap, then says so.
    CloseTap {
        room: RoomId,
        done: oneshot::Sender<()>,
    },
    TapKeyframe {
        room: RoomId,
        participant: ParticipantId,
        source: Source,
    },
    #[cfg(feature = "testing")]
    ConnectWithKeys {
        participant: ParticipantId,
        remote: std::net::SocketAddr,
        material: Box<[u8; 56]>,
    },
    Stop,
}

impl Command {
    /// Whether losing it under overload does no lasting harm: a client repeats its viewport, a recorder its wish.
    fn may_be_lost(&self) -> bool {
        matches!(self, Command::Viewport { .. } | Command::TapKeyframe { .. })
    }
}

/// Beyond this many waiting commands, those that may be lost are.
const CROWDED: usize = 4096;

/// A shard's letter box.
pub struct Mailbox {
    queue: Mutex<Vec<Command>>,
    wake: Wake,
}

impl Mailbox {
    pub fn new(wake: Wake) -> Self {
        Self { queue: Mutex::new(Vec::new()), wake }
    }

    /// Hands a command over and wakes the shard.
    pub fn post(&self, command: Command) {
        {
            let mut queue = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if queue.len() >= CROWDED && command.may_be_lost() {
                return;
            }
            queue.push(command);
        }
        self.wake.wake();
    }

    /// Only wakes the shard: a datagram was forwarded to it.
    pub fn wake(&self) {
        self.wake.wake();
    }

    /// What epoll watches.
    pub fn wake_fd(&self) -> &Wake {
        &self.wake
    }

    /// Swaps all waiting commands into `into`, which must be empty.
    pub fn take(&self, into: &mut Vec<Command>) {
        let mut queue = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::swap(&mut *queue, into);
    }
}
