//! `create` and what is told about meetings.

mod common;

use common::{SECRET, TestServer, read};

const GREENLIGHT: &str = "guestPolicy=ALWAYS_ACCEPT&loginURL=http%3A%2F%2Fgl.example&logoutURL=http%3A%2F%2Fgl.example\
    &meetingID=gl-room-1&meta_bbb-context-id=r1&meta_bbb-context-name=Room&meta_bbb-origin=greenlight\
    &meta_bbb-origin-server-name=gl.example&meta_bbb-origin-version=v3\
    &meta_bbb-recording-ready-url=http%3A%2F%2Fgl.example%2Frr&meta_endCallbackUrl=http%3A%2F%2Fgl.example%2Fend\
    &moderatorOnlyMessage=Hi&muteOnStart=true&name=Greenlight+Room&record=true";
const MOODLE: &str = "meetingID=82232ebe-2-3%5B0%5D&name=S%C3%A9ance+%221%22+%26+more&attendeePW=att&moderatorPW=mod\
    &logoutURL=http%3A%2F%2Flms.example%2Fbbb&record=true&welcome=Willkommen+%3Cb%3E%25%25CONFNAME%25%25%3C%2Fb%3E\
    &lockSettingsDisableCam=false&lockSettingsDisableMic=false&lockSettingsDisablePrivateChat=false\
    &lockSettingsDisablePublicChat=false&lockSettingsDisableNotes=false&lockSettingsHideUserList=false\
    &meta_bbb-origin=Moodle&meta_bbb-origin-tag=moodle-mod_bigbluebuttonbn+(2024100700)&meta_bbb-context=\
    &meta_bbb-recording-description=An+intro";
const WORDPRESS: &str = "name=Maths+%26amp%3B+%E2%80%9CFun%E2%80%9D&meetingID=e8c8e7c9&attendeePW=view%25262\
    &moderatorPW=mod%2520code%252B1&logoutURL=http%3A%2F%2Fwp.example&record=true";
const NEXTCLOUD: &str = "name=R%C3%A4ume%20%26%20%22Zoo%22&meetingID=nc-1&attendeePW=a1b2&moderatorPW=c3d4\
    &logoutURL=https%3A%2F%2Fnc.example&record=true&moderatorOnlyMessage=&allowStartStopRecording=true\
    &muteOnStart=false&guestPolicy=ALWAYS_ACCEPT&meta_bbb-origin=Nextcloud";
const NPM: &str = "name=%C3%89cole%20(%C3%A9t%C3%A9)%20!~*%20x&meetingID=npm-1&moderatorPW=mp&attendeePW=ap";

#[tokio::test]
async fn recorded_create_calls_of_real_front_ends_are_understood() {
    let server = TestServer::start().await;
    let expected = [
        (GREENLIGHT, "Greenlight Room"),
        (MOODLE, "Séance \"1\" & more"),
        (WORDPRESS, "Maths &amp; “Fun”"),
        (NEXTCLOUD, "Räume & \"Zoo\""),
        (NPM, "École (été) !~* x"),
    ];
    for (query, name) in expected {
        let made = server.call("create", query).await;
        assert_eq!((made.at("returncode"), made.at("messageKey")), ("SUCCESS", ""), "{query}");
        let id = form_urlencoded::byte_serialize(made.at("meetingID").as_bytes()).collect::<String>();
        let info = server.call("getMeetingInfo", &format!("meetingID={id}")).await;
        assert_eq!(info.at("meetingName"), name);
        assert_eq!(info.at("internalMeetingID"), made.at("internalMeetingID"));
    }
    let wordpress = server.call("getMeetingInfo", "meetingID=e8c8e7c9").await;
    assert_eq!((wordpress.at("attendeePW"), wordpress.at("moderatorPW")), ("view%262", "mod%20code%2B1"));
    let greenlight = server.call("getMeetingInfo", "meetingID=gl-room-1").await;
    assert_eq!(greenlight.at("metadata/endcallbackurl"), "http://gl.example/end");
    let all = server.call("getMeetings", "").await;
    assert_eq!(all.child("meetings").expect("meetings").children.len(), 5);
}

