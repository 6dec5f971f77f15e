//! A segment while it is recorded: its journal, its people, its tracks; and its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::ids::PersonId;
use protocol::server::Event;
use protocol::tap::Report;
use store::keys::DataKey;
use store::objects::Objects;
use store::sealed::{SealedError, Writer};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::closing::{Contents, write_manifest};
use super::journal::{Entry, Journal, TrackFacts};
use super::tally::Tally;
use super::timing::PersonClock;
use super::webm::Cluster;
use crate::layout::SegmentId;
use crate::manifest::{Note, TrackManifest};

/// A stream that ended this short a time before the order to finish ended with the mark.
const JUST_NOW: Duration = Duration::from_secs(4);
/// Most bytes of notes in a segment: a day of lively chat.
const MAX_NOTES: usize = 16 << 20;

/// Where reports to the server go.
pub(super) type Reports = mpsc::UnboundedSender<Report>;

/// An open segment, shared by its tracks.
pub(super) struct Segment {
    pub(super) id: SegmentId,
    pub(super) objects: Objects,
    pub(super) key: DataKey,
    pub(super) reports: Reports,
    /// Cancelled when the mark ended.
    pub(super) finishing: CancellationToken,
    /// Cancelled when nothing more can be written.
    pub(super) broken: CancellationToken,
    started_unix_ms: i64,
    began: Instant,
    /// Tracks whose streams have not ended.
    pub(super) running: Arc<Tally>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    journal: Option<Journal>,
    names: HashMap<PersonId, String>,
    clocks: HashMap<PersonId, Arc<Mutex<PersonClock>>>,
    notes: Vec<Note>,
    note_bytes: usize,
    last_end: Option<Instant>,
    tracks: Vec<TrackManifest>,
    stored: u64,
}

impl Segment {
    /// Begins a segment that no object exists of yet.
    pub(super) fn begin(
        objects: &Objects,
        id: SegmentId,
        key: DataKey,
        started_unix_ms: i64,
        reports: Reports,
    ) -> Result<Arc<Self>, SealedError> {
        let mut journal = Journal::new(objects.create(&id.journal()?, &key)?);
        journal.append(&Entry::Began { started_unix_ms })?;
        journal.flush()?;
        Ok(Arc::new(Self {
            id,
            objects: objects.clone(),
            key,
            reports,
            finishing: CancellationToken::new(),
            broken: CancellationToken::new(),
            started_unix_ms,
            began: Instant::now(),
            running: Arc::default(),
            state: Mutex::new(State { journal: Some(journal), ..State::default() }),
        }))
    }

    pub(super) fn name(&self, person: PersonId, name: String) {
        self.write(&Entry::Name { person: person.clone(), name: name.clone() });
        self.state().names.insert(person, name);
    }

    pub(super) fn note(&self, at_ms: u64, event: Event) {
        let entry = Entry::Note(Note { at_ms, event });
        let bytes = serde_json::to_vec(&entry).map_or(0, |json| json.len());
        if self.state().note_bytes.saturating_add(bytes) > MAX_NOTES {
            return;
        }
        self.write(&entry);
        if let Entry::Note(note) = entry {
            let mut state = self.state();
            state.note_bytes += bytes;
            state.notes.push(note);
        }
    }

    /// The clock that the person's tracks share.
    pub(super) fn clock(&self, person: &PersonId) -> Arc<Mutex<PersonClock>> {
        self.state().clocks.entry(person.clone()).or_default().clone()
    }

    /// Makes a track's file.
    pub(super) fn open_track(&self, facts: &TrackFacts) -> Result<Writer, SealedError> {
        let writer = self.objects.create(&self.id.track(facts.track)?, &self.key)?;
        self.write(&Entry::Track(facts.clone()));
        Ok(writer)
    }

    pub(super) fn cluster(&self, track: u32, cluster: Cluster) {
        self.write(&Entry::cluster(track, cluster));
    }

    /// Takes a track that is closed and verified, with its size on the disk.
    pub(super) fn track_done(&self, track: TrackManifest, stored: u64) {
        let mut state = self.state();
        state.tracks.push(track);
        state.stored = state.stored.saturating_add(stored);
    }

    /// A track's stream has ended.
    pub(super) fn stream_ended(&self) {
        self.state().last_end = Some(Instant::now());
    }

    /// Seals what the journal holds in memory.
    pub(super) fn flush(&self) {
        let flushed = self.state().journal.as_mut().map_or(Ok(()), Journal::flush);
        if let Err(error) = flushed {
            self.fail(&error);
        }
    }

    /// Ends the segment because of an error; tells the server once.
    pub(super) fn fail(&self, error: &SealedError) {
        self.fail_with(matches!(error, SealedError::DiskFull), &error.to_string());
    }

    pub(super) fn fail_with(&self, disk_full: bool, message: &str) {
        if !self.broken.is_cancelled() {
            self.broken.cancel();
            tracing::error!(disk_full, message, "a recording stopped by itself");
            let SegmentId { meeting, segment } = self.id.clone();
            let _ = self.reports.send(Report::Failed {
                meeting,
                segment,
                disk_full,
                message: message.to_owned(),
            });
        }
    }

    /// Writes the manifest; gives the report for the server. Waits for the disk.
    pub(super) fn close(&self) -> Result<Report, SealedError> {
        let duration_ms = self.duration_ms();
        let mut state = self.state();
        let State { names, notes, tracks, .. } = &mut *state;
        let contents = Contents {
            started_unix_ms: self.started_unix_ms,
            duration_ms,
            recovered: false,
            names: std::mem::take(names),
            notes: std::mem::take(notes),
            tracks: std::mem::take(tracks),
        };
        let stored = state.stored;
        // A journal that cannot be closed (full disk) has served its purpose once the manifest is there.
        let journal = state.journal.take().map_or(Ok(0), Journal::close).unwrap_or(0);
        drop(state);
        write_manifest(&self.objects, &self.id, &self.key, contents, stored.saturating_add(journal))
    }

    /// Time from the segment's zero to the mark's end: that is when its streams ended.
    fn duration_ms(&self) -> u64 {
        let state = self.state();
        let ended = state.last_end.filter(|end| end.elapsed() <= JUST_NOW);
        let played = state.tracks.iter().map(|track| track.end_ms).max().unwrap_or(0);
        let length = ended.unwrap_or_else(Instant::now).duration_since(self.began);
        played.max(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
    }

    fn write(&self, entry: &Entry) {
        let written = self.state().journal.as_mut().map_or(Ok(()), |journal| journal.append(entry));
        if let Err(error) = written {
            self.fail(&error);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
