//! What the media node tells: media events go to their rooms, the recorder's reports into the store first.

use std::sync::{Arc, Weak};

use protocol::ids::MeetingId;
use protocol::tap::Report;
use sfu_node::SfuEvent;
use store::recordings::{SegmentResult, SegmentState};
use tokio::sync::mpsc;

use super::super::meeting::Meeting;
use super::super::room::{Input, Outcome};
use super::{Inner, LiveEvent};

/// Reports that may wait for the database.
const REPORTS: usize = 4096;

/// Passes on what the node tells until it stops. Never waits for a room or the database.
pub(super) async fn listen(inner: Weak<Inner>, mut events: mpsc::Receiver<SfuEvent>) {
    let (reports, received) = mpsc::channel(REPORTS);
    tokio::spawn(write_down(inner.clone(), received));
    while let Some(event) = events.recv().await {
        let Some(inner) = inner.upgrade() else { return };
        match event {
            SfuEvent::Tap(report) => {
                if reports.try_send(report).is_err() {
                    tracing::error!("the database is too slow: a report of the recorder is lost");
                }
            }
            SfuEvent::RecorderLost => {
                tracing::warn!("the recorder is gone");
                let rooms = inner.table().rooms();
                // A room that cannot take this is told again by the recorder's reports.
                rooms.iter().for_each(|room| drop(room.inputs.try_send(Input::RecorderLost)));
            }
            event => inner.routes.pass(event),
        }
    }
}

async fn write_down(inner: Weak<Inner>, mut reports: mpsc::Receiver<Report>) {
    while let Some(report) = reports.recv().await {
        let Some(inner) = inner.upgrade() else { return };
        if let Err(error) = inner.report(report).await {
            tracing::error!(%error, "a report of the recorder could not be written down");
        }
    }
}

impl Inner {
    /// The room hears of it even if the database cannot take it just now (a full disk fills both); the recorder reports
    /// a segment again at its next start while the database does not know its end.
    async fn report(&self, report: Report) -> Result<(), store::Error> {
        let recordings = self.config.store.recordings();
        let written;
        let metrics = &self.config.metrics;
        let meeting = match &report {
            Report::Finished { meeting, segment, duration_ms, bytes, tracks, people } => {
                let (duration_ms, bytes, tracks, people) = (*duration_ms, *bytes, *tracks, *people);
                let result = SegmentResult { duration_ms, bytes, tracks, people };
                written = recordings.finish_segment(meeting, *segment, &result).await;
                metrics.segment("ready");
                metrics.recorded_seconds.inc_by(std::time::Duration::from_millis(duration_ms).as_secs_f64());
                meeting
            }
            Report::Failed { meeting, segment, disk_full, message } => {
                tracing::error!(segment, disk_full, message, "a segment stopped by itself");
                written = recordings.fail_segment(meeting, *segment).await;
                metrics.segment("failed");
                meeting
            }
            // Each recovered segment is reported on its own.
            Report::Ready { .. } | Report::WantKeyframe { .. } => return Ok(()),
        };
        let room = self.table().room(meeting);
        match room {
            // A room that ended just now has no use for it.
            Some(room) => drop(room.inputs.send(Input::Report(report)).await),
            None => self.tell_if_ready(&meeting.clone()).await,
        }
        written
    }

    /// A meeting is over and written down.
    pub(super) async fn ended(&self, meeting: Arc<Meeting>, outcome: Outcome) {
        tracing::info!(ending = ?outcome.ending, ended_ms = outcome.ended_ms, "a meeting ended");
        let recording = self.config.store.recordings().find(&meeting.id).await;
        let recorded = matches!(&recording, Ok(Some(recording)) if !recording.segments.is_empty());
        if !recorded {
            self.table().strip(&meeting.id);
        }
        let id = meeting.id.clone();
        // Nobody may be listening.
        let _ = self.told.send(LiveEvent::MeetingEnded { meeting, recorded });
        if recorded {
            self.tell_if_ready(&id).await;
        }
    }

    /// Tells once that all segments of an ended meeting are settled and one at least can be watched.
    async fn tell_if_ready(&self, id: &MeetingId) {
        let Some(meeting) = self.table().ended(id) else { return };
        let Ok(Some(recording)) = self.config.store.recordings().find(id).await else { return };
        let open = recording.segments.iter().any(|segment| segment.state == SegmentState::Recording);
        let any = recording.finished().next().is_some();
        if any && !open && recording.ended_ms.is_some() && self.table().tell_ready(id) {
            // Nobody may be listening.
            let _ = self.told.send(LiveEvent::RecordingReady { meeting });
        }
    }
}
