//! The notice says what the sweep does, and the metrics what it left.

mod common;

use common::{DAY, NOON, recorded_class, tenant, worlds};
use prometheus::{Registry, TextEncoder};
use retention::{Keeper, Language, notice};
use store::Retention;
use store::tenants::Terms;

#[test]
fn n2_every_number_of_the_notice_comes_from_the_policy_in_force() {
    for (language, day, days) in [(Language::English, "1 day ", "days"), (Language::German, "1 Tag ", "Tage")]
    {
        let mut school = tenant("default", "11d");
        school.terms = Terms { address_days: 3, connection_days: 13, end_days: 400 };
        let text = notice(&school, language);
        for number in [11, 3, 13, 400] {
            assert!(text.contains(&format!(" {number} {days} ")), "{number} in {text}");
        }
        let numbers =
            |text: &str| text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).count();
        assert_eq!(numbers(&text), 4, "a number that no policy gave: {text}");
        assert!(text.contains("School default"));
        school.retention = Retention::OnRequest;
        school.terms.address_days = 1;
        let other = notice(&school, language);
        assert!(!other.contains("11") && other.contains(day), "{other}");
        school.recording_allowed = false;
        assert_ne!(notice(&school, language), other);
    }
    assert_eq!("de".parse(), Ok(Language::German));
    assert!("fr".parse::<Language>().is_err());
}

#[tokio::test]
async fn r43_metrics_tell_what_is_due_overdue_and_erased_without_naming_anybody() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        world.store.tenants().set_retention(&tenant, Retention::Days(3)).await.unwrap();
        recorded_class(&world, &tenant, "m-1").await;
        let registry = Registry::new();
        let keeper = Keeper::new(world.store.clone(), &registry).unwrap();
        let text = || TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        let has = |line: &str| assert!(text().lines().any(|found| found == line), "{line} in\n{}", text());
        keeper.sweep(NOON + 5 * DAY, true).await.unwrap();
        has("lectern_retention_due_items 1");
        has("lectern_retention_overdue_items 1");
        has("lectern_retention_oldest_due_seconds 172800");
        has("lectern_erasures_total{kind=\"recording\",result=\"erased\"} 0");
        keeper.sweep(NOON + 5 * DAY, false).await.unwrap();
        has("lectern_retention_due_items 0");
        has("lectern_retention_overdue_items 0");
        has("lectern_retention_oldest_due_seconds 0");
        has("lectern_erasures_total{kind=\"recording\",result=\"erased\"} 1");
        for name in ["default", "m-1", "MARKER", "203.0"] {
            assert!(!text().contains(name), "{name}");
        }
    }
}

#[tokio::test]
async fn n1_what_cannot_be_erased_stays_open_is_counted_and_is_tried_again() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        recorded_class(&world, &tenant, "m-1").await;
        let registry = Registry::new();
        let keeper = Keeper::new(world.store.clone(), &registry).unwrap();
        // A key that cannot be unlinked, because it is a folder with something in it.
        let key = world.data.path().join("keys/tenants/default/recording/m-1.key");
        std::fs::remove_file(&key).unwrap();
        std::fs::create_dir_all(key.join("in the way")).unwrap();
        let report = keeper.sweep(NOON + 7 * DAY, false).await.unwrap();
        assert_eq!((report.failed.len(), report.left().count()), (1, 1), "{report}");
        let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        assert!(text.contains("lectern_erasures_total{kind=\"recording\",result=\"failed\"} 1"), "{text}");
        assert!(text.contains("lectern_retention_due_items 1"), "{text}");
        std::fs::remove_dir_all(&key).unwrap();
        assert_eq!(keeper.sweep(NOON + 8 * DAY, false).await.unwrap().failed.len(), 0);
        assert!(world.store.erasures().open().await.unwrap().is_empty());
    }
}
