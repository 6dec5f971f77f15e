//! A snapshot of what the shards did since the start, for Prometheus.
//!
//! A shard counts in plain integers of its own and publishes them every 100 ms; nothing is shared per packet.

/// Why a packet was dropped, as the label of `lectern_packets_dropped_total`.
pub type DropReason = &'static str;

/// Totals since the start, summed over the shards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counters {
    /// RTP packets received.
    pub packets_received: u64,
    /// Bytes of all datagrams received.
    pub bytes_received: u64,
    /// RTP packets sent to subscribers.
    pub packets_forwarded: u64,
    /// Bytes of all datagrams sent.
    pub bytes_forwarded: u64,
    /// Dropped packets by reason, in a fixed order.
    pub packets_dropped: Vec<(DropReason, u64)>,
    /// Packets that subscribers asked for again.
    pub nacks_received: u64,
    /// Packets asked for again at publishers.
    pub nacks_sent: u64,
    /// Keyframe requests sent to publishers.
    pub keyframe_requests: u64,
    /// DTLS handshakes completed.
    pub handshakes_ok: u64,
    /// DTLS handshakes failed or given up.
    pub handshakes_failed: u64,
    /// Audio tracks arriving now.
    pub tracks_audio: u64,
    /// Video tracks arriving now.
    pub tracks_video: u64,
    /// Chunks (up to 16 KiB) left out of taps because the recorder lagged.
    pub tap_chunks_lost: u64,
    /// Events that were merged because the async side was slow.
    pub events_merged: u64,
    /// Per shard: share of the last second spent working, 0.0..=1.0.
    pub busy: Vec<f64>,
    /// Receive-to-send latency of every 1024th packet.
    pub forward_latency: Latency,
}

/// Upper bounds of the latency buckets, µs.
pub const LATENCY_BOUNDS_US: [u64; 12] =
    [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];

/// A histogram with the bounds [`LATENCY_BOUNDS_US`] and one bucket more for everything above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Samples per bucket (not cumulative).
    pub buckets: [u64; LATENCY_BOUNDS_US.len() + 1],
    /// Sum of all samples, µs.
    pub sum_us: u64,
}

impl Latency {
    /// Takes one sample.
    pub fn record(&mut self, us: u64) {
        let bucket = LATENCY_BOUNDS_US.partition_point(|&bound| bound < us);
        if let Some(count) = self.buckets.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
        self.sum_us = self.sum_us.saturating_add(us);
    }

    /// Number of samples.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Adds another shard's samples.
    pub fn add(&mut self, other: &Latency) {
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *mine = mine.saturating_add(theirs);
        }
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_on_a_bound_belongs_below_it() {
        let mut latency = Latency::default();
        for us in [10, 11, 50_000, 50_001] {
            latency.record(us);
        }
        assert_eq!((latency.buckets[0], latency.buckets[1]), (1, 1));
        assert_eq!((latency.buckets[11], latency.buckets[12]), (1, 1));
        assert_eq!((latency.count(), latency.sum_us), (4, 100_022));
    }
}
