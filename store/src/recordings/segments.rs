//! The marked segments of a recording.

use std::collections::HashMap;

use protocol::ids::{MeetingId, TenantId};
use protocol::tap::SegmentNumber;
use sqlx::FromRow;

use super::{About, Recordings, key_name, place};
use crate::error::Error;
use crate::fields;
use crate::keys::DataKey;

/// How far a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentState {
    /// Media is being taken, or being finished.
    Recording,
    /// Can be played.
    Finished,
    /// Stopped by itself and nothing of it can be played.
    Failed,
}

/// What the recorder reports of a finished segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentResult {
    /// Length in ms.
    pub duration_ms: u64,
    /// Stored bytes of all its files.
    pub bytes: u64,
    /// How many tracks hold media.
    pub tracks: u32,
    /// People with media in it.
    pub people: u32,
}

/// One marked stretch of a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Counts up from 1 within the meeting.
    pub number: SegmentNumber,
    /// How far it is.
    pub state: SegmentState,
    /// Unix ms of its zero.
    pub started_ms: i64,
    /// What it holds; zeros until it is finished.
    pub result: SegmentResult,
}

/// A segment that may begin.
pub struct BegunSegment {
    /// Its number.
    pub number: SegmentNumber,
    /// The recording's key, for [`protocol::tap::Order::Begin`].
    pub key: DataKey,
}

#[derive(FromRow)]
struct Row {
    recording: String,
    number: i64,
    state: String,
    started_ms: i64,
    duration_ms: i64,
    bytes: i64,
    tracks: i64,
    people: i64,
}

const SELECT: &str =
    "SELECT recording, number, state, started_ms, duration_ms, bytes, tracks, people FROM segments";

impl TryFrom<Row> for Segment {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let small = |value: i64| u32::try_from(value).map_err(|_| Error::Damaged("segment"));
        Ok(Self {
            number: small(row.number)?,
            state: parse(&row.state)?,
            started_ms: row.started_ms,
            result: SegmentResult {
                duration_ms: row.duration_ms.unsigned_abs(),
                bytes: row.bytes.unsigned_abs(),
                tracks: small(row.tracks)?,
                people: small(row.people)?,
            },
        })
    }
}

impl Recordings<'_> {
    /// Begins a segment of a running meeting; the first one makes the recording and its key. This is the one door to
    /// recording: [`Error::RecordingOff`] unless the meeting is recorded (R30) and its tenant allows it (R32).
    pub async fn begin_segment(&self, meeting: &MeetingId, started_ms: i64) -> Result<BegunSegment, Error> {
        let found = self.0.meetings().find(meeting).await?.ok_or(Error::Unknown("meeting"))?;
        let tenant = self.0.tenants().find(&found.made.tenant).await?.ok_or(Error::Unknown("tenant"))?;
        if !found.made.record || !tenant.recording_allowed || found.ended_ms.is_some() {
            return Err(Error::RecordingOff);
        }
        if let Err(Error::BeingErased) = self.data_key(meeting).await {
            return Err(Error::BeingErased);
        }
        let key = self.0.key(key_name(&tenant.id, meeting)).await?;
        let about = About { name: found.made.name, metadata: found.made.metadata };
        sqlx::query(
            "INSERT INTO recordings (id, tenant, external_id, sealed, published, protected, erasing, started_ms) \
             VALUES ($1, $2, $3, $4, 1, 0, 0, $5) ON CONFLICT (id) DO NOTHING",
        )
        .bind(meeting.as_str())
        .bind(tenant.id.as_str())
        .bind(found.made.external_id)
        .bind(fields::seal(&key, &place(meeting), &about)?)
        .bind(started_ms)
        .execute(self.0.pool())
        .await?;
        // One statement, so that two marks at once get two numbers.
        let (number,): (i64,) = sqlx::query_as(
            "INSERT INTO segments (recording, number, state, started_ms, duration_ms, bytes, tracks, people) \
             SELECT $1, COALESCE(MAX(number), 0) + 1, 'recording', $2, 0, 0, 0, 0 FROM segments \
             WHERE recording = $1 RETURNING number",
        )
        .bind(meeting.as_str())
        .bind(started_ms)
        .fetch_one(self.0.pool())
        .await?;
        let number = SegmentNumber::try_from(number).map_err(|_| Error::Damaged("segment"))?;
        Ok(BegunSegment { number, key })
    }

    /// Notes that a segment can be played.
    pub async fn finish_segment(
        &self,
        meeting: &MeetingId,
        number: SegmentNumber,
        result: &SegmentResult,
    ) -> Result<(), Error> {
        self.set_segment(meeting, number, "finished", result).await
    }

    /// Notes that a segment stopped by itself and cannot be played.
    pub async fn fail_segment(&self, meeting: &MeetingId, number: SegmentNumber) -> Result<(), Error> {
        self.set_segment(meeting, number, "failed", &SegmentResult::default()).await
    }

    /// Segments whose end was never reported: the recorder or the server was killed.
    pub async fn unfinished_segments(&self) -> Result<Vec<(MeetingId, SegmentNumber)>, Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT recording, number FROM segments WHERE state = 'recording' ORDER BY recording, number",
        )
        .fetch_all(self.0.pool())
        .await?;
        let number = |number| SegmentNumber::try_from(number).map_err(|_| Error::Damaged("segment"));
        rows.into_iter().map(|(meeting, segment)| Ok((MeetingId(meeting), number(segment)?))).collect()
    }

    /// A recording's segments by number.
    pub(super) async fn segments(&self, recording: &MeetingId) -> Result<Vec<Segment>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE recording = $1 ORDER BY number"));
        let rows: Vec<Row> = sqlx::query_as(sql).bind(recording.as_str()).fetch_all(self.0.pool()).await?;
        rows.into_iter().map(Segment::try_from).collect()
    }

    /// All segments of a tenant's recordings by number, under their recordings' ids.
    pub(super) async fn segments_of_tenant(
        &self,
        tenant: &TenantId,
    ) -> Result<HashMap<String, Vec<Segment>>, Error> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{SELECT} WHERE recording IN (SELECT id FROM recordings WHERE tenant = $1) ORDER BY number"
        ));
        let rows: Vec<Row> = sqlx::query_as(sql).bind(tenant.as_str()).fetch_all(self.0.pool()).await?;
        let mut segments: HashMap<String, Vec<Segment>> = HashMap::new();
        for row in rows {
            segments.entry(row.recording.clone()).or_default().push(Segment::try_from(row)?);
        }
        Ok(segments)
    }

    async fn set_segment(
        &self,
        meeting: &MeetingId,
        number: SegmentNumber,
        state: &str,
        result: &SegmentResult,
    ) -> Result<(), Error> {
        let large = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let done = sqlx::query(
            "UPDATE segments SET state = $3, duration_ms = $4, bytes = $5, tracks = $6, people = $7 \
             WHERE recording = $1 AND number = $2",
        )
        .bind(meeting.as_str())
        .bind(i64::from(number))
        .bind(state)
        .bind(large(result.duration_ms))
        .bind(large(result.bytes))
        .bind(i64::from(result.tracks))
        .bind(i64::from(result.people))
        .execute(self.0.pool())
        .await?;
        if done.rows_affected() == 0 { Err(Error::Unknown("segment")) } else { Ok(()) }
    }
}

fn parse(state: &str) -> Result<SegmentState, Error> {
    match state {
        "recording" => Ok(SegmentState::Recording),
        "finished" => Ok(SegmentState::Finished),
        "failed" => Ok(SegmentState::Failed),
        _ => Err(Error::Damaged("segment")),
    }
}
