//! Receipts: what was destroyed, in a signed chain that anyone can verify offline (N1).
//!
//! In the folder `receipts/`: `chain.jsonl`, one receipt a line, each with the hash of the line before it and an Ed25519
//! signature; `head.json`, which says where the chain ends and is signed too, so that a cut tail is noticed; and
//! `public.pem`, the key to check both with. Whoever kept a copy of the public key or of a head elsewhere can also
//! notice that the whole folder was exchanged.

mod chain;
mod format;
mod pem;
mod verify;

pub use chain::{Chain, ChainError};
pub use format::{Destroyed, Receipt};
pub use verify::{Verified, VerifyError, verify, verify_against};

/// File name of the chain within the folder.
pub const CHAIN: &str = "chain.jsonl";
/// File name of the head.
pub const HEAD: &str = "head.json";
/// File name of the public key.
pub const PUBLIC_KEY: &str = "public.pem";
