//! Erasures that were decided and are not finished. `retention` alone carries them out.

use protocol::ids::{MeetingId, TenantId};
use sqlx::FromRow;

use crate::Store;
use crate::error::Error;

/// What is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErasureKind {
    /// A recording: media, manifest, rows, key (R51, R52).
    Recording,
    /// Whole addresses of the people who came to a meeting on one day; they stay cut (R55).
    Addresses,
    /// Addresses and browsers of a meeting's people (R54).
    Connections,
    /// All of a tenant (R52, R53).
    Tenant,
}

impl ErasureKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Recording, Self::Addresses, Self::Connections, Self::Tenant];

    /// The kind as it stands in rows, receipts and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Addresses => "addresses",
            Self::Connections => "connections",
            Self::Tenant => "tenant",
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(Error::Damaged("erasure"))
    }
}

/// Why it is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureReason {
    /// Its time is over.
    Policy,
    /// Somebody who may ask for it did.
    Request,
}

impl ErasureReason {
    /// The reason as it stands in rows and receipts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Request => "request",
        }
    }
}

/// How far an erasure is. Each step is durable before the next begins, and may be done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErasureStep {
    /// Asked for; nobody can read the subject any more.
    Requested,
    /// It is written down what will be destroyed.
    Planned,
    /// Keys are destroyed: the subject is noise from here on, backups included.
    KeysDestroyed,
    /// Objects are removed, and it was looked whether they are.
    ObjectsRemoved,
    /// Rows are removed, and it was looked whether they are.
    RowsRemoved,
}

impl ErasureStep {
    /// All steps in their order.
    pub const ALL: [Self; 5] =
        [Self::Requested, Self::Planned, Self::KeysDestroyed, Self::ObjectsRemoved, Self::RowsRemoved];

    fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Planned => "planned",
            Self::KeysDestroyed => "keys-destroyed",
            Self::ObjectsRemoved => "objects-removed",
            Self::RowsRemoved => "rows-removed",
        }
    }
}

/// An erasure that is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its id: 32 hex digits.
    pub id: String,
    /// Whose data.
    pub tenant: TenantId,
    /// What.
    pub kind: ErasureKind,
    /// Which: a meeting's id, `id@day` for addresses, or the tenant's id.
    pub subject: String,
    /// Why.
    pub reason: ErasureReason,
    /// How far.
    pub step: ErasureStep,
    /// Unix ms when it was asked for.
    pub requested_ms: i64,
    /// What will be destroyed, as `retention` wrote it; empty until planned.
    pub plan: String,
}

/// The erasures' area of a [`Store`].
pub struct Erasures<'a>(pub(crate) &'a Store);

#[derive(FromRow)]
struct Row {
    id: String,
    tenant: String,
    kind: String,
    subject: String,
    reason: String,
    step: String,
    requested_ms: i64,
    plan: String,
}

impl Erasures<'_> {
    /// Asks for a recording's erasure (R52): from now on nobody can list or read it, and `retention` is woken. Repeated
    /// calls change nothing. [`Error::Unknown`] if the tenant has no such recording.
    pub async fn request_recording(
        &self,
        tenant: &TenantId,
        id: &MeetingId,
        now_ms: i64,
    ) -> Result<(), Error> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT id FROM recordings WHERE id = $1 AND tenant = $2")
                .bind(id.as_str())
                .bind(tenant.as_str())
                .fetch_optional(self.0.pool())
                .await?;
        row.ok_or(Error::Unknown("recording"))?;
        self.begin(tenant, ErasureKind::Recording, id.as_str(), ErasureReason::Request, now_ms).await?;
        self.0.notify_erasures();
        Ok(())
    }

    /// Asks for the erasure of all of a tenant (R52), the tenant itself included.
    pub async fn request_tenant(&self, tenant: &TenantId, now_ms: i64) -> Result<(), Error> {
        self.0.tenants().find(tenant).await?.ok_or(Error::Unknown("tenant"))?;
        self.begin(tenant, ErasureKind::Tenant, tenant.as_str(), ErasureReason::Request, now_ms).await?;
        self.0.notify_erasures();
        Ok(())
    }

    /// Writes down that something is to be erased, and takes a recording out of everybody's sight, in one transaction.
    /// Does nothing if it was decided before.
    pub async fn begin(
        &self,
        tenant: &TenantId,
        kind: ErasureKind,
        subject: &str,
        reason: ErasureReason,
        now_ms: i64,
    ) -> Result<(), Error> {
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| crate::keys::KeyError::Crypto)?;
        let mut transaction = self.0.pool().begin().await?;
        sqlx::query(
            "INSERT INTO erasures (id, tenant, kind, subject, reason, step, requested_ms, plan) \
             VALUES ($1, $2, $3, $4, $5, 'requested', $6, '') ON CONFLICT (kind, tenant, subject) DO NOTHING",
        )
        .bind(hex::encode(id))
        .bind(tenant.as_str())
        .bind(kind.as_str())
        .bind(subject)
        .bind(reason.as_str())
        .bind(now_ms)
        .execute(&mut *transaction)
        .await?;
        let hide = match kind {
            ErasureKind::Recording => Some("UPDATE recordings SET erasing = 1 WHERE id = $1"),
            ErasureKind::Tenant => Some("UPDATE recordings SET erasing = 1 WHERE tenant = $1"),
            ErasureKind::Addresses | ErasureKind::Connections => None,
        };
        if let Some(hide) = hide {
            sqlx::query(hide).bind(subject).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// All unfinished erasures, the oldest first.
    pub async fn open(&self) -> Result<Vec<Erasure>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, tenant, kind, subject, reason, step, requested_ms, plan FROM erasures \
             ORDER BY requested_ms, kind, subject",
        )
        .fetch_all(self.0.pool())
        .await?;
        rows.into_iter().map(Erasure::try_from).collect()
    }

    /// Notes a step that is done, and the plan.
    pub async fn advance(&self, id: &str, step: ErasureStep, plan: &str) -> Result<(), Error> {
        let query = sqlx::query("UPDATE erasures SET step = $2, plan = $3 WHERE id = $1")
            .bind(id)
            .bind(step.as_str());
        let done = query.bind(plan).execute(self.0.pool()).await?;
        if done.rows_affected() == 0 { Err(Error::Unknown("erasure")) } else { Ok(()) }
    }

    /// Forgets a finished erasure: its receipt stands in the chain.
    pub async fn close(&self, id: &str) -> Result<(), Error> {
        sqlx::query("DELETE FROM erasures WHERE id = $1").bind(id).execute(self.0.pool()).await?;
        Ok(())
    }
}

impl TryFrom<Row> for Erasure {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let reason = [ErasureReason::Policy, ErasureReason::Request]
            .into_iter()
            .find(|reason| reason.as_str() == row.reason);
        let step = ErasureStep::ALL.into_iter().find(|step| step.as_str() == row.step);
        Ok(Self {
            id: row.id,
            tenant: TenantId(row.tenant),
            kind: ErasureKind::parse(&row.kind)?,
            subject: row.subject,
            reason: reason.ok_or(Error::Damaged("erasure"))?,
            step: step.ok_or(Error::Damaged("erasure"))?,
            requested_ms: row.requested_ms,
            plan: row.plan,
        })
    }
}
