//! The hidden subcommand that owns a step while it runs. Only the program itself calls it.

use std::path::Path;

use crate::levers::runs;

/// Runs the step of a folder, if it is the one that was confirmed; its exit code otherwise.
pub fn run(folder: &Path, confirmed: &str) -> u8 {
    match runs::supervise(folder, confirmed) {
        Ok(()) => 0,
        Err(refused) => {
            eprintln!("{}", crate::text::clean(&refused.to_string()));
            refused.code()
        }
    }
}
