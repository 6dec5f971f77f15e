//! Metrics of the media node, from its snapshot.

use sfu_node::{Counters, LATENCY_BOUNDS_US};

use super::exposition::Exposition;

const SECOND_US: f64 = 1e6;

/// Writes all of them.
pub fn write(text: &mut Exposition, counters: &Counters) {
    text.counter("lectern_packets_received_total", "RTP packets received", counters.packets_received);
    text.counter(
        "lectern_packets_forwarded_total",
        "RTP packets sent to subscribers",
        counters.packets_forwarded,
    );
    text.counter("lectern_bytes_received_total", "Bytes of datagrams received", counters.bytes_received);
    text.counter("lectern_bytes_forwarded_total", "Bytes of datagrams sent", counters.bytes_forwarded);
    let dropped = counters.packets_dropped.iter().map(|(reason, count)| (*reason, *count));
    text.counters("lectern_packets_dropped_total", "Packets dropped", "reason", dropped);
    let nacks = [("received", counters.nacks_received), ("sent", counters.nacks_sent)];
    text.counters("lectern_nacks_total", "Packets asked for again", "direction", nacks);
    text.counter("lectern_keyframe_requests_total", "Keyframes asked for", counters.keyframe_requests);
    let handshakes = [("ok", counters.handshakes_ok), ("failed", counters.handshakes_failed)];
    text.counters("lectern_handshakes_total", "DTLS handshakes", "result", handshakes);
    let tracks = [("audio", counters.tracks_audio), ("video", counters.tracks_video)];
    let tracks = tracks.map(|(kind, count)| (kind.to_owned(), count as f64));
    text.gauges("lectern_tracks", "Tracks arriving now", "kind", tracks);
    let busy = counters.busy.iter().enumerate().map(|(shard, ratio)| (shard.to_string(), *ratio));
    text.gauges("lectern_shard_busy_ratio", "Share of the last second spent working", "shard", busy);
    let latency = &counters.forward_latency;
    let bounds = LATENCY_BOUNDS_US
        .iter()
        .zip(latency.buckets)
        .map(|(bound, count)| (*bound as f64 / SECOND_US, count));
    let above = latency.buckets.last().copied().unwrap_or_default();
    text.histogram(
        "lectern_forward_seconds",
        "Time from receiving to sending, sampled",
        &bounds.collect::<Vec<_>>(),
        above,
        latency.sum_us as f64 / SECOND_US,
    );
}
