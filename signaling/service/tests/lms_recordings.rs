//! Calls about recordings, as the known front ends make them.

mod common;

use common::TestServer;
use protocol::ids::MeetingId;
use service::lms::tree::Element;
use store::recordings::SegmentResult;

const RESULT: SegmentResult = SegmentResult { duration_ms: 95_000, bytes: 4321, tracks: 2, people: 2 };

/// A meeting with one finished segment; its recording's id.
async fn record(server: &TestServer, external: &str, name: &str) -> String {
    let query =
        format!("meetingID={external}&name={name}&record=true&meta_bbb-recording-name={name}&meta_course=5b");
    let made = server.call("create", &query).await;
    let id = MeetingId::from(made.at("internalMeetingID"));
    let start = made.at("createTime").parse::<i64>().expect("a time");
    let begun = server.store.recordings().begin_segment(&id, start).await.expect("a segment");
    server.store.recordings().finish_segment(&id, begun.number, &RESULT).await.expect("finished");
    server.now_ms.fetch_add(1000, std::sync::atomic::Ordering::Relaxed);
    id.to_string()
}

fn ids(answer: &Element) -> Vec<&str> {
    let list = answer.child("recordings").map(|list| list.children.as_slice()).unwrap_or_default();
    list.iter().map(|recording| recording.at("recordID")).collect()
}

#[tokio::test]
async fn n3_r34_a_recording_is_listed_with_a_signed_link() {
    let server = TestServer::start().await;
    let id = record(&server, "course-1", "Algebra").await;
    let answer = server.call("getRecordings", &format!("recordID={id}&state=any")).await;
    let recording =
        answer.child("recordings").and_then(|list| list.child("recording")).expect("one recording");
    for (path, text) in [
        ("recordID", id.as_str()),
        ("internalMeetingID", id.as_str()),
        ("meetingID", "course-1"),
        ("name", "Algebra"),
        ("published", "true"),
        ("protected", "false"),
        ("state", "published"),
        ("participants", "2"),
        ("metadata/bbb-recording-name", "Algebra"),
        ("playback/format/type", "presentation"),
        ("playback/format/length", "2"),
    ] {
        assert_eq!(recording.at(path), text, "{path}");
    }
    let url = recording.at("playback/format/url");
    assert!(url.starts_with(&format!("{}/recordings/{id}?t=", server.url)), "{url}");
    let (start, end) = (recording.at("startTime"), recording.at("endTime"));
    assert_eq!(end.parse::<i64>().expect("ms") - start.parse::<i64>().expect("ms"), 95_000);
}

#[tokio::test]
async fn an_id_that_names_nothing_never_means_all_recordings() {
    let server = TestServer::start().await;
    let (one, two) = (record(&server, "course-1", "One").await, record(&server, "course-2", "Two").await);
    assert_eq!(ids(&server.call("getRecordings", "").await).len(), 2, "without any id all of the tenant's");
    let exact = [
        ("meetingID=course-1%2C&state=published", vec![one.as_str()]),
        ("meetingID=course-1%2Cunknown", vec![one.as_str()]),
        ("meetingID=course-1%2Ccourse-2", vec![two.as_str(), one.as_str()]),
        ("meetingID=%2C&state=published", vec![]),
        ("meetingID=", vec![]),
        ("meetingID=&recordID=", vec![]),
        ("recordID=%2C%2C", vec![]),
        ("meetingID=course-1&recordID=", vec![one.as_str()]),
        ("meetingID=unknown", vec![]),
    ];
    for (query, expected) in exact {
        let answer = server.call("getRecordings", query).await;
        assert_eq!((answer.at("returncode"), ids(&answer)), ("SUCCESS", expected.clone()), "{query}");
        assert_eq!(answer.at("messageKey") == "noRecordings", expected.is_empty(), "{query}");
        assert!(answer.child("recordings").is_some());
    }
    let both = format!("recordID={two}&meetingID=course-1");
    assert_eq!(ids(&server.call("getRecordings", &both).await), [two.as_str()], "record ids win");
    let start = two.split('-').next().expect("a digest");
    assert_eq!(ids(&server.call("getRecordings", &format!("recordID={start}")).await), [two.as_str()]);
}

#[tokio::test]
async fn states_metadata_and_pages_choose() {
    let server = TestServer::start().await;
    let mut all = Vec::new();
    for number in 0..3 {
        all.insert(0, record(&server, &format!("course-{number}"), &format!("Name{number}")).await);
    }
    assert_eq!(ids(&server.call("getRecordings", "meta_course=5b").await), all);
    assert_eq!(ids(&server.call("getRecordings", "meta_course=6a").await).len(), 0);
    assert_eq!(ids(&server.call("getRecordings", "meta_bbb-recording-name=Name1").await), [all[1].as_str()]);
    assert_eq!(ids(&server.call("getRecordings", "state=unpublished").await).len(), 0);
    assert_eq!(ids(&server.call("getRecordings", "state=deleted").await).len(), 0);
    let page = server.call("getRecordings", "offset=1&limit=1").await;
    assert_eq!((ids(&page), page.at("totalElements")), (vec![all[1].as_str()], "3"));
    for wrong in ["limit=0", "limit=101", "offset=-1"] {
        assert_eq!(server.call("getRecordings", wrong).await.at("messageKey"), "validationError", "{wrong}");
    }
}

