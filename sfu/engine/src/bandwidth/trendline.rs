//! Whether the delay grows: a line through the last delays, compared with a threshold that adapts to the link's own noise
//! (draft-ietf-rmcat-gcc-02 §5.4; the line replaces its Kalman filter).

use super::groups::Step;

/// Points of the line.
const WINDOW: usize = 20;
/// Weight of the past in the smoothed delay.
const SMOOTHING: f64 = 0.9;
const GAIN: f64 = 4.0;
/// Most steps by which the slope is weighed.
const MOST_STEPS: f64 = 60.0;
/// The threshold at first, its limits, and how it follows, ms.
const THRESHOLD: f64 = 12.5;
const LIMITS: (f64, f64) = (6.0, 600.0);
const UP: f64 = 0.0087;
const DOWN: f64 = 0.039;
/// What exceeds the threshold by more than this is a spike that it does not follow, ms.
const SPIKE: f64 = 15.0;
/// Overuse lasts at least this long, ms.
const LASTING: f64 = 10.0;

/// What the delay says about the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Usage {
    #[default]
    Normal,
    /// The queue grows.
    Over,
    /// The queue empties.
    Under,
}

/// The line and its threshold.
pub(super) struct Trendline {
    /// (arrival, smoothed delay), ms; a ring.
    points: [(f64, f64); WINDOW],
    filled: usize,
    place: usize,
    steps: f64,
    delay: f64,
    smoothed: f64,
    threshold: f64,
    over_for: f64,
    overs: u32,
    trend: f64,
    usage: Usage,
}

impl Default for Trendline {
    fn default() -> Self {
        Trendline {
            points: [(0.0, 0.0); WINDOW],
            filled: 0,
            place: 0,
            steps: 0.0,
            delay: 0.0,
            smoothed: 0.0,
            threshold: THRESHOLD,
            over_for: 0.0,
            overs: 0,
            trend: 0.0,
            usage: Usage::Normal,
        }
    }
}

impl Trendline {
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Begins a new line; what is known of the link's noise stays.
    pub fn restart(&mut self) {
        *self = Trendline { threshold: self.threshold, ..Trendline::default() };
    }

    pub fn take(&mut self, step: Step) {
        self.steps = (self.steps + 1.0).min(1_000.0);
        self.delay += step.arrived - step.sent;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        if let Some(point) = self.points.get_mut(self.place) {
            *point = (step.at, self.smoothed);
        }
        self.place = self.place.wrapping_add(1) % WINDOW;
        self.filled = self.filled.saturating_add(1).min(WINDOW);
        if self.filled == WINDOW {
            let trend = self.slope().unwrap_or(self.trend);
            self.judge(trend, step.arrived);
        }
    }

    /// Least squares.
    fn slope(&self) -> Option<f64> {
        let count = self.filled as f64;
        let points = self.points.iter().take(self.filled);
        let (sum_x, sum_y) = points.clone().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        let (middle_x, middle_y) = (sum_x / count, sum_y / count);
        let (over, under) = points.fold((0.0, 0.0), |(over, under), (x, y)| {
            (over + (x - middle_x) * (y - middle_y), under + (x - middle_x) * (x - middle_x))
        });
        (under > 0.0).then(|| over / under)
    }

    fn judge(&mut self, trend: f64, passed: f64) {
        let weighed = self.steps.min(MOST_STEPS) * trend * GAIN;
        if weighed > self.threshold {
            self.over_for += if self.overs == 0 { passed / 2.0 } else { passed };
            self.overs = self.overs.saturating_add(1);
            if self.over_for > LASTING && self.overs > 1 && trend >= self.trend {
                self.over_for = 0.0;
                self.overs = 0;
                self.usage = Usage::Over;
            }
        } else {
            self.over_for = 0.0;
            self.overs = 0;
            self.usage = if weighed < -self.threshold { Usage::Under } else { Usage::Normal };
        }
        self.trend = trend;
        let excess = weighed.abs() - self.threshold;
        if excess <= SPIKE {
            let follow = if excess < 0.0 { DOWN } else { UP };
            let moved = self.threshold + follow * excess * passed.min(100.0);
            self.threshold = moved.clamp(LIMITS.0, LIMITS.1);
        }
    }
}
