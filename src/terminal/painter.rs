//! Cells to bytes: the ratatui backend that writes into memory with as few bytes as it can.
//!
//! It asks the terminal nothing, trusts its own idea of cursor and style only within one frame, and is
//! the last line before the terminal: a cell that holds a control character shows `?` instead.

use std::collections::HashSet;
use std::io::Write as _;
use std::{convert::Infallible, mem};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use super::{Depth, nearest};

/// A run of blanks from this length on is erased by one sequence instead of written.
const ERASE_FROM: u16 = 6;

/// The memory backend of [`Screen`](super::Screen).
pub(super) struct Painter {
    size: Size,
    depth: Depth,
    bytes: Vec<u8>,
    cursor: Cursor,
    /// What the terminal shows of the cursor; unknown after somebody else had the terminal.
    shown: Option<Cursor>,
    /// The columns and rows where a wide character begins on the terminal.
    wide: HashSet<(u16, u16)>,
}

/// What ratatui last wished for the cursor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Hidden,
    At(Position),
}

/// The terminal's state while one frame is painted.
struct Pen {
    /// Where the next character lands, as far as we can know.
    at: Option<(u16, u16)>,
    style: Style,
    /// Blanks not yet written: how many end at `at`.
    blanks: u16,
}

/// Where the next character goes after a run of blanks.
#[derive(Clone, Copy)]
enum Then {
    /// Right behind it.
    Here,
    /// Anywhere: erasing leaves the cursor in front of the run, and that does not matter.
    Elsewhere,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Style {
    fg: Color,
    bg: Color,
    line: Color,
    modifier: Modifier,
}

const PLAIN: Style =
    Style { fg: Color::Reset, bg: Color::Reset, line: Color::Reset, modifier: Modifier::empty() };

impl Painter {
    pub fn new(size: Size) -> Self {
        Self {
            size,
            depth: Depth::True,
            bytes: Vec::new(),
            cursor: Cursor::Hidden,
            shown: Some(Cursor::Hidden),
            wide: HashSet::new(),
        }
    }

    pub fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// Colours beyond `depth` become the nearest ones it has.
    pub fn limit(&mut self, depth: Depth) {
        self.depth = depth;
    }

    /// Forgets what the terminal shows of the cursor, after somebody else had it.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// The bytes of the frame; empty when nothing changed.
    pub fn take(&mut self) -> Vec<u8> {
        let moved = self.cursor != Cursor::Hidden && !self.bytes.is_empty();
        if moved || self.shown != Some(self.cursor) {
            self.place();
        }
        mem::take(&mut self.bytes)
    }

    fn place(&mut self) {
        match (self.cursor, self.shown) {
            (Cursor::Hidden, _) => self.bytes.extend_from_slice(b"\x1b[?25l"),
            (Cursor::At(Position { x, y }), Some(Cursor::At(_))) => {
                put(&mut self.bytes, format_args!("\x1b[{};{}H", y + 1, x + 1))
            }
            (Cursor::At(Position { x, y }), _) => {
                put(&mut self.bytes, format_args!("\x1b[{};{}H\x1b[?25h", y + 1, x + 1))
            }
        }
        self.shown = Some(self.cursor);
    }

    fn paint(&mut self, pen: &mut Pen, x: u16, y: u16, cell: &Cell) {
        let style = self.style(cell);
        let blank = cell.symbol() == " " && style == PLAIN;
        self.widen(pen, x, y, cell, style);
        if pen.at != Some((x, y)) {
            self.flush(pen, Then::Elsewhere);
            self.go(x, y, pen.at);
            pen.at = Some((x, y));
        }
        if blank {
            pen.blanks += 1;
        } else {
            self.flush(pen, Then::Here);
            self.restyle(pen.style, style);
            pen.style = style;
            self.print(cell);
        }
        pen.at = self.after(x, y, cell);
    }

    /// Keeps book of wide characters. One that is about to lose its first half is wiped first: a terminal
    /// blanks the other half in the colours of the pen, and that cell need not be part of the frame.
    fn widen(&mut self, pen: &mut Pen, x: u16, y: u16, cell: &Cell, style: Style) {
        let width = cell.cell_width().max(1);
        let last = x.saturating_add(width - 1);
        if self.wide.contains(&(last, y)) && style != PLAIN {
            self.flush(pen, Then::Elsewhere);
            self.restyle(pen.style, PLAIN);
            pen.style = PLAIN;
            self.go(last, y, None);
            self.bytes.push(b' ');
            pen.at = None;
        }
        if !self.wide.is_empty() {
            self.wide.retain(|&(column, row)| row != y || !(x..=last).contains(&column));
        }
        if width > 1 {
            self.wide.insert((x, y));
        }
    }

