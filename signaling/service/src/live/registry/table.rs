//! The meetings in memory, and for a while those that ended.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::ids::{MeetingId, TenantId};
use tokio::sync::OnceCell;

use super::super::meeting::Meeting;
use super::super::room::RoomHandle;

/// How long an ended meeting is remembered.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// A place for one meeting, filled by the first `create`; the others wait for it.
pub(super) type Cell = Arc<OnceCell<RoomHandle>>;

/// All meetings.
#[derive(Default)]
pub(super) struct Table {
    cells: HashMap<(TenantId, String), Cell>,
    rooms: HashMap<MeetingId, RoomHandle>,
    pins: HashSet<String>,
    ended: HashMap<MeetingId, Ended>,
}

struct Ended {
    meeting: Arc<Meeting>,
    at: Instant,
    ready_told: bool,
}

impl Table {
    /// The place of the tenant's meeting of this name.
    pub fn cell(&mut self, tenant: &TenantId, external: &str) -> Cell {
        self.cells.entry((tenant.clone(), external.to_owned())).or_default().clone()
    }

    /// Gives a place up: its meeting ended, or could not be made and nobody else tries.
    pub fn give_up(&mut self, tenant: &TenantId, external: &str, cell: &Cell) {
        let key = (tenant.clone(), external.to_owned());
        let same = self.cells.get(&key).is_some_and(|there| Arc::ptr_eq(there, cell));
        // The table's and the caller's are the only two when nobody else tries.
        let settled = cell.initialized() || Arc::strong_count(cell) <= 2;
        if same && settled {
            self.cells.remove(&key);
        }
    }

    /// Reserves a PIN; false if it is taken.
    pub fn reserve(&mut self, pin: &str) -> bool {
        self.pins.insert(pin.to_owned())
    }

    pub fn release(&mut self, pin: &str) {
        self.pins.remove(pin);
    }

    pub fn add(&mut self, room: RoomHandle) {
        self.rooms.insert(room.meeting.id.clone(), room);
    }

    /// A meeting ended: its name and PIN are free again.
    pub fn remove(&mut self, meeting: &Arc<Meeting>) {
        self.rooms.remove(&meeting.id);
        self.pins.remove(&meeting.voice_bridge);
        let key = (meeting.made_from.tenant.clone(), meeting.made_from.external_id.clone());
        let holds = |cell: &Cell| cell.get().is_some_and(|room| room.meeting.id == meeting.id);
        if self.cells.get(&key).is_some_and(holds) {
            self.cells.remove(&key);
        }
        self.remember(meeting.clone());
    }

    pub fn room(&self, meeting: &MeetingId) -> Option<RoomHandle> {
        self.rooms.get(meeting).cloned()
    }

    pub fn by_external(&self, tenant: &TenantId, external: &str) -> Option<RoomHandle> {
        self.cells.get(&(tenant.clone(), external.to_owned()))?.get().cloned()
    }

    /// All rooms, oldest first.
    pub fn rooms(&self) -> Vec<RoomHandle> {
        let mut rooms: Vec<_> = self.rooms.values().cloned().collect();
        rooms.sort_by_key(|room| room.meeting.create_ms);
        rooms
    }

    fn remember(&mut self, meeting: Arc<Meeting>) {
        let now = Instant::now();
        self.ended.retain(|_, ended| now.duration_since(ended.at) < REMEMBERED);
        self.ended.insert(meeting.id.clone(), Ended { meeting, at: now, ready_told: false });
    }

    /// Of a meeting without recording nothing is kept but what a late visitor is told (R50).
    pub fn strip(&mut self, meeting: &MeetingId) {
        if let Some(ended) = self.ended.get_mut(meeting) {
            let mut stripped = Meeting::clone(&ended.meeting);
            stripped.made_from.metadata.clear();
            stripped.made_from.welcome = None;
            ended.meeting = Arc::new(stripped);
        }
    }

    pub fn ended(&self, meeting: &MeetingId) -> Option<Arc<Meeting>> {
        let ended = self.ended.get(meeting).filter(|ended| ended.at.elapsed() < REMEMBERED)?;
        Some(ended.meeting.clone())
    }

    /// The last meeting of this name that ended.
    pub fn last_ended(&self, tenant: &TenantId, external: &str) -> Option<Arc<Meeting>> {
        let named = |made: &super::super::meeting::CreateMeeting| {
            made.tenant == *tenant && made.external_id == external
        };
        let ended = self
            .ended
            .values()
            .filter(|ended| ended.at.elapsed() < REMEMBERED && named(&ended.meeting.made_from));
        ended.max_by_key(|ended| ended.at).map(|ended| ended.meeting.clone())
    }

    /// True once for each meeting.
    pub fn tell_ready(&mut self, meeting: &MeetingId) -> bool {
        self.ended.get_mut(meeting).is_some_and(|ended| !std::mem::replace(&mut ended.ready_told, true))
    }
}
