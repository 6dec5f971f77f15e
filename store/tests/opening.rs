//! Opening a store: what is wrong is told by its kind, and only its owner can look in.

mod common;

use std::os::unix::fs::PermissionsExt as _;

use common::{tenant, worlds};
use store::keys::{DataKey, MasterKey};
use store::{OpenError, Store, StoreConfig};

fn config(data: &std::path::Path, database_url: Option<&str>) -> StoreConfig {
    StoreConfig {
        database_url: database_url.map(str::to_owned),
        data: data.to_owned(),
        master_key: MasterKey::File(data.join("keys/master.key")),
    }
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_used_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let opened = Store::open(config(&file.join("data"), None)).await;
    assert!(matches!(opened, Err(OpenError::Folder(path, _)) if path == file.join("data")));
}

#[tokio::test]
async fn another_kind_of_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for url in ["mysql://x/y", "sqlite:x.db", "", "postgre://x"] {
        let opened = Store::open(config(folder.path(), Some(url))).await;
        assert!(matches!(opened, Err(OpenError::Address)), "{url}");
    }
}

#[tokio::test]
async fn a_new_data_folder_is_for_its_owner_alone_and_any_path_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("Schüler & %41?mode=memory#x");
    let store = Store::open(config(&data, None)).await.unwrap();
    store.ping().await.unwrap();
    assert!(data.join("lectern.db").exists());
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn two_processes_may_hold_one_database() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(config(folder.path(), None)).await.unwrap();
    let second = Store::open(config(folder.path(), None)).await.unwrap();
    first.tenants().create(&tenant("a", "7d")).await.unwrap();
    second.tenants().create(&tenant("b", "7d")).await.unwrap();
    assert_eq!(first.tenants().list().await.unwrap(), second.tenants().list().await.unwrap());
}

#[tokio::test]
async fn another_master_key_opens_no_tenant() {
    for world in worlds().await.into_iter().filter(common::World::is_sqlite) {
        let id = world.tenant("default").await;
        let secret = store::tenants::Secret::new("secret");
        world.store.tenants().set_secrets(&id, &[secret]).await.unwrap();
        world.store.close().await;
        let master_key = MasterKey::Given(DataKey::random().unwrap());
        let other = StoreConfig { master_key, ..config(world.data.path(), None) };
        let other = Store::open(other).await.unwrap();
        assert!(other.tenants().secrets(&id).await.is_err());
    }
}
