//! The key ring: one small file per key, apart from the database and from its backups (R74, N1).
//!
//! A master key wraps the server's own keys and one key per tenant; a tenant's key wraps the keys of its meetings. Each
//! is wrapped with AES-256-GCM, its name being the additional data, so that no file can stand in for another. To
//! destroy a key is to overwrite, flush and unlink its file: whatever was sealed under it, backups included, is noise
//! from then on.

mod data_key;
mod file;
mod master;
mod name;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::ids::TenantId;

pub use data_key::{DataKey, KEY_LEN};
pub use master::{MASTER_KEY_CREDENTIAL, MASTER_KEY_VARIABLE, MasterKey};
pub(crate) use name::safe;
pub use name::{KeyName, KeyUse};

/// What can go wrong with keys. No variant holds a part of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such key: it was never made, or it was destroyed.
    #[error("the key does not exist")]
    Missing,
    /// There is such a key already.
    #[error("the key exists already")]
    Exists,
    /// An id that cannot name a key.
    #[error("not a valid name for a key")]
    Name,
    /// Not 32 bytes, or not 64 hex digits.
    #[error("a key is 64 hex digits")]
    Malformed,
    /// Changed, or wrapped by another key: wrong master key?
    #[error("the key or sealed text is damaged, or belongs to another key")]
    Damaged,
    /// The random generator or cipher failed.
    #[error("cryptography failed")]
    Crypto,
    /// The disk failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The ring. Cheap to clone; holds the master key in memory and nothing else.
#[derive(Clone)]
pub struct KeyRing {
    folder: Arc<PathBuf>,
    master: DataKey,
}

impl KeyRing {
    /// Opens the ring in `folder`, making the folder (0700) and, if the provider is a file, the master key.
    pub fn open(folder: &Path, master: &MasterKey) -> Result<Self, KeyError> {
        file::make_folder(folder)?;
        Ok(Self { folder: Arc::new(folder.to_owned()), master: master.load()? })
    }

    /// Makes a new key. [`KeyError::Exists`] if there is one of this name.
    pub fn create(&self, name: &KeyName) -> Result<DataKey, KeyError> {
        let tenant = self.tenant_key(&name.tenant)?;
        self.create_wrapped(&name.path()?, &tenant, &aad(name))
    }

    /// Opens a key. [`KeyError::Missing`] if it was destroyed.
    pub fn open_key(&self, name: &KeyName) -> Result<DataKey, KeyError> {
        let tenant =
            self.read_wrapped(&tenant_file(&name.tenant)?, &self.master, &tenant_aad(&name.tenant))?;
        self.read_wrapped(&name.path()?, &tenant, &aad(name))
    }

    /// Opens a key, or makes it.
    pub fn open_or_create(&self, name: &KeyName) -> Result<DataKey, KeyError> {
        let tenant = self.tenant_key(&name.tenant)?;
        self.read_or_create(&name.path()?, &tenant, &aad(name))
    }

    /// Destroys a key for good. True if there was one; false if it is gone already.
    pub fn destroy(&self, name: &KeyName) -> Result<bool, KeyError> {
        file::destroy(&self.folder.join(name.path()?))
    }

    /// Whether a file of this key is there.
    pub fn exists(&self, name: &KeyName) -> Result<bool, KeyError> {
        Ok(self.folder.join(name.path()?).exists())
    }

    /// Destroys a tenant's key and every key it wrapped; tells how many keys there were.
    pub fn destroy_tenant(&self, tenant: &TenantId) -> Result<u64, KeyError> {
        let folder = self.folder.join(name::tenant_folder(tenant)?);
        // The wrapping key first: from then on the others are noise, whenever we are killed.
        let mut destroyed = u64::from(file::destroy(&self.folder.join(tenant_file(tenant)?))?);
        destroyed += below(&folder, &file::destroy)?;
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(destroyed),
        }
    }

    /// How many keys of a tenant are in the ring, its own included.
    pub fn count_tenant(&self, tenant: &TenantId) -> Result<u64, KeyError> {
        below(&self.folder.join(name::tenant_folder(tenant)?), &|_| Ok(true))
    }

    /// The tenant's own key, made when first asked for. It seals what belongs to the tenant as a whole.
    pub(crate) fn tenant_key(&self, tenant: &TenantId) -> Result<DataKey, KeyError> {
        self.read_or_create(&tenant_file(tenant)?, &self.master, &tenant_aad(tenant))
    }

    /// A key of the server itself, for one purpose (`room-tokens`, `links`, `receipts`), made when first asked for.
    pub fn server_key(&self, purpose: &str) -> Result<DataKey, KeyError> {
        let path = PathBuf::from("server").join(format!("{}.key", safe(purpose)?));
        self.read_or_create(&path, &self.master, format!("lectern key v1|server|{purpose}").as_bytes())
    }

    fn read_or_create(&self, path: &Path, wrapping: &DataKey, aad: &[u8]) -> Result<DataKey, KeyError> {
        match self.read_wrapped(path, wrapping, aad) {
            Err(KeyError::Missing) => match self.create_wrapped(path, wrapping, aad) {
                Err(KeyError::Exists) => self.read_wrapped(path, wrapping, aad),
                made => made,
            },
            read => read,
        }
    }

    fn create_wrapped(&self, path: &Path, wrapping: &DataKey, aad: &[u8]) -> Result<DataKey, KeyError> {
        let key = DataKey::random()?;
        file::create(&self.folder.join(path), &wrapping.seal(aad, key.as_bytes())?)?;
        Ok(key)
    }

    fn read_wrapped(&self, path: &Path, wrapping: &DataKey, aad: &[u8]) -> Result<DataKey, KeyError> {
        let sealed = std::fs::read(self.folder.join(path)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => KeyError::Missing,
            _ => KeyError::Io(error),
        })?;
        DataKey::from_bytes(&wrapping.open(aad, &sealed)?)
    }
}

/// A key that an erasure may have destroyed already, its rows still being there.
pub(crate) fn alive(key: Result<DataKey, KeyError>) -> Result<Option<DataKey>, KeyError> {
    match key {
        Ok(key) => Ok(Some(key)),
        // Damaged: overwritten, and killed before it was unlinked.
        Err(KeyError::Missing | KeyError::Damaged) => Ok(None),
        Err(error) => Err(error),
    }
}

fn tenant_file(tenant: &TenantId) -> Result<PathBuf, KeyError> {
    Ok(name::tenant_folder(tenant)?.join("tenant.key"))
}

fn aad(name: &KeyName) -> Vec<u8> {
    format!("lectern key v1|{name}").into_bytes()
}

fn tenant_aad(tenant: &TenantId) -> Vec<u8> {
    format!("lectern key v1|tenant|{tenant}").into_bytes()
}

/// Calls `each` with every file below the folder and counts those it says yes to.
fn below(folder: &Path, each: &dyn Fn(&Path) -> Result<bool, KeyError>) -> Result<u64, KeyError> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut count = 0;
    for entry in entries {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() {
            below(&entry.path(), each)?
        } else {
            u64::from(each(&entry.path())?)
        };
    }
    Ok(count)
}
