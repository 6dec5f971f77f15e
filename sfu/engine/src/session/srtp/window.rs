//! Which packets came already, per source (RFC 3711 §3.3.2).

use super::OpenError;

/// Packets that may come late: what is older is refused.
const WINDOW: u64 = 128;
/// Sources of one peer; a browser that publishes everything here uses ten, and one for its receiver reports.
const MAX_SOURCES: usize = 64;

/// The windows of all sources of one direction. Few enough that a walk beats a hash.
#[derive(Default)]
pub(super) struct Windows {
    sources: Vec<Window>,
    /// Where the last packet was: the next one is likely of the same source.
    last: usize,
}

struct Window {
    ssrc: u32,
    highest: u64,
    /// Bit n is set if `highest - n` came.
    seen: u128,
}

impl Windows {
    /// The place of a source: of a new one where it will be once it is accepted.
    #[inline]
    pub(super) fn find(&mut self, ssrc: u32) -> Result<usize, OpenError> {
        if self.sources.get(self.last).is_some_and(|window| window.ssrc == ssrc) {
            return Ok(self.last);
        }
        match self.sources.iter().position(|window| window.ssrc == ssrc) {
            Some(slot) => self.last = slot,
            None if self.sources.len() >= MAX_SOURCES => return Err(OpenError::TooManySources),
            None => return Ok(self.sources.len()),
        }
        Ok(self.last)
    }

    /// The highest accepted index; `None` for a new source.
    #[inline]
    pub(super) fn highest(&self, slot: usize) -> Option<u64> {
        self.sources.get(slot).map(|window| window.highest)
    }

    /// Refuses what came before.
    #[inline]
    pub(super) fn check(&self, slot: usize, index: u64) -> Result<(), OpenError> {
        let Some(window) = self.sources.get(slot) else { return Ok(()) };
        match window.highest.checked_sub(index) {
            Some(age) if age >= WINDOW || window.seen >> age & 1 == 1 => Err(OpenError::Replayed),
            _ => Ok(()),
        }
    }

    /// Marks an authentic packet as seen. `slot` comes from [`Windows::find`] of the same source.
    #[inline]
    pub(super) fn accept(&mut self, slot: usize, ssrc: u32, index: u64) {
        let Some(window) = self.sources.get_mut(slot) else {
            self.sources.push(Window { ssrc, highest: index, seen: 1 });
            return;
        };
        match window.highest.checked_sub(index) {
            Some(age) if age < WINDOW => window.seen |= 1 << age,
            Some(_) => {}
            None => {
                let ahead = index.saturating_sub(window.highest);
                window.seen = if ahead < WINDOW { window.seen << ahead | 1 } else { 1 };
                window.highest = index;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    use proptest::prelude::*;

    #[test]
    fn more_sources_than_a_browser_has_are_refused() {
        let mut windows = Windows::default();
        for ssrc in 0..MAX_SOURCES as u32 {
            let slot = windows.find(ssrc).unwrap();
            windows.accept(slot, ssrc, 1);
        }
        assert_eq!(windows.find(1_000), Err(OpenError::TooManySources));
        assert_eq!(windows.find(3), Ok(3));
    }

    proptest! {
        /// Against the plainest model there is: the set of all indices that were accepted.
        #[test]
        fn every_index_is_accepted_at_most_once(steps in prop::collection::vec((0u32..3, 0u64..400), 1..300)) {
            let mut windows = Windows::default();
            let mut accepted = HashSet::new();
            let mut highest = [None::<u64>; 3];
            for (ssrc, index) in steps {
                let slot = windows.find(ssrc).unwrap();
                let top = &mut highest[ssrc as usize];
                let fresh = top.is_none_or(|top| index + WINDOW > top) && !accepted.contains(&(ssrc, index));
                prop_assert_eq!(windows.check(slot, index).is_ok(), fresh);
                if fresh {
                    windows.accept(slot, ssrc, index);
                    accepted.insert((ssrc, index));
                    *top = Some(top.map_or(index, |top| top.max(index)));
                }
            }
        }
    }
}
