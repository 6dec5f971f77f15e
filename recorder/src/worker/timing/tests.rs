use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000_000;
/// The publisher's wall clock at the segment's zero, µs since 1900.
const WALL: i64 = 3_900_000_000 * SECOND;

/// A publisher's track: when frames are taken, how the RTP clock runs, how long packets travel.
struct Sender {
    clock: TrackClock,
    rate: i64,
    /// RTP timestamp at the segment's zero.
    first: u32,
    /// Drift of the RTP clock against the wall clock.
    drift: f64,
}

impl Sender {
    fn new(rate: u32, first: u32) -> Self {
        Self { clock: TrackClock::new(rate), rate: rate.into(), first, drift: 0.0 }
    }

    fn rtp(&self, taken: i64) -> u32 {
        let ticks = taken as f64 * (1.0 + self.drift) * self.rate as f64 / SECOND as f64;
        self.first.wrapping_add(ticks as i64 as u32)
    }

    fn frame(&mut self, person: &mut PersonClock, taken: i64, travel: i64) -> i64 {
        self.clock.frame(person, (taken + travel) as u64, self.rtp(taken)) as i64
    }

    fn report(&mut self, person: &mut PersonClock, taken: i64) {
        self.report_wall(person, taken, WALL + taken);
    }

    fn report_wall(&mut self, person: &mut PersonClock, taken: i64, wall: i64) {
        let ntp = ((wall as u128) << 32) / SECOND as u128;
        self.clock.report(person, ntp as u64, self.rtp(taken));
    }
}

/// Jitter that is the same in every run, 0..most µs.
fn jitter(n: i64, most: i64) -> i64 {
    n.wrapping_mul(2_654_435_761).rem_euclid(most)
}

#[test]
fn sound_and_picture_of_a_person_are_in_step() {
    let mut person = PersonClock::default();
    let (mut voice, mut camera) = (Sender::new(48_000, 7), Sender::new(90_000, u32::MAX - 50_000));
    let mut worst = 0;
    for n in 0..3000_i64 {
        let taken = n * 20_000;
        if n % 100 == 5 {
            voice.report(&mut person, taken);
            camera.report(&mut person, taken);
        }
        // The picture takes 60 ms longer, for it is encoded.
        let sound = voice.frame(&mut person, taken, 30_000 + jitter(n, 20_000));
        let picture = camera.frame(&mut person, taken, 90_000 + jitter(n + 7, 30_000));
        if n > 200 {
            worst = worst.max((sound - picture).abs());
        }
    }
    assert!(worst < 2_000, "{worst} µs apart");
}

#[test]
fn a_report_counts_even_before_the_first_frame() {
    let mut person = PersonClock::default();
    let (mut voice, mut camera) = (Sender::new(48_000, 7), Sender::new(90_000, 3_000_000_000));
    voice.report(&mut person, 0);
    let sound = voice.frame(&mut person, 20_000, 30_000);
    camera.report(&mut person, 10_000);
    let picture = camera.frame(&mut person, 20_000, 130_000);
    assert!((sound - picture).abs() < 1_000, "{sound} and {picture}");
}

#[test]
fn drifting_clocks_stay_in_step_for_hours() {
    let mut person = PersonClock::default();
    let mut voice = Sender::new(48_000, u32::MAX - 100);
    voice.drift = 200e-6;
    let mut worst = 0;
    for n in 0..(4 * 3600 * 10) {
        let taken = n * 100_000;
        if n % 50 == 0 {
            voice.report(&mut person, taken);
        }
        let placed = voice.frame(&mut person, taken, 30_000 + jitter(n, 10_000));
        if n > 1000 {
            worst = worst.max((placed - taken - 30_000).abs());
        }
    }
    assert!(worst < 5_000, "{worst} µs off");
}

#[test]
fn without_reports_the_least_delay_counts() {
    let mut person = PersonClock::default();
    let mut voice = Sender::new(48_000, 0);
    for n in 0..500 {
        let taken = n * 20_000;
        let placed =
            voice.frame(&mut person, taken, 20_000 + if n % 10 == 9 { 0 } else { jitter(n, 80_000) });
        assert!(n < 200 || (placed - taken - 20_000).abs() < 3_000, "{n}: {placed}");
    }
}

