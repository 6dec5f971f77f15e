//! A long class: nothing grows with its length but the files.

use std::time::{Duration, Instant};

use protocol::tap::Report;

use crate::media::{self, Packet};
use crate::probe;
use crate::stage::{CAMERA, Stage, VOICE, send, within};

const SECONDS: u64 = 3600;

/// The packets of the given ten seconds, as the `turn`-th ten seconds of a stream.
fn turned(packets: &[Packet], turn: u64, rate: u64) -> Vec<Packet> {
    let count = u16::try_from(packets.len()).unwrap();
    let turned = packets.iter().enumerate().map(|(n, packet)| {
        let mut packet = packet.clone();
        packet.set_sequence(count.wrapping_mul(turn as u16).wrapping_add(n as u16));
        packet.set_timestamp(packet.timestamp().wrapping_add((turn * 10 * rate) as u32));
        packet.ms += turn * 10_000;
        packet
    });
    turned.collect()
}

#[tokio::test]
async fn n3_an_hour_can_be_watched_seconds_after_its_end() {
    let stage = Stage::new().await;
    let (process, mut tap, segment) = stage.recording().await;
    let mut voice = tap.track(&stage.meeting, segment, "w_ada", VOICE).await;
    let mut camera = tap.track(&stage.meeting, segment, "w_ada", CAMERA).await;
    let sounds: Vec<_> = (0..10).flat_map(|second| within(&media::opus(500), second)).collect();
    let pictures = media::vp8(250, 320, 240, 125);
    for turn in 0..SECONDS / 10 {
        send(&mut voice, &turned(&sounds, turn, 48_000), 0, 20).await;
        send(&mut camera, &turned(&pictures, turn, 90_000), 0, 40).await;
    }
    voice.end().await;
    camera.end().await;
    let ended = Instant::now();
    let report = stage.finish(&mut tap, segment).await;
    let ready = ended.elapsed();
    let Report::Finished { duration_ms, bytes, .. } = report else { unreachable!() };
    println!("ready after {ready:?}, {} MB, peak {} MiB", bytes / 1_000_000, process.peak_mib());
    assert!(ready < Duration::from_secs(10), "{ready:?}");
    assert!((3_599_000..3_700_000).contains(&duration_ms), "{duration_ms}");
    assert!(process.peak_mib() < 200, "{} MiB", process.peak_mib());
    let manifest = stage.manifest().await;
    for track in &manifest.segments[0].tracks {
        let per_second = if track.source == VOICE { 50 } else { 25 };
        let times = probe::times(&stage.file(&track.url, track.bytes).await);
        assert!(times.len() as u64 >= SECONDS * per_second - 5, "{:?}: {}", track.source, times.len());
        // In step still, after the RTP clocks have wrapped.
        assert!(track.end_ms.abs_diff(SECONDS * 1000) < 100, "{:?} ends at {}", track.source, track.end_ms);
        assert!(track.clusters.len() as u64 >= SECONDS / 10);
    }
}
