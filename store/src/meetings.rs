//! Meetings: one row each, for statistics, support and recordings.

use std::collections::BTreeMap;

use protocol::ids::{MeetingId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::error::{Error, exists};
use crate::keys::{KeyName, KeyUse, alive};
use crate::{Store, fields};

/// A meeting as `create` made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMeeting {
    /// `sha1hex(external id)-createTime`.
    pub id: MeetingId,
    /// Whose.
    pub tenant: TenantId,
    /// The front end's id of it.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Whether it may be recorded (`record=true`).
    pub record: bool,
    /// `meta_…` of the call, without that prefix, lower case. Dropped at the end unless a recording needs it.
    pub metadata: BTreeMap<String, String>,
    /// Unix ms of the call: `createTime`.
    pub created_ms: i64,
}

/// A meeting and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// As made.
    pub made: NewMeeting,
    /// Unix ms when the first person came in.
    pub started_ms: Option<i64>,
    /// Unix ms of its end.
    pub ended_ms: Option<i64>,
    /// Whether a moderator or the front end ended it.
    pub forcibly_ended: bool,
}

/// The meetings' area of a [`Store`].
pub struct Meetings<'a>(pub(crate) &'a Store);

/// What is sealed under the meeting's people key: a course's name can be a person's.
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
    record: i64,
    created_ms: i64,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    forcibly_ended: i64,
}

const SELECT: &str = "SELECT id, tenant, external_id, sealed, record, created_ms, started_ms, ended_ms, forcibly_ended FROM meetings";

impl Meetings<'_> {
    /// Adds a meeting. [`Error::Exists`] if the id is taken, [`Error::Unknown`] if the tenant is.
    pub async fn create(&self, meeting: &NewMeeting) -> Result<(), Error> {
        if self.0.tenants().find(&meeting.tenant).await?.is_none() {
            return Err(Error::Unknown("tenant"));
        }
        let key = self.0.key(people(&meeting.tenant, &meeting.id)).await?;
        let about = About { name: meeting.name.clone(), metadata: meeting.metadata.clone() };
        sqlx::query(
            "INSERT INTO meetings (id, tenant, external_id, sealed, record, created_ms, forcibly_ended) \
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
        )
        .bind(meeting.id.as_str())
        .bind(meeting.tenant.as_str())
        .bind(meeting.external_id.as_str())
        .bind(fields::seal(&key, &place(&meeting.id), &about)?)
        .bind(i64::from(meeting.record))
        .bind(meeting.created_ms)
        .execute(self.0.pool())
        .await
        .map_err(|error| exists(error, "meeting"))?;
        Ok(())
    }

    /// One meeting.
    pub async fn find(&self, id: &MeetingId) -> Result<Option<Meeting>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
        let row: Option<Row> = sqlx::query_as(sql).bind(id.as_str()).fetch_optional(self.0.pool()).await?;
        row.map(|row| self.read(row)).transpose()
    }

    /// All meetings of a tenant under one external id, the newest first.
    pub async fn by_external(&self, tenant: &TenantId, external_id: &str) -> Result<Vec<Meeting>, Error> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{SELECT} WHERE tenant = $1 AND external_id = $2 ORDER BY created_ms DESC"
        ));
        let query = sqlx::query_as(sql).bind(tenant.as_str()).bind(external_id);
        let rows: Vec<Row> = query.fetch_all(self.0.pool()).await?;
        rows.into_iter().map(|row| self.read(row)).collect()
    }

    /// All meetings of a tenant, the newest first.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<Meeting>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE tenant = $1 ORDER BY created_ms DESC"));
        let rows: Vec<Row> = sqlx::query_as(sql).bind(tenant.as_str()).fetch_all(self.0.pool()).await?;
        rows.into_iter().map(|row| self.read(row)).collect()
    }

    /// Notes that the first person came in. Later calls change nothing.
    pub async fn started(&self, id: &MeetingId, at_ms: i64) -> Result<(), Error> {
        sqlx::query("UPDATE meetings SET started_ms = $2 WHERE id = $1 AND started_ms IS NULL")
            .bind(id.as_str())
            .bind(at_ms)
            .execute(self.0.pool())
            .await?;
        Ok(())
    }

    /// Notes the end: open stays end too, the recording's period begins, and metadata that no recording needs is
    /// dropped (R50). Later calls change nothing.
    pub async fn ended(&self, id: &MeetingId, at_ms: i64, forcibly: bool) -> Result<(), Error> {
        let sealed = self.without_metadata(id).await?;
        let mut transaction = self.0.pool().begin().await?;
        sqlx::query(
            "UPDATE meetings SET ended_ms = $2, forcibly_ended = $3, sealed = $4 WHERE id = $1 AND ended_ms IS NULL",
        )
        .bind(id.as_str())
        .bind(at_ms)
        .bind(i64::from(forcibly))
        .bind(sealed)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE stays SET logout_ms = $2 WHERE meeting = $1 AND logout_ms IS NULL")
            .bind(id.as_str())
            .bind(at_ms)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE recordings SET ended_ms = $2 WHERE id = $1 AND ended_ms IS NULL")
            .bind(id.as_str())
            .bind(at_ms)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Ends every meeting that was running when the server last stopped, so that all periods begin; tells which. For
    /// the start of the one server that owns the database.
    pub async fn end_all_running(&self, at_ms: i64) -> Result<Vec<MeetingId>, Error> {
        let ids: Vec<(String,)> =
            sqlx::query_as("SELECT id FROM meetings WHERE ended_ms IS NULL ORDER BY id")
                .fetch_all(self.0.pool())
                .await?;
        let ids: Vec<_> = ids.into_iter().map(|(id,)| MeetingId(id)).collect();
        for id in &ids {
            self.ended(id, at_ms, false).await?;
        }
        Ok(ids)
    }

    /// The sealed text of a meeting that has ended. It stays as it is if its key is gone: the tenant is being erased.
    async fn without_metadata(&self, id: &MeetingId) -> Result<String, Error> {
        let row: Option<(String, String)> =
            sqlx::query_as("SELECT tenant, sealed FROM meetings WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(self.0.pool())
                .await?;
        let (tenant, sealed) = row.ok_or(Error::Unknown("meeting"))?;
        let Some(key) = alive(self.0.keys().open_key(&people(&TenantId(tenant), id)))? else {
            return Ok(sealed);
        };
        let about: About = fields::open(&key, &place(id), &sealed)?;
        fields::seal(&key, &place(id), &About { metadata: BTreeMap::new(), ..about })
    }

    fn read(&self, row: Row) -> Result<Meeting, Error> {
        let (id, tenant) = (MeetingId(row.id), TenantId(row.tenant));
        let key = self.0.keys().open_key(&people(&tenant, &id))?;
        let About { name, metadata } = fields::open(&key, &place(&id), &row.sealed)?;
        Ok(Meeting {
            made: NewMeeting {
                id,
                tenant,
                external_id: row.external_id,
                name,
                record: row.record != 0,
                metadata,
                created_ms: row.created_ms,
            },
            started_ms: row.started_ms,
            ended_ms: row.ended_ms,
            forcibly_ended: row.forcibly_ended != 0,
        })
    }
}

/// The key of a meeting's people.
pub(crate) fn people(tenant: &TenantId, meeting: &MeetingId) -> KeyName {
    KeyName::new(tenant, KeyUse::People, meeting)
}

fn place(meeting: &MeetingId) -> String {
    format!("meetings|{meeting}")
}
