//! Inline Markdown as text with marks, and the one rewriting that is done before parsing.
//!
//! Called by `grow`.

use std::borrow::Cow;

/// Stands between a bullet and a ">" that is a comparison, so that "- >95% success" is no quote.
const SHIELD: char = '\u{e000}';

use comrak::nodes::{AstNode, NodeValue};

use super::outline::{Mark, Rich, Style};
use super::vocabulary::words;
use super::words::head;

/// How long the text of an entry, a line or a cell may be, in bytes. What is behind is shown and not
/// read: no recogniser can then take more than linear time over a document.
pub(crate) const MAX_TEXT: usize = 4096;
/// How deep emphasis in emphasis is kept.
const MAX_EMPHASIS: usize = 32;

pub(crate) fn shield(text: &str) -> Cow<'_, str> {
    if !["- >", "* >", "+ >", ". >"].iter().any(|sign| text.contains(sign)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        match comparison(line) {
            Some(at) => {
                out.push_str(&line[..at]);
                out.push(SHIELD);
                out.push_str(&line[at..]);
            }
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

/// Where a comparison right behind a list marker begins.
fn comparison(line: &str) -> Option<usize> {
    let body = line.trim_start();
    let marker =
        body.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(['-', '*', '+', '.', ')'])?;
    let rest = marker.trim_start();
    let value = rest.strip_prefix('>')?.trim_start_matches(['=', ' ']);
    value.starts_with(|c: char| c.is_ascii_digit()).then(|| line.len() - rest.len())
}

pub(crate) fn unshielded(text: &str) -> String {
    text.replace(SHIELD, "")
}

/// The title of the scope that a paragraph opens: a line that is all bold, or one that ends with a
/// colon right above a list, table or fence.
pub(crate) fn label_title(rich: &Rich, list_follows: bool) -> Option<String> {
    let text = rich.text.trim();
    if let Some((label, rest)) = rich.lead() {
        let all_bold = rest.is_empty() || rest.starts_with('(') && rest.ends_with(')');
        let short = text.len() <= 120 && (list_follows || !label.ends_with(['.', '!']));
        let above_list = list_follows && rest.ends_with([':', '：']);
        return (short && (all_bold || above_list)).then(|| title_of(label, rest));
    }
    let opens = list_follows && text.ends_with([':', '：']) && text.len() <= 160;
    (opens || list_follows && is_stage(text)).then(|| text.trim_end_matches([':', '：']).to_owned())
}

/// "Stage 2: Ten towns (10%)" right above a list, without any marks.
fn is_stage(text: &str) -> bool {
    let mark = super::ordinal::ordinal(text).filter(|o| o.strong && o.separated && !o.rest.is_empty());
    mark.is_some() && text.len() <= 80 && !text.ends_with(['.', '。', ';', ',', '!', '?'])
}

fn title_of(label: &str, rest: &str) -> String {
    if rest.starts_with('(') { format!("{label} {rest}") } else { label.to_owned() }
}

/// The lines of inline content: the offset from the first line, and the text with its marks.
pub(crate) fn inlines<'a>(node: &'a AstNode<'a>) -> Vec<(usize, Rich)> {
    let mut lines = vec![(0, Rich::default())];
    let mut open: Vec<(Style, usize)> = Vec::new();
    for edge in node.traverse() {
        use comrak::arena_tree::NodeEdge::{End, Start};
        match edge {
            Start(n) if !n.same_node(node) => start(&n.data().value, &mut lines, &mut open),
            End(n) if !n.same_node(node) => close(&n.data().value, &mut lines, &mut open),
            _ => {}
        }
    }
    lines
}

fn start(value: &NodeValue, lines: &mut Vec<(usize, Rich)>, open: &mut Vec<(Style, usize)>) {
    let offset = lines.len();
    let Some((_, rich)) = lines.last_mut() else { return };
    match value {
        NodeValue::Text(text) if text.contains(SHIELD) => rich.text.push_str(&unshielded(text)),
        NodeValue::Text(text) => rich.text.push_str(text),
        NodeValue::Code(code) => {
            let start = rich.text.len();
            rich.text.push_str(&code.literal);
            rich.marks.push(Mark { style: Style::Code, start, end: rich.text.len() });
        }
        NodeValue::HtmlInline(html) if html.starts_with("<br") => rich.text.push(' '),
        // Not a tag to a reader: "<env>" is a blank to fill in.
        NodeValue::HtmlInline(html) if is_blank(html) => rich.text.push_str(html),
        NodeValue::SoftBreak | NodeValue::LineBreak => lines.push((offset, Rich::default())),
        NodeValue::Strong => open.push((Style::Strong, rich.text.len())),
        NodeValue::Strikethrough => open.push((Style::Struck, rich.text.len())),
        NodeValue::Link(link) => open.push((Style::Link(link.url.clone()), rich.text.len())),
        _ => {}
    }
}

fn is_blank(html: &str) -> bool {
    const TAGS: &[&str] = words! {
        "a" "b" "i" "u" "em" "br" "sub" "sup" "kbd" "img" "span" "strong" "details" "summary"
    };
    let name = html.trim_start_matches('<').trim_end_matches('>');
    let simple = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    simple && !TAGS.contains(&name.to_lowercase().as_str())
}

fn close(value: &NodeValue, lines: &mut [(usize, Rich)], open: &mut Vec<(Style, usize)>) {
    if !matches!(value, NodeValue::Strong | NodeValue::Strikethrough | NodeValue::Link(_)) {
        return;
    }
    let (Some((style, start)), Some((_, rich))) = (open.pop(), lines.last_mut()) else { return };
    if open.len() > MAX_EMPHASIS {
        return;
    }
    let start = start.min(rich.text.len());
    let at = rich.marks.partition_point(|m| m.start < start);
    rich.marks.insert(at, Mark { style, start, end: rich.text.len() });
}

/// Whether a line begins with a mark that makes it an entry of a hand-made list: "✅ Done", "☐ To do".
pub(crate) fn is_marked(text: &str) -> bool {
    const MARKS: &[char] = &['✅', '✔', '☑', '❌', '⬜', '☐', '✓', '✗', '□', '🔲', '☒', '•', '◻', '▢'];
    text.trim_start().starts_with(MARKS)
}

/// Lines that begin in bold or with a mark stand for themselves; others are joined.
pub(crate) fn split(lines: Vec<(usize, Rich)>) -> Vec<(usize, Rich)> {
    let mut out: Vec<(usize, Rich)> = Vec::new();
    for (offset, rich) in lines {
        match out.last_mut() {
            Some((_, above))
                if rich.lead().is_none()
                    && !is_marked(&rich.text)
                    && above.text.len() + rich.text.len() < MAX_TEXT =>
            {
                join(above, &rich)
            }
            _ => out.push((offset, rich)),
        }
    }
    out.into_iter().map(|(offset, rich)| (offset, tidy(rich))).collect()
}

pub(crate) fn whole(lines: Vec<(usize, Rich)>) -> Rich {
    let mut lines = lines.into_iter();
    let mut first = lines.next().map(|(_, rich)| rich).unwrap_or_default();
    for (_, rich) in lines {
        if first.text.len() > MAX_TEXT {
            break;
        }
        join(&mut first, &rich);
    }
    tidy(first)
}

fn join(above: &mut Rich, below: &Rich) {
    above.text.push(' ');
    let by = above.text.len();
    above.text.push_str(&below.text);
    above.breaks.push(by);
    above.breaks.extend(below.breaks.iter().map(|at| at + by));
    above.marks.extend(below.marks.iter().map(|m| Mark {
        style: m.style.clone(),
        start: m.start + by,
        end: m.end + by,
    }));
}

/// Trims the ends, and what is longer than is read, without moving a mark off its text.
fn tidy(mut rich: Rich) -> Rich {
    if rich.text.len() > MAX_TEXT {
        rich.text.truncate(head(&rich.text, MAX_TEXT).len());
        rich.cut = true;
    }
    rich.text.truncate(rich.text.trim_end().len());
    let lead = rich.text.len() - rich.text.trim_start().len();
    rich.text.drain(..lead);
    let end = rich.text.len();
    if rich.cut {
        rich.marks.retain(|m| m.start.saturating_sub(lead) < end);
    }
    for at in &mut rich.breaks {
        *at = at.saturating_sub(lead);
    }
    for mark in &mut rich.marks {
        mark.start = mark.start.saturating_sub(lead).min(end);
        mark.end = mark.end.saturating_sub(lead).min(end);
    }
    rich
}
