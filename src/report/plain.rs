//! Sections as plain text for a terminal: columns below each other, every text clean.

use super::page::{Block, Cell, Section};
use crate::text::{clean, pad, truncate, width};

/// A column is no wider; what is longer is cut, since a comparison is looked at side by side.
const WIDEST: usize = 48;

/// A section as text.
pub(super) fn written(section: &Section<'_>) -> String {
    let mut out = format!("{}\n", section.title);
    for block in &section.blocks {
        match block {
            Block::Text(text) | Block::Part(text) => out += &format!("  {}\n", clean(text)),
            Block::List(points) => points.iter().for_each(|p| out += &format!("  - {}\n", clean(p))),
            Block::Table { head, rows, .. } => out += &table(head, rows),
            Block::Chart { about, .. } => out += &format!("  {}\n", clean(about)),
        }
    }
    out
}

fn table(head: &[&str], rows: &[Vec<Cell>]) -> String {
    let told = |cell: &Cell| {
        let all: Vec<_> = std::iter::once(&cell.text).chain(&cell.more).filter(|t| !t.is_empty()).collect();
        let all = all.iter().map(|t| clean(t)).collect::<Vec<_>>().join("; ");
        truncate(&all, WIDEST, "…").into_owned()
    };
    let head: Vec<String> = head.iter().map(|h| (*h).to_owned()).collect();
    let all: Vec<Vec<String>> =
        std::iter::once(head).chain(rows.iter().map(|r| r.iter().map(told).collect())).collect();
    let columns = all.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |n: usize| all.iter().filter_map(|row| row.get(n)).map(|c| width(c)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, columns)| pad(cell, *columns));
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    all.iter().map(line).collect()
}
