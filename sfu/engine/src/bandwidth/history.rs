//! What was sent when, by transport-wide sequence number.

use crate::time::Micros;

/// Packets remembered at first, and at most; powers of two.
const FIRST: usize = 256;
const MOST: usize = 8_192;
/// Feedback comes within this time, or it is of no use any more.
const SPAN: Micros = Micros::from_millis(2_000);

/// A packet that was sent.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// Low 32 bits of the time, µs.
    at: u32,
    size: u16,
    /// The probe it belongs to; 0 for none.
    cluster: u8,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Nothing,
    Flying,
    Lost,
    Arrived,
}

/// A packet that was sent, as feedback finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub at: Micros,
    /// Bytes on the link.
    pub size: u16,
    pub cluster: u8,
    /// Whether it was reported lost before.
    pub was_lost: bool,
}

/// The last packets. Its memory doubles while packets come faster than it can hold.
#[derive(Default)]
pub(super) struct History {
    ring: Vec<Entry>,
    next: u64,
    turned: Micros,
}

impl History {
    #[inline]
    pub fn next_sequence(&self) -> u16 {
        self.next as u16
    }

    /// How many packets were sent so far.
    pub fn count(&self) -> u64 {
        self.next
    }

    #[inline]
    pub fn push(&mut self, now: Micros, size: usize, cluster: u8) {
        let mut place = self.next as usize & self.ring.len().wrapping_sub(1);
        if place == 0 || self.ring.is_empty() {
            self.turn(now);
            place = self.next as usize & self.ring.len().wrapping_sub(1);
        }
        if let Some(entry) = self.ring.get_mut(place) {
            *entry = Entry { at: now.0 as u32, size: size as u16, cluster, state: State::Flying };
        }
        self.next = self.next.wrapping_add(1);
    }

    /// Once around: more memory if that went too fast.
    #[cold]
    fn turn(&mut self, now: Micros) {
        let held = self.ring.len();
        if held == 0 || (held < MOST && now.since(self.turned) < SPAN) {
            let mut ring = vec![Entry::default(); held.saturating_mul(2).max(FIRST)];
            let mask = ring.len().wrapping_sub(1);
            for sequence in self.next.saturating_sub(held as u64)..self.next {
                let old = self.ring.get(sequence as usize & held.wrapping_sub(1));
                if let (Some(old), Some(new)) = (old, ring.get_mut(sequence as usize & mask)) {
                    *new = *old;
                }
            }
            self.ring = ring;
        }
        self.turned = now;
    }

    /// What was sent under this number, if it has not been reported as arrived, nor twice as lost.
    pub fn report(&mut self, sequence: u16, arrived: bool, now: Micros) -> Option<Sent> {
        let back = (self.next as u16).wrapping_sub(sequence);
        if back == 0 || usize::from(back) > self.ring.len() || u64::from(back) > self.next {
            return None;
        }
        let place = self.next.wrapping_sub(u64::from(back)) as usize & self.ring.len().wrapping_sub(1);
        let entry = self.ring.get_mut(place)?;
        let was_lost = match (entry.state, arrived) {
            (State::Flying, _) => false,
            (State::Lost, true) => true,
            _ => return None,
        };
        entry.state = if arrived { State::Arrived } else { State::Lost };
        let age = (now.0 as u32).wrapping_sub(entry.at);
        Some(Sent {
            at: now.since(Micros(u64::from(age))),
            size: entry.size,
            cluster: entry.cluster,
            was_lost,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_found_once_and_losses_may_turn_up_later() {
        let mut history = History::default();
        for n in 0..70_000u64 {
            history.push(Micros(n * 1_000), 100 + (n % 100) as usize, 0);
        }
        let now = Micros(70_000_000);
        let newest = history.next_sequence().wrapping_sub(1);
        let sent = history.report(newest, true, now).unwrap();
        assert_eq!((sent.at, sent.size, sent.was_lost), (Micros(69_999_000), 199, false));
        assert_eq!(history.report(newest, true, now), None);
        let before = newest.wrapping_sub(1);
        assert!(!history.report(before, false, now).unwrap().was_lost);
        assert_eq!(history.report(before, false, now), None);
        assert!(history.report(before, true, now).unwrap().was_lost);
        assert_eq!(history.report(history.next_sequence(), true, now), None, "not sent yet");
    }

    #[test]
    fn it_grows_with_the_rate_and_forgets_nothing_on_the_way() {
        let mut history = History::default();
        for n in 0..1_900u64 {
            history.push(Micros(n * 1_000), 100, 0);
        }
        let now = Micros(1_900_000);
        assert!(history.report(history.next_sequence().wrapping_sub(1_000), true, now).is_some());
        assert_eq!(history.ring.len(), 2_048);
    }
}
