//! What this process may run: a plan's commands as somebody allowed them, found out once when a room is
//! opened. Steps are made here and nowhere else; a plan whose commands changed since makes none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Runs;
use super::allow::ExecutableSet;
use super::allowed::allowed;
use super::run::Step;
use super::script::{Scene, TIMEOUT, prepare};
use crate::plan::binding::Binding;
use crate::plan::{Plan, Procedure};

/// A person's leave to run what a plan says.
#[derive(Clone, Debug)]
pub struct Leave {
    digest: String,
    binding: Arc<Binding>,
    folder: PathBuf,
    root: PathBuf,
    env: Vec<String>,
    host: String,
    runs: Runs,
}

/// Where and by whom steps are run.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// The state folder: what was allowed, and runs.
    pub state: &'a Path,
    /// The plan's file.
    pub plan: &'a Path,
    /// Variables that the user's own settings hand to every step, by name.
    pub env: &'a [String],
    /// This computer.
    pub host: &'a str,
}

impl Leave {
    /// The leave for a plan with its binding as it was read; none where nobody allowed exactly these,
    /// or where some of the plan's bytes are no text.
    pub fn find(plan: &Plan, binding: &Arc<Binding>, grounds: &Grounds<'_>) -> Option<Self> {
        let set = ExecutableSet::of(plan, binding);
        if plan.lossy.is_some() || !allowed(grounds.state, &set) {
            return None;
        }
        Some(Self::over(set.digest(), binding, grounds))
    }

    /// A step as it would be run if somebody allowed it: to be shown, never to be run.
    ///
    /// # Errors
    /// As [`Leave::prepare`].
    pub fn draft(
        plan: &Plan,
        binding: &Arc<Binding>,
        grounds: &Grounds<'_>,
        (procedure, number): (&Procedure, usize),
        room: &str,
    ) -> Result<Step, String> {
        let digest = ExecutableSet::of(plan, binding).digest();
        Self::over(digest, binding, grounds).prepare(plan, procedure, number, room)
    }

    fn over(digest: String, binding: &Arc<Binding>, grounds: &Grounds<'_>) -> Self {
        let folder = grounds.plan.parent().unwrap_or(Path::new("")).to_owned();
        let root = folder.ancestors().find(|f| f.join(".git").exists()).unwrap_or(&folder).to_owned();
        Self {
            digest,
            binding: Arc::clone(binding),
            folder,
            root,
            env: grounds.env.to_vec(),
            host: grounds.host.to_owned(),
            runs: Runs::below(grounds.state),
        }
    }

    /// A step as it would be confirmed and run in a room.
    ///
    /// # Errors
    /// Every reason against it, in one sentence.
    pub fn prepare(
        &self,
        plan: &Plan,
        procedure: &Procedure,
        number: usize,
        room: &str,
    ) -> Result<Step, String> {
        if plan.lossy.is_some() || ExecutableSet::of(plan, &self.binding).digest() != self.digest {
            return Err("the plan's commands changed since they were allowed: `warroom allow PLAN` shows \
                        what, and counts once the room is opened again"
                .to_owned());
        }
        let scene = Scene {
            binding: &self.binding,
            folder: &self.folder,
            root: &self.root,
            env: &self.env,
            is_set: &|name| std::env::var_os(name).is_some(),
            timeout: TIMEOUT,
            scope: [&self.host, room, &plan.digest],
        };
        prepare(procedure, number, &scene).map_err(|wrong| {
            let all: Vec<_> = wrong.iter().map(ToString::to_string).collect();
            all.join("; ")
        })
    }

    /// What runs them.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }
}
