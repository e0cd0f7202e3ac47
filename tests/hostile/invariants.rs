//! What must hold for any bytes that are read as a plan.
//!
//! One function for the fuzz target, the property tests and the replay of the corpus; whoever
//! includes this file has the reader as `plan` in the root of the crate.

use std::collections::HashSet;
use std::hash::Hash;

use crate::plan::{Command, Level, Owner, Plan, Value, groups, lines, read, summary};

/// How much larger than the document its reading may be as JSON, and what any reading may have.
const AMPLIFIED: (usize, usize) = (100, 4096);

/// Panics with a sentence where reading `bytes` breaks a promise.
pub fn hold(bytes: &[u8]) {
    let plan = read(bytes, "plan");
    assert!(plan == read(bytes, "plan"), "the same bytes are read the same");
    named_once(&plan);
    owned_once(&plan);
    in_the_document(&plan, &lines(bytes));
    in_order(&plan);
    prints(&plan, bytes);
    line_ends_do_not_count(bytes, &plan);
    blank_lines_do_not_count(bytes, &plan);
}

fn once<T: Hash + Eq>(of: &str, ids: impl Iterator<Item = T>) {
    let mut seen = HashSet::new();
    for id in ids {
        assert!(seen.insert(id), "ids of {of} are unique");
    }
}

fn named_once(plan: &Plan) {
    once("items", plan.items.iter().map(|x| &x.id));
    once("phases", plan.phases.iter().map(|x| &x.id));
    once("limits", plan.thresholds.iter().map(|x| &x.id));
    once("metrics", plan.metrics.iter().map(|x| &x.id));
    once("procedures", plan.procedures.iter().map(|x| &x.id));
    once("sign-offs", plan.signoffs.iter().map(|x| &x.id));
    once("flags", plan.flags.iter().map(|x| &x.name));
}

fn owned_once(plan: &Plan) {
    let phases: HashSet<_> = plan.phases.iter().map(|p| &p.id).collect();
    for item in &plan.items {
        let there = match &item.owner {
            Owner::Phase(id) => phases.contains(id),
            Owner::SignOff(id) => plan.signoffs.iter().any(|s| &s.id == id),
            Owner::Procedure(id) => plan.procedures.iter().any(|p| &p.id == id),
            _ => true,
        };
        assert!(there, "the owner of an item exists");
        assert!(item.phase.as_ref().is_none_or(|id| phases.contains(id)), "the phase of an item exists");
    }
    let parents = plan.phases.iter().filter_map(|p| p.parent.as_ref());
    parents.for_each(|id| assert!(phases.contains(id), "the parent of a phase exists"));
    let groups = groups(plan);
    let mut grouped: Vec<usize> = groups.iter().flat_map(|g| g.items.iter().copied()).collect();
    grouped.sort_unstable();
    assert!(grouped.iter().copied().eq(0..plan.items.len()), "every item is in exactly one group");
    let owners = groups.iter().filter(|g| matches!(g.owner, Owner::Phase(_))).count();
    assert_eq!(owners, plan.phases.len(), "every phase has a group");
}

fn commands(plan: &Plan) -> impl Iterator<Item = &Command> {
    plan.procedures.iter().flat_map(|p| p.steps.iter().flat_map(|s| &s.commands).chain(&p.commands))
}

/// Every part has a line of the document, and its words stand there.
fn in_the_document(plan: &Plan, lines: &[String]) {
    let shown: String = plan.text.lines().collect::<Vec<_>>().join("\n");
    assert!(shown == lines.join("\n"), "all of the document is shown");
    let text = Letters::new(lines);
    let at = |part: &str, line: usize, words: &str| {
        assert!((1..=lines.len().max(1)).contains(&line), "a line of the document: {part} on {line}");
        assert!(text.say(line, words), "{part} of line {line} stands in the document: {words:?}");
    };
    plan.items
        .iter()
        .filter(|i| i.kind != crate::plan::ItemKind::Table)
        .for_each(|i| at("an item", i.line, &i.text));
    plan.items.iter().for_each(|i| at("an item", i.line, ""));
    // A row of a table has its name from the header, too.
    plan.phases.iter().for_each(|p| at("a phase", p.line, ""));
    plan.phases
        .iter()
        .for_each(|p| assert!(text.say(1, &p.name), "a phase is named in the document: {}", p.name));
    plan.thresholds.iter().for_each(|t| at("a limit", t.line, ""));
    plan.triggers.iter().for_each(|t| at("a trigger", t.line, &t.text));
    plan.procedures.iter().for_each(|p| at("a procedure", p.line, ""));
    plan.procedures.iter().flat_map(|p| &p.steps).for_each(|s| at("a step", s.line, ""));
    commands(plan).for_each(|c| at("a command", c.line, &c.text));
    plan.metrics.iter().for_each(|m| at("a metric", m.line, ""));
    plan.flags.iter().for_each(|f| at("a flag", f.line, ""));
    plan.flags.iter().flat_map(|f| &f.stages).for_each(|s| at("a setting", s.line, ""));
    plan.ramps.iter().flat_map(|r| &r.rungs).for_each(|r| at("a rung", r.line, ""));
    plan.endpoints.iter().for_each(|e| at("an endpoint", e.line, ""));
    plan.log_watches.iter().for_each(|l| at("a log line", l.line, ""));
    plan.contacts.iter().for_each(|c| at("a contact", c.line, ""));
    plan.signoffs.iter().for_each(|s| at("a sign-off", s.line, ""));
    plan.messages.iter().for_each(|m| at("a message", m.line, ""));
    plan.channels.iter().for_each(|c| at("a channel", c.line, &c.name));
    plan.templates.iter().for_each(|t| at("a template", t.line, ""));
    plan.risks.iter().for_each(|r| at("a risk", r.line, ""));
    plan.followups.iter().for_each(|f| at("a follow-up", f.line, ""));
    plan.severities.iter().for_each(|s| at("a severity", s.line, ""));
    plan.stages.iter().for_each(|s| at("a stage", s.line, ""));
    plan.escalations.iter().for_each(|e| at("an escalation", e.line, ""));
    plan.scenarios.iter().for_each(|s| at("a scenario", s.line, ""));
    plan.rollback_points.iter().for_each(|p| at("a rollback point", p.line, &p.name));
    plan.problems.iter().filter(|p| p.line > 0).for_each(|p| at("a problem", p.line, ""));
    plan.unread.iter().flatten().for_each(|line| at("a line that stayed prose", *line, ""));
}

