//! Events on their way to the async side. While it is slow they are merged, so that what waits stays bounded by the
//! number of participants and the shard never does.

use std::collections::VecDeque;

use tokio::sync::mpsc::{self, error::TrySendError};

use crate::events::{SfuEvent, SlotChange};

/// Events of one shard that have not been taken yet.
pub struct Outbox {
    channel: mpsc::Sender<SfuEvent>,
    waiting: VecDeque<SfuEvent>,
    /// How many events were merged into one that waited.
    pub merged: u64,
}

impl Outbox {
    pub fn new(channel: mpsc::Sender<SfuEvent>) -> Self {
        Self { channel, waiting: VecDeque::new(), merged: 0 }
    }

    /// Sends an event, or keeps it if the async side is slow.
    pub fn push(&mut self, event: SfuEvent) {
        if self.waiting.iter_mut().any(|earlier| merge(earlier, &event)) {
            self.merged += 1;
        } else {
            self.waiting.push_back(event);
        }
        self.flush();
    }

    /// Sends what waits, as far as there is room.
    pub fn flush(&mut self) {
        while let Some(event) = self.waiting.pop_front() {
            match self.channel.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    return;
                }
                Err(TrySendError::Closed(_)) => self.waiting.clear(),
            }
        }
    }
}

/// Lets `earlier` say what both say, if they speak of the same thing.
fn merge(earlier: &mut SfuEvent, event: &SfuEvent) -> bool {
    match (earlier, event) {
        (SfuEvent::Speaking { room, speakers }, SfuEvent::Speaking { room: other, speakers: newer })
            if room == other =>
        {
            speakers.clone_from(newer);
            true
        }
        (SfuEvent::Slots { participant, slots }, SfuEvent::Slots { participant: other, slots: newer })
            if participant == other =>
        {
            newer.iter().for_each(|change| replace(slots, *change));
            true
        }
        (
            SfuEvent::Talked { participant, ms, bursts },
            SfuEvent::Talked { participant: other, ms: more, bursts: begun },
        ) if participant == other => {
            *ms = ms.saturating_add(*more);
            *bursts = bursts.saturating_add(*begun);
            true
        }
        (
            SfuEvent::Live { participant, source, live },
            SfuEvent::Live { participant: other, source: same, live: now },
        ) if participant == other && source == same => {
            *live = *now;
            true
        }
        (SfuEvent::Connected { participant }, SfuEvent::Connected { participant: other })
        | (SfuEvent::Disconnected { participant }, SfuEvent::Disconnected { participant: other }) => {
            participant == other
        }
        _ => false,
    }
}

fn replace(slots: &mut Vec<SlotChange>, change: SlotChange) {
    match slots.iter_mut().find(|earlier| earlier.slot == change.slot) {
        Some(earlier) => *earlier = change,
        None => slots.push(change),
    }
}

#[cfg(test)]
mod tests {
    use sfu_engine::ParticipantId;

    use super::*;

    fn talked(participant: u64, ms: u32) -> SfuEvent {
        SfuEvent::Talked { participant: ParticipantId(participant), ms, bursts: 1 }
    }

    #[test]
    fn a_slow_receiver_gets_merged_events_and_loses_nothing() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        for ms in [1, 2, 3] {
            outbox.push(talked(1, ms));
            outbox.push(talked(2, 10));
        }
        assert_eq!(outbox.waiting.len(), 2);
        let mut got = Vec::new();
        while let Ok(event) = receiver.try_recv() {
            got.push(event);
            outbox.flush();
        }
        let total = |who| {
            got.iter()
                .map(|event| match event {
                    SfuEvent::Talked { participant, ms, .. } if participant.0 == who => *ms,
                    _ => 0,
                })
                .sum::<u32>()
        };
        assert_eq!((total(1), total(2)), (6, 30));
        assert_eq!(outbox.merged, 3);
    }

    #[test]
    fn the_newest_occupant_of_a_slot_wins() {
        let (sender, _receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        outbox.push(talked(1, 1));
        for (slot, csrc) in [(7, 1), (8, 2), (7, 3)] {
            let from = Some((ParticipantId(9), protocol::media::Source::Camera, csrc));
            outbox.push(SfuEvent::Slots {
                participant: ParticipantId(1),
                slots: vec![SlotChange { slot, from }],
            });
        }
        let Some(SfuEvent::Slots { slots, .. }) = outbox.waiting.front() else { panic!("slots wait") };
        let csrcs: Vec<_> =
            slots.iter().map(|change| (change.slot, change.from.map(|from| from.2))).collect();
        assert_eq!(csrcs, [(7, Some(3)), (8, Some(2))]);
    }
}
