//! Participants that this shard reaches by a link instead of its socket.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use sfu_engine::Transmit;

use crate::firewall::Link;

/// The links that datagrams came by.
#[derive(Default)]
pub struct Links {
    open: HashMap<SocketAddr, Arc<Link>>,
    /// Datagrams that a link had no room for.
    pub refused: u64,
}

impl Links {
    /// From now on the engine's trains to the link's address go there.
    pub fn add(&mut self, link: Arc<Link>) {
        self.open.entry(link.address()).or_insert(link);
    }

    /// Takes a train for a link; false if it is one for the socket.
    pub fn take(&mut self, train: &Transmit<'_>) -> bool {
        if !Link::is_link(train.to) {
            return false;
        }
        let segment = usize::from(train.segment_size);
        self.refused += match self.open.get(&train.to) {
            Some(link) => link.send(train.bytes, segment),
            None => train.bytes.len().div_ceil(segment.max(1)) as u64,
        };
        true
    }

    /// Forgets links whose other end is gone.
    pub fn sweep(&mut self) {
        self.open.retain(|_, link| !link.is_closed());
    }
}
