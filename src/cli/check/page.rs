//! The reading for a person: every part with its line and what it is bound to, then what stayed prose.

use std::fmt::Write as _;

use super::bound::{Bound, unlimited};
use super::look::Look;
use crate::plan::diff::lasting;
use crate::plan::{self, Command, ItemKind, Owner, Phase, PhaseId, Plan, Procedure, Role, Threshold};
use crate::signal::{healthy, number};
use crate::text::{clean, pad, truncate, wrap};

/// The reading of the plan that the reader calls `name`.
pub fn told(plan: &Plan, name: &str, lines: &[&str], bound: &Bound, look: Look) -> String {
    let mut page = Page { text: String::new(), heading: None, look };
    page.line(&look.bold(&clean(&plan.title)));
    page.line(&format!("{}  {}", clean(name), plan.digest.get(..19).unwrap_or(&plan.digest)));
    page.line(&plan::summary(plan).to_string());
    page.line(&binding(plan, bound));
    checklists(&mut page, plan);
    measured(&mut page, plan, bound);
    watched(&mut page, plan, bound);
    flags(&mut page, plan, bound);
    procedures(&mut page, plan);
    people(&mut page, plan);
    incidents(&mut page, plan);
    rest(&mut page, plan);
    facts(&mut page, plan);
    prose(&mut page, plan, lines);
    page.text
}

/// Lines under headings; a heading without lines is not printed.
struct Page {
    text: String,
    heading: Option<String>,
    look: Look,
}

impl Page {
    /// A heading, with what is to be known of what stands below it.
    fn head(&mut self, heading: &str, about: &str) {
        let about = if about.is_empty() { String::new() } else { format!("  {about}") };
        self.heading = Some(format!("{}{about}", self.look.bold(heading)));
    }

    fn line(&mut self, words: &str) {
        if let Some(heading) = self.heading.take() {
            let _ = writeln!(self.text, "\n{heading}");
        }
        let _ = writeln!(self.text, "{}", words.trim_end());
    }

    /// A line of the plan with what was read there; what is too long goes on below itself.
    fn at(&mut self, line: usize, words: &str) {
        self.under(line, "", words);
    }

    /// As [`Page::at`], with a sign before the words that they keep clear of.
    fn under(&mut self, line: usize, sign: &str, words: &str) {
        let words = clean(words);
        let indent = 8 + crate::text::width(sign);
        let broken = match self.look.columns {
            Some(columns) => wrap(&words, columns.saturating_sub(indent).max(20)),
            None => vec![words.into_owned()],
        };
        for (n, part) in broken.iter().enumerate() {
            let begin = if n == 0 { format!("{line:>6}  {sign}") } else { " ".repeat(indent) };
            self.line(&format!("{begin}{part}"));
        }
    }

    /// What a part is bound to stands behind it, apart from the part itself.
    fn bound(&mut self, line: usize, words: &str, by: Option<&str>, some: bool) {
        match by {
            Some(by) => self.at(line, &format!("{}  <- {by}", pad(words, 44))),
            None if some => self.at(line, &format!("{}  by hand", pad(words, 44))),
            None => self.at(line, words),
        }
    }
}

/// What the binding is, in a line.
fn binding(plan: &Plan, bound: &Bound) -> String {
    let Some(path) = &bound.path else {
        return "no warroom.toml beside it: values are typed and flags switched by hand".to_owned();
    };
    let name = clean(&path.display().to_string()).into_owned();
    if bound.is_broken() {
        return format!("{name} has errors: nothing of it is used");
    }
    let ties = bound.ties(plan);
    let share = |part: &str, many: &str| {
        let all = ties.iter().filter(|t| t.part == part);
        let some = all.clone().filter(|t| t.by.is_some()).count();
        (all.clone().count() > 0).then(|| format!("{some} of {} {many}", all.count()))
    };
    let shares = [share("limit", "limits"), share("flag", "flags"), share("endpoint", "endpoints")];
    let shares: Vec<String> = shares.into_iter().flatten().collect();
    format!("{name} binds {}", if shares.is_empty() { "nothing".to_owned() } else { shares.join(", ") })
}

