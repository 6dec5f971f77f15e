//! Recordings and their one door, on every database.

mod common;

use std::collections::BTreeMap;

use common::{DAY, MINUTE, NOON, files_with, meeting, worlds};
use store::Error;
use store::recordings::{
    RecordingQuery, RecordingState, RecordingTotals, SegmentResult, SegmentState, Standing,
};

const RESULT: SegmentResult = SegmentResult { duration_ms: 60_000, bytes: 1234, tracks: 3, people: 2 };

#[tokio::test]
async fn r33_segments_are_counted_finished_and_read_back() {
    for mut world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        let recordings = world.store.recordings();
        let first = recordings.begin_segment(&meeting, NOON).await.unwrap();
        let second = recordings.begin_segment(&meeting, NOON + MINUTE).await.unwrap();
        let third = recordings.begin_segment(&meeting, NOON + 2 * MINUTE).await.unwrap();
        assert_eq!((first.number, second.number, third.number), (1, 2, 3));
        assert_eq!(first.key.as_bytes(), third.key.as_bytes());
        let found = recordings.find(&meeting).await.unwrap().unwrap();
        assert_eq!((found.state, found.name.as_str()), (RecordingState::Processing, "MARKER-title"));
        recordings.finish_segment(&meeting, 1, &RESULT).await.unwrap();
        recordings.fail_segment(&meeting, 2).await.unwrap();
        world.restart().await;
        let recordings = world.store.recordings();
        assert_eq!(recordings.unfinished_segments().await.unwrap(), [(meeting.clone(), 3)]);
        recordings.finish_segment(&meeting, 3, &RESULT).await.unwrap();
        let found = recordings.find(&meeting).await.unwrap().unwrap();
        assert_eq!(found.state, RecordingState::Published);
        assert_eq!((found.bytes(), found.duration_ms(), found.people()), (2468, 120_000, 2));
        assert_eq!(found.segments[1].state, SegmentState::Failed);
        assert_eq!(found.segments[2].started_ms, NOON + 2 * MINUTE);
        assert_eq!(recordings.totals().await.unwrap(), RecordingTotals { recordings: 1, bytes: 2468 });
        assert_eq!(recordings.data_key(&meeting).await.unwrap().as_bytes(), first.key.as_bytes());
        assert!(matches!(
            recordings.finish_segment(&meeting, 4, &RESULT).await,
            Err(Error::Unknown("segment"))
        ));
        assert!(files_with(world.data.path(), b"MARKER").0.is_empty(), "a title lies open");
    }
}

#[tokio::test]
async fn r30_only_a_running_meeting_made_for_it_can_be_recorded() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let mut unrecorded = meeting(&tenant, "m-1");
        unrecorded.record = false;
        world.store.meetings().create(&unrecorded).await.unwrap();
        let ended = world.meeting(&tenant, "m-2").await;
        world.store.meetings().ended(&ended, NOON, false).await.unwrap();
        for id in [&unrecorded.id, &ended] {
            let begun = world.store.recordings().begin_segment(id, NOON).await;
            assert!(matches!(begun, Err(Error::RecordingOff)), "{id}");
        }
        let nowhere = world.store.recordings().begin_segment(&"m-9".into(), NOON).await;
        assert!(matches!(nowhere, Err(Error::Unknown("meeting"))));
        assert_eq!(world.store.recordings().totals().await.unwrap(), RecordingTotals::default());
    }
}

#[tokio::test]
async fn r32_a_tenant_that_switched_recording_off_is_not_recorded() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        world.store.tenants().set_recording_allowed(&tenant, false).await.unwrap();
        let begun = world.store.recordings().begin_segment(&meeting, NOON).await;
        assert!(matches!(begun, Err(Error::RecordingOff)));
        assert!(!world.data.path().join("keys/tenants/default/recording").exists(), "a key was made");
    }
}

