//! Problems as a compiler shows them: the message, the lines it speaks of, the words meant, a hint.
//!
//! Problems of one kind are shown once in full, the others of their kind as a list. Called by `check`.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode};
use miette::{ThemeCharacters, ThemeStyles};

use super::excerpt::{Excerpt, Mark};
use super::look::Look;
use crate::plan::{Level, Problem};
use crate::text::{clean, pad, truncate, wrap};

/// A file and what is wrong with it.
pub struct Findings<'a> {
    /// As it is named to the reader.
    pub name: &'a str,
    /// Its lines.
    pub lines: Vec<&'a str>,
    /// What is wrong.
    pub problems: &'a [Problem],
}

/// How many of a kind are shown in full before the rest becomes a list.
const IN_FULL: usize = 2;

/// Everything that is wrong, the worst last, and the count.
pub fn told(all: &[Findings<'_>], look: &Look) -> String {
    let mut page = String::new();
    for level in [Level::Note, Level::Warning, Level::Error] {
        for findings in all {
            for kind in kinds(findings.problems, level) {
                one_kind(&mut page, findings, &kind, look);
            }
        }
    }
    let _ = writeln!(page, "{}", look.bold(&counted(all)));
    page
}

/// One line a problem, in the order of the lines: `file:line:column: level: message`.
pub fn short(all: &[Findings<'_>]) -> String {
    let mut page = String::new();
    for findings in all {
        let mut problems: Vec<&Problem> = findings.problems.iter().collect();
        problems.sort_by_key(|p| (p.line, p.column));
        for p in problems {
            let (line, column) = (p.line.max(1), p.column.max(1));
            let (name, message) = (clean(findings.name), clean(&p.message));
            let _ = writeln!(page, "{name}:{line}:{column}: {}: {message}", p.level.as_str());
        }
    }
    page
}

/// "2 errors, 14 warnings, 1 note".
pub fn counted(all: &[Findings<'_>]) -> String {
    let count = |level: Level| {
        let n = all.iter().flat_map(|f| f.problems).filter(|p| p.level == level).count();
        (n > 0).then(|| format!("{n} {}{}", level.as_str(), if n == 1 { "" } else { "s" }))
    };
    let counts: Vec<_> = [Level::Error, Level::Warning, Level::Note].into_iter().filter_map(count).collect();
    if counts.is_empty() { "no problems".to_owned() } else { counts.join(", ") }
}

/// Problems of a level, those that say the same of different things together, in the order of the lines.
fn kinds(problems: &[Problem], level: Level) -> Vec<Vec<&Problem>> {
    let mut kinds: Vec<Vec<&Problem>> = vec![];
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut sorted: Vec<&Problem> = problems.iter().filter(|p| p.level == level).collect();
    sorted.sort_by_key(|p| (p.line, p.column));
    for problem in sorted {
        let kind = format!("{}\n{}", pattern(&problem.message), problem.hint.as_deref().unwrap_or(""));
        let index = *known.entry(kind).or_insert(kinds.len());
        match kinds.get_mut(index) {
            Some(list) => list.push(problem),
            None => kinds.push(vec![problem]),
        }
    }
    kinds
}

/// A message without its numbers and without what it quotes.
fn pattern(message: &str) -> String {
    let mut quoted = false;
    let mut pattern = String::new();
    for c in message.chars() {
        match c {
            '“' => quoted = true,
            '”' => quoted = false,
            '`' => quoted = !quoted,
            _ if quoted || c.is_ascii_digit() => continue,
            _ => {}
        }
        pattern.push(c);
    }
    pattern.replace("tasks", "task").replace(" are ", " is ")
}

fn one_kind(page: &mut String, findings: &Findings<'_>, kind: &[&Problem], look: &Look) {
    let full = if kind.len() > IN_FULL + 1 { 1 } else { kind.len() };
    for problem in &kind[..full] {
        page.push_str(&in_full(findings, problem, look));
        page.push('\n');
    }
    let rest = &kind[full..];
    if rest.is_empty() {
        return;
    }
    // The list belongs to the report above it.
    page.pop();
    let _ = writeln!(page, "  and the same {} times more:", rest.len());
    for problem in rest {
        let _ = writeln!(page, "{}", look.cut(&in_short(findings, problem, &kind[0].message)));
    }
    page.push('\n');
}

/// Its line, and what it says in other words than the first of its kind.
fn in_short(findings: &Findings<'_>, problem: &Problem, first: &str) -> String {
    const LINE: usize = 40;
    let line = problem.line.checked_sub(1).and_then(|i| findings.lines.get(i)).copied().unwrap_or("");
    let line = clean(line.trim());
    let said = clean(other_words(first, &problem.message));
    match said.is_empty() {
        true => format!("{:>6} │ {line}", problem.line),
        false => format!("{:>6} │ {}  {said}", problem.line, pad(&truncate(&line, LINE, "…"), LINE)),
    }
}

/// The end of a message from the word on, or the quotation, where it differs from another one.
fn other_words<'a>(first: &str, message: &'a str) -> &'a str {
    if first == message {
        return "";
    }
    let same =
        first.chars().zip(message.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let mut from = message[..same].rfind(' ').map_or(0, |i| i + 1);
    if message[..from].matches('`').count() % 2 == 1 {
        from = message[..from].rfind('`').unwrap_or(0);
    }
    if message[..from].rfind('“') > message[..from].rfind('”') {
        from = message[..from].rfind('“').unwrap_or(0);
    }
    &message[from..]
}

fn in_full(findings: &Findings<'_>, problem: &Problem, look: &Look) -> String {
    let marks = marks(problem);
    let gutter = marks.iter().map(|m| m.line).max().unwrap_or(0).to_string().len() + 4;
    let (excerpt, spans) = Excerpt::new(findings.name, &findings.lines, &marks, look.width() - gutter);
    let report = Report {
        severity: match problem.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Advice,
        },
        message: broken(&problem.message, look.width() - 12),
        hint: problem.hint.as_deref().map(|h| broken(h, look.width() - 8)),
        excerpt,
        spans,
    };
    let mut text = String::new();
    handler(look).render_report(&mut text, &report).expect("a string takes everything");
    if report.spans.is_empty() {
        text = with_place(&text, findings.name, problem.line);
    }
    text
}

/// In lines of at most `columns`, never inside an address.
fn broken(words: &str, columns: usize) -> String {
    wrap(&clean(words), columns).join("\n")
}

/// A report without lines says below its message of which file it is.
fn with_place(report: &str, name: &str, line: usize) -> String {
    let place = if line == 0 { String::new() } else { format!(":{line}") };
    let place = format!("   ╰─[{}{place}]\n", clean(name));
    match report.find("\n  help:") {
        Some(at) => format!("{}{place}{}", &report[..=at], &report[at + 1..]),
        None => format!("{report}{place}"),
    }
}

fn marks(problem: &Problem) -> Vec<Mark> {
    let label = problem.label.clone().unwrap_or_default();
    let own = Mark { line: problem.line, column: problem.column, len: problem.len, label, primary: true };
    let others = problem.others.iter().map(|p| Mark {
        line: p.line,
        column: p.column,
        len: p.len,
        label: p.label.clone(),
        primary: false,
    });
    std::iter::once(own).chain(others).collect()
}

fn handler(look: &Look) -> GraphicalReportHandler {
    let characters = if look.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let word = |level: Level| format!("{}:", level.as_str());
    let characters = ThemeCharacters {
        error: word(Level::Error),
        warning: word(Level::Warning),
        advice: word(Level::Note),
        ..characters
    };
    let styles = if look.colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(look.width())
        .with_links(false)
        .with_context_lines(0)
        .with_wrap_lines(false)
        .without_cause_chain()
        .without_syntax_highlighting()
}

/// What the renderer asks for.
#[derive(Debug)]
struct Report {
    severity: Severity,
    message: String,
    hint: Option<String>,
    excerpt: Excerpt,
    spans: Vec<LabeledSpan>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.spans.is_empty()).then(|| Box::new(self.spans.iter().cloned()) as Box<_>)
    }
}
