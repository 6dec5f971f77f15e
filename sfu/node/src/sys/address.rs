//! Socket addresses as the kernel has them. A socket of family IPv6 sees IPv4 peers as mapped addresses; above this
//! module they are plain IPv4.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Room for either family.
pub type Raw = libc::sockaddr_storage;

/// All zeroes: an address not filled in yet.
pub fn empty() -> Raw {
    // SAFETY: sockaddr_storage is plain bytes; all zeroes is a valid value (family "unspecified").
    unsafe { std::mem::zeroed() }
}

/// Writes `address` for a socket of family IPv6 (`v6`) or IPv4; gives the length, or `None` if it does not fit.
pub fn write(address: SocketAddr, v6: bool, raw: &mut Raw) -> Option<libc::socklen_t> {
    let address = match (address, v6) {
        (SocketAddr::V4(v4), true) => {
            SocketAddr::V6(SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0))
        }
        (SocketAddr::V6(_), false) => return None,
        (same, _) => same,
    };
    match address {
        SocketAddr::V4(v4) => {
            let value = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(v4.ip().octets()) },
                sin_zero: [0; 8],
            };
            // SAFETY: sockaddr_storage is larger than and aligned for every sockaddr.
            unsafe { std::ptr::from_mut(raw).cast::<libc::sockaddr_in>().write(value) };
            Some(size_of::<libc::sockaddr_in>() as libc::socklen_t)
        }
        SocketAddr::V6(v6) => {
            let value = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                sin6_scope_id: v6.scope_id(),
            };
            // SAFETY: as above.
            unsafe { std::ptr::from_mut(raw).cast::<libc::sockaddr_in6>().write(value) };
            Some(size_of::<libc::sockaddr_in6>() as libc::socklen_t)
        }
    }
}

/// Reads what the kernel wrote; `None` for families other than IPv4 and IPv6.
pub fn read(raw: &Raw) -> Option<SocketAddr> {
    match i32::from(raw.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says that the storage holds a sockaddr_in.
            let v4 = unsafe { std::ptr::from_ref(raw).cast::<libc::sockaddr_in>().read() };
            let ip = Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes());
            Some(SocketAddr::new(IpAddr::V4(ip), u16::from_be(v4.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: the family says that the storage holds a sockaddr_in6.
            let v6 = unsafe { std::ptr::from_ref(raw).cast::<libc::sockaddr_in6>().read() };
            let port = u16::from_be(v6.sin6_port);
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            Some(match ip.to_ipv4_mapped() {
                Some(v4) => SocketAddr::new(IpAddr::V4(v4), port),
                None => SocketAddr::V6(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id)),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_both_kinds_of_socket() {
        for (text, v6, fits) in [
            ("198.18.0.1:3478", false, true),
            ("198.18.0.1:3478", true, true),
            ("[2001:db8::1]:443", true, true),
            ("[2001:db8::1]:443", false, false),
        ] {
            let address: SocketAddr = text.parse().unwrap();
            let mut raw = empty();
            assert_eq!(write(address, v6, &mut raw).is_some(), fits, "{text}");
            if fits {
                assert_eq!(read(&raw), Some(address));
            }
        }
        assert_eq!(read(&empty()), None);
    }
}
