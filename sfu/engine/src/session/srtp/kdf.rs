//! Session keys from master keys (RFC 3711 §4.3.1, RFC 7714 §11): AES-CM as pseudo-random function, rate 0.

use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use super::KeyError;

/// Bytes of master and session keys.
pub(super) const KEY: usize = 16;

/// What a key is for (RFC 3711 §4.3.2).
#[derive(Clone, Copy)]
pub(super) enum Label {
    RtpKey = 0,
    RtpAuth = 1,
    RtpSalt = 2,
    RtcpKey = 3,
    RtcpAuth = 4,
    RtcpSalt = 5,
}

/// Derives `N` bytes. A master salt of 96 bits is followed by 16 zero bits (RFC 7714 §11).
pub(super) fn derive<const N: usize>(
    master_key: &[u8],
    master_salt: &[u8],
    label: Label,
) -> Result<[u8; N], KeyError> {
    let mut salt = [0; 14];
    salt.get_mut(..master_salt.len()).ok_or(KeyError)?.copy_from_slice(master_salt);
    salt[7] ^= label as u8;
    let mut counter = [0; 16];
    counter[..14].copy_from_slice(&salt);
    let mut out = [0; N];
    let key =
        UnboundCipherKey::new(&AES_128, master_key).and_then(EncryptingKey::ctr).map_err(|_| KeyError)?;
    let context = EncryptionContext::Iv128(FixedLength::from(counter));
    key.less_safe_encrypt(&mut out, context).map_err(|_| KeyError)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3711 appendix B.3.
    #[test]
    fn gives_the_keys_of_rfc_3711() {
        let key = hex("e1f97a0d3e018be0d64fa32c06de4139");
        let salt = hex("0ec675ad498afeebb6960b3aabe6");
        let cipher: [u8; 16] = derive(&key, &salt, Label::RtpKey).unwrap();
        let session_salt: [u8; 14] = derive(&key, &salt, Label::RtpSalt).unwrap();
        let auth: [u8; 94] = derive(&key, &salt, Label::RtpAuth).unwrap();
        assert_eq!(cipher[..], hex("c61e7a93744f39ee10734afe3ff7a087"));
        assert_eq!(session_salt[..], hex("30cbbc08863d8c85d49db34a9ae1"));
        assert_eq!(auth[..20], hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }
}
