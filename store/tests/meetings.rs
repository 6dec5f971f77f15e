//! Meetings, support data and statistics, on every database.

mod common;

use std::collections::BTreeMap;

use common::{DAY, MINUTE, NOON, files_with, meeting, stay, worlds};
use store::Error;
use store::statistics::PersonStatistics;

#[tokio::test]
async fn r50_a_meeting_is_read_back_and_loses_its_metadata_when_it_ends() {
    for mut world in worlds().await {
        let tenant = world.tenant("default").await;
        let made = meeting(&tenant, "m-1");
        world.store.meetings().create(&made).await.unwrap();
        assert!(matches!(world.store.meetings().create(&made).await, Err(Error::Exists("meeting"))));
        world.store.meetings().started(&made.id, NOON + 5).await.unwrap();
        world.store.meetings().started(&made.id, NOON + 9).await.unwrap();
        world.restart().await;
        let found = world.store.meetings().find(&made.id).await.unwrap().unwrap();
        assert_eq!(found.made, made);
        assert_eq!((found.started_ms, found.ended_ms, found.forcibly_ended), (Some(NOON + 5), None, false));
        world.store.meetings().ended(&made.id, NOON + MINUTE, true).await.unwrap();
        world.store.meetings().ended(&made.id, NOON + DAY, false).await.unwrap();
        let found = world.store.meetings().find(&made.id).await.unwrap().unwrap();
        assert_eq!((found.ended_ms, found.forcibly_ended), (Some(NOON + MINUTE), true));
        assert_eq!(found.made.metadata, BTreeMap::new());
        assert!(files_with(world.data.path(), b"MARKER").0.is_empty(), "a title lies open");
    }
}

#[tokio::test]
async fn r6_meetings_of_one_tenant_are_not_found_by_another() {
    for world in worlds().await {
        let (a, b) = (world.tenant("a").await, world.tenant("b").await);
        let mut same = meeting(&b, "m-3");
        same.external_id = String::from("course-m-1");
        world.store.meetings().create(&same).await.unwrap();
        let mut later = meeting(&a, "m-2");
        later.external_id = String::from("course-m-1");
        later.created_ms += 1;
        world.meeting(&a, "m-1").await;
        world.store.meetings().create(&later).await.unwrap();
        let ids = |meetings: Vec<store::meetings::Meeting>| {
            meetings.into_iter().map(|meeting| meeting.made.id.0).collect::<Vec<_>>()
        };
        assert_eq!(ids(world.store.meetings().by_external(&a, "course-m-1").await.unwrap()), ["m-2", "m-1"]);
        assert_eq!(ids(world.store.meetings().list(&b).await.unwrap()), ["m-3"]);
        assert!(matches!(
            world.store.meetings().create(&meeting(&"nobody".into(), "m-9")).await,
            Err(Error::Unknown("tenant"))
        ));
    }
}

#[tokio::test]
async fn r40_support_data_is_complete_and_lies_sealed() {
    for mut world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        let written = stay(&meeting, "s1", true, NOON);
        world.store.stays().begin(&written).await.unwrap();
        assert!(matches!(world.store.stays().begin(&written).await, Err(Error::Exists("stay"))));
        world.store.stays().reconnected(&written.session).await.unwrap();
        world.store.stays().reconnected(&written.session).await.unwrap();
        world.store.stays().end(&written.session, NOON + MINUTE).await.unwrap();
        world.store.stays().end(&written.session, NOON + DAY).await.unwrap();
        world.restart().await;
        let stays = world.store.stays().of_meeting(&meeting).await.unwrap();
        let [read] = stays.as_slice() else { panic!("{} stays", stays.len()) };
        assert_eq!(
            (&read.session, &read.person, &read.name),
            (&written.session, &written.person, &written.name)
        );
        assert_eq!((&read.user_id, &read.os), (&written.user_id, &written.os));
        assert_eq!((read.browser.as_ref(), read.ip), (Some(&written.browser), Some(written.ip)));
        assert_eq!((read.login_ms, read.logout_ms, read.reconnects), (NOON, Some(NOON + MINUTE), 2));
        assert!(read.signed_in && !read.moderator);
        for secret in ["MARKER", "203.0.113.77", "203.0.113."] {
            assert!(files_with(world.data.path(), secret.as_bytes()).0.is_empty(), "{secret} lies open");
        }
    }
}

#[tokio::test]
async fn r55_a_guests_address_is_cut_before_it_is_written() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        world.store.stays().begin(&stay(&meeting, "s1", false, NOON)).await.unwrap();
        let stays = world.store.stays().of_meeting(&meeting).await.unwrap();
        assert_eq!(stays[0].ip, Some("203.0.113.0".parse().unwrap()));
        assert!(world.store.removal().address_days_of(&meeting).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn r40_a_meeting_that_was_running_when_the_server_died_is_ended_with_its_stays() {
    for mut world in worlds().await {
        let tenant = world.tenant("default").await;
        let (running, ended) = (world.meeting(&tenant, "m-1").await, world.meeting(&tenant, "m-2").await);
        world.store.meetings().ended(&ended, NOON, false).await.unwrap();
        world.store.stays().begin(&stay(&running, "s1", true, NOON)).await.unwrap();
        world.restart().await;
        let closed = world.store.meetings().end_all_running(NOON + MINUTE).await.unwrap();
        assert_eq!(closed, std::slice::from_ref(&running));
        assert_eq!(world.store.stays().of_meeting(&running).await.unwrap()[0].logout_ms, Some(NOON + MINUTE));
        assert!(world.store.meetings().end_all_running(NOON + DAY).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn r41_statistics_are_complete_replaced_by_newer_ones_and_lie_sealed() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        let person = |id: &str, joined_ms| PersonStatistics {
            person: id.into(),
            name: format!("MARKER-{id}"),
            moderator: id == "w_a",
            chat_messages: 1,
            times_talked: 2,
            emojis: 3,
            hands_raised: 4,
            poll_answers: 5,
            talk_ms: 6,
            session_ms: 7,
            joined_ms,
            left_ms: None,
        };
        let statistics = world.store.statistics();
        statistics.save(&meeting, &[person("w_b", NOON + 1), person("w_a", NOON)]).await.unwrap();
        let newer = PersonStatistics { talk_ms: 66, left_ms: Some(NOON + 9), ..person("w_a", NOON) };
        statistics.save(&meeting, std::slice::from_ref(&newer)).await.unwrap();
        let read = statistics.of_meeting(&meeting).await.unwrap();
        assert!(read == [newer, person("w_b", NOON + 1)]);
        assert!(files_with(world.data.path(), b"MARKER").0.is_empty(), "a name lies open");
        assert!(matches!(statistics.save(&"m-9".into(), &[]).await, Err(Error::Unknown("meeting"))));
    }
}

#[tokio::test]
async fn r40_a_whole_class_may_come_at_once() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        let coming: Vec<_> = (0..40)
            .map(|number| {
                let (store, stay) = (world.store.clone(), stay(&meeting, &format!("s{number}"), true, NOON));
                tokio::spawn(async move { store.stays().begin(&stay).await })
            })
            .collect();
        for task in coming {
            task.await.unwrap().unwrap();
        }
        assert_eq!(world.store.stays().of_meeting(&meeting).await.unwrap().len(), 40);
    }
}
