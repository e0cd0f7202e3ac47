//! Tables of a plan: their folded column titles and their rows.

use super::outline::{Block, Kind, Outline, Rich};
use super::words::{fold, has_any};

/// A table.
pub(crate) struct Table<'a> {
    /// The row of titles.
    pub header: &'a Block,
    /// The titles, folded.
    pub titles: Vec<String>,
    /// The rows below.
    pub rows: Vec<(&'a Block, &'a [Rich])>,
}

/// Every table of the document, in order.
pub(crate) fn tables(outline: &Outline) -> Vec<Table<'_>> {
    let mut out: Vec<(usize, Table)> = Vec::new();
    for block in &outline.blocks {
        let Kind::Row { table, header, cells } = &block.kind else { continue };
        match out.last_mut() {
            Some((id, open)) if id == table && !header => open.rows.push((block, cells)),
            _ => {
                let titles = cells.iter().map(|c| fold(&c.text)).collect();
                out.push((*table, Table { header: block, titles, rows: Vec::new() }));
            }
        }
    }
    out.into_iter().map(|(_, table)| table).collect()
}

impl Table<'_> {
    /// The first column whose title holds one of `words`.
    pub fn column(&self, words: &[&str]) -> Option<usize> {
        words
            .iter()
            .find_map(|w| self.titles.iter().position(|t| t == w))
            .or_else(|| self.titles.iter().position(|t| has_any(t, words)))
    }
}

/// The trimmed text of a cell; `None` where it is empty or a dash.
pub(crate) fn cell(cells: &[Rich], column: Option<usize>) -> Option<&str> {
    let text = cells.get(column?)?.text.trim();
    (!text.is_empty() && !matches!(text, "-" | "–" | "—" | "n/a" | "N/A")).then_some(text)
}
