//! The loop of one shard: wait, take orders, receive a batch, let the engine forward it, send, tell.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use sfu_engine::{Arrival, Engine, EngineConfig, Identity, Micros, SessionConfig};
use tokio::sync::mpsc;

use super::commands::{carry_out, event_of};
use super::hold::Hold;
use super::links::Links;
use super::mailbox::{Command, Mailbox};
use super::neighbours::{Lane, Neighbours, Parcel};
use super::outbox::Outbox;
use super::published::Published;
use super::tracks::Tracks;
use crate::config::StartError;
use crate::events::SfuEvent;
use crate::sys::{self, Epoll, Outgoing, Ready, Receiver, Sender};
use crate::tap::Taps;

/// How often totals are published while there is work, and while there is none, µs.
const PUBLISH_US: u64 = 100_000;
const IDLE_US: u64 = 1_000_000;
/// One packet in this many is a sample of the forwarding latency.
const SAMPLE: u64 = 1024;

/// What a shard's thread is made of.
pub struct Parts {
    pub index: usize,
    pub socket: UdpSocket,
    pub v6: bool,
    pub engine: Engine,
    pub mailbox: Arc<Mailbox>,
    pub neighbours: Neighbours,
    pub incoming: Vec<Lane>,
    pub events: mpsc::Sender<SfuEvent>,
    pub taps: Taps,
    pub published: Arc<Mutex<Published>>,
}

/// One engine per shard, all with one certificate and the same candidates.
pub fn engines(
    count: usize,
    candidates: &[SocketAddr],
    tcp_candidates: &[SocketAddr],
    estimate: bool,
) -> Result<Vec<Engine>, StartError> {
    let failed = |what| move |error: String| StartError::System { what, error: std::io::Error::other(error) };
    let identity =
        Identity::generate(Instant::now()).map_err(|error| failed("certificate")(error.to_string()))?;
    (0..count)
        .map(|shard| {
            let mut seed = [0u8; 32];
            aws_lc_rs::rand::fill(&mut seed).map_err(|error| failed("random numbers")(error.to_string()))?;
            let session = SessionConfig {
                identity: identity.clone(),
                candidates: candidates.to_vec(),
                tcp_candidates: tcp_candidates.to_vec(),
            };
            Ok(Engine::new(EngineConfig { shard: shard as u16, session, estimate }, seed))
        })
        .collect()
}

/// Starts the thread. It ends on [`Command::Stop`].
pub fn spawn(parts: Parts) -> std::io::Result<JoinHandle<()>> {
    let epoll = Epoll::new(&parts.socket, parts.mailbox.wake_fd())?;
    std::thread::Builder::new().name(format!("shard-{}", parts.index)).spawn(move || {
        if let Err(error) = sys::pin_to_core(parts.index) {
            tracing::warn!(shard = parts.index, %error, "not pinned to a core");
        }
        Shard::new(parts).run(epoll);
    })
}

struct Shard {
    socket: UdpSocket,
    engine: Engine,
    mailbox: Arc<Mailbox>,
    commands: Vec<Command>,
    neighbours: Neighbours,
    incoming: Vec<Lane>,
    parcel: Parcel,
    links: Links,
    outbox: Outbox,
    tracks: Tracks,
    sender: Sender,
    hold: Hold,
    published: Arc<Mutex<Published>>,
    published_at: Micros,
    totals: Published,
    packets_to_sample: u64,
    busy: Busy,
}

impl Shard {
    fn new(parts: Parts) -> Self {
        Self {
            socket: parts.socket,
            engine: parts.engine,
            mailbox: parts.mailbox,
            commands: Vec::new(),
            neighbours: parts.neighbours,
            incoming: parts.incoming,
            parcel: Parcel::default(),
            links: Links::default(),
            outbox: Outbox::new(parts.events),
            tracks: Tracks::new(parts.taps),
            sender: Sender::new(parts.v6),
            hold: Hold::default(),
            published: parts.published,
            published_at: Micros::ZERO,
            totals: Published::default(),
            packets_to_sample: SAMPLE,
            busy: Busy::default(),
        }
    }

    fn run(mut self, mut epoll: Epoll) {
        let mut receiver = Receiver::new();
        let mut idle = false;
        loop {
            let before = Micros(sys::monotonic_us());
            let ready = epoll.wait(Some(self.pause(before, idle)));
            let now = Micros(sys::monotonic_us());
            self.busy.waited(before, now);
            idle = ready == Ready::default();
            if ready.wake && !self.take_orders(now) {
                return;
            }
            if ready.socket {
                self.receive(now, &mut receiver);
            }
            if self.engine.poll_timeout().is_some_and(|due| due <= now) {
                self.engine.handle_timeout(now);
            }
            if self.hold.until(now).is_none() {
                self.send(now);
                self.hold.sent();
            }
            self.tell(now);
        }
    }

