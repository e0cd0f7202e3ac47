//! From Markdown to an [`Outline`]: the one place that knows comrak.
//!
//! Refuses documents that would cost more than they say (nesting, endless lines) before and after
//! parsing; `read` then shows them as plain text. Fences and HTML comments hold no tasks here,
//! exactly as rendered.

use std::collections::HashSet;

use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options, parse_document};

use super::inline::{inlines, label_title, shield, split, unshielded, whole};
use super::outline::{Block, Kind, Outline, Rich, Scope, ScopeKind};
use super::topic;
use super::words::{fold, squeeze};

/// How deep blocks may nest.
const MAX_DEPTH: usize = 64;
/// How many cells of a table's row are read.
const MAX_CELLS: usize = 64;
/// How long a line may be, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// Why a document is shown as plain text only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooMuch {
    /// Blocks in blocks in blocks.
    #[error("blocks nest more than {MAX_DEPTH} deep at line {0}")]
    Deep(usize),
    /// A line without end.
    #[error("line {0} is longer than {MAX_LINE} bytes")]
    Long(usize),
    /// More work than a person waits for.
    #[error("reading the plan takes too long")]
    Slow,
}

impl TooMuch {
    /// Where.
    pub fn line(self) -> usize {
        match self {
            TooMuch::Deep(line) | TooMuch::Long(line) => line,
            TooMuch::Slow => 0,
        }
    }
}

/// Parses `text` into an outline.
pub(crate) fn outline(text: &str) -> Result<Outline, TooMuch> {
    refuse_prefixes(text)?;
    let arena = Arena::new();
    let shielded = shield(text);
    let root = parse_document(&arena, &shielded, &options());
    refuse_depth(root)?;
    let mut grower = Grower { flush: flush(text), ..Grower::default() };
    grower.scope(ScopeKind::Root, None, String::new(), 0);
    grower.container(root, 0, false);
    Ok(grower.finish(text))
}

/// Lines that begin in bold at the margin: right below a list they are labels to a reader.
fn flush(text: &str) -> HashSet<usize> {
    let lines = text.split('\n').enumerate();
    lines.filter(|(_, line)| line.starts_with("**")).map(|(i, _)| i + 1).collect()
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    options
}

fn refuse_prefixes(text: &str) -> Result<(), TooMuch> {
    for (number, line) in text.split('\n').enumerate() {
        if line.len() > MAX_LINE {
            return Err(TooMuch::Long(number + 1));
        }
        if line.len() > MAX_DEPTH && markers(line) > MAX_DEPTH {
            return Err(TooMuch::Deep(number + 1));
        }
    }
    Ok(())
}

/// Container markers at the start of a line: "> - 1. > text" has four.
fn markers(line: &str) -> usize {
    let mut rest = line.trim_start();
    let mut count = 0;
    loop {
        let next = match rest.as_bytes() {
            [b'>', ..] => &rest[1..],
            [b'-' | b'*' | b'+', b' ' | b'\t', ..] => &rest[1..],
            [b'0'..=b'9', ..] => match rest.trim_start_matches(|c: char| c.is_ascii_digit()) {
                after if after.starts_with(['.', ')']) => &after[1..],
                _ => return count,
            },
            _ => return count,
        };
        count += 1;
        rest = next.trim_start();
    }
}

fn refuse_depth<'a>(root: &'a AstNode<'a>) -> Result<(), TooMuch> {
    let mut depth = 0_usize;
    let mut node = root;
    loop {
        if depth > MAX_DEPTH {
            return Err(TooMuch::Deep(node.data().sourcepos.start.line));
        }
        if let Some(child) = node.first_child().filter(|child| child.data().value.block()) {
            (node, depth) = (child, depth + 1);
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => (node, depth) = (parent, depth.saturating_sub(1)),
                None => return Ok(()),
            }
        }
    }
}

