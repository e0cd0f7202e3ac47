//! What a plan measures, as signals with their sources; limits whose side it leaves open, as rules. Pure.

use super::{Offer, Section, guess, limit, lines, source_of, told};
use crate::plan::aliases::{Family, families};
use crate::plan::binding::{Binding, SourceKind, normal};
use crate::plan::{Cmp, Command, Plan};
use crate::text;

/// Signals, and in front of them the sources they name.
pub(super) fn signals(plan: &Plan, binding: &Binding) -> Vec<Offer> {
    let mut all = metrics(plan, &source_of(binding, SourceKind::Prometheus));
    all.extend(endpoints(plan, &source_of(binding, SourceKind::Http)));
    all.extend(checks(plan, &source_of(binding, SourceKind::Sql)));
    all.extend(logs(plan, &source_of(binding, SourceKind::Log)));
    let mut seen = vec![];
    all.retain(|offer| {
        let name = normal(&offer.name);
        let new = !seen.contains(&name);
        seen.push(name);
        new
    });
    all
}

/// The source that an offer of signals needs.
pub(super) fn source(kind: SourceKind, name: &str) -> Offer {
    let offer = Offer::new(Section::Source, name, String::new()).with("kind", kind.word(), "");
    match kind {
        SourceKind::Prometheus => offer.with("url", "", "\"https://prometheus.example.com\""),
        SourceKind::Http => offer.with("url", "", "without one, the room's base_url"),
        SourceKind::Sql => {
            offer.with("url", "", "\"postgres://reader@host/db\", with sslmode=require for TLS")
        }
        SourceKind::Log => offer.with("file", "", "\"/var/log/app.log\"; or command = \"kubectl logs -f …\""),
        SourceKind::Json
        | SourceKind::Command
        | SourceKind::Manual
        | SourceKind::Datadog
        | SourceKind::Alertmanager => offer,
    }
}

fn metrics(plan: &Plan, source: &str) -> Vec<Offer> {
    families(plan).iter().map(|family| metric(plan, family, source)).collect()
}

fn metric(plan: &Plan, family: &Family, source: &str) -> Offer {
    let mut limits: Vec<_> = family.limits.iter().map(|i| &plan.thresholds[*i]).collect();
    limits.sort_by_key(|t| t.line);
    let said: Vec<String> = limits.iter().map(|t| limit(t)).collect();
    let note = match said.is_empty() {
        true => format!("line {}, without a limit", family.line),
        false => wrapped(&format!("line {}", said.join("; "))),
    };
    let unit = limits.iter().find_map(|t| t.unit.as_deref());
    let query = guess::query(family, unit).map(|q| format!("a guess: {q}")).unwrap_or_default();
    let mut offer = Offer::new(Section::Signal, &family.name, note);
    offer.other.clone_from(&family.aliases);
    if !family.aliases.is_empty() {
        offer = offer.with("aliases", family.aliases.iter().collect::<toml_edit::Array>(), "a guess");
    }
    offer.with("source", source, "").with("query", "", &query)
}

/// Lines of a comment that fit on a screen, broken between limits.
fn wrapped(said: &str) -> String {
    const COLUMNS: usize = 96;
    let mut lines: Vec<String> = vec![];
    for part in said.split_inclusive("; ") {
        match lines.last_mut() {
            Some(line) if text::width(line) + text::width(part) <= COLUMNS => line.push_str(part),
            _ => lines.push(part.to_owned()),
        }
    }
    lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>().join("\n#       ")
}

fn endpoints(plan: &Plan, source: &str) -> Vec<Offer> {
    let read = plan.endpoints.iter().filter(|e| e.method == "GET");
    let offer = |e: &crate::plan::Endpoint| {
        let what = e.description.as_deref().unwrap_or("health path");
        let note = format!("line {} {}", e.line, told(what, 80));
        Offer::new(Section::Signal, &e.path, note).with("source", source, "").with(
            "query",
            &e.path,
            "whether it answers; with #status, #latency or #cert behind it, that",
        )
    };
    read.map(offer).collect()
}

/// Statements of SQL that read, each as a signal.
fn checks(plan: &Plan, source: &str) -> Vec<Offer> {
    let commands = plan.procedures.iter().flat_map(|p| p.in_order()).flat_map(|s| s.commands);
    let sql = commands.filter(|c| c.language.eq_ignore_ascii_case("sql"));
    sql.flat_map(|command| statements(&command)).map(|(line, text)| check(line, &text, source)).collect()
}

fn check(line: usize, text: &str, source: &str) -> Offer {
    let name = named(text).unwrap_or_else(|| format!("SQL of line {line}"));
    let note = format!("line {line}, a check in SQL; a signal is one number");
    Offer::new(Section::Signal, &name, note).with("source", source, "").with("query", text, "")
}

/// The reading statements of a block with the lines they begin at, without comments, on one line each.
fn statements(command: &Command) -> Vec<(usize, String)> {
    let mut found = vec![];
    let (mut first, mut words) = (command.line, vec![]);
    for (number, line) in (command.line..).zip(command.text.lines()) {
        let bare = line.split("--").next().unwrap_or_default().trim();
        if bare.is_empty() {
            continue;
        }
        if words.is_empty() {
            first = number;
        }
        words.push(bare.trim_end_matches(';').trim_end().to_owned());
        if bare.ends_with(';') {
            found.push((first, std::mem::take(&mut words).join(" ")));
        }
    }
    found.push((first, words.join(" ")));
    let reads = |text: &str| {
        let start = text.split_whitespace().next().unwrap_or_default().to_uppercase();
        ["SELECT", "WITH"].contains(&start.as_str())
    };
    found.retain(|(_, text)| reads(text));
    found
}

/// "events_today" of `SELECT COUNT(*) AS events_today`.
fn named(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|w| w.eq_ignore_ascii_case("as"))?;
    let name = words.get(at + 1)?.trim_end_matches([',', ')', ';']);
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    plain.then(|| name.to_owned())
}

fn logs(plan: &Plan, source: &str) -> Vec<Offer> {
    let offer = |watch: &crate::plan::LogWatch| {
        let note = format!("line {}, a log line to watch for: how many a minute", watch.line);
        Offer::new(Section::Signal, &watch.pattern, note).with("source", source, "").with(
            "query",
            &watch.pattern,
            "",
        )
    };
    plan.log_watches.iter().map(offer).collect()
}

/// A rule for each metric with a number whose bad side the plan does not say.
pub(super) fn rules(plan: &Plan) -> Vec<Offer> {
    let open = |family: &Family| {
        let limits = family.limits.iter().map(|i| &plan.thresholds[*i]);
        let open: Vec<_> = limits.filter(|t| t.cmp == Cmp::Threshold && !t.baseline).collect();
        let first = open.first()?;
        let note = format!("{}: {}", lines(open.iter().map(|t| t.line)), told(&first.text, 80));
        let mut offer = Offer::new(Section::Rule, &first.metric, note);
        offer.other = std::iter::once(&family.name).chain(&family.aliases).cloned().collect();
        let hint = match guess::direction(family) {
            Some(side) => format!("a guess: \"{side}\""),
            None => "\"above\" or \"below\"".to_owned(),
        };
        Some(offer.with("direction", "", &hint))
    };
    families(plan).iter().filter_map(open).collect()
}
