//! How a curve becomes characters: braille with two columns and four rows a cell, blocks with eight
//! levels, or ASCII. What is beyond a limit has its own sign in each, not only its colour.

use ratatui::style::Style;

use super::chart::{Breach, Curve, Plot};
use super::paint::Paint;

/// How fine a terminal can draw.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Braille,
    Blocks,
    Ascii,
}

fn way(paint: &Paint<'_>) -> Way {
    match paint.styles.glyphs {
        g if g.ascii => Way::Ascii,
        g if g.braille => Way::Braille,
        _ => Way::Blocks,
    }
}

/// Whether a cell holds two columns.
pub fn is_fine(paint: &Paint<'_>) -> bool {
    way(paint) == Way::Braille
}

fn per_cell(paint: &Paint<'_>) -> usize {
    match way(paint) {
        Way::Braille => 4,
        Way::Blocks => 8,
        Way::Ascii => 1,
    }
}

/// The rows of dots in so many cells.
pub fn rows(paint: &Paint<'_>, cells: u16) -> usize {
    usize::from(cells) * per_cell(paint)
}

/// The cell that a row of dots is in.
pub fn cell(paint: &Paint<'_>, row: usize) -> u16 {
    (row / per_cell(paint)) as u16
}

/// Signs of the curve and of the one beside it.
pub fn legend(paint: &Paint<'_>) -> (&'static str, &'static str) {
    match way(paint) {
        Way::Braille => ("⣀⣀", "⢀⢀"),
        Way::Blocks => ("▄▄", "• •"),
        Way::Ascii => ("**", "oo"),
    }
}

/// The style of the curve beside the other.
pub fn beside_style(paint: &Paint<'_>) -> Style {
    paint.styles.title
}

/// Whether nothing but a limit's line, or nothing, is in a cell.
pub fn is_line(paint: &Paint<'_>, x: u16, y: u16) -> bool {
    paint.buffer.cell((x, y)).is_some_and(|c| matches!(c.symbol(), " " | "╌" | "┈" | "-" | "░" | ":"))
}

/// A curve about to be drawn.
pub struct Dots<'a> {
    pub plot: &'a Plot,
    pub curve: &'a Curve,
    pub breaches: &'a [Option<Breach>],
}

/// The bit of a braille dot, by column and row.
const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

