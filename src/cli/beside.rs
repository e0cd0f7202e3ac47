//! The `warroom.toml` beside a plan: read whole or refused with every fault.

use std::io;
use std::path::Path;

use super::failure::Failure;
use crate::levers::bound;
use crate::plan::MAX_BYTES;
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
    let shown = path.display();
    let text = match std::fs::metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(about) if !about.is_file() || about.len() > MAX_BYTES as u64 => {
            return Err(Failure::new(format!("{shown}: is no file of settings")));
        }
        _ => std::fs::read_to_string(path),
    };
    text.map(Some).map_err(|e| Failure::new(format!("{shown}: cannot be read: {e}")))
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
