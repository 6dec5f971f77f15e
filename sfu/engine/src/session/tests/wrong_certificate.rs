//! No media without the certificate of the answer.

use super::client::AnswerOptions;
use super::*;

fn another_fingerprint() -> AnswerOptions {
    AnswerOptions { fingerprint: Some(vec!["AB"; 32].join(":")), ..AnswerOptions::default() }
}

#[test]
fn r8_no_media_passes_under_another_certificate() {
    let mut world = World::new();
    let answer = world.client.answer_with(&another_fingerprint());
    world.server.accept_answer(world.now, &answer).unwrap();
    world.run(3_000, |_, _| true);
    assert_eq!(world.server.state(), SessionState::Closed);
    assert!(!world.media_passes(1));
    let mut buffer = [&rtp(10, 1)[..], &[0; 16]].concat();
    let len = buffer.len() - 16;
    assert_eq!(world.server.seal_rtp(&mut buffer, len, 0), Err(SealError::NotConnected));
    assert_eq!(world.server.poll_timeout(), None);
}

#[test]
fn r8_no_media_passes_before_the_answer() {
    let mut world = World::new();
    world.run(3_000, |_, _| true);
    assert!(world.client.is_connected(), "the handshake needs no answer");
    assert_eq!(world.server.state(), SessionState::New);
    assert!(!world.media_passes(1));
    let mut buffer = [&rtp(10, 1)[..], &[0; 16]].concat();
    let len = buffer.len() - 16;
    assert_eq!(world.server.seal_rtp(&mut buffer, len, 0), Err(SealError::NotConnected));
    world.accept_answer();
    assert_eq!(world.server.state(), SessionState::Connected);
    assert!(world.media_passes(2));
}

#[test]
fn r8_a_late_answer_with_another_certificate_closes_the_session() {
    let mut world = World::new();
    world.run(3_000, |_, _| true);
    let answer = world.client.answer_with(&another_fingerprint());
    world.server.accept_answer(world.now, &answer).unwrap();
    assert_eq!(world.server.state(), SessionState::Closed);
    assert!(!world.media_passes(1));
    world.run(100, |_, _| true);
    assert!(world.client.is_closed(), "the peer is told");
}
