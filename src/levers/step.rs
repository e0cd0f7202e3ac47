//! The steps of a procedure as they are shown, confirmed and handed to an executor. Pure.
//!
//! What is kept of a command is its escaped form and the digest of its bytes. Only a step that was
//! prepared has a [`Script`]: without one there is nothing that a shell could be given.

use sha2::{Digest, Sha256};

use super::hex;
use super::script::Script;
use crate::plan::{Command, Procedure, ProcedureId};
use crate::text;

/// One step of a run, in the form in which it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    procedure: ProcedureId,
    number: usize,
    text: String,
    line: usize,
    commands: Vec<Shown>,
    script: Option<Box<Script>>,
}

/// A command in escaped form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    language: String,
    line: usize,
    lines: Vec<String>,
    digest: String,
}

impl Shown {
    fn of(command: &Command) -> Self {
        Self {
            language: text::clean(&command.language).into_owned(),
            line: command.line,
            lines: text::exact(&command.text),
            digest: hex(&Sha256::digest(&command.text)),
        }
    }

    /// The fence's language, empty where it names none; "inline" for code inside a sentence.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Its first line in the plan.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The exact bytes, one line each, in a form in which no character hides.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The SHA-256 of the exact bytes, in hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

impl Step {
    /// The same step with what a shell is given for it.
    #[must_use]
    pub(super) fn with(self, script: Script) -> Self {
        Self { script: Some(Box::new(script)), ..self }
    }

    /// What a shell is given; none where it was only to be shown.
    pub fn script(&self) -> Option<&Script> {
        self.script.as_deref()
    }

    /// What is confirmed, line by line, and its digest; none where it was only to be shown.
    pub fn confirmable(&self) -> Option<(Vec<String>, String)> {
        let script = self.script()?;
        let digest = script.digest();
        let mut shown = script.shown();
        shown.push(format!("# {digest}"));
        Some((shown, digest))
    }

    /// The procedure it belongs to.
    pub fn procedure(&self) -> &ProcedureId {
        &self.procedure
    }

    /// Its place in the run, from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// What to do, cleaned.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its line in the plan.
    pub fn line(&self) -> usize {
        self.line
    }

    /// How; empty where a person does it and ticks it.
    pub fn commands(&self) -> &[Shown] {
        &self.commands
    }

    /// Lines of all its commands together.
    pub fn length(&self) -> usize {
        self.commands.iter().map(|c| c.lines.len()).sum()
    }
}

/// The steps of a procedure in the order of the plan, numbered.
pub fn steps(procedure: &Procedure) -> Vec<Step> {
    let numbered = procedure.in_order().into_iter().enumerate();
    let step = |(number, step): (usize, crate::plan::Step)| Step {
        procedure: procedure.id.clone(),
        number,
        text: text::clean(&step.text).into_owned(),
        line: step.line,
        commands: step.commands.iter().map(Shown::of).collect(),
        script: None,
    };
    numbered.map(step).collect()
}
