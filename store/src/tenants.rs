//! Tenants and their LMS secrets.

use protocol::ids::TenantId;
use sqlx::FromRow;
use zeroize::Zeroizing;

use crate::error::{Error, exists};
use crate::policy::{MAX_ADDRESS_DAYS, MAX_CONNECTION_DAYS, MAX_END_DAYS, Retention};
use crate::{Store, fields};

/// Terms that end what is kept about a tenant's people, each counted in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Until the address of a signed-in person is cut, from the login on (R55; at most 7).
    pub address_days: u32,
    /// Until addresses and browsers are deleted, from the meeting's end on (R54; at most 28).
    pub connection_days: u32,
    /// Until everything is deleted, from the contract's end on (R53; at most 1826).
    pub end_days: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self { address_days: MAX_ADDRESS_DAYS, connection_days: MAX_CONNECTION_DAYS, end_days: MAX_END_DAYS }
    }
}

/// One customer of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id; `default` for the one made at the first start.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// How long its recordings are kept.
    pub retention: Retention,
    /// Whether anything of it may be recorded (R32).
    pub recording_allowed: bool,
    /// The other terms.
    pub terms: Terms,
    /// Unix ms of its making.
    pub created_ms: i64,
    /// Unix ms of the contract's end, if it has ended.
    pub ended_ms: Option<i64>,
}

/// A shared secret with an LMS. Wiped when dropped; no `Debug`.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret from its text.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text, for checksums alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The tenants' area of a [`Store`].
pub struct Tenants<'a>(pub(crate) &'a Store);

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    retention: String,
    recording_allowed: i64,
    address_days: i64,
    connection_days: i64,
    end_days: i64,
    created_ms: i64,
    ended_ms: Option<i64>,
}

const COLUMNS: &str =
    "id, name, retention, recording_allowed, address_days, connection_days, end_days, created_ms, ended_ms";

