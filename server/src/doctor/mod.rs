//! `lectern doctor`: looks for what is missing and says how to mend it.

mod checks;

use crate::exit::Exit;
use crate::settings::Settings;

/// What a check found.
pub enum Finding {
    /// All is well.
    Good(String),
    /// It works, but somebody should look.
    Warning(String),
    /// It does not work: what is wrong, and how to mend it.
    Bad {
        /// What is wrong.
        what: String,
        /// How to mend it.
        mend: &'static str,
    },
}

/// Runs all checks, prints what they found, and fails if one found something that does not work.
#[expect(clippy::print_stdout, reason = "the answer of a command")]
pub async fn run(settings: Settings) -> Result<(), Exit> {
    let mut bad = 0_usize;
    for (name, finding) in checks::all(&settings).await {
        match finding {
            Finding::Good(what) => println!("ok       {name}: {what}"),
            Finding::Warning(what) => println!("warning  {name}: {what}"),
            Finding::Bad { what, mend } => {
                bad = bad.saturating_add(1);
                println!("MISSING  {name}: {what}\n         {mend}");
            }
        }
    }
    if bad == 0 {
        Ok(())
    } else {
        Err(Exit::Unavailable(format!("{bad} of the checks found something to mend")))
    }
}
