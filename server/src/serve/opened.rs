//! The store and its default tenant.

use std::fs::File;

use protocol::ids::TenantId;
use rustix::fs::{FlockOperation, flock};
use store::keys::MasterKey;
use store::tenants::{Secret, Tenant, Terms};
use store::{OpenError, Retention, Store, StoreConfig};

use crate::exit::Exit;
use crate::settings::Settings;
use crate::{clock, secret};

/// Kept so long unless the operator says otherwise.
const RETENTION: Retention = Retention::Days(14);

/// The tenant made at the first start.
pub fn default_tenant() -> TenantId {
    TenantId::from("default")
}

/// Opens the store, with the exit code that belongs to what is wrong.
pub async fn store(settings: &Settings) -> Result<Store, Exit> {
    let keys = |error| Exit::CannotCreate(format!("the master key cannot be used: {error}"));
    let master_key = MasterKey::from_environment(&settings.data).map_err(keys)?;
    let config =
        StoreConfig { database_url: settings.database.clone(), data: settings.data.clone(), master_key };
    Store::open(config).await.map_err(|error| match error {
        OpenError::Folder(..) | OpenError::Keys(_) => Exit::CannotCreate(format!("{error} (LECTERN_DATA)")),
        OpenError::Database(_) if settings.database.is_none() => {
            Exit::CannotCreate(format!("{error} (LECTERN_DATA)"))
        }
        _ => Exit::Unavailable(format!("{error} (LECTERN_DATABASE)")),
    })
}

/// Keeps a second server away from the data folder as long as the file is held: at its start it would end the
/// meetings that run in the first.
pub fn lock(store: &Store) -> Result<File, Exit> {
    let path = store.data().join("lectern.lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file =
        open.map_err(|error| Exit::CannotCreate(format!("{}: {error} (LECTERN_DATA)", path.display())))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        let folder = store.data().display();
        Exit::Unavailable(format!(
            "the data folder {folder} is in use by another server (set LECTERN_DATA to another)"
        ))
    })?;
    Ok(file)
}

/// Makes the default tenant at the first start, and gives it what the settings say. Returns a secret that was made
/// just now and must be shown, once.
pub async fn prepare(store: &Store, settings: &Settings) -> Result<Option<String>, Exit> {
    let broken = |error: store::Error| Exit::Unavailable(format!("the database cannot be used: {error}"));
    let id = default_tenant();
    let known = store.tenants().find(&id).await.map_err(broken)?;
    if known.is_none() {
        let tenant = Tenant {
            id: id.clone(),
            name: "Default".to_owned(),
            retention: settings.retention.unwrap_or(RETENTION),
            recording_allowed: true,
            terms: Terms::default(),
            created_ms: clock::now_ms(),
            ended_ms: None,
        };
        store.tenants().create(&tenant).await.map_err(broken)?;
    } else if let Some(retention) = settings.retention {
        store.tenants().set_retention(&id, retention).await.map_err(broken)?;
    }
    let given = [&settings.lms_secret, &settings.lms_secret_previous];
    let given: Vec<Secret> = given.into_iter().flatten().map(|text| Secret::new(text)).collect();
    if !given.is_empty() {
        store.tenants().set_secrets(&id, &given).await.map_err(broken)?;
        return Ok(None);
    }
    if !store.tenants().secrets(&id).await.map_err(broken)?.is_empty() {
        return Ok(None);
    }
    let made = secret::make()?;
    store.tenants().set_secrets(&id, &[Secret::new(&made)]).await.map_err(broken)?;
    Ok(Some(made))
}
