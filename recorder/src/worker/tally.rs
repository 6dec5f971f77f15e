//! Counts what is under way, and waits until nothing is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many are under way.
#[derive(Default)]
pub(super) struct Tally {
    number: AtomicUsize,
    zero: Notify,
}

/// One that is under way, until it is dropped.
pub(super) struct UnderWay(Arc<Tally>);

impl Tally {
    /// Counts one more.
    pub(super) fn enter(self: &Arc<Self>) -> UnderWay {
        self.number.fetch_add(1, Ordering::AcqRel);
        UnderWay(self.clone())
    }

    /// Waits until none is under way.
    pub(super) async fn settled(&self) {
        loop {
            let mut zero = std::pin::pin!(self.zero.notified());
            zero.as_mut().enable();
            if self.number.load(Ordering::Acquire) == 0 {
                return;
            }
            zero.await;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.0.number.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.zero.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_for_all() {
        let tally = Arc::new(Tally::default());
        tally.settled().await;
        let (first, second) = (tally.enter(), tally.enter());
        let waiting = tokio::spawn({
            let tally = tally.clone();
            async move { tally.settled().await }
        });
        drop(first);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        waiting.await.unwrap();
    }
}
