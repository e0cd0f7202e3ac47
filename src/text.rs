//! The one sanitiser and the one ruler of text: every word of a plan, a colleague, a command or the
//! system passes [`clean`] before a screen or a terminal sees it, and every width comes from [`width`].
//!
//! Pure. A terminal obeys control characters and ratatui silently drops what has no width; both would
//! let text lie about itself, so what cannot be seen is spelled out (`^[`, `<9B>`, `<U+202E>`).

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Combining marks shown on one base; the rest of a taller stack is spelled out.
const MARKS: usize = 6;

/// Distance of tab stops in [`clean_lines`].
const TAB: usize = 8;

/// Characters that occupy no ink or steer the layout: default-ignorable ones, formats (Cf) other than
/// the visible Arabic number signs, and the line and paragraph separators. Unicode 16, inclusive ranges.
const HIDDEN: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// One line that shows `text` and nothing else: tabs and line ends become a space, controls `^G`, C1
/// controls `<9B>`, invisible and bidirectional characters `<U+202E>`.
///
/// Emoji keep to what every terminal measures alike: the variation selector, the joiner and the skin
/// tone inside a sequence go, its visible parts stay. Cleaning twice changes nothing.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for cluster in text.graphemes(true) {
        push_cluster(&mut out, cluster);
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// [`clean`] for text of many lines, such as a command's output. Ends at `\n` and `\r\n`; tabs reach
/// the next stop of 8 columns; a lone `\r`, which would overwrite a line, shows as `^M`.
pub fn clean_lines(text: &str) -> Vec<String> {
    text.lines().map(clean_tabbed).collect()
}

/// The form for a box that asks "run this?": printable ASCII stays, every other character is
/// `<U+00E9>`, tabs too, and so is a `<` that could be mistaken for such a code, so two different
/// texts never look alike. One entry a line; a `\r` before the line's end is shown.
pub fn exact(text: &str) -> Vec<String> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.split('\n').map(exact_line).collect()
}

/// Whether `text` holds a character that a reader could not see: a control other than `\n` and tab, a
/// format, a variation selector or a tag. A command that does is refused until acknowledged.
pub fn has_hidden(text: &str) -> bool {
    text.chars().any(|c| is_hidden(c) || (c.is_control() && c != '\n' && c != '\t'))
}

/// Columns that `text` takes on the screen; meant for text that is already clean.
pub fn width(text: &str) -> usize {
    match text {
        _ if text.is_ascii() => text.len(),
        _ if text.chars().all(stands_alone) => text.chars().map(char_width).sum(),
        _ => text.graphemes(true).map(cluster_width).sum(),
    }
}

/// Whether `c` is a grapheme of its own whatever stands beside it: the letters and signs of most
/// lines, sparklines among them. Leaves out more than it has to.
fn stands_alone(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{c0}'..='\u{2ff}' | '\u{2013}'..='\u{2026}' | '\u{2190}'..='\u{22ff}' | '\u{2500}'..='\u{25a0}')
}

/// `text` in at most `columns`, its end replaced by `ellipsis` (`…`, or `..` in ASCII) where it is
/// longer. A grapheme is never cut in half.
pub fn truncate<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mark = prefix(ellipsis, columns);
    Cow::Owned(format!("{}{mark}", prefix(text, columns - width(mark))))
}

/// `text` with spaces behind it up to `columns`; longer text stays as it is.
pub fn pad(text: &str, columns: usize) -> Cow<'_, str> {
    match columns.checked_sub(width(text)) {
        None | Some(0) => Cow::Borrowed(text),
        Some(missing) => Cow::Owned(format!("{text}{:missing$}", "")),
    }
}

/// `text` in lines of at most `columns`, broken at spaces, beside wide (CJK) characters, and inside
/// words that are longer than a line. The spaces at a break go; nothing visible does.
///
/// At least one line comes back. A wide character in one column stands alone on a line too narrow.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        wrap_line(line, columns.max(1), &mut lines);
    }
    lines
}

/// Whether `c` cannot be seen although it is no control character.
fn is_hidden(c: char) -> bool {
    c >= '\u{ad}' && HIDDEN.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// Whether `c` shows itself, alone and anywhere.
fn is_plain(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{9f}' => false,
        _ => char_width(c) > 0 && !is_hidden(c) && !is_skin_tone(c),
    }
}

fn is_skin_tone(c: char) -> bool {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}

