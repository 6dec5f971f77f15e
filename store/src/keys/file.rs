//! Small files that appear whole or not at all, and vanish for good.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::KeyError;

/// Writes a new file (mode 0400) with all its bytes on the disk before it gets its name, so that a crash leaves no
/// half key. [`KeyError::Exists`] if the name is taken.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let folder = path.parent().ok_or(KeyError::Name)?;
    make_folder(folder)?;
    let mut unique = [0; 8];
    aws_lc_rs::rand::fill(&mut unique).map_err(|_| KeyError::Crypto)?;
    let draft = folder.join(format!(".{}.new", hex::encode(unique)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // A hard link, unlike a rename, refuses to replace an existing key.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(KeyError::Exists),
        linked => linked?,
    }
    sync_folder(folder)
}

/// Overwrites the file, flushes it, unlinks it and flushes the folder. True if there was one.
pub fn destroy(path: &Path) -> Result<bool, KeyError> {
    let length = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    set_writable(path)?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    drop(file);
    std::fs::remove_file(path)?;
    if let Some(folder) = path.parent() {
        sync_folder(folder)?;
    }
    Ok(true)
}

/// Makes the folder (0700) and those above it that are missing.
pub fn make_folder(folder: &Path) -> Result<(), KeyError> {
    Ok(DirBuilder::new().recursive(true).mode(0o700).create(folder)?)
}

fn sync_folder(folder: &Path) -> Result<(), KeyError> {
    Ok(File::open(folder)?.sync_all()?)
}

fn set_writable(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?)
}
