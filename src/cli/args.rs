//! What can be typed: the subcommands and their flags.

use std::path::PathBuf;

use clap::builder::TypedValueParser as _;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::compare::Comparing;
use super::gate::Gating;
use super::poll::Polling;
use super::quiet::Quieting;
use super::report::Reporting;
use super::vote::Voting;
use super::whatif::Asking;

const CODES: &str = "\
Exit codes: 0 ok, 1 failure, 2 usage, 10 NO-GO, 11 INCONCLUSIVE, 12 refused by the room, 13 read-only, 129, 130 and 143 stopped by a signal.
Files: settings in config.toml, keys in keys.toml, themes in themes/*.toml, all in the configuration folder \
($XDG_CONFIG_HOME/warroom or ~/.config/warroom); rooms in the data folder ($XDG_DATA_HOME/warroom or \
~/.local/share/warroom) or where --state says.";

/// A terminal war room: it reads the Markdown rollout plan a team already has and runs the launch from it.
#[derive(Debug, Parser)]
#[command(name = "warroom", version, after_help = CODES, args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Cli {
    /// What to do; without one, the plan or room is opened.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Opening a room.
    #[command(flatten)]
    pub open: Open,
}

/// How a room is opened on the screen.
#[derive(Clone, Debug, Args)]
pub struct Open {
    /// A plan's file or a room's name.
    #[arg(value_name = "PLAN|ROOM")]
    pub target: Option<String>,
    #[command(flatten)]
    pub hand: Hand,
    /// Make a new room even where the plan has an open one.
    #[arg(long)]
    pub new: bool,
    /// The environment of a room made now; a plan can have a room for each.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Set T0 on opening: now, +15m, "2026-11-21 10:00 Europe/Berlin".
    #[arg(long, value_name = "TIME")]
    pub t0: Option<String>,
    /// Only look; nothing is recorded.
    #[arg(long)]
    pub read_only: bool,
    #[command(flatten)]
    pub look: Look,
}

/// How the screen looks and listens.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// dark, light, high-contrast, colour-blind, or one of your own.
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// When to use colour: auto, always, never.
    #[arg(long, visible_alias = "color", value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    pub colour: Option<String>,
    /// ASCII signs only.
    #[arg(long)]
    pub ascii: bool,
    /// Report the mouse from the start.
    #[arg(long)]
    pub mouse: bool,
}

/// A plan or room, and whose hand acts on it.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// A plan's file or a room's name.
    #[arg(value_name = "PLAN|ROOM")]
    pub target: String,
    #[command(flatten)]
    pub hand: Hand,
}

/// Which room, under whose name, and where the rooms lie.
#[derive(Clone, Debug, Args)]
pub struct Hand {
    /// The room, where the plan has several.
    #[arg(long, value_name = "NAME")]
    pub room: Option<String>,
    /// Act under this name instead of login@host.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Where the rooms lie.
    #[arg(long, value_name = "DIR", env = "WARROOM_STATE")]
    pub state: Option<PathBuf>,
}

/// Everything without the screen.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print how a plan is read: every part with its line, what is bound, what stayed prose, what is wrong.
    Check(Checking),
    /// Show what of a plan can reach outside (commands, addresses, flags) and allow exactly that.
    Allow(Allowing),
    /// Write a warroom.toml beside a plan: everything of it that can be bound to real systems.
    Init(Initing),
    /// Print a JSON Schema.
    Schema {
        /// Of warroom.toml, of a reading (`warroom check --json`), or of a report (`--format json`).
        #[arg(value_enum, default_value_t = Schema::Binding)]
        of: Schema,
    },
    /// Hold the watch without a screen: measure, judge, record what crosses, print what happens.
    Follow(Following),
    /// List the rooms.
    Rooms {
        /// Where the rooms lie.
        #[arg(long, value_name = "DIR", env = "WARROOM_STATE")]
        state: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print where a launch stands.
    Status {
        #[command(flatten)]
        place: Place,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tick items.
    Tick(Ticking),
    /// Untick items.
    Untick(Ticking),
    /// Write a note.
    Note {
        #[command(flatten)]
        place: Place,
        /// The note; - reads standard input.
        text: String,
        /// The item it is about: an id, the beginning of one, :LINE or unique text.
        #[arg(long, value_name = "ITEM")]
        on: Option<String>,
        /// Print what was recorded as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what a signal is that no source measures; it counts for as long as its source's `every`.
    Value {
        #[command(flatten)]
        place: Place,
        /// A metric of the plan, or a signal of warroom.toml.
        signal: String,
        /// A number, in the signal's unit.
        #[arg(allow_negative_numbers = true)]
        value: f64,
        /// Print what was recorded as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a firing alert in hand.
    Ack(Quieting),
    /// Keep a firing alert quiet for a while; it stays in sight.
    Silence {
        #[command(flatten)]
        quieting: Quieting,
        /// How long: 30m, 1h30m, at most 4h.
        #[arg(long = "for", value_name = "TIME", required_unless_present = "end", requires = "reason")]
        span: Option<String>,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// End its silence now.
        #[arg(long, conflicts_with = "span")]
        end: bool,
    },
    /// Read a flag, or change it once exactly what would be sent was confirmed.
    #[command(subcommand)]
    Flag(Flag),
    /// Run a step of a procedure once exactly what would run was confirmed.
    Run(Running),
    /// List runs of procedures, and what waits for a second person.
    Runs {
        #[command(flatten)]
        place: Place,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Stop whatever of a room runs, whichever process began it. Never asks.
    Stop {
        #[command(flatten)]
        place: Place,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Approve what somebody else proposed.
    Approve(Approving),
    /// Say what became of a run's unknown step. It never makes anything run.
    Resolve(Resolving),
    /// Sign for a role with an SSH key, or export what was signed.
    Sign(super::sign::Asking),
    /// Show whose signatures count in a room, or adopt another list.
    Signers(super::signers::Listing),
    /// Run recorded samples against another limit: when it would have fired, and how often falsely.
    Whatif(Asking),
    /// Print what a phase's gate says; the exit code is 0 for GO, 10 for NO-GO, 11 for INCONCLUSIVE.
    Gate(Gating),
    /// Answer for a role in the poll under way: GO, NO-GO or ABSTAIN.
    Vote(Voting),
    /// Ask every role about a phase's gate, or end that with what the votes come to.
    Poll(Polling),
    /// Write a report of a launch: the plan filled in, what happened, what is not known.
    Report(Reporting),
    /// Compare two rooms of a plan: a rehearsal with the launch, the last launch with this one.
    Compare(Comparing),
    /// Print what happened.
    Log {
        #[command(flatten)]
        place: Place,
        /// Go on printing as it happens.
        #[arg(long, short)]
        follow: bool,
        /// Print where the journal ends, as one line to keep elsewhere: a git tag, a chat message.
        #[arg(long, conflicts_with = "follow")]
        head: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Check that a room's journal is whole and is the one that was seen before. Writes nothing.
    Verify(Verifying),
    /// Play a timeline file against the rules of its plan and compare what it expects.
    ///
    /// A team's unit test for its own limits, in virtual time: steps set metrics, and expect what
    /// fires, resolves, notifies, or where a limit stands ("Error rate P1 is pending"). `[[rule]]`
    /// tables say what warroom.toml would. Exit code 1 where an expectation is missed.
    Drill {
        /// The timeline's file; it names its plan.
        file: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Live the launch through: a simulated production on this machine, nothing of the plan executed.
    Rehearse(Rehearsing),
    /// Play a launch back: every screen as it was at any moment. Looks only; nothing is done or written.
    Replay(Replaying),
    /// List the themes.
    Themes {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Own a step of a run until it is over; called by the program itself.
    #[command(hide = true)]
    Supervise {
        /// The step's folder.
        folder: PathBuf,
        /// The digest of what was confirmed.
        confirmed: String,
    },
    /// Repair a terminal that a killed program left broken.
    Reset {
        /// Say as JSON that it was done.
        #[arg(long)]
        json: bool,
    },
}

const CHECK_CODES: &str = "\
Exit codes: 0 clean, 1 with errors (with --strict also with warnings).
With --diff, as diff(1): 0 nothing changes in meaning, 1 something does, 2 trouble.";

/// A plan to check, or two to compare.
#[derive(Clone, Debug, Args)]
#[command(after_help = CHECK_CODES)]
pub struct Checking {
    /// The plan's file; warroom.toml beside it is read too.
    #[arg(required_unless_present = "diff")]
    pub plan: Option<PathBuf>,
    /// The binding, where it is not the warroom.toml beside the plan.
    #[arg(long, value_name = "FILE")]
    pub binding: Option<PathBuf>,
    /// As JSON (schema warroom.plan/1; of --diff warroom.diff/1).
    #[arg(long)]
    pub json: bool,
    /// Everything, or only the problems, one a line: FILE:LINE:COLUMN: LEVEL: MESSAGE.
    #[arg(long, value_name = "FORM", default_value = "long")]
    pub format: Form,
    /// Fail on warnings too.
    #[arg(long)]
    pub strict: bool,
    /// Say what an edit of a plan changes in meaning.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with_all = ["plan", "binding", "format", "strict"])]
    pub diff: Vec<PathBuf>,
}

/// How much is printed of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// The whole reading.
    Long,
    /// One line a problem.
    Short,
}

/// What is rehearsed, and how.
#[derive(Clone, Debug, Args)]
pub struct Rehearsing {
    /// A plan's file; without one, the plan that comes with the program.
    #[arg(value_name = "PLAN")]
    pub plan: Option<PathBuf>,
    /// What happens when: a timeline file; without one, every alert of the plan breaks once.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// How fast its clock goes.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub speed: f64,
    /// Act under this name instead of login@host.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Where the rooms lie.
    #[arg(long, value_name = "DIR", env = "WARROOM_STATE")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub look: Look,
}

/// A launch to play back.
#[derive(Clone, Debug, Args)]
pub struct Replaying {
    /// A room, its plan, or a journal's file (also a copy of one).
    #[arg(value_name = "ROOM|PLAN|FILE.db")]
    pub target: String,
    /// The room, where the plan has several.
    #[arg(long, value_name = "NAME")]
    pub room: Option<String>,
    /// Begin at this time, of the launch's last day where it names none: 14:03, "2026-11-21 14:03".
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Play at once, so many times as fast as it was.
    #[arg(long, value_name = "N")]
    pub speed: Option<f64>,
    /// Print the story as lines, without a screen; with --speed a line comes when it is its time.
    #[arg(long)]
    pub plain: bool,
    /// Where the rooms lie.
    #[arg(long, value_name = "DIR", env = "WARROOM_STATE")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub look: Look,
}

/// Items to tick or untick.
#[derive(Clone, Debug, Args)]
pub struct Ticking {
    #[command(flatten)]
    pub place: Place,
    /// Each an id, the beginning of one, :LINE or unique text.
    #[arg(required = true, value_name = "ITEM")]
    pub items: Vec<String>,
    /// Also write the box into the plan's own file: one byte, nothing else.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub write_back: Option<bool>,
    /// Print what was recorded as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A room to follow.
#[derive(Clone, Debug, Args)]
pub struct Following {
    #[command(flatten)]
    pub place: Place,
    /// The environment of a room made now; a plan can have a room for each.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// A line of text for everything that happens; what it does without --json.
    #[arg(long, conflicts_with = "json")]
    pub plain: bool,
    /// A JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Also print every minute where the room stands.
    #[arg(long)]
    pub heartbeat: bool,
}

/// How a person confirms.
#[derive(Clone, Debug, Args)]
pub struct Confirming {
    /// Confirm with exactly the phrase that is asked for: checkout-1.
    #[arg(long, value_name = "PHRASE")]
    pub yes: Option<String>,
    /// Print what would be sent or run, byte for byte, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// What is wanted of a flag.
#[derive(Clone, Debug, Subcommand)]
pub enum Flag {
    /// Print what a flag reads.
    Get {
        #[command(flatten)]
        place: Place,
        /// The plan's flag.
        key: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Change a flag; the phrase is PLAN-FLAG-VALUE, PLAN being the file without its ending.
    Set(Flagging),
}

/// A flag to change.
#[derive(Clone, Debug, Args)]
pub struct Flagging {
    #[command(flatten)]
    pub place: Place,
    /// The plan's flag.
    pub key: String,
    /// on, off, or a number.
    pub value: String,
    #[command(flatten)]
    pub confirming: Confirming,
}

/// A step to run.
#[derive(Clone, Debug, Args)]
pub struct Running {
    #[command(flatten)]
    pub place: Place,
    /// Its procedure: heading, part of it, id or :LINE.
    pub procedure: String,
    /// Which step; without it the next one. The phrase is PLAN-STEP.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..).map(usize::from))]
    pub step: Option<usize>,
    #[command(flatten)]
    pub confirming: Confirming,
}

/// What somebody else proposed.
#[derive(Clone, Debug, Args)]
pub struct Approving {
    #[command(flatten)]
    pub place: Place,
    /// Its id, or the beginning of it.
    pub proposal: String,
    /// Take back what you asked for yourself.
    #[arg(long)]
    pub take_back: bool,
    #[command(flatten)]
    pub confirming: Confirming,
}

/// What a person found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Said {
    /// It was done.
    Done,
    /// It was not, or not wholly.
    NotDone,
}

/// An unknown run.
#[derive(Clone, Debug, Args)]
pub struct Resolving {
    #[command(flatten)]
    pub place: Place,
    /// The run's or flag change's id, or the beginning of it; or the flag's name.
    pub run: String,
    /// What became of it.
    pub said: Said,
    /// How that is known.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// A journal to verify.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes: 0 whole, 1 not whole or not the one that was seen before.")]
pub struct Verifying {
    /// A plan's file, a room's name, or a journal file: a copy of rooms/NAME.db.
    #[arg(value_name = "PLAN|ROOM|FILE.db")]
    pub target: String,
    #[command(flatten)]
    pub hand: Hand,
    /// Compare with what `warroom log --head` printed once: the line, a file with such lines, or - for
    /// standard input. Other text around them does no harm. A signed statement works too.
    #[arg(long, value_name = "LINE|FILE|-")]
    pub against: Option<String>,
    /// Go on although something is wrong, and record why: a broken journal is moved aside and what
    /// verifies lives on; another end than the remembered one becomes the one that counts.
    #[arg(long, value_name = "REASON", conflicts_with = "against")]
    pub accept: Option<String>,
    /// As JSON (schema warroom.verify/1).
    #[arg(long)]
    pub json: bool,
}

/// A plan to allow.
#[derive(Clone, Debug, Args)]
pub struct Allowing {
    /// The plan's file; warroom.toml beside it counts too.
    pub plan: PathBuf,
    /// Allow it without being asked.
    #[arg(long)]
    pub yes: bool,
    /// As JSON; without --yes it only shows.
    #[arg(long)]
    pub json: bool,
    /// Act under this name instead of login@host.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Where it is remembered.
    #[arg(long, value_name = "DIR", env = "WARROOM_STATE")]
    pub state: Option<PathBuf>,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Schema {
    /// warroom.toml
    Binding,
    /// A reading.
    Plan,
    /// A report.
    Report,
}

/// A plan whose binding is written.
#[derive(Clone, Debug, Args)]
pub struct Initing {
    /// The plan's file.
    pub plan: PathBuf,
    /// The file to write; without it, warroom.toml beside the plan.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print the file instead of writing it.
    #[arg(long)]
    pub dry_run: bool,
    /// Print what was added as JSON.
    #[arg(long)]
    pub json: bool,
}
