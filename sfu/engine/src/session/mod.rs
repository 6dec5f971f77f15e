//! One browser's transport: from datagrams to plain RTP and RTCP, and back.
//!
//! In the order in which a connection is made: [`sdp`] writes the offer and reads the answer, [`ice`] answers the
//! browser's checks and follows its nomination, [`dtls`] agrees on keys, [`srtp`] opens and seals packets with them. Media
//! keys exist in this module only. No media passes before the certificate that DTLS showed is the one of the answer.

#[cfg(any(test, feature = "testing"))]
pub mod client;
mod dtls;
mod ice;
mod sdp;
mod srtp;

pub use dtls::{Identity, IdentityError};
pub use ice::StunOutcome;
pub use sdp::{AnswerError, EXTENSION_IDS, Negotiated, OPUS, OfferLayout, PUBLISH_SECTIONS, SlotLayout};
pub use srtp::{OpenError, Opened, RTCP_OVERHEAD, SEAL_OVERHEAD, SealError};

use std::collections::VecDeque;
use std::net::SocketAddr;

use sfu_wire::stun::Message;
use zeroize::Zeroizing;

use crate::time::Micros;
use dtls::{Handshake, Progress, RtcDtls};
use ice::Ice;
use sdp::{LocalTransport, RemoteTransport};
use srtp::{SrtpIn, SrtpOut};

/// A session that is not connected so long after it was made is closed.
const SETUP: Micros = Micros::from_millis(60_000);

/// What all sessions of a process share.
#[derive(Clone)]
pub struct SessionConfig {
    /// The certificate.
    pub identity: Identity,
    /// Announced host candidates, the preferred first.
    pub candidates: Vec<SocketAddr>,
    /// Announced addresses that accept connections (RFC 6544); may be empty.
    pub tcp_candidates: Vec<SocketAddr>,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Not connected yet.
    New,
    /// Keys are agreed upon with the peer of the answer: media may pass.
    Connected,
    /// Over: the peer closed it, withdrew its consent, showed another certificate, or never came.
    Closed,
}

/// One browser's transport.
pub struct Session {
    config: SessionConfig,
    ufrag: String,
    pwd: Zeroizing<String>,
    ice: Ice,
    dtls: RtcDtls,
    /// Where the last handshake datagram came from: answers go there until the browser nominates a pair.
    handshake_from: Option<SocketAddr>,
    /// What the certificate has to match, once the answer is there.
    expected: Option<[u8; 32]>,
    /// Keys that wait for the answer, with the certificate that they were agreed upon with.
    held: Option<(SrtpIn, SrtpOut, [u8; 32])>,
    media: Option<Media>,
    closed: bool,
    answered: bool,
    setup_until: Micros,
    slot_kinds: Vec<bool>,
    outgoing: VecDeque<(SocketAddr, Vec<u8>)>,
}

struct Media {
    incoming: SrtpIn,
    outgoing: SrtpOut,
}

impl Session {
    /// A session that waits for its peer. `ufrag` (4 to 256 letters or digits) is unique in the process, `pwd` (22 to 256)
    /// is secret and random.
    pub fn new(config: &SessionConfig, ufrag: String, pwd: String, now: Micros) -> Session {
        Session {
            config: config.clone(),
            ice: Ice::new(ufrag.clone(), &pwd, now),
            dtls: RtcDtls::new(config.identity.clone()),
            ufrag,
            pwd: Zeroizing::new(pwd),
            handshake_from: None,
            expected: None,
            held: None,
            media: None,
            closed: false,
            answered: false,
            setup_until: now.plus(SETUP),
            slot_kinds: Vec::new(),
            outgoing: VecDeque::new(),
        }
    }

    /// The one offer of the session, as text.
    pub fn offer(&mut self, layout: &OfferLayout) -> String {
        self.slot_kinds = layout.slots.iter().map(|slot| sdp::is_video(slot.kind)).collect();
        layout.write(&LocalTransport {
            ufrag: &self.ufrag,
            pwd: &self.pwd,
            fingerprint: self.config.identity.fingerprint_text(),
            candidates: &self.config.candidates,
            tcp_candidates: &self.config.tcp_candidates,
        })
    }

    /// Takes the answer to the offer. An answer that is refused changes nothing.
    pub fn accept_answer(&mut self, now: Micros, sdp: &str) -> Result<Negotiated, AnswerError> {
        if self.answered {
            return Err(AnswerError::Again);
        }
        let (RemoteTransport { ufrag, fingerprint }, negotiated) = sdp::read_answer(sdp, &self.slot_kinds)?;
        self.answered = true;
        self.ice.set_remote_ufrag(ufrag);
        self.expected = Some(fingerprint);
        self.compare(now);
        Ok(negotiated)
    }

    /// Takes a STUN message whose USERNAME names this session, or that came from one of its addresses.
    pub fn handle_stun(&mut self, now: Micros, from: SocketAddr, message: &Message<'_>) -> StunOutcome {
        if self.closed {
            return StunOutcome::Refused;
        }
        let (outcome, response) = self.ice.handle(now, from, message);
        self.outgoing.extend(response.map(|response| (from, response)));
        outcome
    }

