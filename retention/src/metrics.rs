//! Counts for operators. No label carries a tenant, a meeting or a person.

use prometheus::{IntCounterVec, IntGauge, Opts, Registry};
use store::erasures::ErasureKind;
use store::policy::DAY_MS;

use crate::report::SweepReport;

/// After this long a due thing that is not erased counts as overdue, ms.
const OVERDUE_MS: i64 = DAY_MS;

/// `lectern_retention_*` and `lectern_erasures_total`.
pub struct Metrics {
    due: IntGauge,
    overdue: IntGauge,
    oldest: IntGauge,
    erasures: IntCounterVec,
}

impl Metrics {
    /// Registers them. Fails if names are taken.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let metrics = Self {
            due: IntGauge::new("lectern_retention_due_items", "Items that are due and not erased yet")?,
            overdue: IntGauge::new(
                "lectern_retention_overdue_items",
                "Items that are due for more than a day",
            )?,
            oldest: IntGauge::new(
                "lectern_retention_oldest_due_seconds",
                "For how long the oldest item is due that is not erased yet",
            )?,
            erasures: IntCounterVec::new(
                Opts::new("lectern_erasures_total", "Erasures by kind and result"),
                &["kind", "result"],
            )?,
        };
        for kind in ErasureKind::ALL {
            for result in ["erased", "failed"] {
                metrics.erasures.with_label_values(&[kind.as_str(), result]);
            }
        }
        registry.register(Box::new(metrics.due.clone()))?;
        registry.register(Box::new(metrics.overdue.clone()))?;
        registry.register(Box::new(metrics.oldest.clone()))?;
        registry.register(Box::new(metrics.erasures.clone()))?;
        Ok(metrics)
    }

    /// Takes over what a sweep left and did.
    pub(crate) fn observe(&self, report: &SweepReport) {
        let ages: Vec<i64> = report.left().map(|due| report.at_ms.saturating_sub(due.since_ms)).collect();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.due.set(count(ages.len()));
        self.overdue.set(count(ages.iter().filter(|&&age| age > OVERDUE_MS).count()));
        self.oldest.set(ages.iter().max().map_or(0, |age| age.max(&0) / 1000));
        for receipt in &report.erased {
            self.erasures.with_label_values(&[receipt.kind.as_str(), "erased"]).inc();
        }
        for failure in &report.failed {
            self.erasures.with_label_values(&[failure.due.kind.as_str(), "failed"]).inc();
        }
    }
}
