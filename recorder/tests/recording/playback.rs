//! Who may fetch what, and which bytes.

use protocol::ids::MeetingId;
use recorder::links::sign;

use crate::http::get;
use crate::media;
use crate::stage::{Stage, VOICE, send};

async fn recorded() -> Stage {
    let stage = Stage::new().await;
    let (_process, mut tap, segment) = stage.recording().await;
    let mut voice = tap.track(&stage.meeting, segment, "w_ada", VOICE).await;
    send(&mut voice, &media::opus(1_500), 0, 20).await;
    voice.end().await;
    stage.finish(&mut tap, segment).await;
    stage
}

#[tokio::test]
async fn ranges_give_exactly_their_bytes() {
    let stage = recorded().await;
    let track = stage.manifest().await.segments[0].tracks[0].clone();
    let path = format!("{}?t={}", track.url, stage.token());
    let (status, headers, whole) = get(stage.playback(), &path, None).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "video/webm"));
    assert_eq!((headers["cache-control"].to_str().unwrap(), whole.len() as u64), ("no-store", track.bytes));
    let length = whole.len();
    assert!(length > 70_000, "spans several chunks");
    for (from, to) in
        [(0, 0), (0, 99), (65_530, 65_545), (1, length - 1), (length - 1, length + 50), (40_000, 70_000)]
    {
        let (status, headers, part) = get(stage.playback(), &path, Some(&format!("bytes={from}-{to}"))).await;
        let end = to.min(length - 1);
        assert_eq!((status, &part[..]), (206, &whole[from..=end]));
        assert_eq!(headers["content-range"].to_str().unwrap(), format!("bytes {from}-{end}/{length}"));
    }
    let (status, headers, body) = get(stage.playback(), &path, Some(&format!("bytes={length}-"))).await;
    assert_eq!((status, body.len()), (416, 0));
    assert_eq!(headers["content-range"].to_str().unwrap(), format!("bytes */{length}"));
    for &(_, offset) in &track.clusters {
        assert!(whole[offset as usize..].starts_with(&[0x1F, 0x43, 0xB6, 0x75]));
    }
    assert_eq!(track.clusters[0].1, track.init_bytes);
}

#[tokio::test]
async fn r34_only_a_valid_link_to_a_published_recording_opens_it() {
    let stage = recorded().await;
    let (meeting, token) = (&stage.meeting, stage.token());
    let url = stage.manifest().await.segments[0].tracks[0].url.clone();
    let manifest = format!("/recordings/{meeting}/manifest.json");
    let expired = sign(&stage.links, meeting, 1_000);
    let other = sign(&stage.links, &MeetingId::from("0123abcd-1"), u64::MAX / 2);
    let changed = token.replacen('4', "5", 1);
    for path in [manifest.as_str(), &url] {
        for bad in ["", "?t=", &format!("?t={expired}"), &format!("?t={other}"), &format!("?t={changed}")] {
            let (status, _, body) = get(stage.playback(), &format!("{path}{bad}"), None).await;
            assert_eq!((status, body.as_slice()), (403, br#"{"state":"expired"}"#.as_slice()), "{path}{bad}");
        }
        assert_eq!(get(stage.playback(), &format!("{path}?t={token}"), None).await.0, 200);
    }
    for path in ["1/2.webm", "2/1.webm", "1/journal", "1/1.webm.sealed", "1/..%2F1.webm", "x/1.webm"] {
        let (status, _, _) =
            get(stage.playback(), &format!("/recordings/{meeting}/{path}?t={token}"), None).await;
        assert!((400..500).contains(&status), "{path}: {status}");
    }

    let recordings = stage.store.recordings();
    recordings.set_published(meeting, false).await.unwrap();
    for path in [manifest.as_str(), &url] {
        let (status, _, body) = get(stage.playback(), &format!("{path}?t={token}"), None).await;
        assert_eq!((status, body.as_slice()), (404, br#"{"state":"unpublished"}"#.as_slice()));
    }
    recordings.set_published(meeting, true).await.unwrap();
    stage.store.erasures().request_recording(&"default".into(), meeting, 5_000).await.unwrap();
    for path in [manifest.as_str(), &url] {
        let (status, _, body) = get(stage.playback(), &format!("{path}?t={token}"), None).await;
        assert_eq!((status, body.as_slice()), (410, br#"{"state":"erased"}"#.as_slice()));
    }
    let unknown = MeetingId::from("ffff-1");
    let path =
        format!("/recordings/{unknown}/manifest.json?t={}", sign(&stage.links, &unknown, u64::MAX / 2));
    assert_eq!(get(stage.playback(), &path, None).await.0, 404);
}
