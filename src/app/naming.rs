//! Names of metrics for the word at the cursor of a query: which fit, and how one is put in. Pure.

use std::ops::Range;

use ratatui_textarea::{CursorMove, TextArea};

/// So many are shown.
pub const SHOWN: usize = 8;

/// The names that complete a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// The first few: those that begin with it, then those that hold it.
    pub names: Vec<String>,
    /// How many fit.
    pub count: usize,
    /// The one that was chosen with the arrows.
    pub chosen: Option<usize>,
    /// The word's characters.
    word: Range<usize>,
}

impl Offered {
    /// What fits the word that ends or stands at `cursor` (in characters).
    pub fn at(query: &str, cursor: usize, names: &[String]) -> Self {
        let Some(word) = word(query, cursor) else { return Self::default() };
        let text: String = query.chars().skip(word.start).take(word.len()).collect();
        let (begin, hold): (Vec<&String>, Vec<&String>) =
            names.iter().filter(|n| n.contains(&text)).partition(|n| n.starts_with(&text));
        let count = begin.len() + hold.len();
        if count == 1 && begin.first().is_some_and(|n| **n == text) {
            return Self::default();
        }
        let names = begin.into_iter().chain(hold).take(SHOWN).cloned().collect();
        Self { names, count, chosen: None, word }
    }

    /// The next one, or the one before.
    pub fn choose(&mut self, by: isize) {
        let last = self.names.len().checked_sub(1);
        self.chosen = last.map(|last| match (self.chosen, by > 0) {
            (None, true) => 0,
            (None, false) => last,
            (Some(at), _) => at.saturating_add_signed(by).min(last),
        });
    }

    /// Puts the chosen one, else the first, in the place of the word.
    pub fn take(&self, text: &mut TextArea<'static>) {
        let Some(name) = self.names.get(self.chosen.unwrap_or(0)) else { return };
        let query: Vec<char> = text.lines().join(" ").chars().collect();
        let whole = spelt(name);
        let before = query.iter().take(self.word.start);
        let after = query.iter().skip(self.word.end);
        let new: String = before.copied().chain(whole.chars()).chain(after.copied()).collect();
        write(text, &new, self.word.start + whole.chars().count());
    }
}

/// A text of one line with the cursor behind so many characters.
pub fn write(text: &mut TextArea<'static>, words: &str, cursor: usize) {
    let mut fresh = TextArea::new(vec![words.to_owned()]);
    fresh.set_cursor_line_style(ratatui::style::Style::default());
    fresh.move_cursor(CursorMove::Jump(0, u16::try_from(cursor).unwrap_or(u16::MAX)));
    *text = fresh;
}

/// As PromQL writes a name: one with other characters than the usual goes into quotation marks.
fn spelt(name: &str) -> String {
    match name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        true => name.to_owned(),
        false => format!("{{\"{}\"}}", name.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// The word at the cursor, where that can be the name of a metric: not among labels, in a text or
/// in the brackets of a range.
fn word(query: &str, cursor: usize) -> Option<Range<usize>> {
    let chars: Vec<char> = query.chars().collect();
    let cursor = cursor.min(chars.len());
    let (mut quote, mut depth, mut escaped) = (None, 0_usize, false);
    for c in &chars[..cursor] {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some('"' | '\''), '\\') => escaped = true,
            (Some(open), c) if *c == open => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(*c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let start = cursor - chars[..cursor].iter().rev().take_while(|c| is_part(**c)).count();
    let end = cursor + chars[cursor..].iter().take_while(|c| is_part(**c)).count();
    let begins = chars.get(start).is_some_and(|c| !c.is_ascii_digit());
    (quote.is_none() && depth == 0 && start < cursor && begins).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] =
        ["go_gc", "http_errors", "http_requests_total", "node:http", "up", "größe.in.byte"];

    fn offered(query: &str, cursor: usize) -> Offered {
        Offered::at(query, cursor, &NAMES.map(str::to_owned))
    }

    #[test]
    fn what_begins_with_the_word_goes_before_what_holds_it() {
        assert_eq!(offered("sum(http", 8).names, ["http_errors", "http_requests_total", "node:http"]);
        assert_eq!(offered("http + x", 4).count, 3);
        for (query, cursor) in [
            ("", 0),
            ("sum(", 4),
            ("up", 2),
            ("up{http", 7),
            ("a[http", 6),
            ("\"http", 5),
            ("5", 1),
            ("zz", 2),
        ] {
            assert_eq!(offered(query, cursor).names, [""; 0], "{query}");
        }
        assert_eq!(offered("up{a=\"}\"} + http", 16).count, 3);
        let many: Vec<String> = (0..500).map(|n| format!("m{n}")).collect();
        let some = Offered::at("m", 1, &many);
        assert_eq!((some.names.len(), some.count), (SHOWN, 500));
    }

    #[test]
    fn one_word_is_completed_and_the_rest_stays() {
        for (query, cursor, arrows, want, at) in [
            ("sum(http) / 2", 8, 0, "sum(http_errors) / 2", 15),
            ("sum(http) / 2", 6, 2, "sum(http_requests_total) / 2", 23),
            ("ü + htt", 7, 3, "ü + node:http", 13),
            ("gr", 2, 0, "{\"größe.in.byte\"}", 17),
        ] {
            let mut text = TextArea::default();
            write(&mut text, query, cursor);
            let mut offered = offered(query, cursor);
            (0..arrows).for_each(|_| offered.choose(1));
            offered.take(&mut text);
            assert_eq!((text.lines().join(""), text.cursor().1), (want.to_owned(), at), "{query}");
        }
    }
}
