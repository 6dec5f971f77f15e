//! Datagrams out: sendmmsg of trains (UDP_SEGMENT), or of single datagrams where the kernel refuses trains.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use super::address;

/// Messages handed over with one system call.
const BATCH: usize = 64;
/// The kernel's limits for one train: segments, and bytes below the largest UDP datagram.
const MAX_SEGMENTS: usize = 64;
const MAX_TRAIN: usize = 65_000;
/// Room for one control message with a u16, aligned as the kernel wants it.
type Control = [u64; 3];

/// Datagrams of equal size (but the last, which may be shorter) for one peer, back to back.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// The peer.
    pub to: SocketAddr,
    /// Size of each datagram, bytes.
    pub segment_size: usize,
    /// The datagrams.
    pub bytes: &'a [u8],
}

/// What became of a send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendReport {
    /// Datagrams the kernel took.
    pub sent: u64,
    /// Datagrams it refused: full buffer, unreachable peer.
    pub refused: u64,
}

/// Message headers for one batch. Stays on the thread that made it.
pub struct Sender {
    names: Box<[address::Raw]>,
    controls: Box<[Control]>,
    slices: Box<[libc::iovec]>,
    messages: Box<[libc::mmsghdr]>,
    segments: Box<[usize]>,
    filled: usize,
    trains: bool,
    v6: bool,
}

impl Sender {
    /// For a socket of family IPv6 (`v6`) or IPv4.
    pub fn new(v6: bool) -> Self {
        // SAFETY: iovec and mmsghdr are plain C structs for which all zeroes (null pointers, lengths 0) is valid.
        let (slice, message): (libc::iovec, libc::mmsghdr) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        Self {
            names: vec![address::empty(); BATCH].into_boxed_slice(),
            controls: vec![[0; 3]; BATCH].into_boxed_slice(),
            slices: vec![slice; BATCH].into_boxed_slice(),
            messages: vec![message; BATCH].into_boxed_slice(),
            segments: vec![0; BATCH].into_boxed_slice(),
            filled: 0,
            trains: true,
            v6,
        }
    }

    /// Sends single datagrams from now on, as after a kernel's refusal.
    pub fn without_trains(&mut self) {
        self.trains = false;
    }