/// The letters and digits of a document, in order.
struct Letters {
    text: Vec<char>,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Whether a character may stand for itself in another way: `&amp;`.
    entities: bool,
}

impl Letters {
    fn new(lines: &[String]) -> Letters {
        let mut letters = Letters { text: Vec::new(), lines: Vec::new(), entities: false };
        for line in lines {
            letters.lines.push(letters.text.len());
            letters.text.extend(line.chars().filter(|c| c.is_alphanumeric()));
            letters.entities |= line.contains('&');
        }
        letters
    }

    /// Whether the letters of `words` follow each other from `line` on, with marks and addresses between them.
    fn say(&self, line: usize, words: &str) -> bool {
        let from = self.lines.get(line - 1).copied().unwrap_or(0);
        let mut text = self.text[from..].iter();
        self.entities || words.chars().filter(|c| c.is_alphanumeric()).all(|c| text.any(|t| *t == c))
    }
}

fn in_order(plan: &Plan) {
    let lines = |of: &str, lines: Vec<usize>| {
        assert!(lines.is_sorted(), "{of} in the order of the document: {lines:?}")
    };
    lines("phases", plan.phases.iter().map(|x| x.line).collect());
    lines("items", plan.items.iter().map(|x| x.line).collect());
    lines("limits", plan.thresholds.iter().map(|x| x.line).collect());
    lines("procedures", plan.procedures.iter().map(|x| x.line).collect());
    for range in plan.unread.windows(2) {
        assert!(range[0][1] <= range[1][0], "prose does not overlap: {range:?}");
    }
    assert!(plan.unread.iter().all(|[first, last]| first <= last), "ranges of lines are ordered");
    for limit in &plan.thresholds {
        match limit.value {
            Some(Value::Range([low, high])) => assert!(low <= high, "a range is ordered: {low} to {high}"),
            Some(Value::One(value)) => assert!(value.is_finite(), "a limit is a number"),
            None => {}
        }
    }
    for window in plan.phases.iter().filter_map(|p| p.window.as_ref()) {
        let days = window.days.and_then(|(first, last)| Some((first, last?)));
        assert!(days.is_none_or(|(first, last)| first <= last), "days are ordered: {window:?}");
        let hours = window.start.zip(window.end);
        assert!(hours.is_none_or(|(start, end)| start <= end), "hours are ordered: {window:?}");
    }
}

fn prints(plan: &Plan, bytes: &[u8]) {
    let json = serde_json::to_string(plan).expect("a reading is data");
    let (factor, any) = AMPLIFIED;
    assert!(json.len() <= factor * bytes.len() + any, "{} bytes are read as {}", bytes.len(), json.len());
    let back: Plan = serde_json::from_str(&json).expect("a reading is read back");
    let again = serde_json::to_string(&back).expect("a reading is data");
    assert!(again == json, "a reading survives JSON");
    assert!(!summary(plan).to_string().is_empty());
}

/// A reading without what tells the bytes: digest, and the notice of line ends.
fn plain(plan: &Plan) -> Plan {
    let problems = plan.problems.iter().filter(|p| !(p.line == 0 && p.level == Level::Note)).cloned();
    Plan { problems: problems.collect(), digest: String::new(), text: String::new(), ..plan.clone() }
}

fn line_ends_do_not_count(bytes: &[u8], plan: &Plan) {
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if wide || bytes.contains(&b'\r') || bytes.len() > crate::plan::MAX_BYTES / 2 {
        return;
    }
    let ends = bytes.iter().flat_map(|b| if *b == b'\n' { &b"\r\n"[..] } else { std::slice::from_ref(b) });
    let other = read(&ends.copied().collect::<Vec<_>>(), "plan");
    same(&other, plan, "line ends do not count");
}

fn blank_lines_do_not_count(bytes: &[u8], plan: &Plan) {
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if wide || !bytes.ends_with(b"\n") || bytes.contains(&b'\r') {
        return;
    }
    let other = read(&[bytes, b"\n"].concat(), "plan");
    same(&other, plan, "a blank line at the end does not count");
}

fn same(a: &Plan, b: &Plan, sentence: &str) {
    let (a, b) = (plain(a), plain(b));
    if a != b {
        let parts = |plan: &Plan| serde_json::to_value(plan).expect("a reading is data");
        let (a, b) = (parts(&a), parts(&b));
        let part = a.as_object().and_then(|a| a.iter().find(|(key, value)| b[key] != **value));
        let (key, value) = part.expect("they differ in a part");
        panic!("{sentence}: {key} are {value} and were {}", b[key]);
    }
}
