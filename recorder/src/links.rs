//! Links to a recording: signed, expiring, made by the server alone (R34).
//!
//! A token is `<expiry, Unix seconds, decimal>.<HMAC-SHA-256, hex>`. The tag covers the recording's id and the expiry,
//! so a token opens one recording only and cannot be made to last longer.

use aws_lc_rs::hmac;
use protocol::ids::MeetingId;

/// Kept apart from every other use of HMAC in the product.
const CONTEXT: &[u8] = b"lectern recording link v1\0";

/// The secret that signs links: one per server, never shown.
#[derive(Clone)]
pub struct LinkKey(hmac::Key);

impl LinkKey {
    /// A key from 32 random bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was not made by this server for this recording, or was changed.
    #[error("the link is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

/// Makes the token that opens `recording` until `expires_unix_s` (exclusive).
pub fn sign(key: &LinkKey, recording: &MeetingId, expires_unix_s: u64) -> String {
    let tag = hmac::sign(&key.0, &signed_bytes(recording, expires_unix_s));
    format!("{expires_unix_s}.{}", hex::encode(tag.as_ref()))
}

/// Path and query of the playback page of `recording`, openable until `expires_unix_s`.
pub fn page_path(key: &LinkKey, recording: &MeetingId, expires_unix_s: u64) -> String {
    format!("/recordings/{recording}?t={}", sign(key, recording, expires_unix_s))
}

/// Checks a token against the time, in constant time for the tag.
pub fn verify(key: &LinkKey, recording: &MeetingId, token: &str, now_unix_s: u64) -> Result<(), LinkError> {
    let (expiry, tag) = token.split_once('.').ok_or(LinkError::Invalid)?;
    let expires_unix_s: u64 = expiry.parse().map_err(|_| LinkError::Invalid)?;
    let tag = hex::decode(tag).map_err(|_| LinkError::Invalid)?;
    hmac::verify(&key.0, &signed_bytes(recording, expires_unix_s), &tag).map_err(|_| LinkError::Invalid)?;
    if now_unix_s >= expires_unix_s { Err(LinkError::Expired) } else { Ok(()) }
}

fn signed_bytes(recording: &MeetingId, expires_unix_s: u64) -> Vec<u8> {
    [CONTEXT, &expires_unix_s.to_be_bytes(), recording.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r34_links_are_signed_and_expire() {
        let key = LinkKey::new(&[7; 32]);
        let recording = MeetingId::from("abc-1");
        let token = sign(&key, &recording, 1000);
        assert_eq!(verify(&key, &recording, &token, 999), Ok(()));
        assert_eq!(verify(&key, &recording, &token, 1000), Err(LinkError::Expired));
        assert_eq!(verify(&key, &MeetingId::from("abc-2"), &token, 1), Err(LinkError::Invalid));
        assert_eq!(verify(&LinkKey::new(&[8; 32]), &recording, &token, 1), Err(LinkError::Invalid));
    }

    #[test]
    fn r34_changed_links_are_refused() {
        let key = LinkKey::new(&[7; 32]);
        let recording = MeetingId::from("abc-1");
        let token = sign(&key, &recording, 1000);
        assert_eq!(verify(&key, &recording, &token.replacen("1000", "9000", 1), 1), Err(LinkError::Invalid));
        for bad in ["", ".", "1000", "1000.", "1000.zz", "x.00", "99999999999999999999.00"] {
            assert_eq!(verify(&key, &recording, bad, 1), Err(LinkError::Invalid), "{bad}");
        }
    }
}
