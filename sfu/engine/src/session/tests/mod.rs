//! A session and a client on a virtual network, with a virtual clock.

mod consent;
mod handshake_loss;
mod malformed;
mod media;
mod offer_answer;
mod wrong_certificate;

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Instant;

use protocol::media::SlotKind;
use sfu_wire::demux::{Protocol, classify};
use sfu_wire::rtp::{NewHeader, write_header};
use sfu_wire::stun::Message;

use super::client::{Client, ClientDtlsConfig, Received};
use super::*;

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::generate(Instant::now()).unwrap());

const STEP: Micros = Micros::from_millis(5);
const UFRAG: &str = "000100000000002a";
const PWD: &str = "passwordpasswordpassword";

/// Which way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

/// One session, one client, and the datagrams between them, 20 ms one way.
struct World {
    now: Micros,
    server: Session,
    client: Client,
    client_address: SocketAddr,
    in_flight: Vec<(Micros, Way, Vec<u8>)>,
    received: Vec<Received>,
}

fn address(n: u16) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 7], 40_000 + n))
}

fn layout() -> OfferLayout {
    let video = |n: u32| SlotLayout { kind: SlotKind::Video, ssrc: 100 + n, rtx_ssrc: Some(200 + n) };
    let audio = |n: u32| SlotLayout { kind: SlotKind::Audio, ssrc: 10 + n, rtx_ssrc: None };
    OfferLayout { session_id: 42, slots: (0..5).map(audio).chain((0..3).map(video)).collect() }
}

fn config() -> SessionConfig {
    let address = SocketAddr::from(([192, 0, 2, 5], 3_478));
    SessionConfig { identity: IDENTITY.clone(), candidates: vec![address], tcp_candidates: vec![address] }
}

impl World {
    fn new() -> World {
        Self::with_client(&ClientDtlsConfig::default())
    }

    fn with_client(client: &ClientDtlsConfig) -> World {
        let now = Micros::from_millis(1_000);
        let mut server = Session::new(&config(), UFRAG.to_owned(), PWD.to_owned(), now);
        let client = Client::with_config(&server.offer(&layout()), now, client);
        World { now, server, client, client_address: address(0), in_flight: Vec::new(), received: Vec::new() }
    }

    /// A world in which media can pass.
    fn connected() -> World {
        let mut world = World::new();
        world.accept_answer();
        world.run(2_000, |_, _| true);
        assert_eq!(world.server.state(), SessionState::Connected);
        assert!(world.client.is_connected());
        world
    }

    fn accept_answer(&mut self) {
        let answer = self.client.answer();
        self.server.accept_answer(self.now, &answer).unwrap();
    }

    fn is_connected(&self) -> bool {
        self.server.state() == SessionState::Connected && self.client.is_connected()
    }

    /// Lets time pass. `deliver` says which datagrams arrive.
    fn run(&mut self, ms: u64, mut deliver: impl FnMut(Way, &[u8]) -> bool) {
        let until = self.now + Micros::from_millis(ms);
        while self.now < until {
            self.collect();
            let now = self.now;
            let (due, later) =
                std::mem::take(&mut self.in_flight).into_iter().partition(|(at, ..)| *at <= now);
            self.in_flight = later;
            let due: Vec<(Micros, Way, Vec<u8>)> = due;
            for (_, way, datagram) in due {
                if deliver(way, &datagram) {
                    self.arrive(way, datagram);
                }
            }
            if self.client.poll_timeout() <= now {
                self.client.handle_timeout(now);
            }
            if self.server.poll_timeout().is_some_and(|due| due <= now) {
                self.server.handle_timeout(now);
            }
            self.now = now + STEP;
        }
    }

    fn collect(&mut self) {
        let arrival = self.now + Micros::from_millis(20);
        while let Some(datagram) = self.client.poll_transmit() {
            self.in_flight.push((arrival, Way::ToServer, datagram));
        }
        while let Some((to, datagram)) = self.server.poll_transmit() {
            assert_eq!(to, self.client_address);
            self.in_flight.push((arrival, Way::ToClient, datagram));
        }
    }

    fn arrive(&mut self, way: Way, mut datagram: Vec<u8>) {
        match way {
            Way::ToClient => self.received.extend(self.client.handle(self.now, &datagram)),
            Way::ToServer => {
                let from = self.client_address;
                hand_over(&mut self.server, self.now, from, &mut datagram);
            }
        }
    }

    /// Sends a packet of the client through to the server; true if it opens there.
    fn media_passes(&mut self, sequence: u16) -> bool {
        let plain = rtp(7, sequence);
        let Some(mut sealed) = self.client.seal_rtp(&plain) else { return false };
        self.server.open_rtp(&mut sealed).is_ok_and(|opened| sealed[..opened.len] == plain)
    }
}

/// What the engine does with a datagram of a known session.
fn hand_over(server: &mut Session, now: Micros, from: SocketAddr, datagram: &mut [u8]) {
    match classify(datagram) {
        Some(Protocol::Stun) => {
            if let Ok(message) = Message::parse(datagram) {
                server.handle_stun(now, from, &message);
            }
        }
        Some(Protocol::Dtls) => server.handle_dtls(now, from, datagram),
        Some(Protocol::Rtp) => drop(server.open_rtp(datagram)),
        Some(Protocol::Rtcp) => drop(server.open_rtcp(datagram)),
        None => {}
    }
}

fn rtp(ssrc: u32, sequence: u16) -> Vec<u8> {
    let mut buffer = [0; 64];
    let header = NewHeader { payload_type: OPUS, sequence, timestamp: 960, ssrc, ..NewHeader::default() };
    let len = write_header(&mut buffer, &header).unwrap();
    [&buffer[..len], b"some media"].concat()
}

/// A small generator for seeded tests (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// Flips, cuts, lengthens, or repeats parts of bytes.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(changed.len());
            match self.below(6) {
                0 => changed.truncate(at),
                1 => changed.insert(at.min(changed.len()), self.next() as u8),
                2 => changed.extend_from_within(at..),
                3 if !changed.is_empty() => changed[at] = self.next() as u8,
                4 if !changed.is_empty() => changed[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                _ if !changed.is_empty() => changed[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        changed
    }
}
