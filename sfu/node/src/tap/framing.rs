//! Length-prefixed JSON on a QUIC stream: a big-endian `u32`, at most `MAX_CONTROL`, then the document.

use protocol::tap::MAX_CONTROL;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a stream cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum FramingError {
    #[error("the stream ended")]
    Ended,
    #[error("a message of {0} bytes")]
    TooLong(usize),
    #[error("not a message: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Writes one message.
pub async fn write(stream: &mut quinn::SendStream, message: &impl Serialize) -> Result<(), FramingError> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= MAX_CONTROL)
        .ok_or(FramingError::TooLong(body.len()))?;
    stream.write_all(&length.to_be_bytes()).await.map_err(|_| FramingError::Ended)?;
    stream.write_all(&body).await.map_err(|_| FramingError::Ended)
}

/// Reads one message; refuses one that says it is longer than `MAX_CONTROL` before reading it.
pub async fn read<T: DeserializeOwned>(stream: &mut quinn::RecvStream) -> Result<T, FramingError> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await.map_err(|_| FramingError::Ended)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_CONTROL {
        return Err(FramingError::TooLong(length));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.map_err(|_| FramingError::Ended)?;
    Ok(serde_json::from_slice(&body)?)
}
