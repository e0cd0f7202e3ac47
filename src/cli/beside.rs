//! The `warroom.toml` beside a plan: read whole or refused with every fault.

use std::path::Path;

use super::failure::Failure;
use crate::levers::{bound, file};
use crate::plan::binding::Binding;
use crate::text::clean;

/// The binding that lies beside a plan; without a file nothing is bound.
///
/// # Errors
/// Every fault of the file, with its lines.
pub fn beside(plan: &Path) -> Result<Binding, Failure> {
    read(&plan.with_file_name(bound::FILE))
}

/// As [`beside`], for whoever can do without: faults are said and nothing of the file counts.
pub fn beside_or_none(plan: &Path) -> Binding {
    beside(plan).unwrap_or_else(|failure| {
        eprintln!("{failure}");
        Binding::default()
    })
}

/// The binding of a file that need not be there.
///
/// # Errors
/// As [`beside`].
pub fn read(path: &Path) -> Result<Binding, Failure> {
    match text(path)? {
        Some(text) => parse(&text, path),
        None => Ok(Binding::default()),
    }
}

/// The text of a file that need not be there.
///
/// # Errors
/// It is no file, is too large, or cannot be read.
pub fn text(path: &Path) -> Result<Option<String>, Failure> {
    file::text(path).map_err(Failure::new)
}

/// The binding of a text.
///
/// # Errors
/// Every fault, with the lines of `path`.
pub fn parse(text: &str, path: &Path) -> Result<Binding, Failure> {
    let shown = clean(&path.display().to_string()).into_owned();
    bound::read(text).map_err(|faults| {
        let lines: Vec<_> = faults.iter().map(|fault| format!("{shown}:{fault}")).collect();
        Failure::new(lines.join("\n")).hint("until it is right nothing of it is used")
    })
}
