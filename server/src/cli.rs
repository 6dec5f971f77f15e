//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

/// A self-hosted conferencing server for schools and academies.
#[derive(Parser)]
#[command(name = "lectern", version, arg_required_else_help = true)]
pub struct Cli {
    /// Settings file; without it `lectern.toml` in the current folder is read if it is there.
    #[arg(long, global = true, env = "LECTERN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Subcommand)]
pub enum Command {
    /// Run the server.
    Serve,
    /// Look for what is missing, and say how to mend it.
    Doctor,
    /// What is kept, and for how long.
    #[command(subcommand)]
    Retention(Retention),
    /// Receipts of what was erased.
    #[command(subcommand)]
    Receipts(Receipts),
    /// Customers of this server.
    #[command(subcommand)]
    Tenant(Tenant),
    /// The recorder process, started by the server.
    #[command(hide = true)]
    Recorder {
        /// Only look whether everything it needs is there.
        #[arg(long)]
        check: bool,
    },
}

/// Commands about retention.
#[derive(Subcommand)]
pub enum Retention {
    /// Erase what is due, once.
    Run {
        /// As if it were this time, such as 2027-01-31T12:00:00Z.
        #[arg(long, value_name = "RFC3339")]
        at: Option<Timestamp>,
        /// Only say what is due.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Commands about receipts.
#[derive(Subcommand)]
pub enum Receipts {
    /// Check the chain of receipts; needs no server.
    Verify {
        /// The chain, if not the one in the data folder.
        file: Option<PathBuf>,
    },
}

/// Commands about tenants.
#[derive(Subcommand)]
pub enum Tenant {
    /// Add a customer; prints its secret once.
    Add(NewTenant),
    /// List all customers.
    List,
    /// Show one customer.
    Show {
        /// Its id.
        id: String,
    },
    /// Give a customer a new secret; the old one stays valid until the next change.
    Rotate {
        /// Its id.
        id: String,
    },
    /// Erase all of a customer's data for good.
    Erase {
        /// Its id.
        id: String,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
}

/// A customer to add.
#[derive(Args)]
pub struct NewTenant {
    /// Its id: lower-case letters, digits and dashes.
    pub id: String,
    /// Its name; the id if not given.
    #[arg(long)]
    pub name: Option<String>,
    /// How long recordings are kept: 7d, 14d, another number of days, or on-request.
    #[arg(long, default_value = "14d")]
    pub retention: store::Retention,
    /// Nothing of it is ever recorded.
    #[arg(long)]
    pub no_recording: bool,
}
