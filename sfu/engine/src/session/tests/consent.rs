//! A session lasts as long as its peer wants it.

use super::*;

#[test]
fn a_session_without_checks_ends_after_thirty_seconds() {
    let mut world = World::connected();
    world.run(20_000, |_, _| true);
    assert_eq!(world.server.state(), SessionState::Connected);
    world.run(27_000, |way, _| way != Way::ToServer);
    assert_eq!(world.server.state(), SessionState::Connected);
    world.run(4_000, |way, _| way != Way::ToServer);
    assert_eq!(world.server.state(), SessionState::Closed);
    assert_eq!(world.server.poll_timeout(), None);
}

#[test]
fn a_session_that_nobody_takes_up_ends_after_a_minute() {
    let mut session = Session::new(&config(), UFRAG.to_owned(), PWD.to_owned(), Micros::ZERO);
    assert_eq!(session.poll_timeout(), Some(SETUP));
    session.handle_timeout(Micros::from_millis(59_999));
    assert_eq!(session.state(), SessionState::New);
    session.handle_timeout(SETUP);
    assert_eq!(session.state(), SessionState::Closed);
}

#[test]
fn a_half_open_handshake_ends_after_a_minute() {
    let mut world = World::new();
    world.accept_answer();
    // All of the client's handshake but its hellos is lost.
    let hello = |datagram: &[u8]| datagram.first() != Some(&22) || datagram.get(13) == Some(&1);
    world.run(61_000, |way, datagram| way == Way::ToClient || hello(datagram));
    assert_eq!(world.server.state(), SessionState::Closed);
}

#[test]
fn the_peer_may_leave_and_so_may_the_server() {
    let mut world = World::connected();
    world.client.close(world.now);
    world.run(100, |_, _| true);
    assert_eq!(world.server.state(), SessionState::Closed);

    let mut world = World::connected();
    world.server.close(world.now);
    assert!(!world.media_passes(1));
    world.run(100, |_, _| true);
    assert!(world.client.is_closed());
}

#[test]
fn the_handshake_answers_to_where_the_browser_nominates() {
    let mut world = World::connected();
    assert_eq!(world.server.remote(), Some(address(0)));
    let check = world.client.check(false);
    let outcome = world.server.handle_stun(world.now, address(1), &Message::parse(&check).unwrap());
    assert_eq!(outcome, StunOutcome::Accepted { new_address: true, forgotten: None });
    assert_eq!(world.server.remote(), Some(address(0)));
    let check = world.client.check(true);
    world.server.handle_stun(world.now, address(1), &Message::parse(&check).unwrap());
    assert_eq!(world.server.remote(), Some(address(1)));
    assert_eq!(world.server.addresses().collect::<Vec<_>>(), [address(0), address(1)]);
    assert!(world.media_passes(1));
}

#[test]
fn handshakes_from_addresses_that_proved_nothing_are_dropped() {
    let mut world = World::new();
    world.accept_answer();
    let mut other = Client::new(&world.server.offer(&layout()), world.now);
    other.handle_timeout(world.now);
    // It knows no password: its check is forged, its hello comes all the same.
    let mut forged =
        Client::new(&world.server.offer(&layout()).replace(PWD, "anotherpasswordanotherpw"), world.now);
    let check = forged.check(true);
    let outcome = world.server.handle_stun(world.now, address(9), &Message::parse(&check).unwrap());
    assert_eq!(outcome, StunOutcome::Refused);
    world.server.handle_dtls(world.now, address(9), &[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    assert_eq!(world.server.poll_transmit(), None);
    world.run(2_000, |_, _| true);
    assert!(world.is_connected());
}
