//! The certificate of the process, and the configurations made of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use rtc_dtls::cipher_suite::CipherSuiteId;
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::RTCCryptoProvider;
use rtc_dtls::crypto_provider::providers::AwsLcRsProvider;
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;

use crate::session::srtp::Profile;
use crate::time::Micros;

/// Longer than any session: `rtc-dtls` must never retransmit by itself, [`super::flight`] does.
const NEVER: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The server's certificate (ECDSA P-256) and its key: one per process, cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    gcm: Arc<HandshakeConfig>,
    cm: Arc<HandshakeConfig>,
    fingerprint: [u8; 32],
    fingerprint_text: String,
    zero: Instant,
}

/// No certificate could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot make a DTLS certificate: {0}")]
pub struct IdentityError(String);

impl Identity {
    /// Makes a fresh self-signed certificate. `zero` is what `rtc-dtls`, which counts in `Instant`s, takes for time zero;
    /// any instant will do.
    pub fn generate(zero: Instant) -> Result<Identity, IdentityError> {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let name = vec!["lectern".to_owned()];
        let certificate = Certificate::generate_self_signed(name, provider.crypto()).map_err(failed)?;
        let der = certificate.certificate.first().ok_or_else(|| failed("no certificate"))?;
        let fingerprint = sha256(der);
        let config = |profile| server_config(&provider, &certificate, profile).map(Arc::new);
        Ok(Identity(Arc::new(Inner {
            gcm: config(SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm)?,
            cm: config(SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80)?,
            fingerprint,
            fingerprint_text: fingerprint_text(&fingerprint),
            zero,
        })))
    }

    /// SHA-256 of the certificate.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.0.fingerprint
    }

    /// The same as SDP writes it (RFC 8122 §5).
    pub fn fingerprint_text(&self) -> &str {
        &self.0.fingerprint_text
    }

    pub(super) fn config(&self, profile: Profile) -> Arc<HandshakeConfig> {
        match profile {
            Profile::Aes128Gcm => self.0.gcm.clone(),
            Profile::Aes128CmSha1 => self.0.cm.clone(),
        }
    }

    pub(super) fn instant(&self, now: Micros) -> Instant {
        self.0.zero.checked_add(Duration::from_micros(now.0)).unwrap_or(self.0.zero)
    }
}

fn server_config(
    provider: &Arc<dyn RTCCryptoProvider>,
    certificate: &Certificate,
    profile: SrtpProtectionProfile,
) -> Result<HandshakeConfig, IdentityError> {
    ConfigBuilder::default()
        .with_crypto_provider(provider.clone())
        .with_certificates(vec![certificate.clone()])
        .with_cipher_suites(vec![CipherSuiteId::Tls_Ecdhe_Ecdsa_With_Aes_128_Gcm_Sha256])
        // One profile only: with more the browser's order would decide.
        .with_srtp_protection_profiles(vec![profile])
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        // The certificate is compared with the answer's fingerprint once both are there.
        .with_insecure_skip_verify(true)
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_flight_interval(NEVER)
        .build(false, None)
        .map_err(failed)
}

fn failed(error: impl ToString) -> IdentityError {
    IdentityError(error.to_string())
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().first_chunk().copied().unwrap_or_default()
}

/// Upper-case hex pairs joined by colons.
pub(super) fn fingerprint_text(fingerprint: &[u8; 32]) -> String {
    let pairs: Vec<String> = fingerprint.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}
