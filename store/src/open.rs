//! Opening the store.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};
use tokio::sync::Notify;

use crate::keys::{DataKey, KeyError, KeyName, KeyRing, MasterKey};
use crate::objects::Objects;

/// What a store is opened with.
pub struct StoreConfig {
    /// `postgres://…`, or `None` for SQLite in the data folder.
    pub database_url: Option<String>,
    /// The data folder: `lectern.db`, `objects/`, `keys/`, `receipts/`. Made if missing.
    pub data: PathBuf,
    /// Who keeps the master key.
    pub master_key: MasterKey,
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("the data folder {0} cannot be used: {1}")]
    Folder(PathBuf, std::io::Error),
    /// The key ring cannot be opened.
    #[error("the key ring cannot be opened: {0}")]
    Keys(#[from] KeyError),
    /// Neither a `postgres://` address nor SQLite.
    #[error("the database address must begin with postgres://")]
    Address,
    /// The database cannot be reached.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables cannot be made or brought up to date.
    #[error("the database's tables cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// Database, objects and key ring of one server. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    pool: AnyPool,
    sqlite: bool,
    keys: KeyRing,
    objects: Objects,
    data: PathBuf,
    erasures: Notify,
}

impl Store {
    /// Opens everything and brings the tables up to date.
    pub async fn open(config: StoreConfig) -> Result<Self, OpenError> {
        let StoreConfig { database_url, data, master_key } = config;
        let folder = |error| OpenError::Folder(data.clone(), error);
        // For its owner alone: names of files tell which meetings there were.
        DirBuilder::new().recursive(true).mode(0o700).create(&data).map_err(folder)?;
        let objects = Objects::open(&data).map_err(folder)?;
        let keys = KeyRing::open(&data.join("keys"), &master_key)?;
        let sqlite = database_url.is_none();
        let pool = match database_url {
            None => sqlite_pool(&data.join("lectern.db")).await?,
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                postgres_pool(&url).await?
            }
            Some(_) => return Err(OpenError::Address),
        };
        sqlx::migrate!().run(&pool).await?;
        Ok(Self(Arc::new(Inner { pool, sqlite, keys, objects, data, erasures: Notify::new() })))
    }

    /// The key ring.
    pub fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    /// The objects.
    pub fn objects(&self) -> &Objects {
        &self.0.objects
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.0.data
    }

    /// Whether the database answers; for `/readyz` and the doctor.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(self.pool()).await.map(|_| ())
    }

    /// Waits until somebody asks for an erasure that must not wait for the next sweep (R52).
    pub async fn erasure_requested(&self) {
        self.0.erasures.notified().await;
    }

    /// Leaves no erased row behind in the database's own files: SQLite's log is folded back and emptied. PostgreSQL
    /// needs nothing: what is personal was sealed, and its key is gone.
    pub async fn scrub(&self) -> Result<(), sqlx::Error> {
        if self.0.sqlite {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(self.pool()).await?;
        }
        Ok(())
    }

    /// Closes the database. Later calls fail.
    pub async fn close(&self) {
        self.0.pool.close().await;
    }

    pub(crate) fn pool(&self) -> &AnyPool {
        &self.0.pool
    }

    pub(crate) fn notify_erasures(&self) {
        self.0.erasures.notify_one();
    }

    /// Opens a key, or makes it, away from the runtime's threads: making waits for the disk.
    pub(crate) async fn key(&self, name: KeyName) -> Result<DataKey, KeyError> {
        let keys = self.keys().clone();
        tokio::task::spawn_blocking(move || keys.open_or_create(&name)).await.map_err(|_| KeyError::Crypto)?
    }
}

async fn sqlite_pool(path: &Path) -> Result<AnyPool, sqlx::Error> {
    install_default_drivers();
    // Deleted rows are overwritten (secure_delete), and the log that holds their last copy is emptied by `scrub`.
    const SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                            PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";
    let url = url_of(path);
    AnyPoolOptions::new()
        .max_connections(4)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(SETTINGS).await.map(|_| ()) })
        })
        .connect(&url)
        .await
}

/// How long a database may take to answer at the start, as it does when both are started together.
const PATIENCE: Duration = Duration::from_secs(15);

async fn postgres_pool(url: &str) -> Result<AnyPool, sqlx::Error> {
    install_default_drivers();
    // Asked once directly: the pool would say only that time ran out.
    let first = AnyConnection::connect(url).await;
    let pool = AnyPoolOptions::new().max_connections(8).acquire_timeout(PATIENCE).connect(url).await;
    match (pool, first) {
        (Err(sqlx::Error::PoolTimedOut), Err(first)) => Err(first),
        (pool, _) => pool,
    }
}

/// `sqlite:` address of a file that is made if missing; the path is percent-encoded.
fn url_of(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut url = String::from("sqlite:");
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => url.push(char::from(byte)),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url + "?mode=rwc"
}