impl Tenants<'_> {
    /// Adds a tenant. [`Error::Exists`] if the id is taken, [`Error::Damaged`] if a term is longer than allowed.
    pub async fn create(&self, tenant: &Tenant) -> Result<(), Error> {
        let terms = checked(tenant.terms)?;
        // Made first: a tenant whose id cannot name a key must not come into being.
        self.0.keys().tenant_key(&tenant.id)?;
        sqlx::query(
            "INSERT INTO tenants (id, name, retention, recording_allowed, address_days, connection_days, end_days, \
             created_ms, ended_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(tenant.id.as_str())
        .bind(tenant.name.as_str())
        .bind(tenant.retention.to_string())
        .bind(i64::from(tenant.recording_allowed))
        .bind(i64::from(terms.address_days))
        .bind(i64::from(terms.connection_days))
        .bind(i64::from(terms.end_days))
        .bind(tenant.created_ms)
        .bind(tenant.ended_ms)
        .execute(self.0.pool())
        .await
        .map_err(|error| exists(error, "tenant"))?;
        Ok(())
    }

    /// One tenant.
    pub async fn find(&self, id: &TenantId) -> Result<Option<Tenant>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM tenants WHERE id = $1"));
        let row: Option<Row> = sqlx::query_as(sql).bind(id.as_str()).fetch_optional(self.0.pool()).await?;
        row.map(Tenant::try_from).transpose()
    }

    /// All tenants by id.
    pub async fn list(&self) -> Result<Vec<Tenant>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM tenants ORDER BY id"));
        let rows: Vec<Row> = sqlx::query_as(sql).fetch_all(self.0.pool()).await?;
        rows.into_iter().map(Tenant::try_from).collect()
    }

    /// Sets how long recordings are kept, from now on and for those that are there.
    pub async fn set_retention(&self, id: &TenantId, retention: Retention) -> Result<(), Error> {
        let query = sqlx::query("UPDATE tenants SET retention = $2 WHERE id = $1").bind(id.as_str());
        changed(query.bind(retention.to_string()).execute(self.0.pool()).await?)
    }

    /// Switches recording on or off altogether (R32).
    pub async fn set_recording_allowed(&self, id: &TenantId, allowed: bool) -> Result<(), Error> {
        let query = sqlx::query("UPDATE tenants SET recording_allowed = $2 WHERE id = $1").bind(id.as_str());
        changed(query.bind(i64::from(allowed)).execute(self.0.pool()).await?)
    }

    /// Sets the other terms. [`Error::Damaged`] if one is zero or longer than allowed.
    pub async fn set_terms(&self, id: &TenantId, terms: Terms) -> Result<(), Error> {
        let terms = checked(terms)?;
        let query = sqlx::query(
            "UPDATE tenants SET address_days = $2, connection_days = $3, end_days = $4 WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(i64::from(terms.address_days))
        .bind(i64::from(terms.connection_days))
        .bind(i64::from(terms.end_days));
        changed(query.execute(self.0.pool()).await?)
    }

    /// Notes the contract's end, from which R53 counts; `None` takes it back.
    pub async fn set_ended(&self, id: &TenantId, ended_ms: Option<i64>) -> Result<(), Error> {
        let query = sqlx::query("UPDATE tenants SET ended_ms = $2 WHERE id = $1").bind(id.as_str());
        changed(query.bind(ended_ms).execute(self.0.pool()).await?)
    }

    /// Replaces the tenant's LMS secrets: one, or two while one is being changed for another.
    pub async fn set_secrets(&self, id: &TenantId, secrets: &[Secret]) -> Result<(), Error> {
        if self.find(id).await?.is_none() {
            return Err(Error::Unknown("tenant"));
        }
        let key = self.0.keys().tenant_key(id)?;
        let mut transaction = self.0.pool().begin().await?;
        sqlx::query("DELETE FROM tenant_secrets WHERE tenant = $1")
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?;
        for (position, secret) in (0_i64..).zip(secrets) {
            sqlx::query("INSERT INTO tenant_secrets (tenant, position, sealed) VALUES ($1, $2, $3)")
                .bind(id.as_str())
                .bind(position)
                .bind(fields::seal(&key, &place(id, position), &secret.expose())?)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The tenant's LMS secrets, the newest first.
    pub async fn secrets(&self, id: &TenantId) -> Result<Vec<Secret>, Error> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT position, sealed FROM tenant_secrets WHERE tenant = $1 ORDER BY position")
                .bind(id.as_str())
                .fetch_all(self.0.pool())
                .await?;
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        debug_assert_eq!(first.0, 0);
        let key = self.0.keys().tenant_key(id)?;
        let open = |(position, sealed): &(i64, String)| fields::open(&key, &place(id, *position), sealed);
        rows.iter().map(|row| open(row).map(|text: String| Secret(Zeroizing::new(text)))).collect()
    }
}

impl TryFrom<Row> for Tenant {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let days = |days: i64| u32::try_from(days).map_err(|_| Error::Damaged("tenant"));
        Ok(Self {
            id: TenantId(row.id),
            name: row.name,
            retention: row.retention.parse().map_err(|_| Error::Damaged("retention period"))?,
            recording_allowed: row.recording_allowed != 0,
            terms: Terms {
                address_days: days(row.address_days)?,
                connection_days: days(row.connection_days)?,
                end_days: days(row.end_days)?,
            },
            created_ms: row.created_ms,
            ended_ms: row.ended_ms,
        })
    }
}

fn checked(terms: Terms) -> Result<Terms, Error> {
    let allowed = (1..=MAX_ADDRESS_DAYS).contains(&terms.address_days)
        && (1..=MAX_CONNECTION_DAYS).contains(&terms.connection_days)
        && terms.end_days <= MAX_END_DAYS;
    if allowed { Ok(terms) } else { Err(Error::Damaged("term")) }
}

fn changed(result: sqlx::any::AnyQueryResult) -> Result<(), Error> {
    if result.rows_affected() == 0 { Err(Error::Unknown("tenant")) } else { Ok(()) }
}

fn place(tenant: &TenantId, position: i64) -> String {
    format!("tenant_secrets|{tenant}|{position}")
}
