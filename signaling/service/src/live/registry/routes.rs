//! Which room hears of which media event.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sfu_node::{ParticipantId, RoomId, SfuEvent};
use tokio::sync::mpsc;

/// The rooms' queues by what the media node calls them.
#[derive(Default)]
pub(crate) struct Routes(Mutex<Table>);

#[derive(Default)]
struct Table {
    rooms: HashMap<RoomId, mpsc::Sender<SfuEvent>>,
    participants: HashMap<ParticipantId, mpsc::Sender<SfuEvent>>,
}

impl Routes {
    pub fn add_room(&self, room: RoomId, queue: mpsc::Sender<SfuEvent>) {
        self.table().rooms.insert(room, queue);
    }

    pub fn remove_room(&self, room: RoomId) {
        self.table().rooms.remove(&room);
    }

    pub fn add_participant(&self, participant: ParticipantId, queue: mpsc::Sender<SfuEvent>) {
        self.table().participants.insert(participant, queue);
    }

    pub fn remove_participant(&self, participant: ParticipantId) {
        self.table().participants.remove(&participant);
    }

    /// Passes an event on. It never waits: one stuck room must not hold up the others.
    pub fn pass(&self, event: SfuEvent) {
        let queue = match &event {
            SfuEvent::Speaking { room, .. } => self.table().rooms.get(room).cloned(),
            SfuEvent::Connected { participant }
            | SfuEvent::Disconnected { participant }
            | SfuEvent::Slots { participant, .. }
            | SfuEvent::Talked { participant, .. }
            | SfuEvent::Live { participant, .. } => self.table().participants.get(participant).cloned(),
            SfuEvent::Tap(_) | SfuEvent::RecorderAttached | SfuEvent::RecorderLost => None,
        };
        // Events of somebody who just left have no queue any more.
        if queue.is_some_and(|queue| matches!(queue.try_send(event), Err(mpsc::error::TrySendError::Full(_))))
        {
            tracing::error!("a room does not keep up with its media events");
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
