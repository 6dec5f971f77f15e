//! Who may relay. A participant's name is the time until which it is good and the participant; the password follows from
//! the name under a secret of the process, so nothing has to be remembered.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use sfu_engine::ParticipantId;

use super::REALM;

/// How long a nonce is good, s; the one before it is good as well.
const NONCE_S: u64 = 3600;

/// `until`: Unix time, s.
pub fn username(until: u64, participant: ParticipantId) -> String {
    format!("{until}:{:x}", participant.0)
}

/// The password of a name.
pub fn password(secret: &hmac::Key, username: &str) -> String {
    STANDARD.encode(hmac::sign(secret, username.as_bytes()))
}

/// The long-term key of a name (RFC 8489 §9.2.2), if its time has not passed.
pub fn key(secret: &hmac::Key, unix_s: u64, username: &[u8]) -> Option<hmac::Key> {
    let username = std::str::from_utf8(username).ok()?;
    let (until, _) = username.split_once(':')?;
    if until.parse::<u64>().ok()? < unix_s {
        return None;
    }
    let password = password(secret, username);
    let key = Md5::digest(format!("{username}:{REALM}:{password}"));
    Some(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key))
}

/// What a client has to sign, so that an overheard request is of no use from elsewhere or later.
pub fn nonce(secret: &hmac::Key, unix_s: u64, client: SocketAddr) -> String {
    nonce_of(secret, unix_s / NONCE_S, client)
}

/// Whether a nonce was given to this client not long ago.
pub fn is_fresh(secret: &hmac::Key, unix_s: u64, client: SocketAddr, given: &[u8]) -> bool {
    let period = unix_s / NONCE_S;
    [period, period.saturating_sub(1)]
        .into_iter()
        .any(|one| nonce_of(secret, one, client).as_bytes() == given)
}

fn nonce_of(secret: &hmac::Key, period: u64, client: SocketAddr) -> String {
    let tag = hmac::sign(secret, format!("nonce {period} {client}").as_bytes());
    tag.as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