/// Half-width voicing marks combine by Unicode's tables, yet terminals give them a column.
fn is_voicing(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

fn char_width(c: char) -> usize {
    if is_voicing(c) { 1 } else { c.width().unwrap_or(0) }
}

/// Columns of one grapheme, the way ratatui fills its cells.
fn cluster_width(cluster: &str) -> usize {
    cluster.width() + cluster.chars().filter(|&c| is_voicing(c)).count()
}

/// What the characters of a cluster have so far put on the screen.
#[derive(Clone, Copy)]
enum Ground {
    /// Nothing a mark could sit on.
    Bare,
    /// This character, with so many marks; a mark or selector may follow.
    Base(char, usize),
}

fn push_cluster(out: &mut String, cluster: &str) {
    if cluster == "\r\n" {
        return out.push(' ');
    }
    let mut ground = Ground::Bare;
    let mut chars = cluster.chars().peekable();
    while let Some(c) = chars.next() {
        ground = match ground {
            Ground::Base(base, marks) if goes(base, c, chars.peek().copied()) => Ground::Base(base, marks),
            ground => push_char(out, ground, c),
        };
    }
}

/// Whether `c` after `base` only joins or tints an emoji and so goes without loss.
fn goes(base: char, c: char, next: Option<char>) -> bool {
    match c {
        '\u{fe0e}' | '\u{fe0f}' => next.is_none_or(|n| !is_hidden(n) || n == '\u{200d}'),
        '\u{200d}' => next.is_some_and(|n| is_plain(n) && !n.is_alphanumeric()),
        _ if is_skin_tone(c) => is_tinted(base, c),
        _ => false,
    }
}

/// Whether a skin tone melts into `base` rather than standing beside it.
fn is_tinted(base: char, tone: char) -> bool {
    let pair: String = [base, tone].iter().collect();
    pair.width() < char_width(base) + char_width(tone)
}

fn push_char(out: &mut String, ground: Ground, c: char) -> Ground {
    match (c, ground) {
        ('\t' | '\n', _) => out.push(' '),
        _ if c.is_control() => push_control(out, c),
        _ if is_hidden(c) => push_code(out, c),
        _ if char_width(c) > 0 => {
            out.push(c);
            return Ground::Base(c, 0);
        }
        (_, Ground::Base(base, marks)) if marks < MARKS => {
            out.push(c);
            return Ground::Base(base, marks + 1);
        }
        _ => push_code(out, c),
    }
    Ground::Bare
}

/// `^A` for C0 and DEL, the byte in angle brackets for C1.
fn push_control(out: &mut String, c: char) {
    match c as u8 {
        byte @ (0..=0x1f | 0x7f) => out.extend(['^', (byte ^ 0x40) as char]),
        byte => out.push_str(&format!("<{byte:02X}>")),
    }
}

fn push_code(out: &mut String, c: char) {
    out.push_str(&format!("<U+{:04X}>", c as u32));
}

fn clean_tabbed(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for (n, piece) in line.split('\t').enumerate() {
        if n > 0 {
            let missing = TAB - width(&out) % TAB;
            out.extend(std::iter::repeat_n(' ', missing));
        }
        out.push_str(&clean(piece));
    }
    out
}

fn exact_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        match c {
            '<' if line[at..].starts_with("<U+") => push_code(&mut out, c),
            ' '..='~' => out.push(c),
            _ => push_code(&mut out, c),
        }
    }
    out
}

/// The longest beginning of `text` that fits `columns`.
fn prefix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += cluster_width(cluster);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// The line that [`wrap`] is filling.
#[derive(Default)]
struct Filling<'a> {
    line: String,
    used: usize,
    /// Spaces seen since the last word: written before the next one, or dropped at a break.
    gap: usize,
    /// Narrow graphemes since the last space: they stay together while a line can hold them.
    word: Vec<&'a str>,
}

impl Filling<'_> {
    /// Puts the pending word on this line, or on the next where it does not fit.
    fn place(&mut self, columns: usize, lines: &mut Vec<String>) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let needed: usize = word.iter().map(|c| cluster_width(c)).sum();
        if self.used + self.gap + needed <= columns {
            self.line.extend(std::iter::repeat_n(' ', self.gap));
            self.used += self.gap;
        } else if self.used > 0 {
            self.end(lines);
        }
        self.gap = 0;
        for cluster in word {
            self.push(cluster, columns, lines);
        }
    }

    fn push(&mut self, cluster: &str, columns: usize, lines: &mut Vec<String>) {
        let needed = cluster_width(cluster);
        if self.used > 0 && self.used + needed > columns {
            self.end(lines);
        }
        self.line.push_str(cluster);
        self.used += needed;
    }

    fn end(&mut self, lines: &mut Vec<String>) {
        lines.push(std::mem::take(&mut self.line));
        self.used = 0;
    }
}