    /// Where the cursor is after `cell`. Unknown after anything that terminals measure differently, and
    /// at the right edge.
    fn after(&self, x: u16, y: u16, cell: &Cell) -> Option<(u16, u16)> {
        let one = cell.cell_width() == 1 && cell.symbol().chars().count() == 1;
        (one && x + 1 < self.size.width).then_some((x + 1, y))
    }

    fn print(&mut self, cell: &Cell) {
        let symbol = cell.symbol();
        let shown = if symbol.chars().any(char::is_control) { "?" } else { symbol };
        self.bytes.extend_from_slice(shown.as_bytes());
    }

    /// Writes the blanks that were put off.
    fn flush(&mut self, pen: &mut Pen, then: Then) {
        let blanks = mem::take(&mut pen.blanks);
        if blanks == 0 {
            return;
        }
        self.restyle(pen.style, PLAIN);
        pen.style = PLAIN;
        if blanks < ERASE_FROM {
            self.bytes.extend(std::iter::repeat_n(b' ', blanks.into()));
            return;
        }
        put(&mut self.bytes, format_args!("\x1b[{blanks}X"));
        match then {
            Then::Here => put(&mut self.bytes, format_args!("\x1b[{blanks}C")),
            Then::Elsewhere => pen.at = None,
        }
    }

    fn go(&mut self, x: u16, y: u16, from: Option<(u16, u16)>) {
        match from {
            Some((at, row)) if row == y && at < x && x - at < 10 => {
                put(&mut self.bytes, format_args!("\x1b[{}C", x - at))
            }
            _ if x == 0 => put(&mut self.bytes, format_args!("\x1b[{}H", y + 1)),
            _ => put(&mut self.bytes, format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
    }

    fn style(&self, cell: &Cell) -> Style {
        let color = |color| nearest(color, self.depth);
        Style {
            fg: color(cell.fg),
            bg: color(cell.bg),
            line: color(cell.underline_color),
            modifier: cell.modifier,
        }
    }

    /// Goes from one style to another; attributes are only ever switched off all at once.
    fn restyle(&mut self, from: Style, to: Style) {
        if from == to {
            return;
        }
        let from = if to == PLAIN || !to.modifier.contains(from.modifier) { None } else { Some(from) };
        let mut codes = Vec::with_capacity(32);
        if from.is_none() {
            codes.extend_from_slice(b"0;");
        }
        let from = from.unwrap_or(PLAIN);
        push_modifiers(&mut codes, to.modifier - from.modifier);
        push_color(&mut codes, from.fg, to.fg, 30);
        push_color(&mut codes, from.bg, to.bg, 40);
        push_color(&mut codes, from.line, to.line, 50);
        codes.pop();
        self.bytes.extend_from_slice(b"\x1b[");
        self.bytes.extend_from_slice(if codes == b"0" { b"" } else { &codes });
        self.bytes.push(b'm');
    }
}

fn push_modifiers(codes: &mut Vec<u8>, modifiers: Modifier) {
    const CODES: [(Modifier, u8); 9] = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::SLOW_BLINK, 5),
        (Modifier::RAPID_BLINK, 6),
        (Modifier::REVERSED, 7),
        (Modifier::HIDDEN, 8),
        (Modifier::CROSSED_OUT, 9),
    ];
    for (modifier, code) in CODES {
        if modifiers.contains(modifier) {
            put(codes, format_args!("{code};"));
        }
    }
}

/// The codes of a colour with a semicolon behind them; `base` is 30 for text, 40 for the ground, 50 for
/// the underline, which has no short codes.
fn push_color(codes: &mut Vec<u8>, from: Color, to: Color, base: u8) {
    if from == to {
        return;
    }
    match (to, index(to)) {
        (Color::Reset, _) => put(codes, format_args!("{};", base + 9)),
        (Color::Rgb(r, g, b), _) => put(codes, format_args!("{};2;{r};{g};{b};", base + 8)),
        (_, Some(index @ 0..8)) if base < 50 && !matches!(to, Color::Indexed(_)) => {
            put(codes, format_args!("{};", base + index));
        }
        (_, Some(index @ 8..16)) if base < 50 && !matches!(to, Color::Indexed(_)) => {
            put(codes, format_args!("{};", base + 60 + index - 8));
        }
        (_, index) => put(codes, format_args!("{};5;{};", base + 8, index.unwrap_or(7))),
    }
}

/// The number of a colour in the palette of 256.
fn index(color: Color) -> Option<u8> {
    match color {
        Color::Indexed(index) => Some(index),
        Color::Black => Some(0),
        Color::Red => Some(1),
        Color::Green => Some(2),
        Color::Yellow => Some(3),
        Color::Blue => Some(4),
        Color::Magenta => Some(5),
        Color::Cyan => Some(6),
        Color::Gray => Some(7),
        Color::DarkGray => Some(8),
        Color::LightRed => Some(9),
        Color::LightGreen => Some(10),
        Color::LightYellow => Some(11),
        Color::LightBlue => Some(12),
        Color::LightMagenta => Some(13),
        Color::LightCyan => Some(14),
        Color::White => Some(15),
        Color::Reset | Color::Rgb(..) => None,
    }
}

fn put(bytes: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    bytes.write_fmt(text).expect("memory takes every write");
}

impl Backend for Painter {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut pen = Pen { at: None, style: PLAIN, blanks: 0 };
        for (x, y, cell) in content {
            self.paint(&mut pen, x, y, cell);
        }
        self.flush(&mut pen, Then::Elsewhere);
        self.restyle(pen.style, PLAIN);
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor = Cursor::Hidden;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(match self.cursor {
            Cursor::At(position) => position,
            Cursor::Hidden => Position::ORIGIN,
        })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor = Cursor::At(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.clear_region(ClearType::All)
    }

