//! A link's datagrams on their way to the shard that owns the participant. The first STUN check names the owner; what
//! comes before it is nobody's.

use std::sync::Arc;

use sfu_engine::owner_shard;

use super::link::Link;
use crate::shard::{Lane, Parcel};

/// The way in for one link.
pub struct Inbound {
    link: Arc<Link>,
    lanes: Arc<[Lane]>,
    owner: Option<usize>,
    parcel: Parcel,
}

impl Inbound {
    /// `lanes[n]` leads to shard n.
    pub fn new(link: Arc<Link>, lanes: Arc<[Lane]>) -> Self {
        Self { link, lanes, owner: None, parcel: Parcel::default() }
    }

    /// Packs a datagram for its owner.
    pub fn push(&mut self, datagram: &[u8]) {
        let named = owner_shard(datagram).map(usize::from);
        if named.is_some() && named != self.owner {
            self.deliver();
            self.owner = named;
        }
        if self.owner.is_some() {
            self.parcel.push(self.link.address(), datagram);
        }
    }

    /// Hands over what was packed. A shard that cannot keep up loses it, as its socket would.
    pub fn deliver(&mut self) {
        if self.parcel.is_empty() {
            return;
        }
        let Some(lane) = self.owner.and_then(|shard| self.lanes.get(shard)) else {
            return self.parcel.clear();
        };
        self.parcel.link = Some(self.link.clone());
        self.parcel = lane.give(std::mem::take(&mut self.parcel)).unwrap_or_else(|mut refused| {
            refused.clear();
            refused
        });
    }
}
