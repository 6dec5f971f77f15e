//! Names of keys, and where each lies in the ring.

use std::path::PathBuf;

use protocol::ids::{MeetingId, TenantId};
use serde::{Deserialize, Serialize};

use super::KeyError;

/// What a key is for. Every promise that ends at its own time has a key of its own, so that destroying it ends
/// nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// Media and manifest of a recording, and its title and metadata in the database (R51).
    Recording,
    /// Names and user ids of a meeting's people, in support data and statistics (R40, R41, R53).
    People,
    /// Browser and cut address of a meeting's people (R54).
    Connection,
    /// Whole addresses of signed-in people who came on this UTC day, counted from 1970 (R55).
    Address(i64),
}

/// The name of one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyName {
    /// Whose.
    pub tenant: TenantId,
    /// What it is for.
    #[serde(rename = "use")]
    pub usage: KeyUse,
    /// Which meeting it belongs to.
    pub meeting: MeetingId,
}

impl KeyName {
    /// The key of a meeting for one use.
    pub fn new(tenant: &TenantId, usage: KeyUse, meeting: &MeetingId) -> Self {
        Self { tenant: tenant.clone(), usage, meeting: meeting.clone() }
    }

    /// Path below the ring's folder.
    pub(super) fn path(&self) -> Result<PathBuf, KeyError> {
        let meeting = safe(self.meeting.as_str())?;
        let (folder, file) = match self.usage {
            KeyUse::Recording => ("recording", format!("{meeting}.key")),
            KeyUse::People => ("people", format!("{meeting}.key")),
            KeyUse::Connection => ("connection", format!("{meeting}.key")),
            KeyUse::Address(day) => ("address", format!("{meeting}.{day}.key")),
        };
        Ok(tenant_folder(&self.tenant)?.join(folder).join(file))
    }
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tenant, meeting, .. } = self;
        match self.usage {
            KeyUse::Recording => write!(f, "{tenant}/recording/{meeting}"),
            KeyUse::People => write!(f, "{tenant}/people/{meeting}"),
            KeyUse::Connection => write!(f, "{tenant}/connection/{meeting}"),
            KeyUse::Address(day) => write!(f, "{tenant}/address/{meeting}.{day}"),
        }
    }
}

/// A tenant's folder below the ring's.
pub(super) fn tenant_folder(tenant: &TenantId) -> Result<PathBuf, KeyError> {
    Ok(PathBuf::from("tenants").join(safe(tenant.as_str())?))
}

/// Text that is one harmless path component, or an error: ids come from outside.
pub(crate) fn safe(component: &str) -> Result<&str, KeyError> {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = (1..=128).contains(&component.len());
    if fits && component.bytes().all(harmless) { Ok(component) } else { Err(KeyError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leads_out_of_the_ring() {
        for id in ["", ".", "..", "a/b", "a\\b", "a.b", "ä", "a\0", &"a".repeat(129)] {
            assert!(safe(id).is_err(), "{id:?}");
        }
        assert_eq!(safe("8f-1_Z").ok(), Some("8f-1_Z"));
    }

    #[test]
    fn keys_of_different_uses_and_days_lie_apart() {
        let name = |usage| KeyName::new(&"t".into(), usage, &"m-1".into()).path().unwrap();
        let paths: std::collections::BTreeSet<_> =
            [KeyUse::Recording, KeyUse::People, KeyUse::Connection, KeyUse::Address(1), KeyUse::Address(11)]
                .map(name)
                .into();
        assert_eq!(paths.len(), 5);
    }
}
