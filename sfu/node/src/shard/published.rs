//! What a shard shows of its counters. It copies its plain integers here every 100 ms; nothing is shared per packet.

use sfu_engine::{DropReason, EngineCounters};

use crate::counters::{Counters, Latency};

/// One shard's totals.
#[derive(Clone, Copy, Default)]
pub struct Published {
    pub engine: EngineCounters,
    /// Datagrams the kernel did not take.
    pub refused: u64,
    /// Datagrams that a participant's stream or relay had no room for.
    pub links_full: u64,
    /// Datagrams that belong to no shard, or were lost between two.
    pub homeless: u64,
    pub events_merged: u64,
    /// Share of the last second spent working.
    pub busy: f64,
    pub latency: Latency,
}

impl Published {
    /// Adds this shard to a node's totals.
    pub fn add_to(&self, counters: &mut Counters) {
        let engine = &self.engine;
        counters.packets_received += engine.packets_received;
        counters.bytes_received += engine.bytes_received;
        counters.packets_forwarded += engine.packets_forwarded;
        counters.bytes_forwarded += engine.bytes_forwarded;
        counters.nacks_received += engine.nacks_received;
        counters.nacks_sent += engine.nacks_sent;
        counters.keyframe_requests += engine.keyframe_requests;
        counters.handshakes_ok += engine.handshakes_completed;
        counters.handshakes_failed += engine.handshakes_failed;
        counters.tracks_audio += engine.audio_tracks;
        counters.tracks_video += engine.video_tracks;
        counters.events_merged += self.events_merged;
        counters.busy.push(self.busy);
        counters.forward_latency.add(&self.latency);
        for reason in DropReason::ALL {
            let here = if reason == DropReason::UnknownAddress { self.homeless } else { 0 };
            add_drops(counters, reason.label(), engine.drops(reason) + here);
        }
        add_drops(counters, "send_refused", self.refused);
        add_drops(counters, "link_full", self.links_full);
    }
}

fn add_drops(counters: &mut Counters, reason: &'static str, count: u64) {
    match counters.packets_dropped.iter_mut().find(|(known, _)| *known == reason) {
        Some((_, total)) => *total += count,
        None => counters.packets_dropped.push((reason, count)),
    }
}
