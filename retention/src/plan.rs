//! What belongs to a thing that is to be erased.

use protocol::ids::MeetingId;
use serde::{Deserialize, Serialize};
use store::Store;
use store::erasures::{Erasure, ErasureKind};
use store::keys::{KeyName, KeyUse};
use store::removal::Rows;

use crate::due::parse_address_subject;
use crate::erase::EraseError;
use crate::receipts::Destroyed;

/// Everything that one erasure destroys, written down before the first of it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Keys that are destroyed one by one.
    pub keys: Vec<KeyName>,
    /// Keys that go with a tenant's own.
    pub tenant_keys: u64,
    /// Recordings whose objects are removed.
    pub recordings: Vec<MeetingId>,
    /// How many objects there were.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows there were.
    pub rows: Rows,
}

impl Plan {
    /// Looks up what belongs to the subject.
    pub async fn make(store: &Store, erasure: &Erasure) -> Result<Self, EraseError> {
        let meeting = MeetingId(erasure.subject.clone());
        let key = |usage| KeyName::new(&erasure.tenant, usage, &meeting);
        let mut plan = Self::default();
        match erasure.kind {
            ErasureKind::Recording => {
                plan.keys.push(key(KeyUse::Recording));
                plan.rows = store.removal().recording_rows(&meeting).await?;
                plan.recordings.push(meeting);
            }
            ErasureKind::Addresses => {
                let of = parse_address_subject(&erasure.subject).ok_or(EraseError::Subject)?;
                plan.keys.push(KeyName::new(&erasure.tenant, KeyUse::Address(of.day), &of.meeting));
                plan.rows = store.removal().address_rows(&of).await?;
            }
            ErasureKind::Connections => {
                plan.keys.push(key(KeyUse::Connection));
                let days = store.removal().address_days_of(&meeting).await?;
                plan.keys.extend(days.into_iter().map(|day| key(KeyUse::Address(day))));
                plan.rows = store.removal().connection_rows(&meeting).await?;
            }
            ErasureKind::Tenant => {
                plan.tenant_keys = store.keys().count_tenant(&erasure.tenant)?;
                plan.recordings = store.removal().recordings_of(&erasure.tenant).await?;
                plan.rows = store.removal().tenant_rows(&erasure.tenant).await?;
            }
        }
        for recording in &plan.recordings {
            let holding = store.objects().holding(recording)?;
            plan.objects += holding.files;
            plan.bytes += holding.bytes;
        }
        Ok(plan)
    }

    /// The plan as a receipt tells it.
    pub fn destroyed(&self, erasure: &Erasure) -> Destroyed {
        let mut keys: Vec<_> = self.keys.iter().map(KeyName::to_string).collect();
        if erasure.kind == ErasureKind::Tenant {
            keys.push(format!("{}/tenant", erasure.tenant));
        }
        Destroyed {
            key_count: self.tenant_keys + self.keys.len() as u64,
            keys,
            objects: self.objects,
            bytes: self.bytes,
            rows: self.rows,
        }
    }
}
