//! The same as `kill_anywhere`, with a process that ends by `abort` in the middle of a sweep.

mod common;

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use common::{DAY, MINUTE, NOON, files_with, recorded_class, tenant};
use prometheus::Registry;
use retention::receipts::verify;
use retention::{Keeper, Point};
use store::keys::MasterKey;
use store::{Store, StoreConfig};

const SIGABRT: i32 = 6;
const NOW: i64 = NOON + 7 * DAY;

async fn open(data: &std::path::Path) -> Store {
    let master_key = MasterKey::File(data.join("keys/master.key"));
    Store::open(StoreConfig { database_url: None, data: data.to_owned(), master_key }).await.expect("a store")
}

#[tokio::test]
async fn n1_r51_a_sweep_whose_process_dies_is_finished_by_the_next() {
    for point in Point::ALL {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        store.tenants().create(&tenant("default", "7d")).await.unwrap();
        let world = common::World::around(store, folder);
        recorded_class(&world, &"default".into(), "m-1").await;
        world.store.close().await;
        let died = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_process_that_dies", "--ignored"])
            .env("LECTERN_TEST_DATA", world.data.path())
            .env("LECTERN_TEST_POINT", format!("{point:?}"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&died.stdout);
        assert_eq!(died.status.signal(), Some(SIGABRT), "{point:?}: {said}");
        let store = open(world.data.path()).await;
        // What a server does at its start.
        store.meetings().end_all_running(NOW).await.unwrap();
        let keeper = Keeper::new(store.clone(), &Registry::new()).unwrap();
        let report = keeper.sweep(NOW + MINUTE, false).await.unwrap();
        assert!(report.failed.is_empty(), "{point:?}: {report}");
        assert_eq!(verify(&keeper.chain()).unwrap().receipts, 2, "{point:?}: addresses and recording");
        assert_eq!(store.recordings().totals().await.unwrap().recordings, 0, "{point:?}");
        assert!(!world.data.path().join("objects/recordings/m-1").exists(), "{point:?}");
        assert!(files_with(world.data.path(), b"MARKER").0.is_empty(), "{point:?}");
    }
}

/// Runs in a process of its own, started by the test above.
#[tokio::test]
#[ignore = "ends its process"]
async fn the_process_that_dies() {
    let Ok(data) = std::env::var("LECTERN_TEST_DATA") else { return };
    let wanted = std::env::var("LECTERN_TEST_POINT").unwrap();
    let store = open(std::path::Path::new(&data)).await;
    let die = move |point: Point| if format!("{point:?}") == wanted { std::process::abort() } else { true };
    let keeper = Keeper::new(store, &Registry::new()).unwrap().with_failpoint(die);
    let _ = keeper.sweep(NOW, false).await;
}
