//! Where a setting comes from: the environment first, then the file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// All keys, as in the file; in the environment they are upper case after `LECTERN_`.
const KEYS: [&str; 19] = [
    "http",
    "public_url",
    "udp",
    "tcp",
    "relay_udp",
    "media_ip",
    "admin",
    "data",
    "database",
    "lms_secret",
    "lms_secret_previous",
    "retention",
    "bandwidth",
    "demo",
    "shards",
    "tls_cert",
    "tls_key",
    "frame_ancestors",
    "lms_body_signing",
];

/// Names in the environment that are no settings of the file: they belong to the log and to the key ring.
const ELSEWHERE: [&str; 3] = ["LECTERN_LOG", "LECTERN_MASTER_KEY", "LECTERN_CONFIG"];

/// A setting that cannot be used: its key, what it holds, and what it may hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} = {value}: must be {allowed}")]
pub struct SettingError {
    /// Name in the environment or in the file.
    pub key: String,
    /// Its value, in quotes; hidden if it is a secret.
    pub value: String,
    /// What it may be.
    pub allowed: String,
}

/// The values as text, by key, with the name under which each was given.
pub(super) struct Source(BTreeMap<&'static str, Given>);

struct Given {
    name: String,
    text: String,
}

impl Source {
    /// Reads the file (the named one, or `lectern.toml` if it is there) and the environment.
    pub fn open(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, OsString)>,
    ) -> Result<Self, SettingError> {
        let mut given = match file {
            Some(path) => from_file(path)?,
            None if Path::new("lectern.toml").exists() => from_file(Path::new("lectern.toml"))?,
            None => BTreeMap::new(),
        };
        for (name, value) in
            environment.filter(|(name, value)| name.starts_with("LECTERN_") && !value.is_empty())
        {
            let Some(key) = KEYS.iter().find(|key| environment_name(key) == name) else {
                if !ELSEWHERE.contains(&name.as_str()) {
                    eprintln!("lectern: warning: {name} is not a setting and was ignored");
                }
                continue;
            };
            let text = value.into_string().map_err(|value| SettingError {
                key: name.clone(),
                value: format!("{:?}", value.to_string_lossy()),
                allowed: "UTF-8 text".to_owned(),
            })?;
            given.insert(key, Given { name, text });
        }
        Ok(Self(given))
    }

    /// The value of a key, read by `read`; an error names `allowed`.
    pub fn parse<T>(
        &self,
        key: &'static str,
        allowed: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, SettingError> {
        let Some(given) = self.0.get(key).filter(|given| !given.text.is_empty()) else { return Ok(None) };
        let wrong = || SettingError {
            key: given.name.clone(),
            value: if key.contains("secret") { "(hidden)".to_owned() } else { format!("{:?}", given.text) },
            allowed: allowed.to_owned(),
        };
        read(&given.text).map(Some).ok_or_else(wrong)
    }

    /// A key that is needed because of another.
    pub fn missing(&self, key: &str, allowed: &str) -> SettingError {
        SettingError { key: environment_name(key), value: "\"\"".to_owned(), allowed: allowed.to_owned() }
    }
}

fn environment_name(key: &str) -> String {
    format!("LECTERN_{}", key.to_uppercase())
}

fn from_file(path: &Path) -> Result<BTreeMap<&'static str, Given>, SettingError> {
    let wrong = |value: String, allowed: &str| SettingError {
        key: path.display().to_string(),
        value,
        allowed: allowed.to_owned(),
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("({error})"), "a TOML file that can be read"))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        wrong(format!("({})", error.message()), "a TOML file of keys and values")
    })?;
    let mut given = BTreeMap::new();
    for (name, value) in table {
        let shown = format!("{name} in {}", path.display());
        let unknown = || SettingError {
            key: shown.clone(),
            value: value.to_string(),
            allowed: format!("one of the keys {}", KEYS.join(", ")),
        };
        let key = KEYS.iter().find(|key| **key == name).ok_or_else(unknown)?;
        given.insert(*key, Given { text: as_text(&value), name: shown });
    }
    Ok(given)
}

/// Values are read in one way wherever they come from; a list is written with commas in the environment.
fn as_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
