//! Malformed input panics nowhere and changes nothing.

use super::sdp::PUBLISH_SECTIONS;
use super::*;

const ROUNDS: usize = 10_000;

/// Everything a client sends while it connects.
fn recorded() -> Vec<Vec<u8>> {
    let mut world = World::with_client(&ClientDtlsConfig { mtu: 300, ..ClientDtlsConfig::default() });
    world.accept_answer();
    let mut datagrams = Vec::new();
    world.run(2_000, |way, datagram| {
        if way == Way::ToServer {
            datagrams.push(datagram.to_vec());
        }
        true
    });
    datagrams.push(world.client.seal_rtp(&rtp(7, 1)).unwrap());
    datagrams.push(world.client.seal_rtcp(&[0x80, 201, 0, 1, 0, 0, 0, 7]).unwrap());
    datagrams
}

#[test]
fn mutated_datagrams_leave_a_connected_session_as_it_is() {
    let mut samples = recorded();
    let mut world = World::connected();
    samples.push(world.client.check(true));
    samples.push(world.client.seal_rtp(&rtp(7, 1)).unwrap());
    // The genuine checks come first: a copy with a changed tail is still genuine, and must be known as a copy.
    let from = world.client_address;
    for check in samples.iter().filter(|sample| classify(sample) == Some(Protocol::Stun)) {
        hand_over(&mut world.server, world.now, from, &mut check.clone());
    }
    let mut random = Random(7);
    for round in 0..ROUNDS {
        let mut datagram = random.mutate(&samples[round % samples.len()]);
        if samples.contains(&datagram) {
            continue;
        }
        let from = address(random.below(3) as u16);
        hand_over(&mut world.server, world.now, from, &mut datagram);
        world.now = world.now + Micros::from_millis(1);
        if round % 100 == 0 {
            world.run(5, |_, _| true);
        }
    }
    assert_eq!(world.server.state(), SessionState::Connected);
    assert_eq!(world.server.remote(), Some(address(0)));
    assert!(world.media_passes(2));
}

#[test]
fn mutated_datagrams_in_mid_handshake_touch_only_their_own_session() {
    let samples = recorded();
    for seed in 0..40 {
        let mut random = Random(100 + seed);
        let mut world = World::new();
        world.accept_answer();
        let mut bystander = World::new();
        bystander.accept_answer();
        for _ in 0..ROUNDS / 40 {
            let sample = &samples[random.below(samples.len())];
            let mut datagram = random.mutate(sample);
            let from = world.client_address;
            hand_over(&mut world.server, world.now, from, &mut datagram);
            world.run(5, |_, _| true);
            bystander.run(5, |_, _| true);
        }
        assert!(bystander.is_connected() && bystander.media_passes(1), "seed {seed}");
    }
}

#[test]
fn a_flood_of_handshake_fragments_costs_a_bounded_amount() {
    let mut world = World::new();
    world.accept_answer();
    let check = world.client.check(true);
    let from = world.client_address;
    hand_over(&mut world.server, world.now, from, &mut check.clone());
    // One-byte fragments in falling order: what makes a recursive reassembly deepest.
    for n in (0..16_000u32).rev() {
        let [_, o0, o1, o2] = n.to_be_bytes();
        let body = [1, 0, 0x3e, 0x80, 0, 0, o0, o1, o2, 0, 0, 1, 0];
        let header = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, o1, o2, 0, body.len() as u8];
        world.server.handle_dtls(world.now, from, &[&header[..], &body].concat());
    }
    assert_eq!(world.server.state(), SessionState::New);
}

#[test]
fn mutated_answers_are_refused_or_read_but_never_panic() {
    let mut random = Random(3);
    let mut accepted = 0;
    let good = World::new().client.answer();
    for _ in 0..ROUNDS {
        let mut world = Session::new(&config(), UFRAG.to_owned(), PWD.to_owned(), Micros::ZERO);
        world.offer(&layout());
        let changed = String::from_utf8_lossy(&random.mutate(good.as_bytes())).into_owned();
        match world.accept_answer(Micros::ZERO, &changed) {
            Ok(negotiated) => {
                accepted += 1;
                assert_eq!(negotiated.sections.len(), layout().slots.len() + PUBLISH_SECTIONS);
            }
            // A refused answer leaves the session ready for a good one.
            Err(_) => assert!(world.accept_answer(Micros::ZERO, &good).is_ok()),
        }
    }
    assert!(accepted < ROUNDS, "some changes must matter");
}
