//! `warroom report`: what a room comes to, for people, spreadsheets, calendars and programs.
//!
//! The journal is read once, page by page, and never written: a copied file serves as well.

mod keep;
mod source;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::args::Hand;
use super::failure::Failure;
use super::print;
use crate::identity;
use crate::report::{Account, Ledger, calendar, csv, html, markdown};
pub use source::Source;

/// What a report is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Markdown.
    #[default]
    Md,
    /// One HTML file that needs nothing else.
    Html,
    /// JSON (schema warroom.report/1).
    Json,
    /// A table for a spreadsheet.
    Csv,
    /// A calendar of phases, messages and what is due after the launch.
    Ics,
}

/// What the rows of a CSV are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Rows {
    /// Everything that happened.
    #[default]
    Events,
    /// The plan's items and where they stand.
    Items,
}

/// A report that is wanted.
#[derive(Clone, Debug, clap::Args)]
pub struct Reporting {
    /// A plan's file, a room's name, or a copied journal (FILE.db).
    #[arg(value_name = "PLAN|ROOM|FILE.db")]
    pub target: String,
    #[command(flatten)]
    pub hand: Hand,
    /// As what.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// What the rows of a CSV are.
    #[arg(long, value_enum, default_value_t)]
    pub rows: Rows,
    /// Write it to a file. One that was written by this before, and is as it was then, is replaced.
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace whatever is there.
    #[arg(long)]
    pub force: bool,
}

/// Makes a report and prints it, or puts it into its file.
///
/// # Errors
/// There is no such room, its journal cannot be read, or the file is somebody else's.
pub fn run(wanted: &Reporting) -> Result<(), Failure> {
    let mut source = Source::find(&wanted.target, &wanted.hand)?;
    // Refused before anything is worked out.
    let place =
        wanted.out.as_deref().map(|out| keep::Place::find(out, &wanted.hand, wanted.force)).transpose()?;
    let written = written(wanted, &mut source, Utc::now())?;
    match place {
        None => print::text(&written),
        Some(place) => {
            place.keep(&written)?;
            eprintln!("warroom: wrote {}", shown(place.path()));
            Ok(())
        }
    }
}

fn written(wanted: &Reporting, source: &mut Source, now: DateTime<Utc>) -> Result<String, Failure> {
    if (wanted.format, wanted.rows) == (Format::Csv, Rows::Events) {
        let mut rows = csv::EVENT_HEAD.to_owned();
        if let Some(seq) = source.each(|entry| rows += &csv::event(&entry))? {
            broken(seq);
        }
        return Ok(rows);
    }
    let account = account(source, now)?;
    Ok(match wanted.format {
        Format::Md => markdown(&account),
        Format::Html => html(&account),
        Format::Json => print::escape(&serde_json::to_string_pretty(&account).expect("plain data")) + "\n",
        Format::Csv => csv::items(&account),
        Format::Ics => calendar(&account),
    })
}

/// The account of a journal as of `now`.
///
/// # Errors
/// The journal cannot be read.
pub fn account(source: &mut Source, now: DateTime<Utc>) -> Result<Account, Failure> {
    let mut samples = source.samples();
    let (store, plans) = source.parts();
    let mut ledger = Ledger::new(plans);
    if let Some(seq) = source::each(store, |entry| ledger.take(&entry))? {
        broken(seq);
        ledger.breaks_at(seq);
    }
    Ok(Account::of(&mut ledger, now, identity::zone(), &mut |metric, from, to| samples.of(metric, from, to)))
}

fn broken(seq: u64) {
    eprintln!("warroom: the journal breaks at event {seq}; the report ends there and says so");
}

fn shown(path: &Path) -> String {
    crate::text::clean(&path.display().to_string()).into_owned()
}
