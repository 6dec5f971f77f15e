//! `join`, the session it leaves, and the room token that the page gets for it.

mod common;

use common::{OTHER_SECRET, TOKEN_KEY, TestServer, location, query_of, read};
use protocol::server::Role;
use protocol::token::TokenKey;
use serde_json::{Value, json};

const CREATE: &str = "meetingID=class-1&name=Class&attendeePW=student&moderatorPW=teacher\
    &logoutURL=https%3A%2F%2Flms.example%2Fcourse%3Fu%3D%25%25USERID%25%25";

async fn open(server: &TestServer, token: &str, cookie: Option<&str>) -> (u16, Value) {
    let mut request =
        server.client.post(format!("{}/api/session", server.url)).json(&json!({ "sessionToken": token }));
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

#[tokio::test]
async fn r1_r2_r5_a_join_leads_to_the_room_with_one_session_cookie() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    let query = "meetingID=class-1&fullName=Teacher+O%27Neil+%26+S%C3%B8n&password=&logoutURL=&role=MODERATOR&userID=3\
        &guest=false&userdata-bbb_override_default_locale=de";
    let response = server.get("join", query).send().await.expect("an answer");
    let room = location(&response);
    assert!(room.starts_with(&format!("{}/room?sessionToken=", server.url)), "{room}");
    assert!(!room.contains("Neil"), "no personal data in URLs");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    let cookie = cookies[0].to_str().expect("text");
    assert_eq!(cookies.len(), 1);
    assert!(cookie.starts_with("lectern=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    assert!(!cookie.contains("Expires") && !cookie.contains("Max-Age"), "gone when the browser closes");
    let cookie = cookie.split(';').next().expect("a value");
    let token = query_of(&room, "sessionToken").expect("a token");
    let (status, opened) = open(&server, &token, Some(cookie)).await;
    assert_eq!(status, 200);
    assert_eq!(opened["personName"], "Teacher O'Neil & Søn");
    assert_eq!((&opened["meetingName"], &opened["role"]), (&json!("Class"), &json!("moderator")));
    assert_eq!(
        (&opened["language"], &opened["logoutUrl"]),
        (&json!("de"), &json!("https://lms.example/course?u=3"))
    );
    let claims = TokenKey::new(&TOKEN_KEY).verify(opened["token"].as_str().expect("a token"), 1_800_000_001);
    let claims = claims.expect("signed by us");
    assert_eq!((claims.role, claims.name.as_str()), (Role::Moderator, "Teacher O'Neil & Søn"));
    assert!(claims.person.as_str().starts_with("w_") && claims.person.as_str().len() == 14);
}

#[tokio::test]
async fn a_session_opens_in_its_own_browser_only() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    let response =
        server.get("join", "meetingID=class-1&fullName=A&role=VIEWER").send().await.expect("an answer");
    let token = query_of(&location(&response), "sessionToken").expect("a token");
    let stranger = "lectern=0123456789abcdef0123456789abcdef";
    assert_eq!(open(&server, &token, Some(stranger)).await, (403, json!({"error": "cookie"})));
    assert_eq!(open(&server, &token, None).await.0, 403);
    assert_eq!(open(&server, "nothing", Some(stranger)).await, (404, json!({"error": "unknown"})));
}

#[tokio::test]
async fn a_browser_keeps_its_one_cookie_for_all_its_rooms() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    let mine = "lectern=0123456789abcdef0123456789abcdef";
    let join = server.get("join", "meetingID=class-1&fullName=A&role=VIEWER").header("cookie", mine);
    let response = join.send().await.expect("an answer");
    assert!(response.headers()["set-cookie"].to_str().expect("text").starts_with(mine));
}

#[tokio::test]
async fn role_is_read_in_any_case_and_wins_over_the_password() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    let expected = [
        ("role=Moderator&password=", "moderator"),
        ("role=viewer&password=teacher", "viewer"),
        ("password=teacher", "moderator"),
        ("password=student&role=", "viewer"),
        ("password=teacher&role=nonsense", "moderator"),
    ];
    for (query, role) in expected {
        let query = format!("meetingID=class-1&fullName=A&redirect=false&{query}");
        let joined = server.call("join", &query).await;
        assert_eq!(
            (joined.at("returncode"), joined.at("messageKey")),
            ("SUCCESS", "successfullyJoined"),
            "{query}"
        );
        let (status, opened) = open(&server, joined.at("session_token"), None).await;
        assert_eq!((status, &opened["role"]), (200, &json!(role)), "{query}");
    }
}

