//! Losses, other sizes and other streams.

use protocol::tap::{Report, TapFrame};

use crate::stage::{CAMERA, Stage, send};
use crate::{media, probe};

#[tokio::test]
async fn after_a_loss_a_keyframe_is_asked_for_and_what_is_stored_decodes() {
    let stage = Stage::new().await;
    let (_process, mut tap, segment) = stage.recording().await;
    let mut camera = tap.track(&stage.meeting, segment, "w_ada", CAMERA).await;
    let packets = media::vp8(200, 320, 240, 50);
    // One packet in the second group of pictures never arrives; later the recorder lagged.
    let lost = packets.iter().position(|packet| packet.ms >= 2_400).unwrap();
    let gap = packets.iter().position(|packet| packet.ms >= 5_000).unwrap();
    send(&mut camera, &packets[..lost], 0, 20).await;
    send(&mut camera, &packets[lost + 1..gap], 0, 20).await;
    camera.frame(TapFrame::Gap { at_us: 5_000_000 }).await;
    send(&mut camera, &packets[gap..], 0, 20).await;
    camera.end().await;
    assert_eq!(tap.report().await, Report::WantKeyframe { track: 1 });
    stage.finish(&mut tap, segment).await;
    let manifest = stage.manifest().await;
    let track = &manifest.segments[0].tracks[0];
    let file = stage.file(&track.url, track.bytes).await;
    let times = probe::times(&file);
    let (frames, complaints) = probe::decode(&file);
    assert_eq!((frames, complaints.as_str()), (times.len(), ""));
    let missing = |from, to| times.iter().all(|time| !(from..to).contains(time));
    assert!(missing(2_430, 4_010), "nothing between the loss and the next keyframe: {times:?}");
    assert!(missing(5_010, 6_010), "nothing between the gap and the next keyframe: {times:?}");
    assert!(times.len() > 125, "{} frames", times.len());
}

#[tokio::test]
async fn pictures_that_join_in_the_middle_wait_for_a_keyframe() {
    let stage = Stage::new().await;
    let (_process, mut tap, segment) = stage.recording().await;
    let mut camera = tap.track(&stage.meeting, segment, "w_ada", CAMERA).await;
    let packets = media::vp8(100, 320, 240, 50);
    let middle = packets.iter().position(|packet| packet.ms >= 600).unwrap();
    send(&mut camera, &packets[middle..], 0, 20).await;
    camera.end().await;
    assert_eq!(tap.report().await, Report::WantKeyframe { track: 1 });
    stage.finish(&mut tap, segment).await;
    let manifest = stage.manifest().await;
    let track = &manifest.segments[0].tracks[0];
    assert!((track.start_ms as i64 - 2_020).abs() <= 20, "{}", track.start_ms);
    assert_eq!(probe::decode(&stage.file(&track.url, track.bytes).await), (50, String::new()));
}

#[tokio::test]
async fn another_layer_or_another_stream_goes_on_in_the_same_file() {
    let stage = Stage::new().await;
    let (_process, mut tap, segment) = stage.recording().await;
    let mut camera = tap.track(&stage.meeting, segment, "w_ada", CAMERA).await;
    let small = media::vp8(50, 320, 240, 50);
    send(&mut camera, &small, 0, 20).await;
    // A larger layer, aligned by the node.
    let last = small.last().unwrap();
    let mut large = media::vp8(50, 640, 480, 50);
    let (first, zero) = (large[0].sequence(), large[0].timestamp());
    for packet in &mut large {
        packet.set_sequence(
            packet.sequence().wrapping_sub(first).wrapping_add(last.sequence()).wrapping_add(1),
        );
        let ticks = packet.timestamp().wrapping_sub(zero).wrapping_add(3_600);
        packet.set_timestamp(last.timestamp().wrapping_add(ticks));
    }
    send(&mut camera, &large, 2_000, 20).await;
    // The publisher opens its camera anew: all numbers are others.
    let mut anew = media::vp8(50, 320, 240, 50);
    for packet in &mut anew {
        packet.bytes[8..12].copy_from_slice(&[9, 9, 9, 9]);
        packet.set_timestamp(packet.timestamp().wrapping_add(1_000_000_000));
        packet.set_sequence(packet.sequence().wrapping_add(30_000));
    }
    send(&mut camera, &anew, 4_000, 20).await;
    camera.end().await;
    stage.finish(&mut tap, segment).await;
    let manifest = stage.manifest().await;
    let track = &manifest.segments[0].tracks[0];
    let file = stage.file(&track.url, track.bytes).await;
    let times = probe::times(&file);
    let (frames, complaints) = probe::decode(&file);
    assert_eq!((frames, times.len()), (150, 150), "{complaints}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] <= 80), "no jump: {times:?}");
    assert!((*times.last().unwrap() as i64 - 5_980).abs() <= 40);
}