#[tokio::test]
async fn the_answer_has_its_elements_in_order() {
    let server = TestServer::start().await;
    let made = server.call("create", "meetingID=order&name=Order&duration=45").await;
    let names: Vec<_> = made.children.iter().map(|child| child.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "returncode",
            "meetingID",
            "internalMeetingID",
            "parentMeetingID",
            "attendeePW",
            "moderatorPW",
            "createTime",
            "voiceBridge",
            "dialNumber",
            "createDate",
            "hasUserJoined",
            "duration",
            "hasBeenForciblyEnded",
            "messageKey",
            "message"
        ]
    );
    let sha1 = "cbfa38e8c8cde24e1c64e8b3f8aa0a1e1f4bdcba".len();
    let (digest, time) = made.at("internalMeetingID").split_once('-').expect("two parts");
    assert_eq!((digest.len(), time), (sha1, made.at("createTime")));
    assert_eq!((made.at("parentMeetingID"), made.at("duration")), ("bbb-none", "45"));
    assert!(made.at("attendeePW").len() >= 8 && made.at("attendeePW") != made.at("moderatorPW"));
    assert!(made.at("createDate").contains(" UTC 20"), "{}", made.at("createDate"));
}

#[tokio::test]
async fn a_second_create_changes_nothing_and_says_so() {
    let server = TestServer::start().await;
    let first = server.call("create", MOODLE).await;
    for again in [MOODLE, "meetingID=82232ebe-2-3%5B0%5D&name=Other"] {
        let second = server.call("create", again).await;
        assert_eq!((second.at("returncode"), second.at("messageKey")), ("SUCCESS", "duplicateWarning"));
        for path in ["createTime", "internalMeetingID", "attendeePW", "moderatorPW", "voiceBridge"] {
            assert_eq!(second.at(path), first.at(path), "{path}");
        }
    }
    let other =
        server.call("create", "meetingID=82232ebe-2-3%5B0%5D&name=Other&attendeePW=xx&moderatorPW=yy").await;
    assert_eq!((other.at("returncode"), other.at("messageKey")), ("FAILED", "idNotUnique"));
}

#[tokio::test]
async fn twelve_creates_at_once_make_one_meeting() {
    let server = TestServer::start().await;
    let calls = (0..12).map(|_| server.call("create", GREENLIGHT));
    let answers = futures_util::future::join_all(calls).await;
    let first = answers[0].at("createTime").to_owned();
    assert!(answers.iter().all(|a| a.at("returncode") == "SUCCESS" && a.at("createTime") == first));
    assert_eq!(answers.iter().filter(|a| a.at("messageKey").is_empty()).count(), 1);
}

#[tokio::test]
async fn another_meetings_voice_bridge_is_refused() {
    let server = TestServer::start().await;
    let first = server.call("create", "meetingID=vb-1&name=One&voiceBridge=12345678901234567890").await;
    assert_eq!(first.at("voiceBridge"), "12345678901234567890");
    let second = server.call("create", "meetingID=vb-2&name=Two&voiceBridge=12345678901234567890").await;
    assert_eq!(second.at("messageKey"), "nonUniqueVoiceBridge");
}

#[tokio::test]
async fn slides_in_the_body_are_read_and_do_not_disturb() {
    let server = TestServer::start().await;
    let body = "<?xml version='1.0' encoding='UTF-8'?><modules><module name='presentation'>\
        <document url=\"http://lms.example/a.pdf?x=1%26y=2\" /></module></modules>";
    for body in [body, "<modules><broken"] {
        let request = server.client.post(server.signed("create", "meetingID=slides&name=Slides", SECRET));
        let request = request.header("content-type", "application/xml").header("content-language", "en-US");
        let answer = read(request.body(body.to_owned()).send().await.expect("an answer")).await;
        assert_eq!(answer.at("returncode"), "SUCCESS");
    }
}

