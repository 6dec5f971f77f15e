//! The way from a room to one connection: bounded, and it never blocks the room.

use axum::extract::ws::Utf8Bytes;
use protocol::server::{Close, ServerMessage};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::words;

/// One connection, unique within the process.
pub(crate) type ConnectionId = u64;

/// What a connection is to send.
#[derive(Debug)]
pub(crate) enum Out {
    /// A message.
    Text(Utf8Bytes),
    /// The last message, and the close code after it.
    Close(Utf8Bytes, Close),
}

/// Where a room puts what one connection is to send.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    /// Which connection.
    pub id: ConnectionId,
    queue: mpsc::Sender<Out>,
    cut: CancellationToken,
}

impl Outbox {
    /// An outbox for `size` messages, what comes out of it, and what tells that the connection must be cut off.
    pub fn new(id: ConnectionId, size: usize) -> (Self, mpsc::Receiver<Out>, CancellationToken) {
        let (queue, out) = mpsc::channel(size);
        let cut = CancellationToken::new();
        (Self { id, queue, cut: cut.clone() }, out, cut)
    }

    /// Sends a message. A connection that is too slow to take it is cut off; it may come back and resume.
    pub fn send(&self, message: &ServerMessage) {
        self.send_text(text(message));
    }

    /// Sends a message that is text already.
    pub fn send_text(&self, text: Utf8Bytes) {
        self.put(Out::Text(text));
    }

    /// Says goodbye and closes.
    pub fn close(&self, reason: Close, logout_url: Option<String>) {
        self.put(Out::Close(text(&words::closed(reason, logout_url)), reason));
    }

    /// Cuts the connection off without a word.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    fn put(&self, out: Out) {
        if self.queue.try_send(out).is_err() {
            self.cut.cancel();
        }
    }
}

/// A message as text.
pub(crate) fn text(message: &ServerMessage) -> Utf8Bytes {
    // Messages are plain data with text keys, which always serialize.
    serde_json::to_string(message).unwrap_or_default().into()
}

/// An event with the recipient's number, around the event's own text, which is the same for all recipients.
pub(crate) fn event_text(seq: u64, event: &str) -> Utf8Bytes {
    format!(r#"{{"type":"event","seq":{seq},"event":{event}}}"#).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::server::Event;

    #[test]
    fn an_event_put_together_from_text_is_the_message() {
        let event = Event::Reaction { person: "w_1".into(), emoji: "👍".into() };
        let put_together = event_text(7, &serde_json::to_string(&event).unwrap());
        let read: ServerMessage = serde_json::from_str(&put_together).unwrap();
        assert_eq!(read, ServerMessage::Event { seq: 7, event });
    }

    #[test]
    fn a_connection_that_is_too_slow_is_cut_off() {
        let (outbox, mut out, cut) = Outbox::new(1, 2);
        (0..2).for_each(|id| outbox.send(&ServerMessage::Pong { id }));
        assert!(!cut.is_cancelled());
        outbox.send(&ServerMessage::Pong { id: 2 });
        assert!(cut.is_cancelled());
        assert!(matches!(out.try_recv(), Ok(Out::Text(_))));
    }
}
