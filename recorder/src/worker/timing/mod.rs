//! From RTP timestamps to the server's time: when each frame was taken, as ms since the segment's zero.
//!
//! Arrival times jitter and RTP clocks of different tracks share no zero. A track's [`SenderClock`] turns RTP ticks into
//! the publisher's wall clock by its sender reports; the [`PersonClock`], shared by the tracks of one person, turns that
//! wall clock into the server's by the least delay seen. Before the first report a track uses its own least delay.
//! Whatever the publisher claims, a frame is never placed after its arrival nor more than [`MAX_LAG`] before it, time
//! never runs backwards, and silences keep their length. No clock inside: every time is an argument.

mod delay;
mod sender;
mod unwrap;

#[cfg(test)]
mod tests;

use delay::Delay;
pub(super) use delay::PersonClock;
use sender::{SenderClock, Verdict};
use unwrap::Unwrapper;

/// A frame that would lie further before its arrival than this is evidence that the mapping is wrong, µs.
const MAX_LAG: i64 = 2_000_000;
/// Corrections up to this are spread over time, larger ones are made at once, µs.
const MAX_SLEW: i64 = 500_000;
/// Part of the passing time by which a correction may proceed: 1/20.
const SLEW_PART: i64 = 20;
/// A pause in arrivals after which the publisher's RTP clock may have stood still, µs.
const PAUSE: i64 = 500_000;
/// How long after a pause the delay is watched before the RTP clock is believed to have stood still, µs.
const PROBATION: std::ops::Range<i64> = 300_000..1_000_000;
/// Delay that must remain during the probation, µs.
const PAUSE_LAG: i64 = 300_000;
/// Least distance of two frames: the file's unit, µs.
const STEP: i64 = 1000;

/// The clock of one track.
#[derive(Debug)]
pub(super) struct TrackClock {
    rate: i64,
    ticks: Unwrapper,
    sender: SenderClock,
    own: Delay,
    /// Server time minus media time in use, and when it was last corrected.
    offset: Option<(i64, i64)>,
    resumed: Option<Resumed>,
    last_arrival: Option<i64>,
    last: Option<(i64, i64)>,
}

/// The time after a pause in arrivals.
#[derive(Clone, Copy, Debug)]
struct Resumed {
    at: i64,
    least_lag: i64,
}

impl TrackClock {
    /// A clock for a track of `rate` ticks a second.
    pub(super) fn new(rate: u32) -> Self {
        let rate = i64::from(rate.max(1));
        Self {
            rate,
            ticks: Unwrapper::default(),
            sender: SenderClock::new(rate),
            own: Delay::default(),
            offset: None,
            resumed: None,
            last_arrival: None,
            last: None,
        }
    }

    /// Takes a sender report: `rtp` ticks were at the publisher's wall clock `ntp` (32.32 seconds since 1900).
    pub(super) fn report(&mut self, person: &mut PersonClock, ntp: u64, rtp: u32) {
        let ticks = match self.ticks.near(rtp) {
            Some(ticks) => ticks,
            None => self.ticks.next(rtp),
        };
        if self.sender.report(ticks, ntp_us(ntp)) == Verdict::Stepped {
            person.forget();
        }
    }

    /// The publisher's stream began anew (another SSRC): its clocks are unknown again.
    pub(super) fn restart(&mut self) {
        self.ticks = Unwrapper::default();
        self.forget();
    }

    /// When a frame with this RTP timestamp, of which the first packet arrived at `at_us`, was taken: µs since the
    /// segment's zero, at least one ms after the frame before it.
    pub(super) fn frame(&mut self, person: &mut PersonClock, at_us: u64, rtp: u32) -> u64 {
        let at = i64::try_from(at_us).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
        let ticks = self.ticks.next(rtp);
        let media = to_us(ticks, self.rate);
        let mut target = self.target(person, at, ticks, media);
        if self.is_wrong(at, at - media - target) {
            self.forget();
            self.own.observe(at, at - media);
            target = at - media;
        }
        let offset = self.slew(at, target);
        let earliest = self.last.map_or(0, |(last, _)| last + STEP);
        let frame = (media + offset).min(at).max(at - MAX_LAG).max(earliest);
        self.last = Some((frame, at));
        self.last_arrival = Some(at);
        frame.unsigned_abs()
    }

    fn target(&mut self, person: &mut PersonClock, at: i64, ticks: i64, media: i64) -> i64 {
        let own = self.own.observe(at, at - media);
        match self.sender.wall_us(ticks) {
            Some(wall) => person.observe(at, at - wall) + wall - media,
            None => own,
        }
    }

    /// Whether a lag of this size can only mean that the mapping no longer holds.
    fn is_wrong(&mut self, at: i64, lag: i64) -> bool {
        if self.last_arrival.is_some_and(|last| at - last > PAUSE) {
            self.resumed = Some(Resumed { at, least_lag: lag });
        }
        let Some(resumed) = &mut self.resumed else { return lag > MAX_LAG };
        resumed.least_lag = resumed.least_lag.min(lag);
        let stood_still = resumed.least_lag > PAUSE_LAG && PROBATION.contains(&(at - resumed.at));
        if at - resumed.at > PROBATION.end {
            self.resumed = None;
        }
        stood_still || lag > MAX_LAG
    }

    fn forget(&mut self) {
        self.sender = SenderClock::new(self.rate);
        self.own = Delay::default();
        self.offset = None;
        self.resumed = None;
    }

    fn slew(&mut self, at: i64, target: i64) -> i64 {
        let offset = match self.offset {
            Some((offset, then)) if (target - offset).abs() <= MAX_SLEW => {
                let most = (at - then).max(0) / SLEW_PART;
                offset + (target - offset).clamp(-most, most)
            }
            _ => target,
        };
        self.offset = Some((offset, at));
        offset
    }
}

/// µs of so many ticks.
fn to_us(ticks: i64, rate: i64) -> i64 {
    let us = i128::from(ticks) * 1_000_000 / i128::from(rate);
    i64::try_from(us).unwrap_or(i64::MAX / 4)
}

/// µs of an NTP timestamp of 32.32 seconds.
fn ntp_us(ntp: u64) -> i64 {
    let us = (u128::from(ntp) * 1_000_000) >> 32;
    i64::try_from(us).unwrap_or(i64::MAX / 4)
}
