//! One client: whoever speaks to us from one address. Its allocation, its permissions and channels, and the data that
//! goes through them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use sfu_wire::stun::{Class, TransactionId};
use sfu_wire::turn::{Attributes, ChannelData, Family, Message, Method, write, write_channel_header};

use super::{Now, Relay};
use crate::firewall::inbound::Inbound;
use crate::firewall::link::{Link, Pipe};
use crate::firewall::places::Place;

/// RFC 8656 §9 and §12.
const PERMISSION: Duration = Duration::from_secs(300);
const CHANNEL: Duration = Duration::from_secs(600);
/// Longest datagram that is relayed, and room for what goes around it.
const LONGEST: usize = 4096;
const AROUND: usize = 512;

/// A client of the relay.
pub struct Client {
    pub(super) relay: Arc<Relay>,
    pub(super) remote: SocketAddr,
    pub(super) allocation: Option<Allocation>,
    pipe: Arc<Pipe>,
}

/// What it was granted.
pub struct Allocation {
    pub username: Vec<u8>,
    pub key: hmac::Key,
    pub relayed: SocketAddr,
    pub family: Family,
    pub until: Instant,
    /// The request that made it, whose answer may have been lost.
    pub made_by: TransactionId,
    peers: Vec<Peer>,
    _place: Place,
}

/// One of our media addresses, as this client uses it.
struct Peer {
    address: SocketAddr,
    permitted_until: Option<Instant>,
    channel: Option<(u16, Instant)>,
    inbound: Inbound,
}

impl Peer {
    fn is_permitted(&self, now: Instant) -> bool {
        self.permitted_until.is_some_and(|until| until > now)
    }
}

impl Client {
    /// A client seen at `remote`, for whom datagrams of shards will wait in `pipe`.
    pub fn new(relay: Arc<Relay>, remote: SocketAddr, pipe: Arc<Pipe>) -> Self {
        Self { relay, remote, allocation: None, pipe }
    }

    /// Takes one message and calls `answer` with what it is answered, if it is; false if it is none of TURN's.
    pub fn take(&mut self, now: Now, bytes: &[u8], answer: impl FnOnce(&[u8])) -> bool {
        if let Some(data) = ChannelData::parse(bytes) {
            self.relay_data(now.monotonic, data.data, |peer| {
                peer.channel.is_some_and(|(number, until)| number == data.channel && until > now.monotonic)
            });
            return true;
        }
        let Ok(message) = Message::parse(bytes) else { return false };
        match (message.class, message.method) {
            (Class::Indication, Method::Send) => {
                if let (Some(to), Some(data), None) = (message.peers().next(), message.data, message.unknown)
                {
                    self.relay_data(now.monotonic, data, |peer| peer.address == to);
                }
            }
            (Class::Request, _) => self.request(now, &message, answer),
            _ => {}
        }
        true
    }

    /// Hands over what messages brought.
    pub fn deliver(&mut self) {
        let peers = self.allocation.iter_mut().flat_map(|allocation| &mut allocation.peers);
        peers.for_each(|peer| peer.inbound.deliver());
    }

    /// Whether it may relay at the moment. Ends an allocation whose time is over.
    pub fn is_granted(&mut self, now: Instant) -> bool {
        self.allocation.take_if(|allocation| allocation.until <= now);
        self.allocation.is_some()
    }

    /// Writes a datagram of the peer numbered `tag` as the client gets it into an emptied buffer: on the peer's channel if
    /// it has one. Writes nothing if the peer is not permitted.
    pub fn wrap(&self, now: Instant, tag: u8, datagram: &[u8], buffer: &mut Vec<u8>) {
        buffer.clear();
        let peers = self.allocation.as_ref().map(|allocation| allocation.peers.as_slice());
        let Some(peer) = peers.and_then(|peers| peers.get(usize::from(tag))) else { return };
        if datagram.len() > LONGEST || !peer.is_permitted(now) {
            return;
        }
        buffer.resize(AROUND + LONGEST, 0);
        let written = match peer.channel.filter(|(_, until)| *until > now) {
            Some((channel, _)) => write_channel_header(buffer, channel, datagram.len()).and_then(|start| {
                let end = start.checked_add(datagram.len())?;
                buffer.get_mut(start..end)?.copy_from_slice(datagram);
                Some(end)
            }),
            None => {
                let attributes =
                    Attributes { peer: Some(peer.address), data: Some(datagram), ..Attributes::default() };
                // Nothing answers an indication, so its transaction needs no randomness.
                let kind = (Method::Data, Class::Indication);
                write(buffer, kind, &[0; 12], &attributes, None::<fn(&[&[u8]]) -> [u8; 20]>)
            }
        };
        buffer.truncate(written.unwrap_or(0));
    }

    fn relay_data(&mut self, now: Instant, data: &[u8], wanted: impl Fn(&Peer) -> bool) {
        let Some(allocation) = self.allocation.as_mut().filter(|one| one.until > now) else { return };
        let permitted = |peer: &&mut Peer| peer.is_permitted(now) && wanted(peer);
        if let Some(peer) = allocation.peers.iter_mut().find(permitted).filter(|_| data.len() <= LONGEST) {
            peer.inbound.push(data);
        }
    }

    /// Makes the allocation; false if there is no room, or no media address of that family.
    pub(super) fn allocate(
        &mut self,
        (username, key): (&[u8], hmac::Key),
        family: Family,
        until: Instant,
        made_by: TransactionId,
    ) -> bool {
        let relay = &self.relay;
        let Some(first) = relay.peers(family).next() else { return false };
        let Some(place) = relay.place(self.remote) else { return false };
        let relayed = SocketAddr::new(first.ip(), relay.port());
        let peer = |(tag, address): (u8, SocketAddr)| {
            let link = Link::new(relayed, tag, self.pipe.clone());
            let inbound = Inbound::new(link, relay.lanes.clone());
            Peer { address, permitted_until: None, channel: None, inbound }
        };
        let peers = (0..=u8::MAX).zip(relay.peers(family)).map(peer).collect();
        let username = username.to_vec();
        let allocation = Allocation { username, key, relayed, family, until, made_by, peers, _place: place };
        self.allocation = Some(allocation);
        true
    }

    /// Lets the peers with these IPs in.
    pub(super) fn permit(&mut self, now: Instant, permitted: impl Fn(SocketAddr) -> bool) {
        let peers = self.allocation.iter_mut().flat_map(|allocation| &mut allocation.peers);
        for peer in peers.filter(|peer| permitted(peer.address)) {
            peer.permitted_until = now.checked_add(PERMISSION);
        }
    }

    /// Gives a peer a channel, and lets it in; false if either has another partner (RFC 8656 §12.2).
    pub(super) fn bind(&mut self, now: Instant, number: u16, to: SocketAddr) -> bool {
        let Some(allocation) = &mut self.allocation else { return false };
        let bound = |peer: &Peer| peer.channel.filter(|(_, until)| *until > now).map(|(number, _)| number);
        let conflict = |peer: &Peer| match bound(peer) {
            Some(other) => (other == number) != (peer.address == to),
            None => false,
        };
        if allocation.peers.iter().any(conflict) {
            return false;
        }
        let Some(peer) = allocation.peers.iter_mut().find(|peer| peer.address == to) else { return false };
        peer.permitted_until = now.checked_add(PERMISSION);
        peer.channel = now.checked_add(CHANNEL).map(|until| (number, until));
        true
    }
}
