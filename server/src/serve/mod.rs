//! `lectern serve`: opens what is needed, in the order in which it can be refused, runs, and stops in good order.

mod address;
mod keep;
mod links;
mod listen;
pub mod opened;
mod parts;
mod stop;
mod web;

use std::process::Stdio;

use crate::exit::Exit;
use crate::media_ip;
use crate::settings::Settings;
pub use keep::free_bytes;
use parts::Parts;

/// Runs the server until it is told to stop (SIGTERM or SIGINT).
pub async fn run(settings: Settings) -> Result<(), Exit> {
    let listeners = listen::open(&settings).await?;
    let store = opened::store(&settings).await?;
    let _lock = opened::lock(&store)?;
    recorder_can_run().await?;
    let secret = opened::prepare(&store, &settings).await?;
    let parts = Parts::start(&settings, store, listeners.tls.as_ref()).await?;
    let servers = web::Servers::start(listeners, &parts)?;
    greet(&settings, secret.as_deref());
    stop::signal().await;
    tracing::info!("stopping: people are told and segments are finished");
    parts.stop(servers).await;
    Ok(())
}

/// Asks a short-lived process: GStreamer's libraries stay out of the server.
async fn recorder_can_run() -> Result<(), Exit> {
    let executable = executable()?;
    let check = tokio::process::Command::new(executable)
        .args(["recorder", "--check"])
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| Exit::Missing(format!("the recorder cannot be started: {error}")))?;
    if check.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&check.stderr);
    let line = said.lines().last().unwrap_or("the recorder ended without a word");
    Err(Exit::Missing(line.trim_start_matches("lectern: ").to_owned()))
}

/// This program's own file.
fn executable() -> Result<std::path::PathBuf, Exit> {
    std::env::current_exe()
        .map_err(|error| Exit::Missing(format!("the program's own file cannot be found: {error}")))
}

/// What an operator wants to see, on standard output.
#[expect(clippy::print_stdout, reason = "the first words of the server, not a log")]
fn greet(settings: &Settings, secret: Option<&str>) {
    let url = &settings.public_url;
    if let Some(secret) = secret {
        println!("The secret for your LMS, shown this once: {secret}");
    }
    println!("Lectern is running: {url}");
    println!("LMS address:        {url}/bigbluebutton/");
    let ips: Vec<_> = media_ip::announced(settings).iter().map(ToString::to_string).collect();
    let tcp = settings.tcp.map(|tcp| format!(" and TCP port {}", tcp.port())).unwrap_or_default();
    println!("Media:              UDP port {}{tcp} of {}", settings.udp.port(), ips.join(", "));
    println!("Metrics and health: http://{}", settings.admin);
    if settings.demo {
        println!("Start a demo class: {url}/demo");
    }
}
