//! A client's requests and their answers.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use sfu_wire::stun::{Class, INTEGRITY};
use sfu_wire::turn::{Attributes, CHANNELS, Family, Message, Method, UDP, write};

use super::client::Client;
use super::{Now, REALM, credentials};

/// How long an allocation lives, s: unless it asks for more, and at most (RFC 8656 §3.2, §7.2).
const LIFETIME: u32 = 600;
const LONGEST_LIFETIME: u32 = 3600;
/// Room for any answer.
const ANSWER: usize = 512;

/// The errors that are given (RFC 8489 §14.8, RFC 8656 §19).
mod error {
    pub const BAD_REQUEST: u16 = 400;
    pub const UNAUTHENTICATED: u16 = 401;
    pub const FORBIDDEN: u16 = 403;
    pub const UNKNOWN_ATTRIBUTE: u16 = 420;
    pub const ALLOCATION_MISMATCH: u16 = 437;
    pub const STALE_NONCE: u16 = 438;
    pub const FAMILY_NOT_SUPPORTED: u16 = 440;
    pub const WRONG_CREDENTIALS: u16 = 441;
    pub const TRANSPORT_NOT_SUPPORTED: u16 = 442;
    pub const FAMILY_MISMATCH: u16 = 443;
    pub const QUOTA_REACHED: u16 = 486;
}

type Answered = Result<Attributes<'static>, u16>;

impl Client {
    /// Answers a request. What is refused before the asker proved who it is, is answered without a signature.
    pub(super) fn request(&mut self, now: Now, message: &Message<'_>, answer: impl FnOnce(&[u8])) {
        let key = match self.authenticate(now, message) {
            Ok(key) => key,
            Err(code) => return self.refuse(now, message, code, answer),
        };
        let answered = match message.unknown {
            Some(_) => Err(error::UNKNOWN_ATTRIBUTE),
            None => self.carry_out(now.monotonic, message, &key),
        };
        let (class, attributes) = match answered {
            Ok(attributes) => (Class::Success, attributes),
            Err(code) => {
                let unknown = message.unknown.filter(|_| code == error::UNKNOWN_ATTRIBUTE);
                (Class::Error, Attributes { error: Some(code), unknown, ..Attributes::default() })
            }
        };
        let mut buffer = [0; ANSWER];
        let sign = |parts: &[&[u8]]| sign(&key, parts);
        let kind = (message.method, class);
        let written = write(&mut buffer, kind, &message.transaction, &attributes, Some(sign));
        if let Some(bytes) = written.and_then(|length| buffer.get(..length)) {
            answer(bytes);
        }
    }

    /// RFC 8489 §9.2.4.
    fn authenticate(&self, now: Now, message: &Message<'_>) -> Result<hmac::Key, u16> {
        if !message.is_signed() {
            return Err(error::UNAUTHENTICATED);
        }
        let (Some(username), Some(_), Some(nonce)) = (message.username, message.realm, message.nonce) else {
            return Err(error::BAD_REQUEST);
        };
        if !credentials::is_fresh(&self.relay.secret, now.unix_s, self.remote, nonce) {
            return Err(error::STALE_NONCE);
        }
        // Who holds an allocation may go on with it for as long as it is refreshed.
        let known = self.allocation.as_ref().filter(|allocation| allocation.username == username);
        let key = match known {
            Some(allocation) => allocation.key.clone(),
            None => {
                credentials::key(&self.relay.secret, now.unix_s, username).ok_or(error::UNAUTHENTICATED)?
            }
        };
        if !message.verify(|parts| sign(&key, parts)) {
            return Err(error::UNAUTHENTICATED);
        }
        if self.allocation.is_some() && known.is_none() {
            return Err(error::WRONG_CREDENTIALS);
        }
        Ok(key)
    }

    fn refuse(&self, now: Now, message: &Message<'_>, code: u16, answer: impl FnOnce(&[u8])) {
        let nonce = credentials::nonce(&self.relay.secret, now.unix_s, self.remote);
        let challenge = matches!(code, error::UNAUTHENTICATED | error::STALE_NONCE);
        let attributes = Attributes {
            error: Some(code),
            realm: challenge.then_some(REALM.as_bytes()),
            nonce: challenge.then_some(nonce.as_bytes()),
            ..Attributes::default()
        };
        let mut buffer = [0; ANSWER];
        let kind = (message.method, Class::Error);
        let unsigned = None::<fn(&[&[u8]]) -> [u8; INTEGRITY]>;
        let written = write(&mut buffer, kind, &message.transaction, &attributes, unsigned);
        if let Some(bytes) = written.and_then(|length| buffer.get(..length)) {
            answer(bytes);
        }
    }

