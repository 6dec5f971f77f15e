//! Settings: read once from `lectern.toml` and `LECTERN_*`, checked before anything is opened.

mod source;
mod value;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use store::Retention;
use url::Url;

pub use source::SettingError;
use source::Source;

/// Everything that can be set. The meaning of each is in docs/operate.md.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Web, API, WebSocket.
    pub http: SocketAddr,
    /// What links begin with, without a slash at the end.
    pub public_url: String,
    /// Media.
    pub udp: SocketAddr,
    /// Media for browsers that may not send UDP; `None` = nowhere.
    pub tcp: Option<SocketAddr>,
    /// The relay's own UDP port; `None` = reached by TCP and TLS only.
    pub relay_udp: Option<SocketAddr>,
    /// Addresses told to browsers; empty = found at the start.
    pub media_ip: Vec<IpAddr>,
    /// Metrics and health.
    pub admin: SocketAddr,
    /// Database, objects, keys, receipts.
    pub data: PathBuf,
    /// A PostgreSQL address; `None` = SQLite in the data folder.
    pub database: Option<String>,
    /// Secret of the default tenant, if given from outside.
    pub lms_secret: Option<String>,
    /// Its former secret, which stays valid while front ends are changed over.
    pub lms_secret_previous: Option<String>,
    /// Retention of the default tenant, if given from outside.
    pub retention: Option<Retention>,
    /// Whether subscribers' links are estimated, and what they get is bounded by it.
    pub bandwidth: bool,
    /// The demo front end.
    pub demo: bool,
    /// Media threads, 1 to 256.
    pub shards: usize,
    /// Certificate and key (PEM) for HTTPS and WSS.
    pub tls: Option<Tls>,
    /// Origins of front ends that may show our pages in a frame.
    pub frame_ancestors: Vec<String>,
    /// Accepts POSTs of old front ends that sign an empty query.
    pub lms_body_signing: bool,
}

/// Files of the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The chain, PEM.
    pub cert: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

const DEFAULT_HTTP: &str = "127.0.0.1:8080";
const DEFAULT_UDP: &str = "0.0.0.0:3478";
const DEFAULT_ADMIN: &str = "127.0.0.1:9464";

impl Settings {
    /// Reads the settings of this process: its environment, and `file` or `lectern.toml` in the current folder.
    pub fn of_process(file: Option<&Path>) -> Result<Self, SettingError> {
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self::read(&Source::open(file, environment)?)
    }

    fn read(source: &Source) -> Result<Self, SettingError> {
        let tls = tls(source)?;
        let http = source.parse("http", value::ADDRESS, value::address)?;
        let http = http.unwrap_or(value::fixed(DEFAULT_HTTP));
        let udp = source.parse("udp", value::ADDRESS, value::address)?.unwrap_or(value::fixed(DEFAULT_UDP));
        let tcp = source.parse("tcp", value::ADDRESS_OR_OFF, value::address_or_off)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let public_url: Option<Url> = source.parse("public_url", value::PUBLIC_URL, value::public_url)?;
        Ok(Self {
            public_url: public_url
                .map_or_else(|| format!("{scheme}://{}", reachable(http)), value::without_slash),
            http,
            // Beside the media port, unless the web has that number.
            tcp: tcp.unwrap_or_else(|| Some(udp).filter(|udp| udp.port() != http.port())),
            udp,
            relay_udp: source.parse("relay_udp", value::ADDRESS_OR_OFF, value::address_or_off)?.flatten(),
            media_ip: source.parse("media_ip", value::MEDIA_IP, value::addresses)?.unwrap_or_default(),
            admin: source
                .parse("admin", value::ADDRESS, value::address)?
                .unwrap_or(value::fixed(DEFAULT_ADMIN)),
            data: source
                .parse("data", value::FOLDER, value::path)?
                .unwrap_or_else(|| PathBuf::from("./data")),
            database: source.parse("database", value::DATABASE, value::database)?,
            lms_secret: source.parse("lms_secret", value::SECRET, value::secret)?,
            lms_secret_previous: source.parse("lms_secret_previous", value::SECRET, value::secret)?,
            retention: source.parse("retention", value::RETENTION, |text| text.parse().ok())?,
            bandwidth: source.parse("bandwidth", value::SWITCH, value::switch)?.unwrap_or(false),
            demo: source.parse("demo", value::SWITCH, value::switch)?.unwrap_or(false),
            shards: source.parse("shards", value::SHARDS, value::shards)?.unwrap_or_else(cores),
            tls,
            frame_ancestors: source
                .parse("frame_ancestors", value::ORIGINS, value::origins)?
                .unwrap_or_default(),
            lms_body_signing: source
                .parse("lms_body_signing", value::SWITCH, value::switch)?
                .unwrap_or(false),
        })
    }
}

fn tls(source: &Source) -> Result<Option<Tls>, SettingError> {
    let cert = source.parse("tls_cert", value::FILE, value::path)?;
    let key = source.parse("tls_key", value::FILE, value::path)?;
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some(Tls { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => {
            Err(source.missing("tls_key", "the file of the private key that belongs to tls_cert"))
        }
        (None, Some(_)) => {
            Err(source.missing("tls_cert", "the file of the certificate that belongs to tls_key"))
        }
    }
}

/// Where a browser on this machine reaches the address.
fn reachable(http: SocketAddr) -> SocketAddr {
    let ip = match http.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, http.port())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(value::MAX_SHARDS))
}

#[cfg(test)]
mod tests;
