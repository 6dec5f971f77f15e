//! What people in the room say.

use classroom::Command;
use protocol::client::ClientMessage;
use protocol::ids::PersonId;
use protocol::server::{Refusal, ServerMessage};

use super::super::outbox::ConnectionId;
use super::super::words;
use super::Room;

/// What a message asks for.
enum Wish {
    Room(Command),
    Answer(String),
    RestartMedia,
    Viewport(Vec<protocol::media::View>),
    Nothing,
}

impl Room {
    pub(super) fn said(&mut self, connection: ConnectionId, message: ClientMessage) {
        let Some(person) = self.connections.get(&connection).cloned() else { return };
        let Some(stay) = self.stays.get(&person).filter(|stay| stay.is_connected_by(connection)) else {
            return;
        };
        let wish = self.wish(message);
        // Before the welcome one can only go.
        if !stay.welcomed && !matches!(wish, Wish::Room(Command::Leave)) {
            return self.refuse(&person, Refusal::NotAllowed);
        }
        match wish {
            Wish::Room(command) => self.command(&person, command),
            Wish::Answer(sdp) => self.answer(&person, sdp),
            Wish::RestartMedia => self.restart_media(&person),
            Wish::Viewport(views) => self.viewport(&person, views),
            Wish::Nothing => {}
        }
    }

    fn wish(&self, message: ClientMessage) -> Wish {
        Wish::Room(match message {
            // The connection answers pings itself, and takes only one hello.
            ClientMessage::Hello { .. } | ClientMessage::Ping { .. } => return Wish::Nothing,
            ClientMessage::Answer { sdp } => return Wish::Answer(sdp),
            ClientMessage::RestartMedia => return Wish::RestartMedia,
            ClientMessage::Viewport { views } => return Wish::Viewport(views),
            ClientMessage::Publish { source, on } => Command::Publish { source, on },
            ClientMessage::Chat { text, to } => Command::Chat { text, to },
            ClientMessage::Hand { up } => Command::Hand { up },
            ClientMessage::React { emoji } => Command::React { emoji },
            ClientMessage::Mute { person, source } => Command::Mute { person, source },
            ClientMessage::MuteAll => Command::MuteAll,
            ClientMessage::LowerHand { person } => Command::LowerHand { person },
            ClientMessage::Mark { on } => Command::Mark { on, possible: self.recording_possible() },
            ClientMessage::Eject { person } => Command::Eject { person },
            ClientMessage::End => Command::End,
            ClientMessage::Leave => Command::Leave,
        })
    }

    fn command(&mut self, person: &PersonId, command: Command) {
        let (chat, hand) =
            (matches!(command, Command::Chat { .. }), matches!(command, Command::Hand { up: true }));
        match self.class.apply(self.now_ms(), person, command) {
            Err(refusal) => self.refuse(person, refusal),
            Ok(effects) => {
                if chat {
                    self.config.metrics.chat.inc();
                }
                if hand && !effects.is_empty() {
                    self.config.metrics.hands.inc();
                }
                self.carry_out(effects);
            }
        }
    }

    /// Applies a command that the driver itself gives for somebody.
    pub(super) fn apply(&mut self, person: &PersonId, command: Command) {
        if let Ok(effects) = self.class.apply(self.now_ms(), person, command) {
            self.carry_out(effects);
        }
    }

    pub(super) fn refuse(&self, person: &PersonId, refusal: Refusal) {
        // Also before the welcome, when nothing else is sent.
        if let Some(outbox) = self.stays.get(person).and_then(|stay| stay.connection.as_ref()) {
            outbox.send(&words::refused(refusal));
        }
    }

    /// Sends a message to somebody who is welcomed and connected.
    pub(super) fn send(&self, person: &PersonId, message: &ServerMessage) {
        if let Some(outbox) = self.stays.get(person).and_then(|stay| stay.listening()) {
            outbox.send(message);
        }
    }
}
