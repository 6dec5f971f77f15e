//! Server side: keeps one recorder process running, and survives everything that it does.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use store::Store;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::handover::{Handover, OpenSegment, TapAccess};
use crate::layout::unfinished;

/// A process that lived this long is not a failure in a row.
const STEADY: Duration = Duration::from_secs(60);
/// Time that the process gets to close its files when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// How to start the recorder process.
pub struct Supervisor {
    /// The program: normally the server's own executable.
    pub executable: PathBuf,
    /// Its arguments: normally `["recorder"]`. No secret belongs here.
    pub arguments: Vec<OsString>,
    /// How the process reaches the SFU node; handed over by standard input.
    pub access: TapAccess,
    /// Objects to be closed after a crash, and their keys.
    pub store: Store,
}

impl Supervisor {
    /// Keeps the process running until `stop`; then lets it close its files, and ends it.
    pub async fn run(self, stop: CancellationToken) {
        let mut failures = 0_u32;
        while !stop.is_cancelled() {
            let started = Instant::now();
            match self.start().await {
                Ok(child) => self.watch(child, &stop).await,
                Err(error) => tracing::error!(%error, "cannot start the recorder process"),
            }
            failures = if started.elapsed() >= STEADY { 1 } else { failures.saturating_add(1) };
            let wait = back_off(failures);
            tokio::select! {
                () = sleep(wait) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn start(&self) -> io::Result<Child> {
        let handover = Handover {
            access: self.access.clone(),
            data: self.store.data().to_owned(),
            unfinished: self.unfinished().await,
        };
        let line = handover.to_line()?;
        let mut child = Command::new(&self.executable)
            .args(&self.arguments)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| may_inherit(name)))
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(stdin) = child.stdin.as_mut() {
            stdin.write_all(&line).await?;
        }
        Ok(child)
    }

    /// Segments without a manifest, and those whose end the database never learnt of. One whose key is gone stays as
    /// it is: retention removes it.
    async fn unfinished(&self) -> Vec<OpenSegment> {
        let mut found = unfinished(self.store.objects())
            .inspect_err(|error| tracing::error!(%error, "unfinished segments cannot be listed"))
            .unwrap_or_default();
        found.extend(self.store.recordings().unfinished_segments().await.unwrap_or_default());
        found.sort_unstable();
        found.dedup();
        let mut open = Vec::new();
        for (meeting, segment) in found {
            if let Ok(key) = self.store.recordings().data_key(&meeting).await {
                open.push(OpenSegment { meeting, segment, data_key: key.to_hex().to_string() });
            }
        }
        open
    }

    /// Standard input stays open as long as the server lives: its end tells the process to go.
    async fn watch(&self, mut child: Child, stop: &CancellationToken) {
        let stdin = child.stdin.take();
        tokio::select! {
            status = child.wait() => log_end(status),
            () = stop.cancelled() => {
                drop(stdin);
                if timeout(FAREWELL, child.wait()).await.is_err() {
                    tracing::warn!("the recorder process did not end by itself");
                    let _ = child.kill().await;
                }
            }
        }
    }
}

/// Wait before the next start, after so many failures in a row.
fn back_off(failures: u32) -> Duration {
    Duration::from_secs(match failures {
        0 | 1 => 1,
        2 => 2,
        3 => 5,
        _ => 10,
    })
}

/// What the process may know of the environment: where programs and plugins are, how to log. It runs C code, so it
/// must never hold the master key, the LMS secret or the database's address.
fn may_inherit(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    matches!(
        &*name,
        "PATH" | "HOME" | "LANG" | "TMPDIR" | "LD_LIBRARY_PATH" | "LECTERN_LOG" | "RUST_BACKTRACE"
    ) || ["GST_", "XDG_", "LC_"].iter().any(|prefix| name.starts_with(prefix))
}

fn log_end(status: io::Result<ExitStatus>) {
    match status {
        Ok(status) => tracing::warn!(%status, "the recorder process ended; starting it again"),
        Err(error) => tracing::error!(%error, "the recorder process cannot be watched"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_inherited() {
        for secret in [
            "LECTERN_MASTER_KEY",
            "CREDENTIALS_DIRECTORY",
            "LECTERN_DATABASE",
            "LECTERN_LMS_SECRET",
            "LECTERN_DATA",
        ] {
            assert!(!may_inherit(OsStr::new(secret)), "{secret}");
        }
        assert!(may_inherit(OsStr::new("GST_PLUGIN_PATH")));
    }
}
