//! The last flight, kept to be sent again until the peer answers it (RFC 6347 §4.2.4).
//!
//! `rtc-dtls` forgets its timer as soon as any handshake datagram comes, and so a lost flight would end the handshake for
//! good. Here the timer is ours.

use super::records::{HELLO_VERIFY_REQUEST, plain_fragments};
use crate::time::Micros;

/// First wait; doubled with every repetition.
const FIRST: Micros = Micros::from_millis(200);
/// Longest wait.
const LONGEST: Micros = Micros::from_millis(1_600);
/// A repeated hello is answered at most so often.
const SHORTEST: Micros = Micros::from_millis(50);

#[derive(Default)]
pub(super) struct Flight {
    datagrams: Vec<Vec<u8>>,
    sent: Micros,
    wait: Micros,
}

impl Flight {
    /// Takes the place of the flight before.
    pub(super) fn replace(&mut self, now: Micros, datagrams: Vec<Vec<u8>>) {
        *self = Self { datagrams, sent: now, wait: FIRST };
    }

    /// The handshake is done, or over.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// When it is to be sent again.
    pub(super) fn due(&self) -> Option<Micros> {
        // Who asks for a cookie waits for the peer's timer: it has not proved anything yet.
        let waits = self.datagrams.iter().flat_map(|datagram| plain_fragments(datagram));
        let cookie = waits.take(1).any(|fragment| fragment.kind == HELLO_VERIFY_REQUEST);
        (!self.datagrams.is_empty() && !cookie).then_some(self.sent.plus(self.wait))
    }

    /// The datagrams, if they are due.
    pub(super) fn repeat_if_due(&mut self, now: Micros) -> &[Vec<u8>] {
        if self.due().is_none_or(|due| due > now) {
            return &[];
        }
        self.wait = self.wait.plus(self.wait).min(LONGEST);
        self.sent = now;
        &self.datagrams
    }

    /// The datagrams, for a peer that repeats its hello.
    pub(super) fn repeat_on_request(&mut self, now: Micros) -> &[Vec<u8>] {
        if now.since(self.sent) < SHORTEST {
            return &[];
        }
        self.sent = now;
        &self.datagrams
    }
}
