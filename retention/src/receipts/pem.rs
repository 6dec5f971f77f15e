//! An Ed25519 public key as PEM (RFC 8410 §4), readable by common tools.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// SubjectPublicKeyInfo of Ed25519 up to the key's 32 bytes.
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Writes a public key.
pub(super) fn write(public_key: &[u8]) -> String {
    let body = STANDARD.encode([PREFIX.as_slice(), public_key].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
}

/// Reads what [`write`] made, and nothing else.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let body = STANDARD.decode(text.lines().nth(1)?).ok()?;
    let public_key = body.strip_prefix(PREFIX.as_slice()).filter(|key| key.len() == 32)?;
    (write(public_key) == text).then(|| public_key.to_vec())
}
