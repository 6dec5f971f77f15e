//! How the program ends: one clear line and an exit code (sysexits.h).

use std::process::ExitCode;

/// Why the program ends early.
#[derive(Debug, thiserror::Error)]
pub enum Exit {
    /// A setting or an argument is wrong. Code 64 (`EX_USAGE`).
    #[error("{0}")]
    Usage(String),
    /// Something that is needed cannot be had: a port is taken, the database does not answer. Code 69
    /// (`EX_UNAVAILABLE`).
    #[error("{0}")]
    Unavailable(String),
    /// Something that the recorder needs is not installed. Code 72 (`EX_OSFILE`).
    #[error("{0}")]
    Missing(String),
    /// The data folder cannot be written. Code 73 (`EX_CANTCREAT`).
    #[error("{0}")]
    CannotCreate(String),
    /// What was asked for is not so: receipts are broken, a tenant does not exist. Code 1.
    #[error("{0}")]
    Failed(String),
}

impl Exit {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Exit::Usage(_) => 64,
            Exit::Unavailable(_) => 69,
            Exit::Missing(_) => 72,
            Exit::CannotCreate(_) => 73,
            Exit::Failed(_) => 1,
        }
    }

    /// Says why on standard error and gives the code.
    pub fn report(&self) -> ExitCode {
        eprintln!("lectern: {self}");
        ExitCode::from(self.code())
    }
}
