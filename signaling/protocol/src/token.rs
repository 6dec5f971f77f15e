//! Room tokens: what lets a person into a room, and the only source of role and rights.
//!
//! `base64url(claims as JSON) "." base64url(HMAC-SHA-256)`. The algorithm is fixed here; nothing in a token chooses it.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::ids::{MeetingId, PersonId, SessionId, TenantId};
use crate::server::Role;

/// What a room token says. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose room.
    pub tenant: TenantId,
    /// Which meeting.
    pub meeting: MeetingId,
    /// Who.
    pub person: PersonId,
    /// Which stay.
    pub session: SessionId,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// When it was made.
    pub issued: i64,
    /// First second in which it is no longer valid.
    pub expires: i64,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not of the form of a token, or not signed with this key.
    #[error("the room token was not made by this server")]
    Invalid,
    /// Its time is over.
    #[error("the room token has expired")]
    Expired,
}

/// The key that signs room tokens.
pub struct TokenKey(hmac::Key);

impl TokenKey {
    /// A key from 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Signs the claims.
    pub fn sign(&self, claims: &Claims) -> String {
        // Claims hold only text and numbers, which always serialize.
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
        let tag = hmac::sign(&self.0, body.as_bytes());
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    /// Reads a token and checks its signature and its time (`now` in seconds since 1970).
    pub fn verify(&self, token: &str, now: i64) -> Result<Claims, TokenError> {
        let (body, tag) = token.split_once('.').ok_or(TokenError::Invalid)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| TokenError::Invalid)?;
        hmac::verify(&self.0, body.as_bytes(), &tag).map_err(|_| TokenError::Invalid)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| TokenError::Invalid)?;
        let claims: Claims = serde_json::from_slice(&body).map_err(|_| TokenError::Invalid)?;
        if now >= claims.expires { Err(TokenError::Expired) } else { Ok(claims) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            tenant: "default".into(),
            meeting: "m-1".into(),
            person: "w_1".into(),
            session: "s".into(),
            name: "Zoë".into(),
            role: Role::Viewer,
            issued: 100,
            expires: 200,
        }
    }

    #[test]
    fn a_signed_token_is_read_back_until_it_expires() {
        let key = TokenKey::new(&[7; 32]);
        let token = key.sign(&claims());
        assert_eq!(key.verify(&token, 199), Ok(claims()));
        assert_eq!(key.verify(&token, 200), Err(TokenError::Expired));
    }

    #[test]
    fn every_changed_byte_and_another_key_are_refused() {
        let key = TokenKey::new(&[7; 32]);
        let token = key.sign(&claims());
        assert_eq!(TokenKey::new(&[8; 32]).verify(&token, 150), Err(TokenError::Invalid));
        for at in 0..token.len() - 1 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ascii");
            assert_eq!(key.verify(&changed, 150), Err(TokenError::Invalid), "byte {at}");
        }
    }
}