#[tokio::test]
async fn r34_what_is_unpublished_or_renamed_says_so_and_belongs_to_its_tenant() {
    for world in worlds().await {
        let (a, b) = (world.tenant("a").await, world.tenant("b").await);
        for (tenant, id) in [(&a, "m-1"), (&a, "m-2"), (&b, "m-3")] {
            let meeting = world.meeting(tenant, id).await;
            let begun = world.store.recordings().begin_segment(&meeting, NOON).await.unwrap();
            world.store.recordings().finish_segment(&meeting, begun.number, &RESULT).await.unwrap();
        }
        let recordings = world.store.recordings();
        recordings.set_published(&"m-1".into(), false).await.unwrap();
        recordings.set_protected(&"m-1".into(), true).await.unwrap();
        let metadata = BTreeMap::from([(String::from("k"), String::from("v"))]);
        recordings.set_about(&"m-1".into(), "Renamed", &metadata).await.unwrap();
        let found = recordings.find(&"m-1".into()).await.unwrap().unwrap();
        assert_eq!((found.state, found.protected), (RecordingState::Unpublished, true));
        assert_eq!((found.name.as_str(), found.metadata), ("Renamed", metadata));
        let listed = async |tenant, query: RecordingQuery| {
            let found = recordings.list(tenant, &query).await.unwrap();
            found.into_iter().map(|recording| recording.id.0).collect::<Vec<_>>()
        };
        let ids = |ids: &[&str]| RecordingQuery {
            ids: ids.iter().map(|&id| id.into()).collect(),
            ..Default::default()
        };
        assert_eq!(listed(&a, RecordingQuery::default()).await, ["m-1", "m-2"]);
        assert_eq!(listed(&a, ids(&["m-2", "m-3"])).await, ["m-2"]);
        let external_ids = vec![String::from("course-m-1")];
        assert_eq!(listed(&a, RecordingQuery { external_ids, ..Default::default() }).await, ["m-1"]);
        assert!(matches!(recordings.set_published(&"m-9".into(), true).await, Err(Error::Unknown(_))));
    }
}

#[tokio::test]
async fn r51_a_recordings_due_time_follows_the_policy_in_force() {
    for world in worlds().await {
        let tenant = world.tenant("default").await;
        let meeting = world.meeting(&tenant, "m-1").await;
        world.store.recordings().begin_segment(&meeting, NOON).await.unwrap();
        let due = async || world.store.recordings().find(&meeting).await.unwrap().unwrap().due_ms;
        assert_eq!(due().await, None, "the meeting runs");
        world.store.meetings().ended(&meeting, NOON + MINUTE, false).await.unwrap();
        assert_eq!(due().await, Some(NOON + MINUTE + 7 * DAY));
        world.store.tenants().set_retention(&tenant, store::Retention::Days(14)).await.unwrap();
        assert_eq!(due().await, Some(NOON + MINUTE + 14 * DAY));
        world.store.tenants().set_retention(&tenant, store::Retention::OnRequest).await.unwrap();
        assert_eq!(due().await, None);
    }
}

#[tokio::test]
async fn r52_a_recording_whose_erasure_was_asked_for_is_out_of_reach_at_once() {
    for mut world in worlds().await {
        let (tenant, other) = (world.tenant("default").await, world.tenant("other").await);
        let meeting = world.meeting(&tenant, "m-1").await;
        world.store.recordings().begin_segment(&meeting, NOON).await.unwrap();
        let stranger = world.store.erasures().request_recording(&other, &meeting, NOON).await;
        assert!(matches!(stranger, Err(Error::Unknown("recording"))));
        for _ in 0..2 {
            world.store.erasures().request_recording(&tenant, &meeting, NOON).await.unwrap();
        }
        world.store.erasure_requested().await;
        world.restart().await;
        let recordings = world.store.recordings();
        assert_eq!(world.store.erasures().open().await.unwrap().len(), 1);
        assert!(recordings.find(&meeting).await.unwrap().is_none());
        assert!(recordings.list(&tenant, &RecordingQuery::default()).await.unwrap().is_empty());
        assert!(matches!(recordings.data_key(&meeting).await, Err(Error::BeingErased)));
        assert!(matches!(recordings.begin_segment(&meeting, NOON).await, Err(Error::BeingErased)));
        assert!(matches!(recordings.set_published(&meeting, true).await, Err(Error::Unknown(_))));
        assert!(matches!(recordings.standing(&meeting).await.unwrap(), Standing::BeingErased));
        assert!(matches!(recordings.standing(&"m-9".into()).await.unwrap(), Standing::Unknown));
    }
}
