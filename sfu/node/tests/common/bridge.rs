//! A hop between a peer's UDP socket and whatever leads to the node: the peer's own ICE, DTLS and SRTP go through it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// The offer with one candidate only: the hop.
pub fn only_candidate(offer: &str, hop: SocketAddr) -> String {
    let candidate = format!("a=candidate:1 1 udp 2130706431 {} {} typ host", hop.ip(), hop.port());
    let lines = offer.split("\r\n").filter(|line| !line.starts_with("a=candidate:"));
    let lines = lines.flat_map(|line| {
        let before = (line == "a=end-of-candidates").then_some(candidate.as_str());
        before.into_iter().chain(std::iter::once(line))
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

/// Carries datagrams in frames (RFC 4571) over one connection to `node`.
pub async fn framed(node: SocketAddr) -> SocketAddr {
    let udp = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let hop = udp.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        let (mut len, peer) = udp.recv_from(&mut buffer).await.unwrap();
        let (mut reader, mut writer) = TcpStream::connect(node).await.unwrap().into_split();
        let back = udp.clone();
        tokio::spawn(async move {
            while let Ok(length) = reader.read_u16().await {
                let mut datagram = vec![0; length.into()];
                reader.read_exact(&mut datagram).await.unwrap();
                back.send_to(&datagram, peer).await.unwrap();
            }
        });
        loop {
            let frame = [&(len as u16).to_be_bytes(), &buffer[..len]].concat();
            if writer.write_all(&frame).await.is_err() {
                return;
            }
            len = udp.recv_from(&mut buffer).await.unwrap().0;
        }
    });
    hop
}
