//! What is due by the policies in force.

use protocol::ids::{MeetingId, TenantId};
use store::erasures::{Erasure, ErasureKind, ErasureReason};
use store::policy::DAY_MS;
use store::removal::AddressDay;
use store::tenants::Tenant;
use store::{Error, Store};

/// Something whose time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Since when, unix ms.
    pub since_ms: i64,
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub kind: ErasureKind,
    /// Which: a meeting's id, `id@day` for addresses, or the tenant's id.
    pub subject: String,
    /// Why.
    pub reason: ErasureReason,
}

impl From<&Erasure> for Due {
    fn from(erasure: &Erasure) -> Self {
        Self {
            since_ms: erasure.requested_ms,
            tenant: erasure.tenant.clone(),
            kind: erasure.kind,
            subject: erasure.subject.clone(),
            reason: erasure.reason,
        }
    }
}

/// All that is due at `now_ms` and not yet being erased, the oldest first.
pub async fn due(store: &Store, now_ms: i64) -> Result<Vec<Due>, Error> {
    let mut all = Vec::new();
    for tenant in store.tenants().list().await? {
        of_tenant(store, &tenant, now_ms, &mut all).await?;
    }
    all.sort_by(|a, b| (a.since_ms, a.kind, &a.subject).cmp(&(b.since_ms, b.kind, &b.subject)));
    Ok(all)
}

async fn of_tenant(store: &Store, tenant: &Tenant, now_ms: i64, all: &mut Vec<Due>) -> Result<(), Error> {
    let item = |since_ms, kind, subject| Due {
        since_ms,
        tenant: tenant.id.clone(),
        kind,
        subject,
        reason: ErasureReason::Policy,
    };
    let days = |days: u32| i64::from(days) * DAY_MS;
    // R53 ends all of it, so the rest need not be asked.
    if let Some(since_ms) =
        tenant.ended_ms.map(|ended_ms| ended_ms.saturating_add(days(tenant.terms.end_days)))
        && since_ms <= now_ms
    {
        all.push(item(since_ms, ErasureKind::Tenant, tenant.id.to_string()));
        return Ok(());
    }
    let removal = store.removal();
    // R51: from the meeting's end on.
    if let Some(period) = tenant.retention.days().map(days) {
        for (id, ended_ms) in removal.recordings_ended_by(&tenant.id, now_ms.saturating_sub(period)).await? {
            all.push(item(ended_ms + period, ErasureKind::Recording, id.0));
        }
    }
    // R55: counted from the beginning of the day, so that nobody's address lives a minute longer than promised.
    let address_days = i64::from(tenant.terms.address_days);
    let last_day = now_ms.div_euclid(DAY_MS).saturating_sub(address_days);
    for of in removal.address_days_by(&tenant.id, last_day).await? {
        let since_ms = of.day.saturating_add(address_days).saturating_mul(DAY_MS);
        all.push(item(since_ms, ErasureKind::Addresses, address_subject(&of)));
    }
    // R54: from the meeting's end on.
    let term = days(tenant.terms.connection_days);
    for (id, ended_ms) in removal.connections_ended_by(&tenant.id, now_ms.saturating_sub(term)).await? {
        all.push(item(ended_ms + term, ErasureKind::Connections, id.0));
    }
    Ok(())
}

/// `meeting@day`.
fn address_subject(of: &AddressDay) -> String {
    format!("{}@{}", of.meeting, of.day)
}

/// Reads what [`address_subject`] made.
pub(crate) fn parse_address_subject(subject: &str) -> Option<AddressDay> {
    let (meeting, day) = subject.split_once('@')?;
    Some(AddressDay { meeting: MeetingId(meeting.to_owned()), day: day.parse().ok()? })
}
