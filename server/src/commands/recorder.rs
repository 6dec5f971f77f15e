//! The recorder process, and the look whether it could run.

use std::process::ExitCode;

use crate::exit::Exit;

/// Runs the recorder role, or only looks for what it needs (`lectern recorder --check`).
pub fn run(check: bool) -> Result<ExitCode, Exit> {
    if !check {
        return Ok(::recorder::worker::run());
    }
    ::recorder::check_elements().map_err(|error| Exit::Missing(error.to_string()))?;
    Ok(ExitCode::SUCCESS)
}
