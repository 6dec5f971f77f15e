//! How meetings come into being.

use service::live::CreateError;

use crate::server::{Server, wish};

#[tokio::test]
async fn twelve_at_once_make_one_meeting() {
    let server = Server::start().await;
    let tries = (0..12).map(|_| server.registry.create(wish("m")));
    let made = futures_util::future::join_all(tries).await;
    let made: Vec<_> = made.into_iter().map(|created| created.unwrap()).collect();
    assert_eq!(made.iter().filter(|created| !created.already_existed).count(), 1);
    assert!(made.iter().all(|created| created.meeting.meeting.id == made[0].meeting.meeting.id));
    assert_eq!(server.registry.list(&"default".into()).await.len(), 1);
}

#[tokio::test]
async fn the_same_name_with_other_passwords_is_refused() {
    let server = Server::start().await;
    let with = |attendee: Option<&str>, moderator: Option<&str>| {
        let (attendee_pw, moderator_pw) = (attendee.map(str::to_owned), moderator.map(str::to_owned));
        service::live::CreateMeeting { attendee_pw, moderator_pw, ..wish("m") }
    };
    let first = server.registry.create(with(Some("a"), Some("b"))).await.unwrap();
    assert_eq!((first.meeting.meeting.attendee_pw.as_str(), first.already_existed), ("a", false));
    assert!(server.registry.create(with(Some("a"), Some("b"))).await.unwrap().already_existed);
    assert!(server.registry.create(with(None, None)).await.unwrap().already_existed);
    let other = server.registry.create(with(Some("a"), Some("c"))).await;
    assert!(matches!(other, Err(CreateError::IdNotUnique)));
    let made_up = server.registry.create(wish("n")).await.unwrap().meeting.meeting;
    assert!(made_up.attendee_pw != made_up.moderator_pw && made_up.voice_bridge.len() == 5);
}

#[tokio::test]
async fn r6_tenants_do_not_see_one_anothers_meetings() {
    let server = Server::start().await;
    let mine = server.meeting("m", |_| {}).await;
    let theirs = server.meeting("m", |wish| wish.tenant = "other".into()).await;
    assert_ne!(mine.meeting.id, theirs.meeting.id, "even when made in the same moment");
    let list = server.registry.list(&"other".into()).await;
    assert_eq!(list.iter().map(|info| &info.meeting.id).collect::<Vec<_>>(), [&theirs.meeting.id]);
    let found = server.registry.by_external(&"default".into(), "m").await.unwrap();
    assert_eq!(found.meeting.id, mine.meeting.id);
    assert!(server.registry.by_external(&"default".into(), "n").await.is_none());
    let unknown = service::live::CreateMeeting { tenant: "nobody".into(), ..wish("m") };
    assert!(matches!(server.registry.create(unknown).await, Err(CreateError::UnknownTenant)));
}

#[tokio::test]
async fn a_pin_belongs_to_one_running_meeting() {
    let server = Server::start().await;
    let pin = |external: &str| service::live::CreateMeeting {
        voice_bridge: Some("77777".into()),
        ..wish(external)
    };
    let first = server.registry.create(pin("m")).await.unwrap().meeting;
    assert!(matches!(server.registry.create(pin("n")).await, Err(CreateError::NonUniqueVoiceBridge)));
    assert!(server.registry.create(pin("m")).await.unwrap().already_existed);
    server.registry.end(&first.meeting.id).await.unwrap();
    server.registry.create(pin("n")).await.unwrap();
}
