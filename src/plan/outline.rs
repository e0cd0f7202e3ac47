//! A plan as a flat list of blocks in scopes: what every recogniser looks at.
//!
//! A scope is a heading, a label ("**Success Criteria:**" above a list) or a list item with what
//! hangs below it. Scopes nest; the blocks of a scope are contiguous. Built by `grow`.

use super::topic::Topics;
use super::words::head;

/// The whole document.
#[derive(Default)]
pub(crate) struct Outline {
    /// Every block in the order of the document.
    pub blocks: Vec<Block>,
    /// Every scope; the first is the document itself. A parent comes before its children.
    pub scopes: Vec<Scope>,
    /// The title: front matter, else the first heading.
    pub title: Option<String>,
    /// The first line of a code fence that is never closed.
    pub unclosed: Option<usize>,
    /// The first line whose text is longer than is read.
    pub cut: Option<usize>,
}

/// Text without markup, and what the markup said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rich {
    /// The text.
    pub text: String,
    /// Marked ranges in order of their start.
    pub marks: Vec<Mark>,
    /// Where further lines of the file begin, in order.
    pub breaks: Vec<usize>,
    /// Whether there was more of it than is read.
    pub cut: bool,
}

/// A marked range of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// How it is marked.
    pub style: Style,
    /// First byte.
    pub start: usize,
    /// The byte after.
    pub end: usize,
}

/// How text is marked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Style {
    /// Bold.
    Strong,
    /// A code span.
    Code,
    /// A link with its address.
    Link(String),
    /// Struck through.
    Struck,
}

/// A line or paragraph of the document.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// What it is.
    pub kind: Kind,
    /// Its own text, without what hangs below it.
    pub rich: Rich,
    /// The text folded; empty for a fence.
    pub folded: String,
    /// First line.
    pub line: usize,
    /// Last line of its own text.
    pub last: usize,
    /// The first line of what a code block holds: an indented one has no line of backticks above.
    pub body: usize,
    /// The innermost scope around it.
    pub scope: usize,
    /// The scope it opens.
    pub opens: Option<usize>,
    /// Whether it stands in a quote.
    pub quoted: bool,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A heading.
    Heading,
    /// A paragraph, or a line of one that begins in bold.
    Paragraph,
    /// A list item: its box if it is a task, its number if the list is ordered.
    Item { task: Option<bool>, number: Option<usize> },
    /// A code block with its language.
    Fence { language: String },
    /// A table row.
    Row { table: usize, header: bool, cells: Vec<Rich> },
}

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// The document.
    Root,
    /// A heading of this level.
    Heading(u8),
    /// A label or a bold line used as a heading.
    Label,
    /// A list item.
    Item,
}

/// A stretch of the document under one title.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// The scope around it.
    pub parent: Option<usize>,
    /// The title without markup.
    pub title: String,
    /// The line of the title.
    pub line: usize,
    /// What the title is about.
    pub topics: Topics,
    /// The first block below the title.
    pub first: usize,
    /// The block after the last.
    pub end: usize,
}

impl Outline {
    /// The scopes around `scope`, itself first.
    pub fn up(&self, scope: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(scope), |s| self.scopes[*s].parent)
    }

    /// The nearest scope at or above `scope` with any of `topics`.
    pub fn nearest(&self, scope: usize, topics: Topics) -> Option<usize> {
        self.up(scope).find(|s| self.scopes[*s].topics.any(topics))
    }

    /// Whether `scope` or anything around it has any of `topics`.
    pub fn within(&self, scope: usize, topics: Topics) -> bool {
        self.nearest(scope, topics).is_some()
    }

    /// Whether `inner` is `outer` or lies in it.
    pub fn inside(&self, inner: usize, outer: usize) -> bool {
        self.up(inner).any(|s| s == outer)
    }

    /// Everything below the title of `scope`.
    pub fn below(&self, scope: usize) -> &[Block] {
        &self.blocks[self.scopes[scope].first..self.scopes[scope].end]
    }

    /// The scopes inside `scope`, in the order of the document.
    pub fn inner(&self, scope: usize) -> impl Iterator<Item = (usize, &Scope)> {
        let end = self.scopes[scope].end;
        // The block that opens a scope stands right before its first.
        self.scopes.iter().enumerate().skip(scope + 1).take_while(move |(_, s)| s.first <= end)
    }

    /// Blocks directly in `scope`, not in a scope inside it.
    pub fn direct(&self, scope: usize) -> impl Iterator<Item = &Block> {
        self.below(scope).iter().filter(move |b| b.scope == scope)
    }

    /// The nearest heading or label at or above `scope`; never a list item.
    pub fn section(&self, scope: usize) -> usize {
        self.up(scope).find(|s| self.scopes[*s].kind != ScopeKind::Item).unwrap_or(0)
    }

    /// The nearest heading at or above `scope`.
    pub fn heading(&self, scope: usize) -> usize {
        self.up(scope)
            .find(|s| !matches!(self.scopes[*s].kind, ScopeKind::Item | ScopeKind::Label))
            .unwrap_or(0)
    }

    /// Whether anything hangs below this block.
    pub fn has_children(&self, block: &Block) -> bool {
        block.opens.is_some_and(|s| self.scopes[s].end > self.scopes[s].first)
    }
}

