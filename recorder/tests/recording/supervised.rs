//! The server's side: the process is kept alive, and goes with the server.

use std::time::Duration;

use protocol::tap::Report;
use recorder::Supervisor;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::stage::Stage;

#[tokio::test]
async fn a_recorder_that_ends_is_started_again_and_goes_with_the_server() {
    let stage = Stage::new().await;
    // `env` gives the child what makes it a recorder.
    let executable = std::path::PathBuf::from("/usr/bin/env");
    let own = std::env::current_exe().unwrap();
    let arguments = vec![
        "LECTERN_TEST_RECORDER=1".into(),
        own.into_os_string(),
        "--exact".into(),
        "stage::recorder_process".into(),
        "--nocapture".into(),
    ];
    let supervisor =
        Supervisor { executable, arguments, access: stage.node.access.clone(), store: stage.store.clone() };
    let stop = CancellationToken::new();
    let running = tokio::spawn(supervisor.run(stop.clone()));
    let (mut tap, ready) = stage.node.accept().await;
    assert_eq!(ready, Report::Ready { recovered: Vec::new() });
    let segment = stage.begin(&mut tap).await;
    while recorder::unfinished(stage.store.objects()).unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A connection that ends lets the process end.
    drop(tap);
    let (mut tap, ready) = stage.node.accept().await;
    assert_eq!(ready, Report::Ready { recovered: vec![(stage.meeting.clone(), segment)] });
    assert!(matches!(tap.outcome().await, Report::Finished { tracks: 0, .. }));
    stop.cancel();
    timeout(Duration::from_secs(8), running).await.expect("the supervisor stops").unwrap();
    tap.lost().await;
}
