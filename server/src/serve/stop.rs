//! Signals that stop the server.

use tokio::signal::unix::{SignalKind, signal as on};

/// Waits for SIGTERM or SIGINT.
pub async fn signal() {
    let (terminate, interrupt) = (on(SignalKind::terminate()), on(SignalKind::interrupt()));
    match (terminate, interrupt) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        // Without handlers the signals end the process by themselves.
        _ => std::future::pending().await,
    }
}
