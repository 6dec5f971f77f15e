//! What the bytes of a connection mean, decided by its first ones.

use std::net::SocketAddr;
use std::sync::Arc;

use sfu_wire::framing::{self, OPENING, Opening};
use sfu_wire::turn::length_in_stream;

use crate::firewall::Ways;
use crate::firewall::inbound::Inbound;
use crate::firewall::link::{Link, Pipe};
use crate::firewall::turn::{Client, Now};

/// Longest datagram that is taken: no browser sends a longer one.
const LONGEST: usize = 4096;

/// A connection's language.
pub enum Speech {
    /// Not known yet.
    Unknown { remote: SocketAddr, ways: Ways, pipe: Arc<Pipe> },
    /// Framed datagrams to and from a participant (RFC 6544).
    Framed(Inbound),
    /// TURN messages (RFC 8656 §2.1), and room for one that is sent.
    Turn(Box<Client>, Vec<u8>),
}

impl Speech {
    /// Of a peer seen at `remote`, for whom datagrams will wait in `pipe`.
    pub fn new(remote: SocketAddr, ways: Ways, pipe: Arc<Pipe>) -> Self {
        Self::Unknown { remote, ways, pipe }
    }

    /// Takes the whole messages at the beginning of `bytes` and gives how many bytes they have; `None` ends the
    /// connection.
    pub fn take(&mut self, bytes: &[u8], answers: &mut Vec<u8>) -> Option<usize> {
        if let Self::Unknown { remote, ways, pipe } = self {
            if bytes.len() < OPENING {
                return Some(0);
            }
            *self = match (framing::opening(bytes)?, &ways.relay) {
                (Opening::Framed, _) => {
                    Self::Framed(Inbound::new(Link::new(*remote, 0, pipe.clone()), ways.lanes.clone()))
                }
                (Opening::Turn, Some(relay)) => {
                    Self::Turn(Box::new(Client::new(relay.clone(), *remote, pipe.clone())), Vec::new())
                }
                (Opening::Turn | Opening::Tls, _) => return None,
            };
        }
        match self {
            Self::Unknown { .. } => None,
            Self::Framed(inbound) => take_framed(inbound, bytes),
            Self::Turn(client, _) => take_turn(client, bytes, answers),
        }
    }

    /// Puts a datagram of a shard into the connection's words.
    pub fn say(&mut self, tag: u8, datagram: &[u8], output: &mut Vec<u8>) {
        match self {
            Self::Unknown { .. } => {}
            Self::Framed(_) => {
                let Some(header) = framing::header(datagram.len()) else { return };
                output.extend_from_slice(&header);
                output.extend_from_slice(datagram);
            }
            Self::Turn(client, message) => {
                client.wrap(Now::of_system().monotonic, tag, datagram, message);
                output.extend_from_slice(message);
                output.resize(output.len() + message.len().next_multiple_of(4) - message.len(), 0);
            }
        }
    }

    /// Whether an allocation keeps the connection open, be it silent.
    pub fn is_granted(&mut self) -> bool {
        match self {
            Self::Turn(client, _) => client.is_granted(Now::of_system().monotonic),
            _ => false,
        }
    }
}

fn take_framed(inbound: &mut Inbound, bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    while let Some((datagram, after)) = framing::split(rest) {
        if datagram.len() > LONGEST {
            return None;
        }
        inbound.push(datagram);
        rest = after;
    }
    inbound.deliver();
    bytes.len().checked_sub(rest.len())
}

fn take_turn(client: &mut Client, bytes: &[u8], answers: &mut Vec<u8>) -> Option<usize> {
    let mut rest = bytes;
    while let Some(length) = length_in_stream(rest).ok()? {
        let Some((message, after)) = rest.split_at_checked(length) else { break };
        if !client.take(Now::of_system(), message, |answer| answers.extend_from_slice(answer)) {
            return None;
        }
        rest = after;
    }
    client.deliver();
    bytes.len().checked_sub(rest.len())
}
