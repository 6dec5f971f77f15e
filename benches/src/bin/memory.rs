//! `scripts/bench memory`: resident memory of the media side per participant, and of an idle node.
//!
//! Listeners show one camera with 12 video slots; publishers send a camera. Measured as growth of the process's
//! resident set, after a second of media so that rings and buffers are in use.

use std::time::Duration;

use benches::loopback::{Class, node};
use benches::stats::Report;

const LISTENERS: u32 = 200;
const PUBLISHERS: u32 = 40;

/// Resident memory of this process, KiB.
fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0)
}

async fn warmed(class: &mut Class) -> Result<(), String> {
    for _ in 0..60 {
        class.send_frame(4, 1200)?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), String> {
    let (sfu, _events) = node()?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let idle = resident_kib();
    let mut first = Class::open(&sfu, 1).await?;
    warmed(&mut first).await?;
    let before = resident_kib();
    let mut class = Class::open(&sfu, LISTENERS).await?;
    warmed(&mut class).await?;
    let listeners = resident_kib();
    let mut rooms = Vec::new();
    for _ in 0..PUBLISHERS {
        let mut room = Class::open(&sfu, 1).await?;
        warmed(&mut room).await?;
        rooms.push(room);
    }
    let publishers = resident_kib();
    let per_listener = (listeners - before) / f64::from(LISTENERS + 1);
    let mut report = Report::new("memory");
    report.number("kib_per_listener", per_listener);
    report.number("kib_per_publisher", (publishers - listeners) / f64::from(PUBLISHERS) - per_listener);
    report.number("mib_idle", idle / 1024.0);
    report.text("scope", "media side only; clients' sockets and keys of this process are in it");
    report.print();
    Ok(())
}