impl Block {
    /// Whether it is a list item.
    pub fn is_item(&self) -> bool {
        matches!(self.kind, Kind::Item { .. })
    }

    /// Whether it is an ordered list item.
    pub fn is_ordered(&self) -> bool {
        matches!(self.kind, Kind::Item { number: Some(_), .. })
    }

    /// Whether it is a task.
    pub fn task(&self) -> Option<bool> {
        match self.kind {
            Kind::Item { task, .. } => task,
            _ => None,
        }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.rich.text
    }
}

impl Rich {
    /// How many lines of the file lie before the byte `at`.
    pub fn lines_before(&self, at: usize) -> usize {
        self.breaks.partition_point(|begins| *begins <= at)
    }

    /// A bold beginning and what follows it: "**Primary**: CTO" is ("Primary", "CTO").
    pub fn lead(&self) -> Option<(&str, &str)> {
        let words = self.text.find(char::is_alphanumeric).unwrap_or(self.text.len());
        let mark = self.marks.iter().take_while(|m| m.start <= words).find(|m| m.style == Style::Strong)?;
        let label = self.text.get(mark.start..mark.end)?.trim().trim_end_matches([':', '：']).trim_end();
        (!label.is_empty()).then(|| (label, after_label(self.text.get(mark.end..).unwrap_or(""))))
    }

    /// A bold beginning, or the words before a colon: "P1: Error rate > 5%" is ("P1", "Error rate > 5%").
    pub fn label(&self) -> Option<(&str, &str)> {
        if let Some((label, rest)) = self.lead().filter(|(label, _)| label.len() < self.text.len()) {
            // "**Availability** (30 d): 99.9%" keeps its bracket with the rest.
            return Some((label, rest));
        }
        self.colon()
    }

    /// The words before a colon and what follows.
    pub fn colon(&self) -> Option<(&str, &str)> {
        let near = head(&self.text, 84);
        let mut colons = near.match_indices([':', '：']).map(|(at, _)| at);
        let at = colons.find(|at| !is_clock(near, *at)).filter(|at| *at > 0 && *at <= 80)?;
        let (label, rest) = self.text.split_at(at);
        let mut rest = rest.chars();
        let wide = rest.next() == Some('：');
        let rest = rest.as_str();
        let ends = wide || rest.is_empty() || rest.starts_with(char::is_whitespace);
        let short = label.split_whitespace().count() <= 8 && !label.contains(". ");
        (ends && short).then(|| (label.trim(), rest.trim()))
    }

    /// The code spans.
    pub fn codes(&self) -> impl Iterator<Item = (&str, &Mark)> {
        let codes = self.marks.iter().filter(|m| m.style == Style::Code);
        codes.filter_map(|m| Some((self.text.get(m.start..m.end)?, m)))
    }
}

/// Whether the colon at `at` stands in a time of day: "T0 (10:00): enable".
fn is_clock(text: &str, at: usize) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    text[..at].ends_with(digit) && text[at..].chars().nth(1).is_some_and(digit)
}

fn after_label(rest: &str) -> &str {
    rest.trim_start().trim_start_matches([':', '：', '–', '—', '-', '→']).trim()
}
