//! The program `lectern`: reads its settings, wires the parts together, and offers its commands.
//!
//! In the order of a start: [`cli`] and [`settings`] are read, [`serve`] opens what is needed and runs until it is
//! told to stop, [`admin`] shows how it is. The other commands are in [`commands`] and [`doctor`].

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

mod admin;
mod cli;
mod clock;
mod commands;
mod doctor;
mod exit;
mod media_ip;
mod secret;
mod serve;
mod settings;

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command};
use exit::Exit;
use settings::Settings;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            error.print().ok();
            return if asked { ExitCode::SUCCESS } else { ExitCode::from(Exit::Usage(String::new()).code()) };
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(exit) => exit.report(),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Exit> {
    log();
    if let Command::Recorder { check } = cli.command {
        return commands::recorder::run(check);
    }
    let settings =
        || Settings::of_process(cli.config.as_deref()).map_err(|error| Exit::Usage(error.to_string()));
    let done = |()| ExitCode::SUCCESS;
    match cli.command {
        Command::Serve => on_runtime(serve::run(settings()?)).map(done),
        Command::Doctor => on_runtime(doctor::run(settings()?)).map(done),
        Command::Retention(command) => on_runtime(commands::retention::run(settings()?, command)).map(done),
        Command::Receipts(cli::Receipts::Verify { file: Some(file) }) => {
            commands::receipts::verify(&file).map(done)
        }
        Command::Receipts(cli::Receipts::Verify { file: None }) => {
            let data = settings()?.data;
            commands::receipts::verify(&data.join(Path::new(commands::receipts::CHAIN))).map(done)
        }
        Command::Tenant(command) => on_runtime(commands::tenant::run(settings()?, command)).map(done),
        Command::Recorder { check } => commands::recorder::run(check),
    }
}

fn on_runtime<T>(work: impl Future<Output = Result<T, Exit>>) -> Result<T, Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime
        .map_err(|error| Exit::Unavailable(format!("the asynchronous runtime cannot start: {error}")))?
        .block_on(work)
}

/// Log lines go to standard error; `LECTERN_LOG` chooses them, as `RUST_LOG` elsewhere. Without it warnings of the DTLS
/// library are left out: it warns of every extension of a browser's ClientHello that it does not know.
fn log() {
    let filter =
        EnvFilter::try_from_env("LECTERN_LOG").unwrap_or_else(|_| EnvFilter::new("info,rtc_dtls=error"));
    let colours = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_ansi(colours);
    lines.with_writer(std::io::stderr).init();
}
