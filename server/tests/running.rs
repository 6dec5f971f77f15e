//! The running server: metrics, health, first start, commands beside it, and its end.

mod common;

use common::{Ports, Running, lectern, run, text};

/// Every name of the contract.
const NAMES: &str = "lectern_meetings_active lectern_participants lectern_joins_total lectern_reconnects_total \
    lectern_tracks lectern_packets_received_total lectern_packets_forwarded_total lectern_packets_dropped_total \
    lectern_bytes_received_total lectern_bytes_forwarded_total lectern_forward_seconds lectern_shard_busy_ratio \
    lectern_nacks_total lectern_keyframe_requests_total lectern_handshakes_total lectern_talk_seconds_total \
    lectern_chat_messages_total lectern_hands_raised_total lectern_polls_total lectern_recording_segments_total \
    lectern_recording_seconds_total lectern_recordings_stored lectern_recordings_bytes lectern_retention_due_items \
    lectern_retention_overdue_items lectern_retention_oldest_due_seconds lectern_erasures_total lectern_requests_open";

/// Label values that may appear: none of a person, a meeting or an address (R43).
const LABELS: [&str; 9] =
    ["role", "kind", "result", "reason", "shard", "direction", "le", "quantile", "state"];

async fn fetch(url: String) -> (u16, String) {
    let answer = reqwest::get(url).await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}

#[tokio::test]
async fn r43_all_metrics_are_there_from_the_start_and_name_nobody() {
    let data = tempfile::tempdir().expect("a folder");
    let ports = Ports::free();
    let server = Running::start(lectern(&["serve"], &ports, data.path()), ports).await;
    let (status, metrics) = fetch(format!("http://{}/metrics", server.ports.admin)).await;
    assert_eq!(status, 200);
    for name in NAMES.split_whitespace() {
        let there = metrics.lines().any(|line| line.starts_with(&format!("# TYPE {name} ")));
        let valued = metrics.lines().any(|line| line.starts_with(name));
        assert!(there && valued, "{name} is missing in\n{metrics}");
    }
    let labels = metrics.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
        let inside =
            line.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(inside, _)| inside);
        inside
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
    });
    for label in labels {
        assert!(LABELS.contains(&label.as_str()), "{label} is no label of operations");
    }
    let (status, _) = fetch(format!("http://{}/metrics", server.ports.http)).await;
    assert_eq!(status, 404, "never on the public address");
    assert_eq!(fetch(format!("http://{}/healthz", server.ports.admin)).await, (200, "ok\n".to_owned()));
}

#[tokio::test]
async fn a_secret_is_made_once_shown_once_and_the_server_stops_when_told() {
    let data = tempfile::tempdir().expect("a folder");
    let mut shown = Vec::new();
    for _ in 0..2 {
        let ports = Ports::free();
        let mut command = lectern(&["serve"], &ports, data.path());
        command.env("LECTERN_DEMO", "on");
        let url = format!("http://{}", ports.http);
        let (code, said) = Running::start(command, ports).await.stop();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&url) && said.contains(&format!("{url}/demo")), "{said}");
        let secret =
            said.lines().find_map(|line| line.strip_prefix("The secret for your LMS, shown this once: "));
        shown.extend(secret.map(str::to_owned));
    }
    assert_eq!(shown.len(), 1);
    assert!(shown[0].len() >= 64);
}

#[tokio::test]
async fn a_tenant_added_beside_a_running_server_can_call_it() {
    let data = tempfile::tempdir().expect("a folder");
    let ports = Ports::free();
    let server = Running::start(lectern(&["serve"], &ports, data.path()), ports).await;
    let added = run(&["tenant", "add", "academy", "--retention", "7d"], &server.ports, data.path());
    assert!(added.status.success(), "{}", text(&added.stderr));
    let secret = text(&added.stdout).lines().last().unwrap_or_default().to_owned();
    assert!(secret.len() >= 64);
    let sum = service::lms::checksum::sign("getMeetings", "", &secret);
    let url = format!("http://{}/bigbluebutton/api/getMeetings?checksum={sum}", server.ports.http);
    let start = std::time::Instant::now();
    while !fetch(url.clone()).await.1.contains("noMeetings") {
        assert!(start.elapsed().as_secs() < 10, "the tenant stays unknown");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let list = text(&run(&["tenant", "list"], &server.ports, data.path()).stdout);
    assert!(list.contains("academy\t7d") && list.contains("default\t14d"), "{list}");
    let shown = text(&run(&["tenant", "show", "academy"], &server.ports, data.path()).stdout);
    assert!(shown.contains("recordings  0") && !shown.contains(&secret), "{shown}");
    assert_eq!(run(&["tenant", "show", "nobody"], &server.ports, data.path()).status.code(), Some(1));
    let rotated = run(&["tenant", "rotate", "academy"], &server.ports, data.path());
    assert!(rotated.status.success());
    assert!(fetch(url).await.1.contains("noMeetings"), "the secret before stays valid");
    assert_eq!(run(&["tenant", "erase", "academy"], &server.ports, data.path()).status.code(), Some(64));
}

#[tokio::test]
async fn r52_r71_a_tenant_is_erased_with_a_receipt_that_verifies() {
    let data = tempfile::tempdir().expect("a folder");
    let ports = Ports::free();
    assert!(run(&["tenant", "add", "academy"], &ports, data.path()).status.success());
    let erased = run(&["tenant", "erase", "academy", "--yes"], &ports, data.path());
    assert!(erased.status.success(), "{}", text(&erased.stderr));
    assert!(!text(&run(&["tenant", "list"], &ports, data.path()).stdout).contains("academy"));
    let verified = run(&["receipts", "verify"], &ports, data.path());
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    let chain = data.path().join("receipts/chain.jsonl");
    let broken = std::fs::read_to_string(&chain).expect("a chain").replacen("academy", "academx", 1);
    std::fs::write(&chain, broken).expect("written");
    assert_eq!(run(&["receipts", "verify"], &ports, data.path()).status.code(), Some(1));
}

#[test]
fn retention_runs_as_of_another_time_and_the_doctor_speaks() {
    let data = tempfile::tempdir().expect("a folder");
    let ports = Ports::free();
    let dry = run(&["retention", "run", "--at", "2031-01-01T00:00:00Z", "--dry-run"], &ports, data.path());
    assert!(dry.status.success(), "{}", text(&dry.stderr));
    assert!(!dry.stdout.is_empty());
    assert_eq!(run(&["retention", "run", "--at", "tomorrow"], &ports, data.path()).status.code(), Some(64));
    let doctor = run(&["doctor"], &ports, data.path());
    let said = text(&doctor.stdout);
    assert!(doctor.status.success(), "{said}");
    for check in ["web port", "media port", "certificate", "clock", "disk", "database", "recorder"] {
        assert!(said.contains(check), "{check} in\n{said}");
    }
}
