//! Pages, their headers, and what is found where nothing is.

mod common;

use common::{TestServer, Wish, location};
use reqwest::Response;

async fn get(server: &TestServer, path: &str) -> Response {
    server.client.get(format!("{}{path}", server.url)).send().await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn r5_every_answer_keeps_others_out() {
    let server = TestServer::start().await;
    for path in ["/room", "/recordings/abc", "/message", "/nowhere", "/bigbluebutton/api", "/assets/none.js"]
    {
        let response = get(&server, path).await;
        let policy = header(&response, "content-security-policy");
        assert!(policy.starts_with("default-src 'self';"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'self'") && policy.contains("media-src 'self' blob:"),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe-eval") && !policy.contains('*') && !policy.contains("https:"),
            "{policy}"
        );
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert!(header(&response, "permissions-policy").contains("display-capture=(self)"));
        assert!(response.headers().get("set-cookie").is_none(), "a page sets no cookie");
    }
}

#[tokio::test]
async fn frames_are_allowed_for_the_front_ends_named_by_the_operator() {
    let frame_ancestors = vec!["https://lms.example".to_owned()];
    let server = TestServer::with(Wish { frame_ancestors, ..Wish::default() }).await;
    let room = get(&server, "/room").await;
    assert!(header(&room, "content-security-policy").ends_with("frame-ancestors 'self' https://lms.example"));
}

#[tokio::test]
async fn unknown_paths_are_a_friendly_404_and_the_root_sends_to_a_message() {
    let server = TestServer::start().await;
    for path in ["/nowhere", "/assets/../../etc/passwd", "/assets/none.js", "/demo"] {
        assert_eq!(get(&server, path).await.status(), 404, "{path}");
    }
    assert_eq!(location(&get(&server, "/").await), "/message?kind=session");
    let failed = location(&get(&server, "/?errors=%5B%5D").await);
    assert_eq!(failed, "/message?kind=session&errors=%5B%5D");
}

#[tokio::test]
async fn pages_are_revalidated_and_text_is_compressed() {
    let server = TestServer::start().await;
    let room = server.client.get(format!("{}/room", server.url)).header("accept-encoding", "gzip");
    let room = room.send().await.expect("an answer");
    if room.status() == 503 {
        return; // The program was built without its browser client.
    }
    assert_eq!(room.status(), 200);
    assert_eq!(header(&room, "content-encoding"), "gzip");
    assert_eq!(header(&room, "cache-control"), "no-cache");
    let tag = header(&room, "etag").to_owned();
    let again = server.client.get(format!("{}/room", server.url)).header("if-none-match", tag);
    assert_eq!(again.send().await.expect("an answer").status(), 304);
}