fn wrap_line(text: &str, columns: usize, lines: &mut Vec<String>) {
    let mut filling = Filling::default();
    for cluster in text.graphemes(true) {
        let wide = cluster_width(cluster) > 1;
        if cluster == " " || wide {
            filling.place(columns, lines);
        }
        match cluster {
            " " => filling.gap += 1,
            _ => filling.word.push(cluster),
        }
        if wide {
            filling.place(columns, lines);
        }
    }
    filling.place(columns, lines);
    filling.end(lines);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{buffer::Buffer, layout::Rect, style::Style};

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        for (text, shown) in [
            ("plain text, 5 %", "plain text, 5 %"),
            ("a\tb\nc\r\nd", "a b c d"),
            ("bell\u{7}\u{1b}[31mred\u{7f}", "bell^G^[[31mred^?"),
            ("\u{9b}31m\u{85}", "<9B>31m<85>"),
            ("over\rwritten", "over^Mwritten"),
            ("rm \u{202e}fdp.\u{202c}", "rm <U+202E>fdp.<U+202C>"),
            ("zero\u{200b}width\u{ad}", "zero<U+200B>width<U+00AD>"),
            ("tag\u{e0041}", "tag<U+E0041>"),
            ("\u{301}alone", "<U+0301>alone"),
            ("blank\u{3164}filler", "blank<U+3164>filler"),
        ] {
            assert_eq!(clean(text), shown, "{text:?}");
        }
    }

    #[test]
    fn what_stands_alone_is_as_wide_as_its_graphemes() {
        let all: Vec<char> = ('\0'..='\u{3000}').filter(|c| stands_alone(*c)).collect();
        assert!("▁▆×↗≤…".chars().all(|c| all.contains(&c)), "the signs of a tile");
        for (near, far) in all.iter().zip(all.iter().skip(1)).chain(all.iter().zip(all.iter().rev())) {
            let text: String = [*near, *far, '▁', *near].iter().collect();
            assert_eq!(width(&text), text.graphemes(true).map(cluster_width).sum::<usize>(), "{text:?}");
        }
    }

    #[test]
    fn writing_of_the_world_stays() {
        for text in [
            "Größe",
            "Gro\u{308}ße",
            "日本語の計画",
            "한국어",
            "\u{1112}\u{1161}\u{11ab}",
            "é ñ ç",
            "שלום",
            "क्षत्रिय",
            "ｶﾞｷﾞ",
            "✅ 🚀 ❌",
        ] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text:?} became {:?}", clean(text));
        }
    }

    #[test]
    fn emoji_keep_their_visible_parts() {
        for (text, shown) in [
            ("⚠\u{fe0f} risk", "⚠ risk"),
            ("1\u{fe0f}\u{20e3}", "1\u{20e3}"),
            ("👩\u{200d}💻", "👩💻"),
            ("👩🏽\u{200d}⚕\u{fe0f}", "👩⚕"),
            ("👍🏽", "👍"),
            ("🏽", "🏽"),
            ("⚠\u{fe0f}\u{fe0f}", "⚠<U+FE0F><U+FE0F>"),
            ("a\u{200d}b", "a<U+200D>b"),
        ] {
            assert_eq!(clean(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_tower_of_marks_ends() {
        let tower = format!("a{}", "\u{301}".repeat(50));
        assert_eq!(clean(&tower).matches("<U+0301>").count(), 50 - MARKS);
    }

    #[test]
    fn lines_end_where_they_ended() {
        assert_eq!(clean_lines("a\tb\r\n\u{1b}[0m\n10%\r20%\n"), ["a       b", "^[[0m", "10%^M20%"]);
    }

    #[test]
    fn a_command_shows_every_character() {
        assert_eq!(exact("echo é\trm\u{200b}\r\nls\n"), ["echo <U+00E9><U+0009>rm<U+200B><U+000D>", "ls"]);
        assert_eq!(exact("<U+200B>"), ["<U+003C>U+200B>"]);
        assert!(has_hidden("ls\u{e0020}") && has_hidden("ls\r\n") && !has_hidden("ls\n\tgrün"));
    }

    #[test]
    fn text_fits_its_columns() {
        assert_eq!(truncate("checkout rollout", 9, "…"), "checkout…");
        assert_eq!(truncate("日本語", 5, "…"), "日本…");
        assert_eq!(truncate("日本語", 4, "…"), "日…");
        assert_eq!(truncate("abc", 1, ".."), ".");
        assert_eq!(truncate("abc", 0, "…"), "");
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(pad("longer", 2), "longer");
    }

    #[test]
    fn words_wrap_where_they_may() {
        for (text, columns, lines) in [
            ("the quick brown fox", 10, vec!["the quick", "brown fox"]),
            ("abcdefgh ij", 4, vec!["abcd", "efgh", "ij"]),
            ("  indent stays", 9, vec!["  indent", "stays"]),
            ("Plan 日本語", 8, vec!["Plan 日", "本語"]),
            ("one\n\ntwo", 8, vec!["one", "", "two"]),
            ("", 8, vec![""]),
            ("日本", 1, vec!["日", "本"]),
        ] {
            assert_eq!(wrap(text, columns), lines, "{text:?} in {columns}");
        }
    }

    #[test]
    fn the_table_is_unicodes() {
        let unicode = regex::Regex::new(
            r"[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}--[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\U000110BD\U000110CD]]",
        )
        .unwrap();
        let mut buffer = [0; 4];
        for c in '\0'..=char::MAX {
            assert_eq!(is_hidden(c), unicode.is_match(c.encode_utf8(&mut buffer)), "U+{:04X}", c as u32);
        }
    }

    /// Text as an attacker would write it: escapes, overrides, joiners and marks among letters.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            (0u32..0x300).prop_filter_map("a character", |c| char::from_u32(c).map(String::from)),
            (0x2000u32..0x2070).prop_filter_map("a character", |c| char::from_u32(c).map(String::from)),
            (0x1100u32..0x1200).prop_filter_map("a character", |c| char::from_u32(c).map(String::from)),
            (0x0900u32..0x0e80).prop_filter_map("a character", |c| char::from_u32(c).map(String::from)),
            (0x1f1e6u32..0x1f400).prop_filter_map("a character", |c| char::from_u32(c).map(String::from)),
            prop::sample::select(vec![
                "\u{1b}]52;c;eA==\u{7}",
                "\u{1b}[2J",
                "\u{9b}2J",
                "\u{90}q\u{9c}",
                "\r",
                "\r\n",
                "\u{202e}",
                "\u{2066}",
                "\u{200d}",
                "\u{fe0f}",
                "\u{20e3}",
                "\u{301}",
                "\u{300}",
                "👩",
                "💻",
                "🏽",
                "ﾞ",
                "क",
                "्",
                "ष",
                "日",
                " ",
                "word",
                "\u{e0061}",
                "\u{34f}",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn clean_text_holds_nothing_that_hides(text in hostile()) {
            let shown = clean(&text);
            for c in shown.chars() {
                prop_assert!(!c.is_control() && !is_hidden(c), "{:?} in {:?}", c, shown);
            }
            prop_assert!(shown.graphemes(true).all(|g| cluster_width(g) > 0), "zero width in {:?}", shown);
            prop_assert_eq!(clean(&shown), shown.as_ref());
        }

        #[test]
        fn a_cell_buffer_drops_nothing_and_agrees_on_the_width(text in hostile()) {
            let shown = clean(&text);
            let mut buffer = Buffer::empty(Rect::new(0, 0, 1000, 1));
            let (end, _) = buffer.set_stringn(0, 0, &shown, 1000, Style::new());
            prop_assert_eq!(usize::from(end), width(&shown));
            let mut cells = String::new();
            let mut x = 0;
            while x < end {
                let symbol = buffer[(x, 0)].symbol();
                cells.push_str(symbol);
                x += u16::try_from(width(symbol)).unwrap();
            }
            prop_assert_eq!(cells, shown.as_ref());
        }

        #[test]
        fn truncated_text_fits(text in hostile(), columns in 0usize..40) {
            let shown = clean(&text);
            let cut = truncate(&shown, columns, "…");
            prop_assert!(width(&cut) <= columns);
            prop_assert!(width(&shown) > columns || cut == shown);
            prop_assert!(width(&pad(&cut, columns)) == columns);
        }

        #[test]
        fn wrapping_loses_only_spaces(text in hostile(), columns in 2usize..40) {
            let shown = clean(&text);
            let lines = wrap(&shown, columns);
            let visible = |text: &str| text.graphemes(true).filter(|g| *g != " ").map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(lines.iter().flat_map(|l| visible(l)).collect::<Vec<_>>(), visible(&shown));
            for line in &lines {
                prop_assert!(width(line) <= columns || line.graphemes(true).count() == 1, "{:?}", line);
            }
        }

        #[test]
        fn different_commands_look_different(a in hostile(), b in hostile()) {
            let unended = |text: &str| text.strip_suffix('\n').unwrap_or(text).to_owned();
            prop_assert_eq!(exact(&a) == exact(&b), unended(&a) == unended(&b));
        }
    }
}
