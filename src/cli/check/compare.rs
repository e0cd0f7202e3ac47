//! `warroom check --diff OLD NEW`: what an edit changes in meaning.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::super::failure::Failure;
use super::super::{file, print, reading};
use super::look::Look;
use crate::levers::allow::ExecutableSet;
use crate::plan::Plan;
use crate::plan::binding::Binding;
use crate::plan::diff::{Change, How, Part, Said, diff};
use crate::text::{clean, clean_lines, exact, pad};

/// Prints the differences; 0 where nothing changes in meaning, 1 where something does.
///
/// # Errors
/// A file that cannot be read.
pub fn run(old: &Path, new: &Path, as_json: bool) -> Result<u8, Failure> {
    let (before, after) = (read(old)?, read(new)?);
    let changes = diff(&before, &after);
    let allow = set(&before) != set(&after);
    let names = (old.display().to_string(), new.display().to_string());
    match as_json {
        true => print::json(&in_json(&names, &changes, allow))?,
        false => print::text(&told(&names, &changes, allow, &Look::of_stdout()))?,
    }
    Ok(u8::from(!changes.is_empty() || allow))
}

fn read(path: &Path) -> Result<Plan, Failure> {
    let file = file::read(path)?;
    Ok(reading::plan(&file.bytes, &file.stem(), &Binding::default()))
}

/// The digest of what a plan by itself lets reach outside.
fn set(plan: &Plan) -> String {
    ExecutableSet::of(plan, &Binding::default()).digest()
}

fn in_json((old, new): &(String, String), changes: &[Change], allow: bool) -> String {
    let same = changes.is_empty() && !allow;
    let value = json!({
        "schema": "warroom.diff/1", "old": old, "new": new, "same": same, "needs_allow": allow, "changes": changes,
    });
    serde_json::to_string_pretty(&value).expect("plain data")
}

fn told((old, new): &(String, String), changes: &[Change], allow: bool, look: &Look) -> String {
    let mut page = format!("{} -> {}\n", clean(old), clean(new));
    if changes.is_empty() && !allow {
        page += "nothing changes in meaning\n";
        return page;
    }
    for kind in changes.chunk_by(|a, b| heading(a.part) == heading(b.part)) {
        let _ = writeln!(page, "\n{}", look.bold(heading(kind[0].part)));
        kind.iter().for_each(|c| one(&mut page, c));
    }
    let count = if changes.len() == 1 { "1 change".to_owned() } else { format!("{} changes", changes.len()) };
    let _ = writeln!(page, "\n{}", look.bold(&format!("{count} in meaning")));
    if allow {
        page += "! what can reach outside is another: it needs a new `warroom allow`\n";
    }
    page
}

fn heading(part: Part) -> &'static str {
    match part {
        Part::Title => "TITLE",
        Part::Phase => "PHASES",
        Part::Item => "CHECKLISTS",
        Part::Limit => "LIMITS",
        Part::Trigger => "TRIGGERS",
        Part::Flag => "FLAGS",
        Part::Ramp => "RAMPS",
        Part::Procedure | Part::Step => "PROCEDURES",
        Part::Command => "COMMANDS",
        Part::Host => "HOSTS",
        Part::RollbackPoint => "ROLLBACK POINTS",
        Part::Endpoint => "ENDPOINTS",
        Part::Log => "LOG LINES",
        Part::SignOff => "SIGN-OFFS",
        Part::Contact => "CONTACTS",
        Part::Message => "MESSAGES",
        Part::Template => "TEMPLATES",
        Part::Channel => "CHANNELS",
        Part::Severity => "SEVERITIES",
        Part::Escalation => "ESCALATIONS",
        Part::Stage => "INCIDENT STAGES",
        Part::Scenario => "SCENARIOS",
        Part::Risk => "RISKS",
        Part::FollowUp => "AFTER THE LAUNCH",
    }
}

fn one(page: &mut String, change: &Change) {
    let line = change.after.as_ref().or(change.before.as_ref()).map_or(0, |s| s.line);
    let mark = if change.executable { '!' } else { ' ' };
    let place = if change.place.is_empty() { String::new() } else { format!("  ({})", change.place) };
    let sign = match change.how {
        How::Added => '+',
        How::Removed => '-',
        How::Ticked => 'x',
        _ => '~',
    };
    let what = what(change);
    let at = if change.how == How::Removed { format!("(was {line})") } else { line.to_string() };
    let _ = writeln!(page, "{mark}{} {sign} {}{}", pad(&format!("{at:>7}"), 11), clean(&what), clean(&place));
    if is_long(change) {
        side(page, '-', change.before.as_ref(), change.executable);
        side(page, '+', change.after.as_ref(), change.executable);
    }
}

/// Whether both texts are shown below, line by line.
fn is_long(change: &Change) -> bool {
    const LINE: usize = 70;
    let text = |said: &Option<Said>| said.as_ref().map_or(String::new(), |s| s.text.clone());
    let both = text(&change.before) + &text(&change.after);
    let bytes = change.part == Part::Command && (change.aspect.is_empty() || change.aspect == "order");
    bytes || both.contains('\n') || change.how == How::Reworded && both.chars().count() > LINE
}

fn what(change: &Change) -> String {
    let text = |said: &Option<Said>| said.as_ref().map_or("none", |s| s.text.as_str()).to_owned();
    let (before, after) = (text(&change.before), text(&change.after));
    match (change.how, change.aspect.as_str()) {
        (How::Moved, "order") if is_long(change) => format!("{}: the order is another", change.name),
        (How::Moved, "order") => format!("{}: now {after}", change.name),
        (_, "") if is_long(change) => change.name.clone(),
        (How::Added | How::Removed, _) => change.name.clone(),
        (How::Reworded, _) => format!("{before} → {after}"),
        (How::Moved, _) => format!("{}: moved from {before} to {after}", change.name),
        (How::Ticked, _) => format!("{}: ticked in the file", change.name),
        (How::Unticked, _) => format!("{}: open again in the file", change.name),
        (How::Changed, aspect) if is_long(change) => format!("{}: {aspect}", change.name),
        (How::Changed, "limit" | "value" | "steps") => format!("{}: {before} → {after}", change.name),
        (How::Changed, aspect) => format!("{}: {aspect}: {before} → {after}", change.name),
    }
}

/// What one plan says: of what can reach outside the exact form, in which no two texts look alike.
fn side(page: &mut String, sign: char, said: Option<&Said>, is_exact: bool) {
    let lines = |s: &Said| if is_exact { exact(&s.text) } else { clean_lines(&s.text) };
    for line in said.iter().flat_map(|s| lines(s)) {
        let _ = writeln!(page, "                {sign} {line}");
    }
}
