//! The recorder process, and the look whether it could run.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use crate::exit::Exit;

/// Runs the recorder role, or only looks for what it needs (`lectern recorder --check`).
pub fn run(check: bool) -> Result<ExitCode, Exit> {
    if !check {
        outlive_signals();
        return Ok(::recorder::worker::run());
    }
    ::recorder::check_elements().map_err(|error| Exit::Missing(error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}

/// A terminal and systemd tell all processes of a server to stop at once, but segments are finished first: this one
/// goes when its server does, which it sees at the end of its standard input.
fn outlive_signals() {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime?.block_on(async {
            let (mut terminate, mut interrupt) =
                (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            #[expect(unreachable_code, reason = "names the error's type")]
            std::io::Result::Ok(())
        })
    });
}
