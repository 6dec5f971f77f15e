//! What is written about a meeting while it runs: support data (R40) and statistics (R41), nothing else.
//!
//! A task of its own writes in order, so that a slow database never holds up a class.

use std::collections::HashMap;

use classroom::Statistics;
use protocol::ids::{MeetingId, SessionId};
use store::Store;
use store::statistics::PersonStatistics;
use store::stays::NewStay;
use tokio::sync::{mpsc, oneshot};

/// Entries that may wait for the database.
const WAITING: usize = 8192;

enum Entry {
    Started(i64),
    StayBegan(Box<NewStay>),
    Reconnected(SessionId),
    StayEnded(SessionId, i64),
    SegmentFailed(u32),
    Statistics(Vec<PersonStatistics>),
    Ended { at_ms: i64, forced: bool, written: oneshot::Sender<()> },
}

/// The books of one meeting.
pub(super) struct Books {
    entries: mpsc::Sender<Entry>,
    began_unix_ms: i64,
    rows: HashMap<SessionId, u32>,
    started: bool,
    last_statistics: Vec<Statistics>,
}

impl Books {
    /// Opens the books of a meeting whose room counts from `began_unix_ms`.
    pub fn open(store: Store, meeting: MeetingId, began_unix_ms: i64) -> Self {
        let (entries, received) = mpsc::channel(WAITING);
        tokio::spawn(write_all(store, meeting, received));
        Self { entries, began_unix_ms, rows: HashMap::new(), started: false, last_statistics: Vec::new() }
    }

    /// The first person came in.
    pub fn started(&mut self, at_ms: i64) {
        if !std::mem::replace(&mut self.started, true) {
            self.put(Entry::Started(at_ms));
        }
    }

    /// A stay begins; the id of its row, which differs from the stay's own when the person left and came again.
    pub fn stay_began(&mut self, mut stay: NewStay) -> SessionId {
        let times = self.rows.entry(stay.session.clone()).or_default();
        *times = times.saturating_add(1);
        if *times > 1 {
            stay.session = SessionId(format!("{}.{times}", stay.session));
        }
        let row = stay.session.clone();
        self.put(Entry::StayBegan(Box::new(stay)));
        row
    }

    pub fn reconnected(&self, row: SessionId) {
        self.put(Entry::Reconnected(row));
    }

    pub fn stay_ended(&self, row: SessionId, at_ms: i64) {
        self.put(Entry::StayEnded(row, at_ms));
    }

    /// A segment of this number never began to be recorded.
    pub fn segment_failed(&self, stored: u32) {
        self.put(Entry::SegmentFailed(stored));
    }

    /// Writes the statistics down if they changed.
    pub fn statistics(&mut self, statistics: Vec<Statistics>) {
        if statistics != self.last_statistics {
            self.put(Entry::Statistics(statistics.iter().map(|row| self.row_of(row)).collect()));
            self.last_statistics = statistics;
        }
    }

    /// The meeting is over; returns when everything is written.
    pub async fn close(&self, at_ms: i64, forced: bool) {
        let (written, done) = oneshot::channel();
        if self.entries.send(Entry::Ended { at_ms, forced, written }).await.is_ok() {
            // An error means that the writer died, which it logged.
            let _ = done.await;
        }
    }

    fn row_of(&self, row: &Statistics) -> PersonStatistics {
        let unix_ms =
            |at_ms: u64| self.began_unix_ms.saturating_add(i64::try_from(at_ms).unwrap_or(i64::MAX));
        PersonStatistics {
            person: row.person.clone(),
            name: row.name.clone(),
            moderator: row.moderator,
            chat_messages: row.chat_messages.into(),
            times_talked: row.times_talked.into(),
            emojis: row.emoji.into(),
            hands_raised: row.hands.into(),
            poll_answers: row.poll_answers.into(),
            talk_ms: row.talk_ms,
            session_ms: row.online_ms,
            joined_ms: unix_ms(row.joined_ms),
            left_ms: row.left_ms.map(unix_ms),
        }
    }

    fn put(&self, entry: Entry) {
        if self.entries.try_send(entry).is_err() {
            tracing::error!("the database is too slow: an entry of a meeting's books is lost");
        }
    }
}

async fn write_all(store: Store, meeting: MeetingId, mut entries: mpsc::Receiver<Entry>) {
    while let Some(entry) = entries.recv().await {
        if let Err(error) = write(&store, &meeting, entry).await {
            tracing::error!(%error, "an entry of a meeting's books could not be written");
        }
    }
}

async fn write(store: &Store, meeting: &MeetingId, entry: Entry) -> Result<(), store::Error> {
    match entry {
        Entry::Started(at_ms) => store.meetings().started(meeting, at_ms).await,
        Entry::StayBegan(stay) => store.stays().begin(&stay).await,
        Entry::Reconnected(row) => store.stays().reconnected(&row).await,
        Entry::StayEnded(row, at_ms) => store.stays().end(&row, at_ms).await,
        Entry::SegmentFailed(stored) => store.recordings().fail_segment(meeting, stored).await,
        Entry::Statistics(rows) => store.statistics().save(meeting, &rows).await,
        Entry::Ended { at_ms, forced, written } => {
            let ended = store.meetings().ended(meeting, at_ms, forced).await;
            // Nobody waits when the server is killed meanwhile.
            let _ = written.send(());
            ended
        }
    }
}