impl Dots<'_> {
    /// Draws what is beyond a limit, then the curve.
    pub fn render(&self, paint: &mut Paint<'_>) {
        for x in 0..self.plot.area.width {
            self.shade(paint, x);
            match way(paint) {
                Way::Braille => self.braille(paint, x),
                Way::Blocks => self.bar(paint, x),
                Way::Ascii => self.ascii(paint, x),
            }
        }
    }

    /// From the limit to the value, where the value is beyond it.
    fn shade(&self, paint: &mut Paint<'_>, x: u16) {
        let per = self.plot.per_cell();
        let columns = usize::from(x) * per..(usize::from(x) + 1) * per;
        let Some(breach) = self.breaches[columns].iter().flatten().next() else { return };
        let sign = if paint.styles.glyphs.ascii { ":" } else { "░" };
        let row = |v: f64| cell(paint, self.curve.scale.row(v, rows(paint, self.plot.area.height)));
        let (a, b) = (row(breach.at), row(breach.value));
        for y in a.min(b)..=a.max(b) {
            if y != a {
                put(paint, self.plot, x, y, sign, breach.style);
            }
        }
    }

    fn style(&self, paint: &Paint<'_>, column: usize) -> Style {
        self.breaches[column].map_or(paint.styles.strong, |b| b.style)
    }

    fn braille(&self, paint: &mut Paint<'_>, x: u16) {
        let mut cells = vec![0u32; usize::from(self.plot.area.height)];
        let mut style = paint.styles.strong;
        for (side, column) in (usize::from(x) * 2..usize::from(x) * 2 + 2).enumerate() {
            let Some((top, bottom)) = extent(paint, self.plot, self.curve, column) else { continue };
            style = self.style(paint, column);
            for row in top..=bottom {
                cells[row / 4] |= BITS[side][row % 4];
            }
        }
        for (y, bits) in (0..).zip(cells).filter(|(_, bits)| *bits > 0) {
            put(paint, self.plot, x, y, &dotted(bits), style);
        }
    }

    /// A bar from the foot; beyond the limit it has another texture.
    fn bar(&self, paint: &mut Paint<'_>, x: u16) {
        let (column, height) = (usize::from(x), self.plot.area.height);
        let Some(seen) = self.curve.columns[column] else { return };
        let breach = self.breaches[column];
        let all = rows(paint, height);
        let top = self.curve.scale.row(breach.map_or(seen.last, |b| b.value), all);
        let limit = breach.map(|b| cell(paint, self.curve.scale.row(b.at, all)));
        for y in cell(paint, top)..height {
            let level = (usize::from(y) * 8 + 7).saturating_sub(top).min(7);
            let above = limit.is_some_and(|l| y < l);
            let sign = if above && level == 7 { "▓" } else { LEVELS[level] };
            let style = if above { self.style(paint, column) } else { paint.styles.dim };
            put(paint, self.plot, x, y, sign, style);
        }
    }

    fn ascii(&self, paint: &mut Paint<'_>, x: u16) {
        let Some((top, bottom)) = extent(paint, self.plot, self.curve, usize::from(x)) else { return };
        let Some(seen) = self.curve.columns[usize::from(x)] else { return };
        let last = self.curve.scale.row(seen.last, rows(paint, self.plot.area.height));
        for row in top..=bottom {
            let sign = if row == last { "*" } else { "|" };
            put(paint, self.plot, x, row as u16, sign, self.style(paint, usize::from(x)));
        }
    }
}

/// The curve beside the other: dots with gaps, in another style.
pub fn render_beside(paint: &mut Paint<'_>, plot: &Plot, curve: &Curve) {
    let style = beside_style(paint);
    let (fine, per) = (is_fine(paint), plot.per_cell());
    for x in 0..plot.area.width {
        // The right dot of a cell only: the line has gaps, whatever its colour.
        let column = usize::from(x) * per + per - 1;
        let Some((top, bottom)) = extent(paint, plot, curve, column) else { continue };
        let row = (top + bottom) / 2;
        let bits = BITS[1][row % 4];
        let sign = match way(paint) {
            Way::Ascii => "o".to_owned(),
            Way::Blocks if x % 2 == 1 => continue,
            Way::Blocks => "•".to_owned(),
            Way::Braille => dotted(bits),
        };
        let y = if fine { (row / 4) as u16 } else { cell(paint, row) };
        put(paint, plot, x, y, &sign, style);
    }
}

fn dotted(bits: u32) -> String {
    char::from_u32(0x2800 + bits).map(String::from).unwrap_or_default()
}

/// The rows that a column reaches over, joined to the one before it.
fn extent(paint: &Paint<'_>, plot: &Plot, curve: &Curve, column: usize) -> Option<(usize, usize)> {
    let seen = curve.columns[column]?;
    let row = |v: f64| curve.scale.row(v, rows(paint, plot.area.height));
    let (mut top, mut bottom) = (row(seen.max), row(seen.min));
    if let Some(before) = column.checked_sub(1).and_then(|c| curve.columns[c]) {
        let at = row(before.last);
        // One row short of the neighbour: a step is not drawn twice as thick.
        top = top.min(at + usize::from(at < top));
        bottom = bottom.max(at.saturating_sub(usize::from(at > bottom)));
    }
    Some((top, bottom))
}

fn put(paint: &mut Paint<'_>, plot: &Plot, x: u16, y: u16, sign: &str, style: Style) {
    if y < plot.area.height && x < plot.area.width {
        paint.buffer.set_stringn(plot.area.x + x, plot.area.y + y, sign, 1, style);
    }
}
