//! `lectern retention run`.

use ::retention::Keeper;
use prometheus::Registry;

use crate::cli::Retention;
use crate::clock;
use crate::exit::Exit;
use crate::serve::opened;
use crate::settings::Settings;

/// Sweeps once and prints what is due and what was erased. Fails when an erasure did.
#[expect(clippy::print_stdout, reason = "the answer of a command")]
pub async fn run(settings: Settings, command: Retention) -> Result<(), Exit> {
    let Retention::Run { at, dry_run } = command;
    let store = opened::store(&settings).await?;
    let broken = |error: ::retention::SweepError| Exit::Unavailable(format!("the sweep cannot run: {error}"));
    let keeper = Keeper::new(store.clone(), &Registry::new()).map_err(broken)?;
    let now_ms = at.map_or_else(clock::now_ms, |at| at.as_millisecond());
    let report = keeper.sweep(now_ms, dry_run).await.map_err(broken)?;
    print!("{report}");
    store.close().await;
    if report.failed.is_empty() {
        Ok(())
    } else {
        Err(Exit::Failed("not everything that is due could be erased".to_owned()))
    }
}
