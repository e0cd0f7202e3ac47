//! The timeline: what happens when, for a rehearsal, a drill and a story test alike.
//!
//! A TOML file. Everything in a step is optional but `t`; unknown keys are errors.
//! ```toml
//! plan = "checkout.md"            # the plan's file, beside this one
//! every = "5s"                    # how often a drill measures; 5s where it is not said
//!
//! [[at]]
//! t = "1h5m30s"                   # since the start; h, m, s and ms; steps stand in order
//! set = { "Error rate" = 7.5 }    # a metric of the plan jumps; true and false are 1 and 0
//! ramp = { "Latency" = { to = 9, over = "30s" } }      # or goes there evenly
//! heal = ["Error rate"]           # back to its healthy value within 10 s
//! down = ["/api/health"]          # health paths answer 503
//! up = ["/api/health"]            # and 200 again
//! hang = "30s"                    # every measurement's answer is held back for so long
//! no_data = ["Error rate"]        # answers without a number, until it is set, ramped or healed
//! baseline = { "Latency" = 120 }  # what its relative limits are compared with from now on
//! cure_by = ["flag new_page", "procedure Flag rollback"]
//! as = "ana"                      # a colleague
//! intent = "flag new_page 25"     # "procedure TITLE", "phase TITLE", or a subcommand
//! keys = "jj<space>"              # typed at the screen; only where there is one
//! expect = ["fires Error rate P1", "resolves Error rate", "quiet", "screen: NO-GO"]
//! #        ["Error rate P1 is pending", "notifies Error rate"]
//! say = "Payments slow down"      # a line of the log
//!
//! [[rule]]                        # beside the plan, named as in warroom.toml; spans as for `t`
//! of = "Error rate P1"            # a metric, one with its severity, or a limit's id
//! for = "1m"                      # keep_firing_for and cooldown alike
//! floor = { signal = "Requests", at_least = 50 }       # below that it is not judged
//! on_no_data = "ok"               # hold, ok, breach; direction = "above", clear = 3, off = true
//! ```
//! - **`cure_by`** makes the step an outage: what it sets, ramps and takes down heals when one of
//!   the levers is pulled, and not before, unless a later step says `heal` or `up`. A text or a
//!   list. A flag is pulled when it is written and not raised: a percentage lowered, a switch
//!   turned; one that stood at nothing when the outage began, by any write that changes it.
//! - **Metrics, flags and procedures** are named as the plan names them, but for case, punctuation
//!   and plural; a procedure also by the beginning of its title.
//! - **`intent`**: a flag is written and a procedure is over at that moment; `phase` opens a phase, so
//!   that a drill judges the limits inside it, and closes the one before. A subcommand is for whoever
//!   has a room.
//! - **`expect`** looks at the time since the step before that expected something: `fires` and
//!   `resolves` want that it happened in between (a severity behind the metric narrows it);
//!   `quiet` wants that nothing fired in between and nothing is firing now; `notifies` that it fired,
//!   and neither a silence nor its cooldown kept that quiet. `METRIC is STATE` looks at that moment:
//!   ok, soaking, pending, firing, recovering, out of bounds, inconclusive, too little traffic, no
//!   data, blind, flapping, silenced, not judged. Of several limits one is enough; ok needs all.
//! - **`intent = "silence Error rate P1 30m"`** keeps an alert quiet, at most 4 h.
//! - **Values** are exact where a step puts them on a limit; elsewhere they move a little, never
//!   across a limit of the plan.

use std::time::Duration;

use super::reading;
use crate::signal::Settings;

/// What happens when. Read from a file by [`Timeline::parse`], made for a plan by
/// [`Timeline::for_plan`], or the built-in one.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The plan's file as written, where the timeline names one.
    pub plan: Option<String>,
    /// Virtual time between two measurements of a drill.
    pub every: Duration,
    /// In the order of time.
    pub steps: Vec<Step>,
    /// How limits are judged beside what the plan says.
    pub rules: Vec<Settings>,
}

/// What happens at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Since the start.
    pub at: Duration,
    /// The 1-based line of the file; 0 where it was not read from one.
    pub line: usize,
    /// Metrics that go somewhere.
    pub moves: Vec<Move>,
    /// Metrics that go back to their healthy value.
    pub heal: Vec<String>,
    /// Health paths that fail from now on.
    pub down: Vec<String>,
    /// Health paths that answer again.
    pub up: Vec<String>,
    /// For how long every measurement's answer is held back.
    pub hang: Option<Duration>,
    /// Metrics that have no number from now on.
    pub no_data: Vec<String>,
    /// What relative limits of a metric are compared with from now on.
    pub baselines: Vec<(String, f64)>,
    /// Levers that end what begins here; none where nothing but a later step does.
    pub cure_by: Vec<Cure>,
    /// What a colleague does.
    pub act: Option<Act>,
    /// Keys typed at the screen.
    pub keys: Option<String>,
    /// What must have happened.
    pub expect: Vec<Expect>,
    /// A line of the log.
    pub say: Option<String>,
}

