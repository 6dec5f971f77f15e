//! The keeper: sweeps, and takes up what was interrupted.

use std::path::PathBuf;

use prometheus::Registry;
use store::Store;
use store::erasures::{Erasure, ErasureKind};
use store::keys::KeyError;
use tokio::sync::Mutex;

use crate::due::{Due, due};
use crate::erase::{EraseError, Eraser, Failpoint, Point};
use crate::metrics::Metrics;
use crate::receipts::{CHAIN, Chain, ChainError};
use crate::report::{Failure, SweepReport};

/// Why a sweep could not be made at all. A single erasure that fails is told in the report instead.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The chain of receipts cannot be written, so nothing is erased that could not be proved.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The signing key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The metrics' names are taken.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
    /// A test ended the sweep.
    #[error("ended at {0:?}")]
    Killed(Point),
}

/// Erases what is due, one sweep at a time.
pub struct Keeper {
    store: Store,
    metrics: Metrics,
    failpoint: Option<Failpoint>,
    /// One sweep at a time within the process; the chain's lock keeps other processes out.
    turn: Mutex<()>,
}

impl Keeper {
    /// Makes a keeper and registers its metrics. The first [`Keeper::sweep`] takes up what was interrupted; until then
    /// nothing that is being erased can be read, because the store refuses it.
    pub fn new(store: Store, registry: &Registry) -> Result<Self, SweepError> {
        Ok(Self { store, metrics: Metrics::register(registry)?, failpoint: None, turn: Mutex::new(()) })
    }

    /// A keeper that ends wherever `go_on` says false, as a killed process would; for tests.
    pub fn with_failpoint(mut self, go_on: impl Fn(Point) -> bool + Send + Sync + 'static) -> Self {
        self.failpoint = Some(Box::new(go_on));
        self
    }

    /// The folder of the chain of receipts.
    pub fn receipts(&self) -> PathBuf {
        self.store.data().join("receipts")
    }

    /// The file that [`crate::receipts::verify`] takes.
    pub fn chain(&self) -> PathBuf {
        self.receipts().join(CHAIN)
    }

    /// One sweep as of `now_ms`: finishes what was begun, then erases what is due. A dry run only looks.
    pub async fn sweep(&self, now_ms: i64, dry_run: bool) -> Result<SweepReport, SweepError> {
        let _turn = self.turn.lock().await;
        let open = self.store.erasures().open().await?;
        let mut report = SweepReport { at_ms: now_ms, dry_run, ..SweepReport::default() };
        report.due.extend(open.iter().map(Due::from));
        if dry_run {
            report.due.extend(self.newly_due(now_ms, &open).await?);
            self.metrics.observe(&report);
            return Ok(report);
        }
        let mut chain = self.open_chain().await?;
        let mut eraser =
            Eraser { store: &self.store, chain: &mut chain, failpoint: self.failpoint.as_ref(), now_ms };
        erase_all(&mut eraser, open, &mut report).await?;
        let fresh = self.newly_due(now_ms, &self.store.erasures().open().await?).await?;
        for due in &fresh {
            self.store
                .erasures()
                .begin(&due.tenant, due.kind, &due.subject, due.reason, due.since_ms)
                .await?;
            eraser.pass(Point::Requested).map_err(killed)?;
        }
        let begun = self.store.erasures().open().await?.into_iter();
        let begun = begun.filter(|erasure| fresh.iter().any(|due| is_of(due, erasure))).collect();
        report.due.extend(fresh);
        erase_all(&mut eraser, begun, &mut report).await?;
        if !report.erased.is_empty() {
            self.store.scrub().await.map_err(store::Error::from)?;
        }
        self.metrics.observe(&report);
        Ok(report)
    }

    /// What is due and not among the erasures that are open already.
    async fn newly_due(&self, now_ms: i64, open: &[Erasure]) -> Result<Vec<Due>, SweepError> {
        let mut fresh = due(&self.store, now_ms).await?;
        fresh.retain(|due| !open.iter().any(|erasure| is_of(due, erasure)));
        Ok(fresh)
    }

    async fn open_chain(&self) -> Result<Chain, SweepError> {
        let seed = self.store.keys().server_key("receipts")?;
        let folder = self.receipts();
        // Waiting for another process's lock must not hold up the runtime.
        let opened = tokio::task::spawn_blocking(move || Chain::open(&folder, &seed)).await;
        Ok(opened.map_err(|_| KeyError::Crypto)??)
    }
}

async fn erase_all(
    eraser: &mut Eraser<'_>,
    erasures: Vec<Erasure>,
    report: &mut SweepReport,
) -> Result<(), SweepError> {
    for erasure in erasures {
        let due = Due::from(&erasure);
        // What else was open for a tenant went with it, its receipt included.
        if report.erased.iter().any(|receipt| {
            receipt.kind == ErasureKind::Tenant.as_str() && receipt.tenant == erasure.tenant.as_str()
        }) {
            continue;
        }
        match eraser.carry_out(erasure).await {
            Ok(Some(receipt)) => {
                tracing::info!(kind = receipt.kind, sequence = receipt.sequence, "erased");
                report.erased.push(receipt);
            }
            Ok(None) => report.waiting.push(due),
            Err(EraseError::Killed(point)) => return Err(SweepError::Killed(point)),
            // A chain that cannot be written would fail all that follow, after their keys are gone.
            Err(EraseError::Receipt(error)) => return Err(error.into()),
            Err(error) => {
                tracing::error!(kind = due.kind.as_str(), %error, "an erasure failed and will be tried again");
                report.failed.push(Failure { due, reason: error.to_string() });
            }
        }
    }
    Ok(())
}

fn is_of(due: &Due, erasure: &Erasure) -> bool {
    (due.kind, &due.tenant, &due.subject) == (erasure.kind, &erasure.tenant, &erasure.subject)
}

fn killed(error: EraseError) -> SweepError {
    match error {
        EraseError::Killed(point) => SweepError::Killed(point),
        _ => SweepError::Key(KeyError::Crypto),
    }
}
