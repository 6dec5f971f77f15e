//! Marked segments, from the moderator's mark to the rows.

use std::sync::atomic::Ordering;

use protocol::client::ClientMessage;
use protocol::ids::MeetingId;
use protocol::server::{Event, RecordingFailure, RecordingState, Refusal, Role, ServerMessage};
use protocol::tap::{Order, Report};
use service::live::{LiveEvent, MeetingInfo};
use store::recordings::SegmentState;

use crate::client::{Client, LIMIT};
use crate::recorder::Recorder;
use crate::server::Server;

async fn state(client: &mut Client) -> RecordingState {
    client.event(|event| if let Event::Recording { state } = event { Some(state) } else { None }).await
}

async fn refusal(client: &mut Client) -> Refusal {
    client
        .until(|message| if let ServerMessage::Refused { code, .. } = message { Some(code) } else { None })
        .await
}

fn finished(meeting: &MeetingId, segment: u32) -> Report {
    Report::Finished {
        meeting: meeting.clone(),
        segment,
        duration_ms: 61_000,
        bytes: 4_096,
        tracks: 2,
        people: 1,
    }
}

struct Class {
    server: Server,
    meeting: MeetingInfo,
    mo: Client,
    ann: Client,
}

/// A recordable class with announcements that are over at once.
async fn class() -> Class {
    let server = Server::with(|limits| limits.timings.announce_ms = 20).await;
    let meeting = server.meeting("m", |wish| wish.record = true).await;
    let (mo, welcome) = Client::join(&server, &server.invite(&meeting, "Mo", Role::Moderator)).await;
    assert!(welcome.may_record);
    let (ann, _) = Client::join(&server, &server.invite(&meeting, "Ann", Role::Viewer)).await;
    Class { server, meeting, mo, ann }
}

impl Class {
    fn id(&self) -> &MeetingId {
        &self.meeting.meeting.id
    }

    /// Marks, and takes the orders up to the first that is no name.
    async fn begin(&mut self, recorder: &mut Recorder) -> Order {
        self.mo.say(&ClientMessage::Mark { on: true }).await;
        assert!(matches!(state(&mut self.mo).await, RecordingState::Announced { .. }));
        assert!(matches!(state(&mut self.mo).await, RecordingState::On { .. }));
        recorder.order().await
    }
}

/// The next order that is no name, and the names before it.
async fn order(recorder: &mut Recorder) -> (Vec<String>, Order) {
    let mut names = Vec::new();
    loop {
        match recorder.order().await {
            Order::Name { name, .. } => names.push(name),
            other => return (names, other),
        }
    }
}

#[tokio::test]
async fn nothing_is_promised_that_cannot_be_recorded() {
    let mut class = class().await;
    class.mo.say(&ClientMessage::Mark { on: true }).await;
    assert_eq!(refusal(&mut class.mo).await, Refusal::RecorderAway);
    let _recorder = Recorder::attach(&class.server).await;
    class.server.free_disk.store(199_999_999, Ordering::Relaxed);
    class.mo.say(&ClientMessage::Mark { on: true }).await;
    assert_eq!(refusal(&mut class.mo).await, Refusal::DiskFull);
    class.server.free_disk.store(200_000_000, Ordering::Relaxed);
    class.mo.say(&ClientMessage::Mark { on: true }).await;
    assert!(matches!(state(&mut class.ann).await, RecordingState::Announced { starts_in_ms: 20, .. }));
}

