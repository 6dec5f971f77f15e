//! Who is let into the API, and in which forms a signature comes.

mod common;

use common::{OLD_SECRET, SECRET, TestServer, Wish, read};

const QUERY: &str = "name=Test+Meeting&meetingID=abc123&attendeePW=111222&moderatorPW=333444";
const SHA1: &str = "1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17";

#[tokio::test]
async fn the_published_create_example_works_wherever_its_checksum_stands() {
    let server = TestServer::start().await;
    let base = format!("{}/bigbluebutton/api/create", server.url);
    for query in [
        format!("{QUERY}&checksum={SHA1}"),
        format!("checksum={SHA1}&{QUERY}"),
        format!("{QUERY}&checksum={}", SHA1.to_uppercase()),
    ] {
        let answer =
            read(server.client.get(format!("{base}?{query}")).send().await.expect("an answer")).await;
        assert_eq!(answer.at("returncode"), "SUCCESS", "{query}");
        assert_eq!(answer.at("meetingID"), "abc123");
    }
}

#[tokio::test]
async fn every_other_signature_is_refused_with_the_key_the_callers_know() {
    let server = TestServer::start().await;
    let base = format!("{}/bigbluebutton/api/", server.url);
    for query in [
        format!("create?{QUERY}"),
        format!("create?{QUERY}&checksum="),
        format!("create?{QUERY}&record=true&checksum={SHA1}"),
        format!("isMeetingRunning?{QUERY}&checksum={SHA1}"),
        "getMeetings?checksum=0000000000000000000000000000000000000000".to_owned(),
        "getMeetings".to_owned(),
    ] {
        let answer = read(server.client.get(format!("{base}{query}")).send().await.expect("an answer")).await;
        assert_eq!(
            (answer.at("returncode"), answer.at("messageKey")),
            ("FAILED", "checksumError"),
            "{query}"
        );
        assert!(!answer.at("message").is_empty());
    }
}

#[tokio::test]
async fn a_query_of_nothing_but_a_checksum_signs_the_empty_text() {
    let server = TestServer::start().await;
    let url = format!(
        "{}/bigbluebutton/api/getMeetings?&checksum=2027baa7771026e9e93392f55031535d1444c41f",
        server.url
    );
    let answer = read(server.client.get(url).send().await.expect("an answer")).await;
    assert_eq!((answer.at("returncode"), answer.at("messageKey")), ("SUCCESS", "noMeetings"));
}

#[tokio::test]
async fn two_secrets_are_valid_while_one_is_changed_for_another() {
    let server = TestServer::start().await;
    for secret in [SECRET, OLD_SECRET] {
        let url = server.signed("getMeetings", "", secret);
        assert_eq!(
            read(server.client.get(url).send().await.expect("an answer")).await.at("returncode"),
            "SUCCESS"
        );
    }
}

#[tokio::test]
async fn a_body_only_signature_is_refused_unless_the_operator_allows_it() {
    let form = [("name", "Body"), ("meetingID", "body-1")];
    for (body_signing, expected) in [(false, "FAILED"), (true, "SUCCESS")] {
        let server = TestServer::with(Wish { body_signing, ..Wish::default() }).await;
        let request = server.client.post(server.signed("create", "", SECRET)).form(&form);
        let answer = read(request.send().await.expect("an answer")).await;
        assert_eq!(answer.at("returncode"), expected);
        if !body_signing {
            assert_eq!(answer.at("messageKey"), "checksumError");
        }
    }
}

#[tokio::test]
async fn a_form_adds_to_a_signed_query_and_never_overrides_it() {
    let server = TestServer::start().await;
    let url = server.signed("create", "meetingID=form-1&name=Form", SECRET);
    let adds = server.client.post(&url).form(&[("welcome", "hi"), ("maxParticipants", "5")]);
    assert_eq!(read(adds.send().await.expect("an answer")).await.at("returncode"), "SUCCESS");
    let info = server.call("getMeetingInfo", "meetingID=form-1").await;
    assert_eq!(info.at("maxUsers"), "5");
    let overrides = server.client.post(&url).form(&[("meetingID", "form-2")]);
    assert_eq!(read(overrides.send().await.expect("an answer")).await.at("messageKey"), "checksumError");
    let multipart = server
        .client
        .post(&url)
        .header("content-type", "multipart/form-data; boundary=b")
        .body("--b\r\ncontent-disposition: form-data; name=\"welcome\"\r\n\r\nhi\r\n--b--\r\n");
    assert_eq!(read(multipart.send().await.expect("an answer")).await.at("messageKey"), "duplicateWarning");
}

#[tokio::test]
async fn bodies_of_unknown_kind_are_refused_and_charsets_are_not() {
    let server = TestServer::start().await;
    let url = server.signed("create", "meetingID=kind-1&name=Kind", SECRET);
    let post = |kind: &str, body: &str| {
        let request = server.client.post(&url).header("content-type", kind).body(body.to_owned());
        async { read(request.send().await.expect("an answer")).await }
    };
    assert_eq!(post("application/json", "{}").await.at("messageKey"), "unsupportedContentType");
    assert_eq!(
        post("application/x-www-form-urlencoded; charset=utf-8", "welcome=a").await.at("returncode"),
        "SUCCESS"
    );
    assert_eq!(post("application/xml; charset=utf-8", "<modules/>").await.at("returncode"), "SUCCESS");
    let end = server
        .client
        .post(server.signed("end", "meetingID=kind-1", SECRET))
        .header("content-type", "text/xml");
    let end = read(end.body("<x/>").send().await.expect("an answer")).await;
    assert_eq!(end.at("messageKey"), "unsupportedContentType", "XML bodies belong to create");
}

#[tokio::test]
async fn the_slide_url_check_of_the_reference_opens_no_door_here() {
    let server = TestServer::start().await;
    let query = "meetingID=evil&name=Evil&presentationUploadExternalUrl=https%3A%2F%2Fx.example%2F";
    let url = format!("{}/bigbluebutton/api/create?{query}&checksum={}", server.url, "0".repeat(40));
    let answer = read(server.client.get(url).send().await.expect("an answer")).await;
    assert_eq!(answer.at("messageKey"), "checksumError");
}

#[tokio::test]
async fn the_version_is_told_in_all_forms() {
    let server = TestServer::start().await;
    for form in ["api", "api/", "api?checksum=aa", "api/?checksum=aa", "api/?&checksum=aa"] {
        let url = format!("{}/bigbluebutton/{form}", server.url);
        let request = server.client.get(url).header("accept-encoding", "UTF-8");
        let answer = read(request.send().await.expect("an answer")).await;
        assert_eq!((answer.at("returncode"), answer.at("version")), ("SUCCESS", "2.0"), "{form}");
        assert!(answer.child("bbbVersion").is_some() && answer.at("bbbVersion").is_empty());
    }
    let json = server
        .client
        .get(format!("{}/bigbluebutton/api", server.url))
        .header("content-type", "application/json");
    let json: serde_json::Value = json.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(json["response"]["apiVersion"], "2.0");
}

#[tokio::test]
async fn unknown_calls_and_wrong_methods_are_told() {
    let server = TestServer::start().await;
    for call in ["setConfigXML", "hooks/create", "nothing"] {
        assert_eq!(server.call(call, "").await.at("messageKey"), "unsupportedRequest", "{call}");
    }
    let join = server.client.post(server.signed("join", "meetingID=abc&fullName=A", SECRET)).send().await;
    assert_eq!(join.expect("an answer").status(), 405);
}
