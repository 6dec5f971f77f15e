//! Appending to the chain.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use store::keys::{DataKey, KeyError};

use super::format::{Head, Receipt, Signed, hash};
use super::{CHAIN, HEAD, PUBLIC_KEY, pem};

/// Why nothing can be appended.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The chain and its head do not belong together: somebody changed one. Nothing is appended until an operator has
    /// looked at it (`lectern receipts verify`).
    #[error("the chain of receipts was changed by somebody else: {0}")]
    Changed(&'static str),
    /// The signing key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The disk failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The chain, opened for appending. Holds a lock on the folder, so that a sweep by hand and the server's own never
/// write at once.
pub struct Chain {
    folder: PathBuf,
    file: File,
    key: Ed25519KeyPair,
    head: Head,
    _lock: File,
}

impl Chain {
    /// Opens the chain in `folder`, making it if it is not there, and waits for its lock. A receipt that was written
    /// without its head, or half, because the process was killed, is adopted or cut off.
    pub fn open(folder: &Path, seed: &DataKey) -> Result<Self, ChainError> {
        std::fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        lock.lock()?;
        let key = Ed25519KeyPair::from_seed_unchecked(seed.as_bytes()).map_err(|_| KeyError::Crypto)?;
        let public_key = folder.join(PUBLIC_KEY);
        if !public_key.exists() {
            replace(&public_key, &pem::write(key.public_key().as_ref()))?;
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(folder.join(CHAIN))?;
        let mut chain = Self { folder: folder.to_owned(), file, key, head: Head::empty(), _lock: lock };
        chain.take_up()?;
        Ok(chain)
    }

    /// Appends a receipt: sequence, previous hash and signature are filled in. On the disk when this returns.
    /// `between` is called after the line is on the disk and before the head is.
    pub fn append<E: From<ChainError>>(
        &mut self,
        mut receipt: Receipt,
        between: impl FnOnce() -> Result<(), E>,
    ) -> Result<Receipt, E> {
        receipt.sequence = self.head.sequence.saturating_add(1);
        receipt.previous.clone_from(&self.head.hash);
        let line = receipt.sign(&self.key);
        self.write_line(&line).map_err(ChainError::from)?;
        between()?;
        self.advance(&receipt, &line)?;
        Ok(receipt)
    }

    /// The receipt of an erasure, if there is one.
    pub fn find(&self, erasure: &str) -> Result<Option<Receipt>, ChainError> {
        let text = std::fs::read_to_string(self.folder.join(CHAIN))?;
        // The newest first: an interrupted erasure is among the last.
        let mut receipts = text.lines().rev().filter_map(|line| serde_json::from_str::<Receipt>(line).ok());
        Ok(receipts.find(|receipt| receipt.erasure == erasure))
    }

    /// Reads the head and what lies behind it.
    fn take_up(&mut self) -> Result<(), ChainError> {
        let stored = self.file.metadata()?.len();
        let path = self.folder.join(HEAD);
        if !path.exists() {
            if stored > 0 {
                return Err(ChainError::Changed("there are receipts, but no head"));
            }
            return self.write_head();
        }
        let public_key = self.key.public_key().as_ref().to_owned();
        self.head = Head::parse_verified(&std::fs::read_to_string(path)?, &public_key)
            .ok_or(ChainError::Changed("the head is not signed by this server"))?;
        let behind = stored.checked_sub(self.head.length).ok_or(ChainError::Changed("the end is missing"))?;
        let mut rest = vec![0; usize::try_from(behind).map_err(|_| ChainError::Changed("too long"))?];
        self.file.read_exact_at(&mut rest, self.head.length)?;
        let whole = std::str::from_utf8(&rest).ok().and_then(|rest| rest.strip_suffix('\n'));
        match whole.and_then(|line| Receipt::parse_verified(line, &public_key).map(|receipt| (receipt, line)))
        {
            Some((receipt, line)) if receipt.previous == self.head.hash => self.advance(&receipt, line),
            // Half a line, or nothing. Never more than one can be behind the head.
            _ if whole.is_none() => Ok(self.file.set_len(self.head.length)?),
            _ => Err(ChainError::Changed("the last line is not signed by this server")),
        }
    }

    fn write_line(&mut self, line: &str) -> Result<(), std::io::Error> {
        self.file.write_all_at(format!("{line}\n").as_bytes(), self.head.length)?;
        self.file.sync_all()
    }

    fn advance(&mut self, receipt: &Receipt, line: &str) -> Result<(), ChainError> {
        self.head.sequence = receipt.sequence;
        self.head.length += line.len() as u64 + 1;
        self.head.hash = hash(line);
        self.write_head()
    }

    fn write_head(&mut self) -> Result<(), ChainError> {
        let text = self.head.sign(&self.key);
        Ok(replace(&self.folder.join(HEAD), &text)?)
    }
}

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str) -> Result<(), std::io::Error> {
    let draft = path.with_extension("new");
    let mut file = File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
