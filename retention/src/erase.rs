//! Carrying out one erasure, step by step.

use protocol::ids::MeetingId;
use store::Store;
use store::erasures::{Erasure, ErasureKind, ErasureStep};
use store::keys::KeyError;
use store::removal::Rows;
use store::sealed::SealedError;

use crate::due::parse_address_subject;
use crate::plan::Plan;
use crate::receipts::{Chain, ChainError, Receipt};

/// Places at which a test may end an erasure as a kill would. In the order in which they are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// It is decided, and hidden from everybody.
    Requested,
    /// The plan is written.
    Planned,
    /// The keys are destroyed, but this is not noted.
    KeysGone,
    /// That is noted.
    KeysDestroyed,
    /// The objects are removed, but this is not noted.
    ObjectsGone,
    /// That is noted.
    ObjectsRemoved,
    /// The rows are removed, but this is not noted.
    RowsGone,
    /// That is noted.
    RowsRemoved,
    /// The receipt's line is written, but not the chain's head.
    ReceiptLine,
    /// The receipt is complete, but the erasure is not closed.
    ReceiptWritten,
    /// The erasure is closed.
    Closed,
}

impl Point {
    /// All points in their order.
    pub const ALL: [Self; 11] = [
        Self::Requested,
        Self::Planned,
        Self::KeysGone,
        Self::KeysDestroyed,
        Self::ObjectsGone,
        Self::ObjectsRemoved,
        Self::RowsGone,
        Self::RowsRemoved,
        Self::ReceiptLine,
        Self::ReceiptWritten,
        Self::Closed,
    ];
}

/// What is called at every [`Point`]; an answer of false ends the erasure there.
pub(crate) type Failpoint = Box<dyn Fn(Point) -> bool + Send + Sync>;

