//! A recorder process that is killed, and one that is sent away.

use std::time::Duration;

use protocol::tap::{Order, Report};

use crate::stage::{CAMERA, Stage, VOICE, send, within};
use crate::{media, probe};

#[tokio::test]
async fn n3_a_killed_recorder_loses_four_seconds_at_most() {
    let stage = Stage::new().await;
    let (process, mut tap, segment) = stage.recording().await;
    let mut voice = tap.track(&stage.meeting, segment, "w_ada", VOICE).await;
    let mut camera = tap.track(&stage.meeting, segment, "w_ada", CAMERA).await;
    let name =
        Order::Name { meeting: stage.meeting.clone(), segment, person: "w_ada".into(), name: "Ada".into() };
    tap.order(&name).await;
    let (sounds, pictures) = (media::opus(300), media::vp8(150, 320, 240, 50));
    // In real time, for what is lost is measured in it.
    for second in 0..6 {
        send(&mut voice, &within(&sounds, second), 0, 20).await;
        send(&mut camera, &within(&pictures, second), 0, 40).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    process.kill();
    drop(tap);

    let unfinished = stage.unfinished().await;
    assert_eq!(unfinished.len(), 1);
    let process = stage.recorder(unfinished);
    let (mut tap, ready) = stage.node.accept().await;
    assert_eq!(ready, Report::Ready { recovered: vec![(stage.meeting.clone(), segment)] });
    let Report::Finished { tracks, .. } = stage.finished(&mut tap).await else { unreachable!() };
    assert_eq!(tracks, 2);
    let manifest = stage.manifest().await;
    assert!(manifest.segments[0].recovered);
    for track in &manifest.segments[0].tracks {
        assert_eq!(track.name.as_deref(), Some("Ada"));
        assert!(track.end_ms >= 6_000 - 4_000, "{:?} ends at {} ms", track.source, track.end_ms);
        let file = stage.file(&track.url, track.bytes).await;
        let times = probe::times(&file);
        assert_eq!(*times.last().unwrap(), track.end_ms);
        let (frames, complaints) = probe::decode(&file);
        assert_eq!(complaints, "");
        assert!(frames + 1 >= times.len());
        let begins = |offset: u64| file[offset as usize..].starts_with(&[0x1F, 0x43, 0xB6, 0x75]);
        assert!(track.clusters.iter().all(|&(_, offset)| begins(offset)));
    }
    // The class goes on, in the next segment.
    let next = stage.begin(&mut tap).await;
    assert_eq!(next, segment + 1);
    let mut voice = tap.track(&stage.meeting, next, "w_ada", VOICE).await;
    send(&mut voice, &media::opus(50), 0, 20).await;
    voice.end().await;
    stage.finish(&mut tap, next).await;
    assert_eq!(stage.manifest().await.segments.len(), 2);
    process.dismiss();
}

#[tokio::test]
async fn a_lost_report_is_told_again_and_a_segment_is_never_begun_twice() {
    let stage = Stage::new().await;
    let (process, mut tap, segment) = stage.recording().await;
    let mut voice = tap.track(&stage.meeting, segment, "w_ada", VOICE).await;
    send(&mut voice, &media::opus(50), 0, 20).await;
    voice.end().await;
    tap.finish(&stage.meeting, segment).await;
    let first = tap.outcome().await;
    let key = stage.store.recordings().data_key(&stage.meeting).await.unwrap().to_hex().to_string();
    let begin = Order::Begin {
        tenant: "default".into(),
        meeting: stage.meeting.clone(),
        segment,
        data_key: key.clone(),
        started_unix_ms: 5,
    };
    tap.order(&begin).await;
    assert!(matches!(tap.outcome().await, Report::Failed { disk_full: false, .. }));
    process.dismiss();
    tap.lost().await;

    let open = recorder::OpenSegment { meeting: stage.meeting.clone(), segment, data_key: key };
    let _process = stage.recorder(vec![open]);
    let (mut tap, _) = stage.node.accept().await;
    let again = stage.finished(&mut tap).await;
    let (
        Report::Finished { duration_ms, tracks, .. },
        Report::Finished { duration_ms: ms, tracks: count, .. },
    ) = (&first, &again)
    else {
        panic!("{first:?} {again:?}")
    };
    assert_eq!((duration_ms, tracks), (ms, count));
}

#[tokio::test]
async fn a_recorder_whose_server_goes_leaves_segments_that_can_be_closed() {
    let stage = Stage::new().await;
    let (process, mut tap, segment) = stage.recording().await;
    let mut camera = tap.track(&stage.meeting, segment, "w_ada", CAMERA).await;
    let packets = media::vp8(100, 320, 240, 50);
    send(&mut camera, &packets, 0, 20).await;
    // All of it has arrived when the recorder misses a keyframe of the next.
    tokio::time::sleep(Duration::from_millis(500)).await;
    process.dismiss();
    let _process = stage.recorder(stage.unfinished().await);
    let (mut tap, _) = stage.node.accept().await;
    stage.finished(&mut tap).await;
    let manifest = stage.manifest().await;
    let track = &manifest.segments[0].tracks[0];
    assert_eq!(probe::decode(&stage.file(&track.url, track.bytes).await), (100, String::new()));
}