#[derive(Default)]
struct Grower {
    blocks: Vec<Block>,
    scopes: Vec<Scope>,
    tables: usize,
    quotes: usize,
    title: Option<String>,
    front: Option<String>,
    unclosed: Option<usize>,
    cut: Option<usize>,
    /// Lines that begin in bold at the margin.
    flush: HashSet<usize>,
    /// Such lines that Markdown glues to the item above.
    glued: Vec<(Rich, usize)>,
}

/// Where a container's next block belongs.
struct Place {
    base: usize,
    headings: Vec<(u8, usize)>,
    label: Option<(usize, Reach)>,
}

/// How far a label reaches.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    /// To the next paragraph.
    Paragraph,
    /// To the next bold line.
    Bold,
}

impl Place {
    fn under_heading(&self) -> usize {
        self.headings.last().map_or(self.base, |(_, scope)| *scope)
    }

    fn scope(&self) -> usize {
        self.label.map_or_else(|| self.under_heading(), |(scope, _)| scope)
    }
}

impl Grower {
    fn scope(&mut self, kind: ScopeKind, parent: Option<usize>, title: String, line: usize) -> usize {
        let first = self.blocks.len();
        self.scopes.push(Scope { kind, parent, title, line, topics: topic::NONE, first, end: first });
        self.scopes.len() - 1
    }

    fn block(&mut self, kind: Kind, rich: Rich, lines: (usize, usize), scope: usize) -> usize {
        let folded = if matches!(kind, Kind::Fence { .. }) { String::new() } else { fold(&rich.text) };
        let (line, last, quoted) = (lines.0, lines.1.max(lines.0), self.quotes > 0);
        if rich.cut {
            self.cut.get_or_insert(line);
        }
        self.blocks.push(Block { kind, rich, folded, line, last, body: line, scope, opens: None, quoted });
        self.blocks.len() - 1
    }

    fn opening(&mut self, block: usize, kind: ScopeKind, parent: usize, title: String) -> usize {
        let line = self.blocks[block].line;
        let scope = self.scope(kind, Some(parent), title, line);
        self.blocks[block].opens = Some(scope);
        scope
    }

