//! `warroom check`: the whole reading with lines, what is wrong, and what stayed prose.

use std::fmt::Write as _;
use std::path::Path;

use super::failure::Failure;
use super::{beside, file};
use crate::plan::{self, Level, Plan, Procedure};
use crate::signal::healthy;
use crate::text::clean;

/// Reads a plan and prints the reading; the exit code comes back: 1 where the plan has errors.
///
/// # Errors
/// Where the file cannot be read.
pub fn run(path: &Path, json: bool) -> Result<(String, u8), Failure> {
    let file = file::read(path)?;
    let binding = beside::beside_or_none(&file.path);
    let plan = plan::read_with(&file.bytes, &file.stem(), &binding);
    let errors = plan.problems.iter().any(|p| p.level == Level::Error);
    let text = if json {
        serde_json::to_string_pretty(&plan).expect("a reading is plain data") + "\n"
    } else {
        told(&plan, &path.display().to_string(), &plan::lines(&file.bytes))
    };
    Ok((text, u8::from(errors)))
}

/// The reading for a person.
fn told(plan: &Plan, path: &str, lines: &[String]) -> String {
    let mut page = Page::default();
    page.line(&format!("{}", clean(&plan.title)));
    page.line(&format!("{}  {}", clean(path), plan.digest.get(..19).unwrap_or(&plan.digest)));
    page.line(&plan::summary(plan).to_string());
    phases(&mut page, plan);
    limits(&mut page, plan);
    levers(&mut page, plan);
    people(&mut page, plan);
    rest(&mut page, plan);
    problems(&mut page, plan, path, lines);
    page.text
}

/// Lines under headings; a heading without lines is not printed.
#[derive(Default)]
struct Page {
    text: String,
    heading: Option<String>,
}

impl Page {
    fn head(&mut self, heading: impl Into<String>) {
        self.heading = Some(heading.into());
    }

    fn line(&mut self, words: &str) {
        if let Some(heading) = self.heading.take() {
            let _ = writeln!(self.text, "\n{heading}");
        }
        let _ = writeln!(self.text, "{}", words.trim_end());
    }

    /// A line of the plan with what was read there.
    fn at(&mut self, line: usize, words: &str) {
        self.line(&format!("{line:>6}  {}", clean(words)));
    }
}

fn phases(page: &mut Page, plan: &Plan) {
    page.head("CHECKLISTS  line, items, owner");
    let groups = plan::groups(plan);
    for group in &groups {
        let window = plan.phases.iter().find(|p| p.line == group.line && p.name == group.title);
        let window =
            window.and_then(|p| p.window.as_ref()).map(|w| format!("  ({})", w.text)).unwrap_or_default();
        let indent = "  ".repeat(usize::from(group.depth));
        page.at(group.line, &format!("{:>4}  {indent}{}{window}", group.items.len(), group.title));
    }
    let sum: usize = groups.iter().map(|g| g.items.len()).sum();
    page.line(&format!("        {sum:>4}  in all; the plan has {}", plan.items.len()));
    page.head("ITEMS");
    for item in &plan.items {
        let kind = format!("{:?}", item.kind).to_lowercase();
        let sign = if item.checked { "x" } else { " " };
        page.at(item.line, &format!("{}  [{sign}] {kind:<9} {}", item.id, item.text));
    }
}

fn limits(page: &mut Page, plan: &Plan) {
    page.head("LIMITS  healthy side; none is bound to a source");
    for t in &plan.thresholds {
        let side = healthy(t).unwrap_or_else(|| t.cmp.as_str().to_owned());
        let hold = t.hold.map(|s| format!(" for {s} s")).unwrap_or_default();
        let role = format!("{:?}", t.role).to_lowercase();
        let class = t.severity.as_deref().unwrap_or("");
        page.at(t.line, &format!("{role:<8} {class:<6} {}: {side}{hold}", t.metric));
    }
    page.head("TRIGGERS without a number");
    for t in &plan.triggers {
        page.at(t.line, &format!("{:<6} {}", t.severity.as_deref().unwrap_or(""), t.text));
    }
    page.head("ENDPOINTS");
    for e in &plan.endpoints {
        page.at(e.line, &format!("{} {}  {}", e.method, e.path, e.description.as_deref().unwrap_or("")));
    }
    page.head("LOG LINES to watch for");
    plan.log_watches.iter().for_each(|w| page.at(w.line, &w.pattern));
}

fn levers(page: &mut Page, plan: &Plan) {
    page.head("FLAGS  by hand: no provider is bound");
    for f in &plan.flags {
        page.at(f.line, &format!("{} = {}", f.name, f.value.as_deref().unwrap_or("not said")));
        for s in &f.stages {
            page.at(s.line, &format!("  {} in {}", s.value, s.phase));
        }
    }
    page.head("RAMPS");
    for rung in plan.ramps.iter().flat_map(|r| &r.rungs) {
        let value = rung.value.map(|v| v.to_string()).unwrap_or_default();
        page.at(rung.line, &format!("{value}{} {}", rung.unit, rung.when.as_deref().unwrap_or("")));
    }
    page.head("PROCEDURES");
    plan.procedures.iter().for_each(|p| procedure(page, p));
    page.head("ROLLBACK POINTS");
    for p in &plan.rollback_points {
        page.at(p.line, &format!("{}: {}: {}", p.name, p.condition, p.action));
    }
}

