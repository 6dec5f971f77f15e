//! `lectern receipts verify`.

use std::path::Path;

use crate::exit::Exit;

/// Where the chain is, below the data folder.
pub const CHAIN: &str = "receipts/chain.jsonl";

/// Checks a chain of receipts offline and says what it holds.
#[expect(clippy::print_stdout, reason = "the answer of a command")]
pub fn verify(file: &Path) -> Result<(), Exit> {
    let verified = ::retention::receipts::verify(file)
        .map_err(|error| Exit::Failed(format!("{}: {error}", file.display())))?;
    println!("{verified}");
    Ok(())
}
