//! Putting text on the screen: every string, wherever it came from, goes through the sanitiser
//! here and is cut to its place.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Styles;
use crate::text;

/// A buffer with its styles.
pub struct Paint<'a> {
    /// Where to.
    pub buffer: &'a mut Buffer,
    /// How.
    pub styles: &'a Styles,
}

/// A piece of a line.
pub type Piece<'a> = (&'a str, Style);

impl Paint<'_> {
    /// Writes `words` at column `x` of `area`'s line `y` (both from its corner), cut at the area's
    /// right edge; the column behind it comes back.
    pub fn put(&mut self, area: Rect, x: u16, y: u16, words: &str, style: Style) -> u16 {
        if y >= area.height || x >= area.width {
            return x;
        }
        let room = usize::from(area.width - x);
        let words = text::clean(words);
        let words = if self.styles.glyphs.ascii { plain(&words) } else { words };
        let words = text::truncate(&words, room, self.styles.glyphs.ellipsis);
        let (end, _) = self.buffer.set_stringn(area.x + x, area.y + y, &words, room, style);
        end - area.x
    }

    /// Writes pieces one behind the other.
    pub fn line(&mut self, area: Rect, x: u16, y: u16, pieces: &[Piece<'_>]) -> u16 {
        pieces.iter().fold(x, |x, (words, style)| self.put(area, x, y, words, *style))
    }

    /// Writes pieces so that they end at the area's right edge; the column of their start comes
    /// back. Nothing is written where they would not fit behind `from`.
    pub fn right(&mut self, area: Rect, from: u16, y: u16, pieces: &[Piece<'_>]) -> u16 {
        let width: usize = pieces.iter().map(|(words, _)| text::width(&text::clean(words))).sum();
        let Some(x) =
            u16::try_from(width).ok().and_then(|w| area.width.checked_sub(w)).filter(|x| *x >= from)
        else {
            return area.width;
        };
        self.line(area, x, y, pieces);
        x
    }

    /// Styles a whole line of an area.
    pub fn band(&mut self, area: Rect, y: u16, style: Style) {
        if y < area.height {
            self.buffer.set_style(Rect { y: area.y + y, height: 1, ..area }, style);
        }
    }

    /// A thin line across.
    pub fn rule(&mut self, area: Rect) {
        let (sign, style) = (self.styles.glyphs.rule, self.styles.faint);
        if area.height == 0 {
            return;
        }
        for x in area.left()..area.right() {
            self.buffer.set_stringn(x, area.y, sign, 1, style);
        }
    }

    /// A thin line down.
    pub fn wall(&mut self, area: Rect) {
        let (sign, style) = (self.styles.glyphs.wall, self.styles.faint);
        for y in area.top()..area.bottom() {
            self.buffer.set_stringn(area.x, y, sign, 1, style);
        }
    }

    /// A panel's title with a count at its right; the area below it comes back.
    pub fn title(&mut self, area: Rect, title: &str, focused: bool, right: &[Piece<'_>]) -> Rect {
        let styles = self.styles;
        let (sign, style) = match focused {
            true => (styles.glyphs.cursor, styles.title),
            false => (" ", styles.dim.patch(ratatui::style::Style::new().bold())),
        };
        let x = self.line(area, 0, 0, &[(sign, styles.title), (" ", style), (title, style)]);
        self.right(area, x + 1, 0, right);
        below(area, 1)
    }

    /// How far something is, as a bar of `width` columns.
    pub fn bar(&mut self, area: Rect, (x, y): (u16, u16), width: u16, done: usize, all: usize, style: Style) {
        let glyphs = self.styles.glyphs;
        let halves =
            (usize::from(width) * 2 * done).checked_div(all).map_or(0, |h| h.max(usize::from(done > 0)));
        for column in 0..width {
            let filled = halves.saturating_sub(usize::from(column) * 2);
            let (sign, style) = match filled {
                0 => (glyphs.rest, self.styles.faint),
                1 => (glyphs.half, style),
                _ => (glyphs.full, style),
            };
            self.put(area, x + column, y, sign, style);
        }
    }

    /// Wraps a text over lines from `y` on; the next free line comes back.
    pub fn paragraph(&mut self, area: Rect, y: u16, words: &str, style: Style) -> u16 {
        let lines = text::clean_lines(words);
        let wrapped = lines.iter().flat_map(|l| text::wrap(l, usize::from(area.width)));
        wrapped.fold(y, |y, line| {
            self.put(area, 0, y, &line, style);
            y.saturating_add(1)
        })
    }
}

/// Text for a terminal that shows ASCII only: what has a plain spelling gets it, the rest is `?`.
fn plain(words: &str) -> Cow<'_, str> {
    if words.is_ascii() {
        return Cow::Borrowed(words);
    }
    let spell = |c: char| match c {
        '–' | '—' | '−' | '‑' => "-",
        '“' | '”' | '„' => "\"",
        '‘' | '’' => "'",
        '…' => "..",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '→' => "->",
        '‹' => "<",
        '›' => ">",
        '·' | '•' => ".",
        '×' => "x",
        _ => "?",
    };
    let mut plain = String::with_capacity(words.len());
    for c in words.chars() {
        if c.is_ascii() { plain.push(c) } else { plain.push_str(spell(c)) }
    }
    Cow::Owned(plain)
}

/// An area without its first `lines`.
pub fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y + lines, height: area.height - lines, ..area }
}

/// The first line to show of `len` so that `at` is well inside `height` lines. It moves in steps of
/// half a page: between two steps only the cursor's lines change on the screen.
pub fn first_line(len: usize, at: usize, height: usize) -> usize {
    if len <= height || height == 0 {
        return 0;
    }
    let step = (height / 2).max(1);
    let wanted = at.saturating_sub(height / 4) / step * step;
    wanted.min(len - height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_inside_the_list() {
        for height in 1..30 {
            for len in 0..80 {
                for at in 0..len {
                    let first = first_line(len, at, height);
                    assert!(first <= at && at < first + height, "{len} {at} {height}: {first}");
                    assert!(len <= height || first + height <= len);
                }
            }
        }
    }
}
