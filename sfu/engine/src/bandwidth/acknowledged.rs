//! The rate that came through, by arrival times.

/// Length of a reading, µs.
const READING: u64 = 25_000;
/// Readings in the window: 500 ms.
const WINDOW: u64 = 20;
/// Least readings for a rate.
const LEAST: u64 = 8;
/// Places of the ring: more than the window has.
const PLACES: usize = 32;

/// Bytes that arrived, by time.
#[derive(Default)]
pub(super) struct Acknowledged {
    readings: [u32; PLACES],
    newest: u64,
    first: Option<u64>,
}

impl Acknowledged {
    /// `size` bytes arrived, µs.
    pub fn take(&mut self, arrival: u64, size: u16) {
        let number = arrival / READING;
        if self.first.is_none() || number > self.newest.saturating_add(WINDOW) {
            // After silence the past says nothing.
            *self = Acknowledged { newest: number, first: Some(number), ..Acknowledged::default() };
        }
        while self.newest < number {
            self.newest = self.newest.saturating_add(1);
            if let Some(reading) = self.readings.get_mut(self.newest as usize % PLACES) {
                *reading = 0;
            }
        }
        if number.saturating_add(WINDOW) >= self.newest
            && let Some(reading) = self.readings.get_mut(number as usize % PLACES)
        {
            *reading = reading.saturating_add(u32::from(size));
        }
    }

    /// bit/s over the last half second, without the reading that is still being taken.
    pub fn rate(&self) -> Option<f64> {
        let span = self.newest.saturating_sub(self.first?).min(WINDOW);
        if span < LEAST {
            return None;
        }
        let from = self.newest.saturating_sub(span);
        let bytes: f64 = (from..self.newest)
            .filter_map(|n| self.readings.get(n as usize % PLACES))
            .map(|b| f64::from(*b))
            .sum();
        Some(bytes * 8_000_000.0 / (span.saturating_mul(READING)) as f64)
    }
}
