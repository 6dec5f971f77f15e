//! Shared by the tests of `retention`: a school with a recorded class, and keepers that can be killed.

#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../../../store/tests/common/mod.rs"]
mod store_common;

use prometheus::Registry;
use protocol::ids::{MeetingId, TenantId};
use retention::{Keeper, SweepReport};
use store::objects::ObjectPath;
use store::recordings::SegmentResult;
use store::statistics::PersonStatistics;

pub use store_common::*;

/// A keeper as a start of the server makes it.
pub fn keeper(world: &World) -> Keeper {
    Keeper::new(world.store.clone(), &Registry::new()).expect("a keeper")
}

/// One sweep by a new keeper.
pub async fn sweep(world: &World, now_ms: i64) -> SweepReport {
    keeper(world).sweep(now_ms, false).await.expect("a sweep")
}

/// A class that ended at [`NOON`]: recorded in one segment of two objects, one signed-in person, one guest.
pub async fn recorded_class(world: &World, tenant: &TenantId, id: &str) -> MeetingId {
    let meeting = world.meeting(tenant, id).await;
    let store = &world.store;
    store.stays().begin(&stay(&meeting, &format!("{id}-a"), true, NOON - MINUTE)).await.expect("a stay");
    store.stays().begin(&stay(&meeting, &format!("{id}-b"), false, NOON - MINUTE)).await.expect("a stay");
    let begun = store.recordings().begin_segment(&meeting, NOON - MINUTE).await.expect("a segment");
    let mut bytes = 0;
    for file in ["w_a-camera.webm", "manifest.json"] {
        let path = ObjectPath::new(&meeting, begun.number, file).expect("a path");
        bytes += store.objects().put(&path, &begun.key, b"MARKER-media").expect("an object");
    }
    let result = SegmentResult { duration_ms: 60_000, bytes, tracks: 1, people: 1 };
    store.recordings().finish_segment(&meeting, begun.number, &result).await.expect("a finished segment");
    store.statistics().save(&meeting, &[statistics()]).await.expect("statistics");
    store.meetings().ended(&meeting, NOON, false).await.expect("an end");
    meeting
}

fn statistics() -> PersonStatistics {
    PersonStatistics {
        person: "w_a".into(),
        name: String::from("MARKER-name"),
        moderator: true,
        chat_messages: 1,
        times_talked: 1,
        emojis: 0,
        hands_raised: 0,
        poll_answers: 0,
        talk_ms: 1000,
        session_ms: 60_000,
        joined_ms: NOON - MINUTE,
        left_ms: Some(NOON),
    }
}
