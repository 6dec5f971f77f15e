//! What was written so far. It lives in memory and goes with the room (R50).

use std::collections::VecDeque;

use protocol::ids::PersonId;
use protocol::server::ChatMessage;

/// Longest message, characters.
pub const LONGEST_MESSAGE: usize = 5_000;
/// The emoji that may be sent.
pub const REACTIONS: [&str; 8] = ["👍", "👎", "👏", "😀", "😮", "😕", "❤️", "🎉"];

const MOST_MESSAGES: usize = 2_000;
const MOST_BYTES: usize = 1 << 20;

/// The room's messages, oldest first; the oldest go when there are too many.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChatLog {
    written: u64,
    bytes: usize,
    messages: VecDeque<ChatMessage>,
}

impl ChatLog {
    /// Gives the message its id and keeps it.
    pub fn keep(&mut self, mut message: ChatMessage) -> ChatMessage {
        self.written = self.written.saturating_add(1);
        message.id = self.written;
        self.bytes = self.bytes.saturating_add(message.text.len());
        self.messages.push_back(message.clone());
        while self.messages.len() > MOST_MESSAGES || self.bytes > MOST_BYTES {
            let Some(oldest) = self.messages.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.text.len());
        }
        message
    }

    /// What this person may read.
    pub fn visible_to(&self, person: &PersonId) -> Vec<ChatMessage> {
        let readable = |message: &&ChatMessage| match &message.to {
            None => true,
            Some(to) => to == person || message.from == *person,
        };
        self.messages.iter().filter(readable).cloned().collect()
    }
}

/// The text that will be shown: without control characters but line breaks and tabs. `None` if it is empty or too long.
pub(crate) fn readable(text: &str) -> Option<String> {
    if text.chars().count() > LONGEST_MESSAGE {
        return None;
    }
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, to: Option<&str>) -> ChatMessage {
        ChatMessage {
            id: 0,
            from: "a".into(),
            name: "A".into(),
            to: to.map(Into::into),
            text: text.into(),
            at_ms: 0,
        }
    }

    #[test]
    fn private_messages_are_seen_by_their_two_ends_only() {
        let mut log = ChatLog::default();
        log.keep(message("all", None));
        log.keep(message("secret", Some("b")));
        let seen = |who: &str| log.visible_to(&who.into()).into_iter().map(|m| m.id).collect::<Vec<_>>();
        assert_eq!((seen("a"), seen("b"), seen("c")), (vec![1, 2], vec![1, 2], vec![1]));
    }

    #[test]
    fn the_oldest_messages_go_when_there_are_too_many_bytes() {
        let mut log = ChatLog::default();
        let long = "x".repeat(MOST_BYTES / 2 + 1);
        (0..3).for_each(|_| drop(log.keep(message(&long, None))));
        assert_eq!(log.visible_to(&"c".into()).iter().map(|m| m.id).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn text_is_kept_as_typed_but_for_control_characters() {
        assert_eq!(readable("Zoë\n\t👍\u{0}\u{8}"), Some("Zoë\n\t👍".into()));
        assert_eq!(readable(" \n "), None);
        assert_eq!(readable(&"ü".repeat(LONGEST_MESSAGE)), Some("ü".repeat(LONGEST_MESSAGE)));
        assert_eq!(readable(&"ü".repeat(LONGEST_MESSAGE + 1)), None);
    }
}
