//! Where a packet stands in its stream.

/// Sequence numbers this far behind the last are late; further behind, the publisher counts anew.
const LATE: u16 = 2048;

/// See [`Order::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Next,
    /// Packets between the last one and this are missing.
    AfterLoss,
    /// A repetition, or overtaken by others: of no use any more.
    Late,
    /// The first of another stream: what was before says nothing about it.
    NewStream,
}

/// The last packet of a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Order {
    last: Option<(u32, u16)>,
}

impl Order {
    /// Takes the next packet's source and sequence number. The first of a track counts as [`Place::Next`].
    pub(super) fn place(&mut self, ssrc: u32, sequence: u16) -> Place {
        let place = match self.last {
            None => Place::Next,
            Some((last_ssrc, _)) if last_ssrc != ssrc => Place::NewStream,
            Some((_, last)) => match sequence.wrapping_sub(last) {
                1 => Place::Next,
                0x8000.. if last.wrapping_sub(sequence) >= LATE => Place::NewStream,
                0 | 0x8000.. => Place::Late,
                _ => Place::AfterLoss,
            },
        };
        if place != Place::Late {
            self.last = Some((ssrc, sequence));
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_placed_over_the_wrap() {
        let mut order = Order::default();
        let places = [
            (1, 65534),
            (1, 65535),
            (1, 0),
            (1, 0),
            (1, 65535),
            (1, 3),
            (1, 4),
            (2, 9),
            (2, 10),
            (2, 50_000),
        ]
        .map(|(ssrc, sequence)| order.place(ssrc, sequence));
        use Place::*;
        assert_eq!(places, [Next, Next, Next, Late, Late, AfterLoss, Next, NewStream, Next, NewStream]);
    }
}
