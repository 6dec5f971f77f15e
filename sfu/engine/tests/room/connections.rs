//! Connections by the real protocol: checks, handshake, keys, over a network that loses; and the shard that is meant.

use std::net::SocketAddr;

use crate::common::{Fate, Network, ROOM, World};
use sfu_engine::client::{AnswerOptions, Client, Received};
use sfu_engine::{Arrival, Event, Micros, ParticipantId, Source, View, owner_shard};
use sfu_wire::rtp::{NewHeader, RtpHeader, write_header};

/// A browser that shakes hands.
struct Real {
    id: ParticipantId,
    address: SocketAddr,
    client: Client,
    media: Vec<Vec<u8>>,
}

impl Real {
    fn join(world: &mut World, number: u8, options: &AnswerOptions) -> Real {
        let id = ParticipantId(100 + u64::from(number));
        let offer = world.engine.join(world.now, ROOM, id, 1).unwrap().offer;
        let client = Client::new(&offer, world.now);
        world.engine.answer(world.now, id, &client.answer_with(options)).unwrap();
        Real { id, address: SocketAddr::from(([10, 1, 0, number], 4_000)), client, media: Vec::new() }
    }
}

/// Everyone exchanges datagrams for some ms.
fn run(world: &mut World, people: &mut [Real], ms: u64) {
    for _ in 0..ms {
        world.now = world.now + Micros::from_millis(1);
        let now = world.now;
        for person in people.iter_mut() {
            if person.client.poll_timeout() <= now {
                person.client.handle_timeout(now);
            }
            while let Some(datagram) = person.client.poll_transmit() {
                world.up.send(now, person.address, datagram);
            }
        }
        while let Some((from, mut datagram)) = world.up.deliver(now) {
            world.engine.handle_datagram(now, from, &mut datagram);
        }
        world.engine.handle_timeout(now);
        world.flush();
        while let Some((to, datagram)) = world.down.deliver(now) {
            let person = people.iter_mut().find(|person| person.address == to).unwrap();
            if let Some(Received::Rtp(packet)) = person.client.handle(now, &datagram) {
                person.media.push(packet);
            }
        }
    }
}

fn connected(world: &World) -> usize {
    world.events.iter().filter(|(_, event)| matches!(event, Event::Connected(_))).count()
}

#[test]
fn a_picture_goes_from_one_handshake_to_another_over_a_bad_network() {
    for seed in 300..305 {
        let mut world = World::new(seed);
        (world.up.delay, world.down.delay) = (10, 10);
        world.up.fate = Fate { lost: 150, doubled: 20, late: 50 };
        world.down.fate = world.up.fate;
        let options = AnswerOptions::default();
        let mut people: Vec<Real> = (0..2).map(|number| Real::join(&mut world, number, &options)).collect();
        run(&mut world, &mut people, 20_000);
        assert_eq!(connected(&world), 2, "seed {seed}");
        assert_eq!(world.engine.counters().handshakes_completed, 2);

        let [publisher, viewer] = [people[0].id, people[1].id];
        world.engine.publish(world.now, publisher, Source::Camera, true);
        let view = View { publisher, source: Source::Camera, width: 320, height: 180, priority: 0 };
        world.engine.viewport(world.now, viewer, &[view]);
        (world.up.fate, world.down.fate) = (Fate::default(), Fate::default());
        for sequence in 0..20 {
            let sealed = people[0].client.seal_rtp(&keyframe(sequence)).unwrap();
            world.up.send(world.now, people[0].address, sealed);
            run(&mut world, &mut people, 40);
        }
        assert_eq!(people[1].media.len(), 20, "seed {seed}");
        let first = &people[1].media[0];
        let header = RtpHeader::parse(first).unwrap();
        assert_eq!(header.csrcs(first).count(), 1);
        assert!(people[0].media.is_empty());
    }
}

/// A packet of a camera without simulcast.
fn keyframe(sequence: u16) -> Vec<u8> {
    let header = NewHeader {
        marker: true,
        payload_type: 96,
        sequence,
        timestamp: u32::from(sequence) * 3_600,
        ssrc: 77,
        csrcs: &[],
        extensions: &[(2, b"1")],
    };
    let mut buffer = [0; 100];
    let length = write_header(&mut buffer, &header).unwrap();
    let payload = [0x90, 0x80, sequence as u8 & 0x7f, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xb4, 0, 9, 9];
    [&buffer[..length], &payload].concat()
}

#[test]
fn another_certificate_than_the_answers_never_carries_media() {
    let mut world = World::new(310);
    let options = AnswerOptions { fingerprint: Some(vec!["AB"; 32].join(":")), ..AnswerOptions::default() };
    let mut people = vec![Real::join(&mut world, 0, &options)];
    run(&mut world, &mut people, 5_000);
    assert_eq!(connected(&world), 0);
    assert!(world.events.iter().any(|(_, event)| *event == Event::Disconnected(people[0].id)));
    world.engine.leave(world.now, people[0].id);
    let counters = world.engine.counters();
    assert_eq!((counters.handshakes_completed, counters.handshakes_failed), (0, 1));
}

#[test]
fn a_check_names_the_shard_that_owns_the_participant() {
    let mut owner = World::new(311);
    let mut other = World::new(312);
    let id = ParticipantId(0x0003_0000_0000_0001);
    let offer = owner.engine.join(owner.now, ROOM, id, 1).unwrap().offer;
    let mut client = Client::new(&offer, owner.now);
    let check = client.check(true);
    assert_eq!(owner_shard(&check), Some(3));
    let from = SocketAddr::from(([10, 1, 0, 1], 4_000));
    let before = *other.engine.counters();
    assert_eq!(other.engine.handle_datagram(other.now, from, &mut check.clone()), Arrival::Unknown);
    assert_eq!(*other.engine.counters(), before);
    assert_eq!(owner.engine.handle_datagram(owner.now, from, &mut check.clone()), Arrival::Ours);
    assert!(owner.engine.poll_transmits(owner.now).is_some(), "it is answered");
}

#[test]
fn a_check_with_the_wrong_password_opens_nothing() {
    let mut world = World::new(313);
    let offer = world.engine.join(world.now, ROOM, ParticipantId(100), 1).unwrap().offer;
    let forged = offer
        .lines()
        .map(|line| if line.starts_with("a=ice-pwd:") { "a=ice-pwd:guessedguessedguessed" } else { line });
    let mut client = Client::new(&forged.collect::<Vec<_>>().join("\r\n"), world.now);
    let from = SocketAddr::from(([10, 1, 0, 1], 4_000));
    let mut chance = Network::new(1);
    for _ in 0..100 {
        let mut check = client.check(chance.next().is_multiple_of(2));
        world.engine.handle_datagram(world.now, from, &mut check);
        let mut hello = vec![22, 0xfe, 0xfd, 0, 0];
        assert_eq!(world.engine.handle_datagram(world.now, from, &mut hello), Arrival::Unknown);
    }
    assert!(world.engine.poll_transmits(world.now).is_none());
}
