//! The browser's message types are written from this crate, and are never older than it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use protocol::client::ClientMessage;
use protocol::server::ServerMessage;
use ts_rs::{Config, TS};

/// Writes `web/src/generated` anew if it differs, and fails then, so that the change is seen and committed.
#[test]
fn typescript_types_are_current() {
    let written = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("generated");
    let _ = fs::remove_dir_all(&written);
    // Every 64-bit number of the protocol counts messages or milliseconds, far below 2^53.
    let config = Config::new().with_out_dir(&written).with_large_int("number");
    ClientMessage::export_all(&config).expect("the client messages are written");
    ServerMessage::export_all(&config).expect("the server messages are written");

    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/generated");
    let (fresh, old) = (files(&written), files(&kept));
    if fresh != old {
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).expect("the folder is made");
        for (name, text) in &fresh {
            fs::write(kept.join(name), text).expect("the type is written");
        }
        panic!("web/src/generated was not current; it is now: look at the change and commit it");
    }
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((name, fs::read_to_string(entry.path()).ok()?))
        })
        .collect()
}