#[tokio::test]
async fn publishing_and_moodles_update_right_after_it() {
    let server = TestServer::start().await;
    let id = record(&server, "course-1", "One").await;
    let hidden = server.call("publishRecordings", &format!("recordID={id}&publish=false")).await;
    assert_eq!((hidden.at("returncode"), hidden.at("published")), ("SUCCESS", "false"));
    let thumbnails = "&playbacks%5Bpresentation%5D%5Bpreview%5D%5B0%5D%5Burl%5D=http%3A%2F%2Fx".repeat(200);
    let update = format!(
        "recordID={id}&meetingID=course-1&published=true&state=published&playbacks%5Bpresentation%5D%5Btype%5D=p\
         {thumbnails}&protected=false&meta_isBreakout=false&meta_bbb-recording-name=New+name&meta_course="
    );
    assert!(update.len() > 10_000, "Moodle's request lines are long");
    assert_eq!(server.call("updateRecordings", &update).await.at("updated"), "true");
    let answer = server.call("getRecordings", &format!("recordID={id}&state=any")).await;
    let recording =
        answer.child("recordings").and_then(|list| list.child("recording")).expect("one recording");
    assert_eq!(
        (recording.at("published"), recording.at("state")),
        ("false", "unpublished"),
        "stale fields are ignored"
    );
    assert_eq!(recording.at("metadata/bbb-recording-name"), "New name");
    assert!(
        recording.child("metadata").is_some_and(|m| m.child("course").is_none()),
        "an empty value removes"
    );
    assert_eq!(
        server.call("updateRecordings", &format!("recordID={id}&protect=true")).await.at("updated"),
        "true"
    );
    let missing = server.call("publishRecordings", &format!("recordID={id}")).await;
    assert_eq!(missing.at("messageKey"), "missingParamPublish");
}

#[tokio::test]
async fn r52_a_deleted_recording_is_out_of_sight_at_once() {
    let server = TestServer::start().await;
    let (one, two) = (record(&server, "course-1", "One").await, record(&server, "course-2", "Two").await);
    let deleted = server.call("deleteRecordings", &format!("recordID={one}")).await;
    assert_eq!((deleted.at("returncode"), deleted.at("deleted")), ("SUCCESS", "true"));
    assert_eq!(ids(&server.call("getRecordings", "state=any").await), [two.as_str()]);
    let open = server.store.erasures().open().await.expect("erasures");
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].subject, one);
    let again = server.call("deleteRecordings", &format!("recordID={one}")).await;
    assert_eq!(again.at("messageKey"), "notFound");
    assert_eq!(server.call("deleteRecordings", "recordID=").await.at("messageKey"), "missingParamRecordID");
    assert_eq!(
        server.call("deleteRecordings", "recordID=%2C").await.at("messageKey"),
        "missingParamRecordID"
    );
}

#[tokio::test]
async fn r6_another_tenant_can_neither_see_nor_change_a_recording() {
    let server = TestServer::start().await;
    let id = record(&server, "course-1", "One").await;
    assert_eq!(server.other_call("getRecordings", "").await.at("messageKey"), "noRecordings");
    assert_eq!(
        server.other_call("getRecordings", &format!("recordID={id}")).await.at("messageKey"),
        "noRecordings"
    );
    for call in ["deleteRecordings", "publishRecordings", "updateRecordings"] {
        let answer = server.other_call(call, &format!("recordID={id}&publish=false&meta_a=b")).await;
        assert_eq!(answer.at("messageKey"), "notFound", "{call}");
    }
    assert_eq!(ids(&server.call("getRecordings", "").await), [id.as_str()]);
}

#[tokio::test]
async fn a_recording_that_has_nothing_to_play_yet_is_processing() {
    let server = TestServer::start().await;
    let made = server.call("create", "meetingID=c&name=Cc&meetingID=course-9&record=true").await;
    assert_eq!(made.at("returncode"), "FAILED", "the first of two values counts, and it is too short");
    let made = server.call("create", "meetingID=course-9&name=Nine&record=true").await;
    let id = MeetingId::from(made.at("internalMeetingID"));
    server.store.recordings().begin_segment(&id, 1).await.expect("a segment");
    assert!(ids(&server.call("getRecordings", "").await).is_empty());
    let any = server.call("getRecordings", "state=any").await;
    assert_eq!(any.at("recordings/recording/state"), "processing");
}
