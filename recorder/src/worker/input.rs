//! A track's stream: its header, then its frames.

use protocol::tap::{TapFrame, TrackHeader};
use quinn::RecvStream;

/// Most bytes taken from the stream at once.
const PIECE: usize = 64 * 1024;
/// Longest header, bytes.
const MAX_HEADER: usize = 16 * 1024;

/// What was read and not yet taken. Bounded: more is read only after all whole frames were taken.
pub(super) struct Input {
    stream: RecvStream,
    bytes: Vec<u8>,
    taken: usize,
    broken: bool,
}

impl Input {
    pub(super) fn new(stream: RecvStream) -> Self {
        Self { stream, bytes: Vec::new(), taken: 0, broken: false }
    }

    /// The length-prefixed header; `None` if the stream does not begin with one.
    pub(super) async fn header(&mut self) -> Option<TrackHeader> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).await.ok()?;
        let length =
            usize::try_from(u32::from_be_bytes(length)).ok().filter(|&length| length <= MAX_HEADER)?;
        let mut json = vec![0; length];
        self.stream.read_exact(&mut json).await.ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// Waits for more bytes; false at the end of the stream, however it ended. Safe to cancel.
    pub(super) async fn more(&mut self) -> bool {
        match self.stream.read_chunk(PIECE, true).await {
            Ok(Some(chunk)) if !self.broken => {
                self.bytes.drain(..self.taken);
                self.taken = 0;
                self.bytes.extend_from_slice(&chunk.bytes);
                true
            }
            _ => false,
        }
    }

    /// The next whole frame among the bytes.
    pub(super) fn frame(&mut self) -> Option<TapFrame<'_>> {
        let rest = self.bytes.get(self.taken..)?;
        match TapFrame::read(rest) {
            Ok(Some((frame, length))) => {
                self.taken += length;
                Some(frame)
            }
            Ok(None) => None,
            Err(_) => {
                tracing::warn!("malformed frame in a track's stream");
                self.broken = true;
                None
            }
        }
    }
}
