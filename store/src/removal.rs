//! What is due, and the removing of rows. For the crate `retention` alone.

use protocol::ids::{MeetingId, TenantId};

use crate::Store;
use crate::error::Error;

/// The removal's area of a [`Store`].
pub struct Removal<'a>(pub(crate) &'a Store);

/// How long after a meeting's end the recorder may still be finishing a segment, ms. An erasure waits so long.
pub const FINISHING_MS: i64 = 600_000;

/// Rows of one subject, by table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rows {
    /// Recordings.
    pub recordings: u64,
    /// Segments.
    pub segments: u64,
    /// Stays, or their sealed columns.
    pub stays: u64,
    /// Statistics.
    pub statistics: u64,
    /// Meetings.
    pub meetings: u64,
    /// Tenants.
    pub tenants: u64,
}

impl Rows {
    /// How many rows.
    pub fn total(&self) -> u64 {
        self.recordings + self.segments + self.stays + self.statistics + self.meetings + self.tenants
    }
}

/// The whole addresses of one meeting's people of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressDay {
    /// Which meeting.
    pub meeting: MeetingId,
    /// UTC day of the logins, counted from 1970.
    pub day: i64,
}

const SEGMENTS_OF_TENANT: &str = "recording IN (SELECT id FROM recordings WHERE tenant = $1)";
const OF_TENANTS_MEETINGS: &str = "meeting IN (SELECT id FROM meetings WHERE tenant = $1)";