#[tokio::test]
async fn a_wrong_password_makes_no_session() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    for query in ["password=wrong", "password=", "role=nonsense", ""] {
        let query = format!("meetingID=class-1&fullName=A&{query}");
        let response = server.get("join", query.trim_end_matches('&')).send().await.expect("an answer");
        assert!(response.headers().get("set-cookie").is_none());
        let answer = read(response).await;
        assert_eq!(
            (answer.at("returncode"), answer.at("messageKey")),
            ("FAILED", "Params required"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_answer_without_redirect_has_the_fields_of_the_reference() {
    let server = TestServer::start().await;
    let made = server.call("create", CREATE).await;
    let query = format!(
        "meetingID=class-1&fullName=A&role=VIEWER&redirect=false&createTime={}",
        made.at("createTime")
    );
    let joined = server.call("join", &query).await;
    let names: Vec<_> = joined.children.iter().map(|child| child.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "returncode",
            "messageKey",
            "message",
            "meeting_id",
            "user_id",
            "auth_token",
            "session_token",
            "guestStatus",
            "url"
        ]
    );
    assert_eq!((joined.at("meeting_id"), joined.at("guestStatus")), (made.at("internalMeetingID"), "ALLOW"));
    assert_eq!(query_of(joined.at("url"), "sessionToken").as_deref(), Some(joined.at("session_token")));
}

#[tokio::test]
async fn errors_go_where_the_signed_request_says() {
    let server = TestServer::start().await;
    let made = server.call("create", CREATE).await;
    let stale = format!("meetingID=class-1&fullName=A&role=VIEWER&createTime={}1", made.at("createTime"));
    let keys = [
        (stale.as_str(), "mismatchCreateTimeParam"),
        ("meetingID=unknown&fullName=A&role=VIEWER", "invalidMeetingIdentifier"),
        ("meetingID=class-1&role=VIEWER", "missingParamFullName"),
        ("fullName=A&role=VIEWER", "missingParamMeetingID"),
    ];
    for (query, key) in keys {
        let direct = server.call("join", &format!("{query}&redirect=false")).await;
        assert_eq!((direct.at("returncode"), direct.at("messageKey")), ("FAILED", key));
        let own = location(&server.get("join", query).send().await.expect("an answer"));
        assert!(own.starts_with(&format!("{}/message?kind=", server.url)), "{own}");
        let asked = format!(
            "{query}&errorRedirectUrl=https%3A%2F%2Flms.example%2Foops%3Fa%3D1&logoutURL=https%3A%2F%2Fx.example"
        );
        let there = location(&server.get("join", &asked).send().await.expect("an answer"));
        assert!(there.starts_with("https://lms.example/oops?a=1&errors="), "{there}");
        let errors: Value = serde_json::from_str(&query_of(&there, "errors").expect("errors")).expect("JSON");
        assert_eq!(errors[0]["key"], key);
    }
}

#[tokio::test]
async fn an_unsigned_join_never_sends_people_elsewhere() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    let query = "meetingID=class-1&fullName=A&role=MODERATOR&errorRedirectUrl=https%3A%2F%2Fevil.example";
    let url = format!("{}/bigbluebutton/api/join?{query}&checksum={}", server.url, "0".repeat(64));
    let there = location(&server.client.get(url).send().await.expect("an answer"));
    assert!(there.starts_with(&format!("{}/message?kind=link-expired&errors=", server.url)), "{there}");
    let scripted = "meetingID=class-1&fullName=A&role=VIEWER&logoutURL=javascript%3Aalert(1)&redirect=false";
    assert_eq!(server.call("join", scripted).await.at("messageKey"), "validationError");
}

#[tokio::test]
async fn r6_another_tenants_secret_opens_no_door() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    let query = "meetingID=class-1&fullName=A&role=MODERATOR&redirect=false";
    let answer =
        read(server.client.get(server.signed("join", query, OTHER_SECRET)).send().await.expect("an answer"))
            .await;
    assert_eq!(answer.at("messageKey"), "invalidMeetingIdentifier");
}

#[tokio::test]
async fn an_ended_class_is_told_and_its_sessions_are_gone() {
    let server = TestServer::start().await;
    server.call("create", CREATE).await;
    let query = "meetingID=class-1&fullName=A&role=VIEWER&redirect=false";
    let joined = server.call("join", query).await;
    server.call("end", "meetingID=class-1").await;
    let (status, _) = open(&server, joined.at("session_token"), None).await;
    assert!(status == 404 || status == 410, "{status}");
    assert_eq!(server.call("join", query).await.at("messageKey"), "meetingForciblyEnded");
}

#[tokio::test]
async fn a_session_is_over_after_a_day() {
    let server = TestServer::start().await;
    server.call("create", "meetingID=class-2&name=Class&meetingExpireIfNoUserJoinedInMinutes=100000").await;
    let joined = server.call("join", "meetingID=class-2&fullName=A&role=VIEWER&redirect=false").await;
    server.now_ms.fetch_add(24 * 3600 * 1000, std::sync::atomic::Ordering::Relaxed);
    let (status, answer) = open(&server, joined.at("session_token"), None).await;
    assert_eq!((status, answer), (410, json!({"error": "expired"})));
}

#[tokio::test]
async fn guests_are_refused_where_the_front_end_denies_them() {
    let server = TestServer::start().await;
    server.call("create", "meetingID=closed&name=Closed&guestPolicy=ALWAYS_DENY").await;
    let guest = "meetingID=closed&fullName=A&role=VIEWER&guest=true&redirect=false";
    assert_eq!(server.call("join", guest).await.at("messageKey"), "guestDeniedAccess");
    let known = "meetingID=closed&fullName=A&role=VIEWER&guest=false&redirect=false";
    assert_eq!(server.call("join", known).await.at("returncode"), "SUCCESS");
    let long = format!("meetingID=closed&fullName={}&role=VIEWER&redirect=false", "x".repeat(256));
    assert_eq!(server.call("join", &long).await.at("messageKey"), "fullNameTooLong");
}
