//! A report as sections of tables and lists, before anybody writes it as Markdown or HTML, so that both
//! say the same. Texts are not yet clean.

mod decisions;
mod launch;
mod levers;
mod lists;
mod signals;
mod signoffs;

use chrono::{DateTime, Utc};

use super::account::{Account, Chart};

/// A section with a heading.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section<'a> {
    /// For links inside a page.
    pub id: &'static str,
    pub title: &'static str,
    pub blocks: Vec<Block<'a>>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block<'a> {
    Text(String),
    List(Vec<String>),
    Table {
        about: String,
        head: Vec<&'static str>,
        rows: Vec<Vec<Cell>>,
    },
    Chart {
        about: String,
        chart: &'a Chart,
        fired: DateTime<Utc>,
        ended: Option<DateTime<Utc>>,
    },
    /// A heading of the next level.
    Part(String),
}

/// How a cell is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Plain,
    Code,
    Good,
    Care,
    Bad,
    Faint,
}

/// A cell of a table, with smaller lines below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub text: String,
    pub look: Look,
    pub more: Vec<String>,
}

pub(super) fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), ..Cell::default() }
}

pub(super) fn looks(look: Look, text: impl Into<String>) -> Cell {
    Cell { text: text.into(), look, more: vec![] }
}

impl Cell {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.more.is_empty()
    }

    fn with(mut self, more: impl IntoIterator<Item = String>) -> Self {
        self.more.extend(more);
        self
    }
}

/// The sections of a report, without those that have nothing to say.
pub(super) fn sections(account: &Account) -> Vec<Section<'_>> {
    let all = [
        ("phases", "Phases", launch::phases(account)),
        ("gates", "Gates", launch::gates(account)),
        ("polls", "Polls", decisions::polls(account)),
        ("clock", "Holds of the count", decisions::clock(account)),
        ("signoffs", "Sign-offs", signoffs::signoffs(account)),
        ("claims", "Ticks that were doubted", decisions::claims(account)),
        ("alerts", "Alerts", signals::alerts(account)),
        ("conditions", "Conditions that people saw", signals::conditions(account)),
        ("runs", "Ways back and other procedures", levers::runs(account)),
        ("flags", "Flags", levers::flags(account)),
        ("proposals", "What took two people", decisions::proposals(account)),
        ("resolved", "Unknown ends that people settled", decisions::resolved(account)),
        ("overrides", "Done over an objection", launch::overrides(account)),
        ("unknown", "What is not known", launch::unknown(account)),
        ("rules", "Silences and baselines", signals::rules(account)),
        ("after", "After the launch", lists::due(account)),
        ("checklists", "Checklists", lists::checklists(account)),
        ("messages", "Messages of the plan", lists::messages(account)),
        ("notes", "Notes", lists::notes(account)),
        ("story", "What happened", lists::story(account)),
        ("about", "About this report", launch::about(account)),
    ];
    let told = all.into_iter().filter(|(.., blocks)| !blocks.is_empty());
    told.map(|(id, title, blocks)| Section { id, title, blocks }).collect()
}

/// A table without the columns that are empty all the way down.
fn table(about: &str, head: &[&'static str], rows: Vec<Vec<Cell>>) -> Vec<Block<'static>> {
    if rows.is_empty() {
        return vec![];
    }
    let told: Vec<bool> =
        (0..head.len()).map(|n| rows.iter().any(|r| r.get(n).is_some_and(|c| !c.is_empty()))).collect();
    let kept =
        |row: Vec<Cell>| row.into_iter().zip(&told).filter(|(_, told)| **told).map(|(c, _)| c).collect();
    let head = head.iter().zip(&told).filter(|(_, told)| **told).map(|(title, _)| *title).collect();
    vec![Block::Table { about: about.to_owned(), head, rows: rows.into_iter().map(kept).collect() }]
}