/// Why an erasure could not be finished. It stays open, and the next sweep goes on with it.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Something is still there after it was removed.
    #[error("{0} still there after removal")]
    Remains(&'static str),
    /// A row names a subject that does not exist.
    #[error("the erasure names no valid subject")]
    Subject,
    /// The plan cannot be read.
    #[error("the erasure's plan is damaged")]
    Plan,
    /// A test ended it here.
    #[error("ended at {0:?}")]
    Killed(Point),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A key could not be destroyed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An object could not be removed.
    #[error(transparent)]
    Object(#[from] SealedError),
    /// The receipt could not be written.
    #[error(transparent)]
    Receipt(#[from] ChainError),
}

/// Everything an erasure works with.
pub(crate) struct Eraser<'a> {
    pub store: &'a Store,
    pub chain: &'a mut Chain,
    pub failpoint: Option<&'a Failpoint>,
    pub now_ms: i64,
}

impl Eraser<'_> {
    /// Ends as a killed process would, if a test wants it here.
    pub fn pass(&self, point: Point) -> Result<(), EraseError> {
        pass(self.failpoint, point)
    }

    /// Carries an erasure out from wherever it is. `None` if it must wait because media is still being written.
    pub async fn carry_out(&mut self, mut erasure: Erasure) -> Result<Option<Receipt>, EraseError> {
        if erasure.step == ErasureStep::Requested {
            if self.is_busy(&erasure).await? {
                return Ok(None);
            }
            let plan = Plan::make(self.store, &erasure).await?;
            erasure.plan = serde_json::to_string(&plan).map_err(|_| EraseError::Plan)?;
            self.note(&erasure, ErasureStep::Planned).await?;
            self.pass(Point::Planned)?;
        }
        let plan: Plan = serde_json::from_str(&erasure.plan).map_err(|_| EraseError::Plan)?;
        let resumed_at = erasure.step;
        if resumed_at <= ErasureStep::Planned {
            self.destroy_keys(&erasure, &plan)?;
            self.pass(Point::KeysGone)?;
            self.note(&erasure, ErasureStep::KeysDestroyed).await?;
            self.pass(Point::KeysDestroyed)?;
        }
        if resumed_at <= ErasureStep::KeysDestroyed {
            self.remove_objects(&plan)?;
            self.pass(Point::ObjectsGone)?;
            self.note(&erasure, ErasureStep::ObjectsRemoved).await?;
            self.pass(Point::ObjectsRemoved)?;
        }
        if resumed_at <= ErasureStep::ObjectsRemoved {
            self.remove_rows(&erasure).await?;
            self.pass(Point::RowsGone)?;
            self.note(&erasure, ErasureStep::RowsRemoved).await?;
            self.pass(Point::RowsRemoved)?;
        }
        // Only an erasure that had come this far can have a receipt already.
        let written =
            if resumed_at == ErasureStep::RowsRemoved { self.chain.find(&erasure.id)? } else { None };
        let receipt = match written {
            Some(receipt) => receipt,
            None => self.append_receipt(&erasure, &plan)?,
        };
        self.pass(Point::ReceiptWritten)?;
        self.store.erasures().close(&erasure.id).await?;
        self.pass(Point::Closed)?;
        Ok(Some(receipt))
    }

    async fn is_busy(&self, erasure: &Erasure) -> Result<bool, EraseError> {
        let recordings = match erasure.kind {
            ErasureKind::Recording => vec![MeetingId(erasure.subject.clone())],
            ErasureKind::Tenant => self.store.removal().recordings_of(&erasure.tenant).await?,
            ErasureKind::Addresses | ErasureKind::Connections => Vec::new(),
        };
        for id in &recordings {
            if self.store.removal().is_recording(id, self.now_ms).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn note(&self, erasure: &Erasure, step: ErasureStep) -> Result<(), EraseError> {
        Ok(self.store.erasures().advance(&erasure.id, step, &erasure.plan).await?)
    }

    fn destroy_keys(&self, erasure: &Erasure, plan: &Plan) -> Result<(), EraseError> {
        let keys = self.store.keys();
        for name in &plan.keys {
            keys.destroy(name)?;
            if keys.exists(name)? {
                return Err(EraseError::Remains("a key is"));
            }
        }
        if erasure.kind == ErasureKind::Tenant {
            keys.destroy_tenant(&erasure.tenant)?;
            if keys.count_tenant(&erasure.tenant)? > 0 {
                return Err(EraseError::Remains("keys are"));
            }
        }
        Ok(())
    }

    fn remove_objects(&self, plan: &Plan) -> Result<(), EraseError> {
        for recording in &plan.recordings {
            self.store.objects().remove_recording(recording)?;
            if self.store.objects().holding(recording)?.files > 0 {
                return Err(EraseError::Remains("objects are"));
            }
        }
        Ok(())
    }

    async fn remove_rows(&self, erasure: &Erasure) -> Result<(), EraseError> {
        let removal = self.store.removal();
        let meeting = MeetingId(erasure.subject.clone());
        let left: Rows = match erasure.kind {
            ErasureKind::Recording => {
                removal.remove_recording(&meeting, self.now_ms).await?;
                removal.recording_rows(&meeting).await?
            }
            ErasureKind::Addresses => {
                let of = parse_address_subject(&erasure.subject).ok_or(EraseError::Subject)?;
                removal.remove_addresses(&of).await?;
                removal.address_rows(&of).await?
            }
            ErasureKind::Connections => {
                removal.remove_connections(&meeting).await?;
                removal.connection_rows(&meeting).await?
            }
            ErasureKind::Tenant => {
                removal.remove_tenant(&erasure.tenant).await?;
                removal.tenant_rows(&erasure.tenant).await?
            }
        };
        if left.total() > 0 { Err(EraseError::Remains("rows are")) } else { Ok(()) }
    }

    fn append_receipt(&mut self, erasure: &Erasure, plan: &Plan) -> Result<Receipt, EraseError> {
        let at = jiff::Timestamp::from_millisecond(self.now_ms).map_err(|_| EraseError::Plan)?;
        let receipt = Receipt {
            sequence: 0,
            at_ms: self.now_ms,
            at: at.to_string(),
            tenant: erasure.tenant.to_string(),
            kind: erasure.kind.as_str().to_owned(),
            subject: erasure.subject.clone(),
            reason: erasure.reason.as_str().to_owned(),
            erasure: erasure.id.clone(),
            destroyed: plan.destroyed(erasure),
            previous: String::new(),
            signature: String::new(),
        };
        let failpoint = self.failpoint;
        self.chain.append(receipt, || pass(failpoint, Point::ReceiptLine))
    }
}

fn pass(failpoint: Option<&Failpoint>, point: Point) -> Result<(), EraseError> {
    if failpoint.is_none_or(|go_on| go_on(point)) { Ok(()) } else { Err(EraseError::Killed(point)) }
}