/// A metric on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// As the timeline names it.
    pub metric: String,
    /// In the plan's unit.
    pub to: f64,
    /// How long it takes; zero is a jump.
    pub over: Duration,
}

/// A lever by the name that the timeline gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cure {
    /// A flag, written and not raised.
    Flag(String),
    /// A procedure, run to its end.
    Procedure(String),
}

/// What a colleague does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub who: String,
    /// What.
    pub deed: Deed,
}

/// A colleague's deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Writes a flag.
    Flag {
        /// As the timeline names it.
        name: String,
        /// As written: "25", "25%", "true", "off".
        value: String,
    },
    /// Runs a procedure to its end.
    Procedure(String),
    /// Keeps an alert quiet; production does nothing of it.
    Silence {
        /// Which.
        alert: Named,
        /// For how long.
        time: Duration,
    },
    /// Opens a phase and closes the one before; production does nothing of it.
    Phase(String),
    /// A subcommand of `warroom`, for whoever has a room; production does nothing of it.
    Command(String),
}

/// What must have happened by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// An alert began to fire.
    Fires(Named),
    /// A firing alert ended.
    Resolves(Named),
    /// An alert began to fire, and somebody is told.
    Notifies(Named),
    /// A limit stands there.
    Is(Named, Stand),
    /// Nothing fired.
    Quiet,
    /// A text stands on the screen.
    Screen(String),
}

/// Where a limit stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is its word")]
pub enum Stand {
    Ok,
    Soaking,
    Pending,
    Firing,
    Recovering,
    OutOfBounds,
    Inconclusive,
    Thin,
    NoData,
    Blind,
    Flapping,
    Silenced,
    NotJudged,
}

impl Stand {
    /// Each with its word.
    pub const WORDS: [(&'static str, Stand); 13] = [
        ("ok", Stand::Ok),
        ("soaking", Stand::Soaking),
        ("pending", Stand::Pending),
        ("firing", Stand::Firing),
        ("recovering", Stand::Recovering),
        ("out of bounds", Stand::OutOfBounds),
        ("inconclusive", Stand::Inconclusive),
        ("too little traffic", Stand::Thin),
        ("no data", Stand::NoData),
        ("blind", Stand::Blind),
        ("flapping", Stand::Flapping),
        ("silenced", Stand::Silenced),
        ("not judged", Stand::NotJudged),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, stand)| *stand == self);
        found.expect("every one has a word; a test counts them").0
    }
}

/// Alerts by metric and perhaps severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As the timeline names it.
    pub metric: String,
    /// "P1"; none is any.
    pub severity: Option<String>,
}

/// Something wrong in a timeline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct Problem {
    /// 1-based; 0 where the timeline came from no file.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// What.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Timeline {
    /// Reads a timeline file.
    ///
    /// # Errors
    /// Everything wrong with its form, each with its place. Whether a plan knows the names in it
    /// is asked with [`Timeline::problems_with`].
    pub fn parse(text: &str) -> Result<Timeline, Vec<Problem>> {
        reading::read(text)
    }

    /// When the last step is over.
    pub fn length(&self) -> Duration {
        let end = |s: &Step| s.at + s.moves.iter().map(|m| m.over).chain(s.hang).max().unwrap_or_default();
        self.steps.iter().map(end).max().unwrap_or_default()
    }

    /// Whether anything is expected.
    pub fn expects(&self) -> bool {
        self.steps.iter().any(|s| !s.expect.is_empty())
    }
}

/// As the file writes it.
impl std::fmt::Display for Cure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cure::Flag(name) => write!(f, "flag {name}"),
            Cure::Procedure(title) => write!(f, "procedure {title}"),
        }
    }
}

/// As the file writes it.
impl std::fmt::Display for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expect::Fires(named) => write!(f, "fires {named}"),
            Expect::Resolves(named) => write!(f, "resolves {named}"),
            Expect::Notifies(named) => write!(f, "notifies {named}"),
            Expect::Is(named, stand) => write!(f, "{named} is {}", stand.word()),
            Expect::Quiet => f.write_str("quiet"),
            Expect::Screen(text) => write!(f, "screen: {text}"),
        }
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.metric)?;
        self.severity.iter().try_for_each(|s| write!(f, " {s}"))
    }
}
