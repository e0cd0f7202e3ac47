//! What lies over the screen and takes the keys: one at a time, as an enum, so that two can never
//! be open at once.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::TextArea;
use uuid::Uuid;

use super::approving::Approving;
use super::baselining::Baselining;
use super::bind::Bind;
use super::levers::Confirm;
use super::polling::Polling;
use super::sign::SignBox;
use super::silencing::Silencing;
use super::trust::Allowing;
use crate::plan::{ItemId, PhaseId, ProcedureId, SignOffId};
use crate::room::Subject;

/// What is open over the screen.
#[derive(Clone, Debug, Default)]
pub enum Dialog {
    /// Nothing.
    #[default]
    None,
    /// All keys, scrolled by so many lines.
    Help {
        /// Lines scrolled.
        scroll: usize,
    },
    /// One item's story.
    Item(ItemId),
    /// A phase: its gate, and what can be done with it.
    Phase(PhaseId),
    /// A sign-off, to approve or reject.
    SignOff(Box<SignBox>),
    /// Go or no-go, asked of every role.
    Poll(Box<Polling>),
    /// A metric's limits; its name.
    Signal(Arc<str>),
    /// How long an alert shall be quiet, and why.
    Silence(Box<Silencing>),
    /// What a metric shall be compared with from here on.
    Baseline(Baselining),
    /// The conditions without a number.
    Conditions {
        /// The chosen one.
        at: usize,
    },
    /// A metric is bound.
    Bind(Box<Bind>),
    /// The plan's flags.
    Flags {
        /// The chosen one.
        at: usize,
    },
    /// A flag and the values it can be given.
    Flag {
        /// Its name.
        name: String,
        /// The chosen value.
        at: usize,
    },
    /// A percentage whose time is over: how it goes on.
    Review(String),
    /// The plan's procedures, the ways back first.
    Ways {
        /// The chosen one.
        at: usize,
    },
    /// A procedure and its run.
    Procedure(ProcedureId),
    /// Before something dangerous.
    Confirm(Box<Confirm>),
    /// What somebody else asks a second person for.
    Approve(Box<Approving>),
    /// Where a proposal stands.
    Proposal(Uuid),
    /// What the plan can reach, to look at and allow.
    Allow(Box<Allowing>),
    /// Leaving while something is not on the disk yet.
    Leaving,
    /// A text is asked for.
    Prompt(Box<Prompt>),
}

/// What a text is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// A note.
    Note(Subject),
    /// Evidence for an item.
    Evidence(ItemId),
    /// Why an item is blocked.
    Block(ItemId),
    /// Who gets an item; empty gives it to nobody.
    Assign(ItemId),
    /// Why a phase is held.
    Hold(PhaseId),
    /// Why a phase is completed over its gate.
    Override(PhaseId),
    /// A command.
    Command,
    /// A search.
    Search,
    /// Why an alert shall be quiet.
    Silence,
    /// Why a suggested procedure is not run.
    Dismiss(Uuid),
    /// What was seen of a condition, by its words.
    Happened(String),
    /// Why it is over.
    Over(Uuid),
    /// Why a flag goes up to a rung that something stands against.
    OverrideRung(String, String),
    /// Why a role says NO-GO: the poll, the role, the digest of what was seen.
    NoGo(Uuid, SignOffId, String),
    /// How it is known what became of a run's step or a flag's change.
    Resolve(Uuid, crate::room::Outcome),
    /// A field of what binds a metric.
    Bind,
    /// What is said with a sign-off.
    Sign,
}

impl Purpose {
    /// Whether the text is one line rather than a box of several.
    pub fn is_line(&self) -> bool {
        matches!(self, Purpose::Command | Purpose::Search | Purpose::Bind | Purpose::Sign)
    }
}

/// A text being written.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// The heading.
    pub title: String,
    /// The editor.
    pub text: TextArea<'static>,
    /// Why the last try was not taken.
    pub problem: Option<String>,
}

/// What came of a key in a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Still writing.
    Open,
    /// Left with Esc.
    Left,
    /// Finished with Enter.
    Done,
}

impl Prompt {
    /// An empty text.
    pub fn new(purpose: Purpose, title: impl Into<String>) -> Self {
        let mut text = TextArea::default();
        text.set_cursor_line_style(ratatui::style::Style::default());
        Self { purpose, title: title.into(), text, problem: None }
    }

    /// A key. Enter finishes; Alt-Enter and Ctrl-J start a new line where there can be one.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        let alt = key.modifiers.intersects(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let newline = alt && key.code == KeyCode::Enter || control && key.code == KeyCode::Char('j');
        match key.code {
            KeyCode::Esc => return Outcome::Left,
            KeyCode::Char('c') if control => return Outcome::Left,
            _ if newline && self.purpose.is_line() => {}
            _ if newline => self.text.insert_newline(),
            KeyCode::Enter => return Outcome::Done,
            _ => {
                self.problem = None;
                self.text.input(key);
            }
        }
        Outcome::Open
    }

    /// A paste; into one line it has to be one line.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if self.purpose.is_line() && text.trim_end().contains('\n') {
            self.problem = Some("a paste of several lines does not go into one line".to_owned());
            return;
        }
        let room = crate::room::MAX_TEXT.saturating_sub(self.value().len());
        if text.len() > room {
            self.problem = Some(format!("the paste has {} bytes, {room} fit", text.len()));
            return;
        }
        self.text.insert_str(text.trim_end_matches('\n'));
    }

    /// What is written.
    pub fn value(&self) -> String {
        self.text.lines().join("\n")
    }
}
