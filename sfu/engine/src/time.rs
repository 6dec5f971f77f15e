//! The engine's clock: whoever drives it says what time it is.

use std::ops::{Add, Sub};

/// A point in time, µs since a zero of the driver's choice; never goes backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// Before every other time.
    pub const ZERO: Micros = Micros(0);

    /// From ms.
    pub const fn from_millis(ms: u64) -> Micros {
        Micros(ms.saturating_mul(1_000))
    }

    /// Whole ms.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000
    }

    /// So much later.
    pub const fn plus(self, span: Micros) -> Micros {
        Micros(self.0.saturating_add(span.0))
    }

    /// How long since `earlier`; zero if that lies ahead.
    pub const fn since(self, earlier: Micros) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Micros {
    type Output = Micros;
    fn add(self, other: Micros) -> Micros {
        self.plus(other)
    }
}

impl Sub for Micros {
    type Output = Micros;
    fn sub(self, other: Micros) -> Micros {
        self.since(other)
    }
}
