//! Untrusted text as Markdown that shows exactly this text: no markup, no link, no control character.

use crate::text::clean;

/// `text` inside a line or a table cell.
pub(super) fn escaped(text: &str) -> String {
    let text = clean(text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        if is_special(&text, at, c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether a character could mean something: markup anywhere, lists and headings at the beginning, and
/// what GitHub takes for an address without being asked.
fn is_special(text: &str, at: usize, c: char) -> bool {
    let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
    match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '@' | '$' => true,
        '#' | '+' | '-' | '=' => at == 0,
        '.' if before.to_lowercase().ends_with("www") => true,
        '.' | ')' => {
            (after.is_empty() || after.starts_with(' ')) && before.chars().all(|c| c.is_ascii_digit())
        }
        ':' => after.starts_with("//") || ends_with_scheme(before),
        _ => false,
    }
}

/// GitHub links `mailto:` and `xmpp:` too.
fn ends_with_scheme(before: &str) -> bool {
    let before = before.to_lowercase();
    ["mailto", "xmpp"].iter().any(|scheme| before.ends_with(scheme))
}

/// `text` as code inside a table cell: shown as it is, without any markup. A backslash before a bar
/// cannot be written as code there, so such a text stays text.
pub(super) fn code(text: &str) -> String {
    let plain = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.is_empty() || plain.contains("\\|") {
        return escaped(&plain);
    }
    let text = plain.replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A table; nothing where it has no rows. Cells are Markdown already.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(head.to_vec()) + &line(vec!["---"; head.len()]);
    for row in rows {
        out += &line(row.iter().map(String::as_str).collect());
    }
    out
}

#[cfg(test)]
mod tests {
    use comrak::nodes::NodeValue;
    use comrak::{Arena, Options, parse_document};
    use proptest::prelude::*;

    use super::*;

    /// The plain text of a document, and the first node that is neither text nor `allowed`.
    fn read(markdown: &str, in_table: bool) -> (String, Option<String>) {
        let arena = Arena::new();
        let mut options = Options::default();
        let on = &mut options.extension;
        (on.table, on.autolink, on.strikethrough, on.tasklist, on.footnotes) = (true, true, true, true, true);
        let document =
            if in_table { format!("| a |\n| --- |\n| {markdown} |\n") } else { markdown.to_owned() };
        let (mut text, mut odd) = (String::new(), None);
        for node in parse_document(&arena, &document, &options).descendants() {
            let node = node.data();
            match &node.value {
                NodeValue::Text(t) => text.push_str(t),
                NodeValue::Code(code) => text.push_str(&code.literal),
                NodeValue::Document | NodeValue::Paragraph => {}
                NodeValue::Table(_) | NodeValue::TableRow(_) | NodeValue::TableCell if in_table => {}
                other => odd = odd.or(Some(format!("{other:?}"))),
            }
        }
        (text.strip_prefix(if in_table { "a" } else { "" }).unwrap_or(&text).to_owned(), odd)
    }

    fn plain(text: &str) -> String {
        clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn holds(text: &str) {
        for in_table in [false, true] {
            let (read_text, odd) = read(&escaped(text), in_table);
            assert_eq!((read_text, odd), (plain(text), None), "{text:?} as {:?}", escaped(text));
        }
        if !plain(text).is_empty() {
            assert_eq!(read(&code(text), true), (plain(text), None), "{text:?} as {:?}", code(text));
        }
    }

    #[test]
    fn text_stays_text() {
        for text in [
            "# a",
            "- [ ] a",
            "1. a",
            "2) b",
            "+ a",
            "a | b",
            "<b>x</b> &amp; <!-- c -->",
            "**a** _b_ ~~c~~",
            "[a](http://evil)",
            "https://evil.example/x www.evil.com a@b.c mailto:a@b.c",
            "![x](y)",
            "`a` ``b``",
            "=== a",
            "---",
            "***",
            "a\\",
            "\\| b",
            "> q",
            "[^1]: x",
            "a\u{1b}[31mb\r\nc\u{202e}d",
            "```\nx\n```",
            "| a |\n| - |",
            "    code",
            "ftp://x",
            "xmpp:a@b.c",
            "http://x_y_z",
            "Error rate > 5 %",
            "$HOME",
        ] {
            holds(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_stays_text(text in "[ a-c0-2#*_`~|\\\\<>\\[\\]()!&.:;/@$=+\\-\n\\x1b\u{202e}wh]{0,24}") {
            holds(&text);
        }
    }
}
