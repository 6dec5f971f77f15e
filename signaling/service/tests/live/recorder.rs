//! A recorder's stand-in at the tap: takes orders, reports what the test wants.

use std::sync::Arc;

use protocol::tap::{ALPN, Order, Report};
use quinn::crypto::rustls::QuicClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::timeout;

use crate::client::LIMIT;
use crate::server::Server;

pub struct Recorder {
    pub connection: quinn::Connection,
    orders: quinn::RecvStream,
    reports: quinn::SendStream,
    // Dropping it would close the connection.
    _endpoint: quinn::Endpoint,
}

impl Recorder {
    /// Attaches, and returns when the node knows it.
    pub async fn attach(server: &Server) -> Self {
        let access = server.sfu.recorder_access().unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(access.ca_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(access.cert_pem.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(access.key_pem.as_bytes()).unwrap(),
            )
            .unwrap();
        tls.alpn_protocols = vec![ALPN.to_vec()];
        let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
        let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
        let connecting = endpoint.connect_with(config, access.address, &access.server_name).unwrap();
        let connection = timeout(LIMIT, connecting).await.unwrap().unwrap();
        let (reports, orders) = connection.open_bi().await.unwrap();
        let mut recorder = Self { connection, orders, reports, _endpoint: endpoint };
        recorder.report(&Report::Ready { recovered: vec![] }).await;
        let attached = async {
            while !server.sfu.recorder_attached() {
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, attached).await.unwrap();
        recorder
    }

    pub async fn order(&mut self) -> Order {
        let read = async {
            let mut length = [0; 4];
            self.orders.read_exact(&mut length).await.unwrap();
            let mut json = vec![0; u32::from_be_bytes(length) as usize];
            self.orders.read_exact(&mut json).await.unwrap();
            serde_json::from_slice(&json).unwrap()
        };
        timeout(LIMIT, read).await.expect("an order in time")
    }

    pub async fn report(&mut self, report: &Report) {
        let json = serde_json::to_vec(report).unwrap();
        self.reports.write_all(&u32::try_from(json.len()).unwrap().to_be_bytes()).await.unwrap();
        self.reports.write_all(&json).await.unwrap();
    }
}
