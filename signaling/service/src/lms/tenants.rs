//! Which tenant signed a call: the one whose secret made its checksum. A tenant may have two secrets while it changes
//! from one to the other.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use protocol::ids::TenantId;
use store::Store;
use store::tenants::Secret;

use super::checksum::SignedQuery;
use super::failure::Failure;

/// How long a tenant or secret made by the command line may stay unknown to a running server.
const FRESH: Duration = Duration::from_secs(2);

/// The tenants' secrets, read again from the store when older than two seconds.
pub(crate) struct Tenants {
    store: Store,
    known: RwLock<Option<(Instant, Arc<[Secrets]>)>>,
}

struct Secrets {
    tenant: TenantId,
    secrets: Vec<Secret>,
}

impl Tenants {
    /// Knows nobody yet.
    pub fn new(store: Store) -> Self {
        Self { store, known: RwLock::new(None) }
    }

    /// Who signed the query for this call.
    pub async fn signer(&self, call: &str, query: &SignedQuery) -> Result<TenantId, Failure> {
        if query.checksum.is_none() {
            return Err(Failure::new("checksumError", "You must provide the checksum"));
        }
        let known = self.known().await?;
        let signer =
            known.iter().find(|t| t.secrets.iter().any(|secret| query.is_signed_with(call, secret.expose())));
        signer.map(|t| t.tenant.clone()).ok_or_else(Failure::checksum)
    }

    /// A secret of the tenant, to sign as its front end does.
    pub async fn secret(&self, tenant: &TenantId) -> Result<Option<Secret>, Failure> {
        let known = self.known().await?;
        Ok(known.iter().find(|t| &t.tenant == tenant).and_then(|t| t.secrets.first().cloned()))
    }

    async fn known(&self) -> Result<Arc<[Secrets]>, Failure> {
        if let Some((at, known)) = self.known.read().unwrap_or_else(PoisonError::into_inner).as_ref()
            && at.elapsed() < FRESH
        {
            return Ok(known.clone());
        }
        let known: Arc<[Secrets]> = self.read().await.map_err(Failure::internal)?.into();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), known.clone()));
        Ok(known)
    }

    async fn read(&self) -> Result<Vec<Secrets>, store::Error> {
        let mut known = Vec::new();
        for tenant in self.store.tenants().list().await? {
            // A contract that ended opens no more rooms.
            if tenant.ended_ms.is_none() {
                let secrets = self.store.tenants().secrets(&tenant.id).await?;
                known.push(Secrets { tenant: tenant.id, secrets });
            }
        }
        Ok(known)
    }
}