/// "all by hand", "all bound", "3 of 12 bound".
fn bound_of(some: usize, all: usize) -> String {
    match (some, all) {
        (0, _) => "all by hand".to_owned(),
        (some, all) if some == all => "all bound".to_owned(),
        (some, all) => format!("{some} of {all} bound"),
    }
}

fn lower(kind: impl std::fmt::Debug) -> String {
    format!("{kind:?}").to_lowercase()
}

fn checklists(page: &mut Page, plan: &Plan) {
    page.head("CHECKLISTS", "[ ] task   - bullet without a box   = criterion of the gate");
    let groups = plan::groups(plan);
    for group in &groups {
        let phase = match &group.owner {
            Owner::Phase(id) => plan.phase(id),
            _ => None,
        };
        let about = phase.map(phase_words).unwrap_or_default();
        let indent = "  ".repeat(usize::from(group.depth));
        let title = clean(&group.title).into_owned();
        if group.depth == 0 && !group.items.is_empty() && page.heading.is_none() {
            page.line("");
        }
        let (count, title) = (counted(group.items.len(), "item"), page.look.bold(&title));
        page.line(&format!("{:>6}  {indent}{title}{about}  {count}", group.line));
        for item in group.items.iter().map(|i| &plan.items[*i]) {
            let sign = match (item.kind, item.checked) {
                (_, true) => "[x]",
                (ItemKind::Task | ItemKind::Table, false) => "[ ]",
                (ItemKind::Action, false) => " - ",
                (ItemKind::Criterion, false) => " = ",
            };
            page.under(item.line, &format!("  {indent}{sign} "), &item.text);
        }
    }
    let sum: usize = groups.iter().map(|g| g.items.len()).sum();
    page.line(&format!("        {sum} in all; the plan has {}", plan.items.len()));
}

/// "(Day 1, 10% of users)".
fn phase_words(phase: &Phase) -> String {
    let window = phase.window.as_ref().map(|w| w.text.clone());
    let share = phase.share.as_ref().map(|s| format!("{}{}{}", s.value, gap(&s.unit), s.unit));
    let words: Vec<String> = window.into_iter().chain(share).collect();
    if words.is_empty() { String::new() } else { clean(&format!("  ({})", words.join(", "))).into_owned() }
}

fn gap(unit: &str) -> &'static str {
    if unit.starts_with(char::is_alphanumeric) { " " } else { "" }
}