#[tokio::test]
async fn one_broken_rule_is_told_with_its_key() {
    let server = TestServer::start().await;
    let long = "x".repeat(257);
    let broken = [
        ("name=Maths".to_owned(), "missingParamMeetingID"),
        ("meetingID=&name=Maths".to_owned(), "missingParamMeetingID"),
        ("meetingID=a&name=Maths".to_owned(), "sizeError"),
        (format!("meetingID={long}&name=Maths"), "sizeError"),
        ("meetingID=a%2Cb&name=Maths".to_owned(), "validationError"),
        (format!("meetingID=abc&name={long}"), "sizeError"),
        ("meetingID=abc&name=Maths&moderatorPW=1".to_owned(), "sizeError"),
        ("meetingID=abc&name=Maths&record=perhaps".to_owned(), "validationError"),
        ("meetingID=abc&name=Maths&maxParticipants=-1".to_owned(), "validationError"),
    ];
    for (query, key) in broken {
        let answer = server.call("create", &query).await;
        assert_eq!((answer.at("returncode"), answer.at("messageKey")), ("FAILED", key), "{query}");
    }
    assert_eq!(server.call("getMeetings", "").await.at("messageKey"), "noMeetings");
}

#[tokio::test]
async fn control_characters_do_not_break_the_list_for_everybody() {
    let server = TestServer::start().await;
    let made = server.call("create", "meetingID=ctl&name=A%01B%0BC&meta_x=%02y&meta_1bad=z").await;
    assert_eq!(made.at("returncode"), "SUCCESS");
    let list = server.call("getMeetings", "").await;
    assert_eq!(list.at("meetings/meeting/meetingName"), "ABC");
    assert_eq!(list.at("meetings/meeting/metadata/x"), "y");
}

#[tokio::test]
async fn unknown_meetings_are_told_fast_and_kindly() {
    let server = TestServer::start().await;
    let info = server.call("getMeetingInfo", "meetingID=unknown").await;
    assert_eq!((info.at("returncode"), info.at("messageKey")), ("FAILED", "notFound"));
    let running = server.call("isMeetingRunning", "meetingID=unknown").await;
    assert_eq!((running.at("returncode"), running.at("running")), ("SUCCESS", "false"));
    assert_eq!(server.call("end", "meetingID=unknown").await.at("messageKey"), "notFound");
    assert_eq!(server.call("end", "").await.at("messageKey"), "missingParamMeetingID");
}

#[tokio::test]
async fn an_ended_meeting_is_gone_and_its_id_is_free_again() {
    let server = TestServer::start().await;
    let first = server.call("create", "meetingID=again&name=Again").await;
    let ended = server.call("end", "meetingID=again&password=whatever").await;
    assert_eq!((ended.at("returncode"), ended.at("messageKey")), ("SUCCESS", "sentEndMeetingRequest"));
    assert_eq!(server.call("getMeetingInfo", "meetingID=again").await.at("messageKey"), "notFound");
    server.now_ms.fetch_add(1000, std::sync::atomic::Ordering::Relaxed);
    let second = server.call("create", "meetingID=again&name=Again").await;
    assert_eq!(second.at("messageKey"), "");
    assert_ne!(second.at("createTime"), first.at("createTime"));
}

#[tokio::test]
async fn r6_tenants_never_see_one_anothers_meetings() {
    let server = TestServer::start().await;
    let ours = server.call("create", "meetingID=shared&name=Ours").await;
    assert_eq!(server.other_call("getMeetings", "").await.at("messageKey"), "noMeetings");
    assert_eq!(server.other_call("getMeetingInfo", "meetingID=shared").await.at("messageKey"), "notFound");
    assert_eq!(server.other_call("end", "meetingID=shared").await.at("messageKey"), "notFound");
    server.now_ms.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let theirs = server.other_call("create", "meetingID=shared&name=Theirs").await;
    assert_eq!(theirs.at("messageKey"), "", "the same id in another tenant is another meeting");
    assert_ne!(theirs.at("internalMeetingID"), ours.at("internalMeetingID"));
    assert_eq!(server.call("getMeetingInfo", "meetingID=shared").await.at("meetingName"), "Ours");
}
