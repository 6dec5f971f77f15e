//! Figures of several runs.

use serde_json::{Map, Value, json};

/// Median of the runs; 0 without any.
pub fn median(runs: &[f64]) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The `q`-quantile (0.0..=1.0) of the samples; 0 without any.
pub fn quantile(samples: &mut [u64], q: f64) -> u64 {
    samples.sort_unstable();
    let at = (samples.len().saturating_sub(1) as f64 * q).round() as usize;
    samples.get(at).copied().unwrap_or(0)
}

/// A report that grows figure by figure and is printed as one line.
#[derive(Default)]
pub struct Report(Map<String, Value>);

impl Report {
    /// A report of the benchmark `name`, with the commit and the machine.
    pub fn new(name: &str) -> Self {
        let mut report = Report::default();
        report.text("bench", name);
        report.text("commit", &crate::machine::commit());
        report.0.insert("machine".to_owned(), crate::machine::describe());
        report
    }

    /// `key` is the runs' median, `key_min` their least.
    pub fn runs(&mut self, key: &str, runs: &[f64]) {
        self.number(key, median(runs));
        self.number(&format!("{key}_min"), runs.iter().copied().fold(f64::INFINITY, f64::min));
    }

    /// One figure, rounded to a tenth.
    pub fn number(&mut self, key: &str, value: f64) {
        self.0.insert(key.to_owned(), json!((value * 10.0).round() / 10.0));
    }

    /// Something in words.
    pub fn text(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_owned(), json!(value));
    }

    /// Prints the report.
    #[allow(clippy::print_stdout)]
    pub fn print(self) {
        println!("{}", Value::Object(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_and_quantiles_reach_both_ends() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[]), 0.0);
        let mut samples: Vec<u64> = (0..=100).rev().collect();
        assert_eq!([0.0, 0.5, 0.99, 1.0].map(|q| quantile(&mut samples, q)), [0, 50, 99, 100]);
    }
}
