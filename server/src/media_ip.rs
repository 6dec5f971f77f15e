//! The address told to browsers for media, when none is set.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use url::{Host, Url};

use crate::settings::Settings;

/// TEST-NET-1 (RFC 5737): no packet is sent there, the system only says which way it would take.
const OUTWARD: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

/// The set addresses; else the one media listens on; else loopback for a server that is used on this machine alone;
/// else the address of the route outward.
pub fn announced(settings: &Settings) -> Vec<IpAddr> {
    if !settings.media_ip.is_empty() {
        return settings.media_ip.clone();
    }
    if !settings.udp.ip().is_unspecified() {
        return vec![settings.udp.ip()];
    }
    if is_local(&settings.public_url) {
        return vec![Ipv4Addr::LOCALHOST.into()];
    }
    vec![outward().unwrap_or(Ipv4Addr::LOCALHOST.into())]
}

/// Whether a URL is for this machine alone.
pub fn is_local(public_url: &str) -> bool {
    let url = Url::parse(public_url).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(OUTWARD).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_this_machine_counts_as_local() {
        assert!(
            is_local("http://127.0.0.1:8080") && is_local("http://localhost:1") && is_local("http://[::1]:1")
        );
        assert!(!is_local("https://class.example") && !is_local("http://10.0.0.1:8080"));
    }
}
