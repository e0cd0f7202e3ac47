//! `warroom init`: the `warroom.toml` of a plan, new or brought up to date.
//!
//! The text is made by `plan::draft`; here it is read, compared and written, whole or not at all.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::args::Initing;
use super::failure::Failure;
use super::{beside, file, print, reading};
use crate::levers::{bound, file as on_disk};
use crate::plan::binding::Binding;
use crate::plan::draft::{self, Draft};
use crate::text::clean;

/// Writes the binding and says what is new in it.
///
/// # Errors
/// The plan cannot be read, what stands there already has faults, or it cannot be written.
pub fn run(initing: &Initing) -> Result<(), Failure> {
    let file = file::read(&initing.plan)?;
    let path = initing.output.clone().unwrap_or_else(|| file.path.with_file_name(bound::FILE));
    let before = beside::text(&path)?;
    let old = before.clone().unwrap_or_default();
    let binding =
        beside::parse(&old, &path).map_err(|f| f.hint("put it right first; nothing was changed"))?;
    // Limits that are switched off are still the plan's.
    let corrected = Binding { corrections: binding.corrections.clone(), ..Binding::default() };
    let plan = reading::plan(&file.bytes, &file.stem(), &corrected);
    if let Some(line) = plan.lossy {
        let sentence = format!("{}:{line}: the plan is not valid UTF-8", file.path.display());
        return Err(Failure::read_only(sentence).hint("save it as UTF-8 first"));
    }
    let draft = draft::write(&plan, &old, &binding)
        .map_err(|e| Failure::new(format!("{}: cannot be edited: {e}", path.display())))?;
    if initing.dry_run && !initing.json {
        return print::text(&draft.text);
    }
    let changed = before.as_ref() != Some(&draft.text);
    if changed && !initing.dry_run {
        on_disk::replace(&path, &draft.text)
            .map_err(|e| Failure::read_only(format!("{}: cannot be written: {e}", path.display())))?;
    }
    if initing.json {
        return print::json(&as_json(&path, &draft, changed, changed && !initing.dry_run));
    }
    print::text(&told(initing, &path, &draft, changed))?;
    binding.idle().iter().for_each(|word| eprintln!("note: {}: {}", bound::FILE, clean(word)));
    Ok(())
}

fn as_json(path: &Path, draft: &Draft, changed: bool, written: bool) -> String {
    let value = json!({
        "schema": "warroom.init/1",
        "file": path.display().to_string(),
        "changed": changed,
        "written": written,
        "added": draft.added,
        "gone": draft.gone,
    });
    serde_json::to_string_pretty(&value).expect("plain data")
}

fn told(initing: &Initing, path: &Path, draft: &Draft, changed: bool) -> String {
    let shown = clean(&path.display().to_string()).into_owned();
    if !changed {
        return format!("{shown}: has everything of the plan; nothing changed\n");
    }
    let mut page = format!("wrote {shown}\n");
    for (word, names) in &draft.added {
        let plural = if names.len() == 1 || *word == "people" { "" } else { "s" };
        let _ = writeln!(page, "{:>6} {word}{plural}", names.len());
    }
    for (word, names) in &draft.gone {
        let names = names.iter().map(|n| clean(n).into_owned()).collect::<Vec<_>>().join(", ");
        let _ = writeln!(page, "no longer in the plan: {word} {names}");
    }
    let plan = clean(&initing.plan.display().to_string()).into_owned();
    let _ = writeln!(
        page,
        "Fill in what you know, look with `warroom check {plan}`, then `warroom allow {plan}`."
    );
    page
}
