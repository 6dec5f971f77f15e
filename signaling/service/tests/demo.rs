//! The demo front end goes the way of a real one: signed create, signed join, session, signed getRecordings.

mod common;

use common::{TestServer, Wish, location, query_of};
use serde_json::{Value, json};

async fn with_demo() -> TestServer {
    TestServer::with(Wish { demo: true, ..Wish::default() }).await
}

async fn start(server: &TestServer, body: Value) -> (u16, Value) {
    let request = server.client.post(format!("{}/demo/api/start", server.url)).json(&body);
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

async fn get(server: &TestServer, path: &str) -> Value {
    let response = server.client.get(format!("{}{path}", server.url)).send().await.expect("an answer");
    response.json().await.expect("JSON")
}

#[tokio::test]
async fn a_demo_class_starts_by_the_ways_of_an_lms() {
    let server = with_demo().await;
    let state = get(&server, "/demo/api/state?course=Maths%2C+5b").await;
    assert_eq!(state, json!({"exists": false, "running": false, "recording": false, "people": 0}));
    let wish = json!({"name": "Ada & Søn", "role": "moderator", "course": "Maths, 5b"});
    let (status, started) = start(&server, wish).await;
    assert_eq!(status, 200);
    let join = started["joinUrl"].as_str().expect("a link");
    assert!(join.starts_with(&format!("{}/bigbluebutton/api/join?", server.url)), "{join}");
    assert!(query_of(join, "checksum").is_some_and(|sum| sum.len() == 64));
    let room = location(&server.client.get(join).send().await.expect("an answer"));
    assert!(room.starts_with(&format!("{}/room?sessionToken=", server.url)), "{room}");
    assert_eq!(get(&server, "/demo/api/state?course=maths%2C+5b").await["exists"], true);
    let changed = join.replace("role=MODERATOR", "role=VIEWER");
    let refused = location(&server.client.get(changed).send().await.expect("an answer"));
    assert!(refused.contains("checksumError"), "the link is signed as it is");
}

#[tokio::test]
async fn leaving_a_demo_class_lands_on_the_demo_again() {
    let server = with_demo().await;
    let (_, started) = start(&server, json!({"name": "A", "role": "viewer", "course": "X"})).await;
    let response =
        server.client.get(started["joinUrl"].as_str().expect("a link")).send().await.expect("an answer");
    let cookie = response.headers()["set-cookie"].to_str().expect("text").to_owned();
    let token = query_of(&location(&response), "sessionToken");
    let open = server.client.post(format!("{}/api/session", server.url)).header("cookie", cookie);
    let opened: Value = open
        .json(&json!({"sessionToken": token}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(opened["logoutUrl"], format!("{}/demo?left=1", server.url));
    assert_eq!((&opened["meetingName"], &opened["role"]), (&json!("Demo X"), &json!("viewer")));
}

#[tokio::test]
async fn recordings_of_the_demo_are_listed_with_their_links() {
    let server = with_demo().await;
    assert_eq!(get(&server, "/demo/api/recordings").await, json!({"recordings": []}));
    start(&server, json!({"name": "A", "role": "moderator", "course": "Maths"})).await;
    let meeting = &server.live.list(&"default".into()).await[0].meeting;
    let begun =
        server.store.recordings().begin_segment(&meeting.id, meeting.create_ms).await.expect("a segment");
    let result = store::recordings::SegmentResult { duration_ms: 5000, bytes: 1, tracks: 1, people: 1 };
    server.store.recordings().finish_segment(&meeting.id, begun.number, &result).await.expect("finished");
    server.call("create", "meetingID=elsewhere&name=Elsewhere&record=true").await;
    let listed = get(&server, "/demo/api/recordings").await;
    let listed = listed["recordings"].as_array().expect("a list");
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["name"], &listed[0]["state"]), (&json!("Maths"), &json!("published")));
    assert_eq!(listed[0]["durationMs"], 5000);
    assert!(listed[0]["url"].as_str().is_some_and(|url| url.contains("/recordings/") && url.contains("?t=")));
}

#[tokio::test]
async fn names_of_no_sense_are_refused() {
    let server = with_demo().await;
    for wish in [
        json!({"name": " ", "role": "viewer", "course": "X"}),
        json!({"name": "A", "role": "viewer", "course": ""}),
        json!({"name": "A", "role": "owner", "course": "X"}),
        json!({"name": "x".repeat(81), "role": "viewer", "course": "X"}),
    ] {
        assert_eq!(start(&server, wish.clone()).await.0, 422, "{wish}");
    }
}

#[tokio::test]
async fn without_the_setting_there_is_no_demo() {
    let server = TestServer::start().await;
    assert_eq!(start(&server, json!({"name": "A", "role": "viewer", "course": "X"})).await.0, 404);
}
