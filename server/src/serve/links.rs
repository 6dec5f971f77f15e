//! Keys of the server itself, and the links to recordings that one of them signs.

use std::sync::Arc;

use protocol::token::TokenKey;
use recorder::links::{LinkKey, page_path};
use service::RecordingLink;
use store::Store;

use crate::exit::Exit;

/// A link to a recording opens it for a day: front ends ask for a new one whenever they show the list (R34).
const LINK_LIFE_MS: i64 = 24 * 3600 * 1000;

/// The key of room tokens.
pub fn token_key(store: &Store) -> Result<TokenKey, Exit> {
    Ok(TokenKey::new(&key(store, "room-tokens")?))
}

/// The key of links to recordings.
pub fn link_key(store: &Store) -> Result<LinkKey, Exit> {
    Ok(LinkKey::new(&key(store, "links")?))
}

/// Signs the path of a recording's page.
pub fn recording_link(key: LinkKey) -> RecordingLink {
    Arc::new(move |recording, now_ms| {
        let expires = now_ms.saturating_add(LINK_LIFE_MS) / 1000;
        page_path(&key, recording, u64::try_from(expires).unwrap_or_default())
    })
}

fn key(store: &Store, purpose: &str) -> Result<[u8; 32], Exit> {
    let key = store.keys().server_key(purpose);
    let key = key.map_err(|error| Exit::CannotCreate(format!("the key ring cannot be used: {error}")))?;
    Ok(*key.as_bytes())
}
