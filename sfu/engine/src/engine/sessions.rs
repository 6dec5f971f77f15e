//! Connections: the answer, what their sessions have to send, and how they come up and go down.

use crate::engine::Engine;
use crate::events::Event;
use crate::ids::ParticipantId;
use crate::participant::Peer;
use crate::session::{AnswerError, PUBLISH_SECTIONS, SessionState};
use crate::slab::Key;
use crate::time::Micros;

/// Why an answer was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// No such participant on this shard.
    #[error("no such participant")]
    NoParticipant,
    /// It is no answer to the offer.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl Engine {
    /// Takes the participant's SDP answer to the offer.
    pub fn answer(
        &mut self,
        now: Micros,
        participant: ParticipantId,
        sdp: &str,
    ) -> Result<(), AnswerRefused> {
        let key = self.ids.get(&participant).copied().ok_or(AnswerRefused::NoParticipant)?;
        let peer = self.peers.get_mut(key).ok_or(AnswerRefused::NoParticipant)?;
        let negotiated = peer.session.accept_answer(now, sdp)?;
        peer.decodes = negotiated.decodes();
        let sections = negotiated.sections.iter().skip(PUBLISH_SECTIONS);
        let estimate = self.config.estimate;
        let numbered = sections.map(|section| estimate && section.extensions.transport_cc != 0);
        peer.number_packets(numbered);
        self.talkative.push(key);
        self.settle(now, key);
        Ok(())
    }

    /// Connects a participant without answer and handshake: `material` is what DTLS would have exported for AES-128-GCM.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    pub fn connect_with_keys(
        &mut self,
        now: Micros,
        participant: ParticipantId,
        remote: std::net::SocketAddr,
        material: &[u8; 56],
    ) {
        let Some(key) = self.ids.get(&participant).copied() else { return };
        let Some(peer) = self.peers.get_mut(key) else { return };
        peer.session.connect_with_keys(now, remote, material);
        self.addresses.insert(remote, key);
        self.settle(now, key);
    }

    /// As if the participant's browser had agreed to transport-wide sequence numbers in all slots.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    pub fn number_packets(&mut self, participant: ParticipantId) {
        let peer = self.ids.get(&participant).and_then(|key| self.peers.get_mut(*key));
        if let Some(peer) = peer {
            peer.number_packets(std::iter::repeat(true));
        }
    }

    /// Moves what sessions have to send into the batch.
    pub(super) fn collect_sessions(&mut self, now: Micros) {
        while let Some(key) = self.talkative.pop() {
            let Some(peer) = self.peers.get_mut(key) else { continue };
            while let Some((to, bytes)) = peer.session.poll_transmit() {
                self.trains.push_alone(&bytes, to, now);
            }
        }
    }

    /// Follows the session's state after it was given something.
    pub(super) fn settle(&mut self, now: Micros, key: Key<Peer>) {
        let Some(peer) = self.peers.get_mut(key) else { return };
        let participant = peer.id;
        match peer.session.state() {
            SessionState::New => {}
            SessionState::Connected => {
                peer.remote = peer.session.remote();
                if !std::mem::replace(&mut peer.connected, true) {
                    peer.was_connected = true;
                    self.counters.handshakes_completed = self.counters.handshakes_completed.wrapping_add(1);
                    self.events.push_back(Event::Connected(participant));
                    self.refresh_slots(now, key);
                }
            }
            SessionState::Closed => {
                peer.remote = None;
                peer.connected = false;
                if !std::mem::replace(&mut peer.closed, true) {
                    self.events.push_back(Event::Disconnected(participant));
                }
            }
        }
    }
}
