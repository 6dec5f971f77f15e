//! A data folder, a node, and a recorder process of its own.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use protocol::ids::{MeetingId, TenantId};
use protocol::media::Source;
use protocol::tap::{Order, Report, SegmentNumber, TapFrame};
use recorder::links::{LinkKey, sign};
use recorder::manifest::Manifest;
use recorder::{Handover, OpenSegment, Playback};
use store::keys::{DataKey, MasterKey};
use store::meetings::NewMeeting;
use store::recordings::SegmentResult;
use store::tenants::{Tenant, Terms};
use store::{Retention, Store, StoreConfig};
use tempfile::TempDir;

use crate::media::Packet;
use crate::node::{Node, Tap, Track};

/// Set in the environment of a child that is to be a recorder (see [`recorder_process`]).
const CHILD: &str = "LECTERN_TEST_RECORDER";

/// Not a test: the recorder process that the tests start, in this same executable.
#[test]
fn recorder_process() {
    if std::env::var_os(CHILD).is_some() {
        tracing_subscriber::fmt().with_writer(std::io::stderr).init();
        recorder::worker::run();
        std::process::exit(0);
    }
}

pub struct Stage {
    pub folder: TempDir,
    pub store: Store,
    pub node: Node,
    pub meeting: MeetingId,
    pub links: LinkKey,
}

pub struct Process {
    child: Child,
}

impl Process {
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Most memory it ever held, MiB.
    pub fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Ends standard input, as the server's end does, and waits.
    pub fn dismiss(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stage {
    pub async fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap()).await
    }

    pub async fn at(folder: TempDir) -> Self {
        let config = StoreConfig {
            database_url: None,
            data: folder.path().join("data"),
            master_key: MasterKey::Given(DataKey::random().unwrap()),
        };
        let store = Store::open(config).await.unwrap();
        let tenant = TenantId::from("default");
        store
            .tenants()
            .create(&Tenant {
                id: tenant.clone(),
                name: "School".into(),
                retention: Retention::Days(14),
                recording_allowed: true,
                terms: Terms::default(),
                created_ms: 0,
                ended_ms: None,
            })
            .await
            .unwrap();
        let meeting = MeetingId::from("0123abcd-1700000000000");
        let made = NewMeeting {
            id: meeting.clone(),
            tenant,
            external_id: "course-1".into(),
            name: "Fractions".into(),
            record: true,
            metadata: Default::default(),
            created_ms: 1,
        };
        store.meetings().create(&made).await.unwrap();
        Self { folder, store, node: Node::start(), meeting, links: LinkKey::new(&[5; 32]) }
    }

    /// Starts a recorder process for what is unfinished.
    pub fn recorder(&self, unfinished: Vec<OpenSegment>) -> Process {
        let handover =
            Handover { access: self.node.access.clone(), data: self.store.data().to_owned(), unfinished };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "stage::recorder_process", "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = serde_json::to_vec(&handover).unwrap();
        line.push(b'\n');
        child.stdin.as_mut().unwrap().write_all(&line).unwrap();
        Process { child }
    }

    /// A recorder with a segment begun.
    pub async fn recording(&self) -> (Process, Tap, SegmentNumber) {
        let process = self.recorder(Vec::new());
        let (mut tap, first) = self.node.accept().await;
        assert_eq!(first, Report::Ready { recovered: Vec::new() });
        let segment = self.begin(&mut tap).await;
        (process, tap, segment)
    }

    pub async fn begin(&self, tap: &mut Tap) -> SegmentNumber {
        let begun = self.store.recordings().begin_segment(&self.meeting, 1_000).await.unwrap();
        let order = Order::Begin {
            tenant: TenantId::from("default"),
            meeting: self.meeting.clone(),
            segment: begun.number,
            data_key: begun.key.to_hex().to_string(),
            started_unix_ms: 1_000,
        };
        tap.order(&order).await;
        begun.number
    }

    /// Takes the segment's Finished report and makes the recording visible.
    pub async fn finished(&self, tap: &mut Tap) -> Report {
        let report = tap.outcome().await;
        let Report::Finished { segment, duration_ms, bytes, tracks, people, .. } = report else {
            panic!("{report:?}");
        };
        let result = SegmentResult { duration_ms, bytes, tracks, people };
        self.store.recordings().finish_segment(&self.meeting, segment, &result).await.unwrap();
        report
    }

    pub async fn finish(&self, tap: &mut Tap, segment: SegmentNumber) -> Report {
        tap.finish(&self.meeting, segment).await;
        self.finished(tap).await
    }

    pub fn playback(&self) -> axum::Router {
        recorder::playback::router(Playback { store: self.store.clone(), links: self.links.clone() })
    }

    pub fn token(&self) -> String {
        sign(&self.links, &self.meeting, u64::MAX / 2)
    }

    pub async fn manifest(&self) -> Manifest {
        let path = format!("/recordings/{}/manifest.json?t={}", self.meeting, self.token());
        let (status, _, body) = crate::http::get(self.playback(), &path, None).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// A track's file as the player gets it: the manifest's bytes of it.
    pub async fn file(&self, url: &str, bytes: u64) -> Vec<u8> {
        let path = format!("{url}?t={}", self.token());
        let range = format!("bytes=0-{}", bytes - 1);
        let (status, _, body) = crate::http::get(self.playback(), &path, Some(&range)).await;
        assert_eq!(status, 206);
        assert_eq!(body.len() as u64, bytes);
        body
    }

    /// The key of the unfinished segment, as the supervisor hands it over.
    pub async fn unfinished(&self) -> Vec<OpenSegment> {
        let mut open = Vec::new();
        for (meeting, segment) in recorder::unfinished(self.store.objects()).unwrap() {
            let key = self.store.recordings().data_key(&meeting).await.unwrap();
            open.push(OpenSegment { meeting, segment, data_key: key.to_hex().to_string() });
        }
        open
    }
}

/// Sends packets that begin `start_ms` into the segment and travel for `travel_ms`; a sender report a second.
pub async fn send(track: &mut Track, packets: &[Packet], start_ms: u64, travel_ms: u64) {
    let mut reported = None;
    for packet in packets {
        let taken_ms = start_ms + packet.ms;
        let at_us = (taken_ms + travel_ms) * 1000;
        track.rtp(at_us, &packet.bytes).await;
        if reported != Some(taken_ms / 1000) {
            reported = Some(taken_ms / 1000);
            track.frame(report(at_us, taken_ms, packet.timestamp())).await;
        }
    }
}

/// The packets of one second.
pub fn within(packets: &[Packet], second: u64) -> Vec<Packet> {
    packets.iter().filter(|packet| packet.ms / 1000 == second).cloned().collect()
}

fn report(at_us: u64, taken_ms: u64, rtp: u32) -> TapFrame<'static> {
    let ntp = ((3_900_000_000_000_u128 + u128::from(taken_ms)) << 32) / 1000;
    TapFrame::SenderReport { at_us, ntp: ntp as u64, rtp }
}

pub const VOICE: Source = Source::Microphone;
pub const CAMERA: Source = Source::Camera;
