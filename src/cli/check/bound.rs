//! What of a plan is bound, by `warroom.toml` beside it or where `--binding` says, and what is wrong
//! with that file. Read as text: nothing of it is trusted or contacted.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use toml::de::DeTable;

use super::super::failure::Failure;
use super::super::file;
use crate::levers::bound;
use crate::plan::binding::{Binding, SourceKind, is_telling, normal};
use crate::plan::{Endpoint, Level, Metric, Plan, Problem};

/// A binding's file and what it binds.
#[derive(Debug, Default)]
pub struct Bound {
    /// The file; none where there is none.
    pub path: Option<PathBuf>,
    /// Its text.
    pub text: String,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// What it binds; nothing where it has errors.
    pub binding: Binding,
    /// Of that, what is filled in.
    pub reached: Binding,
}

/// A binding's text as it may be shown: what could be a secret written out becomes dots, so many
/// characters as it has.
fn masked(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let auth = line.find("auth").and_then(|at| Some(at + line[at..].find('=')? + 1));
        let password = line.find("://").and_then(|at| {
            let host = at + 3;
            let quote = line[host..].find(['"', '\'']).unwrap_or(line.len() - host);
            // A password may hold whatever else means something in an address.
            let end = line[host..host + quote].rfind('@')?;
            let colon = line[host..host + end].find(':')?;
            Some((host + colon + 1, host + end))
        });
        let literal =
            auth.filter(|at| !["env:", "file:", "cmd:"].iter().any(|kept| line[*at..].contains(kept)));
        let hidden = literal.map(|at| (at, line.trim_end().len())).or(password);
        parameters(hidden.map_or_else(|| line.to_owned(), |(from, to)| dotted(line, from, to)))
    });
    lines.collect()
}

/// What parameters of addresses with a telling name say.
fn parameters(mut line: String) -> String {
    let starts: Vec<usize> = line.match_indices(['?', '&']).map(|(at, _)| at + 1).collect();
    for at in starts.into_iter().rev() {
        let pair = &line[at..];
        let pair = &pair[..pair.find(['&', '#', '"', '\'', ' ', '\n']).unwrap_or(pair.len())];
        if let Some((name, value)) = pair.split_once('=').filter(|(name, _)| is_telling(name)) {
            let from = at + name.len() + 1;
            line = dotted(&line, from, from + value.len());
        }
    }
    line
}

/// The line with letters and digits from one byte to another as dots.
fn dotted(line: &str, from: usize, to: usize) -> String {
    let hide = |c: char| if c.is_whitespace() || matches!(c, '"' | '\'') { c } else { '·' };
    let hidden: String = line[from..to].chars().map(hide).collect();
    format!("{}{hidden}{}", &line[..from], &line[to..])
}

/// A part of the plan, and by what it is bound.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Tie {
    /// "limit", "metric", "flag", "endpoint", "blank".
    pub part: &'static str,
    /// Its name in the plan.
    pub name: String,
    /// Its line in the plan.
    pub line: usize,
    /// By what; none works by hand.
    pub by: Option<String>,
}

impl Bound {
    /// Reads the binding of the plan at `plan_path`; `wanted` is the file given by flag.
    ///
    /// # Errors
    /// A file that was asked for and is missing, or that cannot be read.
    pub fn read(plan_path: &Path, wanted: Option<&Path>, plan: &Plan) -> Result<Self, Failure> {
        let beside = plan_path.with_file_name(bound::FILE);
        let path = wanted.unwrap_or(&beside);
        if wanted.is_none() && std::fs::symlink_metadata(path).is_err() {
            return Ok(Self::default());
        }
        let bytes = file::read(path)?.bytes;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Self { path: Some(path.to_owned()), ..Self::of(text, plan) })
    }

    /// What `text` binds of a plan.
    pub fn of(text: String, plan: &Plan) -> Self {
        let (binding, problems) = match bound::read(&text) {
            Ok(binding) => {
                let problems = unmatched(&text, &binding, plan);
                (binding, problems)
            }
            Err(faults) => (Binding::default(), faults.iter().map(|f| fault(&text, f)).collect()),
        };
        Self { path: None, text: masked(&text), problems, reached: binding.reachable(), binding }
    }

    /// How the file is called to the reader.
    pub fn name(&self) -> String {
        self.path.as_ref().map_or_else(|| bound::FILE.to_owned(), |p| p.display().to_string())
    }

    /// Whether the file has errors, so that nothing of it is used.
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|p| p.level == Level::Error)
    }

    /// By what a metric is measured.
    pub fn metric(&self, name: &str) -> Option<String> {
        let signal = self.reached.signal(name)?;
        let asked = || format!("{}: {}", signal.source, signal.query);
        Some(signal.derive.clone().unwrap_or_else(asked))
    }

    /// By what a flag is switched.
    pub fn flag(&self, name: &str) -> Option<String> {
        self.reached.flag(name).map(|f| f.write.clone())
    }

    /// By what a path is probed: a signal of its name, or one that asks an HTTP source for it.
    pub fn endpoint(&self, endpoint: &Endpoint) -> Option<String> {
        let http = |name: &str| self.reached.source(name).is_some_and(|s| s.kind == SourceKind::Http);
        let asked = |query: &str| query.split('#').next().unwrap_or_default() == endpoint.path;
        let named = self.metric(&endpoint.path);
        named.or_else(|| {
            let probe = self.reached.signals.iter().find(|s| http(&s.source) && asked(&s.query))?;
            Some(format!("{}: {}", probe.source, probe.query))
        })
    }

    /// Every part of a plan that can be bound.
    pub fn ties(&self, plan: &Plan) -> Vec<Tie> {
        let tie = |part, name: &str, line, by| Tie { part, name: name.to_owned(), line, by };
        let limits = plan.thresholds.iter().map(|t| tie("limit", &t.metric, t.line, self.metric(&t.metric)));
        let metrics = unlimited(plan);
        let metrics = metrics.iter().map(|m| tie("metric", &m.name, m.line, self.metric(&m.name)));
        let flags = plan.flags.iter().map(|f| tie("flag", &f.name, f.line, self.flag(&f.name)));
        let paths = plan.endpoints.iter().map(|e| tie("endpoint", &e.path, e.line, self.endpoint(e)));
        let commands =
            plan.procedures.iter().flat_map(|p| p.steps.iter().flat_map(|s| &s.commands).chain(&p.commands));
        let blanks = commands.flat_map(|c| c.placeholders.iter().map(|b| tie("blank", b, c.line, None)));
        limits.chain(metrics).chain(flags).chain(paths).chain(blanks).collect()
    }
}

