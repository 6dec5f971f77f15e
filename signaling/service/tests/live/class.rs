//! A class of several people.

use protocol::client::ClientMessage;
use protocol::ids::PersonId;
use protocol::media::Source;
use protocol::server::{Close, Event, Refusal, Role, ServerMessage};

use crate::client::Client;
use crate::server::{LOGOUT, Server};

fn refusal(message: ServerMessage) -> Option<Refusal> {
    match message {
        ServerMessage::Refused { code, message } => {
            assert!(message.ends_with('.'), "a sentence: {message}");
            Some(code)
        }
        _ => None,
    }
}

#[tokio::test]
async fn n4_two_people_meet_with_one_offer_each() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |wish| wish.welcome = Some("Hello".into())).await;
    let (mut mo, welcome) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    assert_eq!((welcome.meeting_name.as_str(), welcome.welcome_text.as_deref()), ("Maths 7b", Some("Hello")));
    assert_eq!((welcome.you.as_str(), welcome.logout_url.as_deref()), ("w_mo", Some(LOGOUT)));
    assert_eq!((welcome.retention_days, welcome.may_record), (Some(14), false));
    assert!(welcome.media.sdp.starts_with("v=0") && welcome.media.publish.len() == 4);
    assert_eq!(welcome.media.slots.len(), 5 + 2 + 4, "voices, screen with sound, and the pictures asked for");

    let (mut ann, welcome) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    assert_eq!(welcome.people.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Ann", "Mo"]);
    let joined =
        mo.event(|event| if let Event::Joined { person } = event { Some(person) } else { None }).await;
    assert_eq!((joined.name.as_str(), joined.role, joined.on), ("Ann", Role::Viewer, vec![]));

    ann.chat("hello <all>").await;
    assert_eq!((mo.next_chat().await, ann.next_chat().await), ("hello <all>".into(), "hello <all>".into()));
    ann.say(&ClientMessage::Hand { up: true }).await;
    let hand = mo.event(|event| if let Event::Changed { person } = event { person.hand } else { None }).await;
    assert_eq!(hand, 1);
    ann.say(&ClientMessage::React { emoji: "👍".into() }).await;
    let emoji =
        mo.event(|event| if let Event::Reaction { emoji, .. } = event { Some(emoji) } else { None }).await;
    assert_eq!(emoji, "👍");

    ann.say(&ClientMessage::Leave).await;
    assert_eq!(ann.closed().await, (Close::Left, Some(LOGOUT.into())));
    let left = mo.event(|event| if let Event::Left { person } = event { Some(person) } else { None }).await;
    assert_eq!(left, PersonId::from("w_ann"));
}

#[tokio::test]
async fn r4_viewers_wait_for_the_first_moderator_and_then_come_in_by_themselves() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let mut ann = Client::connect(&server).await;
    ann.hello(&server.invite(&meeting, "Ann", Role::Viewer), None).await;
    let Some(ServerMessage::Waiting { meeting_name, logout_url }) = ann.next().await else { panic!("waits") };
    assert_eq!((meeting_name.as_str(), logout_url.as_deref()), ("Maths 7b", Some(LOGOUT)));
    ann.chat("anybody?").await;
    assert_eq!(ann.until(refusal).await, Refusal::NotAllowed);
    let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
    assert!(!info.running && !info.has_user_joined && info.attendees.is_empty());

    let (_mo, welcome) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    assert!(welcome.people.iter().any(|person| person.name == "Mo"));
    let welcome = ann.welcome().await;
    assert_eq!(welcome.people.len(), 2);
    let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
    assert!(info.running && info.has_user_joined && info.start_ms >= info.meeting.create_ms);
    assert_eq!((info.participant_count(), info.moderator_count(), info.max_users), (2, 1, 2));
}

#[tokio::test]
async fn r11_a_moderator_mutes_and_never_unmutes() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let (mut ann, _) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    ann.say(&ClientMessage::Publish { source: Source::Microphone, on: true }).await;
    ann.event(|event| {
        matches!(event, Event::Changed { person } if person.on == [Source::Microphone]).then_some(())
    })
    .await;
    let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
    assert_eq!((info.voice_count(), info.listener_count(), info.video_count()), (1, 1, 0));

    mo.say(&ClientMessage::Mute { person: "w_ann".into(), source: Source::Microphone }).await;
    let by = ann.event(|event| if let Event::Muted { by, .. } = event { Some(by) } else { None }).await;
    assert_eq!(by, PersonId::from("w_mo"));
    mo.say(&ClientMessage::Mute { person: "w_ann".into(), source: Source::Microphone }).await;
    mo.settled().await;
    let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
    assert_eq!(info.voice_count(), 0);
    ann.say(&ClientMessage::Mute { person: "w_mo".into(), source: Source::Microphone }).await;
    assert_eq!(ann.until(refusal).await, Refusal::NotAllowed);
}