#[tokio::test]
async fn r30_a_marked_segment_goes_to_the_recorder_and_into_the_rows() {
    let mut class = class().await;
    let id = class.id().clone();
    let mut recorder = Recorder::attach(&class.server).await;
    class.mo.chat("before").await;
    class.mo.next_chat().await;
    let begin = class.begin(&mut recorder).await;
    let Order::Begin { meeting, segment: 1, data_key, tenant, .. } = begin else { panic!("the first order") };
    assert_eq!((&meeting, tenant.as_str(), data_key.len()), (&id, "default", 64));
    let key = class.server.store.recordings().data_key(&id).await.unwrap();
    assert_eq!(key.to_hex().as_str(), data_key);
    assert!(class.server.registry.by_id(&id).await.unwrap().recording);

    class.mo.say(&ClientMessage::Chat { text: "private".into(), to: Some("w_ann".into()) }).await;
    class.mo.chat("on the timeline").await;
    let (mut names, note) = order(&mut recorder).await;
    names.sort();
    assert_eq!(names, ["Ann", "Mo"]);
    let Order::Note { event: Event::Chat { message }, segment: 1, .. } = note else { panic!("a note") };
    assert_eq!(message.text, "on the timeline", "neither what was before nor what is private");

    class.mo.say(&ClientMessage::Mark { on: false }).await;
    assert_eq!(state(&mut class.mo).await, RecordingState::Finishing);
    assert!(matches!(recorder.order().await, Order::Finish { segment: 1, .. }));
    class.mo.chat("after").await;
    recorder.report(&finished(&id, 1)).await;
    let expected = format!("/recordings/{id}?sig=x");
    assert_eq!(state(&mut class.mo).await, RecordingState::Ready { url: Some(expected) });
    let seen = class.ann.event(|event| match event {
        Event::Recording { state: RecordingState::Ready { url } } => Some(url),
        _ => None,
    });
    assert_eq!(seen.await, None, "R34: only moderators get the link");

    let row = class.server.store.recordings().find(&id).await.unwrap().unwrap();
    let [segment] = &row.segments[..] else { panic!("one segment") };
    assert_eq!(
        (segment.number, segment.state, segment.result.duration_ms),
        (1, SegmentState::Finished, 61_000)
    );
    assert_eq!((row.bytes(), row.people(), row.due_ms), (4_096, 1, None), "not due while the class goes on");
    let metrics = class.server.metrics();
    assert!(metrics.contains("lectern_recording_segments_total{result=\"ready\"} 1"));
    assert!(metrics.contains("lectern_recording_seconds_total 61"));
}

#[tokio::test]
async fn r51_a_class_that_ends_while_recorded_is_finished_and_becomes_due() {
    let mut class = class().await;
    let id = class.id().clone();
    let mut events = class.server.registry.subscribe();
    let mut recorder = Recorder::attach(&class.server).await;
    class.begin(&mut recorder).await;
    // The names are sent when the tap is open.
    assert!(matches!(recorder.order().await, Order::Name { .. }));
    class.server.registry.end(&id).await.unwrap();
    assert!(matches!(order(&mut recorder).await.1, Order::Finish { segment: 1, .. }));
    let ended = tokio::time::timeout(LIMIT, events.recv()).await.unwrap().unwrap();
    assert!(matches!(ended, LiveEvent::MeetingEnded { recorded: true, .. }));
    recorder.report(&finished(&id, 1)).await;
    let ready = tokio::time::timeout(LIMIT, events.recv()).await.unwrap().unwrap();
    assert!(matches!(ready, LiveEvent::RecordingReady { meeting } if meeting.id == id));
    let row = class.server.store.recordings().find(&id).await.unwrap().unwrap();
    assert_eq!(row.segments[0].state, SegmentState::Finished);
    assert_eq!(row.due_ms.unwrap() - row.ended_ms.unwrap(), 14 * store::policy::DAY_MS);
}

#[tokio::test]
async fn a_full_disk_stops_the_segment_and_the_class_goes_on() {
    let mut class = class().await;
    let id = class.id().clone();
    let mut recorder = Recorder::attach(&class.server).await;
    class.begin(&mut recorder).await;
    let failed = Report::Failed { meeting: id.clone(), segment: 1, disk_full: true, message: "full".into() };
    recorder.report(&failed).await;
    assert_eq!(state(&mut class.mo).await, RecordingState::Failed { reason: RecordingFailure::DiskFull });
    let row = class.server.store.recordings().find(&id).await.unwrap().unwrap();
    assert_eq!(row.segments[0].state, SegmentState::Failed);
    class.ann.chat("the class goes on").await;
    assert_eq!(class.mo.next_chat().await, "the class goes on");
    assert!(matches!(
        class.begin(&mut recorder).await,
        Order::Name { .. } | Order::Finish { .. } | Order::Begin { .. }
    ));
}

#[tokio::test]
async fn a_lost_recorder_is_told_and_what_it_saved_is_ready_later() {
    let mut class = class().await;
    let id = class.id().clone();
    let mut recorder = Recorder::attach(&class.server).await;
    class.begin(&mut recorder).await;
    recorder.connection.close(0_u32.into(), b"crash");
    assert_eq!(state(&mut class.mo).await, RecordingState::Failed { reason: RecordingFailure::RecorderLost });
    let mut recorder = Recorder::attach(&class.server).await;
    recorder.report(&finished(&id, 1)).await;
    assert!(matches!(state(&mut class.mo).await, RecordingState::Ready { .. }));
    let Order::Begin { segment, .. } = class.begin(&mut recorder).await else {
        panic!("a new segment begins")
    };
    assert_eq!(segment, 2);
}