impl Removal<'_> {
    /// Recordings of a tenant, not yet being erased, whose meeting ended at `ended_ms` or before; with that end.
    pub async fn recordings_ended_by(
        &self,
        tenant: &TenantId,
        ended_ms: i64,
    ) -> Result<Vec<(MeetingId, i64)>, Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT id, ended_ms FROM recordings WHERE tenant = $1 AND erasing = 0 AND ended_ms <= $2 ORDER BY ended_ms, id",
        )
        .bind(tenant.as_str())
        .bind(ended_ms)
        .fetch_all(self.0.pool())
        .await?;
        Ok(rows.into_iter().map(|(id, ended_ms)| (MeetingId(id), ended_ms)).collect())
    }

    /// Days up to `day` from which a tenant still has whole addresses.
    pub async fn address_days_by(&self, tenant: &TenantId, day: i64) -> Result<Vec<AddressDay>, Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT DISTINCT s.meeting, s.address_day FROM stays s JOIN meetings m ON m.id = s.meeting \
             WHERE m.tenant = $1 AND s.address_day <= $2 ORDER BY s.address_day, s.meeting",
        )
        .bind(tenant.as_str())
        .bind(day)
        .fetch_all(self.0.pool())
        .await?;
        Ok(rows.into_iter().map(|(meeting, day)| AddressDay { meeting: MeetingId(meeting), day }).collect())
    }

    /// Days from which a meeting still has whole addresses.
    pub async fn address_days_of(&self, meeting: &MeetingId) -> Result<Vec<i64>, Error> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT DISTINCT address_day FROM stays WHERE meeting = $1 AND address_day IS NOT NULL ORDER BY address_day",
        )
        .bind(meeting.as_str())
        .fetch_all(self.0.pool())
        .await?;
        Ok(rows.into_iter().map(|(day,)| day).collect())
    }

    /// Meetings of a tenant that ended at `ended_ms` or before and still have connection data; with their end.
    pub async fn connections_ended_by(
        &self,
        tenant: &TenantId,
        ended_ms: i64,
    ) -> Result<Vec<(MeetingId, i64)>, Error> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT DISTINCT m.id, m.ended_ms FROM meetings m JOIN stays s ON s.meeting = m.id \
             WHERE m.tenant = $1 AND m.ended_ms <= $2 AND (s.connection IS NOT NULL OR s.address IS NOT NULL) \
             ORDER BY m.ended_ms, m.id",
        )
        .bind(tenant.as_str())
        .bind(ended_ms)
        .fetch_all(self.0.pool())
        .await?;
        Ok(rows.into_iter().map(|(id, ended_ms)| (MeetingId(id), ended_ms)).collect())
    }

    /// Whether the recorder may still write to a recording: a segment is not finished, and its meeting runs or ended
    /// less than [`FINISHING_MS`] ago.
    pub async fn is_recording(&self, id: &MeetingId, now_ms: i64) -> Result<bool, Error> {
        let sql = "SELECT COUNT(*) FROM segments s JOIN meetings m ON m.id = s.recording \
                   WHERE s.recording = $1 AND s.state = 'recording' AND (m.ended_ms IS NULL OR m.ended_ms > $2)";
        let query = sqlx::query_as(sql).bind(id.as_str()).bind(now_ms.saturating_sub(FINISHING_MS));
        let (count,): (i64,) = query.fetch_one(self.0.pool()).await?;
        Ok(count > 0)
    }

    /// Ids of all of a tenant's recordings.
    pub async fn recordings_of(&self, tenant: &TenantId) -> Result<Vec<MeetingId>, Error> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT id FROM recordings WHERE tenant = $1 ORDER BY id")
            .bind(tenant.as_str())
            .fetch_all(self.0.pool())
            .await?;
        Ok(rows.into_iter().map(|(id,)| MeetingId(id)).collect())
    }

    /// Rows of a recording.
    pub async fn recording_rows(&self, id: &MeetingId) -> Result<Rows, Error> {
        Ok(Rows {
            recordings: self.count("SELECT COUNT(*) FROM recordings WHERE id = $1", id.as_str()).await?,
            segments: self.count("SELECT COUNT(*) FROM segments WHERE recording = $1", id.as_str()).await?,
            ..Rows::default()
        })
    }

    /// Removes a recording's rows, and notes in its meeting when.
    pub async fn remove_recording(&self, id: &MeetingId, now_ms: i64) -> Result<(), Error> {
        let mut transaction = self.0.pool().begin().await?;
        sqlx::query("UPDATE meetings SET recording_erased_ms = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(now_ms)
            .execute(&mut *transaction)
            .await?;
        for sql in ["DELETE FROM segments WHERE recording = $1", "DELETE FROM recordings WHERE id = $1"] {
            sqlx::query(sql).bind(id.as_str()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Stays that hold a whole address of this day.
    pub async fn address_rows(&self, of: &AddressDay) -> Result<Rows, Error> {
        let sql = "SELECT COUNT(*) FROM stays WHERE meeting = $1 AND address_day = $2";
        let query = sqlx::query_as(sql).bind(of.meeting.as_str()).bind(of.day);
        let (stays,): (i64,) = query.fetch_one(self.0.pool()).await?;
        Ok(Rows { stays: stays.unsigned_abs(), ..Rows::default() })
    }

    /// Removes the whole addresses of this day. The cut ones stay.
    pub async fn remove_addresses(&self, of: &AddressDay) -> Result<(), Error> {
        let sql =
            "UPDATE stays SET address = NULL, address_day = NULL WHERE meeting = $1 AND address_day = $2";
        sqlx::query(sql).bind(of.meeting.as_str()).bind(of.day).execute(self.0.pool()).await?;
        Ok(())
    }

    /// Stays of a meeting that hold connection data.
    pub async fn connection_rows(&self, meeting: &MeetingId) -> Result<Rows, Error> {
        let sql = "SELECT COUNT(*) FROM stays WHERE meeting = $1 AND (connection IS NOT NULL OR address IS NOT NULL)";
        Ok(Rows { stays: self.count(sql, meeting.as_str()).await?, ..Rows::default() })
    }

    /// Removes a meeting's connection data.
    pub async fn remove_connections(&self, meeting: &MeetingId) -> Result<(), Error> {
        let sql = "UPDATE stays SET connection = NULL, address = NULL, address_day = NULL WHERE meeting = $1";
        self.run(&[sql], meeting.as_str()).await
    }

    /// Rows of a tenant, itself included.
    pub async fn tenant_rows(&self, tenant: &TenantId) -> Result<Rows, Error> {
        let id = tenant.as_str();
        Ok(Rows {
            recordings: self.count("SELECT COUNT(*) FROM recordings WHERE tenant = $1", id).await?,
            segments: self
                .count(&format!("SELECT COUNT(*) FROM segments WHERE {SEGMENTS_OF_TENANT}"), id)
                .await?,
            stays: self.count(&format!("SELECT COUNT(*) FROM stays WHERE {OF_TENANTS_MEETINGS}"), id).await?,
            statistics: self
                .count(&format!("SELECT COUNT(*) FROM statistics WHERE {OF_TENANTS_MEETINGS}"), id)
                .await?,
            meetings: self.count("SELECT COUNT(*) FROM meetings WHERE tenant = $1", id).await?,
            tenants: self.count("SELECT COUNT(*) FROM tenants WHERE id = $1", id).await?,
        })
    }

    /// Removes a tenant's rows, and other erasures that were open for it.
    pub async fn remove_tenant(&self, tenant: &TenantId) -> Result<(), Error> {
        let segments = format!("DELETE FROM segments WHERE {SEGMENTS_OF_TENANT}");
        let stays = format!("DELETE FROM stays WHERE {OF_TENANTS_MEETINGS}");
        let statistics = format!("DELETE FROM statistics WHERE {OF_TENANTS_MEETINGS}");
        let statements = [
            segments.as_str(),
            "DELETE FROM recordings WHERE tenant = $1",
            &stays,
            &statistics,
            "DELETE FROM meetings WHERE tenant = $1",
            "DELETE FROM tenant_secrets WHERE tenant = $1",
            "DELETE FROM tenants WHERE id = $1",
            "DELETE FROM erasures WHERE tenant = $1 AND kind <> 'tenant'",
        ];
        self.run(&statements, tenant.as_str()).await
    }

    async fn count(&self, sql: &str, id: &str) -> Result<u64, Error> {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.to_owned())).bind(id);
        let (count,): (i64,) = query.fetch_one(self.0.pool()).await?;
        Ok(count.unsigned_abs())
    }

    /// Runs statements about one id in one transaction.
    async fn run(&self, statements: &[&str], id: &str) -> Result<(), Error> {
        let mut transaction = self.0.pool().begin().await?;
        for &statement in statements {
            sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
                .bind(id)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}
