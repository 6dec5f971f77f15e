//! Secrets shared with front ends.

use aws_lc_rs::rand;

use crate::exit::Exit;

/// A new secret: 64 hex digits, 256 bits. Some PHP libraries refuse shorter keys for HS512.
pub fn make() -> Result<String, Exit> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)
        .map_err(|_| Exit::Unavailable("the operating system gives no random bytes".to_owned()))?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_have_64_characters_and_differ() {
        let (a, b) = (super::make().expect("random"), super::make().expect("random"));
        assert_eq!(a.len(), 64);
        assert_ne!(a, b);
    }
}