#[test]
fn silence_keeps_its_length_whether_the_rtp_clock_runs_or_stands() {
    for stands in [false, true] {
        let mut person = PersonClock::default();
        let mut voice = Sender::new(48_000, u32::MAX - 1);
        for n in 0..100 {
            voice.report(&mut person, n * 20_000);
            voice.frame(&mut person, n * 20_000, 30_000);
        }
        let pause = 150 * SECOND;
        if stands {
            voice.first = voice.first.wrapping_sub((pause / SECOND * 48_000) as u32);
        }
        for n in 100..200 {
            let taken = n * 20_000 + pause;
            let placed = voice.frame(&mut person, taken, 30_000);
            assert!((placed - taken - 30_000).abs() < 1_000, "stands: {stands}, {n}: {placed} for {taken}");
        }
    }
}

#[test]
fn a_short_pause_of_the_rtp_clock_is_found_out() {
    let mut person = PersonClock::default();
    let mut voice = Sender::new(48_000, 0);
    for n in 0..100 {
        voice.report(&mut person, n * 20_000);
        voice.frame(&mut person, n * 20_000, 30_000);
    }
    voice.first = voice.first.wrapping_sub(48_000);
    let mut placed = 0;
    for n in 100..200 {
        placed = voice.frame(&mut person, n * 20_000 + SECOND, 30_000);
    }
    assert!((placed - 199 * 20_000 - SECOND - 30_000).abs() < 1_000, "{placed}");
}

#[test]
fn a_stalled_network_does_not_move_the_media() {
    let mut person = PersonClock::default();
    let mut voice = Sender::new(48_000, 0);
    for n in 0..400_i64 {
        let taken = n * 20_000;
        voice.report(&mut person, taken);
        // From the 200th on nothing arrives for 1.2 s, then all at once.
        let stalled = (200..260).contains(&n);
        let travel = if stalled { 30_000 + (260 - n) * 20_000 } else { 30_000 };
        let placed = voice.frame(&mut person, taken, travel);
        assert!((placed - taken - 30_000).abs() < 1_500, "{n}: {placed} for {taken}");
    }
}

#[test]
fn one_mad_report_changes_nothing_and_a_set_clock_is_followed() {
    let mut person = PersonClock::default();
    let mut voice = Sender::new(48_000, 0);
    for n in 0..2000_i64 {
        let taken = n * 20_000;
        if n % 50 == 0 {
            let wall = match n {
                300 => 0,
                1000.. => WALL + taken - 3600 * SECOND,
                _ => WALL + taken,
            };
            voice.report_wall(&mut person, taken, wall);
        }
        let placed = voice.frame(&mut person, taken, 30_000);
        assert!((placed - taken - 30_000).abs() < 2_000, "{n}: {placed} for {taken}");
    }
}

#[test]
fn another_ssrc_starts_another_rtp_clock() {
    let mut person = PersonClock::default();
    let mut camera = Sender::new(90_000, 1000);
    for n in 0..200 {
        if n == 100 {
            camera.first = 3_000_000_000;
            camera.clock.restart();
        }
        let placed = camera.frame(&mut person, n * 40_000, 50_000);
        assert!((placed - n * 40_000 - 50_000).abs() < 1_000);
    }
}

proptest! {
    #[test]
    fn whatever_is_claimed_time_runs_forwards_and_near_arrival(
        steps in prop::collection::vec((0_u64..3_000_000, any::<u32>(), any::<u64>(), 0_u8..4), 1..200)
    ) {
        let mut person = PersonClock::default();
        let mut clock = TrackClock::new(48_000);
        let (mut at, mut last) = (0, None);
        for (step, rtp, ntp, kind) in steps {
            at += step;
            if kind == 0 {
                clock.report(&mut person, ntp, rtp);
                continue;
            }
            let placed = clock.frame(&mut person, at, rtp);
            let earliest = last.map_or(0, |last| last + 1000);
            prop_assert!(placed >= earliest, "backwards: {} after {:?}", placed, last);
            prop_assert!(placed <= at.max(earliest), "in the future");
            prop_assert!(placed + 2_000_000 >= at, "too far back");
            last = Some(placed);
        }
    }
}
