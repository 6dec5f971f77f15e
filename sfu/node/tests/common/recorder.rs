//! A recorder's stand-in: attaches by QUIC, keeps orders and tracks.

use std::sync::Arc;

use protocol::tap::{ALPN, Order, Report, TapFrame, TrackHeader};
use quinn::crypto::rustls::QuicClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sfu_node::RecorderAccess;

use super::LIMIT;

pub struct Recorder {
    pub connection: quinn::Connection,
    pub orders: quinn::RecvStream,
    pub reports: quinn::SendStream,
    // Dropping it would close the connection.
    _endpoint: quinn::Endpoint,
}

/// One frame, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Rtp { at_us: u64, packet: Vec<u8> },
    SenderReport { at_us: u64 },
    Gap { at_us: u64 },
}

impl Recorder {
    pub async fn attach(access: &RecorderAccess) -> Recorder {
        let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
        let connecting =
            endpoint.connect_with(client(access, true), access.address, &access.server_name).unwrap();
        let connection = tokio::time::timeout(LIMIT, connecting).await.unwrap().unwrap();
        let (mut reports, orders) = connection.open_bi().await.unwrap();
        send(&mut reports, &Report::Ready { recovered: vec![] }).await;
        Recorder { connection, orders, reports, _endpoint: endpoint }
    }

    pub async fn report(&mut self, report: &Report) {
        send(&mut self.reports, report).await;
    }

    pub async fn order(&mut self) -> Order {
        tokio::time::timeout(LIMIT, receive(&mut self.orders)).await.expect("an order in time")
    }

    /// The next track's header and stream.
    pub async fn track(&self) -> (TrackHeader, Track) {
        let stream = tokio::time::timeout(LIMIT, self.connection.accept_uni()).await.unwrap().unwrap();
        let mut track = Track { stream, bytes: Vec::new() };
        let header = tokio::time::timeout(LIMIT, receive(&mut track.stream)).await.unwrap();
        (header, track)
    }
}

pub struct Track {
    stream: quinn::RecvStream,
    bytes: Vec<u8>,
}

impl Track {
    /// The next frame; `None` at the end of the stream.
    pub async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, length)) = TapFrame::read(&self.bytes).unwrap() {
                let frame = match frame {
                    TapFrame::Rtp { at_us, packet } => Frame::Rtp { at_us, packet: packet.to_vec() },
                    TapFrame::SenderReport { at_us, .. } => Frame::SenderReport { at_us },
                    TapFrame::Gap { at_us } => Frame::Gap { at_us },
                };
                self.bytes.drain(..length);
                return Some(frame);
            }
            let chunk =
                tokio::time::timeout(LIMIT, self.stream.read_chunk(1 << 16, true)).await.unwrap().unwrap();
            let Some(chunk) = chunk else {
                assert!(self.bytes.is_empty(), "the stream ends with a whole frame");
                return None;
            };
            self.bytes.extend_from_slice(&chunk.bytes);
        }
    }
}

/// A QUIC client with the recorder's certificate, or without any.
pub fn client(access: &RecorderAccess, with_certificate: bool) -> quinn::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(access.ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let mut tls = if with_certificate {
        let certificate = CertificateDer::from_pem_slice(access.cert_pem.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(access.key_pem.as_bytes()).unwrap();
        builder.with_client_auth_cert(vec![certificate], key).unwrap()
    } else {
        builder.with_no_client_auth()
    };
    tls.alpn_protocols = vec![ALPN.to_vec()];
    quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
}

async fn send(stream: &mut quinn::SendStream, message: &impl Serialize) {
    let body = serde_json::to_vec(message).unwrap();
    stream.write_all(&(body.len() as u32).to_be_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
}

async fn receive<T: DeserializeOwned>(stream: &mut quinn::RecvStream) -> T {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await.unwrap();
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut body).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}
