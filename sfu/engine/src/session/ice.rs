//! The lite side of ICE (RFC 8445 §2.5): answers checks, follows the browser's nomination, and holds its consent
//! (RFC 7675) for as long as checks keep coming.

use std::collections::VecDeque;
use std::net::SocketAddr;

use aws_lc_rs::hmac;
use smallvec::SmallVec;

use crate::time::Micros;
use sfu_wire::stun::{Attributes, Class, INTEGRITY, Message, TransactionId, write_binding};

/// Consent ends so long after the last check of the nominated pair (RFC 7675 §5.1).
pub(super) const CONSENT: Micros = Micros::from_millis(30_000);
/// Addresses of one browser that are remembered; it checks from a handful.
const MAX_ADDRESSES: usize = 8;
/// Checks a second that are looked at, from authenticated addresses and from others.
const RATE: u64 = 50;

/// Checks that are remembered, to know a copy that comes from elsewhere.
const MAX_CHECKS: usize = 64;

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StunOutcome {
    /// It was the peer's, and was answered.
    Accepted {
        /// Its address was not known before: datagrams from there belong to this session from now on.
        new_address: bool,
        /// An address that no longer belongs to it.
        forgotten: Option<SocketAddr>,
    },
    /// Not a check of the peer, or too many: dropped without an answer.
    Refused,
}

/// One session's ICE.
pub(super) struct Ice {
    ufrag: String,
    password: hmac::Key,
    remote_ufrag: Option<String>,
    /// The peer's addresses, in the order in which they proved themselves.
    addresses: SmallVec<[SocketAddr; MAX_ADDRESSES]>,
    nominated: Option<SocketAddr>,
    consent_until: Option<Micros>,
    known: Allowance,
    strangers: Allowance,
    /// The last checks and where they came from.
    checks: VecDeque<(TransactionId, SocketAddr)>,
}

impl Ice {
    pub(super) fn new(ufrag: String, pwd: &str, now: Micros) -> Self {
        Self {
            ufrag,
            password: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, pwd.as_bytes()),
            remote_ufrag: None,
            addresses: SmallVec::new(),
            nominated: None,
            consent_until: None,
            known: Allowance::new(now),
            strangers: Allowance::new(now),
            checks: VecDeque::new(),
        }
    }

    /// From now on checks must name the fragment of the answer, too.
    pub(super) fn set_remote_ufrag(&mut self, ufrag: String) {
        self.remote_ufrag = Some(ufrag);
    }

    /// Judges a check and writes the response.
    pub(super) fn handle(
        &mut self,
        now: Micros,
        from: SocketAddr,
        message: &Message<'_>,
    ) -> (StunOutcome, Option<Vec<u8>>) {
        let known = self.addresses.contains(&from);
        if message.class != Class::Request || !self.is_addressed(message) {
            return (StunOutcome::Refused, None);
        }
        // Strangers have an allowance of their own: guessing in a flood does not cost the peer its consent.
        let allowance = if known { &mut self.known } else { &mut self.strangers };
        if !allowance.take(now) || !message.verify(|parts| sign(&self.password, parts)) {
            return (StunOutcome::Refused, None);
        }
        if self.is_copy(message.transaction, from) {
            return (StunOutcome::Refused, None);
        }
        let forgotten = if known { None } else { self.remember(from) };
        if message.use_candidate {
            self.nominated = Some(from);
        }
        if self.nominated == Some(from) {
            self.consent_until = Some(now.plus(CONSENT));
        }
        (StunOutcome::Accepted { new_address: !known, forgotten }, self.response(from, message))
    }

    /// Whether a check from this address proved itself.
    pub(super) fn knows(&self, address: SocketAddr) -> bool {
        self.addresses.contains(&address)
    }

    /// The peer's addresses.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.addresses.iter().copied()
    }

    /// Where the browser wants its packets.
    pub(super) fn nominated(&self) -> Option<SocketAddr> {
        self.nominated
    }

    /// When consent ends; `None` as long as nothing is nominated.
    pub(super) fn consent_until(&self) -> Option<Micros> {
        self.consent_until
    }

    /// Takes a pair for nominated, without a check.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn nominate(&mut self, now: Micros, address: SocketAddr) {
        self.remember(address);
        self.nominated = Some(address);
        self.consent_until = Some(now.plus(CONSENT));
    }

    /// USERNAME is `our fragment:its fragment` (RFC 8445 §7.2.2). Checks may come before the answer.
    fn is_addressed(&self, message: &Message<'_>) -> bool {
        let Some(username) = message.username else { return false };
        let rest = username.strip_prefix(self.ufrag.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
        rest.is_some_and(|remote| self.remote_ufrag.as_ref().is_none_or(|known| remote == known.as_bytes()))
    }

    /// Whether the same check came from another address before. Nothing in a check names its sender's address: who sees
    /// one could send it again from elsewhere, and draw the media there.
    fn is_copy(&mut self, transaction: TransactionId, from: SocketAddr) -> bool {
        match self.checks.iter().find(|(seen, _)| *seen == transaction) {
            Some((_, first)) => *first != from,
            None => {
                self.checks.truncate(MAX_CHECKS - 1);
                self.checks.push_front((transaction, from));
                false
            }
        }
    }

    /// Remembers an address; gives the one that had to go for it.
    fn remember(&mut self, address: SocketAddr) -> Option<SocketAddr> {
        let full = self.addresses.len() >= MAX_ADDRESSES;
        let oldest = self.addresses.iter().position(|old| Some(*old) != self.nominated).filter(|_| full);
        let forgotten = oldest.map(|at| self.addresses.remove(at));
        self.addresses.push(address);
        forgotten
    }

    fn response(&self, to: SocketAddr, request: &Message<'_>) -> Option<Vec<u8>> {
        let mut buffer = [0; 128];
        // A driver may tell apart, by an IPv6 form, what the peer knows as an IPv4 address.
        let mapped = SocketAddr::new(to.ip().to_canonical(), to.port());
        let attributes = Attributes { mapped: Some(mapped), ..Attributes::default() };
        let hmac = |parts: &[&[u8]]| sign(&self.password, parts);
        let len = write_binding(&mut buffer, Class::Success, &request.transaction, &attributes, Some(hmac))?;
        buffer.get(..len).map(<[u8]>::to_vec)
    }
}

