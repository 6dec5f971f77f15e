//! A browser's side of a session: checks, shakes hands, answers, seals and opens. For tests and benchmarks only; sans-IO
//! like the session it talks to.

// A client of our own making trusts its numbers.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod answer;
pub mod fuzz;

pub use super::dtls::ClientDtlsConfig;
pub use answer::AnswerOptions;

use std::collections::VecDeque;

use aws_lc_rs::hmac;
use sfu_wire::demux::{Protocol, classify};
use sfu_wire::rtp::RtpHeader;
use sfu_wire::sequence::unwrap_u16;
use sfu_wire::stun::{Attributes, Class, Message, write_binding};

use super::dtls::ClientDtls;
use super::ice::sign;
use super::srtp::{self, RTCP_OVERHEAD, SEAL_OVERHEAD, SrtpIn, SrtpOut};
use crate::time::Micros;

/// How often the nominated pair is checked.
const CHECK_EVERY: Micros = Micros::from_millis(2_500);
/// How often a check is repeated until its answer comes.
const REPEAT_EVERY: Micros = Micros::from_millis(100);

/// What a datagram held for the client's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A plain RTP packet.
    Rtp(Vec<u8>),
    /// A plain RTCP compound.
    Rtcp(Vec<u8>),
}

/// One client.
pub struct Client {
    offer: String,
    ufrag: String,
    username: Vec<u8>,
    password: hmac::Key,
    /// `None` for a client that was given its keys.
    dtls: Option<ClientDtls>,
    media: Option<(SrtpIn, SrtpOut)>,
    outgoing: VecDeque<Vec<u8>>,
    next_check: Micros,
    checked: bool,
    checks: u32,
    /// Highest extended sequence number per source, to count its wraps.
    highest: Vec<(u32, u64)>,
}

impl Client {
    /// A client for an offer. Panics if it is not of this server.
    pub fn new(offer: &str, now: Micros) -> Client {
        Self::with_config(offer, now, &ClientDtlsConfig::default())
    }

