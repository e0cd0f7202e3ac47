//! `warroom compare`: two rooms of a plan beside each other.

use chrono::Utc;

use super::args::Hand;
use super::failure::Failure;
use super::print;
use super::report::{Source, account};
use crate::report::{as_markdown, as_text, compare};

/// As what a comparison is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// For a terminal.
    #[default]
    Text,
    /// Markdown.
    Md,
    /// JSON (schema warroom.compare/1).
    Json,
}

/// Two rooms to compare.
#[derive(Clone, Debug, clap::Args)]
pub struct Comparing {
    /// A room's name, a plan's file (its room), or a copied journal (FILE.db).
    #[arg(value_name = "ROOM")]
    pub first: String,
    /// The other.
    #[arg(value_name = "ROOM")]
    pub second: String,
    /// As what.
    #[arg(long, value_enum, default_value_t)]
    pub format: Form,
    /// Where the rooms lie.
    #[arg(long, value_name = "DIR", env = "WARROOM_STATE")]
    pub state: Option<std::path::PathBuf>,
}

/// Prints how two rooms differ.
///
/// # Errors
/// One of them is not there or cannot be read, or its journal does not keep the plan's text.
pub fn run(wanted: &Comparing) -> Result<(), Failure> {
    let now = Utc::now();
    let hand = Hand { room: None, name: None, state: wanted.state.clone() };
    let told = |target: &str| {
        let mut source = Source::find(target, &hand)?;
        let account = account(&mut source, now)?;
        let none = || {
            Failure::new(format!("{}: its journal does not keep the plan's text", account.room))
                .hint("without it nothing can be compared")
        };
        let plan = source.plan(&account.digest).ok_or_else(none)?;
        Ok::<_, Failure>((account, plan))
    };
    let (first, second) = (told(&wanted.first)?, told(&wanted.second)?);
    let found = compare((&first.0, &first.1), (&second.0, &second.1));
    match wanted.format {
        Form::Text => print::text(&as_text(&found)),
        Form::Md => print::text(&as_markdown(&found)),
        Form::Json => print::json(&serde_json::to_string_pretty(&found).expect("plain data")),
    }
}
