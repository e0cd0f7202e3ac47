//! Runbooks, commands, and the paths and log lines they look at. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ProcedureId;

/// What a procedure is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProcedureKind {
    /// A way back.
    Rollback,
    /// A way forward.
    Deploy,
    /// A check.
    Validation,
    /// An answer to an incident.
    Incident,
}

/// A runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Procedure {
    /// Its id.
    pub id: ProcedureId,
    /// Its heading.
    pub title: String,
    /// What it is for.
    pub kind: ProcedureKind,
    /// Seconds it is promised to take.
    pub target: Option<f64>,
    /// Seconds from one time it is done to the next: "(Every 5 minutes)".
    #[serde(default)]
    pub every: Option<f64>,
    /// In order.
    pub steps: Vec<Step>,
    /// Commands that belong to no step.
    pub commands: Vec<Command>,
    /// Its line.
    pub line: usize,
}

/// One step of a procedure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// What to do.
    pub text: String,
    /// How.
    pub commands: Vec<Command>,
    /// Its line.
    pub line: usize,
}

/// A shell line, block or request of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Command {
    /// The exact text.
    pub text: String,
    /// The fence's language; "inline" for code inside a sentence.
    pub language: String,
    /// Its first line.
    pub line: usize,
    /// The request a curl command makes.
    pub http: Option<Http>,
    /// What must be filled in: `previous-deployment-id`.
    pub placeholders: Vec<String>,
    /// Environment variables it reads: `ADMIN_TOKEN`.
    pub variables: Vec<String>,
}

/// An HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Http {
    /// "POST".
    pub method: String,
    /// As written; may lack a host.
    pub url: String,
    /// "Name: value" as written.
    pub headers: Vec<String>,
    /// The body as written.
    pub body: Option<String>,
}

/// A path somebody can ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// "GET".
    pub method: String,
    /// "/api/health", or the whole URL's path.
    pub path: String,
    /// What it tells.
    pub description: Option<String>,
    /// Its line.
    pub line: usize,
}

/// A log line to watch for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogWatch {
    /// The text to look for.
    pub pattern: String,
    /// Its line.
    pub line: usize,
}

impl Procedure {
    /// What is done one after the other, by line. A command that belongs to no step is a step of its
    /// own, so that none is left out.
    pub fn in_order(&self) -> Vec<Step> {
        let loose = self.commands.iter().map(|c| Step {
            text: headline(&c.text).to_owned(),
            line: c.line,
            commands: vec![c.clone()],
        });
        let mut all: Vec<Step> = self.steps.iter().cloned().chain(loose).collect();
        all.sort_by_key(|s| s.line);
        all
    }
}

/// What a block of commands says of itself: the comment it begins with, else its first line.
pub fn headline(text: &str) -> &str {
    let first = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    first.trim_start_matches(['#', '-', '/']).trim()
}
