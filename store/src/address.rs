//! Cutting IP addresses (R55).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address without its last octet, or without its last 80 bits. An IPv4 address in IPv6 clothes is cut as IPv4.
pub fn cut(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r55_the_last_octet_or_the_last_80_bits_are_cut() {
        for (whole, expected) in [
            ("203.0.113.77", "203.0.113.0"),
            ("2001:db8:12:3456:789a::1", "2001:db8:12::"),
            ("::ffff:203.0.113.77", "203.0.113.0"),
            ("::1", "::"),
        ] {
            assert_eq!(cut(whole.parse().unwrap()).to_string(), expected);
        }
    }
}
