//! The shards: one pinned thread each, with its own socket on the one port and its own engine.

mod commands;
mod handover;
mod hold;
mod links;
mod mailbox;
mod neighbours;
mod outbox;
mod published;
mod run;
mod tracks;

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

pub use mailbox::Command;
#[cfg(test)]
pub use neighbours::Unserved;
pub use neighbours::{Lane, Parcel};

use crate::config::{SfuConfig, StartError};
use crate::counters::Counters;
use crate::events::SfuEvent;
use crate::firewall;
use crate::sys::{self, Wake};
use crate::tap::Taps;
use mailbox::Mailbox;
use neighbours::Neighbours;
use published::Published;

/// All shards of a node.
pub struct Shards {
    doors: Vec<Door>,
}

/// The ports in use.
pub struct Ports {
    /// All media.
    pub udp: SocketAddr,
    /// What helps through firewalls.
    pub firewall: firewall::Sockets,
}

/// What async code has of one shard.
struct Door {
    mailbox: Arc<Mailbox>,
    published: Arc<Mutex<Published>>,
    /// For datagrams that did not come by a socket of a shard.
    outside: Lane,
    thread: Option<JoinHandle<()>>,
}

impl Shards {
    /// Opens one socket per shard on the one port and starts the threads. Gives the ports in use.
    pub fn start(
        config: &SfuConfig,
        events: mpsc::Sender<SfuEvent>,
        taps: &Taps,
    ) -> Result<(Shards, Ports), StartError> {
        if !(1..=256).contains(&config.shards) {
            return Err(StartError::Shards(config.shards));
        }
        if config.announced.is_empty() {
            return Err(StartError::NoAddress);
        }
        let (sockets, address) = open_sockets(config.udp, config.shards)?;
        let system = |what| move |error| StartError::System { what, error };
        let mailboxes = (0..config.shards)
            .map(|_| Ok(Arc::new(Mailbox::new(Wake::new()?))))
            .collect::<io::Result<Vec<_>>>()
            .map_err(system("eventfd"))?;
        let firewall = firewall::Sockets::open(config, address)?;
        let tcp_port =
            firewall.tcp.as_ref().and_then(|listener| listener.local_addr().ok()).map(|tcp| tcp.port());
        let candidates =
            |port: u16| config.announced.iter().map(|&ip| SocketAddr::new(ip, port)).collect::<Vec<_>>();
        let tcp_candidates = tcp_port.map(candidates).unwrap_or_default();
        let engines =
            run::engines(config.shards, &candidates(address.port()), &tcp_candidates, config.estimate)?;
        let lanes = lanes(&mailboxes);
        let mut doors = Vec::with_capacity(config.shards);
        for (index, ((socket, engine), mailbox)) in
            sockets.into_iter().zip(engines).zip(&mailboxes).enumerate()
        {
            let published = Arc::new(Mutex::new(Published::default()));
            let out = lanes.iter().map(|row| row.get(index).cloned().flatten()).collect();
            let outside = Lane::to(mailbox.clone());
            let neighbouring = lanes.get(index).into_iter().flatten().flatten();
            let incoming = neighbouring.chain(std::iter::once(&outside)).cloned().collect();
            let parts = run::Parts {
                index,
                socket,
                v6: address.is_ipv6(),
                engine,
                mailbox: mailbox.clone(),
                neighbours: Neighbours::new(index, out),
                incoming,
                events: events.clone(),
                taps: taps.clone(),
                published: published.clone(),
            };
            let thread = run::spawn(parts).map_err(system("thread"))?;
            doors.push(Door { mailbox: mailbox.clone(), published, outside, thread: Some(thread) });
        }
        Ok((Shards { doors }, Ports { udp: address, firewall }))
    }

    /// The ways to the shards for datagrams that come by other means than their sockets, in order.
    pub fn lanes(&self) -> Arc<[Lane]> {
        self.doors.iter().map(|door| door.outside.clone()).collect()
    }

    /// Hands a command to a shard. A shard number that does not exist is ignored.
    pub fn post(&self, shard: usize, command: Command) {
        if let Some(door) = self.doors.get(shard) {
            door.mailbox.post(command);
        }
    }

    /// Sums what the shards last published.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        for door in &self.doors {
            door.published.lock().unwrap_or_else(PoisonError::into_inner).add_to(&mut counters);
        }
        counters
    }
}

/// Ends the threads and waits for them; each ends its loop at once.
impl Drop for Shards {
    fn drop(&mut self) {
        for door in &self.doors {
            door.mailbox.post(Command::Stop);
        }
        for door in &mut self.doors {
            if door.thread.take().is_some_and(|thread| thread.join().is_err()) {
                tracing::error!("a shard ended with a panic");
            }
        }
    }
}

/// `lanes[to][from]`: how each shard reaches each other one.
fn lanes(mailboxes: &[Arc<Mailbox>]) -> Vec<Vec<Option<Lane>>> {
    let count = mailboxes.len();
    let row = |to: usize, mailbox: &Arc<Mailbox>| {
        (0..count).map(|from| (from != to).then(|| Lane::to(mailbox.clone()))).collect()
    };
    mailboxes.iter().enumerate().map(|(to, mailbox)| row(to, mailbox)).collect()
}

/// One socket per shard. The shared port (SO_REUSEPORT) would also let a second server of the same user in, which
/// would take half of the packets away: so the port is first tried without sharing.
fn open_sockets(wanted: SocketAddr, count: usize) -> Result<(Vec<UdpSocket>, SocketAddr), StartError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::PortBusy { addr: wanted },
        _ => StartError::System { what: "udp socket", error },
    };
    if wanted.port() != 0 {
        UdpSocket::bind(wanted).map_err(failed)?;
    }
    let first = sys::bind(wanted).map_err(failed)?;
    let address = first.local_addr().map_err(failed)?;
    let mut sockets = vec![first];
    for _ in 1..count {
        sockets.push(sys::bind(address).map_err(failed)?);
    }
    Ok((sockets, address))
}
