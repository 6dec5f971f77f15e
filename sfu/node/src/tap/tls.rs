//! Keys for the tap, made at every start and kept in memory: a CA, the node's certificate and the recorder's. Whoever
//! has no certificate of this CA cannot attach.

use std::net::SocketAddr;
use std::sync::Arc;

use protocol::tap::ALPN;
use quinn::crypto::rustls::QuicServerConfig;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use serde::{Deserialize, Serialize};

/// The name in the node's certificate.
const SERVER_NAME: &str = "tap.lectern.internal";

/// What the recorder process needs to attach: pass it on through a pipe, never through arguments or logs.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecorderAccess {
    /// Where to connect by QUIC.
    pub address: SocketAddr,
    /// The name to expect in the node's certificate.
    pub server_name: String,
    /// The CA that signed the node's certificate, PEM.
    pub ca_pem: String,
    /// The recorder's certificate, PEM.
    pub cert_pem: String,
    /// The recorder's private key, PKCS#8 PEM.
    pub key_pem: String,
}

/// Makes fresh keys: the server's configuration, and a function from the listening address to the recorder's access.
pub fn make() -> Result<(quinn::ServerConfig, impl FnOnce(SocketAddr) -> RecorderAccess), String> {
    let ca = authority().map_err(text)?;
    let (server_cert, server_key) =
        leaf(&ca, SERVER_NAME, ExtendedKeyUsagePurpose::ServerAuth).map_err(text)?;
    let (client_cert, client_key) =
        leaf(&ca, "recorder", ExtendedKeyUsagePurpose::ClientAuth).map_err(text)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).map_err(text)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(text)?;
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(text)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from(server_cert.der().to_vec())],
            PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
        )
        .map_err(text)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let quic = QuicServerConfig::try_from(tls).map_err(text)?;
    let ca_pem = ca.pem();
    let access = move |address| RecorderAccess {
        address,
        server_name: SERVER_NAME.to_owned(),
        ca_pem,
        cert_pem: client_cert.pem(),
        key_pem: client_key.serialize_pem(),
    };
    Ok((quinn::ServerConfig::with_crypto(Arc::new(quic)), access))
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn leaf(
    ca: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
    purpose: ExtendedKeyUsagePurpose,
) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.extended_key_usages = vec![purpose];
    let certificate = params.signed_by(&key, ca)?;
    Ok((certificate, key))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
