//! An erasure that is killed at any step is taken up, finished once, and has one receipt.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{DAY, NOON, World, keeper, recorded_class, sweep, worlds};
use retention::receipts::{Receipt, verify};
use retention::{Point, SweepError};
use store::Error;
use store::recordings::Standing;

/// Sweeps, being killed when the `nth` erasure reaches `point`.
async fn sweep_until(world: &World, now_ms: i64, point: Point, nth: usize) {
    let reached = Arc::new(AtomicUsize::new(0));
    let keeper =
        keeper(world).with_failpoint(move |at| at != point || reached.fetch_add(1, Ordering::Relaxed) != nth);
    match keeper.sweep(now_ms, false).await {
        Err(SweepError::Killed(at)) => assert_eq!(at, point),
        other => panic!("{point:?} was not reached: {other:?}"),
    }
}

fn receipts(world: &World) -> Vec<Receipt> {
    let text = std::fs::read_to_string(keeper(world).chain()).expect("a chain");
    text.lines().map(|line| serde_json::from_str(line).expect("a receipt")).collect()
}

#[tokio::test]
async fn n1_r51_a_recordings_erasure_survives_a_kill_at_every_step() {
    for point in Point::ALL {
        for mut world in worlds().await {
            let tenant = world.tenant("default").await;
            let meeting = recorded_class(&world, &tenant, "m-1").await;
            let now_ms = NOON + 7 * DAY;
            // Whole addresses are due some hours before.
            sweep(&world, now_ms - 1).await;
            sweep_until(&world, now_ms, point, 0).await;
            // From the first moment on, and after the restart, nobody is served.
            world.restart().await;
            let key = world.store.recordings().data_key(&meeting).await;
            assert!(matches!(key, Err(Error::BeingErased | Error::Unknown(_))), "{point:?}");
            let standing = world.store.recordings().standing(&meeting).await.unwrap();
            assert!(!matches!(standing, Standing::Stored(_)), "{point:?}");
            sweep(&world, now_ms + 1).await;
            assert_gone(&world, point).await;
        }
    }
}

async fn assert_gone(world: &World, point: Point) {
    let data = world.data.path();
    assert!(!data.join("objects/recordings/m-1").exists(), "{point:?}");
    assert!(!data.join("keys/tenants/default/recording/m-1.key").exists(), "{point:?}");
    assert_eq!(world.store.recordings().totals().await.expect("totals").recordings, 0, "{point:?}");
    assert!(world.store.erasures().open().await.expect("erasures").is_empty(), "{point:?}");
    let receipts: Vec<_> =
        receipts(world).into_iter().filter(|receipt| receipt.kind == "recording").collect();
    let [receipt] = receipts.as_slice() else { panic!("{point:?}: {} receipts", receipts.len()) };
    // What was counted before the kill is what the receipt tells.
    assert_eq!((receipt.destroyed.key_count, receipt.destroyed.objects), (1, 2), "{point:?}");
    assert_eq!(receipt.destroyed.rows.total(), 2, "{point:?}");
    assert_eq!(verify(&keeper(world).chain()).expect("an unbroken chain").receipts, 2, "{point:?}");
}

#[tokio::test]
async fn n1_r52_a_tenants_erasure_survives_a_kill_at_every_step() {
    for point in Point::ALL.into_iter().filter(|&point| point != Point::Requested) {
        for mut world in worlds().await {
            let tenant = world.tenant("default").await;
            recorded_class(&world, &tenant, "m-1").await;
            world.meeting(&tenant, "m-2").await;
            world.store.erasures().request_tenant(&tenant, NOON).await.unwrap();
            sweep_until(&world, NOON + 1, point, 0).await;
            world.restart().await;
            // The start of the server comes before the sweep, and must not trip over what is half erased.
            world.store.meetings().end_all_running(NOON + 1).await.unwrap();
            let report = sweep(&world, NOON + 2).await;
            assert!(report.failed.is_empty(), "{point:?}: {report}");
            assert!(world.store.tenants().list().await.unwrap().is_empty(), "{point:?}");
            assert!(!world.data.path().join("keys/tenants/default").exists(), "{point:?}");
            let receipts = receipts(&world);
            assert_eq!(receipts.len(), 1, "{point:?}");
            assert_eq!(receipts[0].destroyed.key_count, 6, "{point:?}");
            assert_eq!(receipts[0].destroyed.rows.total(), 2 + 2 + 1 + 2 + 1, "{point:?}");
        }
    }
}

#[tokio::test]
async fn n1_r54_r55_connection_datas_erasure_survives_a_kill_at_every_step() {
    for point in Point::ALL {
        for mut world in worlds().await {
            let tenant = world.tenant("default").await;
            world.store.tenants().set_retention(&tenant, store::Retention::OnRequest).await.unwrap();
            let meeting = recorded_class(&world, &tenant, "m-1").await;
            let now_ms = NOON + 28 * DAY;
            // Two erasures are due: of whole addresses, and of connection data; the second is killed.
            sweep_until(&world, now_ms, point, 1).await;
            world.restart().await;
            // Support data can be read whatever is half done.
            assert_eq!(world.store.stays().of_meeting(&meeting).await.unwrap().len(), 2, "{point:?}");
            let report = sweep(&world, now_ms).await;
            assert!(report.failed.is_empty(), "{point:?}: {report}");
            let stays = world.store.stays().of_meeting(&meeting).await.unwrap();
            assert!(stays.iter().all(|stay| stay.ip.is_none() && stay.browser.is_none()), "{point:?}");
            let kinds: Vec<_> = receipts(&world).into_iter().map(|receipt| receipt.kind).collect();
            assert_eq!(kinds, ["addresses", "connections"], "{point:?}");
        }
    }
}

#[tokio::test]
async fn n1_an_erasure_that_is_killed_again_and_again_comes_to_its_end() {
    for mut world in worlds().await {
        let tenant = world.tenant("default").await;
        recorded_class(&world, &tenant, "m-1").await;
        let now_ms = NOON + 7 * DAY;
        for point in Point::ALL {
            let _ = keeper(&world).with_failpoint(move |at| at != point).sweep(now_ms, false).await;
            world.restart().await;
        }
        sweep(&world, now_ms).await;
        assert_gone(&world, Point::Closed).await;
    }
}