/// The metrics that are named and have no limit.
pub fn unlimited(plan: &Plan) -> Vec<&Metric> {
    let limited: HashSet<String> = plan.thresholds.iter().map(|t| normal(&t.metric)).collect();
    let names = |m: &Metric| std::iter::once(&m.name).chain(&m.aliases).any(|n| limited.contains(&normal(n)));
    plan.metrics.iter().filter(|m| !names(m)).collect()
}

fn fault(text: &str, fault: &bound::Fault) -> Problem {
    let hint = "until the file is right nothing of it is used";
    at(text, fault.bytes.0..fault.bytes.1, Problem::new(Level::Error, fault.line, fault.what.clone(), hint))
}

/// Puts a problem on these bytes, at most to the end of their line.
fn at(text: &str, bytes: Range<usize>, problem: Problem) -> Problem {
    let before = text.get(..bytes.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let rest = text.get(bytes.start..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default().trim_end();
    let len = bytes.len().min(line.len());
    let words = line.get(..len).unwrap_or(line);
    let line_number = 1 + before.matches('\n').count();
    let column = if words.is_empty() { 0 } else { 1 + before[start..].chars().count() };
    Problem { line: line_number, column, len: words.chars().count(), ..problem }
}

/// Entries of a good binding that match nothing in the plan, and sources nobody asks.
fn unmatched(text: &str, binding: &Binding, plan: &Plan) -> Vec<Problem> {
    let Ok(table) = DeTable::parse(text) else { return vec![] };
    let place = |section: &str, n: usize| {
        let entries = table.get_ref().get(section)?.get_ref().as_array()?;
        Some(entries.get(n)?.get_ref().as_table()?.get("name")?.span())
    };
    let mut found = vec![];
    let mut say = |section: &str, n: usize, level, message: String, hint: &str| {
        if let Some(span) = place(section, n) {
            found.push(at(text, span, Problem::new(level, 0, message, hint)));
        }
    };
    for (n, source) in binding.sources.iter().enumerate() {
        if !binding.signals.iter().any(|s| s.source == source.name) {
            let message = format!("no signal asks the source “{}”", source.name);
            say("source", n, Level::Note, message, "name it in a [[signal]], or remove it");
        }
    }
    let metrics = measurable(plan);
    for (n, signal) in binding.signals.iter().enumerate() {
        let matches = |name: &String| metrics.iter().any(|m| normal(m) == normal(name));
        if !std::iter::once(&signal.name).chain(&signal.aliases).any(matches) {
            let message = format!("the plan has no metric “{}”", signal.name);
            match nearest(&signal.name, &metrics) {
                Some(near) => say("signal", n, Level::Warning, message, &format!("did you mean “{near}”?")),
                None => {
                    say("signal", n, Level::Note, message, "it is measured and shown, but no limit judges it")
                }
            }
        }
    }
    let flags: Vec<&str> = plan.flags.iter().map(|f| f.name.as_str()).collect();
    for (n, flag) in binding.flags.iter().enumerate().filter(|(_, f)| !flags.contains(&f.name.as_str())) {
        let message = format!("the plan has no flag “{}”", flag.name);
        let near = nearest(&flag.name, &flags).map(|near| format!("did you mean “{near}”?"));
        let hint = near.unwrap_or_else(|| "flags are matched by their exact name".to_owned());
        say("flag", n, Level::Warning, message, &hint);
    }
    found
}

/// The names a signal can have.
fn measurable(plan: &Plan) -> Vec<&str> {
    let metrics = plan.metrics.iter().flat_map(|m| std::iter::once(&m.name).chain(&m.aliases));
    let limits = plan.thresholds.iter().map(|t| &t.metric);
    let paths = plan.endpoints.iter().map(|e| &e.path);
    metrics.chain(limits).chain(paths).map(String::as_str).collect()
}

/// The first name that is a slip or two away.
fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let wanted = normal(name);
    let most = 1 + wanted.chars().count() / 6;
    let near = |known: &&&str| strsim::osa_distance(&wanted, &normal(known)) <= most;
    names.iter().find(near).copied()
}
