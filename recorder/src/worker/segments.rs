//! The segments that are being recorded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::tap::{Order, Report};
use store::keys::DataKey;
use store::objects::Objects;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::segment::{Reports, Segment};
use super::tally::{Tally, UnderWay};
use crate::layout::SegmentId;

/// How long a track's stream may be ahead of its segment's order: QUIC streams are not ordered among each other.
const BEGIN_WAIT: Duration = Duration::from_secs(5);
/// How long the streams of a finished segment may take to end. They end before the order comes, but may not be read.
const STREAMS_END: Duration = Duration::from_secs(3);
/// How often journals are sealed.
const FLUSH: Duration = Duration::from_secs(1);

/// All open segments of this process.
pub(super) struct Segments {
    objects: Objects,
    reports: Reports,
    open: Mutex<HashMap<SegmentId, Arc<Segment>>>,
    begun: Notify,
    /// Track streams of which it is not known yet to which segment they belong.
    arriving: Arc<Tally>,
}

impl Segments {
    pub(super) fn new(objects: Objects, reports: Reports) -> Arc<Self> {
        Arc::new(Self {
            objects,
            reports,
            open: Mutex::default(),
            begun: Notify::new(),
            arriving: Arc::default(),
        })
    }

    /// Does what the server says.
    pub(super) fn obey(self: &Arc<Self>, order: Order) {
        match order {
            Order::Begin { meeting, segment, data_key, started_unix_ms, .. } => {
                let data_key = zeroize::Zeroizing::new(data_key);
                self.begin(SegmentId { meeting, segment }, &data_key, started_unix_ms);
            }
            Order::Name { meeting, segment, person, name } => {
                if let Some(segment) = self.find(&SegmentId { meeting, segment }) {
                    segment.name(person, name);
                }
            }
            Order::Note { meeting, segment, at_ms, event } => {
                if let Some(segment) = self.find(&SegmentId { meeting, segment }) {
                    segment.note(at_ms, event);
                }
            }
            Order::Finish { meeting, segment } => {
                if let Some(segment) = self.find(&SegmentId { meeting, segment }) {
                    segment.finishing.cancel();
                }
            }
        }
    }

    /// The segment, once it has begun; `None` if it does not begin in time.
    pub(super) async fn wait_for(&self, id: &SegmentId) -> Option<Arc<Segment>> {
        let found = async {
            loop {
                let mut begun = std::pin::pin!(self.begun.notified());
                begun.as_mut().enable();
                if let Some(segment) = self.find(id) {
                    return segment;
                }
                begun.await;
            }
        };
        timeout(BEGIN_WAIT, found).await.ok()
    }

    /// Counts a track's stream that has just come. Drop it when its segment counts it as running.
    pub(super) fn arrival(&self) -> UnderWay {
        self.arriving.enter()
    }

    /// Waits for a segment's streams to end.
    async fn settled(&self, segment: &Segment) {
        let settled = async {
            self.arriving.settled().await;
            segment.running.settled().await;
        };
        let _ = timeout(STREAMS_END, settled).await;
    }

    /// Lets the tracks of all segments close their files. The segments themselves stay unfinished: the next process
    /// closes them from their journals, and reports them to a server that listens.
    pub(super) async fn abandon(&self) {
        let open: Vec<_> = self.open().values().cloned().collect();
        for segment in open {
            self.settled(&segment).await;
            segment.flush();
        }
    }

    fn begin(self: &Arc<Self>, id: SegmentId, data_key: &str, started_unix_ms: i64) {
        let begun = DataKey::from_hex(data_key).map_err(Into::into).and_then(|key| {
            Segment::begin(&self.objects, id.clone(), key, started_unix_ms, self.reports.clone())
        });
        match begun {
            Ok(segment) => {
                self.open().insert(id, segment.clone());
                self.begun.notify_waiters();
                tokio::spawn(self.clone().live(segment));
            }
            Err(error) => {
                let disk_full = matches!(error, store::sealed::SealedError::DiskFull);
                tracing::error!(%error, "a segment cannot be begun");
                let SegmentId { meeting, segment } = id;
                let report = Report::Failed { meeting, segment, disk_full, message: error.to_string() };
                let _ = self.reports.send(report);
            }
        }
    }

    /// Accompanies a segment to its end.
    async fn live(self: Arc<Self>, segment: Arc<Segment>) {
        let mut flush = interval(FLUSH);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = flush.tick() => segment.flush(),
                () = segment.finishing.cancelled() => break,
                () = segment.broken.cancelled() => break,
            }
        }
        self.settled(&segment).await;
        self.open().remove(&segment.id);
        let closing = segment.clone();
        match tokio::task::spawn_blocking(move || closing.close()).await {
            Ok(Ok(report)) => {
                let _ = self.reports.send(report);
            }
            Ok(Err(error)) => segment.fail(&error),
            Err(_) => segment.fail_with(false, "closing the segment failed"),
        }
    }

    fn find(&self, id: &SegmentId) -> Option<Arc<Segment>> {
        self.open().get(id).cloned()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<SegmentId, Arc<Segment>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
