//! Ways to the media for browsers whose firewall lets no UDP through.
//!
//! In the order in which a connection goes: [`door`] accepts it, within limits, and takes TLS off; [`stream`] reads and
//! writes it, without ever making a shard wait; [`turn`] is the relay, for those who speak to one; [`inbound`] brings
//! datagrams to the shard that owns the participant, and a [`link`] brings the shard's datagrams back. The engine knows a
//! link as one more address.

mod door;
mod inbound;
mod link;
mod places;
mod stream;
mod turn;

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::config::{RelayConfig, SfuConfig, StartError};
use crate::join::RelayAccess;
use crate::shard::Lane;
use sfu_engine::ParticipantId;

pub use link::Link;
use turn::{Now, Relay};

/// What a connection can lead to.
#[derive(Clone)]
struct Ways {
    /// `lanes[n]` leads to shard n.
    lanes: Arc<[Lane]>,
    relay: Option<Arc<Relay>>,
    tls: Option<Arc<rustls::ServerConfig>>,
}

/// Everything of a node that helps through firewalls. Its tasks end with it.
pub struct Firewall {
    relay: Option<Arc<Relay>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Firewall {
    /// Serves the ports that are open. `lanes[n]` leads to shard n.
    pub fn start(
        config: &SfuConfig,
        udp: SocketAddr,
        ports: Sockets,
        lanes: Arc<[Lane]>,
    ) -> Result<Firewall, StartError> {
        let system = |what| move |error| StartError::System { what, error };
        let mut tasks = Vec::new();
        let relay = match &config.relay {
            Some(wanted) => Some(relay(config, wanted, udp, &ports, lanes.clone())?),
            None => None,
        };
        if let Some(listener) = ports.tcp {
            let listener = tokio::net::TcpListener::from_std(listener).map_err(system("tcp listener"))?;
            let tls = config.relay.as_ref().and_then(|relay| relay.tls.clone());
            let ways = Ways { lanes, relay: relay.clone(), tls };
            tasks.push(tokio::spawn(door::serve(listener, ways)));
        }
        if let (Some(socket), Some(relay)) = (ports.relay, &relay) {
            let socket = tokio::net::UdpSocket::from_std(socket).map_err(system("relay socket"))?;
            tasks.push(tokio::spawn(turn::serve_udp(socket, relay.clone())));
        }
        Ok(Firewall { relay, tasks })
    }

    /// What lets a participant's browser use the relay, if there is one.
    pub fn access(&self, participant: ParticipantId) -> Option<RelayAccess> {
        self.relay.as_ref().map(|relay| relay.access(Now::of_system(), participant))
    }
}

impl Drop for Firewall {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn relay(
    config: &SfuConfig,
    wanted: &RelayConfig,
    udp: SocketAddr,
    ports: &Sockets,
    lanes: Arc<[Lane]>,
) -> Result<Arc<Relay>, StartError> {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).map_err(|error| StartError::System {
        what: "random numbers",
        error: std::io::Error::other(error.to_string()),
    })?;
    let media = config.announced.iter().map(|&ip| SocketAddr::new(ip, udp.port())).collect();
    Ok(Relay::new(&secret, media, lanes, urls(config, wanted, ports)))
}

/// Where the relay is (RFC 7065): by address without TLS, by the name in the certificate with it.
fn urls(config: &SfuConfig, wanted: &RelayConfig, ports: &Sockets) -> Vec<String> {
    let tcp = ports.tcp.as_ref().and_then(|listener| listener.local_addr().ok()).map(|tcp| tcp.port());
    let udp = ports.relay.as_ref().and_then(|socket| socket.local_addr().ok()).map(|udp| udp.port());
    let host = |ip: &IpAddr| match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    };
    let mut urls = Vec::new();
    for ip in config.announced.iter().map(host) {
        urls.extend(udp.map(|port| format!("turn:{ip}:{port}?transport=udp")));
        urls.extend(tcp.map(|port| format!("turn:{ip}:{port}?transport=tcp")));
    }
    if let (Some(port), Some(_), Some(host)) = (tcp, &wanted.tls, &wanted.host) {
        urls.push(format!("turns:{host}:{port}?transport=tcp"));
    }
    urls
}

/// The sockets of all this, opened before anything is started.
#[derive(Default)]
pub struct Sockets {
    /// Where browsers connect.
    pub tcp: Option<TcpListener>,
    /// The relay's own port for UDP.
    relay: Option<UdpSocket>,
}

impl Sockets {
    /// Opens what is wanted; TCP port 0 stands for the media port's number.
    pub fn open(config: &SfuConfig, media: SocketAddr) -> Result<Sockets, StartError> {
        let tcp = config.tcp.map(|wanted| {
            let port = if wanted.port() == 0 { media.port() } else { wanted.port() };
            let address = SocketAddr::new(wanted.ip(), port);
            let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
                ErrorKind::AddrInUse => StartError::TcpBusy { addr: address },
                _ => StartError::System { what: "tcp listener", error },
            })?;
            set_nonblocking(listener.set_nonblocking(true))?;
            Ok::<_, StartError>(listener)
        });
        let relay = config.relay.as_ref().and_then(|relay| relay.udp).map(|address| {
            let socket = UdpSocket::bind(address).map_err(|error| match error.kind() {
                ErrorKind::AddrInUse => StartError::PortBusy { addr: address },
                _ => StartError::System { what: "relay socket", error },
            })?;
            set_nonblocking(socket.set_nonblocking(true))?;
            Ok::<_, StartError>(socket)
        });
        Ok(Sockets { tcp: tcp.transpose()?, relay: relay.transpose()? })
    }
}

fn set_nonblocking(result: std::io::Result<()>) -> Result<(), StartError> {
    result.map_err(|error| StartError::System { what: "socket option", error })
}