    /// Takes a DTLS datagram; only from addresses that STUN has authenticated.
    pub fn handle_dtls(&mut self, now: Micros, from: SocketAddr, datagram: &[u8]) {
        if self.closed || !self.ice.knows(from) {
            return;
        }
        self.handshake_from = Some(from);
        self.dtls.handle(now, datagram);
        self.drain_dtls();
        match self.dtls.progress() {
            Progress::Done(secrets) => match srtp::keys(secrets.profile, &secrets.material, false) {
                Ok((incoming, outgoing)) => {
                    self.held = Some((incoming, outgoing, secrets.fingerprint));
                    self.compare(now);
                }
                Err(_) => self.close(now),
            },
            Progress::Over => self.close(now),
            Progress::Pending | Progress::Established => {}
        }
    }

    /// The next datagram to send that is not media.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.outgoing.pop_front()
    }

    /// When [`Session::handle_timeout`] is due; `None` once the session is closed.
    pub fn poll_timeout(&self) -> Option<Micros> {
        if self.closed {
            return None;
        }
        let setup = self.media.is_none().then_some(self.setup_until);
        let consent = self.media.is_some().then(|| self.ice.consent_until()).flatten();
        [setup, consent, self.dtls.poll_timeout()].into_iter().flatten().min()
    }

    /// Does what time asks for; early calls are harmless.
    pub fn handle_timeout(&mut self, now: Micros) {
        if self.closed {
            return;
        }
        let overdue = |until: Option<Micros>| until.is_some_and(|until| until <= now);
        let setup_over = self.media.is_none() && self.setup_until <= now;
        if setup_over || (self.media.is_some() && overdue(self.ice.consent_until())) {
            self.close(now);
        } else {
            self.dtls.handle_timeout(now);
            self.drain_dtls();
        }
    }

    /// Where the session stands.
    pub fn state(&self) -> SessionState {
        match (self.closed, &self.media) {
            (true, _) => SessionState::Closed,
            (false, Some(_)) => SessionState::Connected,
            (false, None) => SessionState::New,
        }
    }

    /// Where media goes: the nominated pair, before a nomination where the handshake came from.
    pub fn remote(&self) -> Option<SocketAddr> {
        self.ice.nominated().or(self.handshake_from)
    }

    /// The addresses whose datagrams belong to this session.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.ice.addresses()
    }

    /// Ends the session and says goodbye to the peer; the goodbye still has to be polled and sent.
    pub fn close(&mut self, now: Micros) {
        if !self.closed {
            self.dtls.close(now);
            self.drain_dtls();
            self.closed = true;
            self.held = None;
            self.media = None;
        }
    }

    /// Opens an SRTP packet in place.
    #[inline]
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Result<Opened, OpenError> {
        self.media.as_mut().ok_or(OpenError::NotConnected)?.incoming.open_rtp(packet)
    }

    /// Opens an SRTCP packet in place and gives the length of the plain compound.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        self.media.as_mut().ok_or(OpenError::NotConnected)?.incoming.open_rtcp(packet)
    }

    /// Seals the RTP packet of `plain_len` bytes at the start of `buffer` in place and gives its new length, at most
    /// [`SEAL_OVERHEAD`] bytes more. `roc` is the upper half of the source's extended sequence number, which the caller
    /// never uses twice.
    #[inline]
    pub fn seal_rtp(&self, buffer: &mut [u8], plain_len: usize, roc: u32) -> Result<usize, SealError> {
        self.media.as_ref().ok_or(SealError::NotConnected)?.outgoing.seal_rtp(buffer, plain_len, roc)
    }

    /// Seals the RTCP compound of `plain_len` bytes at the start of `buffer` in place and gives its new length, at most
    /// [`RTCP_OVERHEAD`] bytes more.
    pub fn seal_rtcp(&mut self, buffer: &mut [u8], plain_len: usize) -> Result<usize, SealError> {
        self.media.as_mut().ok_or(SealError::NotConnected)?.outgoing.seal_rtcp(buffer, plain_len)
    }

    /// A connected session without a handshake, for benchmarks: `material` is what DTLS would have exported for
    /// AES-128-GCM (56 bytes).
    #[cfg(any(test, feature = "testing"))]
    #[doc(hidden)]
    pub fn connect_with_keys(&mut self, now: Micros, remote: SocketAddr, material: &[u8; 56]) {
        if let Ok((incoming, outgoing)) = srtp::keys(srtp::Profile::Aes128Gcm, material, false) {
            self.media = Some(Media { incoming, outgoing });
            self.ice.nominate(now, remote);
        }
    }

    /// Lets media pass once keys and answer are there and the certificate is the answer's.
    fn compare(&mut self, now: Micros) {
        let Some(expected) = self.expected else { return };
        match self.held.take() {
            Some((incoming, outgoing, shown)) if shown == expected => {
                self.media = Some(Media { incoming, outgoing })
            }
            Some(_) => self.close(now),
            None => {}
        }
    }

    fn drain_dtls(&mut self) {
        let to = self.remote();
        while let Some(datagram) = self.dtls.poll_transmit() {
            self.outgoing.extend(to.map(|to| (to, datagram)));
        }
    }
}

#[cfg(test)]
mod tests;
