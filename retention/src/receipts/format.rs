//! The bytes of a receipt and of the head.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Hash of the line before the first.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What an erasure destroyed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destroyed {
    /// Names of the keys; of a tenant only its own, which wrapped all others.
    pub keys: Vec<String>,
    /// How many keys.
    pub key_count: u64,
    /// How many objects.
    pub objects: u64,
    /// Their bytes on the disk.
    pub bytes: u64,
    /// Rows of the database.
    pub rows: store::removal::Rows,
}

/// One line of the chain. No field holds a name or an address of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Counts up from 1.
    pub sequence: u64,
    /// When the erasure was finished, unix ms.
    pub at_ms: i64,
    /// The same for people (RFC 3339, UTC).
    pub at: String,
    /// Whose data it was.
    pub tenant: String,
    /// `recording`, `addresses`, `connections` or `tenant`.
    pub kind: String,
    /// Which: the meeting's id, `id@day` for addresses, or the tenant's id.
    pub subject: String,
    /// `policy` or `request`.
    pub reason: String,
    /// The erasure's id: an erasure has one receipt, however often it was interrupted.
    pub erasure: String,
    /// What was destroyed.
    pub destroyed: Destroyed,
    /// SHA-256 of the line before, hex.
    pub previous: String,
    /// Ed25519 over this line with an empty signature, hex.
    pub signature: String,
}

/// Where the chain ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// Sequence of the last receipt; 0 for an empty chain.
    pub sequence: u64,
    /// Length of the chain in bytes.
    pub length: u64,
    /// SHA-256 of the last line, hex.
    pub hash: String,
    /// Ed25519 over this text with an empty signature, hex.
    pub signature: String,
}

impl Head {
    /// The head of an empty chain, unsigned.
    pub fn empty() -> Self {
        Self { sequence: 0, length: 0, hash: GENESIS.to_owned(), signature: String::new() }
    }
}

/// JSON with a signature over itself. There is exactly one text for each value.
pub(super) trait Signed: Clone + Serialize + DeserializeOwned {
    /// The place of the signature.
    fn signature(&mut self) -> &mut String;

    /// The text without a line end.
    fn text(&self) -> String {
        // Text and numbers always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Signs and returns the text.
    fn sign(&mut self, key: &Ed25519KeyPair) -> String {
        self.signature().clear();
        *self.signature() = hex::encode(key.sign(self.text().as_bytes()));
        self.text()
    }

    /// Reads a text that [`Signed::sign`] made: nothing but exactly these bytes will do.
    fn parse_verified(text: &str, public_key: &[u8]) -> Option<Self> {
        let value: Self = serde_json::from_str(text).ok()?;
        let mut unsigned = value.clone();
        let signature = hex::decode(std::mem::take(unsigned.signature())).ok()?;
        let key = UnparsedPublicKey::new(&ED25519, public_key);
        key.verify(unsigned.text().as_bytes(), &signature).ok()?;
        *unsigned.signature() = hex::encode(signature);
        (unsigned.text() == text).then_some(value)
    }
}

impl Signed for Receipt {
    fn signature(&mut self) -> &mut String {
        &mut self.signature
    }
}

impl Signed for Head {
    fn signature(&mut self) -> &mut String {
        &mut self.signature
    }
}

/// SHA-256 of a line without its end, hex.
pub(super) fn hash(line: &str) -> String {
    hex::encode(digest(&SHA256, line.as_bytes()))
}