    /// Clears all, whatever part is asked for: a full repaint always follows.
    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        self.bytes.clear();
        self.wide.clear();
        self.bytes.extend_from_slice(b"\x1b[m\x1b[2J");
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{Terminal, style::Style as Look};

    use super::*;

    const WIDTH: u16 = 24;
    const HEIGHT: u16 = 5;

    fn terminal() -> Terminal<Painter> {
        let Ok(terminal) = Terminal::new(Painter::new(Size::new(WIDTH, HEIGHT)));
        terminal
    }

    /// Draws `text` at the origin and gives the bytes.
    fn bytes(terminal: &mut Terminal<Painter>, text: &str, look: Look) -> String {
        let Ok(_) = terminal.draw(|frame| {
            frame.buffer_mut().set_string(0, 0, text, look);
        });
        String::from_utf8(terminal.backend_mut().take()).unwrap()
    }

    #[test]
    fn only_what_changed_is_written() {
        let mut terminal = terminal();
        let bold = Look::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        assert_eq!(bytes(&mut terminal, "GO", Look::new()), "\x1b[1HGO");
        assert_eq!(bytes(&mut terminal, "GO", Look::new()), "");
        assert_eq!(bytes(&mut terminal, "GA", bold), "\x1b[1H\x1b[1;31mGA\x1b[m");
        assert_eq!(bytes(&mut terminal, "GB", bold), "\x1b[1;2H\x1b[1;31mB\x1b[m");
        assert_eq!(bytes(&mut terminal, "", Look::new()), "\x1b[1H  ");
    }

    #[test]
    fn a_long_blank_is_one_sequence() {
        let mut terminal = terminal();
        bytes(&mut terminal, "checkout rollout ready", Look::new());
        assert_eq!(bytes(&mut terminal, "checkout", Look::new()), "\x1b[1;10H\x1b[7X\x1b[1;18H     ");
    }

    #[test]
    fn the_cursor_is_written_when_it_changes() {
        let mut terminal = terminal();
        let mut draw = |at: Option<(u16, u16)>| {
            let Ok(_) = terminal.draw(|frame| at.into_iter().for_each(|at| frame.set_cursor_position(at)));
            String::from_utf8(terminal.backend_mut().take()).unwrap()
        };
        assert_eq!(draw(None), "");
        assert_eq!(draw(Some((2, 1))), "\x1b[2;3H\x1b[?25h");
        assert_eq!(draw(Some((2, 1))), "");
        assert_eq!(draw(Some((3, 1))), "\x1b[2;4H");
        assert_eq!(draw(None), "\x1b[?25l");
    }

