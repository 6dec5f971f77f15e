//! A virtual class: one engine, a network that loses, delays, doubles and reorders by a seed, and browsers that publish and
//! receive. Time is counted in ms and passes only when [`World::run`] says so.
#![allow(dead_code, unused_imports)]

mod browser;
mod camera;
mod network;
mod receiver;

pub use browser::{Browser, payload_type};
pub use camera::Stamp;
pub use network::{Fate, Narrow, Network};
pub use receiver::{Frame, Heard, Received};

use std::net::SocketAddr;
use std::time::Instant;

use sfu_engine::{
    Arrival, Codec, Engine, EngineConfig, Event, Identity, Joined, Micros, ParticipantId, RoomId,
    SessionConfig, SlotSource, Source, TapItem, View,
};

pub const ROOM: RoomId = RoomId(7);

/// A piece of tap output, kept.
#[derive(Clone, Debug)]
pub struct Tapped {
    pub participant: ParticipantId,
    pub source: Source,
    pub at: Micros,
    pub packet: Option<Vec<u8>>,
    pub report: Option<(u64, u32)>,
}

pub struct World {
    pub engine: Engine,
    pub now: Micros,
    /// From browsers to the engine.
    pub up: Network,
    /// From the engine to browsers.
    pub down: Network,
    pub browsers: Vec<Browser>,
    pub events: Vec<(Micros, Event)>,
    pub tapped: Vec<Tapped>,
    /// Bytes and segments of every train that was sent.
    pub trains: Vec<(usize, u16)>,
}

impl World {
    pub fn new(seed: u64) -> World {
        let identity = Identity::generate(Instant::now()).unwrap();
        let candidates = vec![SocketAddr::from(([127, 0, 0, 1], 3478))];
        let session = SessionConfig { identity, candidates, tcp_candidates: Vec::new() };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut engine = Engine::new(EngineConfig { shard: 0, session, estimate: true }, bytes);
        engine.open_room(ROOM);
        World {
            engine,
            now: Micros::from_millis(1_000),
            up: Network::new(seed ^ 1),
            down: Network::new(seed ^ 2),
            browsers: Vec::new(),
            events: Vec::new(),
            tapped: Vec::new(),
            trains: Vec::new(),
        }
    }

    /// A browser joins the room with four video slots and is connected.
    pub fn join(&mut self) -> usize {
        self.join_room(ROOM)
    }

    pub fn join_many(&mut self, count: usize) {
        for _ in 0..count {
            self.join();
        }
    }

    pub fn join_room(&mut self, room: RoomId) -> usize {
        self.admit(room, true)
    }

    /// A browser joins whose handshake has yet to happen.
    pub fn join_unconnected(&mut self) -> usize {
        self.admit(ROOM, false)
    }

    fn admit(&mut self, room: RoomId, connected: bool) -> usize {
        let index = self.browsers.len();
        let id = ParticipantId(index as u64 + 1);
        let joined: Joined = self.engine.join(self.now, room, id, 4).unwrap();
        self.browsers.push(Browser::new(index, id, &joined));
        if connected {
            self.connect(index);
        }
        index
    }

    pub fn connect(&mut self, index: usize) {
        let browser = &self.browsers[index];
        self.engine.connect_with_keys(self.now, browser.id, browser.address, &browser.material);
    }

    pub fn id(&self, index: usize) -> ParticipantId {
        self.browsers[index].id
    }

    pub fn publish(&mut self, index: usize, source: Source, on: bool) {
        self.engine.publish(self.now, self.browsers[index].id, source, on);
    }

    /// The browser's camera starts, in all three encodings, and is published.
    pub fn start_camera(&mut self, index: usize) {
        self.browsers[index].start_camera(3, self.now);
        self.publish(index, Source::Camera, true);
    }

    /// The same in another codec.
    pub fn start_camera_in(&mut self, index: usize, codec: Codec) {
        self.start_camera(index);
        self.browsers[index].encodings.iter_mut().for_each(|encoding| encoding.codec = codec);
    }

    pub fn start_microphone(&mut self, index: usize, below_full_scale: u8) {
        self.browsers[index].start_microphone(below_full_scale, self.now);
        self.publish(index, Source::Microphone, true);
    }

    /// `viewer` shows these cameras at this height.
    pub fn view(&mut self, viewer: usize, publishers: &[usize], height: u16) {
        let views: Vec<View> = publishers
            .iter()
            .map(|publisher| View {
                publisher: self.id(*publisher),
                source: Source::Camera,
                width: height / 9 * 16,
                height,
                priority: 0,
            })
            .collect();
        self.engine.viewport(self.now, self.browsers[viewer].id, &views);
    }

    /// Time passes, in steps of 1 ms.
    pub fn run(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now = self.now + Micros::from_millis(1);
            self.step();
        }
    }

    fn step(&mut self) {
        let now = self.now;
        for browser in &mut self.browsers {
            for bytes in browser.send(now) {
                self.up.send(now, browser.address, bytes);
            }
        }
        while let Some((from, mut bytes)) = self.up.deliver(now) {
            assert_eq!(self.engine.handle_datagram(now, from, &mut bytes), Arrival::Ours);
        }
        self.engine.handle_timeout(now);
        self.flush();
        while let Some((to, bytes)) = self.down.deliver(now) {
            if let Some(browser) = self.browsers.iter_mut().find(|browser| browser.address == to) {
                browser.receive(now, &bytes);
            }
        }
    }

    /// Takes everything out of the engine.
    pub fn flush(&mut self) {
        let now = self.now;
        while let Some(batch) = self.engine.poll_transmits(now) {
            for transmit in batch.iter() {
                self.trains.push((transmit.bytes.len(), transmit.segment_size));
                for segment in transmit.bytes.chunks(usize::from(transmit.segment_size)) {
                    self.down.send(now, transmit.to, segment.to_vec());
                }
            }
        }
        while let Some(event) = self.engine.poll_event() {
            self.events.push((now, event));
        }
        self.engine.drain_tap(|output| {
            let (packet, report) = match output.item {
                TapItem::Rtp(bytes) => (Some(bytes.to_vec()), None),
                TapItem::SenderReport { ntp, rtp } => (None, Some((ntp, rtp))),
                TapItem::Gap => (None, None),
            };
            let (participant, source, at) = (output.participant, output.source, output.at);
            self.tapped.push(Tapped { participant, source, at, packet, report });
        });
    }

    /// Who is in a slot, by the events so far.
    pub fn occupant(&self, subscriber: usize, slot: u16) -> Option<SlotSource> {
        let id = self.id(subscriber);
        let changes = self.events.iter().filter_map(|(_, event)| match event {
            Event::Slots { participant, changes } if *participant == id => Some(changes),
            _ => None,
        });
        changes.flatten().rfind(|change| change.slot == slot).and_then(|change| change.from)
    }

    /// The slot in which a subscriber has this source now.
    pub fn slot_of(&self, subscriber: usize, publisher: usize, source: Source) -> Option<u16> {
        let id = self.id(publisher);
        (0..11).find(|slot| {
            self.occupant(subscriber, *slot)
                .is_some_and(|from| from.participant == id && from.source == source)
        })
    }

    /// What a subscriber has received in the slot of this source.
    pub fn received(&self, subscriber: usize, publisher: usize, source: Source) -> &Received {
        let slot = self.slot_of(subscriber, publisher, source).expect("the source has a slot");
        self.browsers[subscriber].slot(slot)
    }
}
