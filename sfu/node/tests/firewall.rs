//! Browsers behind firewalls that let no UDP through.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;

use common::bridge::{framed, only_candidate};
use common::media::VP8;
use common::peer::Peer;
use common::{LIMIT, Node, config, relay};
use sfu_node::{EngineView, RelayConfig, Sfu, SfuConfig, Source};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

fn node(shards: usize) -> Node {
    let tcp = Some("127.0.0.1:0".parse().unwrap());
    Node::start_with(SfuConfig { tcp, ..config(shards) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_offer_names_the_way_by_tcp() {
    let node = node(1);
    let room = node.sfu.open_room().await;
    let offer = node.sfu.join(room, 1).await.unwrap().offer;
    let port = node.sfu.tcp_address().unwrap().port();
    let candidate = format!("a=candidate:2 1 tcp 1520435199 127.0.0.1 {port} typ host tcptype passive");
    assert!(offer.lines().any(|line| line == candidate), "{offer}");
}

/// Pictures go both ways between a peer with UDP and one whose every packet takes the connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_without_udp_sends_and_receives_pictures_over_tcp() {
    for shards in [1, 2] {
        let mut node = node(shards);
        let tcp = node.sfu.tcp_address().unwrap();
        let hop = framed(tcp).await;
        exchange(&mut node, hop).await;
    }
}

async fn exchange(node: &mut Node, hop: SocketAddr) {
    let sfu = node.sfu.clone();
    let room = sfu.open_room().await;
    let mut plain = Peer::join(&sfu, room, 1000).await;
    let mut behind = Peer::join_with(&sfu, room, 2000, |offer| only_candidate(&offer, hop)).await;
    node.connected(plain.id()).await;
    node.connected(behind.id()).await;
    let sending = [plain.publish(&sfu, 1), behind.publish(&sfu, 2)];
    watch(&sfu, &plain, &behind);
    watch(&sfu, &behind, &plain);
    for (peer, tag) in [(&mut behind, 1), (&mut plain, 2)] {
        for _ in 0..20 {
            peer.packet(|packet| packet.header.payload_type == VP8 && packet.payload.last() == Some(&tag))
                .await;
        }
    }
    sending.iter().for_each(tokio::task::JoinHandle::abort);
    plain.close().await;
    behind.close().await;
}

fn watch(sfu: &Sfu, who: &Peer, whom: &Peer) {
    let view =
        EngineView { publisher: whom.id(), source: Source::Camera, width: 320, height: 180, priority: 0 };
    sfu.viewport(who.id(), vec![view]);
}

/// The same by way of the relay: UDP, TCP, and TLS with a certificate of the test's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_sends_and_receives_pictures_through_the_relay() {
    let (server, trust) = certificate();
    let relay = RelayConfig {
        udp: Some("127.0.0.1:0".parse().unwrap()),
        tls: Some(server),
        host: Some("localhost".to_owned()),
    };
    let tcp = Some("127.0.0.1:0".parse().unwrap());
    let mut node = Node::start_with(SfuConfig { tcp, relay: Some(relay), ..config(2) });
    let room = node.sfu.open_room().await;
    let access = node.sfu.join(room, 1).await.unwrap().relay.unwrap();
    let [udp, tcp, tls] = access.urls.as_slice() else { panic!("{access:?}") };
    assert!(udp.starts_with("turn:127.0.0.1:") && udp.ends_with("?transport=udp"), "{udp}");
    let port = node.sfu.tcp_address().unwrap();
    assert_eq!(*tcp, format!("turn:{port}?transport=tcp"));
    assert_eq!(*tls, format!("turns:localhost:{}?transport=tcp", port.port()));
    let media = node.sfu.local_address();
    let udp: SocketAddr = udp["turn:".len()..].split('?').next().unwrap().parse().unwrap();
    let secure = TlsConnector::from(trust)
        .connect("localhost".try_into().unwrap(), TcpStream::connect(port).await.unwrap())
        .await
        .unwrap();
    for way in
        [relay::udp(udp).await, relay::stream(TcpStream::connect(port).await.unwrap()), relay::stream(secure)]
    {
        let (hop, relayed) = relay::hop(way, access.clone(), media).await;
        assert!(relayed.ip() == media.ip() && relayed != media);
        exchange(&mut node, hop).await;
        // Nobody listens at the relayed address.
        assert!(std::net::UdpSocket::bind(relayed).is_ok());
    }
}

fn certificate() -> (Arc<rustls::ServerConfig>, Arc<rustls::ClientConfig>) {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let chain = vec![made.cert.der().clone()];
    let mut roots = rustls::RootCertStore::empty();
    roots.add(chain[0].clone()).unwrap();
    let server = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let trust = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (Arc::new(server), Arc::new(trust))
}

/// Whatever a stream carries, it ends alone, and the node goes on accepting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_make_no_sense_end_and_hurt_nobody() {
    let mut node = node(1);
    let tcp = node.sfu.tcp_address().unwrap();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..200 {
        let mut bytes: Vec<u8> = (0..round * 7 + 12).map(|_| next(&mut random)).collect();
        match round % 4 {
            // Looks like a framed check, like a TURN message, like TLS; or like nothing.
            0 => bytes[2..10].copy_from_slice(&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]),
            1 => bytes[..8].copy_from_slice(&[0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42]),
            2 => bytes[..3].copy_from_slice(&[22, 3, 1]),
            _ => {}
        }
        let mut stream = TcpStream::connect(tcp).await.unwrap();
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let end = tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer));
        let _ = end.await.expect("the stream ends");
    }
    let hop = framed(tcp).await;
    tokio::time::timeout(LIMIT, exchange(&mut node, hop)).await.unwrap();
}

fn next(random: &mut u64) -> u8 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random as u8
}
