//! The connection to the SFU node: QUIC with mutual TLS, and the control stream on it.

use std::sync::Arc;
use std::time::Duration;

use protocol::tap::{ALPN, MAX_CONTROL, Order};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, Endpoint, RecvStream, SendStream, TransportConfig, VarInt};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Serialize;
use tokio::time::sleep;

use crate::handover::TapAccess;

/// Tries to connect before the process gives up and is started again.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(500);
/// Most tracks at once.
const MAX_TRACKS: u32 = 4096;
/// Bytes of one track that may wait unread; what the node cannot send it leaves out.
const TRACK_WINDOW: u32 = 1 << 20;
/// Bytes of all tracks together that may wait unread.
const WINDOW: u32 = 64 << 20;
const KEEP_ALIVE: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_secs(6);

/// Why the node cannot be reached.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttachError {
    #[error("the TLS material for the tap cannot be used")]
    Material,
    #[error("the tap cannot be reached: {0}")]
    Connect(String),
    #[error("the tap's control stream ended")]
    Closed,
    #[error("the tap's control stream carries something unreadable")]
    Malformed,
}

/// Connects; the endpoint must be kept as long as the connection.
pub(super) async fn connect(access: &TapAccess) -> Result<(Endpoint, Connection), AttachError> {
    let local = if access.address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let local = local.parse().map_err(|_| AttachError::Material)?;
    let refused = |error: &dyn std::fmt::Display| AttachError::Connect(error.to_string());
    let mut endpoint = Endpoint::client(local).map_err(|error| refused(&error))?;
    endpoint.set_default_client_config(client_config(access).ok_or(AttachError::Material)?);
    let mut last = AttachError::Material;
    for _ in 0..TRIES {
        let connecting =
            endpoint.connect(access.address, &access.server_name).map_err(|error| refused(&error))?;
        match connecting.await {
            Ok(connection) => return Ok((endpoint, connection)),
            Err(error) => last = refused(&error),
        }
        sleep(BETWEEN_TRIES).await;
    }
    Err(last)
}

fn client_config(access: &TapAccess) -> Option<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(access.ca_pem.as_bytes()) {
        roots.add(certificate.ok()?).ok()?;
    }
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(access.cert_pem.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(access.key_pem.as_bytes()).ok()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .ok()?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain.ok()?, key)
        .ok()?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).ok()?));
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_uni_streams(VarInt::from_u32(MAX_TRACKS))
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(TRACK_WINDOW))
        .receive_window(VarInt::from_u32(WINDOW))
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(Some(IDLE.try_into().ok()?));
    config.transport_config(Arc::new(transport));
    Some(config)
}

/// Reads the next order.
pub(super) async fn read_order(stream: &mut RecvStream) -> Result<Order, AttachError> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).await.map_err(|_| AttachError::Closed)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| AttachError::Malformed)?;
    if length > MAX_CONTROL {
        return Err(AttachError::Malformed);
    }
    let mut json = zeroize::Zeroizing::new(vec![0; length]);
    stream.read_exact(&mut json).await.map_err(|_| AttachError::Closed)?;
    serde_json::from_slice(&json).map_err(|_| AttachError::Malformed)
}

/// Writes a report.
pub(super) async fn write<T: Serialize>(stream: &mut SendStream, message: &T) -> Result<(), AttachError> {
    let json = serde_json::to_vec(message).map_err(|_| AttachError::Malformed)?;
    let length = u32::try_from(json.len()).map_err(|_| AttachError::Malformed)?;
    let framed = [length.to_be_bytes().as_slice(), &json].concat();
    stream.write_all(&framed).await.map_err(|_| AttachError::Closed)
}
