//! What is kept going beside the rooms: the recorder process and the retention worker.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use recorder::{Supervisor, TapAccess};
use retention::Keeper;
use sfu_node::Sfu;
use store::Store;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::exit::Exit;

/// Time between two sweeps.
const SWEEP: Duration = Duration::from_secs(3600);

/// Keeps the recorder process running until `stop`.
pub fn recorder(sfu: &Sfu, store: &Store, stop: CancellationToken) -> Result<JoinHandle<()>, Exit> {
    let access = sfu.recorder_access().ok_or_else(|| Exit::Unavailable("media offers no tap".to_owned()))?;
    let supervisor = Supervisor {
        executable: super::executable()?,
        arguments: vec![OsString::from("recorder")],
        access: TapAccess {
            address: access.address,
            server_name: access.server_name,
            ca_pem: access.ca_pem,
            cert_pem: access.cert_pem,
            key_pem: access.key_pem,
        },
        store: store.clone(),
    };
    Ok(tokio::spawn(supervisor.run(stop)))
}

/// Sweeps at the start, every hour, and whenever an erasure is asked for, until `stop`.
pub async fn sweep(keeper: Keeper, store: Store, stop: CancellationToken) {
    loop {
        match keeper.sweep(clock::now_ms(), false).await {
            Ok(report) if report.erased.is_empty() && report.failed.is_empty() => {}
            Ok(report) => {
                tracing::info!(erased = report.erased.len(), failed = report.failed.len(), "retention sweep")
            }
            Err(error) => tracing::error!(%error, "the retention sweep could not run"),
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            () = store.erasure_requested() => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Bytes free for us on the disk of a folder.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    rustix::fs::statvfs(folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}
