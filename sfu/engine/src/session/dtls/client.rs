//! The active side of a handshake, as a browser plays it: for tests and benchmarks.

// A client of our own making trusts its numbers.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_dtls::cipher_suite::CipherSuiteId;
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::RTCCryptoProvider;
use rtc_dtls::crypto_provider::providers::AwsLcRsProvider;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;

use super::flight::Flight;
use super::identity::{fingerprint_text, sha256};
use super::records;
use crate::session::srtp::Profile;
use crate::time::Micros;

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 1);

/// How a client differs from others.
#[derive(Clone)]
pub struct ClientDtlsConfig {
    /// Offered profiles in the client's order; Chromium puts CM-SHA1-80 first.
    pub profiles: Vec<SrtpProtectionProfile>,
    /// Longest handshake datagram, bytes.
    pub mtu: usize,
}

impl Default for ClientDtlsConfig {
    fn default() -> Self {
        let profiles = vec![
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
            SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        ];
        Self { profiles, mtu: 1_200 }
    }
}

/// A client's handshake.
pub(crate) struct ClientDtls {
    endpoint: Endpoint,
    config: Arc<HandshakeConfig>,
    fingerprint: [u8; 32],
    zero: Instant,
    flight: Flight,
    outgoing: VecDeque<Vec<u8>>,
    next_record: u64,
    done: bool,
    closed: bool,
}

impl ClientDtls {
    /// A client with a certificate of its own. Panics if none can be made.
    #[allow(clippy::expect_used)]
    pub(crate) fn new(config: &ClientDtlsConfig) -> Self {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let certificate = Certificate::generate_self_signed(vec!["client".to_owned()], provider.crypto())
            .expect("a self-signed certificate");
        let fingerprint = sha256(&certificate.certificate[0]);
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(vec![certificate])
            .with_cipher_suites(vec![CipherSuiteId::Tls_Ecdhe_Ecdsa_With_Aes_128_Gcm_Sha256])
            .with_srtp_protection_profiles(config.profiles.clone())
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_flight_interval(Duration::from_secs(3_600))
            .with_mtu(config.mtu)
            .build(true, Some(SERVER))
            .expect("a client configuration");
        Self {
            endpoint: Endpoint::new(SERVER, TransportProtocol::UDP, None),
            config: Arc::new(config),
            fingerprint,
            zero: Instant::now(),
            flight: Flight::default(),
            outgoing: VecDeque::new(),
            next_record: 0,
            done: false,
            closed: false,
        }
    }

    pub(crate) fn fingerprint_text(&self) -> String {
        fingerprint_text(&self.fingerprint)
    }

    pub(crate) fn start(&mut self, now: Micros) {
        let at = self.instant(now);
        let _ = self.endpoint.connect(at, SERVER, self.config.clone(), None);
        self.drain(now);
    }

    pub(crate) fn handle(&mut self, now: Micros, datagram: &[u8]) {
        let events = self.endpoint.read(self.instant(now), SERVER, None, BytesMut::from(datagram));
        for event in events.unwrap_or_default() {
            match event {
                EndpointEvent::HandshakeComplete => self.done = true,
                EndpointEvent::PeerClosed => self.closed = true,
                _ => {}
            }
        }
        self.drain(now);
        if self.done {
            self.flight.clear();
        }
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Micros> {
        self.flight.due()
    }

    pub(crate) fn handle_timeout(&mut self, now: Micros) {
        let again = self.flight.repeat_if_due(now).to_vec();
        self.send(again);
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The chosen profile and the exported keying material.
    pub(crate) fn secrets(&self) -> Option<(Profile, Vec<u8>)> {
        let state = self.endpoint.get_connection_state(SERVER)?;
        let profile = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Profile::Aes128Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Profile::Aes128CmSha1,
            _ => return None,
        };
        let exported =
            state.export_keying_material("EXTRACTOR-dtls_srtp", &[], profile.material_len()).ok()?;
        Some((profile, exported.as_ref().to_vec()))
    }

    pub(crate) fn close(&mut self, now: Micros) {
        let _ = self.endpoint.stop(self.instant(now), SERVER);
        self.drain(now);
        self.flight.clear();
    }

    fn drain(&mut self, now: Micros) {
        let sent: Vec<_> = std::iter::from_fn(|| self.endpoint.poll_transmit())
            .map(|transmit| transmit.message.to_vec())
            .collect();
        if !sent.is_empty() {
            self.flight.replace(now, sent.clone());
            self.send(sent);
        }
    }

    fn send(&mut self, datagrams: Vec<Vec<u8>>) {
        for mut datagram in datagrams {
            records::renumber(&mut datagram, &mut self.next_record);
            self.outgoing.push_back(datagram);
        }
    }

    fn instant(&self, now: Micros) -> Instant {
        self.zero + Duration::from_micros(now.0)
    }
}
