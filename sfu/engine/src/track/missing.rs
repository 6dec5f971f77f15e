//! Packets of a layer that have not come: asked for again from the publisher, once for all subscribers.

use crate::time::Micros;

/// A gap wider than this is not mended packet by packet; a keyframe is.
const MAX_GAP: u64 = 256;
/// Reordering gets this long before the first request.
const PATIENCE: Micros = Micros::from_millis(8);
/// After this long a packet is of no use to anybody.
const LIFETIME: Micros = Micros::from_millis(1_000);
const MAX_TRIES: u8 = 10;

struct Lost {
    sequence: u64,
    since: Micros,
    asked: Micros,
    tries: u8,
}

/// The open gaps of one layer, oldest first.
#[derive(Default)]
pub(crate) struct Missing {
    lost: Vec<Lost>,
}

impl Missing {
    /// `skipped` numbers before `newest` did not come. True if the gap is too wide to be mended.
    pub fn skip(&mut self, newest: u64, skipped: u64, now: Micros) -> bool {
        let open = self.lost.len() as u64;
        if skipped.saturating_add(open) > MAX_GAP {
            self.lost.clear();
            return true;
        }
        for back in (1..=skipped).rev() {
            self.lost.push(Lost {
                sequence: newest.wrapping_sub(back),
                since: now,
                asked: Micros::ZERO,
                tries: 0,
            });
        }
        false
    }

    /// A packet came; true if it had been missing.
    pub fn arrive(&mut self, sequence: u64) -> bool {
        let Some(at) = self.lost.iter().position(|lost| lost.sequence == sequence) else { return false };
        self.lost.remove(at);
        true
    }

    pub fn clear(&mut self) {
        self.lost.clear();
    }

    /// Names the packets to ask for now. True if one was given up.
    pub fn due(&mut self, now: Micros, round_trip: Micros, mut ask: impl FnMut(u16)) -> bool {
        let interval = Micros(round_trip.0.saturating_add(round_trip.0 / 4).clamp(30_000, 250_000));
        let before = self.lost.len();
        self.lost.retain_mut(|lost| {
            if now.since(lost.since) > LIFETIME || lost.tries >= MAX_TRIES {
                return false;
            }
            let ready = match lost.tries {
                0 => now.since(lost.since) >= PATIENCE,
                _ => now.since(lost.asked) >= interval,
            };
            if ready {
                lost.asked = now;
                lost.tries = lost.tries.saturating_add(1);
                ask(lost.sequence as u16);
            }
            true
        });
        self.lost.len() < before
    }

    pub fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(missing: &mut Missing, ms: u64) -> (Vec<u16>, bool) {
        let mut asked = Vec::new();
        let gave_up =
            missing.due(Micros::from_millis(ms), Micros::from_millis(80), |sequence| asked.push(sequence));
        (asked, gave_up)
    }

    #[test]
    fn asks_after_a_moment_and_again_after_a_round_trip() {
        let mut missing = Missing::default();
        assert!(!missing.skip(13, 2, Micros::ZERO));
        assert_eq!(due(&mut missing, 5), (vec![], false));
        assert_eq!(due(&mut missing, 10), (vec![11, 12], false));
        assert!(missing.arrive(11) && !missing.arrive(11));
        assert_eq!(due(&mut missing, 50), (vec![], false));
        assert_eq!(due(&mut missing, 115), (vec![12], false));
        assert_eq!(due(&mut missing, 1_500), (vec![], true));
        assert!(missing.is_empty());
    }

    #[test]
    fn a_wide_gap_is_given_up_at_once() {
        let mut missing = Missing::default();
        assert!(!missing.skip(300, 200, Micros::ZERO));
        assert!(missing.skip(400, 99, Micros::ZERO));
        assert!(missing.is_empty());
    }
}
