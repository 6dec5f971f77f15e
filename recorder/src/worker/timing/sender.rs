//! A publisher's wall clock as a line through its sender reports (RFC 3550 §6.4.1).

use std::collections::VecDeque;

/// Reports older than this no longer count, µs of wall clock.
const WINDOW: i64 = 120_000_000;
/// Most reports that are kept.
const MOST: usize = 64;
/// Below this span the clock's nominal rate is used, µs.
const SPAN_FOR_DRIFT: i64 = 20_000_000;
/// No crystal is worse, parts per one.
const MOST_DRIFT: f64 = 1e-3;
/// A report further off than this is not believed alone, µs.
const JUMP: i64 = 1_000_000;
/// So many reports that agree with each other overrule the ones before.
const AGREEING: usize = 3;
/// How well they must agree, µs.
const AGREEMENT: i64 = 100_000;

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Taken,
    /// Too far off to be believed yet.
    Doubted,
    /// The wall clock was set: what was known is gone.
    Stepped,
}

/// Wall clock of RTP ticks.
#[derive(Debug)]
pub(super) struct SenderClock {
    rate: i64,
    reports: VecDeque<(i64, i64)>,
    doubted: Vec<(i64, i64)>,
    line: Option<Line>,
}

/// `wall = wall0 + (ticks - ticks0) / rate * (1 + drift)`.
#[derive(Clone, Copy, Debug)]
struct Line {
    ticks: i64,
    wall: i64,
    drift: f64,
}

impl SenderClock {
    pub(super) fn new(rate: i64) -> Self {
        Self { rate, reports: VecDeque::new(), doubted: Vec::new(), line: None }
    }

    /// The wall clock in µs at these ticks; `None` before the first report.
    pub(super) fn wall_us(&self, ticks: i64) -> Option<i64> {
        self.line.map(|line| line.wall_us(ticks, self.rate))
    }

    /// Takes a report.
    pub(super) fn report(&mut self, ticks: i64, wall: i64) -> Verdict {
        let off = self.wall_us(ticks).map_or(0, |expected| wall.saturating_sub(expected));
        let verdict = if off.saturating_abs() <= JUMP { Verdict::Taken } else { self.doubt(ticks, wall) };
        match verdict {
            Verdict::Doubted => return verdict,
            Verdict::Taken => self.reports.push_back((ticks, wall)),
            Verdict::Stepped => self.reports = std::mem::take(&mut self.doubted).into(),
        }
        self.doubted.clear();
        while self.reports.len() > MOST
            || self.reports.front().is_some_and(|&(_, first)| wall - first > WINDOW)
        {
            self.reports.pop_front();
        }
        self.line = self.fit();
        verdict
    }

    fn doubt(&mut self, ticks: i64, wall: i64) -> Verdict {
        let agrees = self.doubted.last().is_none_or(|&(last_ticks, last_wall)| {
            let expected =
                last_wall.saturating_add(super::to_us(ticks.saturating_sub(last_ticks), self.rate));
            wall.saturating_sub(expected).saturating_abs() <= AGREEMENT
        });
        if !agrees {
            self.doubted.clear();
        }
        self.doubted.push((ticks, wall));
        if self.doubted.len() >= AGREEING { Verdict::Stepped } else { Verdict::Doubted }
    }

    /// The line of least squares, at the nominal rate while the reports span little time.
    fn fit(&self) -> Option<Line> {
        let (&(ticks0, wall0), &(_, wall1)) = (self.reports.front()?, self.reports.back()?);
        // Deviation of each report from the nominal rate, against the time since the first.
        let points = self.reports.iter().map(|&(ticks, wall)| {
            let nominal = super::to_us(ticks.saturating_sub(ticks0), self.rate);
            (nominal as f64, wall.saturating_sub(wall0).saturating_sub(nominal) as f64)
        });
        let count = self.reports.len() as f64;
        let (mean_x, mean_y) =
            points.clone().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
        let (covariance, variance) = points.fold((0.0, 0.0), |(covariance, variance), (x, y)| {
            (covariance + (x - mean_x) * (y - mean_y), variance + (x - mean_x) * (x - mean_x))
        });
        let long = wall1.saturating_sub(wall0) >= SPAN_FOR_DRIFT && variance > 0.0;
        let drift = if long { (covariance / variance).clamp(-MOST_DRIFT, MOST_DRIFT) } else { 0.0 };
        Some(Line { ticks: ticks0, wall: wall0.saturating_add((mean_y - drift * mean_x) as i64), drift })
    }
}

impl Line {
    fn wall_us(self, ticks: i64, rate: i64) -> i64 {
        let nominal = super::to_us(ticks.saturating_sub(self.ticks), rate);
        self.wall.saturating_add(nominal).saturating_add((nominal as f64 * self.drift) as i64)
    }
}
