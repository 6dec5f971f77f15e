//! `scripts/bench forward`: what the engine itself costs per forwarded packet, in memory, without system calls.
//!
//! One publisher, 200 subscribers, 1200-byte packets in frames of six (and of one), AES-128-GCM. CPU time of the
//! thread, from the datagram that came in to trains that are ready to be sent, so opening, routing, rewriting and sealing are all
//! in it. In the same run, interleaved: the cost of copying and sealing such a packet with nothing around it.

use std::net::SocketAddr;
use std::time::Instant;

use benches::aead::seal_ns;
use benches::keys::{Browser, material};
use benches::media::Camera;
use benches::stats::Report;
use sfu_engine::{
    Engine, EngineConfig, Identity, Micros, ParticipantId, RoomId, SessionConfig, Source, View,
};
use sfu_node::sys::cpu_time_ns;

const SUBSCRIBERS: u32 = 200;
const PACKET: usize = 1200;
const RUNS: usize = 9;
const FRAME_US: u64 = 33_333;
const ROOM: RoomId = RoomId(1);
const PUBLISHER: ParticipantId = ParticipantId(1);

/// A room in memory.
struct Class {
    engine: Engine,
    browser: Browser,
    camera: Camera,
    now: Micros,
    sent: u64,
}

impl Class {
    fn new() -> Result<Self, String> {
        let identity = Identity::generate(Instant::now()).map_err(text)?;
        let session = SessionConfig { identity, candidates: vec![address(0)] };
        let mut engine = Engine::new(EngineConfig { shard: 0, session }, [7; 32]);
        let now = Micros(1_000_000);
        engine.open_room(ROOM);
        for number in 0..=SUBSCRIBERS {
            let participant = ParticipantId(u64::from(number) + 1);
            engine.join(now, ROOM, participant, 1).map_err(text)?;
            engine.connect_with_keys(now, participant, address(number + 1), &material(number));
        }
        engine.publish(now, PUBLISHER, Source::Camera, true);
        let view =
            View { publisher: PUBLISHER, source: Source::Camera, width: 320, height: 180, priority: 0 };
        for number in 1..=SUBSCRIBERS {
            engine.viewport(now, ParticipantId(u64::from(number) + 1), &[view]);
        }
        let browser = Browser::new(&material(0)).ok_or("no SRTP")?;
        Ok(Self { engine, browser, camera: Camera::new(4242), now, sent: 0 })
    }

    /// Forwards `frames` frames and gives CPU ns and packets forwarded. What the publisher does is not measured.
    fn run(&mut self, frames: usize, packets: usize) -> (u64, u64) {
        let (mut spent, before) = (0, self.sent);
        for _ in 0..frames {
            self.now = Micros(self.now.0 + FRAME_US);
            let mut datagrams: Vec<Vec<u8>> = Vec::with_capacity(packets);
            let browser = &mut self.browser;
            self.camera.frame(packets, PACKET, &mut |plain| datagrams.extend(browser.seal(plain)));
            let began = cpu_time_ns();
            self.forward(&mut datagrams);
            spent += cpu_time_ns() - began;
        }
        (spent, self.sent - before)
    }

    fn forward(&mut self, datagrams: &mut [Vec<u8>]) {
        for datagram in datagrams {
            self.engine.handle_datagram(self.now, address(1), datagram);
        }
        if self.engine.poll_timeout().is_some_and(|due| due <= self.now) {
            self.engine.handle_timeout(self.now);
        }
        while let Some(batch) = self.engine.poll_transmits(self.now) {
            for train in batch.iter().filter(|train| train.bytes.len() > PACKET / 2) {
                self.sent += train.bytes.len().div_ceil(usize::from(train.segment_size).max(1)) as u64;
            }
        }
        while self.engine.poll_event().is_some() {}
    }
}

fn address(number: u32) -> SocketAddr {
    SocketAddr::from(([10, 0, (number >> 8) as u8, number as u8], 40_000))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// CPU ns per forwarded packet in frames of `packets`, about 60,000 packets a run.
fn own_cpu_ns(class: &mut Class, packets: usize) -> Result<f64, String> {
    let frames = 60_000 / SUBSCRIBERS as usize / packets;
    let (spent, sent) = class.run(frames, packets);
    let expected = (frames * packets) as u64 * u64::from(SUBSCRIBERS);
    if sent != expected {
        return Err(format!("{sent} packets forwarded instead of {expected}"));
    }
    Ok(spent as f64 / sent as f64)
}

fn main() -> Result<(), String> {
    let (mut frames, mut singles, mut aead) = (vec![], vec![], vec![]);
    let mut class = Class::new()?;
    class.run(20, 6);
    for _ in 0..RUNS {
        // A participant without consent checks is gone after 30 s (RFC 7675): later runs need a new class.
        if class.now.0 > 20_000_000 {
            class = Class::new()?;
            class.run(20, 6);
        }
        frames.push(own_cpu_ns(&mut class, 6)?);
        singles.push(own_cpu_ns(&mut class, 1)?);
        aead.push(seal_ns(PACKET, SUBSCRIBERS as usize));
    }
    let mut report = Report::new("forward");
    report.runs("own_cpu_ns_per_packet", &frames);
    report.runs("own_cpu_ns_per_packet_single", &singles);
    report.runs("aead_ns_per_packet", &aead);
    report.number("subscribers", f64::from(SUBSCRIBERS));
    report.number("runs", RUNS as f64);
    report.print();
    Ok(())
}