    /// The children of a document, quote or list item; `skip` leaves out an item's own first paragraph.
    fn container<'a>(&mut self, node: &'a AstNode<'a>, base: usize, skip: bool) {
        let mut place = Place { base, headings: Vec::new(), label: None };
        for child in node.children().skip(usize::from(skip)) {
            self.child(child, &mut place);
        }
    }

    fn child<'a>(&mut self, node: &'a AstNode<'a>, place: &mut Place) {
        let data = node.data();
        let lines = (data.sourcepos.start.line, data.sourcepos.end.line);
        match &data.value {
            NodeValue::Heading(heading) => self.heading(node, heading.level, lines, place),
            NodeValue::Paragraph => self.paragraph(node, lines, place),
            NodeValue::List(_) => self.list(node, place),
            NodeValue::CodeBlock(code) => {
                let mut lines = lines;
                let language = code.info.split_whitespace().next().unwrap_or("").to_lowercase();
                if code.fenced && !code.closed {
                    self.unclosed.get_or_insert(lines.0);
                    lines.1 = lines.0 + code.literal.trim_end().lines().count();
                }
                let rich = Rich { text: unshielded(&code.literal), ..Rich::default() };
                let block = self.block(Kind::Fence { language }, rich, lines, place.scope());
                self.blocks[block].body += usize::from(code.fenced);
            }
            NodeValue::Table(_) => self.table(node, place.scope()),
            NodeValue::ThematicBreak => place.label = None,
            NodeValue::FrontMatter(text) => self.front = Some(text.clone()),
            NodeValue::BlockQuote => {
                self.quotes += 1;
                self.container(node, place.scope(), false);
                self.quotes -= 1;
            }
            _ => {}
        }
    }

    fn heading<'a>(&mut self, node: &'a AstNode<'a>, level: u8, lines: (usize, usize), place: &mut Place) {
        let rich = inlines(node).pop().map(|(_, rich)| rich).unwrap_or_default();
        self.headed(rich, level, lines, place);
    }

    /// "2. Cutover" above a line of dashes: a list and a rule to Markdown, a heading to whoever wrote it.
    fn underlined<'a>(&mut self, item: &'a AstNode<'a>, number: usize, place: &mut Place) {
        let line = item.data().sourcepos.start.line;
        let text = item.first_child().map(|p| whole(inlines(p)).text).unwrap_or_default();
        let rich = Rich { text: format!("{number}. {text}"), ..Rich::default() };
        self.headed(rich, 2, (line, line + 1), place);
    }

    fn headed(&mut self, rich: Rich, level: u8, lines: (usize, usize), place: &mut Place) {
        if self.title.is_none() {
            self.title = Some(rich.text.clone());
        }
        place.label = None;
        place.headings.retain(|(above, _)| *above < level);
        let parent = place.under_heading();
        let title = rich.text.clone();
        let block = self.block(Kind::Heading, rich, lines, parent);
        let scope = self.opening(block, ScopeKind::Heading(level), parent, title);
        place.headings.push((level, scope));
    }

    fn paragraph<'a>(&mut self, node: &'a AstNode<'a>, lines: (usize, usize), place: &mut Place) {
        let pieces = split(inlines(node));
        let count = pieces.len();
        let list_follows = node.next_sibling().is_some_and(|next| {
            use NodeValue::{BlockQuote, CodeBlock, List, Table};
            matches!(next.data().value, List(_) | CodeBlock(_) | Table(_) | BlockQuote)
        });
        for (i, (line, rich)) in pieces.into_iter().enumerate() {
            let line = lines.0 + line;
            self.piece(rich, line, i + 1 == count && list_follows, place);
        }
    }

    fn piece(&mut self, rich: Rich, line: usize, list_follows: bool, place: &mut Place) {
        let bold = rich.lead().is_some();
        if bold || place.label.is_some_and(|(_, reach)| reach == Reach::Paragraph) || list_follows {
            place.label = None;
        }
        let title = label_title(&rich, list_follows);
        let parent = place.scope();
        let block = self.block(Kind::Paragraph, rich, (line, line), parent);
        if let Some(title) = title {
            let scope = self.opening(block, ScopeKind::Label, parent, title);
            place.label = Some((scope, if bold { Reach::Bold } else { Reach::Paragraph }));
        }
    }

    fn list<'a>(&mut self, list: &'a AstNode<'a>, place: &mut Place) {
        for (i, item) in list.children().enumerate() {
            let data = item.data();
            let number = match &list.data().value {
                NodeValue::List(l) if l.list_type == ListType::Ordered => Some(l.start + i),
                _ => None,
            };
            let task = match &data.value {
                NodeValue::TaskItem(task) => Some(task.symbol.is_some()),
                _ => None,
            };
            if let Some(number) = number.filter(|_| task.is_none() && is_underlined(item, list)) {
                self.underlined(item, number, place);
                continue;
            }
            self.item(item, Kind::Item { task, number }, data.sourcepos.start.line, place.scope());
            if self.scopes[place.base].kind != ScopeKind::Item {
                let follows = item.next_sibling().is_some() || list.next_sibling().is_some();
                for (rich, line) in std::mem::take(&mut self.glued) {
                    self.piece(rich, line, follows, place);
                }
            }
        }
    }

    fn item<'a>(&mut self, item: &'a AstNode<'a>, kind: Kind, line: usize, parent: usize) {
        let first = item.first_child().filter(|child| matches!(child.data().value, NodeValue::Paragraph));
        let (rich, last) = first.map(|p| self.unglued(p)).unwrap_or((Rich::default(), line));
        let title = rich.lead().map_or(rich.text.as_str(), |(label, _)| label).to_owned();
        let block = self.block(kind, rich, (line, last), parent);
        let scope = self.opening(block, ScopeKind::Item, parent, title);
        self.container(item, scope, first.is_some());
    }

    /// The text of an item and its last line, without the bold lines at the margin that follow it.
    fn unglued<'a>(&mut self, paragraph: &'a AstNode<'a>) -> (Rich, usize) {
        let position = paragraph.data().sourcepos;
        let mut lines = inlines(paragraph);
        let glued = |(offset, rich): &(usize, Rich)| {
            *offset > 0
                && self.flush.contains(&(position.start.line + offset))
                && rich.lead().is_some_and(|(label, rest)| {
                    rich.text[label.len()..].starts_with(':') || !rest.is_empty() && rich.text.contains(':')
                })
        };
        let at = lines.iter().position(glued).unwrap_or(lines.len());
        let rest = lines.split_off(at);
        let last = if rest.is_empty() { position.end.line } else { position.start.line + at - 1 };
        self.glued.extend(split(rest).into_iter().map(|(offset, rich)| (rich, position.start.line + offset)));
        (whole(lines), last)
    }

    fn table<'a>(&mut self, table: &'a AstNode<'a>, scope: usize) {
        self.tables += 1;
        for row in table.children() {
            let data = row.data();
            let cells: Vec<Rich> = row.children().take(MAX_CELLS).map(cell).collect();
            let cut = row.children().nth(MAX_CELLS).is_some() || cells.iter().any(|c| c.cut);
            let text = cells.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join(" | ");
            let header = matches!(data.value, NodeValue::TableRow(true));
            let line = data.sourcepos.start.line;
            let kind = Kind::Row { table: self.tables, header, cells };
            self.block(kind, Rich { text, cut, ..Rich::default() }, (line, line), scope);
        }
    }

    fn finish(mut self, text: &str) -> Outline {
        for i in 0..self.blocks.len() {
            let mut scope = Some(self.blocks[i].scope);
            while let Some(s) = scope.filter(|s| self.scopes[*s].end <= i) {
                self.scopes[s].end = i + 1;
                scope = self.scopes[s].parent;
            }
        }
        let title = self.front.as_deref().and_then(front_title).or_else(|| title_line(text)).or(self.title);
        let (unclosed, cut) = (self.unclosed, self.cut);
        let mut outline = Outline { blocks: self.blocks, scopes: self.scopes, title, unclosed, cut };
        topic::assign(&mut outline);
        let lines = text.lines().count().max(1);
        debug_assert!(outline.blocks.iter().all(|b| b.line <= lines));
        outline
    }
}

