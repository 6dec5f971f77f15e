//! A disk that is full.

use std::path::{Path, PathBuf};
use std::process::Command;

use protocol::tap::Report;

use crate::stage::{CAMERA, Stage, VOICE, send};
use crate::{media, probe};

/// A file system of a fixed size.
struct Small(PathBuf);

impl Small {
    /// `None` where mounting is not allowed.
    fn mount(folder: &Path, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(folder.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_stops_the_recording_and_keeps_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_small) = Small::mount(&folder.path().join("data/objects"), 384) else {
        eprintln!("skipped: needs the right to mount");
        return;
    };
    let stage = Stage::at(folder).await;
    let (_process, mut tap, segment) = stage.recording().await;
    let mut voice = tap.track(&stage.meeting, segment, "w_ada", VOICE).await;
    let mut camera = tap.track(&stage.meeting, segment, "w_ada", CAMERA).await;
    send(&mut voice, &media::opus(100), 0, 20).await;
    voice.end().await;
    // Noise: about 100 kB a second.
    let packets = media::noise(250);
    for packet in &packets {
        if camera.try_rtp((packet.ms + 20) * 1000, &packet.bytes).await.is_err() {
            break;
        }
    }
    let report = tap.outcome().await;
    assert!(matches!(report, Report::Failed { disk_full: true, .. }), "{report:?}");
    stage.finished(&mut tap).await;
    let manifest = stage.manifest().await;
    let sources: Vec<_> = manifest.segments[0].tracks.iter().map(|track| track.source).collect();
    assert_eq!(sources, [VOICE, CAMERA]);
    for track in &manifest.segments[0].tracks {
        let (frames, complaints) = probe::decode(&stage.file(&track.url, track.bytes).await);
        assert!(frames > 10, "{frames}");
        assert_eq!(complaints, "");
    }
}
