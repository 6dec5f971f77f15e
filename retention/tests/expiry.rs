//! What is erased when, by moving the clock.

mod common;

use common::{DAY, NOON, keeper, recorded_class, stay, sweep, tenant, worlds};
use retention::receipts::verify;
use store::Retention;
use store::recordings::Standing;
use store::tenants::Terms;

#[tokio::test]
async fn r51_a_recording_is_erased_when_its_period_is_over_and_not_a_moment_before() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = recorded_class(&world, &tenant, "m-1").await;
        let due_ms = NOON + 7 * DAY;
        let before = sweep(&world, due_ms - 1).await;
        assert!(before.due.iter().all(|due| due.subject != "m-1"), "{before}");
        assert!(world.store.recordings().find(&meeting).await.unwrap().is_some());
        let report = sweep(&world, due_ms).await;
        let [receipt] = report.erased.as_slice() else { panic!("{report}") };
        assert_eq!((receipt.kind.as_str(), receipt.subject.as_str()), ("recording", "m-1"));
        assert_eq!((receipt.at_ms, receipt.reason.as_str()), (due_ms, "policy"));
        assert_eq!((receipt.destroyed.key_count, receipt.destroyed.objects), (1, 2));
        assert_eq!(receipt.destroyed.keys, ["default/recording/m-1"]);
        assert_eq!((receipt.destroyed.rows.recordings, receipt.destroyed.rows.segments), (1, 1));
        assert!(receipt.destroyed.bytes > 0);
        assert!(!world.data.path().join("objects/recordings/m-1").exists());
        assert!(!world.data.path().join("keys/tenants/default/recording/m-1.key").exists());
        let standing = world.store.recordings().standing(&meeting).await.unwrap();
        assert!(matches!(standing, Standing::Erased { at_ms } if at_ms == due_ms));
        // Statistics and support data stay (R53), and nothing is done twice.
        assert_eq!(world.store.statistics().of_meeting(&meeting).await.unwrap().len(), 1);
        assert!(sweep(&world, due_ms).await.due.is_empty());
    }
}

#[tokio::test]
async fn r51_on_request_keeps_until_somebody_asks() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = recorded_class(&world, &tenant, "m-1").await;
        world.store.tenants().set_retention(&tenant, Retention::OnRequest).await.unwrap();
        sweep(&world, NOON + 2000 * DAY).await;
        assert!(world.store.recordings().find(&meeting).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn r51_a_running_meeting_and_a_segment_being_finished_are_left_alone() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        world.store.recordings().begin_segment(&meeting, NOON).await.unwrap();
        assert!(sweep(&world, NOON + 100 * DAY).await.due.is_empty(), "the meeting runs");
        world.store.erasures().request_recording(&tenant, &meeting, NOON).await.unwrap();
        let report = sweep(&world, NOON + DAY).await;
        assert_eq!((report.waiting.len(), report.erased.len()), (1, 0), "{report}");
        let end = NOON + 2 * DAY;
        world.store.meetings().ended(&meeting, end, false).await.unwrap();
        assert_eq!(sweep(&world, end + 1000).await.waiting.len(), 1, "the recorder may still write");
        // A recorder that never reports must not keep anything alive.
        assert_eq!(sweep(&world, end + 600_000).await.erased.len(), 1);
    }
}

#[tokio::test]
async fn r52_what_was_asked_for_is_erased_at_the_next_sweep() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let (gone, kept) =
            (recorded_class(&world, &tenant, "m-1").await, recorded_class(&world, &tenant, "m-2").await);
        world.store.erasures().request_recording(&tenant, &gone, NOON + 5).await.unwrap();
        let report = sweep(&world, NOON + 6).await;
        assert_eq!(report.erased.len(), 1, "{report}");
        assert_eq!(report.erased[0].reason, "request");
        assert!(world.store.recordings().find(&kept).await.unwrap().is_some());
        assert_eq!(verify(&keeper(&world).chain()).unwrap().receipts, 1);
    }
}

