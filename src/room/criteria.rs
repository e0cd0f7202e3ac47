//! Criteria that a rule judges by itself: whether they are met, as whoever has the watch saw it.
//!
//! Standings are no events, their changes are: one when a criterion is first judged, one whenever the
//! answer becomes another. Gates ask here; a person's tick on an item stays what it is.

use chrono::{DateTime, Utc};

use super::cause::{Cause, CauseKind};
use super::decide::Refusal;
use super::event::{Entry, Event};
use super::fold::Room;
use super::intent::Intent;
use crate::plan::{Owner, Phase, PhaseKind, Role, Threshold, ThresholdId};
use crate::signal::{Criterion, bare_side};

/// What is known of a criterion.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Judged {
    /// The answer.
    pub finding: Criterion,
    /// Why it is not met, in a few words.
    pub why: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// The entry since which this is the answer.
    pub seq: u64,
}

impl Room {
    /// What the watch said of a criterion last; none where it is not measured.
    pub fn judged(&self, rule: &ThresholdId) -> Option<&Judged> {
        self.criteria.get(rule)
    }

    /// Since when nobody has the watch, as far as somebody looked: no fact of the journal, and none
    /// while somebody has it or nobody looked.
    pub fn unwatched(&self) -> Option<DateTime<Utc>> {
        self.unwatched
    }

    /// Nobody has had the watch since then, or somebody has it: what was met is in doubt meanwhile.
    pub fn leave_unwatched(&mut self, since: Option<DateTime<Utc>>) {
        self.unwatched = since;
    }

    /// Why the criteria keep the gate of `phase` shut, and why they leave it open to doubt.
    pub(super) fn unmet(&self, phase: &Phase) -> Vec<Cause> {
        let found = self.plan.thresholds.iter().filter_map(|limit| {
            let judged = self.judged(&limit.id)?;
            let told = || told(limit, judged);
            let (shuts, words) = match (self.asks(phase, limit), judged.finding) {
                (Asked::Criterion, Criterion::Failed) => (true, told()),
                (Asked::Criterion, Criterion::Met) => (false, self.uncovered(limit)?),
                (Asked::Criterion, Criterion::Inconclusive) | (Asked::Bystander, Criterion::Failed) => {
                    (false, told())
                }
                _ => return None,
            };
            let cause = Cause::shut(CauseKind::Criterion, &limit.id, words).at(limit.line);
            Some(Cause { shuts, ..cause })
        });
        found.collect()
    }

    /// The criteria of a phase that a rule judges, and what it found last.
    pub(super) fn findings(&self, phase: &Phase) -> impl Iterator<Item = (&Threshold, Option<&Judged>)> {
        let asked = self.plan.thresholds.iter().filter(|l| matches!(self.asks(phase, l), Asked::Criterion));
        asked.map(|limit| (limit, self.judged(&limit.id)))
    }

    /// What was met is not known to be, and what has to last is not measured, while nobody watches.
    fn uncovered(&self, limit: &Threshold) -> Option<String> {
        let since = self.unwatched?.format("%Y-%m-%d %H:%M UTC");
        let line = limit.line;
        Some(format!(
            "{} cannot be judged: nobody has had the watch since {since} (line {line})",
            limit.metric
        ))
    }

    /// What a limit is to the gate of `phase`: its criterion where it stands in that phase; success
    /// criteria of the whole launch belong to the last gate. What is only to be watched, everywhere,
    /// never says NO-GO.
    fn asks(&self, phase: &Phase, limit: &Threshold) -> Asked {
        match (&limit.phase, limit.role) {
            (_, Role::Alert | Role::Rollback) => Asked::No,
            (Some(own), _) if self.within(&Owner::Phase(own.clone()), &phase.id) => Asked::Criterion,
            (Some(_), _) => Asked::No,
            (None, Role::Success) if self.is_last(phase) => Asked::Criterion,
            (None, Role::Success) => Asked::No,
            (None, _) => Asked::Bystander,
        }
    }

    fn is_last(&self, phase: &Phase) -> bool {
        let launch = self.plan.top_phases().filter(|p| p.kind != PhaseKind::Recurring);
        launch.last().is_some_and(|p| p.id == phase.id)
    }

    pub(super) fn apply_criterion(&mut self, entry: &Entry) {
        if let Event::CriterionJudged { rule, finding, why, .. } = &entry.event {
            let same = self.judged(rule).filter(|known| known.finding == *finding).map(|known| known.seq);
            let seq = same.unwrap_or(entry.seq);
            let judged = Judged { finding: *finding, why: why.clone(), at: entry.at, seq };
            self.criteria.insert(rule.clone(), judged);
        }
    }
}

/// What a limit is to a gate.
enum Asked {
    Criterion,
    Bystander,
    No,
}

fn told(limit: &Threshold, judged: &Judged) -> String {
    let why = if judged.why.is_empty() { bare_side(limit) } else { judged.why.clone() };
    let word = match judged.finding {
        Criterion::Failed => "is not met",
        _ => "cannot be judged",
    };
    format!("{} {word}: {why} (line {})", limit.metric, limit.line)
}

/// Judges what the watch says of a criterion.
pub(super) fn judge(room: &Room, intent: &Intent) -> Result<Event, Refusal> {
    match intent {
        Intent::JudgeCriterion { rule, signal, finding, why }
            if room.judged(rule).is_none_or(|known| known.finding != *finding || known.why != *why) =>
        {
            Ok(Event::CriterionJudged {
                rule: rule.clone(),
                signal: signal.clone(),
                finding: *finding,
                why: why.clone(),
            })
        }
        _ => Err(Refusal::Already("that is known already".to_owned())),
    }
}
