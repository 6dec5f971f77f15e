//! Which source goes to which slot: what is wanted first gets a place, and whoever has a place keeps it.

/// Assigns `wanted` (most wanted first, no repetitions) to as many slots as `seated` has. A source that is wanted and
/// seated stays where it is; the least wanted are left out when there are too few slots.
pub(crate) fn assign<S: Copy + PartialEq>(seated: &[Option<S>], wanted: &[S]) -> Vec<Option<S>> {
    let served = wanted.get(..seated.len().min(wanted.len())).unwrap_or_default();
    let mut seats: Vec<Option<S>> =
        seated.iter().map(|seat| seat.filter(|source| served.contains(source))).collect();
    for source in served {
        if !seats.contains(&Some(*source))
            && let Some(free) = seats.iter_mut().find(|seat| seat.is_none())
        {
            *free = Some(*source);
        }
    }
    seats
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_source_keeps_its_slot_while_it_is_wanted() {
        let seats = assign(&[None, None, None], &['a', 'b', 'c']);
        assert_eq!(seats, [Some('a'), Some('b'), Some('c')]);
        assert_eq!(assign(&seats, &['c', 'd', 'a']), [Some('a'), Some('d'), Some('c')]);
        assert_eq!(assign(&seats, &['d', 'e', 'f', 'a']), [Some('d'), Some('e'), Some('f')]);
    }

    proptest! {
        #[test]
        fn the_most_wanted_are_seated_once_and_stay(
            seated in prop::collection::vec(prop::option::of(0u8..20), 0..8),
            wanted in prop::sample::subsequence((0u8..20).collect::<Vec<_>>(), 0..20).prop_shuffle(),
        ) {
            let mut known = Vec::new();
            let seated: Vec<_> = seated.into_iter().map(|seat| seat.filter(|s| { let new = !known.contains(s); known.push(*s); new })).collect();
            let seats = assign(&seated, &wanted);
            prop_assert_eq!(seats.len(), seated.len());
            let served: Vec<_> = wanted.iter().copied().take(seats.len()).collect();
            for source in &served {
                prop_assert_eq!(seats.iter().filter(|seat| **seat == Some(*source)).count(), 1);
            }
            for (before, after) in seated.iter().zip(&seats) {
                if before.is_some_and(|source| served.contains(&source)) {
                    prop_assert_eq!(before, after);
                }
            }
        }
    }
}