    fn carry_out(&mut self, now: Instant, message: &Message<'_>, key: &hmac::Key) -> Answered {
        let granted = self.is_granted(now);
        match message.method {
            Method::Allocate => self.handle_allocate(now, message, key),
            _ if !granted => Err(error::ALLOCATION_MISMATCH),
            Method::Refresh => self.handle_refresh(now, message),
            Method::CreatePermission => self.handle_permission(now, message),
            Method::ChannelBind => self.handle_bind(now, message),
            Method::Send | Method::Data => Err(error::BAD_REQUEST),
        }
    }

    /// RFC 8656 §7.2.
    fn handle_allocate(&mut self, now: Instant, message: &Message<'_>, key: &hmac::Key) -> Answered {
        if let Some(allocation) = &self.allocation {
            if allocation.made_by != message.transaction {
                return Err(error::ALLOCATION_MISMATCH);
            }
        } else {
            match message.transport {
                None => return Err(error::BAD_REQUEST),
                Some(UDP) => {}
                Some(_) => return Err(error::TRANSPORT_NOT_SUPPORTED),
            }
            let family = message.family.unwrap_or(Ok(Family::V4)).ok();
            let family = family.filter(|&family| self.relay.peers(family).next().is_some());
            let family = family.ok_or(error::FAMILY_NOT_SUPPORTED)?;
            let until = self.until(now, lifetime(message).max(LIFETIME));
            let who = (message.username.unwrap_or_default(), key.clone());
            if !self.allocate(who, family, until, message.transaction) {
                return Err(error::QUOTA_REACHED);
            }
        }
        let Some(allocation) = &self.allocation else { return Err(error::QUOTA_REACHED) };
        Ok(Attributes {
            relayed: Some(allocation.relayed),
            mapped: Some(self.remote),
            lifetime: Some(seconds(allocation.until.saturating_duration_since(now))),
            ..Attributes::default()
        })
    }

    /// RFC 8656 §8.2: a lifetime of zero ends the allocation.
    fn handle_refresh(&mut self, now: Instant, message: &Message<'_>) -> Answered {
        let mut lifetime = lifetime(message);
        if lifetime == 0 {
            self.allocation = None;
        } else {
            lifetime = lifetime.max(LIFETIME);
            let until = self.until(now, lifetime);
            if let Some(allocation) = &mut self.allocation {
                allocation.until = until;
            }
        }
        Ok(Attributes { lifetime: Some(lifetime), ..Attributes::default() })
    }

    /// RFC 8656 §10.2: all peers, or none.
    fn handle_permission(&mut self, now: Instant, message: &Message<'_>) -> Answered {
        if message.peers().next().is_none() {
            return Err(error::BAD_REQUEST);
        }
        for peer in message.peers() {
            self.check_family(peer)?;
            if !self.relay.is_media_ip(peer.ip()) {
                return Err(error::FORBIDDEN);
            }
        }
        self.permit(now, |address| message.peers().any(|peer| peer.ip() == address.ip()));
        Ok(Attributes::default())
    }

    /// RFC 8656 §12.2.
    fn handle_bind(&mut self, now: Instant, message: &Message<'_>) -> Answered {
        let number = message.channel.filter(|number| CHANNELS.contains(number)).ok_or(error::BAD_REQUEST)?;
        let peer = message.peers().next().ok_or(error::BAD_REQUEST)?;
        self.check_family(peer)?;
        if !self.relay.is_media(peer) {
            return Err(error::FORBIDDEN);
        }
        if self.bind(now, number, peer) { Ok(Attributes::default()) } else { Err(error::BAD_REQUEST) }
    }

    fn check_family(&self, peer: std::net::SocketAddr) -> Result<(), u16> {
        let family = if peer.is_ipv4() { Family::V4 } else { Family::V6 };
        let same = self.allocation.as_ref().is_some_and(|allocation| allocation.family == family);
        if same { Ok(()) } else { Err(error::FAMILY_MISMATCH) }
    }

    fn until(&self, now: Instant, lifetime: u32) -> Instant {
        now.checked_add(Duration::from_secs(lifetime.into())).unwrap_or(now)
    }
}

/// What a request asks for, s.
fn lifetime(message: &Message<'_>) -> u32 {
    message.lifetime.unwrap_or(LIFETIME).min(LONGEST_LIFETIME)
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

/// HMAC-SHA1 of the concatenated parts.
fn sign(key: &hmac::Key, parts: &[&[u8]]) -> [u8; INTEGRITY] {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().first_chunk().copied().unwrap_or_default()
}
