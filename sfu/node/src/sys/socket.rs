//! The media socket of one shard.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use socket2::{Domain, Protocol, Socket, Type};

/// Kernel buffer asked for in each direction, bytes. The kernel may give less (`net.core.*mem_max`).
const BUFFER: usize = 4 << 20;

/// Opens a non-blocking UDP socket that shares its port with the other shards' sockets and takes trains (UDP_GRO).
pub fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_port(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    grow(&socket, libc::SO_SNDBUFFORCE, Socket::set_send_buffer_size)?;
    grow(&socket, libc::SO_RCVBUFFORCE, Socket::set_recv_buffer_size)?;
    // An old kernel without GRO gives single datagrams, which is right as well.
    let _ = set_option(&socket, libc::SOL_UDP, libc::UDP_GRO, 1);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// With CAP_NET_ADMIN the buffer may exceed the system's limit; without, the limit is what there is.
fn grow(socket: &Socket, force: libc::c_int, ask: fn(&Socket, usize) -> io::Result<()>) -> io::Result<()> {
    match set_option(socket, libc::SOL_SOCKET, force, BUFFER as libc::c_int) {
        Ok(()) => Ok(()),
        Err(_) => ask(socket, BUFFER),
    }
}

fn set_option(socket: &Socket, level: libc::c_int, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
    // SAFETY: `value` is a readable c_int and the length says so.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            std::ptr::from_ref(&value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
