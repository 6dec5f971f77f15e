//! The tap side of an SFU node, as small as the protocol allows: one recorder, orders down, reports up, tracks out.

use std::sync::Arc;
use std::time::Duration;

use protocol::ids::{MeetingId, PersonId};
use protocol::media::Source;
use protocol::tap::{ALPN, Order, Report, SegmentNumber, TapFrame, TrackHeader};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Connection, Endpoint, RecvStream, SendStream, ServerConfig};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use recorder::TapAccess;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::server::WebPkiClientVerifier;
use serde::Serialize;
use tokio::time::timeout;

/// Nothing here may take longer.
const LIMIT: Duration = Duration::from_secs(20);

/// A node that waits for a recorder.
pub struct Node {
    pub access: TapAccess,
    endpoint: Endpoint,
}

/// An attached recorder.
pub struct Tap {
    connection: Connection,
    orders: SendStream,
    reports: RecvStream,
    next_track: u32,
}

/// A track's stream.
pub struct Track(SendStream);

impl Node {
    pub fn start() -> Self {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
        let issuer = Issuer::new(ca, ca_key);
        let (server_pem, server_key) = certificate(&issuer, "node", ExtendedKeyUsagePurpose::ServerAuth);
        let (cert_pem, key_pem) = certificate(&issuer, "recorder", ExtendedKeyUsagePurpose::ClientAuth);
        let endpoint =
            Endpoint::server(config(&ca_pem, &server_pem, &server_key), "127.0.0.1:0".parse().unwrap())
                .unwrap();
        let address = endpoint.local_addr().unwrap();
        let access = TapAccess { address, server_name: "node".into(), ca_pem, cert_pem, key_pem };
        Self { access, endpoint }
    }

    /// Waits for a recorder; gives what it says first.
    pub async fn accept(&self) -> (Tap, Report) {
        timeout(LIMIT, async {
            let connection = self.endpoint.accept().await.unwrap().await.unwrap();
            let (orders, reports) = connection.accept_bi().await.unwrap();
            let mut tap = Tap { connection, orders, reports, next_track: 1 };
            let first = tap.report().await;
            (tap, first)
        })
        .await
        .expect("no recorder attached")
    }
}

impl Tap {
    pub async fn order(&mut self, order: &Order) {
        write(&mut self.orders, order).await;
    }

    pub async fn finish(&mut self, meeting: &MeetingId, segment: SegmentNumber) {
        self.order(&Order::Finish { meeting: meeting.clone(), segment }).await;
    }

    pub async fn track(
        &mut self,
        meeting: &MeetingId,
        segment: SegmentNumber,
        person: &str,
        source: Source,
    ) -> Track {
        let (codec, clock_rate) = match source {
            Source::Microphone | Source::ScreenAudio => ("opus", 48_000),
            Source::Camera | Source::Screen => ("vp8", 90_000),
        };
        let header = TrackHeader {
            track: self.next_track,
            meeting: meeting.clone(),
            segment,
            person: PersonId::from(person),
            source,
            codec: codec.to_owned(),
            clock_rate,
        };
        self.next_track += 1;
        let mut stream = self.connection.open_uni().await.unwrap();
        write(&mut stream, &header).await;
        Track(stream)
    }

    /// The next report.
    pub async fn report(&mut self) -> Report {
        let reading = async {
            let mut length = [0; 4];
            self.reports.read_exact(&mut length).await.unwrap();
            let mut json = vec![0; u32::from_be_bytes(length) as usize];
            self.reports.read_exact(&mut json).await.unwrap();
            serde_json::from_slice(&json).unwrap()
        };
        timeout(LIMIT, reading).await.expect("no report")
    }

    /// The next report that is no request for a keyframe.
    pub async fn outcome(&mut self) -> Report {
        loop {
            match self.report().await {
                Report::WantKeyframe { .. } => {}
                report => return report,
            }
        }
    }

    /// The recorder is gone.
    pub async fn lost(&self) {
        timeout(LIMIT, self.connection.closed()).await.expect("the recorder is still attached");
    }
}

impl Track {
    pub async fn rtp(&mut self, at_us: u64, packet: &[u8]) {
        self.frame(TapFrame::Rtp { at_us, packet }).await;
    }

    /// Like [`Track::rtp`], for a recorder that may have stopped listening.
    pub async fn try_rtp(&mut self, at_us: u64, packet: &[u8]) -> Result<(), quinn::WriteError> {
        let mut bytes = Vec::new();
        TapFrame::Rtp { at_us, packet }.write(&mut bytes);
        self.0.write_all(&bytes).await
    }

    pub async fn frame(&mut self, frame: TapFrame<'_>) {
        let mut bytes = Vec::new();
        frame.write(&mut bytes);
        self.0.write_all(&bytes).await.unwrap();
    }

    /// Ends the stream and waits until the recorder has all of it.
    pub async fn end(mut self) {
        self.0.finish().unwrap();
        let _ = timeout(LIMIT, self.0.stopped()).await;
    }
}

async fn write(stream: &mut SendStream, message: &impl Serialize) {
    let json = serde_json::to_vec(message).unwrap();
    stream.write_all(&u32::try_from(json.len()).unwrap().to_be_bytes()).await.unwrap();
    stream.write_all(&json).await.unwrap();
}

fn certificate(issuer: &Issuer<'_, KeyPair>, name: &str, usage: ExtendedKeyUsagePurpose) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
    parameters.extended_key_usages = vec![usage];
    (parameters.signed_by(&key, issuer).unwrap().pem(), key.serialize_pem())
}

fn config(ca_pem: &str, server_pem: &str, server_key: &str) -> ServerConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone()).build().unwrap();
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(server_pem.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(server_key.as_bytes()).unwrap(),
        )
        .unwrap();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()))
}
