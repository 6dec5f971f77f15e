//! A recording as `getRecordings` shows it.

use store::recordings::{Recording, RecordingState};

use super::recordings::state_name;
use super::xml::Answer;
use crate::Service;

const MINUTE_MS: u64 = 60_000;

/// Writes one `<recording>`; fixed elements before metadata and playback, which some callers search by name.
pub(super) fn write(answer: &mut Answer, recording: &Recording, service: &Service) {
    let duration_ms = i64::try_from(recording.duration_ms()).unwrap_or(i64::MAX);
    let end_ms = recording.ended_ms.unwrap_or(recording.started_ms.saturating_add(duration_ms));
    answer.nest("recording", |answer| {
        answer
            .text("recordID", recording.id.as_str())
            .text("meetingID", &recording.external_id)
            .text("internalMeetingID", recording.id.as_str())
            .text("name", &recording.name)
            .value("isBreakout", false)
            .value("published", recording.state == RecordingState::Published)
            .value("protected", recording.protected)
            .text("state", state_name(recording.state))
            .value("startTime", recording.started_ms)
            .value("endTime", end_ms)
            .value("participants", recording.people())
            .value("rawSize", recording.bytes())
            .value("size", recording.bytes())
            .nest("metadata", |answer| {
                for (name, value) in &recording.metadata {
                    answer.text(name, value);
                }
            })
            .nest("playback", |answer| write_formats(answer, recording, service));
    });
}

/// Always one of type `presentation`, the only one that every front end shows. The link is signed and expires (R34);
/// while a recording is unpublished it opens nothing.
fn write_formats(answer: &mut Answer, recording: &Recording, service: &Service) {
    let path = (service.config().recording_link)(&recording.id, service.now_ms());
    answer.nest("format", |answer| {
        answer
            .text("type", "presentation")
            .text("url", service.url(&path))
            .value("processingTime", 0)
            .value("length", recording.duration_ms().saturating_add(MINUTE_MS / 2) / MINUTE_MS)
            .value("size", recording.bytes());
    });
}
