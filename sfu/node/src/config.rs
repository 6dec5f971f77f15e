//! What a node is told at start, and why it may refuse.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// How a node is set up.
#[derive(Clone, Debug)]
pub struct SfuConfig {
    /// The one UDP port for all media. Port 0 takes a free one (tests).
    pub udp: SocketAddr,
    /// Where browsers connect that may not send UDP, port 0 for the same number as the media port; `None` for nowhere.
    pub tcp: Option<SocketAddr>,
    /// A relay for browsers whose firewall wants to see TURN (RFC 8656); it needs `tcp` for TCP and TLS.
    pub relay: Option<RelayConfig>,
    /// Addresses told to browsers as host candidates; at least one.
    pub announced: Vec<IpAddr>,
    /// Media threads, 1..=256. Each has a socket of its own on the port.
    pub shards: usize,
    /// Where the recorder attaches.
    pub tap: TapConfig,
    /// Whether subscribers' links are estimated, and what they get is bounded by it.
    pub estimate: bool,
}

/// A relay that leads to our own media port and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct RelayConfig {
    /// Its own UDP port, if it shall be reached by UDP; port 0 takes a free one (tests).
    pub udp: Option<SocketAddr>,
    /// What it shows to those who come to the TCP port with TLS.
    pub tls: Option<std::sync::Arc<rustls::ServerConfig>>,
    /// The name in that certificate.
    pub host: Option<String>,
}

/// Where the recorder attaches, by QUIC with mutual TLS.
#[derive(Clone, Debug)]
pub struct TapConfig {
    /// The address to listen on; `None` offers no tap, so nothing can be recorded.
    pub listen: Option<SocketAddr>,
}

impl Default for TapConfig {
    fn default() -> Self {
        Self { listen: Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)) }
    }
}

impl TapConfig {
    /// No tap at all.
    pub fn off() -> Self {
        Self { listen: None }
    }
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else has the port.
    #[error("the address {addr} is in use")]
    PortBusy {
        /// The address that was asked for.
        addr: SocketAddr,
    },
    /// Somebody else has the TCP port.
    #[error("the TCP address {addr} is in use")]
    TcpBusy {
        /// The address that was asked for.
        addr: SocketAddr,
    },
    /// The number of shards is not in 1..=256.
    #[error("the number of shards is {0}; it may be 1 to 256")]
    Shards(usize),
    /// No address to tell browsers.
    #[error("no announced address")]
    NoAddress,
    /// The recorder's tap could not be opened.
    #[error("the tap could not be opened: {0}")]
    Tap(String),
    /// A system call failed.
    #[error("{what}: {error}")]
    System {
        /// Which.
        what: &'static str,
        /// How.
        #[source]
        error: std::io::Error,
    },
    /// Started outside a tokio runtime, which the tap needs.
    #[error("a tokio runtime is needed")]
    NoRuntime,
}
