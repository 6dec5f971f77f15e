//! From a datagram to its participant, and to the part of it that is meant.

use std::net::SocketAddr;

use sfu_wire::demux::{Protocol, classify};
use sfu_wire::rtcp;
use sfu_wire::rtp::{ExtensionIds, RtpHeader};
use sfu_wire::stun::Message;

use crate::counters::DropReason;
use crate::engine::{Arrival, Engine};
use crate::ids::ParticipantId;
use crate::participant::{Peer, Stream};
use crate::session::{EXTENSION_IDS, OpenError, SessionState, StunOutcome};
use crate::slab::Key;
use crate::time::Micros;
use crate::track::layer::Incoming;

const EXTENSIONS: ExtensionIds = EXTENSION_IDS;

impl Engine {
    /// Takes a datagram. It is opened in place. What it leads to is sent by [`Engine::poll_transmits`].
    pub fn handle_datagram(&mut self, now: Micros, from: SocketAddr, datagram: &mut [u8]) -> Arrival {
        let known = self.addresses.get(&from).copied();
        let protocol = classify(datagram);
        let bytes = datagram.len() as u64;
        let taken = match (protocol, known) {
            (Some(Protocol::Stun), _) => self.take_stun(now, from, known, datagram),
            (_, None) => Err(DropReason::UnknownAddress),
            (None, _) => Err(DropReason::Malformed),
            (Some(Protocol::Dtls), Some(key)) => self.take_dtls(now, from, key, datagram),
            (Some(Protocol::Rtp), Some(key)) => self.take_rtp(now, key, datagram),
            (Some(Protocol::Rtcp), Some(key)) => self.take_rtcp(now, key, datagram),
        };
        if taken == Err(DropReason::UnknownAddress) {
            return Arrival::Unknown;
        }
        self.counters.packets_received = self.counters.packets_received.wrapping_add(1);
        self.counters.bytes_received = self.counters.bytes_received.wrapping_add(bytes);
        if let Err(reason) = taken {
            self.counters.drop(reason);
        }
        Arrival::Ours
    }

    fn take_stun(
        &mut self,
        now: Micros,
        from: SocketAddr,
        known: Option<Key<Peer>>,
        datagram: &[u8],
    ) -> Result<(), DropReason> {
        let unreadable = if known.is_some() { DropReason::Malformed } else { DropReason::UnknownAddress };
        let message = Message::parse(datagram).map_err(|_| unreadable)?;
        let named =
            message.receiver_fragment().and_then(participant_of).and_then(|id| self.ids.get(&id).copied());
        let key = match (named, known) {
            (Some(key), _) => key,
            (None, Some(key)) => key,
            (None, None) => return Err(DropReason::UnknownAddress),
        };
        let peer = self.peers.get_mut(key).ok_or(DropReason::UnknownAddress)?;
        let outcome = peer.session.handle_stun(now, from, &message);
        self.talkative.push(key);
        match outcome {
            StunOutcome::Accepted { new_address, forgotten } => {
                if let Some(forgotten) = forgotten {
                    self.forget_address(key, forgotten);
                }
                if new_address {
                    self.addresses.insert(from, key);
                }
                self.settle(now, key);
                Ok(())
            }
            StunOutcome::Refused => Err(DropReason::BadStun),
        }
    }

    /// An address is the participant's no longer, unless somebody else has taken it over.
    pub(super) fn forget_address(&mut self, key: Key<Peer>, address: SocketAddr) {
        if self.addresses.get(&address) == Some(&key) {
            self.addresses.remove(&address);
        }
    }

    fn take_dtls(
        &mut self,
        now: Micros,
        from: SocketAddr,
        key: Key<Peer>,
        datagram: &[u8],
    ) -> Result<(), DropReason> {
        let peer = self.peers.get_mut(key).ok_or(DropReason::UnknownAddress)?;
        peer.session.handle_dtls(now, from, datagram);
        self.talkative.push(key);
        self.settle(now, key);
        Ok(())
    }

