//! One running meeting: a task that owns its classroom, its media room, and the outboxes of its connections.
//!
//! Everything comes in as an [`Input`] or a media event, goes through the classroom, and its effects are carried out
//! in [`effects`]. Nothing here waits for a connection, the database or the media node: work that takes time is done
//! aside and comes back as [`Done`].

mod books;
mod commands;
mod doors;
mod effects;
mod media;
mod segments;
mod stay;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use classroom::{Classroom, Ending, Fact};
use protocol::client::ClientMessage;
use protocol::ids::PersonId;
use protocol::server::Close;
use protocol::tap::Report;
use sfu_node::{ParticipantId, RoomId, SfuEvent};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

pub(crate) use doors::Hello;
pub(crate) use stay::Client;

use self::books::Books;
use self::media::Done;
use self::segments::Segments;
use self::stay::Stay;
use super::config::LiveConfig;
use super::guest::{Guest, Guests};
use super::meeting::{Meeting, MeetingInfo};
use super::outbox::ConnectionId;
use super::registry::Routes;

/// Inputs that may wait; a connection that wants to say more waits itself.
const INPUTS: usize = 1024;
/// Media events that may wait; slots of a thousand people can change at once.
const EVENTS: usize = 8192;

/// What a room is told.
pub(crate) enum Input {
    /// A connection with a valid token.
    Hello(Box<Hello>),
    /// A connection said something.
    Said(ConnectionId, ClientMessage),
    /// A connection is gone.
    Gone(ConnectionId),
    /// How does it look?
    Info(oneshot::Sender<MeetingInfo>),
    /// Does one more fit in?
    HasRoomFor(Option<String>, oneshot::Sender<bool>),
    /// The meeting is over; the answer comes when all is written.
    End(Ending, oneshot::Sender<()>),
    /// The recorder reports on a segment of this meeting; the rows are written already.
    Report(Report),
    /// The recorder is gone.
    RecorderLost,
}

/// Where a room is reached. It is gone when sending fails.
#[derive(Clone)]
pub(crate) struct RoomHandle {
    pub meeting: Arc<Meeting>,
    pub guests: Arc<Guests>,
    pub inputs: mpsc::Sender<Input>,
}

/// What became of a meeting.
pub(crate) struct Outcome {
    pub ending: Ending,
    /// Unix ms.
    pub ended_ms: i64,
}

/// One running meeting.
pub(super) struct Room {
    meeting: Arc<Meeting>,
    config: Arc<LiveConfig>,
    routes: Arc<Routes>,
    events: mpsc::Sender<SfuEvent>,
    class: Classroom,
    /// The moment from which the room counts, on both clocks.
    began: Instant,
    began_unix_ms: i64,
    media_room: RoomId,
    guests: Arc<Guests>,
    stays: HashMap<PersonId, Stay>,
    connections: HashMap<ConnectionId, PersonId>,
    participants: HashMap<ParticipantId, PersonId>,
    speakers: Vec<PersonId>,
    segments: Segments,
    books: Books,
    work: JoinSet<Done>,
    ending: Option<Ending>,
    enders: Vec<oneshot::Sender<()>>,
}

/// A meeting and what runs it: the future ends when the meeting has ended and everybody is told. [`Room::close`] follows.
pub(super) fn open(
    meeting: Arc<Meeting>,
    config: Arc<LiveConfig>,
    routes: Arc<Routes>,
    media_room: RoomId,
) -> (RoomHandle, impl Future<Output = Room> + Send) {
    let (inputs, received) = mpsc::channel(INPUTS);
    let (events, arriving) = mpsc::channel(EVENTS);
    routes.add_room(media_room, events.clone());
    let class = Classroom::new(meeting.settings(config.limits.timings));
    let began_unix_ms = (config.clock)();
    let books = Books::open(config.store.clone(), meeting.id.clone(), began_unix_ms);
    let guests = Arc::new(Guests::default());
    let room = Room {
        meeting: meeting.clone(),
        config,
        routes,
        events,
        class,
        began: Instant::now(),
        began_unix_ms,
        media_room,
        guests: guests.clone(),
        stays: HashMap::new(),
        connections: HashMap::new(),
        participants: HashMap::new(),
        speakers: Vec::new(),
        segments: Segments::default(),
        books,
        work: JoinSet::new(),
        ending: None,
        enders: Vec::new(),
    };
    (RoomHandle { meeting, guests, inputs }, room.run(received, arriving))
}

