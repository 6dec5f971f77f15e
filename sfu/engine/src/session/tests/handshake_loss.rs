//! A handshake survives whatever the network loses of it.

use super::*;

/// The flights of a handshake (RFC 6347 §4.2.4), by the first message of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    Hello,
    Cookie,
    HelloWithCookie,
    ServerHello,
    ClientFinish,
    ServerFinish,
}

const FLIGHTS: [(Flight, Way); 6] = [
    (Flight::Hello, Way::ToServer),
    (Flight::Cookie, Way::ToClient),
    (Flight::HelloWithCookie, Way::ToServer),
    (Flight::ServerHello, Way::ToClient),
    (Flight::ClientFinish, Way::ToServer),
    (Flight::ServerFinish, Way::ToClient),
];

fn flight(way: Way, datagram: &[u8]) -> Option<Flight> {
    let (kind, message, sequence) = (*datagram.first()?, *datagram.get(13)?, *datagram.get(18)?);
    Some(match (way, kind, message, sequence) {
        (Way::ToServer, 22, 1, 0) => Flight::Hello,
        (Way::ToClient, 22, 3, _) => Flight::Cookie,
        (Way::ToServer, 22, 1, _) => Flight::HelloWithCookie,
        (Way::ToClient, 22, 2 | 11 | 12 | 13 | 14, _) => Flight::ServerHello,
        (Way::ToServer, 20 | 22, ..) => Flight::ClientFinish,
        (Way::ToClient, 20 | 22, ..) => Flight::ServerFinish,
        _ => return None,
    })
}

/// Connects while the first `losses` datagrams of one flight are lost; gives the ms that it took.
fn connect(mtu: usize, victim: (Flight, Way), losses: usize) -> u64 {
    let mut world = World::with_client(&ClientDtlsConfig { mtu, ..ClientDtlsConfig::default() });
    world.accept_answer();
    let (start, mut lost) = (world.now, 0);
    while !world.is_connected() {
        world.run(5, |way, datagram| {
            let hit = way == victim.1 && flight(way, datagram) == Some(victim.0) && lost < losses;
            lost += usize::from(hit);
            !hit
        });
        assert!(world.now.since(start) < Micros::from_millis(15_000), "{victim:?} {losses} of mtu {mtu}");
    }
    assert_eq!(lost, losses, "{victim:?}");
    assert!(world.media_passes(1), "{victim:?} {losses}");
    world.now.since(start).millis()
}

#[test]
fn one_two_and_three_datagrams_of_every_flight_may_be_lost() {
    for mtu in [1_200, 120] {
        for victim in FLIGHTS {
            for losses in 1..=3 {
                let ms = connect(mtu, victim, losses);
                assert!(ms < 6_000, "{victim:?} {losses} of mtu {mtu} took {ms} ms");
            }
        }
    }
}

#[test]
fn nothing_lost_takes_no_repetition() {
    // One round trip of ICE, three of DTLS, 40 ms each, in steps of 5 ms; the first repetition would take 200 ms more.
    let ms = connect(1_200, FLIGHTS[0], 0);
    assert!(ms < 250, "{ms}");
}

#[test]
fn a_third_of_all_datagrams_may_be_lost() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let mtu = [1_200, 300][random.below(2)];
        let mut world = World::with_client(&ClientDtlsConfig { mtu, ..ClientDtlsConfig::default() });
        world.accept_answer();
        let start = world.now;
        while !world.is_connected() {
            world.run(5, |_, _| random.below(3) != 0);
            assert!(world.now.since(start) < Micros::from_millis(55_000), "seed {seed}");
        }
        assert!(world.media_passes(1), "seed {seed}");
    }
}

#[test]
fn duplicated_and_reordered_datagrams_do_no_harm() {
    for seed in 0..40 {
        let mut random = Random(1_000 + seed);
        let mut world = World::with_client(&ClientDtlsConfig { mtu: 300, ..ClientDtlsConfig::default() });
        world.accept_answer();
        for _ in 0..2_000 {
            world.collect();
            let copies: Vec<_> = world.in_flight.iter().filter(|_| random.below(8) == 0).cloned().collect();
            world.in_flight.extend(copies);
            for n in (1..world.in_flight.len()).rev() {
                world.in_flight.swap(n, random.below(n + 1));
            }
            world.run(5, |_, _| true);
            if world.is_connected() {
                break;
            }
        }
        assert!(world.is_connected() && world.media_passes(1), "seed {seed}");
    }
}
