//! Where a figure was measured. Figures of different machines or commits are not compared without saying so.

use std::process::Command;

use serde_json::{Value, json};

/// The commit of the tree, `-dirty` if it was changed; `unknown` outside a repository.
pub fn commit() -> String {
    let output = Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=12"]).output();
    match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}

/// Processor, cores and kernel.
pub fn describe() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    json!({
        "cpu": model.trim_start_matches([' ', '\t', ':']),
        "cores": cores,
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
    })
}
