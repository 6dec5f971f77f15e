//! Recordings and their segments.

mod segments;

use std::collections::BTreeMap;

use protocol::ids::{MeetingId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

pub use segments::{BegunSegment, Segment, SegmentResult, SegmentState};

use crate::error::Error;
use crate::keys::{DataKey, KeyName, KeyUse};
use crate::policy::Retention;
use crate::{Store, fields};

/// What a recording's state is for the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingState {
    /// No segment is finished yet.
    Processing,
    /// Those who may watch can.
    Published,
    /// Kept, but nobody can fetch it (R34).
    Unpublished,
}

/// A recording: all marked segments of one meeting.
#[derive(Clone)]
pub struct Recording {
    /// Its id, which is the meeting's.
    pub id: MeetingId,
    /// Whose.
    pub tenant: TenantId,
    /// The front end's id of the meeting.
    pub external_id: String,
    /// Title; the meeting's name at first.
    pub name: String,
    /// Metadata; the meeting's at first.
    pub metadata: BTreeMap<String, String>,
    /// State.
    pub state: RecordingState,
    /// Whether links to it must be signed for one person.
    pub protected: bool,
    /// Unix ms when the first segment began.
    pub started_ms: i64,
    /// Unix ms of the meeting's end; `None` while it runs.
    pub ended_ms: Option<i64>,
    /// Unix ms when it will be erased by the tenant's policy in force; `None` if kept until somebody asks, or while the
    /// meeting runs.
    pub due_ms: Option<i64>,
    /// Segments by number.
    pub segments: Vec<Segment>,
}

impl Recording {
    /// Finished segments.
    pub fn finished(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.state == SegmentState::Finished)
    }

    /// Bytes on the disk.
    pub fn bytes(&self) -> u64 {
        self.finished().map(|segment| segment.result.bytes).sum()
    }

    /// Length of all segments, ms.
    pub fn duration_ms(&self) -> u64 {
        self.finished().map(|segment| segment.result.duration_ms).sum()
    }

    /// Most people with media in one segment.
    pub fn people(&self) -> u32 {
        self.finished().map(|segment| segment.result.people).max().unwrap_or(0)
    }
}

/// Which recordings to list. An empty list means no restriction, so an empty id from outside must not become one.
#[derive(Clone, Debug, Default)]
pub struct RecordingQuery {
    /// Only these ids.
    pub ids: Vec<MeetingId>,
    /// Only these external meeting ids.
    pub external_ids: Vec<String>,
}

/// What is known under a recording's id.
#[derive(Clone)]
pub enum Standing {
    /// Nothing: there never was one, or its tenant is gone.
    Unknown,
    /// It may be served if its state says so.
    Stored(Box<Recording>),
    /// Nothing of it may be read any more.
    BeingErased,
    /// It was erased.
    Erased {
        /// Unix ms.
        at_ms: i64,
    },
}

/// How much is stored, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordingTotals {
    /// Recordings.
    pub recordings: u64,
    /// Bytes of their finished segments.
    pub bytes: u64,
}

/// The recordings' area of a [`Store`].
pub struct Recordings<'a>(pub(crate) &'a Store);

/// What is sealed under the recording's own key.
#[derive(Serialize, Deserialize)]
struct About {
    name: String,
    metadata: BTreeMap<String, String>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    tenant: String,
    external_id: String,
    sealed: String,
    published: i64,
    protected: i64,
    started_ms: i64,
    ended_ms: Option<i64>,
}

/// Recordings that are being erased are shown to nobody.
const SELECT: &str = "SELECT id, tenant, external_id, sealed, published, protected, started_ms, ended_ms FROM recordings WHERE erasing = 0";

