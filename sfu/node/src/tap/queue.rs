//! One recorded track between the shard's thread and its QUIC stream: chunks of whole tap frames, bounded. When the
//! recorder lags, the oldest chunk gives way and a gap frame stands in its place.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::tap::TapFrame;
use tokio::sync::Notify;

/// Whole frames, back to back, and the time of the first, µs since the segment's zero.
#[derive(Default)]
pub struct Chunk {
    pub bytes: Vec<u8>,
    pub at_us: u64,
}

/// Emptied buffers kept for reuse.
const SPARES: usize = 4;

pub struct TrackQueue {
    state: Mutex<State>,
    filled: Notify,
    limit: usize,
}

#[derive(Default)]
struct State {
    chunks: VecDeque<Chunk>,
    bytes: usize,
    spares: Vec<Vec<u8>>,
    gap_at_us: Option<u64>,
    lost: u64,
    closed: bool,
}

impl TrackQueue {
    /// At most `limit` bytes wait.
    pub fn new(limit: usize) -> Self {
        Self { state: Mutex::new(State::default()), filled: Notify::new(), limit }
    }

    /// Leaves a filled chunk; gives an empty buffer back. Never waits.
    pub fn push(&self, chunk: Chunk) -> Vec<u8> {
        let mut state = self.lock();
        if state.closed {
            return chunk.bytes;
        }
        state.bytes += chunk.bytes.len();
        state.chunks.push_back(chunk);
        while state.bytes > self.limit {
            let Some(oldest) = state.chunks.pop_front() else { break };
            state.bytes -= oldest.bytes.len();
            state.lost += 1;
            state.gap_at_us.get_or_insert(oldest.at_us);
            keep(&mut state.spares, oldest.bytes);
        }
        let spare = state.spares.pop().unwrap_or_default();
        drop(state);
        self.filled.notify_one();
        spare
    }

    /// Nothing more comes; what waits is still delivered.
    pub fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
    }

    /// Nothing more comes and what waits is dropped: the recorder is gone.
    pub fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.chunks.clear();
        state.bytes = 0;
        drop(state);
        self.filled.notify_one();
    }

    /// The next bytes to write, in exchange for an emptied buffer; `None` at the end.
    pub async fn next(&self, mut emptied: Vec<u8>) -> Option<Vec<u8>> {
        loop {
            match self.try_next(emptied) {
                Ok(bytes) => return bytes,
                Err(back) => emptied = back,
            }
            self.filled.notified().await;
        }
    }

    /// Chunks lost so far because the recorder lagged.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    fn try_next(&self, mut emptied: Vec<u8>) -> Result<Option<Vec<u8>>, Vec<u8>> {
        let mut state = self.lock();
        if let Some(at_us) = state.gap_at_us.take() {
            emptied.clear();
            TapFrame::Gap { at_us }.write(&mut emptied);
            return Ok(Some(emptied));
        }
        if let Some(chunk) = state.chunks.pop_front() {
            state.bytes -= chunk.bytes.len();
            keep(&mut state.spares, emptied);
            return Ok(Some(chunk.bytes));
        }
        if state.closed { Ok(None) } else { Err(emptied) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(spares: &mut Vec<Vec<u8>>, mut bytes: Vec<u8>) {
    if spares.len() < SPARES && bytes.capacity() > 0 {
        bytes.clear();
        spares.push(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(at_us: u64, length: usize) -> Chunk {
        let mut bytes = Vec::new();
        TapFrame::Rtp { at_us, packet: &vec![0x80; length] }.write(&mut bytes);
        Chunk { bytes, at_us }
    }

    #[tokio::test]
    async fn a_lagging_recorder_loses_the_oldest_and_is_told_so() {
        let queue = TrackQueue::new(3 * 111);
        for at_us in 0..5 {
            queue.push(chunk(at_us, 100));
        }
        queue.close();
        let mut seen = Vec::new();
        while let Some(bytes) = queue.next(Vec::new()).await {
            let (frame, _) = TapFrame::read(&bytes).unwrap().unwrap();
            seen.push(match frame {
                TapFrame::Gap { at_us } => ("gap", at_us),
                TapFrame::Rtp { at_us, .. } | TapFrame::SenderReport { at_us, .. } => ("rtp", at_us),
            });
        }
        assert_eq!(seen, [("gap", 0), ("rtp", 2), ("rtp", 3), ("rtp", 4)]);
        assert_eq!(queue.lost(), 2);
    }

    #[tokio::test]
    async fn buffers_go_round() {
        let queue = TrackQueue::new(1 << 20);
        queue.push(chunk(0, 100));
        let bytes = queue.next(Vec::with_capacity(4096)).await.unwrap();
        assert_eq!(queue.push(chunk(1, 100)).capacity(), 4096);
        assert_eq!(bytes.len(), 111);
    }
}
