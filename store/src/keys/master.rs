//! Where the master key comes from.

use std::path::{Path, PathBuf};

use super::data_key::DataKey;
use super::{KeyError, file};

/// Name of the environment variable that may hold the master key as 64 hex digits.
pub const MASTER_KEY_VARIABLE: &str = "LECTERN_MASTER_KEY";
/// Name of the systemd credential that may hold it (`LoadCredentialEncrypted=lectern-master-key`).
pub const MASTER_KEY_CREDENTIAL: &str = "lectern-master-key";

/// Who keeps the master key, which wraps the tenants' keys.
#[derive(Clone)]
pub enum MasterKey {
    /// A file of 64 hex digits, readable by its owner alone (0400), made at the first start.
    File(PathBuf),
    /// Given from outside: an environment variable, a systemd credential, or a test.
    Given(DataKey),
}

impl MasterKey {
    /// The provider that the surroundings ask for: `LECTERN_MASTER_KEY`, else the systemd credential, else the file
    /// `keys/master.key` in the data folder.
    pub fn from_environment(data: &Path) -> Result<Self, KeyError> {
        if let Ok(text) = std::env::var(MASTER_KEY_VARIABLE) {
            return DataKey::from_hex(&zeroize::Zeroizing::new(text)).map(Self::Given);
        }
        if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
            let credential = PathBuf::from(folder).join(MASTER_KEY_CREDENTIAL);
            if credential.exists() {
                return Self::read(&credential).map(Self::Given);
            }
        }
        Ok(Self::File(data.join("keys").join("master.key")))
    }

    /// The key itself; makes the file if it is missing.
    pub(super) fn load(&self) -> Result<DataKey, KeyError> {
        match self {
            Self::Given(key) => Ok(key.clone()),
            Self::File(path) if path.exists() => Self::read(path),
            Self::File(path) => {
                let key = DataKey::random()?;
                match file::create(path, key.to_hex().as_bytes()) {
                    // Somebody else made it first; theirs counts.
                    Err(KeyError::Exists) => Self::read(path),
                    made => made.map(|()| key),
                }
            }
        }
    }

    fn read(path: &Path) -> Result<DataKey, KeyError> {
        DataKey::from_hex(&zeroize::Zeroizing::new(std::fs::read_to_string(path)?))
    }
}
