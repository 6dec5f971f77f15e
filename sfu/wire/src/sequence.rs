//! Unwrapping counters: the value nearest to the last one is meant.

/// The 64-bit number nearest to `near` whose low 16 bits are `value`; on a tie the lower one.
///
/// `near` is the last unwrapped number of the same counter. Numbers below zero do not exist: close to the start the
/// nearest number that does is given.
pub fn unwrap_u16(near: u64, value: u16) -> u64 {
    let delta = i64::from(value.wrapping_sub(near as u16) as i16);
    near.checked_add_signed(delta).unwrap_or(u64::from(value))
}

/// The 64-bit number nearest to `near` whose low 32 bits are `value`; on a tie the lower one.
pub fn unwrap_u32(near: u64, value: u32) -> u64 {
    let delta = i64::from(value.wrapping_sub(near as u32) as i32);
    near.checked_add_signed(delta).unwrap_or(u64::from(value))
}

/// Whether `a` comes after `b` (RFC 1982 for 16 bits).
pub fn is_newer_u16(a: u16, b: u16) -> bool {
    (a.wrapping_sub(b) as i16) > 0
}

/// Whether `a` comes after `b` (RFC 1982 for 32 bits).
pub fn is_newer_u32(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wraps_forwards_and_backwards() {
        assert_eq!(unwrap_u16(65_535, 0), 65_536);
        assert_eq!(unwrap_u16(65_536, 65_535), 65_535);
        assert_eq!(unwrap_u16(0, 65_535), 65_535);
        assert_eq!(unwrap_u32(u64::from(u32::MAX), 4), (1 << 32) + 4);
        assert!(is_newer_u16(0, 65_535) && !is_newer_u16(65_535, 0) && !is_newer_u16(7, 7));
        assert!(is_newer_u32(0, u32::MAX) && !is_newer_u32(3, 4));
    }

    proptest! {
        #[test]
        fn keeps_the_low_bits_and_stays_near(near in (1u64 << 33)..(1 << 60), a: u16, b: u32) {
            let wide = unwrap_u16(near, a);
            prop_assert_eq!(wide as u16, a);
            prop_assert!(wide.abs_diff(near) <= 1 << 15);
            let wide = unwrap_u32(near, b);
            prop_assert_eq!(wide as u32, b);
            prop_assert!(wide.abs_diff(near) <= 1 << 31);
        }

        #[test]
        fn never_panics(near: u64, a: u16, b: u32) {
            prop_assert_eq!(unwrap_u16(near, a) as u16, a);
            prop_assert_eq!(unwrap_u32(near, b) as u32, b);
        }
    }
}
