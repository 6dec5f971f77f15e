//! epoll over two descriptors: the socket and the eventfd.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// What is ready after a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// Datagrams wait on the socket.
    pub socket: bool,
    /// The eventfd fired.
    pub wake: bool,
}

const SOCKET: u64 = 0;
const WAKE: u64 = 1;

/// A level-triggered epoll of one socket and one eventfd.
pub struct Epoll {
    fd: OwnedFd,
    events: [libc::epoll_event; 2],
    /// The kernel knows timeouts in ms only.
    coarse: bool,
}

impl Epoll {
    /// Watches both for input.
    pub fn new(socket: &impl AsRawFd, wake: &impl AsRawFd) -> io::Result<Self> {
        // SAFETY: epoll_create1 takes no pointers.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a fresh descriptor, owned by us alone.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        for (watched, key) in [(socket.as_raw_fd(), SOCKET), (wake.as_raw_fd(), WAKE)] {
            let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: key };
            // SAFETY: `event` lives through the call, which copies it; both descriptors are open.
            if unsafe { libc::epoll_ctl(fd.as_raw_fd(), libc::EPOLL_CTL_ADD, watched, &mut event) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { fd, events: [libc::epoll_event { events: 0, u64: 0 }; 2], coarse: false })
    }

    /// Waits until something is ready or `timeout_us` have passed (rounded up to ms on kernels before 5.11); `None`
    /// waits forever. A signal ends the wait early with nothing ready.
    pub fn wait(&mut self, timeout_us: Option<u64>) -> Ready {
        let count = if self.coarse { self.wait_ms(timeout_us) } else { self.wait_ns(timeout_us) };
        let mut ready = Ready::default();
        for event in self.events.iter().take(usize::try_from(count).unwrap_or(0)) {
            match event.u64 {
                SOCKET => ready.socket = true,
                _ => ready.wake = true,
            }
        }
        ready
    }

    fn wait_ns(&mut self, timeout_us: Option<u64>) -> libc::c_int {
        let timeout = timeout_us.map(|us| libc::timespec {
            tv_sec: (us / 1_000_000) as libc::time_t,
            tv_nsec: (us % 1_000_000 * 1000) as libc::c_long,
        });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: `events` has room for two events; `timeout` is null or points to a timespec; both outlive the call. No
        // signal mask is given.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.fd.as_raw_fd(),
                self.events.as_mut_ptr(),
                2,
                timeout,
                std::ptr::null::<libc::sigset_t>(),
                0,
            )
        };
        if count < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ENOSYS) {
            self.coarse = true;
            return self.wait_ms(timeout_us);
        }
        count as libc::c_int
    }

    fn wait_ms(&mut self, timeout_us: Option<u64>) -> libc::c_int {
        let timeout = timeout_us.map_or(-1, |us| us.div_ceil(1000).min(60_000) as i32);
        // SAFETY: `events` has room for two events and lives through the call.
        unsafe { libc::epoll_wait(self.fd.as_raw_fd(), self.events.as_mut_ptr(), 2, timeout) }
    }
}