    #[test]
    fn colours_have_their_shortest_codes() {
        for (color, depth, codes) in [
            (Color::Red, Depth::True, "31"),
            (Color::LightRed, Depth::True, "91"),
            (Color::Indexed(1), Depth::True, "38;5;1"),
            (Color::Rgb(1, 2, 3), Depth::True, "38;2;1;2;3"),
            (Color::Rgb(255, 0, 0), Depth::Sixteen, "91"),
        ] {
            let mut terminal = terminal();
            terminal.backend_mut().limit(depth);
            assert_eq!(
                bytes(&mut terminal, "x", Look::new().fg(color)),
                format!("\x1b[1H\x1b[{codes}mx\x1b[m")
            );
        }
    }

    #[test]
    fn without_colours_attributes_stay() {
        let mut terminal = terminal();
        terminal.backend_mut().limit(Depth::None);
        let look = Look::new().fg(Color::Red).bg(Color::Blue).add_modifier(Modifier::REVERSED);
        assert_eq!(bytes(&mut terminal, "x", look), "\x1b[1H\x1b[7mx\x1b[m");
    }

    #[test]
    fn a_control_character_in_a_cell_stays_inside() {
        let mut terminal = terminal();
        let Ok(_) = terminal.draw(|frame| {
            frame.buffer_mut()[(0, 0)].set_symbol("\x1b[2J");
            frame.buffer_mut()[(0, 1)].set_symbol("\u{9b}2J");
        });
        assert_eq!(terminal.backend_mut().take(), b"\x1b[1H?\x1b[2H?");
    }

    #[derive(Clone, Debug)]
    struct Write {
        at: (u16, u16),
        text: &'static str,
        look: Look,
    }

    fn write() -> impl Strategy<Value = Write> {
        let text = prop::sample::select(vec![
            "x",
            "word",
            "          ",
            "日本",
            "Gro\u{308}ße",
            "─│┌",
            "▁▂▃█",
            " a  b ",
        ]);
        let color = prop::sample::select(vec![
            Color::Reset,
            Color::Red,
            Color::LightBlue,
            Color::Indexed(200),
            Color::Rgb(1, 2, 3),
        ]);
        let modifier = prop::sample::select(vec![
            Modifier::empty(),
            Modifier::BOLD,
            Modifier::UNDERLINED,
            Modifier::BOLD | Modifier::REVERSED,
        ]);
        ((0..WIDTH, 0..HEIGHT), text, color.clone(), color, modifier).prop_map(
            |(at, text, fg, bg, modifier)| Write {
                at,
                text,
                look: Look::new().fg(fg).bg(bg).add_modifier(modifier),
            },
        )
    }

    /// The colour as a terminal model knows it.
    fn model(color: Color) -> vt100::Color {
        match color {
            Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
            color => index(color).map_or(vt100::Color::Default, vt100::Color::Idx),
        }
    }

    proptest! {
        /// After any row of frames the terminal shows exactly the last one.
        #[test]
        fn the_terminal_shows_the_frame(frames in prop::collection::vec(prop::collection::vec(write(), 0..12), 1..6)) {
            let mut terminal = terminal();
            let mut parser = vt100::Parser::new(HEIGHT.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
            for frame in frames {
                let Ok(done) = terminal.draw(|f| {
                    for write in &frame {
                        f.buffer_mut().set_string(write.at.0, write.at.1, write.text, write.look);
                    }
                });
                let wanted = done.buffer.clone();
                parser.process(&terminal.backend_mut().take());
                let mut hidden = 0;
                for y in 0..HEIGHT {
                    for x in 0..WIDTH {
                        let (cell, shown) = (&wanted[(x, y)], parser.screen().cell(y, x).unwrap());
                        hidden = if x == 0 { 0 } else { hidden };
                        if hidden > 0 {
                            hidden -= 1;
                            continue;
                        }
                        hidden = cell.cell_width() - 1;
                        let symbol = if shown.contents().is_empty() { " " } else { shown.contents() };
                        prop_assert_eq!(symbol, cell.symbol(), "at {},{}", x, y);
                        prop_assert_eq!(shown.bgcolor(), model(cell.bg));
                        prop_assert_eq!(shown.underline(), cell.modifier.contains(Modifier::UNDERLINED));
                        prop_assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED));
                        if symbol != " " {
                            prop_assert_eq!(shown.fgcolor(), model(cell.fg));
                            prop_assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD));
                        }
                    }
                }
            }
        }
    }
}