/// HMAC-SHA1 of the concatenated parts.
pub(super) fn sign(key: &hmac::Key, parts: &[&[u8]]) -> [u8; INTEGRITY] {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().first_chunk().copied().unwrap_or_default()
}

/// So many a second, and as many at once.
struct Allowance {
    left: u64,
    since: Micros,
}

impl Allowance {
    fn new(now: Micros) -> Self {
        Self { left: RATE, since: now }
    }

    fn take(&mut self, now: Micros) -> bool {
        if now.since(self.since) >= Micros::from_millis(1_000) {
            *self = Self::new(now);
        }
        let granted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PWD: &str = "a-password-of-24-letters";

    fn check(username: &str, pwd: &str, use_candidate: bool) -> Vec<u8> {
        numbered(3, username, pwd, use_candidate)
    }

    fn numbered(number: u8, username: &str, pwd: &str, use_candidate: bool) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, pwd.as_bytes());
        let attributes = Attributes {
            username: Some(username.as_bytes()),
            priority: Some(1),
            controlling: Some(7),
            use_candidate,
            ..Attributes::default()
        };
        let mut buffer = [0; 256];
        let hmac = |parts: &[&[u8]]| sign(&key, parts);
        let len = write_binding(&mut buffer, Class::Request, &[number; 12], &attributes, Some(hmac)).unwrap();
        buffer[..len].to_vec()
    }

    fn address(n: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 1_000 + n))
    }

    fn ice() -> Ice {
        Ice::new("0001aaaa".into(), PWD, Micros::ZERO)
    }

    fn handle(ice: &mut Ice, now: Micros, from: SocketAddr, bytes: &[u8]) -> StunOutcome {
        ice.handle(now, from, &Message::parse(bytes).unwrap()).0
    }

    #[test]
    fn a_good_check_is_answered_with_the_address_it_came_from() {
        let mut ice = ice();
        let bytes = check("0001aaaa:peer", PWD, true);
        let (outcome, response) = ice.handle(Micros::ZERO, address(0), &Message::parse(&bytes).unwrap());
        assert_eq!(outcome, StunOutcome::Accepted { new_address: true, forgotten: None });
        let response = response.unwrap();
        let response = Message::parse(&response).unwrap();
        assert_eq!((response.class, response.transaction), (Class::Success, [3; 12]));
        assert_eq!(response.mapped, Some(address(0)));
        assert!(response.verify(|parts| sign(&ice.password, parts)));
        assert_eq!(ice.nominated(), Some(address(0)));
        assert_eq!(ice.consent_until(), Some(CONSENT));
    }

    #[test]
    fn wrong_names_and_wrong_passwords_are_refused_without_an_answer() {
        let mut ice = ice();
        ice.set_remote_ufrag("peer".into());
        for (username, pwd) in [
            ("0001aaab:peer", PWD),
            ("0001aaaa:other", PWD),
            ("0001aaaa", PWD),
            ("0001aaaapeer", PWD),
            ("0001aaaa:peer", "another-password-of-24-l"),
        ] {
            let bytes = check(username, pwd, true);
            let (outcome, response) = ice.handle(Micros::ZERO, address(0), &Message::parse(&bytes).unwrap());
            assert_eq!((outcome, response), (StunOutcome::Refused, None), "{username}");
        }
        assert_eq!(ice.nominated(), None);
        assert!(!ice.knows(address(0)));
    }

    #[test]
    fn the_nomination_moves_and_the_nominated_address_is_never_forgotten() {
        let mut ice = ice();
        let check = |number, nominate| numbered(number, "0001aaaa:p", PWD, nominate);
        handle(&mut ice, Micros::ZERO, address(0), &check(0, true));
        for n in 1..MAX_ADDRESSES as u8 {
            handle(&mut ice, Micros::ZERO, address(n.into()), &check(n, false));
        }
        let outcome = handle(&mut ice, Micros::ZERO, address(90), &check(90, false));
        assert_eq!(outcome, StunOutcome::Accepted { new_address: true, forgotten: Some(address(1)) });
        assert_eq!(ice.nominated(), Some(address(0)));
        handle(&mut ice, Micros::ZERO, address(90), &check(91, true));
        assert_eq!(ice.nominated(), Some(address(90)));
    }

    #[test]
    fn a_check_that_is_copied_from_elsewhere_draws_nothing_there() {
        let mut ice = ice();
        let good = check("0001aaaa:p", PWD, true);
        handle(&mut ice, Micros::ZERO, address(0), &good);
        assert_eq!(handle(&mut ice, Micros::ZERO, address(1), &good), StunOutcome::Refused);
        assert_eq!(ice.nominated(), Some(address(0)));
        // The peer itself repeats a check whose answer was lost.
        assert!(matches!(handle(&mut ice, Micros::ZERO, address(0), &good), StunOutcome::Accepted { .. }));
    }

    #[test]
    fn only_checks_of_the_nominated_pair_renew_consent() {
        let mut ice = ice();
        let check = |number, nominate| numbered(number, "0001aaaa:p", PWD, nominate);
        handle(&mut ice, Micros::ZERO, address(0), &check(0, true));
        handle(&mut ice, Micros::from_millis(5_000), address(1), &check(1, false));
        assert_eq!(ice.consent_until(), Some(CONSENT));
        handle(&mut ice, Micros::from_millis(9_000), address(0), &check(2, false));
        assert_eq!(ice.consent_until(), Some(Micros::from_millis(39_000)));
    }

    #[test]
    fn a_flood_of_strangers_does_not_cost_the_peer_its_consent() {
        let mut ice = ice();
        let good = check("0001aaaa:p", PWD, true);
        handle(&mut ice, Micros::ZERO, address(0), &good);
        let bad = check("0001aaaa:p", "another-password-of-24-l", true);
        for n in 1..1_000 {
            assert_eq!(handle(&mut ice, Micros::ZERO, address(n), &bad), StunOutcome::Refused);
        }
        assert_eq!(handle(&mut ice, Micros::ZERO, address(2_000), &good), StunOutcome::Refused);
        let later = Micros::from_millis(500);
        assert!(matches!(handle(&mut ice, later, address(0), &good), StunOutcome::Accepted { .. }));
    }
}
