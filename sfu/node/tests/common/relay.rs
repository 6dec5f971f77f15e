//! A hop like [`super::bridge`], through the node's relay by an independent TURN client (`rtc-turn`).

use std::net::SocketAddr;
use std::time::Instant;

use bytes::BytesMut;
use rtc::sansio::Protocol;
use rtc::shared::{TransportContext, TransportMessage, TransportProtocol};
use rtc::turn::client::{Client, ClientConfig, Event};
use sfu_node::RelayAccess;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// The two ends of a way to the relay, message by message.
pub struct Way {
    pub out: mpsc::UnboundedSender<Vec<u8>>,
    pub back: mpsc::UnboundedReceiver<Vec<u8>>,
}

/// By UDP.
pub async fn udp(relay: SocketAddr) -> Way {
    let socket = std::sync::Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    socket.connect(relay).await.unwrap();
    let (out, mut sent) = mpsc::unbounded_channel::<Vec<u8>>();
    let (received, back) = mpsc::unbounded_channel();
    let reader = socket.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(length) = reader.recv(&mut buffer).await {
            let _ = received.send(buffer[..length].to_vec());
        }
    });
    tokio::spawn(async move {
        while let Some(message) = sent.recv().await {
            let _ = socket.send(&message).await;
        }
    });
    Way { out, back }
}

/// By a stream, where data on channels is padded (RFC 8656 §12.5).
pub fn stream<S: AsyncRead + AsyncWrite + Send + 'static>(stream: S) -> Way {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (out, mut sent) = mpsc::unbounded_channel::<Vec<u8>>();
    let (received, back) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let mut message = vec![0; 4];
            if reader.read_exact(&mut message).await.is_err() {
                return;
            }
            let length = usize::from(u16::from_be_bytes([message[2], message[3]]));
            let whole = if message[0] < 64 { length + 20 } else { (length + 4).next_multiple_of(4) };
            message.resize(whole, 0);
            reader.read_exact(&mut message[4..]).await.unwrap();
            if message[0] >= 64 {
                message.truncate(length + 4);
            }
            let _ = received.send(message);
        }
    });
    tokio::spawn(async move {
        while let Some(mut message) = sent.recv().await {
            message.resize(message.len().next_multiple_of(4), 0);
            let _ = writer.write_all(&message).await;
            let _ = writer.flush().await;
        }
    });
    Way { out, back }
}

/// Allocates, and carries datagrams between a peer's UDP and `media`; gives the hop and the relayed address.
pub async fn hop(mut way: Way, access: RelayAccess, media: SocketAddr) -> (SocketAddr, SocketAddr) {
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let hop = udp.local_addr().unwrap();
    let server: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let config = ClientConfig {
        turn_serv_addr: server.to_string(),
        local_addr: hop,
        username: access.username,
        password: access.credential,
        ..ClientConfig::default()
    };
    let mut client = Client::new(config, rtc::crypto::default_provider().unwrap()).unwrap();
    client.allocate(Instant::now()).unwrap();
    let relayed = loop {
        flush(&mut client, &way);
        read(&mut client, way.back.recv().await.expect("the relay answers"), hop, server);
        match client.poll_event() {
            Some(Event::AllocateResponse(_, relayed)) => break relayed,
            Some(other) => panic!("{other:?}"),
            None => {}
        }
    };
    client.relay(relayed).unwrap().create_permission(Instant::now(), media).unwrap();
    tokio::spawn(async move {
        let (mut peer, mut buffer) = (None, vec![0; 65_536]);
        loop {
            flush(&mut client, &way);
            while let Some(event) = client.poll_event() {
                if let (Event::DataIndicationOrChannelData(_, from, data), Some(peer)) = (event, peer) {
                    assert_eq!(from, media);
                    udp.send_to(&data, peer).await.unwrap();
                }
            }
            tokio::select! {
                message = way.back.recv() => match message {
                    Some(message) => read(&mut client, message, hop, server),
                    None => return,
                },
                Ok((length, from)) = udp.recv_from(&mut buffer) => {
                    peer = Some(from);
                    // Fails until the permission is there; the peer asks again.
                    let _ = client.relay(relayed).unwrap().send_to(Instant::now(), &buffer[..length], media);
                }
            }
        }
    });
    (hop, relayed)
}

fn flush(client: &mut Client, way: &Way) {
    while let Some(transmit) = client.poll_write() {
        let _ = way.out.send(transmit.message.to_vec());
    }
}

fn read(client: &mut Client, message: Vec<u8>, local_addr: SocketAddr, peer_addr: SocketAddr) {
    let transport =
        TransportContext { local_addr, peer_addr, transport_protocol: TransportProtocol::UDP, ecn: None };
    let message = BytesMut::from(&message[..]);
    client.handle_read(TransportMessage { now: Instant::now(), transport, message }).unwrap();
}
