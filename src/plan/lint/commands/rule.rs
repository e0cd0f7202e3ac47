//! What a rule is: the program it asks about, where it is asked, how bad it is, and its source.

use super::shell::Simple;
use crate::plan::Level;

/// How many commands before and behind one are looked at.
const NEAR: usize = 64;

/// A rule about one tool.
pub(super) struct Rule {
    /// The program and the words behind it.
    pub tool: &'static [&'static str],
    /// Where it is asked.
    pub place: Place,
    /// How bad it is.
    pub weight: Weight,
    /// What is wrong, if anything is; goes on from the command itself.
    pub says: fn(&Case) -> Option<String>,
    /// What to do instead.
    pub hint: &'static str,
    /// Where the behaviour is documented.
    pub source: &'static str,
}

/// The procedures a rule is asked about.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// All.
    Anywhere,
    /// A way back has to run unattended and do all of it.
    Rollback,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Weight {
    /// It cannot do what it is written for.
    Fails,
    /// It loses something that does not come back.
    Destroys,
    /// It does something else than it seems; in a way back nobody has time for that.
    Surprises,
    /// It works, and can be made safer.
    Advises,
}

impl Weight {
    /// The level of a problem, in a way back or elsewhere.
    pub fn level(self, back: bool) -> Level {
        match self {
            Weight::Fails => Level::Error,
            Weight::Destroys => Level::Warning,
            Weight::Surprises if back => Level::Warning,
            Weight::Surprises | Weight::Advises => Level::Note,
        }
    }
}

/// A command among the others of its procedure.
pub(super) struct Case<'a> {
    command: &'a Simple,
    before: &'a [Simple],
    later: &'a [Simple],
}

impl<'a> Case<'a> {
    /// The command at `at`.
    pub fn new(commands: &'a [Simple], at: usize) -> Self {
        let end = commands.len().min(at + 1 + NEAR);
        Self {
            command: &commands[at],
            before: &commands[at.saturating_sub(NEAR)..at],
            later: &commands[at + 1..end],
        }
    }

    /// Whether a command further up does this.
    pub fn after(&self, test: impl Fn(&Simple) -> bool) -> bool {
        self.before.iter().any(test)
    }

    /// Whether a command further down does this.
    pub fn followed_by(&self, test: impl Fn(&Simple) -> bool) -> bool {
        self.later.iter().any(test)
    }
}

impl std::ops::Deref for Case<'_> {
    type Target = Simple;

    fn deref(&self) -> &Simple {
        self.command
    }
}

/// A rule that is asked everywhere.
pub(super) const fn anywhere(
    tool: &'static [&'static str],
    weight: Weight,
    says: fn(&Case) -> Option<String>,
    hint: &'static str,
    source: &'static str,
) -> Rule {
    Rule { tool, place: Place::Anywhere, weight, says, hint, source }
}

/// A rule that is asked in a way back only.
pub(super) const fn way_back(
    tool: &'static [&'static str],
    weight: Weight,
    says: fn(&Case) -> Option<String>,
    hint: &'static str,
    source: &'static str,
) -> Rule {
    Rule { tool, place: Place::Rollback, weight, says, hint, source }
}

/// A sentence, where something holds.
pub(super) fn say(holds: bool, what: &str) -> Option<String> {
    holds.then(|| what.to_owned())
}