    fn take_rtp(&mut self, now: Micros, key: Key<Peer>, datagram: &mut [u8]) -> Result<(), DropReason> {
        let peer = self.peers.get_mut(key).ok_or(DropReason::UnknownAddress)?;
        if peer.session.state() != SessionState::Connected {
            return Err(DropReason::NotConnected);
        }
        let opened = peer.session.open_rtp(datagram).map_err(reason)?;
        let packet = datagram.get(..opened.len).ok_or(DropReason::Malformed)?;
        let header = opened.header;
        let extensions = header.extensions(packet).known(&EXTENSIONS);
        if let Some(sequence) = extensions.transport_sequence {
            peer.transport.record(sequence, now);
        }
        let (stream, new) = match peer.streams.find(header.ssrc) {
            Some(stream) => (stream, false),
            None => {
                let learnt = peer.streams.learn(header.ssrc, header.payload_type, &extensions, now);
                (learnt.ok_or(DropReason::UnknownStream)?, true)
            }
        };
        let level = extensions.audio_level.map(|level| level.below_full_scale());
        let payload = header.payload(packet).map_err(|_| DropReason::Malformed)?;
        let incoming = incoming(&header, payload, level, stream)?;
        if new {
            self.latch(now, key, stream);
        }
        self.take_media(now, key, stream, header.payload_type, &incoming)
    }

    fn take_rtcp(&mut self, now: Micros, key: Key<Peer>, datagram: &mut [u8]) -> Result<(), DropReason> {
        let peer = self.peers.get_mut(key).ok_or(DropReason::UnknownAddress)?;
        if peer.session.state() != SessionState::Connected {
            return Err(DropReason::NotConnected);
        }
        let length = peer.session.open_rtcp(datagram).map_err(reason)?;
        let compound = datagram.get(..length).ok_or(DropReason::Malformed)?;
        for packet in rtcp::packets(compound) {
            let packet = packet.map_err(|_| DropReason::Malformed)?;
            self.take_feedback(now, key, packet);
        }
        Ok(())
    }
}

/// The media packet in what came: itself, or what a retransmission restores (RFC 4588 §4).
fn incoming<'a>(
    header: &RtpHeader,
    payload: &'a [u8],
    level: Option<u8>,
    stream: Stream,
) -> Result<Incoming<'a>, DropReason> {
    let payload_type = header.payload_type;
    let (sequence, payload_type, payload) = if stream.repair {
        // Without an original sequence number it is padding, which probes for bandwidth.
        let (original, rest) = payload.split_first_chunk::<2>().ok_or(DropReason::Size)?;
        (u16::from_be_bytes(*original), payload_type.saturating_sub(1), rest)
    } else {
        (header.sequence, payload_type, payload)
    };
    Ok(Incoming {
        sequence,
        timestamp: header.timestamp,
        marker: header.marker,
        payload_type,
        payload,
        level,
        restored: stream.repair,
    })
}

fn reason(error: OpenError) -> DropReason {
    match error {
        OpenError::Replayed => DropReason::Replayed,
        OpenError::Forged => DropReason::Unauthentic,
        OpenError::NotConnected => DropReason::NotConnected,
        OpenError::TooManySources => DropReason::UnknownStream,
        OpenError::Malformed => DropReason::Malformed,
    }
}

/// The user fragment of a participant: its id in 16 hexadecimal digits.
pub(super) fn fragment_of(participant: ParticipantId) -> String {
    format!("{:016x}", participant.0)
}

fn participant_of(fragment: &[u8]) -> Option<ParticipantId> {
    let text = std::str::from_utf8(fragment).ok().filter(|text| text.len() == 16)?;
    u64::from_str_radix(text, 16).ok().map(ParticipantId)
}

/// The shard that a datagram from an unknown address is meant for: the user fragment of a STUN request names it
/// (RFC 8445 §7.2.2). `None` if it is anything else.
pub fn owner_shard(datagram: &[u8]) -> Option<u16> {
    if classify(datagram) != Some(Protocol::Stun) {
        return None;
    }
    let message = Message::parse(datagram).ok()?;
    participant_of(message.receiver_fragment()?).map(|participant| (participant.0 >> 48) as u16)
}
