//! What a sweep found and did, in words.

use std::fmt;

use jiff::Timestamp;
use store::erasures::ErasureKind;

use crate::due::Due;
use crate::receipts::Receipt;

/// An erasure that could not be finished and stays open.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was to be erased.
    pub due: Due,
    /// Why it is not.
    pub reason: String,
}

/// What one sweep found and did. `Display` prints it for an operator.
#[derive(Clone, Debug, Default)]
pub struct SweepReport {
    /// The time of the sweep, unix ms.
    pub at_ms: i64,
    /// Whether it only looked.
    pub dry_run: bool,
    /// All that was due, the oldest first, unfinished erasures included.
    pub due: Vec<Due>,
    /// Receipts of what was erased.
    pub erased: Vec<Receipt>,
    /// What waits for the recorder to finish a segment.
    pub waiting: Vec<Due>,
    /// What could not be finished.
    pub failed: Vec<Failure>,
}

impl SweepReport {
    /// What is due and not erased.
    pub fn left(&self) -> impl Iterator<Item = &Due> {
        let is_of = |receipt: &Receipt, due: &Due| {
            let same = receipt.kind == due.kind.as_str() && receipt.subject == due.subject;
            // What else was due of a tenant went with it.
            same || (receipt.kind == ErasureKind::Tenant.as_str() && receipt.tenant == due.tenant.as_str())
        };
        self.due.iter().filter(move |due| !self.erased.iter().any(|receipt| is_of(receipt, due)))
    }
}

impl fmt::Display for SweepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.dry_run { "dry run" } else { "sweep" };
        writeln!(f, "{kind} at {}: {} due", time(self.at_ms), self.due.len())?;
        for due in &self.due {
            writeln!(f, "  due     {}", line(due))?;
        }
        for receipt in &self.erased {
            let destroyed = &receipt.destroyed;
            writeln!(
                f,
                "  erased  {} {} of {}: {} keys, {} objects ({} bytes), {} rows; receipt {}",
                receipt.kind,
                receipt.subject,
                receipt.tenant,
                destroyed.key_count,
                destroyed.objects,
                destroyed.bytes,
                destroyed.rows.total(),
                receipt.sequence,
            )?;
        }
        for due in &self.waiting {
            writeln!(f, "  waits   {}: a segment is still being recorded", line(due))?;
        }
        for failure in &self.failed {
            writeln!(f, "  failed  {}: {}", line(&failure.due), failure.reason)?;
        }
        if self.dry_run {
            return writeln!(f, "nothing was erased: dry run");
        }
        writeln!(
            f,
            "{} erased, {} waiting, {} failed",
            self.erased.len(),
            self.waiting.len(),
            self.failed.len()
        )
    }
}

fn line(due: &Due) -> String {
    let Due { kind, subject, tenant, .. } = due;
    format!("{} {subject} of {tenant} since {} ({})", kind.as_str(), time(due.since_ms), due.reason.as_str())
}

fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms} ms"), |time| time.to_string())
}