impl Room {
    async fn run(mut self, mut inputs: mpsc::Receiver<Input>, mut events: mpsc::Receiver<SfuEvent>) -> Self {
        let mut statistics = interval(self.config.limits.statistics);
        statistics.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.ending.is_none() {
            let due = self.class.poll_timeout().map(|ms| self.instant(ms));
            tokio::select! {
                input = inputs.recv() => match input {
                    Some(input) => self.take(input),
                    None => self.observe(Fact::End(Ending::Stopping)),
                },
                Some(event) = events.recv() => self.media_event(event),
                Some(Ok(done)) = self.work.join_next() => self.done(done),
                () = sleep_until(due.unwrap_or(self.began)), if due.is_some() => self.pass_time(),
                _ = statistics.tick() => self.books.statistics(self.class.statistics(self.now_ms())),
            }
        }
        inputs.close();
        while let Ok(input) = inputs.try_recv() {
            self.take_too_late(input);
        }
        self
    }

    /// The meeting ended while this was in the queue.
    fn take_too_late(&mut self, input: Input) {
        match input {
            Input::Hello(hello) => self.turn_away(&hello.outbox, Close::MeetingEnded, None),
            Input::End(_, reply) => self.enders.push(reply),
            _ => {}
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Hello(hello) => self.hello(*hello),
            Input::Said(connection, message) => self.said(connection, message),
            Input::Gone(connection) => self.gone(connection),
            // The one who asked may have gone away meanwhile.
            Input::Info(reply) => drop(reply.send(self.info())),
            Input::HasRoomFor(user, reply) => drop(reply.send(self.class.has_room_for(user.as_deref()))),
            Input::End(ending, reply) => {
                self.enders.push(reply);
                self.observe(Fact::End(ending));
            }
            Input::Report(report) => self.report(report),
            Input::RecorderLost => self.observe(Fact::RecorderLost),
        }
    }

    fn pass_time(&mut self) {
        let effects = self.class.handle_timeout(self.now_ms());
        self.carry_out(effects);
    }

    fn observe(&mut self, fact: Fact) {
        let effects = self.class.observe(self.now_ms(), fact);
        self.carry_out(effects);
    }

    /// Gives back what the room held, and returns when its rows are written.
    pub(super) async fn close(mut self) -> Outcome {
        self.routes.remove_room(self.media_room);
        while let Some(done) = self.work.join_next().await {
            if let Ok(done) = done {
                self.give_up(done);
            }
        }
        self.config.sfu.close_room(self.media_room);
        let ending = self.ending.unwrap_or(Ending::Stopping);
        let (now_ms, rows) = (self.now_ms(), self.class.statistics(self.now_ms()));
        let ended_ms = self.unix_ms(now_ms);
        self.books.statistics(rows);
        self.books.close(ended_ms, ending.forced()).await;
        for ender in self.enders.drain(..) {
            // The one who asked may have gone away meanwhile.
            let _ = ender.send(());
        }
        Outcome { ending, ended_ms }
    }

    /// The room's time, ms since it was made.
    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn instant(&self, ms: u64) -> Instant {
        let far = std::time::Duration::from_secs(86_400 * 365);
        let after = std::time::Duration::from_millis(ms).min(far);
        self.began.checked_add(after).unwrap_or(self.began)
    }

    /// A moment of the room as Unix ms.
    fn unix_ms(&self, at_ms: u64) -> i64 {
        self.began_unix_ms.saturating_add(i64::try_from(at_ms).unwrap_or(i64::MAX))
    }
}
