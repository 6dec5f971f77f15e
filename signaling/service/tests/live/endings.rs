//! How meetings end, and what is left of them.

use std::time::Duration;

use protocol::client::ClientMessage;
use protocol::server::{Close, Role};
use service::live::{LiveEvent, UnknownMeeting};
use store::policy::DAY_MS;

use crate::client::{Client, LIMIT};
use crate::server::{LOGOUT, Server, claims, guest, now_ms};

#[tokio::test]
async fn r40_support_data_of_every_stay_is_in_the_database() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    // The room counts whole ms from whole ms.
    let before = now_ms() - 2;
    let (_mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let visitor = claims(&meeting.meeting.id, "Eve", Role::Viewer);
    let unknown = service::live::Guest { signed_in: false, user_id: None, ..guest(&visitor) };
    server.registry.expect(&meeting.meeting.id, unknown).unwrap();
    let (mut eve, _) = Client::join(&server, &server.key.sign(&visitor)).await;
    eve.say(&ClientMessage::Leave).await;
    eve.closed().await;
    server.registry.end(&meeting.meeting.id).await.unwrap();

    let stays = server.store.stays().of_meeting(&meeting.meeting.id).await.unwrap();
    let stay = |name: &str| stays.iter().find(|stay| stay.name == name).unwrap();
    let (mo, eve) = (stay("Mo"), stay("Eve"));
    assert_eq!(stays.len(), 2);
    assert_eq!((mo.name.as_str(), mo.user_id.as_deref(), mo.moderator), ("Mo", Some("lms-Mo"), true));
    assert_eq!((mo.browser.as_deref(), mo.os.as_str(), mo.reconnects), (Some("Firefox 140"), "Linux", 0));
    assert_eq!(mo.ip, "127.0.0.1".parse().ok());
    assert!(
        mo.login_ms >= before
            && mo.logout_ms.unwrap() >= mo.login_ms
            && mo.logout_ms.unwrap() <= now_ms() + 2
    );
    assert_eq!((eve.name.as_str(), eve.user_id.as_deref()), ("Eve", None));
    assert_eq!(eve.ip, "127.0.0.0".parse().ok(), "R55: the address of a visitor is cut");
    assert!(eve.logout_ms.unwrap() <= mo.logout_ms.unwrap());
}

#[tokio::test]
async fn r41_statistics_of_everybody_are_in_the_database() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let (_ann, _) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    mo.chat("one").await;
    mo.chat("two").await;
    mo.say(&ClientMessage::React { emoji: "👏".into() }).await;
    mo.settled().await;
    server.registry.end(&meeting.meeting.id).await.unwrap();
    let rows = server.store.statistics().of_meeting(&meeting.meeting.id).await.unwrap();
    let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    let (first, second) = (row("Mo"), row("Ann"));
    assert_eq!((rows.len(), first.moderator, second.moderator), (2, true, false));
    assert_eq!((first.chat_messages, first.emojis, first.hands_raised, first.poll_answers), (2, 1, 1, 0));
    assert_eq!((first.talk_ms, first.times_talked), (0, 0));
    let left_ms = first.left_ms.unwrap();
    assert_eq!(u64::try_from(left_ms - first.joined_ms).unwrap(), first.session_ms);
    assert_eq!(second.chat_messages, 0);
}

#[tokio::test]
async fn r41_statistics_are_written_while_the_class_goes_on() {
    let server = Server::with(|limits| limits.statistics = Duration::from_millis(20)).await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    mo.chat("one").await;
    let written = async {
        loop {
            let rows = server.store.statistics().of_meeting(&meeting.meeting.id).await.unwrap();
            if rows.iter().any(|row| row.chat_messages == 1 && row.left_ms.is_none()) {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, written).await.unwrap();
}

#[tokio::test]
async fn r50_nothing_of_an_unrecorded_meeting_is_ever_on_the_disk_but_support_data_and_statistics() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let (mut ann, _) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    mo.chat("the-public-secret").await;
    mo.say(&ClientMessage::Chat { text: "the-private-secret".into(), to: Some("w_ann".into()) }).await;
    assert_eq!(
        (ann.next_chat().await, ann.next_chat().await),
        ("the-public-secret".into(), "the-private-secret".into())
    );
    for secret in ["the-public-secret", "the-private-secret"] {
        assert!(!server.disk_holds(secret), "during the class");
    }
    server.registry.end(&meeting.meeting.id).await.unwrap();
    for secret in ["the-public-secret", "the-private-secret", "Ann"] {
        assert!(!server.disk_holds(secret), "afterwards; names are sealed");
    }
    assert!(server.registry.by_id(&meeting.meeting.id).await.is_none());
    assert!(server.store.recordings().find(&meeting.meeting.id).await.unwrap().is_none());
    let row = server.store.meetings().find(&meeting.meeting.id).await.unwrap().unwrap();
    assert!(
        row.ended_ms.is_some()
            && row.started_ms.is_some()
            && row.forcibly_ended
            && row.made.metadata.is_empty()
    );
}

#[tokio::test]
async fn the_front_end_ends_a_meeting_for_all_and_may_make_it_again() {
    let server = Server::start().await;
    let mut events = server.registry.subscribe();
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    server.registry.end(&meeting.meeting.id).await.unwrap();
    assert_eq!(mo.closed().await, (Close::MeetingEnded, Some(LOGOUT.into())));
    assert_eq!(server.registry.end(&meeting.meeting.id).await, Err(UnknownMeeting));
    let ended = tokio::time::timeout(LIMIT, events.recv()).await.unwrap().unwrap();
    let LiveEvent::MeetingEnded { meeting: told, recorded: false } = ended else { panic!("the end is told") };
    assert_eq!(told.id, meeting.meeting.id);
    assert!(server.registry.recently_ended(&"default".into(), "m").is_some());
    assert!(server.registry.recently_ended(&"other".into(), "m").is_none(), "R6");
    let again = server.meeting("m", |_| {}).await;
    assert_ne!(again.meeting.id, meeting.meeting.id);
}

#[tokio::test]
async fn a_moderator_ends_the_class_and_it_is_noted_as_forced() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let mut events = server.registry.subscribe();
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    mo.say(&ClientMessage::End).await;
    assert_eq!(mo.closed().await.0, Close::MeetingEnded);
    tokio::time::timeout(LIMIT, events.recv()).await.unwrap().unwrap();
    let row = server.store.meetings().find(&meeting.meeting.id).await.unwrap().unwrap();
    assert!(row.forcibly_ended && row.ended_ms.unwrap() - row.made.created_ms < DAY_MS);
}

#[tokio::test]
async fn a_stopping_server_says_goodbye_and_writes_everything_down() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    server.registry.stop().await;
    assert_eq!(mo.closed().await.0, Close::ServerStopping);
    let row = server.store.meetings().find(&meeting.meeting.id).await.unwrap().unwrap();
    assert!(row.ended_ms.is_some() && !row.forcibly_ended);
    assert!(server.registry.create(crate::server::wish("n")).await.is_err());
}