    /// Sends everything, never waiting.
    pub fn send<'a>(&mut self, socket: &UdpSocket, items: impl Iterator<Item = Outgoing<'a>>) -> SendReport {
        let mut report = SendReport::default();
        for item in items {
            let segment = item.segment_size.clamp(1, item.bytes.len().max(1));
            let piece =
                if self.trains { segment * (MAX_TRAIN / segment).clamp(1, MAX_SEGMENTS) } else { segment };
            for bytes in item.bytes.chunks(piece) {
                if !self.push(item.to, segment, bytes) {
                    report.refused += bytes.len().div_ceil(segment) as u64;
                }
                if self.filled == BATCH {
                    self.flush(socket, &mut report);
                }
            }
        }
        // `items` borrowed every slice for 'a, which outlives this call: the headers point to live bytes until here.
        self.flush(socket, &mut report);
        report
    }

    /// Prepares one message. False if the peer's address does not fit the socket.
    fn push(&mut self, to: SocketAddr, segment: usize, bytes: &[u8]) -> bool {
        let at = self.filled;
        let (Some(name), Some(control), Some(slice), Some(message), Some(size)) = (
            self.names.get_mut(at),
            self.controls.get_mut(at),
            self.slices.get_mut(at),
            self.messages.get_mut(at),
            self.segments.get_mut(at),
        ) else {
            return false;
        };
        let Some(length) = address::write(to, self.v6, name) else { return false };
        // The kernel only reads what is sent; C has no const here.
        slice.iov_base = bytes.as_ptr().cast_mut().cast();
        slice.iov_len = bytes.len();
        *size = segment;
        let header = &mut message.msg_hdr;
        header.msg_name = std::ptr::from_mut(name).cast();
        header.msg_namelen = length;
        header.msg_iov = slice;
        header.msg_iovlen = 1;
        header.msg_flags = 0;
        if bytes.len() > segment {
            header.msg_control = control.as_mut_ptr().cast();
            header.msg_controllen = train_control(control, segment) as _;
        } else {
            header.msg_control = std::ptr::null_mut();
            header.msg_controllen = 0;
        }
        self.filled += 1;
        true
    }

    fn flush(&mut self, socket: &UdpSocket, report: &mut SendReport) {
        let mut next = 0;
        while next < self.filled {
            // SAFETY: the headers from `next` to `filled` point to names, slices and control areas of `self` and to the
            // bytes that `send` borrows for the whole of its call; all have the stated lengths.
            let count = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    self.messages.as_mut_ptr().add(next),
                    (self.filled - next) as libc::c_uint,
                    libc::MSG_DONTWAIT as _,
                )
            };
            if count > 0 {
                let taken = count as usize;
                report.sent += (next..next + taken).map(|at| self.datagrams(at)).sum::<u64>();
                next += taken;
                continue;
            }
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::EAGAIN | libc::ENOBUFS) => {
                    report.refused += (next..self.filled).map(|at| self.datagrams(at)).sum::<u64>();
                    next = self.filled;
                }
                Some(libc::EIO | libc::EINVAL | libc::EOPNOTSUPP | libc::ENOPROTOOPT)
                    if self.is_train(next) =>
                {
                    // The same error may speak of the peer's address: only if its datagrams go singly is it the train.
                    self.trains &= !self.send_apart(socket, next, report);
                    next += 1;
                }
                _ => {
                    report.refused += self.datagrams(next);
                    next += 1;
                }
            }
        }
        self.filled = 0;
    }

    /// Sends a refused train's datagrams one by one. True if the kernel took any.
    fn send_apart(&mut self, socket: &UdpSocket, at: usize, report: &mut SendReport) -> bool {
        let (Some(slice), Some(&segment), Some(message)) =
            (self.slices.get(at), self.segments.get(at), self.messages.get(at))
        else {
            return false;
        };
        let (mut offset, before) = (0, report.sent);
        while offset < slice.iov_len {
            let length = segment.min(slice.iov_len - offset);
            // SAFETY: `offset + length` stays within the slice, whose bytes `send` borrows for the whole of its call; the
            // name lives in `self` and has the stated length.
            let sent = unsafe {
                libc::sendto(
                    socket.as_raw_fd(),
                    slice.iov_base.cast::<u8>().add(offset).cast(),
                    length,
                    libc::MSG_DONTWAIT,
                    message.msg_hdr.msg_name.cast(),
                    message.msg_hdr.msg_namelen,
                )
            };
            if sent < 0 {
                report.refused += 1
            } else {
                report.sent += 1
            }
            offset += length;
        }
        report.sent > before
    }

    fn is_train(&self, at: usize) -> bool {
        self.messages.get(at).is_some_and(|message| message.msg_hdr.msg_controllen > 0)
    }

    fn datagrams(&self, at: usize) -> u64 {
        match (self.slices.get(at), self.segments.get(at)) {
            (Some(slice), Some(&segment)) => slice.iov_len.div_ceil(segment.max(1)) as u64,
            _ => 0,
        }
    }
}

/// Writes the control message that makes a train; gives the control area's length.
fn train_control(control: &mut Control, segment: usize) -> usize {
    // SAFETY: CMSG_SPACE of a u16 is 24 bytes on every Linux, the size of `Control`, which is aligned for cmsghdr. The
    // header is written whole before its data, which lies CMSG_LEN(0) bytes behind it.
    unsafe {
        let header = control.as_mut_ptr().cast::<libc::cmsghdr>();
        (*header).cmsg_level = libc::SOL_UDP;
        (*header).cmsg_type = libc::UDP_SEGMENT;
        (*header).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
        libc::CMSG_DATA(header).cast::<u16>().write_unaligned(u16::try_from(segment).unwrap_or(u16::MAX));
        libc::CMSG_SPACE(size_of::<u16>() as u32) as usize
    }
}