#[tokio::test]
async fn r6_rights_follow_the_role_in_the_token() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let (mut ann, _) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    let person = || PersonId::from("w_mo");
    for forbidden in [
        ClientMessage::Eject { person: person() },
        ClientMessage::MuteAll,
        ClientMessage::LowerHand { person: person() },
        ClientMessage::Mark { on: true },
        ClientMessage::End,
    ] {
        ann.say(&forbidden).await;
        assert_eq!(ann.until(refusal).await, Refusal::NotAllowed, "{forbidden:?}");
    }
    mo.say(&ClientMessage::Mark { on: true }).await;
    assert_eq!(mo.until(refusal).await, Refusal::RecordingOff, "R32: this meeting is not recorded");
}

#[tokio::test]
async fn who_is_removed_stays_outside_until_the_front_end_sends_the_person_again() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let token = server.invite(&meeting, "Ann", Role::Viewer);
    let (mut ann, _) = Client::join(&server, &token).await;
    mo.say(&ClientMessage::Eject { person: "w_ann".into() }).await;
    assert_eq!(ann.closed().await, (Close::Ejected, Some(LOGOUT.into())));
    let mut again = Client::connect(&server).await;
    again.hello(&token, None).await;
    assert_eq!(again.closed().await.0, Close::TokenInvalid);
    Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
}

#[tokio::test]
async fn a_full_room_says_so() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |wish| wish.max_participants = 1).await;
    let (_mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    assert!(!server.registry.has_room_for(&meeting.meeting.id, Some("lms-Ann")).await);
    assert!(server.registry.has_room_for(&meeting.meeting.id, Some("lms-Mo")).await);
    let mut ann = Client::connect(&server).await;
    ann.hello(&server.invite(&meeting, "Ann", Role::Viewer), None).await;
    assert_eq!(ann.closed().await, (Close::Full, Some(LOGOUT.into())));
}

#[tokio::test]
async fn media_can_be_started_anew_and_a_bad_answer_is_refused() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, welcome) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    mo.say(&ClientMessage::Answer { sdp: "v=0 nonsense".into() }).await;
    assert_eq!(mo.until(refusal).await, Refusal::BadAnswer);
    mo.say(&ClientMessage::RestartMedia).await;
    let offer =
        mo.until(|message| if let ServerMessage::Media(offer) = message { Some(offer) } else { None }).await;
    assert_ne!(offer.sdp, welcome.media.sdp);
    mo.say(&ClientMessage::RestartMedia).await;
    assert_eq!(mo.until(refusal).await, Refusal::TooFast);
}

#[tokio::test]
async fn r43_metrics_count_people_and_name_nobody() {
    let server = Server::start().await;
    let meeting = server.meeting("secret-course", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let (_ann, _) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    mo.chat("hello").await;
    mo.settled().await;
    let text = server.metrics();
    for line in [
        "lectern_meetings_active 1",
        "lectern_participants{kind=\"web\",role=\"moderator\"} 1",
        "lectern_participants{kind=\"web\",role=\"viewer\"} 1",
        "lectern_joins_total{result=\"ok\"} 2",
        "lectern_chat_messages_total 1",
        "lectern_hands_raised_total 1",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for secret in ["Mo\"", "Ann", "w_mo", "secret-course", "Maths", "127.0.0.1", meeting.meeting.id.as_str()]
    {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    server.registry.end(&meeting.meeting.id).await.unwrap();
    assert!(server.metrics().contains("lectern_participants{kind=\"web\",role=\"viewer\"} 0"));
}

#[tokio::test]
async fn a_hundred_people_come_at_once_and_all_read_the_same() {
    let server = Server::start().await;
    let meeting = server.meeting("m", |_| {}).await;
    let (mut mo, _) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    let tokens: Vec<_> = (0..100).map(|n| server.invite(&meeting, &format!("P{n}"), Role::Viewer)).collect();
    let joins = tokens.iter().map(|token| Client::join(&server, token));
    let people = futures_util::future::join_all(joins).await;
    mo.chat("good morning").await;
    let read = people.into_iter().map(|(mut client, _)| async move { client.next_chat().await });
    let read = futures_util::future::join_all(read).await;
    assert!(read.iter().all(|text| text == "good morning"));
    let info = server.registry.by_id(&meeting.meeting.id).await.unwrap();
    assert_eq!((info.participant_count(), info.max_users), (101, 101));
    server.registry.end(&meeting.meeting.id).await.unwrap();
    let stays = server.store.stays().of_meeting(&meeting.meeting.id).await.unwrap();
    assert!(stays.len() == 101 && stays.iter().all(|stay| stay.logout_ms.is_some()));
}
