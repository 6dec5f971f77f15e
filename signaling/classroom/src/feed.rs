//! The numbered events of one stay, remembered for a connection that drops and comes back.

use std::collections::VecDeque;
use std::sync::Arc;

use protocol::server::Event;

/// So many events of a stay can be missed and still be had.
pub const REMEMBERED: usize = 512;

/// One person's events since the welcome.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed {
    last: u64,
    ring: VecDeque<Arc<Event>>,
}

impl Feed {
    /// Numbers an event.
    pub fn push(&mut self, event: Arc<Event>) -> u64 {
        if self.ring.len() >= REMEMBERED {
            self.ring.pop_front();
        }
        self.ring.push_back(event);
        self.last = self.last.saturating_add(1);
        self.last
    }

    /// Starts from 1 again: the welcome tells everything that happened before.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    /// The events after number `seq`, or `None` if they are forgotten or never were.
    pub fn after(&self, seq: u64) -> Option<Vec<(u64, Arc<Event>)>> {
        let missed = usize::try_from(self.last.checked_sub(seq)?).ok()?;
        let skip = self.ring.len().checked_sub(missed)?;
        let numbers = seq.saturating_add(1)..;
        Some(numbers.zip(self.ring.iter().skip(skip).cloned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(n: usize) -> Arc<Event> {
        Arc::new(Event::Left { person: format!("w_{n}").as_str().into() })
    }

    #[test]
    fn missed_events_come_again_with_their_numbers_until_forgotten() {
        let mut feed = Feed::default();
        (0..600).for_each(|n| assert_eq!(feed.push(event(n)), n as u64 + 1));
        assert_eq!(feed.after(600), Some(vec![]));
        assert_eq!(feed.after(598), Some(vec![(599, event(598)), (600, event(599))]));
        assert_eq!(feed.after(88).map(|missed| missed.len()), Some(REMEMBERED));
        assert_eq!(feed.after(87), None, "forgotten");
        assert_eq!(feed.after(601), None, "never was");
        feed.restart();
        assert_eq!(feed.push(event(0)), 1);
        assert_eq!(feed.after(0), Some(vec![(1, event(0))]));
    }
}
