//! Accepts connections within limits.

use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::places::Places;
use super::{Ways, stream};

/// Connections at a time: in all, and from one address.
const IN_ALL: usize = 4096;
const PER_ADDRESS: usize = 512;
/// For the first byte, and for a TLS handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// The type of a TLS handshake record (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;
/// A pause after a refusal of the system's, which is about descriptors or memory.
const BREATH: Duration = Duration::from_millis(100);

/// Accepts for as long as the task runs; connections end with it.
pub async fn serve(listener: TcpListener, ways: Ways) {
    let places = Places::new(IN_ALL, PER_ADDRESS);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, remote)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let Some(place) = places.take(remote.ip()) else { continue };
        let ways = ways.clone();
        connections.spawn(async move {
            welcome(stream, ways).await;
            drop(place);
        });
    }
}

async fn welcome(stream: TcpStream, ways: Ways) {
    // Voice does not wait for fuller segments.
    let Ok(remote) = stream.set_nodelay(true).and_then(|()| stream.peer_addr()) else { return };
    let Ok(Ok(first)) = tokio::time::timeout(PATIENCE, first_byte(&stream)).await else { return };
    match (first, ways.tls.clone()) {
        (HANDSHAKE, Some(tls)) => {
            let accepted = tokio::time::timeout(PATIENCE, TlsAcceptor::from(tls).accept(stream));
            let Ok(Ok(stream)) = accepted.await else { return };
            stream::serve(stream, remote, ways).await;
        }
        (HANDSHAKE, None) => {}
        _ => stream::serve(stream, remote, ways).await,
    }
}

/// Looks at the first byte and leaves it where it is.
async fn first_byte(stream: &TcpStream) -> std::io::Result<u8> {
    let mut first = [0];
    match stream.peek(&mut first).await? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(first[0]),
    }
}
