//! What a value may be, in words and in code.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use url::Url;

pub(super) const ADDRESS: &str = "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080";
pub(super) const ADDRESS_OR_OFF: &str = "an IP address and a port, such as 0.0.0.0:3478, or off";
pub(super) const PUBLIC_URL: &str =
    "an http or https address without a path, such as https://class.example.org";
pub(super) const MEDIA_IP: &str = "one or more IP addresses with commas between them, such as 203.0.113.7";
pub(super) const FOLDER: &str = "the path of a folder";
pub(super) const FILE: &str = "the path of a PEM file";
pub(super) const DATABASE: &str =
    "an address that begins with postgres://, or nothing for SQLite in the data folder";
pub(super) const SECRET: &str = "at least 32 letters, digits or signs without spaces";
pub(super) const RETENTION: &str = "7d, 14d, another number of days such as 30d, or on-request";
pub(super) const SWITCH: &str = "on or off (or true, false, yes, no, 1, 0)";
pub(super) const SHARDS: &str = "a whole number from 1 to 256";
pub(super) const ORIGINS: &str = "origins with commas between them, such as https://lms.example.org";

/// Most media threads.
pub(super) const MAX_SHARDS: usize = 256;
/// Fewest characters of a shared secret.
const MIN_SECRET: usize = 32;

pub(super) fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

/// An address, or `off`.
pub(super) fn address_or_off(text: &str) -> Option<Option<SocketAddr>> {
    if text == "off" { Some(None) } else { address(text).map(Some) }
}

/// An address written in the program.
pub(super) fn fixed(text: &str) -> SocketAddr {
    text.parse().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)))
}

pub(super) fn addresses(text: &str) -> Option<Vec<IpAddr>> {
    text.split(',').map(|part| part.trim().parse().ok().filter(|ip: &IpAddr| !ip.is_unspecified())).collect()
}

pub(super) fn public_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    plain.then_some(url)
}

pub(super) fn without_slash(url: Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    Some(PathBuf::from(text))
}

pub(super) fn database(text: &str) -> Option<String> {
    let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
    known.then(|| text.to_owned())
}

pub(super) fn secret(text: &str) -> Option<String> {
    let fits =
        text.chars().count() >= MIN_SECRET && text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    fits.then(|| text.to_owned())
}

pub(super) fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

pub(super) fn shards(text: &str) -> Option<usize> {
    text.parse().ok().filter(|shards| (1..=MAX_SHARDS).contains(shards))
}

pub(super) fn origins(text: &str) -> Option<Vec<String>> {
    let one = |part: &str| public_url(part.trim()).map(without_slash);
    text.split(',').map(one).collect()
}
