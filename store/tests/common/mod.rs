//! Shared by the tests of `store` and `retention`: the same body on SQLite, and on PostgreSQL if
//! `LECTERN_TEST_POSTGRES` names one (see `scripts/with-postgres`).

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::path::Path;

use protocol::ids::{MeetingId, TenantId};
use store::keys::{DataKey, MasterKey};
use store::meetings::NewMeeting;
use store::stays::NewStay;
use store::tenants::{Tenant, Terms};
use store::{Retention, Store, StoreConfig};
use tempfile::TempDir;

/// Some time in November 2026, in the middle of a UTC day, unix ms.
pub const NOON: i64 = 20_779 * DAY + DAY / 2;
/// One day, ms.
pub const DAY: i64 = 86_400_000;
/// One minute, ms.
pub const MINUTE: i64 = 60_000;

/// A store of its own in an empty folder.
pub struct World {
    /// The store.
    pub store: Store,
    /// The data folder.
    pub data: TempDir,
    database_url: Option<String>,
    master: DataKey,
}

/// One world for each database.
pub async fn worlds() -> Vec<World> {
    let mut worlds = vec![World::new(None).await];
    if let Ok(server) = std::env::var("LECTERN_TEST_POSTGRES") {
        worlds.push(World::new(Some(schema_of_its_own(&server).await)).await);
    }
    worlds
}

impl World {
    async fn new(database_url: Option<String>) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let master = DataKey::random().expect("a key");
        let store = open(data.path(), &database_url, &master).await;
        Self { store, data, database_url, master }
    }

    /// A world around a store that was opened otherwise; it cannot be restarted.
    pub fn around(store: Store, data: TempDir) -> Self {
        Self { store, data, database_url: None, master: DataKey::random().expect("a key") }
    }

    /// Closes the store and opens it again, as a restart would.
    pub async fn restart(&mut self) {
        self.store.close().await;
        self.store = open(self.data.path(), &self.database_url, &self.master).await;
    }

    /// Whether the rows are in the data folder.
    pub fn is_sqlite(&self) -> bool {
        self.database_url.is_none()
    }

    /// Makes a tenant that keeps recordings for 7 days.
    pub async fn tenant(&self, id: &str) -> TenantId {
        let tenant = tenant(id, "7d");
        self.store.tenants().create(&tenant).await.expect("a new tenant");
        tenant.id
    }

    /// Makes a meeting that may be recorded.
    pub async fn meeting(&self, tenant: &TenantId, id: &str) -> MeetingId {
        let meeting = meeting(tenant, id);
        self.store.meetings().create(&meeting).await.expect("a new meeting");
        meeting.id
    }
}

/// A tenant.
pub fn tenant(id: &str, retention: &str) -> Tenant {
    Tenant {
        id: id.into(),
        name: format!("School {id}"),
        retention: retention.parse::<Retention>().expect("a period"),
        recording_allowed: true,
        terms: Terms::default(),
        created_ms: NOON,
        ended_ms: None,
    }
}

/// A meeting.
pub fn meeting(tenant: &TenantId, id: &str) -> NewMeeting {
    NewMeeting {
        id: id.into(),
        tenant: tenant.clone(),
        external_id: format!("course-{id}"),
        name: String::from("MARKER-title"),
        record: true,
        metadata: BTreeMap::from([(String::from("context"), String::from("MARKER-metadata"))]),
        created_ms: NOON,
    }
}

/// A stay of a person with marked fields.
pub fn stay(meeting: &MeetingId, session: &str, signed_in: bool, login_ms: i64) -> NewStay {
    NewStay {
        session: session.into(),
        meeting: meeting.clone(),
        person: format!("w_{session}").as_str().into(),
        name: String::from("MARKER-name"),
        user_id: signed_in.then(|| String::from("MARKER-user@example.org")),
        signed_in,
        moderator: false,
        browser: String::from("MARKER-browser"),
        os: String::from("MARKER-os"),
        ip: "203.0.113.77".parse().expect("an address"),
        login_ms,
    }
}

/// Files below `folder` that hold `needle`, and how many files were searched.
pub fn files_with(folder: &Path, needle: &[u8]) -> (Vec<std::path::PathBuf>, usize) {
    let (mut found, mut searched) = (Vec::new(), 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            searched += 1;
            let bytes = std::fs::read(&path).expect("a file");
            if bytes.windows(needle.len()).any(|window| window == needle) {
                found.push(path);
            }
        }
    }
    (found, searched)
}

async fn open(data: &Path, database_url: &Option<String>, master: &DataKey) -> Store {
    let config = StoreConfig {
        database_url: database_url.clone(),
        data: data.to_owned(),
        master_key: MasterKey::Given(master.clone()),
    };
    Store::open(config).await.expect("a store")
}

async fn schema_of_its_own(server: &str) -> String {
    use sqlx::{Connection as _, Executor as _};
    sqlx::any::install_default_drivers();
    let unique = DataKey::random().expect("a key").to_hex();
    let schema = format!("test_{}", &unique[..16]);
    let mut connection = sqlx::AnyConnection::connect(server).await.expect("the PostgreSQL of the tests");
    let sql = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
    connection.execute(sql).await.expect("a schema");
    format!("{server}?options[search_path]={schema}")
}