impl Recordings<'_> {
    /// One recording; `None` also if it is being erased.
    pub async fn find(&self, id: &MeetingId) -> Result<Option<Recording>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} AND id = $1"));
        let row: Option<Row> = sqlx::query_as(sql).bind(id.as_str()).fetch_optional(self.0.pool()).await?;
        let Some(row) = row else { return Ok(None) };
        let retention = self.retention(&TenantId(row.tenant.clone())).await?;
        let segments = self.segments(id).await?;
        self.read(row, retention, segments).map(Some)
    }

    /// What is known under an id, for answers to people.
    pub async fn standing(&self, id: &MeetingId) -> Result<Standing, Error> {
        if let Some(recording) = self.find(id).await? {
            return Ok(Standing::Stored(Box::new(recording)));
        }
        type Row = (Option<i64>, Option<i64>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT r.erasing, m.recording_erased_ms FROM meetings m LEFT JOIN recordings r ON r.id = m.id \
             WHERE m.id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(self.0.pool())
        .await?;
        Ok(match row {
            Some((Some(_), _)) => Standing::BeingErased,
            Some((None, Some(at_ms))) => Standing::Erased { at_ms },
            _ => Standing::Unknown,
        })
    }

    /// A tenant's recordings, the newest first.
    pub async fn list(&self, tenant: &TenantId, query: &RecordingQuery) -> Result<Vec<Recording>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} AND tenant = $1 ORDER BY started_ms DESC, id"));
        let rows: Vec<Row> = sqlx::query_as(sql).bind(tenant.as_str()).fetch_all(self.0.pool()).await?;
        let wanted = |row: &Row| {
            (query.ids.is_empty() || query.ids.iter().any(|id| id.as_str() == row.id))
                && (query.external_ids.is_empty() || query.external_ids.contains(&row.external_id))
        };
        let retention = self.retention(tenant).await?;
        let mut segments = self.segments_of_tenant(tenant).await?;
        let read = |row: Row| {
            let own = segments.remove(&row.id).unwrap_or_default();
            self.read(row, retention, own)
        };
        rows.into_iter().filter(wanted).map(read).collect()
    }

    /// Publishes or unpublishes (R34). [`Error::Unknown`] if there is none, or if it is being erased.
    pub async fn set_published(&self, id: &MeetingId, published: bool) -> Result<(), Error> {
        let query = sqlx::query("UPDATE recordings SET published = $2 WHERE id = $1 AND erasing = 0")
            .bind(id.as_str());
        changed(query.bind(i64::from(published)).execute(self.0.pool()).await?)
    }

    /// Whether links must be signed for one person.
    pub async fn set_protected(&self, id: &MeetingId, protected: bool) -> Result<(), Error> {
        let query = sqlx::query("UPDATE recordings SET protected = $2 WHERE id = $1 AND erasing = 0")
            .bind(id.as_str());
        changed(query.bind(i64::from(protected)).execute(self.0.pool()).await?)
    }

    /// Replaces title and metadata.
    pub async fn set_about(
        &self,
        id: &MeetingId,
        name: &str,
        metadata: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let about = About { name: name.to_owned(), metadata: metadata.clone() };
        let sealed = fields::seal(&self.data_key(id).await?, &place(id), &about)?;
        let query =
            sqlx::query("UPDATE recordings SET sealed = $2 WHERE id = $1 AND erasing = 0").bind(id.as_str());
        changed(query.bind(sealed).execute(self.0.pool()).await?)
    }

    /// The key of its media. [`Error::BeingErased`] from the moment an erasure was asked for, and
    /// [`Error::Unknown`] after it.
    pub async fn data_key(&self, id: &MeetingId) -> Result<DataKey, Error> {
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT tenant, erasing FROM recordings WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(self.0.pool())
                .await?;
        match row {
            None => Err(Error::Unknown("recording")),
            Some((tenant, 0)) => Ok(self.0.keys().open_key(&key_name(&TenantId(tenant), id))?),
            Some(_) => Err(Error::BeingErased),
        }
    }

    /// How much is stored.
    pub async fn totals(&self) -> Result<RecordingTotals, Error> {
        let (recordings, bytes): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM recordings), (SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM segments)",
        )
        .fetch_one(self.0.pool())
        .await?;
        Ok(RecordingTotals { recordings: recordings.unsigned_abs(), bytes: bytes.unsigned_abs() })
    }

    async fn retention(&self, tenant: &TenantId) -> Result<Retention, Error> {
        Ok(self.0.tenants().find(tenant).await?.ok_or(Error::Unknown("tenant"))?.retention)
    }

    fn read(&self, row: Row, retention: Retention, segments: Vec<Segment>) -> Result<Recording, Error> {
        let (id, tenant) = (MeetingId(row.id), TenantId(row.tenant));
        let key = self.0.keys().open_key(&key_name(&tenant, &id))?;
        let About { name, metadata } = fields::open(&key, &place(&id), &row.sealed)?;
        let finished = segments.iter().any(|segment| segment.state == SegmentState::Finished);
        let state = match (finished, row.published != 0) {
            (false, _) => RecordingState::Processing,
            (true, true) => RecordingState::Published,
            (true, false) => RecordingState::Unpublished,
        };
        Ok(Recording {
            id,
            tenant,
            external_id: row.external_id,
            name,
            metadata,
            state,
            protected: row.protected != 0,
            started_ms: row.started_ms,
            ended_ms: row.ended_ms,
            due_ms: row.ended_ms.and_then(|ended_ms| retention.due_ms(ended_ms)),
            segments,
        })
    }
}

/// The name of a recording's key.
pub(crate) fn key_name(tenant: &TenantId, id: &MeetingId) -> KeyName {
    KeyName::new(tenant, KeyUse::Recording, id)
}

fn place(id: &MeetingId) -> String {
    format!("recordings|{id}")
}

fn changed(result: sqlx::any::AnyQueryResult) -> Result<(), Error> {
    if result.rows_affected() == 0 { Err(Error::Unknown("recording")) } else { Ok(()) }
}
