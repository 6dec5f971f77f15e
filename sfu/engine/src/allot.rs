//! How a subscriber's link is shared: what comes first in the order of priority gets its smallest layer first; what is left
//! makes layers larger, again in that order.

use smallvec::SmallVec;

use crate::time::Micros;

/// Of the estimate, this much is spent (percent): repairs and reports need some.
const SPENT: u64 = 95;
/// A layer above the one that is sent must fit with this much room (percent).
const HEADROOM: u64 = 115;
/// The softest layer of what matters most may exceed what is left by so much (percent).
const TOLERANCE: u64 = 133;
/// After something had to become smaller, nothing becomes larger for so long.
const HOLD: Micros = Micros::from_millis(3_000);
/// Layers of a source.
const LAYERS: usize = 3;

/// What a participant's link is used for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allotment {
    /// bit/s.
    pub spent: u64,
    /// Nothing becomes larger before.
    held_until: Micros,
}

/// A video slot that wants its share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    pub slot: usize,
    /// Its layers up to the largest that its tile can use, softest first: (number, bit/s).
    pub layers: SmallVec<[(u8, u64); LAYERS]>,
    /// What it was allowed so far: a place among `layers`; none if it was paused.
    pub before: Option<usize>,
    /// What it is allowed: a place among `layers`.
    pub granted: Option<usize>,
    /// What was taken off the link for it, bit/s.
    pub paid: u64,
    /// Claims of one rank grow together.
    pub rank: u8,
}

pub(crate) type Claims = SmallVec<[Claim; 26]>;

impl Claim {
    /// bit/s of a place, with head-room if it is above what was allowed before.
    fn price(&self, place: usize) -> Option<u64> {
        let (_, rate) = *self.layers.get(place)?;
        let rises = self.before.is_none_or(|before| place > before);
        Some(if rises { rate.saturating_mul(HEADROOM) / 100 } else { rate })
    }

    fn rate(&self) -> u64 {
        self.granted.map_or(0, |place| self.rate_of(place))
    }

    fn rate_of(&self, place: usize) -> u64 {
        self.layers.get(place).map_or(u64::MAX, |(_, rate)| *rate)
    }
}

impl Allotment {
    /// Shares `estimate` (bit/s) after `first` (voices) is taken off it; `claims` stand in order of priority.
    pub fn share(&mut self, now: Micros, estimate: u64, first: u64, claims: &mut Claims) {
        let held = now < self.held_until;
        let mut left = (estimate.saturating_mul(SPENT) / 100).saturating_sub(first);
        for (place, claim) in claims.iter_mut().enumerate() {
            (claim.granted, claim.paid) = (None, 0);
            left = claim.raise(0, left, held && place > 0);
            if claim.granted.is_none()
                && place == 0
                && claim.rate_of(0) <= left.saturating_mul(TOLERANCE) / 100
            {
                // What matters most is not given up for a little.
                (claim.granted, claim.paid, left) = (Some(0), left, 0);
            }
        }
        let mut rest: &mut [Claim] = claims;
        while let Some(rank) = rest.first().map(|claim| claim.rank) {
            let (group, others) = rest.split_at_mut(rest.partition_point(|claim| claim.rank == rank));
            for place in 1..LAYERS {
                for claim in group.iter_mut().filter(|claim| claim.granted == place.checked_sub(1)) {
                    left = claim.raise(place, left, held);
                }
            }
            rest = others;
        }
        if claims.iter().any(|claim| claim.granted < claim.before) {
            self.held_until = now.plus(HOLD);
        }
        self.spent = claims.iter().fold(first, |sum, claim| sum.saturating_add(claim.rate()));
    }
}

impl Claim {
    /// Grants a place if it fits what is left, and gives what is left then.
    fn raise(&mut self, place: usize, left: u64, held: bool) -> u64 {
        let rises = self.before.is_none_or(|before| place > before);
        let given_back = left.saturating_add(self.paid);
        match self.price(place) {
            Some(price) if price <= given_back && !(held && rises) => {
                (self.granted, self.paid) = (Some(place), price);
                given_back.saturating_sub(price)
            }
            _ => left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(slot: usize, rank: u8, before: Option<usize>) -> Claim {
        let layers = [(0, 150_000), (1, 500_000), (2, 1_700_000)].into_iter().collect();
        Claim { slot, layers, before, rank, ..Claim::default() }
    }

    fn share(allotment: &mut Allotment, ms: u64, estimate: u64, claims: &mut Claims) -> Vec<Option<usize>> {
        allotment.share(Micros::from_millis(ms), estimate, 40_000, claims);
        claims.iter_mut().for_each(|claim| claim.before = claim.granted);
        claims.iter().map(|claim| claim.granted).collect()
    }

    #[test]
    fn what_comes_first_is_served_first_and_the_last_is_paused() {
        let claims =
            || -> Claims { [claim(0, 0, None), claim(1, 1, None), claim(2, 1, None)].into_iter().collect() };
        let at = |estimate| share(&mut Allotment::default(), 0, estimate, &mut claims());
        assert_eq!(at(100_000), [None, None, None]);
        assert_eq!(at(250_000), [Some(0), None, None]);
        assert_eq!(at(450_000), [Some(0), Some(0), None]);
        assert_eq!(at(1_150_000), [Some(1), Some(0), Some(0)]);
        assert_eq!(at(2_700_000), [Some(2), Some(0), Some(0)]);
        assert_eq!(at(3_500_000), [Some(2), Some(1), Some(1)]);
        assert_eq!(at(7_000_000), [Some(2), Some(2), Some(2)]);
    }

    #[test]
    fn up_needs_room_and_time_but_down_goes_at_once() {
        let mut allotment = Allotment::default();
        let mut claims: Claims = [claim(0, 0, None)].into_iter().collect();
        assert_eq!(share(&mut allotment, 0, 2_200_000, &mut claims), [Some(2)]);
        assert_eq!(
            share(&mut allotment, 100, 1_840_000, &mut claims),
            [Some(2)],
            "what runs needs no head-room"
        );
        assert_eq!(share(&mut allotment, 200, 1_700_000, &mut claims), [Some(1)]);
        assert_eq!(share(&mut allotment, 300, 5_000_000, &mut claims), [Some(1)], "not yet");
        assert_eq!(share(&mut allotment, 3_200, 1_900_000, &mut claims), [Some(1)], "no head-room");
        assert_eq!(share(&mut allotment, 3_300, 2_200_000, &mut claims), [Some(2)]);
    }
}