#[tokio::test]
async fn r52_all_of_a_tenant_goes_on_request_and_nothing_of_another() {
    for world in worlds().await {
        let (gone, kept) = (world.tenant("gone").await, world.tenant("kept").await);
        recorded_class(&world, &gone, "m-1").await;
        recorded_class(&world, &gone, "m-2").await;
        let other = recorded_class(&world, &kept, "m-3").await;
        world.store.tenants().set_secrets(&gone, &[store::tenants::Secret::new("secret")]).await.unwrap();
        // An erasure that was open for the tenant goes with it.
        world.store.erasures().request_recording(&gone, &"m-1".into(), NOON + 9).await.unwrap();
        world.store.erasures().request_tenant(&gone, NOON + 8).await.unwrap();
        let report = sweep(&world, NOON + 10).await;
        assert!(report.failed.is_empty(), "{report}");
        assert_eq!(report.left().count(), 0, "{report}");
        let rows = report.erased[0].destroyed.rows;
        assert_eq!((rows.recordings, rows.segments, rows.stays, rows.meetings), (2, 2, 4, 2));
        assert_eq!((rows.statistics, rows.tenants), (2, 1));
        // Tenant, two meetings' recording, people, connection and address keys.
        assert_eq!(report.erased[0].destroyed.key_count, 9);
        assert_eq!(report.erased[0].destroyed.objects, 4);
        assert!(!world.data.path().join("keys/tenants/gone").exists());
        assert!(world.store.tenants().find(&gone).await.unwrap().is_none());
        assert!(world.store.erasures().open().await.unwrap().is_empty());
        assert!(world.store.recordings().find(&other).await.unwrap().is_some());
        assert_eq!(world.store.stays().of_meeting(&other).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn r53_everything_goes_five_years_after_the_contracts_end_or_sooner_if_set() {
    for world in worlds().await {
        let (five, one) = (world.tenant("five").await, world.tenant("one").await);
        recorded_class(&world, &five, "m-1").await;
        recorded_class(&world, &one, "m-2").await;
        let tenants = world.store.tenants();
        tenants.set_retention(&five, Retention::OnRequest).await.unwrap();
        tenants.set_terms(&one, Terms { end_days: 1, ..Terms::default() }).await.unwrap();
        for id in [&five, &one] {
            tenants.set_ended(id, Some(NOON)).await.unwrap();
        }
        sweep(&world, NOON + DAY - 1).await;
        assert!(tenants.find(&one).await.unwrap().is_some());
        sweep(&world, NOON + DAY).await;
        assert!(tenants.find(&one).await.unwrap().is_none());
        sweep(&world, NOON + 1826 * DAY - 1).await;
        assert_eq!(world.store.statistics().of_meeting(&"m-1".into()).await.unwrap().len(), 1);
        sweep(&world, NOON + 1826 * DAY).await;
        assert!(tenants.find(&five).await.unwrap().is_none());
        assert!(world.store.statistics().of_meeting(&"m-1".into()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn r54_addresses_and_browsers_go_four_weeks_after_the_meetings_end_or_sooner_if_set() {
    for world in worlds().await {
        let (four, one) = (world.tenant("four").await, world.tenant("one").await);
        let (long, short) =
            (recorded_class(&world, &four, "m-1").await, recorded_class(&world, &one, "m-2").await);
        let terms = Terms { connection_days: 1, ..Terms::default() };
        world.store.tenants().set_terms(&one, terms).await.unwrap();
        let known = async |meeting| {
            let stays = world.store.stays().of_meeting(meeting).await.unwrap();
            stays.iter().filter(|stay| stay.ip.is_some() || stay.browser.is_some()).count()
        };
        sweep(&world, NOON + DAY - 1).await;
        assert_eq!(known(&short).await, 2);
        // The stricter rule wins: the whole address, which R55 alone would keep for seven days, goes too.
        sweep(&world, NOON + DAY).await;
        assert_eq!((known(&short).await, known(&long).await), (0, 2));
        sweep(&world, NOON + 28 * DAY - 1).await;
        assert_eq!(known(&long).await, 2);
        sweep(&world, NOON + 28 * DAY).await;
        assert_eq!(known(&long).await, 0);
        let stays = world.store.stays().of_meeting(&long).await.unwrap();
        assert_eq!((stays[0].name.as_str(), stays[0].os.as_str()), ("MARKER-name", "MARKER-os"));
        for folder in ["address", "connection"] {
            let keys = world.data.path().join("keys/tenants/four").join(folder);
            assert_eq!(std::fs::read_dir(keys).unwrap().count(), 0, "{folder}");
        }
    }
}

#[tokio::test]
async fn r55_the_address_of_a_signed_in_person_is_cut_within_seven_days_whatever_the_hour() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        let midnight = NOON - DAY / 2;
        for (session, login_ms) in
            [("early", midnight), ("late", midnight + DAY - 1), ("next", midnight + DAY)]
        {
            world.store.stays().begin(&stay(&meeting, session, true, login_ms)).await.unwrap();
        }
        let whole = async || {
            let stays = world.store.stays().of_meeting(&meeting).await.unwrap();
            let whole = |stay: &&store::stays::Stay| stay.ip == Some("203.0.113.77".parse().unwrap());
            let cut = |stay: &&store::stays::Stay| stay.ip == Some("203.0.113.0".parse().unwrap());
            assert_eq!(stays.iter().filter(whole).count() + stays.iter().filter(cut).count(), 3);
            stays.iter().filter(whole).map(|stay| stay.session.0.clone()).collect::<Vec<_>>()
        };
        sweep(&world, midnight + 7 * DAY - 1).await;
        assert_eq!(whole().await, ["early", "late", "next"]);
        sweep(&world, midnight + 7 * DAY).await;
        assert_eq!(whole().await, ["next"], "the meeting runs, but the rule counts from the login");
        sweep(&world, midnight + 8 * DAY).await;
        assert!(whole().await.is_empty());
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_is_due_and_touches_nothing() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = recorded_class(&world, &tenant, "m-1").await;
        let keeper = keeper(&world);
        let report = keeper.sweep(NOON + 8 * DAY, true).await.unwrap();
        let text = report.to_string();
        assert!(text.starts_with("dry run at 2026-1"), "{text}");
        assert!(text.contains("due     recording m-1 of default since 2026-"), "{text}");
        assert!(text.contains("nothing was erased"), "{text}");
        assert_eq!((report.due.len(), report.erased.len()), (2, 0), "{text}");
        assert!(world.store.recordings().find(&meeting).await.unwrap().is_some());
        assert!(!keeper.chain().exists());
        let text = keeper.sweep(NOON + 8 * DAY, false).await.unwrap().to_string();
        assert!(text.contains("erased  recording m-1 of default: 1 keys, 2 objects"), "{text}");
        assert!(text.ends_with("2 erased, 0 waiting, 0 failed\n"), "{text}");
    }
}

#[tokio::test]
async fn r51_many_recordings_of_many_tenants_go_each_at_its_own_time() {
    for world in worlds().await {
        for (id, period) in [("seven", "7d"), ("fourteen", "14d"), ("kept", "on-request")] {
            world.store.tenants().create(&tenant(id, period)).await.unwrap();
            for number in 0..3 {
                recorded_class(&world, &id.into(), &format!("{id}-{number}")).await;
            }
        }
        let left = async || world.store.recordings().totals().await.unwrap().recordings;
        for (day, expected) in [(6, 9), (7, 6), (13, 6), (14, 3), (1000, 3)] {
            sweep(&world, NOON + day * DAY).await;
            assert_eq!(left().await, expected, "day {day}");
        }
        verify(&keeper(&world).chain()).unwrap();
    }
}