fn counted(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

fn measured(page: &mut Page, plan: &Plan, bound: &Bound) {
    let by: Vec<Option<String>> = plan.thresholds.iter().map(|t| bound.metric(&t.metric)).collect();
    let some = by.iter().flatten().count();
    page.head("LIMITS", &format!("the healthy side; {}", bound_of(some, by.len())));
    for (limit, by) in plan.thresholds.iter().zip(&by) {
        page.bound(limit.line, &limit_words(limit), by.as_deref(), some > 0);
    }
    let unlimited = unlimited(plan);
    let by: Vec<Option<String>> = unlimited.iter().map(|m| bound.metric(&m.name)).collect();
    let some = by.iter().flatten().count();
    page.head("METRICS without a limit", &bound_of(some, by.len()));
    for (metric, by) in unlimited.iter().zip(&by) {
        page.bound(metric.line, &metric.name, by.as_deref(), some > 0);
    }
    page.head("TRIGGERS without a number", "somebody says that it happened");
    for t in &plan.triggers {
        page.at(
            t.line,
            &format!("{:<8}  {:<6}  {}", role(t.role), t.severity.as_deref().unwrap_or(""), t.text),
        );
    }
}

fn role(role: Role) -> String {
    lower(role)
}

/// "alert     P1      Error rate ≤ 5 % for 5 min".
fn limit_words(limit: &Threshold) -> String {
    let side = healthy(limit).unwrap_or_else(|| match limit.value {
        Some(value) => {
            let unit = limit.unit.as_deref().unwrap_or("");
            format!("limit {}{}{unit}, side not said", number(value), gap(unit))
        }
        None => crate::signal::lasting(limit).to_owned(),
    });
    let hold = limit.hold.map(|s| format!(" for {}", lasting(s))).unwrap_or_default();
    let over = limit.over.map(|s| format!(" over {}", lasting(s))).unwrap_or_default();
    let base = limit.of_baseline();
    let class = limit.severity.as_deref().unwrap_or("");
    format!("{:<8}  {class:<6}  {} {side}{base}{over}{hold}", role(limit.role), limit.metric)
}

fn watched(page: &mut Page, plan: &Plan, bound: &Bound) {
    let by: Vec<Option<String>> = plan.endpoints.iter().map(|e| bound.endpoint(e)).collect();
    let some = by.iter().flatten().count();
    page.head("ENDPOINTS", &bound_of(some, by.len()));
    for (e, by) in plan.endpoints.iter().zip(&by) {
        let words = format!("{} {}  {}", e.method, e.path, e.description.as_deref().unwrap_or(""));
        page.bound(e.line, words.trim_end(), by.as_deref(), some > 0);
    }
    page.head("LOG LINES to watch for", "");
    plan.log_watches.iter().for_each(|w| page.at(w.line, &w.pattern));
}

fn name_of<'a>(plan: &'a Plan, id: &'a PhaseId) -> &'a str {
    plan.phase(id).map_or(id.as_str(), |p| p.name.as_str())
}

fn flags(page: &mut Page, plan: &Plan, bound: &Bound) {
    let by: Vec<Option<String>> = plan.flags.iter().map(|f| bound.flag(&f.name)).collect();
    let some = by.iter().flatten().count();
    page.head("FLAGS", &bound_of(some, by.len()));
    for (flag, by) in plan.flags.iter().zip(&by) {
        let words = format!("{} = {}", flag.name, flag.value.as_deref().unwrap_or("(not said)"));
        page.bound(flag.line, &words, by.as_deref(), some > 0);
        for s in &flag.stages {
            let condition = s.condition.as_deref().map(|c| format!(", {c}")).unwrap_or_default();
            page.under(s.line, "  ", &format!("{} in {}{condition}", s.value, name_of(plan, &s.phase)));
        }
    }
    page.head("RAMPS", "");
    for ramp in &plan.ramps {
        for rung in &ramp.rungs {
            let value = rung.value.map(|v| format!("{v}{}", gap(&rung.unit))).unwrap_or_default();
            let when = [&rung.when, &rung.condition].into_iter().flatten().cloned().collect::<Vec<_>>();
            page.at(rung.line, &format!("{value}{}  {}", rung.unit, when.join(", ")));
        }
    }
}

fn procedures(page: &mut Page, plan: &Plan) {
    let commands = plan.procedures.iter().map(commands_of).sum::<usize>();
    let about = match commands {
        0 => "no commands".to_owned(),
        n => format!("{}; none runs before `warroom allow`", counted(n, "command")),
    };
    page.head("PROCEDURES", &about);
    plan.procedures.iter().for_each(|p| procedure(page, p));
    page.head("ROLLBACK POINTS", "");
    for p in &plan.rollback_points {
        page.at(p.line, &format!("{}: {}: {}", p.name, p.condition, p.action));
    }
}

fn commands_of(procedure: &Procedure) -> usize {
    procedure.commands.len() + procedure.steps.iter().map(|s| s.commands.len()).sum::<usize>()
}

fn procedure(page: &mut Page, procedure: &Procedure) {
    let title = page.look.bold(&clean(&procedure.title));
    let target = procedure.target.map(|s| format!(", within {}", lasting(s))).unwrap_or_default()
        + &procedure.every.map(|s| format!(", every {}", lasting(s))).unwrap_or_default();
    page.line(&format!("{:>6}  {title}  {}{target}", procedure.line, lower(procedure.kind)));
    for (n, step) in procedure.steps.iter().enumerate() {
        page.under(step.line, &format!("  {}. ", n + 1), &step.text);
        step.commands.iter().for_each(|c| command(page, c));
    }
    procedure.commands.iter().for_each(|c| command(page, c));
}

fn command(page: &mut Page, command: &Command) {
    for (n, line) in (command.line..).zip(crate::text::clean_lines(&command.text)) {
        page.under(n, "     $ ", &line);
    }
    if !command.placeholders.is_empty() {
        let blanks = command.placeholders.join(", ");
        page.line(&format!("               to fill in by hand: {}", clean(&blanks)));
    }
    if !command.variables.is_empty() {
        let names: Vec<String> = command.variables.iter().map(|v| format!("${v}")).collect();
        page.line(&format!("               reads {}", clean(&names.join(", "))));
    }
}

fn people(page: &mut Page, plan: &Plan) {
    page.head("SIGN-OFFS", "");
    for s in &plan.signoffs {
        let items =
            if s.items.is_empty() { String::new() } else { format!("  {}", counted(s.items.len(), "item")) };
        page.at(s.line, &format!("{}{items}", s.role));
    }
    page.head("CONTACTS", "");
    for c in &plan.contacts {
        let group = c.group.as_deref().map(|g| format!("{g}: ")).unwrap_or_default();
        page.at(c.line, &format!("{group}{}  {}", c.role, c.detail.as_deref().unwrap_or("")));
    }
    page.head("MESSAGES", "");
    for m in &plan.messages {
        let audience = m.audience.as_deref().map(|a| format!("  to {a}")).unwrap_or_default();
        page.at(m.line, &format!("{}: {}{audience}", m.when, m.text));
    }
    page.head("TEMPLATES", "");
    plan.templates
        .iter()
        .for_each(|t| page.at(t.line, &format!("{}  {}", t.title, counted(t.fields.len(), "blank"))));
    page.head("CHANNELS", "");
    plan.channels.iter().for_each(|c| page.at(c.line, &format!("{}  {}", c.name, c.purpose)));
}

fn incidents(page: &mut Page, plan: &Plan) {
    page.head("SEVERITIES", "");
    for s in &plan.severities {
        let respond = s.respond.map(|s| format!("  answered within {}", lasting(s))).unwrap_or_default();
        page.at(s.line, &format!("{} {}{respond}", s.level, s.name));
    }
    page.head("ESCALATIONS", "");
    for e in &plan.escalations {
        let after = e.after.map(|s| format!("  after {}", lasting(s))).unwrap_or_default();
        page.at(e.line, &format!("{}{after}", e.condition));
    }
    page.head("INCIDENT STAGES", "");
    plan.stages.iter().for_each(|s| page.at(s.line, &s.name));
    page.head("SCENARIOS", "");
    plan.scenarios.iter().for_each(|s| page.at(s.line, &s.title));
}

fn rest(page: &mut Page, plan: &Plan) {
    page.head("RISKS", "");
    for r in &plan.risks {
        page.at(r.line, &format!("{:<7} {}", r.level.as_deref().unwrap_or(""), r.title));
    }
    page.head("AFTER THE LAUNCH", "");
    for f in &plan.followups {
        page.at(f.line, &format!("{}  {}", f.when.as_deref().unwrap_or(""), f.text));
    }
}

/// What stands in the plan beside what is done and measured.
fn facts(page: &mut Page, plan: &Plan) {
    page.head("WHAT ELSE IT SAYS", "");
    for fact in &plan.facts {
        let label = fact.label.as_deref().filter(|l| *l != fact.text).map(|l| format!("{l}: "));
        page.at(fact.line, &format!("{:<11} {}{}", fact.kind.word(), label.unwrap_or_default(), fact.text));
    }
}

/// What no part was made of, by its first words.
fn prose(page: &mut Page, plan: &Plan, lines: &[&str]) {
    page.head("KEPT AS PROSE", "shown in the plan, not understood");
    for [first, last] in &plan.unread {
        let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
        let within = lines.get(first - 1..(*last).min(lines.len())).unwrap_or_default();
        let words = within.iter().map(|l| l.trim()).find(|l| l.chars().any(char::is_alphanumeric));
        let words = clean(words.unwrap_or_default()).into_owned();
        let room = page.look.width() - 15;
        let (words, more) =
            (truncate(&words, room, "…"), within.len() > 1 && crate::text::width(&words) < room);
        page.line(&format!("{range:>11}  {words}{}", if more { " …" } else { "" }));
    }
}
