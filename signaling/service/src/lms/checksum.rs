//! The signature of the BigBlueButton API: `hex(H(call + raw query without checksum + secret))`.
//!
//! The length of the given value chooses H. The query is signed as it was sent, never re-encoded: `+` and `%20`,
//! lower-case escapes and literal brackets all occur in the wild.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;

/// A query string cut into what is signed and the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedQuery {
    /// The raw query without its checksum, without control characters.
    pub signed: String,
    /// The checksum as given, if there is one.
    pub checksum: Option<String>,
}

impl SignedQuery {
    /// Cuts the checksum out of a raw query, wherever it stands. A query that holds nothing else signs the empty
    /// text, also in the form `?&checksum=` of the PHP libraries.
    pub fn cut(raw: &str) -> Self {
        let raw: String = raw.chars().filter(|c| !c.is_control()).collect();
        let raw = raw.trim();
        let mut checksum = None;
        let kept: Vec<&str> = raw
            .split('&')
            .filter(|part| match part.strip_prefix("checksum=") {
                Some(value) if checksum.is_none() => {
                    checksum = Some(value.to_owned());
                    false
                }
                _ => true,
            })
            .collect();
        let signed = if kept.iter().all(|part| part.is_empty()) { String::new() } else { kept.join("&") };
        Self { signed, checksum: checksum.filter(|value| !value.is_empty()) }
    }

    /// Whether the checksum was made for this call with this secret. The comparison takes the same time wherever the
    /// values differ. An empty secret signs nothing.
    pub fn is_signed_with(&self, call: &str, secret: &str) -> bool {
        let Some(given) = self.checksum.as_deref().and_then(|text| hex::decode(text).ok()) else {
            return false;
        };
        let Some(algorithm) = algorithm(given.len()) else { return false };
        if secret.is_empty() {
            return false;
        }
        if matches(algorithm, call, &self.signed, secret, &given) {
            return true;
        }
        // bigbluebutton-js signs a literal ' and axios and browsers then send %27.
        self.signed.contains("%27")
            && matches(algorithm, call, &self.signed.replace("%27", "'"), secret, &given)
    }
}

/// The checksum of a call as a front end makes it, here with SHA-256.
pub fn sign(call: &str, query: &str, secret: &str) -> String {
    hex::encode(hash(&digest::SHA256, call, query, secret))
}

fn matches(
    algorithm: &'static digest::Algorithm,
    call: &str,
    query: &str,
    secret: &str,
    given: &[u8],
) -> bool {
    verify_slices_are_equal(hash(algorithm, call, query, secret).as_ref(), given).is_ok()
}

fn hash(algorithm: &'static digest::Algorithm, call: &str, query: &str, secret: &str) -> digest::Digest {
    let mut context = digest::Context::new(algorithm);
    [call, query, secret].iter().for_each(|part| context.update(part.as_bytes()));
    context.finish()
}

fn algorithm(bytes: usize) -> Option<&'static digest::Algorithm> {
    match bytes {
        20 => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        32 => Some(&digest::SHA256),
        48 => Some(&digest::SHA384),
        64 => Some(&digest::SHA512),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
