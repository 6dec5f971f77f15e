//! One connection: bytes in and out, with all its waiting bounded. A peer that takes too little loses packets; one that
//! takes nothing, says nothing or proves nothing is let go.

mod patience;
mod speech;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::Ways;
use super::link::{Pipe, Waiting};
use patience::{LOOK, Patience};
use speech::Speech;

/// Bytes read at a time; more than the longest message that is taken.
const INPUT: usize = 16 << 10;
/// Bytes of answers that may wait before nothing more is read.
const BACKLOG: usize = 64 << 10;

/// Serves a connection until it ends.
pub async fn serve<S: AsyncRead + AsyncWrite>(stream: S, remote: SocketAddr, ways: Ways) {
    let pipe = Arc::new(Pipe::default());
    let _closing = Closing(pipe.clone());
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut speech = Speech::new(remote, ways, pipe.clone());
    let mut patience = Patience::new(Instant::now());
    let mut look = tokio::time::interval(LOOK);
    let (mut input, mut output, mut waiting) = (Input::default(), Output::default(), Waiting::default());
    loop {
        let writes = output.is_due();
        tokio::select! {
            read = reader.read(input.space()), if output.bytes.len() < BACKLOG => {
                let Ok(1..) = read.inspect(|count| input.filled += count) else { return };
                patience.heard(Instant::now());
                if input.spend(|bytes| speech.take(bytes, &mut output.bytes)).is_none() {
                    return;
                }
            }
            () = pipe.filled(), if !writes => {
                pipe.take(&mut waiting);
                waiting.drain(|tag, datagram| speech.say(tag, datagram, &mut output.bytes));
                patience.answered();
            }
            written = output.write(&mut writer), if writes => {
                if written.is_err() {
                    return;
                }
                patience.taken(Instant::now());
            }
            _ = look.tick() => {
                if speech.is_granted() {
                    patience.heard(Instant::now());
                    patience.answered();
                }
                if patience.is_over(Instant::now(), output.is_due()) {
                    return;
                }
            }
        }
    }
}

/// Tells the shard that nobody takes from the pipe any more, however the task ends.
struct Closing(Arc<Pipe>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What was read and not used yet.
struct Input {
    bytes: Box<[u8]>,
    filled: usize,
}

impl Default for Input {
    fn default() -> Self {
        Self { bytes: vec![0; INPUT].into_boxed_slice(), filled: 0 }
    }
}

impl Input {
    fn space(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.filled..).unwrap_or_default()
    }

    /// Lets `take` use up as much as it can; `None` if it refuses, or needs more than there is room for.
    fn spend(&mut self, take: impl FnOnce(&[u8]) -> Option<usize>) -> Option<()> {
        let used = take(self.bytes.get(..self.filled)?)?;
        self.bytes.copy_within(used..self.filled, 0);
        self.filled = self.filled.checked_sub(used)?;
        (self.filled < INPUT).then_some(())
    }
}

/// What is still to be written.
#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    written: usize,
    unflushed: bool,
}

impl Output {
    fn is_due(&self) -> bool {
        self.unflushed || !self.bytes.is_empty()
    }

    /// Writes some of it, or flushes when all is written. May be cancelled and called again.
    async fn write(&mut self, writer: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
        if self.bytes.is_empty() {
            writer.flush().await?;
            self.unflushed = false;
            return Ok(());
        }
        let count = writer.write(self.bytes.get(self.written..).unwrap_or_default()).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        self.unflushed = true;
        self.written += count;
        if self.written >= self.bytes.len() {
            self.bytes.clear();
            self.written = 0;
        }
        Ok(())
    }
}
