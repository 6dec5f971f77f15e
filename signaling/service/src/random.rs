//! Random names.

use aws_lc_rs::rand;

const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz0123456";

/// `N` random bytes of the operating system. Without them nothing is safe, so their absence ends the task.
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "no secret can be made without randomness")]
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// 32 hex digits.
pub(crate) fn hex_id() -> String {
    hex::encode(bytes::<16>())
}

/// 12 lower-case letters and digits.
pub(crate) fn short_id() -> String {
    let letters =
        bytes::<12>().map(|byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()).copied().unwrap_or(b'a'));
    letters.iter().map(|&letter| char::from(letter)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_have_their_form_and_differ() {
        assert_eq!(super::hex_id().len(), 32);
        assert_eq!(super::short_id().len(), 12);
        assert_ne!(super::hex_id(), super::hex_id());
        assert_ne!(super::short_id(), super::short_id());
    }
}
