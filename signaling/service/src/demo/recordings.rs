//! The demo's list of recordings, from the answer of `getRecordings`.

use serde::Serialize;

use crate::lms::tree::Element;

/// One recording as the course page shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recording {
    id: String,
    name: String,
    started_unix_ms: i64,
    duration_ms: i64,
    state: String,
    url: Option<String>,
}

/// Reads them, newest first as they came.
pub(super) fn read(answer: &Element) -> Vec<Recording> {
    let list = answer.child("recordings").map(|list| list.children.as_slice()).unwrap_or_default();
    list.iter().map(read_one).collect()
}

fn read_one(recording: &Element) -> Recording {
    let number = |path| recording.at(path).parse::<i64>().unwrap_or(0);
    let url = recording.at("playback/format/url");
    Recording {
        id: recording.at("recordID").to_owned(),
        name: recording.at("name").to_owned(),
        started_unix_ms: number("startTime"),
        duration_ms: number("endTime").saturating_sub(number("startTime")),
        state: recording.at("state").to_owned(),
        url: (!url.is_empty()).then(|| url.to_owned()),
    }
}
