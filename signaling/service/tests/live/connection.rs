//! What connections may not do, and what they are told.

use std::time::Duration;

use protocol::client::ClientMessage;
use protocol::server::{Close, Refusal, Role, ServerMessage};
use protocol::token::TokenKey;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::client::Client;
use crate::server::{LOGOUT, Server, claims, guest, now_ms};

async fn turned_away(server: &Server, token: &str) -> (Close, Option<String>) {
    let mut client = Client::connect(server).await;
    client.hello(token, None).await;
    client.closed().await
}

#[tokio::test]
async fn r1_forged_expired_and_foreign_tokens_open_no_door() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let id = &meeting.meeting.id;
    let good = claims(id, "Mo", Role::Moderator);
    server.registry.expect(id, guest(&good)).unwrap();

    let forged = TokenKey::new(&[8; 32]).sign(&good);
    assert_eq!(turned_away(&server, &forged).await, (Close::TokenInvalid, None));
    assert_eq!(turned_away(&server, "nonsense").await.0, Close::TokenInvalid);
    let old = protocol::token::Claims { expires: now_ms() / 1000 - 1, ..good.clone() };
    assert_eq!(turned_away(&server, &server.key.sign(&old)).await.0, Close::TokenExpired);
    let unknown = claims(id, "Eve", Role::Moderator);
    assert_eq!(
        turned_away(&server, &server.key.sign(&unknown)).await.0,
        Close::TokenInvalid,
        "nobody sent her"
    );
    let other_stay = protocol::token::Claims { session: "x".into(), ..good.clone() };
    assert_eq!(turned_away(&server, &server.key.sign(&other_stay)).await.0, Close::TokenInvalid);
    let other_tenant = protocol::token::Claims { tenant: "other".into(), ..good.clone() };
    assert_eq!(
        turned_away(&server, &server.key.sign(&other_tenant)).await,
        (Close::MeetingEnded, None),
        "R6"
    );
    let other_meeting = protocol::token::Claims { meeting: "none".into(), ..good.clone() };
    assert_eq!(turned_away(&server, &server.key.sign(&other_meeting)).await, (Close::MeetingEnded, None));

    Client::join(&server, &server.key.sign(&good)).await;
    let text = server.metrics();
    assert!(text.contains("lectern_joins_total{result=\"token_expired\"} 1"), "{text}");
}

#[tokio::test]
async fn who_comes_too_late_is_sent_back_to_the_course() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let token = server.invite(&meeting, "Mo", Role::Moderator);
    server.registry.end(&meeting.meeting.id).await.unwrap();
    assert_eq!(turned_away(&server, &token).await, (Close::MeetingEnded, Some(LOGOUT.into())));
}

#[tokio::test]
async fn a_client_of_another_version_is_told_to_reload() {
    let server = Server::start().await;
    let mut client = Client::connect(&server).await;
    let hello = r#"{"type":"hello","version":77,"shape":"unknown"}"#;
    client.raw(Message::text(hello)).await;
    assert_eq!(client.closed().await.0, Close::VersionMismatch);
}

#[tokio::test]
async fn the_first_message_must_be_a_hello_and_come_in_time() {
    let server = Server::with(|limits| limits.hello = Duration::from_millis(50)).await;
    for first in [Message::text("{"), Message::text(r#"{"type":"leave"}"#), Message::binary(vec![1, 2, 3])] {
        let mut client = Client::connect(&server).await;
        client.raw(first).await;
        assert_eq!(client.closed().await.0, Close::Protocol);
    }
    let mut silent = Client::connect(&server).await;
    assert_eq!(silent.closed().await.0, Close::Protocol);
}

#[tokio::test]
async fn other_pages_cannot_open_the_socket() {
    let server = Server::start().await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let mut request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let Err(Error::Http(response)) = connect_async(request).await else {
            panic!("{origin} must be refused")
        };
        assert_eq!(response.status(), 403);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_the_connection_stays_until_patience_ends() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let (mut ann, _) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    let long = ClientMessage::Chat { text: "x".repeat(70_000), to: None };
    let bad = [
        Message::text("nonsense"),
        Message::text(r#"{"type":"dance"}"#),
        Message::text(r#"{"type":"hand","up":"yes"}"#),
        Message::binary(vec![0; 10]),
        Message::text(serde_json::to_string(&long).unwrap()),
        Message::text(r#"{"type":"hello","version":1,"token":"","videoSlots":1,"resume":null}"#),
    ];
    for message in bad {
        ann.raw(message).await;
        let refused = |message| {
            matches!(message, ServerMessage::Refused { code: Refusal::Malformed, .. }).then_some(())
        };
        ann.until(refused).await;
    }
    ann.chat("still here").await;
    assert_eq!(mo.next_chat().await, "still here");
    for _ in 0..60 {
        ann.raw(Message::text("nonsense")).await;
    }
    assert_eq!(ann.closed().await.0, Close::Protocol);
    mo.settled().await;
}

#[tokio::test]
async fn who_talks_too_fast_is_slowed_down() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    for id in 0..160 {
        mo.say(&ClientMessage::Ping { id }).await;
    }
    let too_fast =
        |message| matches!(message, ServerMessage::Refused { code: Refusal::TooFast, .. }).then_some(());
    mo.until(too_fast).await;
}

#[tokio::test]
async fn a_ping_is_answered_as_it_came() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    mo.say(&ClientMessage::Ping { id: 4_000_000_000 }).await;
    mo.until(|message| (message == ServerMessage::Pong { id: 4_000_000_000 }).then_some(())).await;
}

#[tokio::test]
async fn a_slow_connection_is_cut_off_and_the_room_goes_on() {
    let server = Server::with(|limits| limits.outbox = 8).await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let mut slow = Client::connect_narrow(&server).await;
    slow.hello(&server.invite(&meeting, "Slow", Role::Viewer), None).await;
    slow.welcome().await;
    // From now on it does not read: the way to it fills, then its queue.
    let text = "x".repeat(5_000);
    for n in 0..40 {
        let (mut writer, _) =
            Client::join(&server, &server.invite(&meeting, &format!("W{n}"), Role::Viewer)).await;
        for _ in 0..8 {
            writer.chat(&text).await;
            assert_eq!((writer.next_chat().await.len(), mo.next_chat().await.len()), (5_000, 5_000));
        }
        let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
        assert_eq!(info.participant_count(), n + 3, "its seat is kept for the grace time");
        let (_probe, welcome) =
            Client::join(&server, &server.invite(&meeting, &format!("W{n}"), Role::Viewer)).await;
        if welcome.people.iter().any(|person| person.name == "Slow" && !person.connected) {
            return;
        }
    }
    panic!("the slow connection is still there");
}
