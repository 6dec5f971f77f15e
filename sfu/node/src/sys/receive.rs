//! Datagrams in: recvmmsg, with trains that the kernel put together (UDP_GRO) taken apart again.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use super::address;

/// Messages taken with one system call. A message can be a whole train.
pub const BATCH: usize = 32;
/// Longest message: a train of up to 64 KiB.
const BUFFER: usize = 1 << 16;
/// Distance of two buffers: not a power of two, so that short messages do not all compete for the same cache sets.
const STRIDE: usize = BUFFER + 21 * 64;
/// Room for the one control message, aligned as the kernel wants it.
type Control = [u64; 4];

/// Buffers for one batch. Stays on the thread that made it.
pub struct Receiver {
    buffers: Box<[u8]>,
    names: Box<[address::Raw]>,
    controls: Box<[Control]>,
    slices: Box<[libc::iovec]>,
    messages: Box<[libc::mmsghdr]>,
    filled: usize,
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

impl Receiver {
    /// Empty buffers; 2 MiB of address space, touched as far as messages are long.
    pub fn new() -> Self {
        // SAFETY: iovec and mmsghdr are plain C structs for which all zeroes (null pointers, lengths 0) is valid.
        let (slice, message): (libc::iovec, libc::mmsghdr) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        Self {
            buffers: vec![0; BATCH * STRIDE].into_boxed_slice(),
            names: vec![address::empty(); BATCH].into_boxed_slice(),
            controls: vec![[0; 4]; BATCH].into_boxed_slice(),
            slices: vec![slice; BATCH].into_boxed_slice(),
            messages: vec![message; BATCH].into_boxed_slice(),
            filled: 0,
        }
    }

    /// Takes what waits, up to [`BATCH`] messages; gives how many came (0 when nothing waits).
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.filled = 0;
        let parts = self.buffers.chunks_exact_mut(STRIDE).zip(&mut self.names).zip(&mut self.controls);
        for (((buffer, name), control), (slice, message)) in
            parts.zip(self.slices.iter_mut().zip(&mut self.messages))
        {
            slice.iov_base = buffer.as_mut_ptr().cast();
            slice.iov_len = BUFFER;
            message.msg_hdr.msg_name = std::ptr::from_mut(name).cast();
            message.msg_hdr.msg_namelen = size_of::<address::Raw>() as libc::socklen_t;
            message.msg_hdr.msg_iov = slice;
            message.msg_hdr.msg_iovlen = 1;
            message.msg_hdr.msg_control = control.as_mut_ptr().cast();
            message.msg_hdr.msg_controllen = size_of::<Control>() as _;
            message.msg_hdr.msg_flags = 0;
        }
        // SAFETY: every header points to a name, one slice, its buffer and a control area of the stated lengths. All
        // are owned by `self`, which stays borrowed for the call, and none is shared between headers.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.messages.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        if count < 0 {
            let error = io::Error::last_os_error();
            return match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(0),
                _ => Err(error),
            };
        }
        self.filled = usize::try_from(count).unwrap_or(0).min(BATCH);
        Ok(self.filled)
    }

    /// Hands every datagram of the last batch to `each`, in order of arrival.
    pub fn each_datagram(&mut self, mut each: impl FnMut(SocketAddr, &mut [u8])) {
        let messages = self.messages.iter().take(self.filled);
        for ((message, name), buffer) in messages.zip(&self.names).zip(self.buffers.chunks_exact_mut(STRIDE))
        {
            let Some(from) = address::read(name) else { continue };
            let Some(train) = buffer.get_mut(..message.msg_len as usize) else { continue };
            if message.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 || train.is_empty() {
                continue;
            }
            let segment = train_segment(&message.msg_hdr).unwrap_or(train.len()).clamp(1, train.len());
            for datagram in train.chunks_mut(segment) {
                each(from, datagram);
            }
        }
    }
}

/// The size of a train's segments, if the message is a train.
fn train_segment(header: &libc::msghdr) -> Option<usize> {
    // SAFETY: `header` was filled by recvmmsg; its control area is alive (same owner) and of the stated length, which
    // the CMSG macros respect. The data of UDP_GRO is an int (udp(7)), read unaligned.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while let Some(message) = control.as_ref() {
            if message.cmsg_level == libc::SOL_UDP && message.cmsg_type == libc::UDP_GRO {
                let size = libc::CMSG_DATA(control).cast::<libc::c_int>().read_unaligned();
                return usize::try_from(size).ok().filter(|&size| size > 0);
            }
            control = libc::CMSG_NXTHDR(header, control);
        }
    }
    None
}
