//! A room in memory: the engine alone, one publisher, and an audience whose keys are given.

use std::net::SocketAddr;
use std::time::Instant;

use sfu_engine::{
    Engine, EngineConfig, Identity, Micros, ParticipantId, RoomId, SessionConfig, Source, View,
};

use crate::keys::{Browser, material};
use crate::media::{Camera, Microphone};

const ROOM: RoomId = RoomId(1);
const PUBLISHER: ParticipantId = ParticipantId(1);
/// Time from one frame of the camera to the next, µs.
const FRAME_US: u64 = 33_333;
/// Time from one packet of the microphone to the next, µs.
const VOICE_US: u64 = 20_000;

/// One publisher with camera and microphone, and those who see and hear it.
pub struct Room {
    engine: Engine,
    browser: Browser,
    camera: Camera,
    microphone: Microphone,
    /// The engine's time. Participants answer no consent checks, so they are gone after 30 s (RFC 7675).
    pub now: Micros,
}

impl Room {
    /// A room with `subscribers` who all show the camera and hear the microphone.
    pub fn new(subscribers: u32) -> Result<Self, String> {
        let identity = Identity::generate(Instant::now()).map_err(text)?;
        let session = SessionConfig { identity, candidates: vec![address(0)], tcp_candidates: Vec::new() };
        let mut engine = Engine::new(EngineConfig { shard: 0, session, estimate: false }, [7; 32]);
        let now = Micros(1_000_000);
        engine.open_room(ROOM);
        for number in 0..=subscribers {
            let participant = ParticipantId(u64::from(number) + 1);
            engine.join(now, ROOM, participant, 1).map_err(text)?;
            engine.connect_with_keys(now, participant, address(number + 1), &material(number));
        }
        engine.publish(now, PUBLISHER, Source::Camera, true);
        engine.publish(now, PUBLISHER, Source::Microphone, true);
        let view =
            View { publisher: PUBLISHER, source: Source::Camera, width: 320, height: 180, priority: 0 };
        for number in 1..=subscribers {
            engine.viewport(now, ParticipantId(u64::from(number) + 1), &[view]);
        }
        let browser = Browser::new(&material(0)).ok_or("no SRTP")?;
        Ok(Self { engine, browser, camera: Camera::new(4242), microphone: Microphone::new(2424), now })
    }

    /// The camera's next frame, in `packets` sealed packets of `size` bytes before sealing.
    pub fn frame(&mut self, packets: usize, size: usize) -> Vec<Vec<u8>> {
        self.now = Micros(self.now.0 + FRAME_US);
        let mut datagrams = Vec::with_capacity(packets);
        let browser = &mut self.browser;
        self.camera.frame(packets, size, &mut |plain| datagrams.extend(browser.seal(plain)));
        datagrams
    }

    /// The microphone's next packet, sealed, of `size` bytes before sealing.
    pub fn voice(&mut self, size: usize) -> Vec<Vec<u8>> {
        self.now = Micros(self.now.0 + VOICE_US);
        let plain = self.microphone.packet(size);
        self.browser.seal(&plain).into_iter().collect()
    }

    /// The engine's whole work on these datagrams of the publisher, as a shard drives it.
    pub fn forward(&mut self, datagrams: &mut [Vec<u8>]) {
        for datagram in datagrams {
            self.engine.handle_datagram(self.now, address(1), datagram);
        }
        if self.engine.poll_timeout().is_some_and(|due| due <= self.now) {
            self.engine.handle_timeout(self.now);
        }
        while let Some(batch) = self.engine.poll_transmits(self.now) {
            std::hint::black_box(batch.iter().count());
        }
        while self.engine.poll_event().is_some() {}
    }

    /// Packets forwarded so far, to all subscribers together.
    pub fn forwarded(&self) -> u64 {
        self.engine.counters().packets_forwarded
    }

    /// Packets that the engine refused so far, for whatever reason.
    pub fn refused(&self) -> u64 {
        self.engine.counters().dropped.iter().sum()
    }
}

fn address(number: u32) -> SocketAddr {
    SocketAddr::from(([10, 0, (number >> 8) as u8, number as u8], 40_000))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