fn procedure(page: &mut Page, procedure: &Procedure) {
    let kind = format!("{:?}", procedure.kind).to_lowercase();
    page.at(procedure.line, &format!("{kind:<10} {}", procedure.title));
    let commands = |page: &mut Page, commands: &[plan::Command]| {
        for command in commands {
            for (n, line) in (command.line..).zip(crate::text::clean_lines(&command.text)) {
                page.at(n, &format!("      $ {line}"));
            }
            if !command.placeholders.is_empty() {
                page.at(command.line, &format!("        to fill in: {}", command.placeholders.join(", ")));
            }
        }
    };
    for (n, step) in procedure.steps.iter().enumerate() {
        page.at(step.line, &format!("    {}. {}", n + 1, step.text));
        commands(page, &step.commands);
    }
    commands(page, &procedure.commands);
}

fn people(page: &mut Page, plan: &Plan) {
    page.head("SIGN-OFFS");
    plan.signoffs.iter().for_each(|s| page.at(s.line, &format!("{} ({} items)", s.role, s.items.len())));
    page.head("CONTACTS");
    for c in &plan.contacts {
        page.at(c.line, &format!("{}  {}", c.role, c.detail.as_deref().unwrap_or("")));
    }
    page.head("MESSAGES");
    for m in &plan.messages {
        page.at(m.line, &format!("{}: {}  {}", m.when, m.text, m.audience.as_deref().unwrap_or("")));
    }
    page.head("TEMPLATES");
    plan.templates.iter().for_each(|t| page.at(t.line, &format!("{} ({} blanks)", t.title, t.fields.len())));
    page.head("CHANNELS");
    plan.channels.iter().for_each(|c| page.at(c.line, &format!("{}  {}", c.name, c.purpose)));
}

fn rest(page: &mut Page, plan: &Plan) {
    page.head("SEVERITIES");
    plan.severities.iter().for_each(|s| page.at(s.line, &format!("{} {}", s.level, s.name)));
    page.head("INCIDENT STAGES");
    plan.stages.iter().for_each(|s| page.at(s.line, &s.name));
    page.head("SCENARIOS");
    plan.scenarios.iter().for_each(|s| page.at(s.line, &s.title));
    page.head("RISKS");
    for r in &plan.risks {
        page.at(r.line, &format!("{:<7} {}", r.level.as_deref().unwrap_or(""), r.title));
    }
    page.head("AFTER THE LAUNCH");
    for f in &plan.followups {
        page.at(f.line, &format!("{}  {}", f.when.as_deref().unwrap_or(""), f.text));
    }
}

fn problems(page: &mut Page, plan: &Plan, path: &str, lines: &[String]) {
    page.head("KEPT AS PROSE");
    for [first, last] in &plan.unread {
        page.line(&if first == last { format!("{first:>6}") } else { format!("{first:>6}-{last}") });
    }
    page.head("PROBLEMS");
    for p in &plan.problems {
        let level = format!("{:?}", p.level).to_lowercase();
        let place = if p.line == 0 { path.to_owned() } else { format!("{path}:{}", p.line) };
        page.line(&format!("{}: {level}: {}", clean(&place), clean(&p.message)));
        quote(page, p.line, lines);
        other_line(&p.message).into_iter().for_each(|line| quote(page, line, lines));
        if let Some(hint) = &p.hint {
            page.line(&format!("        {}", clean(hint)));
        }
    }
}

/// A line of the plan as it is written, cut where it is long.
fn quote(page: &mut Page, line: usize, lines: &[String]) {
    const WIDTH: usize = 96;
    let text = line.checked_sub(1).and_then(|i| lines.get(i)).map_or("", |text| text.trim_end());
    if !text.is_empty() {
        let cut: String = text.chars().take(WIDTH).collect();
        let more = if cut.len() < text.len() { "…" } else { "" };
        page.line(&format!("{line:>7} | {}{more}", clean(&cut)));
    }
}

/// The second line that a problem speaks of: 12 of "… on line 12".
fn other_line(message: &str) -> Option<usize> {
    let (_, rest) = message.rsplit_once(" on line ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contradiction_shows_both_lines() {
        let text = b"# P\n## Alerts\n- P1: Error rate > 5%\n- P1: Error rate > 7%\n";
        let page = told(&plan::read(text, "p"), "p.md", &plan::lines(text));
        let said = page.split("PROBLEMS").nth(1).unwrap_or("");
        assert!(said.contains("p.md:4: warning:"), "{said}");
        let first = said.find("3 | - P1: Error rate > 5%");
        let second = said.find("4 | - P1: Error rate > 7%");
        assert!(first.is_some() && second < first, "{said}");
    }
}
