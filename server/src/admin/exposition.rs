//! The Prometheus text format 0.0.4, for values that are snapshots of something else.

use std::fmt::Write as _;

/// Text being written. Labels and names come from the program, never from outside.
#[derive(Default)]
pub struct Exposition(String);

impl Exposition {
    /// A counter without labels.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, help, "counter");
        self.line(format_args!("{name} {value}"));
    }

    /// A gauge without labels.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.family(name, help, "gauge");
        self.line(format_args!("{name} {value}"));
    }

    /// A counter with one label.
    pub fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        self.family(name, help, "counter");
        for (which, value) in values {
            self.line(format_args!("{name}{{{label}=\"{which}\"}} {value}"));
        }
    }

    /// A gauge with one label.
    pub fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (String, f64)>,
    ) {
        self.family(name, help, "gauge");
        for (which, value) in values {
            self.line(format_args!("{name}{{{label}=\"{which}\"}} {value}"));
        }
    }

    /// A histogram: upper bounds in seconds with samples per bucket (not cumulative), then those above all bounds.
    pub fn histogram(&mut self, name: &str, help: &str, buckets: &[(f64, u64)], above: u64, sum: f64) {
        self.family(name, help, "histogram");
        let mut count: u64 = 0;
        for (bound, samples) in buckets {
            count = count.saturating_add(*samples);
            self.line(format_args!("{name}_bucket{{le=\"{bound}\"}} {count}"));
        }
        count = count.saturating_add(above);
        self.line(format_args!("{name}_bucket{{le=\"+Inf\"}} {count}"));
        self.line(format_args!("{name}_sum {sum}"));
        self.line(format_args!("{name}_count {count}"));
    }

    /// All that was written.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn family(&mut self, name: &str, help: &str, kind: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing into a String cannot fail.
        writeln!(self.0, "{line}").ok();
    }
}

#[cfg(test)]
mod tests {
    use super::Exposition;

    #[test]
    fn a_histogram_is_cumulative() {
        let mut text = Exposition::default();
        text.histogram("h", "help", &[(0.01, 2), (0.1, 3)], 1, 0.5);
        let lines: Vec<_> = text.text().lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "h_bucket{le=\"0.01\"} 2",
                "h_bucket{le=\"0.1\"} 5",
                "h_bucket{le=\"+Inf\"} 6",
                "h_sum 0.5",
                "h_count 6"
            ]
        );
    }
}