    /// A client whose handshake differs.
    #[allow(clippy::expect_used)]
    pub fn with_config(offer: &str, now: Micros, config: &ClientDtlsConfig) -> Client {
        let attribute = |name: &str| {
            let found = offer.lines().find_map(|line| line.strip_prefix(name));
            found.expect("an ICE attribute in the offer").trim()
        };
        let ufrag = "client".to_owned();
        Client {
            offer: offer.to_owned(),
            username: format!("{}:{ufrag}", attribute("a=ice-ufrag:")).into_bytes(),
            password: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, attribute("a=ice-pwd:").as_bytes()),
            ufrag,
            dtls: Some(ClientDtls::new(config)),
            media: None,
            outgoing: VecDeque::new(),
            next_check: now,
            checked: false,
            checks: 0,
            highest: Vec::new(),
        }
    }

    /// A client that is connected without a handshake, the other end of `Session::connect_with_keys`: it seals and opens,
    /// and has neither checks nor an answer to give.
    pub fn with_keys(material: &[u8; 56]) -> Client {
        Client {
            offer: String::new(),
            ufrag: String::new(),
            username: Vec::new(),
            password: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b""),
            dtls: None,
            media: srtp::keys(srtp::Profile::Aes128Gcm, material, true).ok(),
            outgoing: VecDeque::new(),
            next_check: Micros(u64::MAX),
            checked: true,
            checks: 0,
            highest: Vec::new(),
        }
    }

    /// The answer that accepts all of the offer.
    pub fn answer(&self) -> String {
        self.answer_with(&AnswerOptions::default())
    }

    /// An answer that differs.
    pub fn answer_with(&self, options: &AnswerOptions) -> String {
        let fingerprint = self.dtls.as_ref().map(ClientDtls::fingerprint_text).unwrap_or_default();
        answer::write(&self.offer, &self.ufrag, &fingerprint, options)
    }

    /// A check as it goes over the wire.
    pub fn check(&mut self, nominate: bool) -> Vec<u8> {
        self.checks += 1;
        let mut transaction = [0x5a; 12];
        transaction[..4].copy_from_slice(&self.checks.to_be_bytes());
        let attributes = Attributes {
            username: Some(&self.username),
            priority: Some(0x6e00_01ff),
            controlling: Some(0x0102_0304_0506_0708),
            use_candidate: nominate,
            ..Attributes::default()
        };
        let mut buffer = [0; 1024];
        let hmac = |parts: &[&[u8]]| sign(&self.password, parts);
        let len = write_binding(&mut buffer, Class::Request, &transaction, &attributes, Some(hmac));
        buffer.get(..len.unwrap_or(0)).unwrap_or_default().to_vec()
    }

    /// Takes a datagram from the server.
    pub fn handle(&mut self, now: Micros, datagram: &[u8]) -> Option<Received> {
        match classify(datagram)? {
            Protocol::Stun => self.handle_response(now, datagram),
            Protocol::Dtls => {
                let dtls = self.dtls.as_mut()?;
                dtls.handle(now, datagram);
                if self.media.is_none() && dtls.is_done() {
                    let (profile, material) = dtls.secrets()?;
                    self.media = srtp::keys(profile, &material, true).ok();
                }
            }
            Protocol::Rtp => {
                let mut packet = datagram.to_vec();
                let opened = self.media.as_mut()?.0.open_rtp(&mut packet).ok()?;
                packet.truncate(opened.len);
                return Some(Received::Rtp(packet));
            }
            Protocol::Rtcp => {
                let mut packet = datagram.to_vec();
                let len = self.media.as_mut()?.0.open_rtcp(&mut packet).ok()?;
                packet.truncate(len);
                return Some(Received::Rtcp(packet));
            }
        }
        None
    }

    /// The next datagram for the server.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front().or_else(|| self.dtls.as_mut()?.poll_transmit())
    }

    /// When [`Client::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Micros {
        let dtls = self.dtls.as_ref().and_then(ClientDtls::poll_timeout);
        dtls.map_or(self.next_check, |due| due.min(self.next_check))
    }

    /// Checks the pair, and repeats what got no answer.
    pub fn handle_timeout(&mut self, now: Micros) {
        if now >= self.next_check {
            let check = self.check(true);
            self.outgoing.push_back(check);
            self.next_check = now + if self.checked { CHECK_EVERY } else { REPEAT_EVERY };
        }
        if let Some(dtls) = &mut self.dtls {
            dtls.handle_timeout(now);
        }
    }

    /// Whether media can pass.
    pub fn is_connected(&self) -> bool {
        self.media.is_some()
    }

    /// Whether the server said goodbye.
    pub fn is_closed(&self) -> bool {
        self.dtls.as_ref().is_some_and(ClientDtls::is_closed)
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Micros) {
        if let Some(dtls) = &mut self.dtls {
            dtls.close(now);
        }
    }

    /// Seals a plain RTP packet; `None` before the handshake is done.
    pub fn seal_rtp(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        let header = RtpHeader::parse(plain).ok()?;
        let slot = match self.highest.iter().position(|(ssrc, _)| *ssrc == header.ssrc) {
            Some(slot) => slot,
            None => {
                self.highest.push((header.ssrc, u64::from(header.sequence)));
                self.highest.len() - 1
            }
        };
        let (_, highest) = self.highest.get_mut(slot)?;
        let index = unwrap_u16(*highest, header.sequence);
        *highest = index.max(*highest);
        let mut buffer = [plain, &[0; SEAL_OVERHEAD]].concat();
        let len = self.media.as_ref()?.1.seal_rtp(&mut buffer, plain.len(), (index >> 16) as u32).ok()?;
        buffer.truncate(len);
        Some(buffer)
    }

    /// Seals a plain RTCP compound; `None` before the handshake is done.
    pub fn seal_rtcp(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = [plain, &[0; RTCP_OVERHEAD]].concat();
        let len = self.media.as_mut()?.1.seal_rtcp(&mut buffer, plain.len()).ok()?;
        buffer.truncate(len);
        Some(buffer)
    }

    fn handle_response(&mut self, now: Micros, datagram: &[u8]) {
        let Ok(message) = Message::parse(datagram) else { return };
        let ours = message.class == Class::Success && message.verify(|parts| sign(&self.password, parts));
        if ours && !self.checked {
            self.checked = true;
            self.next_check = now + CHECK_EVERY;
            if let Some(dtls) = &mut self.dtls {
                dtls.start(now);
            }
        }
    }
}
