//! Whoever is not a participant can send what they like: the room does not notice (invariant 8).
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use common::Node;
use common::media::VP8;
use common::peer::Peer;
use sfu_node::{EngineView, Source};

const DATAGRAMS: u32 = 100_000;
const BURST: u32 = 50;

/// xorshift64*: the same stream of numbers in every run.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// A STUN binding request (RFC 8489) for a known user fragment, with an integrity that cannot be right.
fn binding_request(user: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let mut attribute = |kind: u16, value: &[u8]| {
        body.extend(kind.to_be_bytes());
        body.extend((value.len() as u16).to_be_bytes());
        body.extend(value);
        body.resize(body.len().next_multiple_of(4), 0);
    };
    attribute(0x0006, user.as_bytes());
    attribute(0x0024, &[0x6e, 0, 0x1e, 0xff]);
    attribute(0x8029, &[7; 8]);
    attribute(0x0025, &[]);
    attribute(0x0008, &[0x5a; 20]);
    attribute(0x8028, &[1, 2, 3, 4]);
    let mut message = vec![0, 1];
    message.extend((body.len() as u16).to_be_bytes());
    message.extend([0x21, 0x12, 0xa4, 0x42]);
    message.extend([9; 12]);
    message.extend(body);
    message
}

/// The kinds of datagram a media port sees, well-formed as far as an outsider can make them.
fn samples(user: &str) -> Vec<Vec<u8>> {
    let mut rtp =
        vec![0x90, 0xe0, 0, 1, 0, 0, 0, 1, 0, 0, 0x03, 0xe9, 0xbe, 0xde, 0, 1, 0x20, b'1', 0x30, b'q'];
    rtp.resize(900, 0x33);
    let mut rtcp = vec![0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0x03, 0xe9];
    rtcp.resize(48, 0x44);
    let mut hello =
        vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 80, 1, 0, 0, 68, 0, 0, 0, 0, 0, 0, 0, 68, 0xfe, 0xfd];
    hello.resize(93, 0x11);
    vec![binding_request(user), rtp, rtcp, hello]
}

fn user_fragment(offer: &str) -> String {
    let fragment = offer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap();
    format!("{fragment}:evil")
}

/// Random bytes, a sample as it is, or a sample with some bytes changed and its end cut off or grown.
fn datagram(random: &mut Seeded, samples: &[Vec<u8>]) -> Vec<u8> {
    match random.below(8) {
        0 => (0..random.below(1500)).map(|_| random.next() as u8).collect(),
        1 => samples[random.below(samples.len())].clone(),
        _ => {
            let mut bytes = samples[random.below(samples.len())].clone();
            for _ in 0..1 + random.below(6) {
                let at = random.below(bytes.len());
                bytes[at] = random.next() as u8;
            }
            if random.below(3) == 0 {
                bytes.resize(random.below(1500), random.next() as u8);
            }
            bytes
        }
    }
}

/// Sends everything from several sockets, in bursts; gives how long it took.
fn flood(to: SocketAddr, user: &str) -> Duration {
    let began = Instant::now();
    let mut random = Seeded(0x1ec7_e2b5);
    let samples = samples(user);
    let sockets: Vec<_> = (0..4).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    for number in 0..DATAGRAMS {
        let socket = &sockets[random.below(sockets.len())];
        let _ = socket.send_to(&datagram(&mut random, &samples), to);
        if number % BURST == 0 {
            std::thread::sleep(Duration::from_micros(500));
        }
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_mutated_datagrams_does_not_stop_a_rooms_media() {
    let mut node = Node::start(2);
    let room = node.sfu.open_room().await;
    let publisher = Peer::join(&node.sfu, room, 1000).await;
    let mut subscriber = Peer::join(&node.sfu, room, 2000).await;
    node.connected(publisher.id()).await;
    node.connected(subscriber.id()).await;
    let view = EngineView {
        publisher: publisher.id(),
        source: Source::Camera,
        width: 320,
        height: 180,
        priority: 0,
    };
    node.sfu.viewport(subscriber.id(), vec![view]);
    let publishing = publisher.publish(&node.sfu, 9);
    subscriber.packet(|packet| packet.header.payload_type == VP8).await;

    let (to, user) = (node.sfu.local_address(), user_fragment(&publisher.joined.offer));
    let mut flooding = tokio::task::spawn_blocking(move || flood(to, &user));
    let mut received = 0u32;
    let took = loop {
        tokio::select! {
            took = &mut flooding => break took.unwrap(),
            packet = subscriber.packet(|packet| packet.header.payload_type == VP8) => {
                assert_eq!(packet.payload.last(), Some(&9));
                received += 1;
            }
        }
    };
    // 50 frames a second are sent; on a busy test machine some may be late, but it never stops.
    assert!(u128::from(received) > took.as_millis() / 20 / 4, "{received} frames in {took:?}");
    for _ in 0..10 {
        subscriber.packet(|packet| packet.header.payload_type == VP8).await;
    }
    // And a newcomer gets in.
    let newcomer = Peer::join(&node.sfu, room, 3000).await;
    node.connected(newcomer.id()).await;
    let dropped: u64 = node.sfu.counters().packets_dropped.iter().map(|(_, count)| count).sum();
    assert!(dropped > u64::from(DATAGRAMS) / 2, "drops are counted: {dropped}");
    publishing.abort();
}
