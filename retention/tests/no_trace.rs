//! After an erasure nothing of what was planted is in any file under the data folder.

mod common;

use common::{DAY, NOON, World, files_with, recorded_class, sweep, worlds};

/// Everything that was planted: media, title, metadata, names, user id, browser, system.
const MARKERS: [&[u8]; 3] = [b"MARKER", b"203.0.113.77", b"203.0.113."];

fn assert_no_trace(world: &World, when: &str) {
    for marker in MARKERS {
        let (found, searched) = files_with(world.data.path(), marker);
        assert!(found.is_empty(), "{when}: {} is in {found:?}", String::from_utf8_lossy(marker));
        // Keys, receipts, and the database if it lies here.
        assert!(searched >= 4, "{when}: only {searched} files");
    }
}

#[tokio::test]
async fn n1_r30_planted_markers_are_in_no_file_before_or_after_an_erasure() {
    for mut world in worlds().await {
        let tenant = world.tenant("default").await;
        recorded_class(&world, &tenant, "m-1").await;
        assert_no_trace(&world, "while it is kept");
        assert_eq!(sweep(&world, NOON + 7 * DAY).await.failed.len(), 0);
        assert_no_trace(&world, "after the recording");
        assert_eq!(sweep(&world, NOON + 28 * DAY).await.failed.len(), 0);
        assert_no_trace(&world, "after the connection data");
        world.store.erasures().request_tenant(&tenant, NOON + 29 * DAY).await.unwrap();
        assert_eq!(sweep(&world, NOON + 29 * DAY).await.failed.len(), 0);
        assert_no_trace(&world, "after the tenant");
        world.restart().await;
        assert_no_trace(&world, "after a restart");
    }
}

#[tokio::test]
async fn n1_r74_what_was_backed_up_before_an_erasure_is_noise_after_it() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = recorded_class(&world, &tenant, "m-1").await;
        let path = store::objects::ObjectPath::new(&meeting, 1, "w_a-camera.webm").unwrap();
        let stored = world.data.path().join("objects/recordings/m-1/1/w_a-camera.webm.sealed");
        let backup = std::fs::read(&stored).unwrap();
        sweep(&world, NOON + 7 * DAY).await;
        // The file comes back from the backup, but its key cannot: the ring is not backed up with it.
        std::fs::create_dir_all(stored.parent().unwrap()).unwrap();
        std::fs::write(&stored, &backup).unwrap();
        assert!(world.store.objects().exists(&path));
        let name = store::keys::KeyName::new(&tenant, store::keys::KeyUse::Recording, &meeting);
        assert!(matches!(world.store.keys().open_key(&name), Err(store::keys::KeyError::Missing)));
        assert!(world.store.recordings().data_key(&meeting).await.is_err());
    }
}

#[tokio::test]
async fn n1_erased_rows_leave_nothing_in_sqlites_own_files() {
    for world in worlds().await.into_iter().filter(World::is_sqlite) {
        let tenant = world.tenant("default").await;
        // The only text about a recording that lies open: the front end's id of the meeting.
        let mut meeting = common::meeting(&tenant, "m-1");
        meeting.external_id = String::from("PLAIN-external-id");
        world.store.meetings().create(&meeting).await.unwrap();
        assert!(!files_with(world.data.path(), b"PLAIN-external-id").0.is_empty());
        world.store.erasures().request_tenant(&tenant, NOON).await.unwrap();
        sweep(&world, NOON).await;
        assert!(files_with(world.data.path(), b"PLAIN-external-id").0.is_empty());
    }
}
