//! What fuzz targets call: arbitrary input for a session, which must not panic on it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::Instant;

use protocol::media::SlotKind;
use sfu_wire::demux::{Protocol, classify};
use sfu_wire::stun::Message;

use super::Client;
use crate::session::{Identity, OfferLayout, Session, SessionConfig, SlotLayout};
use crate::time::Micros;

const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)), 40_000);

#[allow(clippy::expect_used)]
static CONFIG: LazyLock<SessionConfig> = LazyLock::new(|| SessionConfig {
    identity: Identity::generate(Instant::now()).expect("a certificate"),
    candidates: Vec::new(),
    tcp_candidates: Vec::new(),
});

fn session() -> (Session, String) {
    let mut session = Session::new(&CONFIG, "0001".to_owned(), "p".repeat(24), Micros::ZERO);
    let slot = SlotLayout { kind: SlotKind::Video, ssrc: 1, rtx_ssrc: Some(2) };
    let offer = session.offer(&OfferLayout { session_id: 1, slots: vec![slot] });
    (session, offer)
}

/// Hands text over as an answer; true if it is taken for one.
pub fn answer(sdp: &str) -> bool {
    session().0.accept_answer(Micros::ZERO, sdp).is_ok()
}

/// Hands datagrams, each behind its length of two bytes, to a session that knows their address.
pub fn datagrams(mut input: &[u8]) {
    let (mut session, offer) = session();
    let mut client = Client::new(&offer, Micros::ZERO);
    let (check, answer) = (client.check(true), client.answer());
    let _ = session.accept_answer(Micros::ZERO, &answer);
    hand_over(&mut session, Micros::ZERO, check);
    let mut now = Micros::ZERO;
    while let Some((length, rest)) = input.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        now = now + Micros::from_millis(10);
        hand_over(&mut session, now, rest[..length].to_vec());
        session.handle_timeout(now);
        while session.poll_transmit().is_some() {}
        input = &rest[length..];
    }
}

fn hand_over(session: &mut Session, now: Micros, mut datagram: Vec<u8>) {
    match classify(&datagram) {
        Some(Protocol::Stun) => {
            if let Ok(message) = Message::parse(&datagram) {
                session.handle_stun(now, PEER, &message);
            }
        }
        Some(Protocol::Dtls) => session.handle_dtls(now, PEER, &datagram),
        Some(Protocol::Rtp) => drop(session.open_rtp(&mut datagram)),
        Some(Protocol::Rtcp) => drop(session.open_rtcp(&mut datagram)),
        None => {}
    }
}
