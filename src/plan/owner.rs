//! Who answers for a checklist entry: its sign-off, procedure or phase, else one of the synthetic
//! phases Before, Verification, After, Recurring. Every entry has exactly one owner.

use std::collections::HashMap;

use super::outline::{Block, Outline};
use super::phases::Phases;
use super::topic::*;
use super::{Owner, PhaseKind, ProcedureId, SignOffId};

/// What owners are found by.
pub(crate) struct Owners<'a> {
    /// The document.
    pub outline: &'a Outline,
    /// Its phases.
    pub phases: &'a Phases,
    /// Procedures by the scope that holds them.
    pub procedures: &'a HashMap<usize, ProcedureId>,
    /// Sign-offs by the scope that holds their items.
    pub signoffs: &'a HashMap<usize, SignOffId>,
    /// Sign-offs that are an item themselves, by line.
    pub signers: &'a HashMap<usize, SignOffId>,
}

/// Sections that are prepared before the launch, whatever stands around them.
const PREPARED: Topics = READY
    .and(COMMS)
    .and(CONTACTS)
    .and(ALERT)
    .and(MONITOR)
    .and(FLAGS)
    .and(ENDPOINT)
    .and(RISK)
    .and(ROLLBACK)
    .and(INCIDENT)
    .and(REFERENCE)
    .and(TEMPLATE);

impl Owners<'_> {
    /// The owner of what `block` holds.
    pub fn of(&self, block: &Block) -> Owner {
        if let Some(id) = self.signers.get(&block.line) {
            return Owner::SignOff(id.clone());
        }
        if let Some(id) = self.phases.at(block.line) {
            return Owner::Phase(id);
        }
        let around = block.opens.into_iter().chain(self.outline.up(block.scope));
        for scope in around {
            if let Some(owner) = self.held_by(scope) {
                return owner;
            }
        }
        self.by_words(block)
    }

    fn held_by(&self, scope: usize) -> Option<Owner> {
        if let Some(id) = self.signoffs.get(&scope) {
            return Some(Owner::SignOff(id.clone()));
        }
        if let Some(id) = self.procedures.get(&scope) {
            return Some(Owner::Procedure(id.clone()));
        }
        if self.phases.scope_of(scope) == Some(scope) {
            return self.phases.of(scope).map(|phase| Owner::Phase(phase.id.clone()));
        }
        self.phases.named_by(scope).map(|phase| Owner::Phase(phase.id.clone()))
    }

    /// What says a time (before, during, after, every day) decides; else what says a purpose.
    fn by_words(&self, block: &Block) -> Owner {
        let mut purpose = None;
        for scope in self.outline.up(block.scope) {
            let topics = self.outline.scopes[scope].topics;
            if purpose.is_none()
                && topics.any(GATE)
                && !topics.any(VERIFY.and(SUCCESS))
                && self.is_above(block)
            {
                purpose = Some(Owner::Before);
            } else if purpose.is_none() && topics.any(VERIFY.and(SUCCESS).and(GATE)) {
                purpose = Some(Owner::Verification);
            } else if purpose.is_none() && topics.any(READY) {
                purpose = Some(Owner::Before);
            }
            if let Some(owner) = self.by_time(scope, purpose.as_ref()) {
                return owner;
            }
        }
        purpose.unwrap_or_else(|| self.by_place(block))
    }

    fn by_time(&self, scope: usize, purpose: Option<&Owner>) -> Option<Owner> {
        let topics = self.outline.scopes[scope].topics;
        let deployment_day = self.outline.within(scope, DURING);
        if topics.any(PREFLIGHT) {
            Some(Owner::Before)
        } else if topics.any(RECURRING) {
            Some(Owner::Recurring)
        } else if topics.any(AFTER) {
            let looks = purpose.is_some_and(|p| *p == Owner::Verification) || deployment_day;
            Some(if looks { Owner::Verification } else { Owner::After })
        } else if topics.any(DURING) {
            Some(purpose.cloned().unwrap_or_else(|| self.first_rollout()))
        } else {
            None
        }
    }

    fn first_rollout(&self) -> Owner {
        let phase = self.phases.list.iter().find(|p| p.parent.is_none() && p.kind == PhaseKind::Rollout);
        phase.map_or(Owner::Before, |p| Owner::Phase(p.id.clone()))
    }

    /// Whether a block stands above all phases.
    fn is_above(&self, block: &Block) -> bool {
        self.phases.list.first().is_some_and(|p| block.line < p.line)
    }

    /// Without a word: what stands above the phases comes before them.
    fn by_place(&self, block: &Block) -> Owner {
        let prepared = self.outline.within(block.scope, PREPARED);
        if prepared || self.is_above(block) || self.phases.list.is_empty() {
            Owner::Before
        } else {
            Owner::Verification
        }
    }
}
