//! Connections that drop and come back.

use std::time::Duration;

use protocol::client::{ClientMessage, Resume};
use protocol::media::Source;
use protocol::server::{Close, Event, Role, ServerMessage};

use crate::client::Client;
use crate::server::Server;

fn connected(event: Event, name: &str, connected: bool) -> Option<()> {
    matches!(event, Event::Changed { person } if person.name == name && person.connected == connected)
        .then_some(())
}

#[tokio::test]
async fn a_dropped_connection_gets_what_it_missed_and_media_stays() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let token = server.invite(&meeting, "Ann", Role::Viewer);
    let (mut ann, _) = Client::join(&server, &token).await;
    ann.say(&ClientMessage::Publish { source: Source::Microphone, on: true }).await;
    mo.chat("one").await;
    ann.next_chat().await;
    let resume = ann.resume();
    drop(ann);
    mo.event(|event| connected(event, "Ann", false)).await;
    mo.chat("two").await;
    mo.chat("three").await;
    mo.settled().await;

    let mut ann = Client::connect(&server).await;
    ann.seq = resume.as_ref().unwrap().seq;
    ann.hello(&token, resume.clone()).await;
    let Some(ServerMessage::Resumed { resume: secret, media }) = ann.next().await else { panic!("resumed") };
    assert!(media && Some(&secret) != resume.as_ref().map(|resume| &resume.secret));
    assert_eq!((ann.next_chat().await, ann.next_chat().await), ("two".into(), "three".into()));
    mo.event(|event| connected(event, "Ann", true)).await;
    let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
    assert_eq!((info.participant_count(), info.voice_count()), (2, 1));

    server.registry.end(&meeting.meeting.id).await.unwrap();
    let stays = server.store.stays().of_meeting(&meeting.meeting.id).await.unwrap();
    let ann = stays.iter().find(|stay| stay.name == "Ann").unwrap();
    assert_eq!((stays.len(), ann.reconnects), (2, 1), "R40");
    assert!(server.metrics().contains("lectern_reconnects_total 1"));
}

#[tokio::test]
async fn a_wrong_secret_or_a_number_that_never_was_gets_a_new_welcome() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let token = server.invite(&meeting, "Mo", Role::Moderator);
    let (mo, _) = Client::join(&server, &token).await;
    let secret = mo.secret.clone();
    for resume in [Resume { secret: "guess".into(), seq: 0 }, Resume { secret, seq: 99 }] {
        let mut again = Client::connect(&server).await;
        again.hello(&token, Some(resume)).await;
        assert_eq!(again.welcome().await.people.len(), 1);
    }
}

#[tokio::test]
async fn the_same_stay_in_another_tab_replaces_the_first() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let token = server.invite(&meeting, "Mo", Role::Moderator);
    let (mut first, _) = Client::join(&server, &token).await;
    first.say(&ClientMessage::Publish { source: Source::Camera, on: true }).await;
    first.settled().await;
    let (_second, welcome) = Client::join(&server, &token).await;
    assert_eq!(first.closed().await.0, Close::Replaced);
    assert_eq!(
        (welcome.people.len(), welcome.people[0].on.len()),
        (1, 0),
        "one person, all sources off again"
    );
}

#[tokio::test]
async fn who_does_not_come_back_in_time_has_left() {
    let server = Server::with(|limits| limits.timings.grace_ms = 50).await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let token = server.invite(&meeting, "Ann", Role::Viewer);
    let (ann, _) = Client::join(&server, &token).await;
    let resume = ann.resume();
    drop(ann);
    mo.event(|event| matches!(event, Event::Left { .. }).then_some(())).await;
    let mut ann = Client::connect(&server).await;
    ann.hello(&token, resume).await;
    assert_eq!(ann.welcome().await.people.len(), 2, "comes in anew");
    server.registry.end(&meeting.meeting.id).await.unwrap();
    let stays = server.store.stays().of_meeting(&meeting.meeting.id).await.unwrap();
    assert_eq!(stays.iter().filter(|stay| stay.name == "Ann").count(), 2, "R40: two stays");
}

#[tokio::test]
async fn a_silent_connection_is_taken_for_dropped() {
    let server = Server::with(|limits| {
        limits.idle = Duration::from_millis(100);
        limits.ping = Duration::from_secs(3600);
    })
    .await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    while mo.next().await.is_some() {}
    let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
    assert_eq!(info.participant_count(), 1, "the seat is kept for the grace time");
}
