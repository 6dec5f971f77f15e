//! Packets that left together, and how much longer than they the next ones took (draft-ietf-rmcat-gcc-02 §5.2, §5.3).

/// Packets that leave within this time are one group, µs.
const BURST: u64 = 5_000;
/// Longest stretch of arrivals that a burst may gather, µs.
const LONGEST: u64 = 100_000;

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: u64,
    last_sent: u64,
    first_arrival: u64,
    last_arrival: u64,
}

/// How the times between two groups differ, ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub sent: f64,
    pub arrived: f64,
    /// Arrival of the later group, ms.
    pub at: f64,
}

/// The group being gathered, and the one before.
#[derive(Default)]
pub(super) struct Groups {
    current: Option<Group>,
    before: Option<Group>,
}

impl Groups {
    /// Takes a packet by the times at which it left and arrived, µs. Gives the step between the two groups before it, when
    /// it begins a new one.
    pub fn take(&mut self, sent: u64, arrival: u64) -> Option<Step> {
        let Some(group) = self.current.as_mut() else {
            self.current = Some(Group::new(sent, arrival));
            return None;
        };
        if sent < group.first_sent {
            return None;
        }
        if group.holds(sent, arrival) {
            group.last_sent = group.last_sent.max(sent);
            group.last_arrival = group.last_arrival.max(arrival);
            return None;
        }
        let done = *group;
        self.current = Some(Group::new(sent, arrival));
        let before = self.before.replace(done)?;
        let span = |from: u64, to: u64| to.wrapping_sub(from) as i64 as f64 / 1_000.0;
        let step = Step {
            sent: span(before.last_sent, done.last_sent),
            arrived: span(before.last_arrival, done.last_arrival),
            at: done.last_arrival as f64 / 1_000.0,
        };
        (step.arrived >= 0.0).then_some(step)
    }

    /// Forgets everything: what comes next has nothing to do with what was.
    pub fn clear(&mut self) {
        *self = Groups::default();
    }
}

impl Group {
    fn new(sent: u64, arrival: u64) -> Group {
        Group { first_sent: sent, last_sent: sent, first_arrival: arrival, last_arrival: arrival }
    }

    /// Whether a packet belongs to this group: it left with it, or was held up with it and released at once.
    fn holds(&self, sent: u64, arrival: u64) -> bool {
        if sent.saturating_sub(self.first_sent) <= BURST {
            return true;
        }
        let gap = arrival.saturating_sub(self.last_arrival);
        let faster = gap < sent.saturating_sub(self.last_sent);
        faster && gap <= BURST && arrival.saturating_sub(self.first_arrival) < LONGEST
    }
}