/// Whether the last entry of a numbered list stands alone above a line of about as many dashes.
fn is_underlined<'a>(item: &'a AstNode<'a>, list: &'a AstNode<'a>) -> bool {
    let rule = list.next_sibling().filter(|_| item.next_sibling().is_none());
    let Some(rule) = rule.filter(|n| matches!(n.data().value, NodeValue::ThematicBreak)) else {
        return false;
    };
    let (own, dashes) = (item.data().sourcepos, rule.data().sourcepos);
    let first = item.first_child().map(|p| p.data().sourcepos);
    let single = first.is_some_and(|p| p.start.line == p.end.line && p.start.line == own.start.line);
    let apart = item.previous_sibling().is_none_or(|p| last_line(p) + 1 < own.start.line);
    let width = dashes.end.column.saturating_sub(dashes.start.column) + 1;
    let title = first.map_or(0, |p| p.end.column);
    single
        && apart
        && item.children().count() == 1
        && dashes.start.line == own.start.line + 1
        && width >= 5
        && 2 * width >= title
}

/// The last line of what a node says.
fn last_line<'a>(node: &'a AstNode<'a>) -> usize {
    node.last_child().map_or_else(|| node.data().sourcepos.end.line, |child| child.data().sourcepos.end.line)
}

/// The text of a cell; a ragged table has many empty ones.
fn cell<'a>(cell: &'a AstNode<'a>) -> Rich {
    if cell.first_child().is_none() { Rich::default() } else { whole(inlines(cell)) }
}

/// "/title Search cutover": how a forge is told the title, above everything else.
fn title_line(text: &str) -> Option<String> {
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let title = squeeze(line.strip_prefix("/title ")?);
    (!title.is_empty()).then_some(title)
}

fn front_title(front: &str) -> Option<String> {
    let line = front.lines().find_map(|line| line.strip_prefix("title:"))?;
    let title = squeeze(line.trim().trim_matches(['"', '\'']));
    (!title.is_empty()).then_some(title)
}
