//! What is on the disk is sealed.

use std::path::Path;

use protocol::server::{ChatMessage, Event};
use protocol::tap::Order;

use crate::media;
use crate::stage::{CAMERA, Stage, VOICE, send};

#[tokio::test]
async fn n1_no_plaintext_of_a_recording_is_in_any_file() {
    const CANARY: &str = "canary-4711-in-the-clear";
    let stage = Stage::new().await;
    let (_process, mut tap, segment) = stage.recording().await;
    let (meeting, person) = (stage.meeting.clone(), protocol::ids::PersonId::from("w_ada"));
    let mut voice = tap.track(&meeting, segment, "w_ada", VOICE).await;
    let mut camera = tap.track(&meeting, segment, "w_ada", CAMERA).await;
    // The canary rides in the media itself, in a name and in the chat.
    let mut sounds = media::opus(200);
    for packet in &mut sounds[20..] {
        packet.bytes.extend_from_slice(CANARY.as_bytes());
    }
    send(&mut voice, &sounds, 0, 20).await;
    send(&mut camera, &media::vp8(100, 320, 240, 50), 0, 20).await;
    let name = Order::Name { meeting: meeting.clone(), segment, person: person.clone(), name: CANARY.into() };
    tap.order(&name).await;
    let message =
        ChatMessage { id: 1, from: person, name: CANARY.into(), to: None, text: CANARY.into(), at_ms: 5 };
    tap.order(&Order::Note { meeting: meeting.clone(), segment, at_ms: 5, event: Event::Chat { message } })
        .await;
    // While it is recorded, and afterwards.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(holding(stage.folder.path(), CANARY), Vec::<String>::new());
    voice.end().await;
    camera.end().await;
    stage.finish(&mut tap, segment).await;
    for needle in [CANARY, "V_VP8", "A_OPUS", "OpusHead"] {
        assert_eq!(holding(stage.folder.path(), needle), Vec::<String>::new(), "{needle}");
    }
    // It is there for whoever has the key.
    let manifest = stage.manifest().await;
    let voice = manifest.segments[0].tracks.iter().find(|track| track.source == VOICE).unwrap();
    let file = stage.file(&voice.url, voice.bytes).await;
    assert!(file.windows(CANARY.len()).any(|bytes| bytes == CANARY.as_bytes()));
    assert_eq!((voice.name.as_deref(), manifest.segments[0].notes.len()), (Some(CANARY), 1));
}

fn holding(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, needle));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let holds = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            found.extend(holds.then(|| path.display().to_string()));
        }
    }
    found
}
