//! Verifying a chain offline: needs the folder's three files and nothing of the server.

use std::path::{Path, PathBuf};

use super::format::{GENESIS, Head, Receipt, Signed, hash};
use super::{HEAD, PUBLIC_KEY, pem};

/// A chain that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many receipts.
    pub receipts: u64,
    /// When the last erasure was finished (RFC 3339), if there was one.
    pub last: Option<String>,
    /// The key that signed them, hex.
    pub public_key: String,
}

impl std::fmt::Display for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} receipts, unbroken, signed by {}", self.receipts, self.public_key)?;
        self.last.as_ref().map_or(Ok(()), |last| write!(f, ", the last of {last}"))
    }
}

/// Why a chain is refused.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, std::io::Error),
    /// `public.pem` holds no Ed25519 key.
    #[error("the public key beside the chain was changed")]
    PublicKey,
    /// The key is not the one the caller trusts.
    #[error("the chain is signed by {0}, which is not the expected key")]
    OtherKey(String),
    /// The head is not signed by the key.
    #[error("the head of the chain was changed")]
    Head,
    /// A line was changed, or signed by another key.
    #[error("line {0} was changed")]
    Line(u64),
    /// A line was removed, added or moved.
    #[error("line {0} does not follow the line before it")]
    Order(u64),
    /// Lines are missing at the end.
    #[error("the end of the chain is missing: {found} receipts, but the head says {expected}")]
    Cut {
        /// Receipts in the file.
        found: u64,
        /// Receipts by the head.
        expected: u64,
    },
}

/// Verifies a chain file with the head and the public key that lie beside it.
pub fn verify(chain: &Path) -> Result<Verified, VerifyError> {
    let text = read(chain)?;
    let head = read(&chain.with_file_name(HEAD))?;
    let public_key = pem::read(&read(&chain.with_file_name(PUBLIC_KEY))?).ok_or(VerifyError::PublicKey)?;
    let head = Head::parse_verified(&head, &public_key).ok_or(VerifyError::Head)?;
    let (found, last) = walk(&text, &head, &public_key)?;
    if found < head.sequence {
        return Err(VerifyError::Cut { found, expected: head.sequence });
    }
    Ok(Verified { receipts: found, last, public_key: hex::encode(public_key) })
}

/// Like [`verify`], for whoever kept the public key (hex) elsewhere: refuses a chain that another key signed.
pub fn verify_against(chain: &Path, public_key: &str) -> Result<Verified, VerifyError> {
    let verified = verify(chain)?;
    if verified.public_key.eq_ignore_ascii_case(public_key.trim()) {
        Ok(verified)
    } else {
        Err(VerifyError::OtherKey(verified.public_key))
    }
}

/// Follows the chain to its end; at most one receipt may stand behind the head, whose writer was killed.
fn walk(text: &str, head: &Head, public_key: &[u8]) -> Result<(u64, Option<String>), VerifyError> {
    let (mut previous, mut number, mut last) = (GENESIS.to_owned(), 0, None);
    for line in text.split_inclusive('\n') {
        number += 1;
        let line = line.strip_suffix('\n').ok_or(VerifyError::Line(number))?;
        let receipt = Receipt::parse_verified(line, public_key).ok_or(VerifyError::Line(number))?;
        if receipt.sequence != number
            || receipt.previous != previous
            || number > head.sequence.saturating_add(1)
        {
            return Err(VerifyError::Order(number));
        }
        previous = hash(line);
        if number == head.sequence && previous != head.hash {
            return Err(VerifyError::Order(number));
        }
        last = Some(receipt.at);
    }
    Ok((number, last))
}

fn read(path: &Path) -> Result<String, VerifyError> {
    let bytes = std::fs::read(path).map_err(|error| VerifyError::Read(path.to_owned(), error))?;
    // What is no UTF-8 is refused where it stands, as a changed line.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
