//! `rtc-dtls` behind [`Handshake`], one association an endpoint.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use bytes::BytesMut;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_shared::TransportProtocol;
use zeroize::Zeroizing;

use super::flight::Flight;
use super::hello::HelloReader;
use super::identity::sha256;
use super::{Handshake, Identity, Progress, Secrets, records};
use crate::session::srtp::Profile;
use crate::time::Micros;

/// Label of the exporter (RFC 5764 §4.2).
const EXPORTER: &str = "EXTRACTOR-dtls_srtp";
/// Associations are keyed by address, but a browser may change its own in mid-handshake: this one stands for the peer.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 1);
/// Datagrams and handshake fragments that are looked at in the life of a session. A handshake has about ten; what
/// `rtc-dtls` keeps of them, and how deep it recurses over them, is bounded by this.
const BUDGET: usize = 512;

/// The server's side of one handshake.
pub(crate) struct RtcDtls {
    identity: Identity,
    stage: Stage,
    hello: HelloReader,
    flight: Flight,
    outgoing: VecDeque<Vec<u8>>,
    next_record: u64,
    budget: usize,
}

enum Stage {
    /// Waits for a whole ClientHello.
    Hello,
    /// Shakes hands.
    Running(Box<Endpoint>, Profile),
    /// The secrets wait to be taken.
    Done(Box<Endpoint>, Secrets),
    /// The secrets were taken; the peer's last flight may still be repeated.
    Established(Box<Endpoint>),
    Over,
}

impl RtcDtls {
    pub(crate) fn new(identity: Identity) -> Self {
        Self {
            identity,
            stage: Stage::Hello,
            hello: HelloReader::default(),
            flight: Flight::default(),
            outgoing: VecDeque::new(),
            next_record: 0,
            budget: BUDGET,
        }
    }

    /// Hands a datagram to the endpoint and sees what came of it.
    fn feed(&mut self, now: Micros, datagram: &[u8], repeated_hello: bool) {
        let instant = self.identity.instant(now);
        let (Stage::Running(endpoint, _) | Stage::Done(endpoint, _) | Stage::Established(endpoint)) =
            &mut self.stage
        else {
            return;
        };
        let events = read(endpoint, instant, datagram);
        let sent = drain(endpoint);
        match events {
            Outcome::Completed => self.complete(),
            Outcome::Closed => self.stage = Stage::Over,
            Outcome::Nothing => {}
        }
        let running = matches!(self.stage, Stage::Running(..));
        if sent.is_empty() && running && repeated_hello {
            let again = self.flight.repeat_on_request(now).to_vec();
            self.send(again);
        } else if !sent.is_empty() {
            if running {
                self.flight.replace(now, sent.clone());
            }
            self.send(sent);
        }
        if !running {
            self.flight.clear();
        }
    }

    /// Numbers the records and queues the datagrams.
    fn send(&mut self, datagrams: Vec<Vec<u8>>) {
        for mut datagram in datagrams {
            records::renumber(&mut datagram, &mut self.next_record);
            self.outgoing.push_back(datagram);
        }
    }

    fn complete(&mut self) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Running(endpoint, profile) => match secrets(&endpoint, profile) {
                Some(secrets) => Stage::Done(endpoint, secrets),
                None => Stage::Over,
            },
            other => other,
        };
    }
}

impl Handshake for RtcDtls {
    fn handle(&mut self, now: Micros, datagram: &[u8]) {
        // A plaintext alert proves nothing: a peer that gives up is noticed by its silence.
        let Some(contents) = records::inspect(datagram).filter(|contents| !contents.plain_alert) else {
            return;
        };
        let Some(left) = self.budget.checked_sub(contents.fragments.max(1)) else { return };
        self.budget = left;
        if !matches!(self.stage, Stage::Hello) {
            return self.feed(now, datagram, contents.client_hello);
        }
        if let Some((profile, held)) = self.hello.push(datagram) {
            let config = self.identity.config(profile);
            let endpoint = Endpoint::new(PEER, TransportProtocol::UDP, Some(config));
            self.stage = Stage::Running(Box::new(endpoint), profile);
            held.iter().for_each(|datagram| self.feed(now, datagram, false));
        }
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    fn poll_timeout(&self) -> Option<Micros> {
        self.flight.due()
    }

    fn handle_timeout(&mut self, now: Micros) {
        let again = self.flight.repeat_if_due(now).to_vec();
        self.send(again);
    }

    fn progress(&mut self) -> Progress {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Done(endpoint, secrets) => {
                self.stage = Stage::Established(endpoint);
                Progress::Done(secrets)
            }
            Stage::Over => Progress::Over,
            Stage::Established(endpoint) => {
                self.stage = Stage::Established(endpoint);
                Progress::Established
            }
            pending => {
                self.stage = pending;
                Progress::Pending
            }
        }
    }

    fn close(&mut self, now: Micros) {
        let instant = self.identity.instant(now);
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        if let Stage::Done(mut endpoint, _) | Stage::Established(mut endpoint) = stage {
            let _ = endpoint.stop(instant, PEER);
            let goodbye = drain(&mut endpoint);
            self.send(goodbye);
        }
        self.flight.clear();
    }
}

enum Outcome {
    Nothing,
    Completed,
    Closed,
}

/// An error within a datagram ends nothing by itself: it may be forged, and an honest peer goes on. Should the library
/// panic on some input, only this session ends.
fn read(endpoint: &mut Endpoint, now: Instant, datagram: &[u8]) -> Outcome {
    let read = AssertUnwindSafe(|| endpoint.read(now, PEER, None, BytesMut::from(datagram)));
    let Ok(events) = catch_unwind(read) else { return Outcome::Closed };
    let mut outcome = Outcome::Nothing;
    for event in events.unwrap_or_default() {
        match event {
            EndpointEvent::HandshakeComplete => outcome = Outcome::Completed,
            EndpointEvent::PeerClosed => return Outcome::Closed,
            // No data channel is negotiated: whatever comes is not for us.
            _ => {}
        }
    }
    outcome
}

fn drain(endpoint: &mut Endpoint) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| endpoint.poll_transmit()).map(|transmit| transmit.message.to_vec()).collect()
}

fn secrets(endpoint: &Endpoint, profile: Profile) -> Option<Secrets> {
    let state = endpoint.get_connection_state(PEER)?;
    let certificate = state.peer_certificates.first()?;
    let exported = state.export_keying_material(EXPORTER, &[], profile.material_len()).ok()?;
    Some(Secrets {
        profile,
        material: Zeroizing::new(exported.as_ref().to_vec()),
        fingerprint: sha256(certificate),
    })
}
