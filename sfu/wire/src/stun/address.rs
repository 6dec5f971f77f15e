//! XOR-MAPPED-ADDRESS (RFC 8489 §14.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{MAGIC_COOKIE, TransactionId};
use crate::bytes::{Writer, u16_at};

const IPV4: u8 = 1;
const IPV6: u8 = 2;
const PORT_MASK: u16 = (MAGIC_COOKIE >> 16) as u16;

/// What an IPv6 address is XORed with: the cookie and the transaction.
fn mask(transaction: &TransactionId) -> u128 {
    let low = transaction.iter().fold(0u128, |all, byte| all << 8 | u128::from(*byte));
    u128::from(MAGIC_COOKIE) << 96 | low
}

pub(crate) fn read_xored(value: &[u8], transaction: &TransactionId) -> Option<SocketAddr> {
    let port = u16_at(value, 2)? ^ PORT_MASK;
    let address = value.get(4..)?;
    let ip = match *value.get(1)? {
        IPV4 => IpAddr::V4(Ipv4Addr::from(u32::from_be_bytes(*address.first_chunk()?) ^ MAGIC_COOKIE)),
        IPV6 => IpAddr::V6(Ipv6Addr::from(u128::from_be_bytes(*address.first_chunk()?) ^ mask(transaction))),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

pub(crate) fn write_xored(
    writer: &mut Writer<'_>,
    address: SocketAddr,
    transaction: &TransactionId,
) -> Option<()> {
    let port = address.port() ^ PORT_MASK;
    match address.ip() {
        IpAddr::V4(ip) => {
            writer.put(&[0, IPV4])?;
            writer.u16(port)?;
            writer.u32(u32::from(ip) ^ MAGIC_COOKIE)
        }
        IpAddr::V6(ip) => {
            writer.put(&[0, IPV6])?;
            writer.u16(port)?;
            writer.put(&(u128::from(ip) ^ mask(transaction)).to_be_bytes())
        }
    }
}
