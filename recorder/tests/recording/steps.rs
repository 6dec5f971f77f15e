//! Voices and pictures of a segment are in step, whenever they start and however long they are silent.

use std::time::Duration;

use protocol::tap::Report;

use crate::stage::{CAMERA, Stage, VOICE, send, within};
use crate::{media, probe};

#[tokio::test]
async fn r33_voice_and_picture_are_in_step() {
    let stage = Stage::new().await;
    let (_process, mut tap, segment) = stage.recording().await;
    let meeting = stage.meeting.clone();
    tap.order(&protocol::tap::Order::Name {
        meeting: meeting.clone(),
        segment,
        person: "w_ada".into(),
        name: "Ada".into(),
    })
    .await;
    let mut voice = tap.track(&meeting, segment, "w_ada", VOICE).await;
    let mut camera = tap.track(&meeting, segment, "w_ada", CAMERA).await;
    // The picture is taken with the sound but travels 80 ms longer.
    let (sounds, pictures) = (media::opus(500), media::vp8(250, 320, 240, 50));
    for second in 0..=10 {
        send(&mut voice, &within(&sounds, second), 0, 30).await;
        // Streams are not ordered among each other; the first sounds are to be heard first.
        tokio::time::sleep(Duration::from_millis(if second == 0 { 300 } else { 10 })).await;
        send(&mut camera, &within(&pictures, second), 0, 110).await;
    }
    voice.end().await;
    camera.end().await;
    let Report::Finished { tracks, people, duration_ms, bytes, .. } = stage.finish(&mut tap, segment).await
    else {
        unreachable!()
    };
    assert_eq!((tracks, people), (2, 1));
    assert!((9_900..11_000).contains(&duration_ms), "{duration_ms}");
    assert!(bytes > 10_000);

    let manifest = stage.manifest().await;
    assert_eq!((manifest.name.as_deref(), manifest.segments.len()), (Some("Fractions"), 1));
    let mut starts = Vec::new();
    for track in &manifest.segments[0].tracks {
        assert_eq!(track.name.as_deref(), Some("Ada"));
        let file = stage.file(&track.url, track.bytes).await;
        let times = probe::times(&file);
        let (frames, complaints) = probe::decode(&file);
        let (codec, wanted) = if track.source == CAMERA { ("vp8", 250) } else { ("opus", sounds.len()) };
        assert_eq!(
            (probe::codecs(&file), times.len(), complaints.as_str()),
            (vec![codec.to_owned()], wanted, "")
        );
        assert!(frames >= wanted - 1, "{frames} decoded");
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "times must rise");
        assert_eq!((times[0], *times.last().unwrap()), (track.start_ms, track.end_ms));
        starts.push((track.source, times));
    }
    let of = |source| &starts.iter().find(|(found, _)| *found == source).unwrap().1;
    // What was taken 8 s after the begin: sound packet 400, picture 200.
    let (sound, picture) = (of(VOICE)[400] as i64, of(CAMERA)[200] as i64);
    assert!((sound - picture).abs() <= 40, "{sound} and {picture} ms");
    assert!((sound - 8_030).abs() <= 40, "{sound} ms");
    let camera = manifest.segments[0].tracks.iter().find(|track| track.source == CAMERA).unwrap();
    assert_eq!((camera.width, camera.height), (Some(320), Some(240)));
    assert!(camera.clusters.len() >= 5, "every keyframe can be entered: {:?}", camera.clusters);
}

#[tokio::test]
async fn late_starts_and_silences_keep_their_place() {
    let stage = Stage::new().await;
    let (_process, mut tap, segment) = stage.recording().await;
    let mut voice = tap.track(&stage.meeting, segment, "w_ada", VOICE).await;
    // Comes at 7 s, speaks for 2 s, is mute for 3 minutes, speaks again.
    let packets = media::opus(200);
    send(&mut voice, &packets[..100], 7_000, 20).await;
    let mut later = packets[100..].to_vec();
    for packet in &mut later {
        packet.ms += 180_000;
        packet.set_timestamp(packet.timestamp().wrapping_add(180 * 48_000));
    }
    send(&mut voice, &later, 7_000, 20).await;
    voice.end().await;
    stage.finish(&mut tap, segment).await;
    let manifest = stage.manifest().await;
    let track = &manifest.segments[0].tracks[0];
    let times = probe::times(&stage.file(&track.url, track.bytes).await);
    assert_eq!(times.len(), packets.len());
    assert!((times[0] as i64 - 7_020).abs() <= 20, "{}", times[0]);
    assert!((times[100] as i64 - 189_020).abs() <= 20, "{}", times[100]);
    assert!((track.end_ms as i64 - 191_000).abs() <= 40, "{}", track.end_ms);
}

#[tokio::test]
async fn a_track_may_come_before_its_segment_and_an_empty_one_leaves_nothing() {
    let stage = Stage::new().await;
    let process = stage.recorder(Vec::new());
    let (mut tap, _) = stage.node.accept().await;
    let mut voice = tap.track(&stage.meeting, 1, "w_ada", VOICE).await;
    let silent = tap.track(&stage.meeting, 1, "w_bob", CAMERA).await;
    send(&mut voice, &media::opus(50), 0, 20).await;
    assert_eq!(stage.begin(&mut tap).await, 1);
    voice.end().await;
    silent.end().await;
    stage.finish(&mut tap, 1).await;
    let manifest = stage.manifest().await;
    assert_eq!(manifest.segments[0].tracks.len(), 1);
    assert_eq!(
        stage.store.objects().files(&stage.meeting, 1).unwrap(),
        ["1.webm", "journal", "manifest.json"]
    );
    process.dismiss();
}
