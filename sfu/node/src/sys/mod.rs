//! The system calls that std does not have: epoll, eventfd, pinning, and UDP in batches. The only `unsafe` of the
//! media path lives here, each block with the reason why it is sound.
#![allow(unsafe_code)]

mod address;
mod epoll;
mod receive;
mod send;
mod socket;
mod thread;
mod wake;

pub use epoll::{Epoll, Ready};
pub use receive::{BATCH, Receiver};
pub use send::{Outgoing, SendReport, Sender};
pub use socket::bind;
pub use thread::{cpu_time_ns, monotonic_us, pin_to_core};
pub use wake::Wake;