    /// How long to wait at most, µs.
    fn pause(&self, now: Micros, idle: bool) -> u64 {
        let housekeeping = if idle { IDLE_US } else { PUBLISH_US };
        [self.engine.poll_timeout(), self.tracks.due(), self.hold.until(now)]
            .into_iter()
            .flatten()
            .map(|due| due.since(now).0)
            .fold(housekeeping, u64::min)
    }

    /// Commands and parcels from neighbours. False means: stop.
    fn take_orders(&mut self, now: Micros) -> bool {
        self.mailbox.wake_fd().clear();
        self.mailbox.take(&mut self.commands);
        for command in self.commands.drain(..) {
            if !carry_out(&mut self.engine, &mut self.tracks, now, command) {
                return false;
            }
        }
        for lane in &self.incoming {
            let mut parcel = std::mem::take(&mut self.parcel);
            loop {
                match lane.take(parcel) {
                    Ok(mut full) => {
                        full.link.take().into_iter().for_each(|link| self.links.add(link));
                        full.each_datagram(|from, datagram| {
                            if arrive(&mut self.engine, &mut self.hold, now, from, datagram)
                                == Arrival::Unknown
                            {
                                self.neighbours.dropped += 1;
                            }
                        });
                        parcel = full;
                    }
                    Err(emptied) => {
                        self.parcel = emptied;
                        break;
                    }
                }
            }
        }
        true
    }

    fn receive(&mut self, now: Micros, receiver: &mut Receiver) {
        // Errors of an unconnected socket concern a peer that is gone (ICMP), never the socket.
        if receiver.receive(&self.socket).unwrap_or(0) == 0 {
            return;
        }
        receiver.each_datagram(|from, datagram| {
            if arrive(&mut self.engine, &mut self.hold, now, from, datagram) == Arrival::Unknown {
                self.neighbours.pass_on(now.0, from, datagram);
            }
        });
        self.neighbours.deliver();
    }

    /// Lets the engine forward and sends batch by batch.
    fn send(&mut self, now: Micros) {
        while let Some(batch) = self.engine.poll_transmits(now) {
            let mut sample = None;
            let links = &mut self.links;
            let items = batch.iter().filter(|train| !links.take(train)).map(|train| {
                let segment_size = usize::from(train.segment_size);
                let packets = train.bytes.len().div_ceil(segment_size.max(1)) as u64;
                if self.packets_to_sample <= packets {
                    self.packets_to_sample += SAMPLE;
                    sample = Some(train.since);
                }
                self.packets_to_sample = self.packets_to_sample.saturating_sub(packets);
                Outgoing { to: train.to, segment_size, bytes: train.bytes }
            });
            let report = self.sender.send(&self.socket, items);
            self.totals.refused += report.refused;
            if let Some(since) = sample {
                self.totals.latency.record(Micros(sys::monotonic_us()).since(since).0);
            }
        }
    }

    /// Events, tapped media and totals.
    fn tell(&mut self, now: Micros) {
        while let Some(event) = self.engine.poll_event() {
            self.outbox.push(event_of(event));
        }
        self.outbox.flush();
        let tracks = &mut self.tracks;
        self.engine.drain_tap(|output| tracks.take(now, &output));
        tracks.tick(now);
        if now.since(self.published_at).0 >= PUBLISH_US {
            self.published_at = now;
            self.publish(now);
        }
    }

    fn publish(&mut self, now: Micros) {
        self.totals.engine = *self.engine.counters();
        self.links.sweep();
        self.totals.links_full = self.links.refused;
        self.totals.homeless = self.neighbours.dropped;
        self.totals.events_merged = self.outbox.merged;
        self.totals.busy = self.busy.ratio(now);
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = self.totals;
    }
}

/// Brings a datagram to the engine. Only what is the engine's own can make others wait.
fn arrive(
    engine: &mut Engine,
    hold: &mut Hold,
    now: Micros,
    from: SocketAddr,
    datagram: &mut [u8],
) -> Arrival {
    let header = datagram.first_chunk().copied();
    let arrival = engine.handle_datagram(now, from, datagram);
    if let (Arrival::Ours, Some(header)) = (arrival, header) {
        hold.saw(now, header);
    }
    arrival
}

/// How much of the last second was spent outside the wait.
#[derive(Default)]
struct Busy {
    began: Micros,
    waited_us: u64,
    ratio: f64,
}

impl Busy {
    fn waited(&mut self, from: Micros, to: Micros) {
        self.waited_us = self.waited_us.saturating_add(to.since(from).0);
    }

    fn ratio(&mut self, now: Micros) -> f64 {
        let span = now.since(self.began).0;
        if span >= 1_000_000 {
            self.ratio = 1.0 - (self.waited_us as f64 / span as f64).min(1.0);
            self.began = now;
            self.waited_us = 0;
        }
        self.ratio
    }
}
