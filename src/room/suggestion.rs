//! What a firing limit calls for, or a condition that somebody saw: its procedure as a suggestion with
//! frozen evidence. The machine suggests; only a person runs.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::decide::Refusal;
use super::event::{Entry, Event};
use super::fold::Room;
use super::intent::Intent;
use crate::plan::{ProcedureId, ThresholdId};
use crate::signal::bare_side;

/// So long after its alert is over a suggestion still stands.
const STANDS: TimeDelta = TimeDelta::hours(1);

/// A procedure that a limit called for, and why.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Suggestion {
    /// The fact's id.
    pub id: Uuid,
    /// The limit; none where a person saw it.
    pub rule: Option<ThresholdId>,
    /// Who saw what, where no limit did.
    pub witness: Option<Witness>,
    /// What it calls for.
    pub procedure: ProcedureId,
    /// Its title.
    pub title: String,
    /// The metric, or the condition in the plan's words.
    pub signal: String,
    /// The healthy side in words; empty for a condition.
    pub limit: String,
    /// The limit's line in that plan.
    pub line: usize,
    /// What was measured.
    pub value: Option<f64>,
    /// The digest of the plan that said so.
    pub plan: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When the alert was over; that withdraws nothing.
    pub resolved: Option<DateTime<Utc>>,
    pub(super) end: Option<Stand>,
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Witness {
    /// Who.
    pub by: String,
    /// What they saw.
    pub reason: String,
}

/// Where a suggestion stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Stand {
    /// It waits for a person.
    Suggested,
    /// Somebody said no.
    Dismissed {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Its alert has been over for an hour.
    Expired,
    /// The plan says something else now.
    Superseded,
}

impl Suggestion {
    /// Of a condition that somebody saw; what it calls for is the caller's to say.
    pub(super) fn seen(entry: &Entry, condition: &str, witness: Witness) -> Self {
        Self {
            id: entry.id,
            rule: None,
            witness: Some(witness),
            procedure: ProcedureId::default(),
            title: String::new(),
            signal: condition.to_owned(),
            limit: String::new(),
            line: 0,
            value: None,
            plan: String::new(),
            at: entry.at,
            resolved: None,
            end: None,
        }
    }

    /// Where it stands at `now`.
    pub fn stand(&self, now: DateTime<Utc>) -> Stand {
        match &self.end {
            Some(end) => end.clone(),
            None if self.resolved.is_some_and(|at| now - at >= STANDS) => Stand::Expired,
            None => Stand::Suggested,
        }
    }
}

impl Room {
    /// Every suggestion, the latest first.
    pub fn suggestions(&self) -> impl Iterator<Item = &Suggestion> {
        self.suggestions.iter().rev()
    }

    pub(super) fn apply_suggestion(&mut self, entry: &Entry) {
        match &entry.event {
            Event::ProcedureSuggested { rule, signal, procedure, title, limit, line, value, plan } => {
                self.suggestions.push(Suggestion {
                    id: entry.id,
                    rule: Some(rule.clone()),
                    witness: None,
                    procedure: procedure.clone(),
                    title: title.clone(),
                    signal: signal.clone(),
                    limit: limit.clone(),
                    line: *line,
                    value: *value,
                    plan: plan.clone(),
                    at: entry.at,
                    resolved: None,
                    end: None,
                });
            }
            Event::SuggestionDismissed { suggestion, reason, .. } => {
                let (by, reason) = (entry.by.clone(), reason.clone());
                let found = self.suggestions.iter_mut().find(|s| s.id == *suggestion);
                found
                    .into_iter()
                    .for_each(|s| s.end = Some(Stand::Dismissed { by: by.clone(), reason: reason.clone() }));
            }
            Event::AlertResolved { rule, .. } => self.annotate(rule, |s| s.resolved = Some(entry.at)),
            Event::AlertSuperseded { rule, .. } => self.annotate(rule, |s| s.end = Some(Stand::Superseded)),
            _ => {}
        }
    }

    /// The open ones of a limit.
    fn annotate(&mut self, rule: &ThresholdId, change: impl Fn(&mut Suggestion)) {
        let open =
            |s: &&mut Suggestion| s.rule.as_ref() == Some(rule) && s.end.is_none() && s.resolved.is_none();
        self.suggestions.iter_mut().filter(open).for_each(change);
    }
}

/// Judges what is wanted of a suggestion.
pub(super) fn judge(room: &Room, intent: &Intent, now: DateTime<Utc>) -> Result<Event, Refusal> {
    match intent {
        Intent::Suggest { rule, value } => suggest(room, rule, *value, now),
        Intent::Dismiss { suggestion, reason } => {
            let found = room.suggestions.iter().find(|s| s.id == *suggestion);
            match found.map(|s| (s, s.stand(now))) {
                Some((s, Stand::Suggested)) => Ok(Event::SuggestionDismissed {
                    suggestion: s.id,
                    title: s.title.clone(),
                    reason: super::decide::worded("reason", reason)?,
                }),
                _ => Err(Refusal::Already("that suggestion does not stand any more".to_owned())),
            }
        }
        _ => Err(Refusal::Already("that is known already".to_owned())),
    }
}

fn suggest(
    room: &Room,
    rule: &ThresholdId,
    value: Option<f64>,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    let limit = room.plan.thresholds.iter().find(|t| t.id == *rule);
    let limit = limit.ok_or_else(|| Refusal::Unknown { what: "limit", id: rule.to_string() })?;
    let called = limit.procedure.as_ref().and_then(|id| room.plan.procedures.iter().find(|p| p.id == *id));
    let Some(procedure) = called else {
        return Err(Refusal::NotYet(format!("the limit on {} calls for no procedure", limit.metric)));
    };
    let stands = |s: &Suggestion| {
        s.rule.as_ref() == Some(rule) && s.procedure == procedure.id && s.stand(now) == Stand::Suggested
    };
    if room.suggestions.iter().any(stands) {
        return Err(Refusal::Already(format!("{} is suggested already", procedure.title)));
    }
    Ok(Event::ProcedureSuggested {
        rule: rule.clone(),
        signal: limit.metric.clone(),
        procedure: procedure.id.clone(),
        title: procedure.title.clone(),
        limit: bare_side(limit),
        line: limit.line,
        value: value.filter(|v| v.is_finite()),
        plan: room.digest.clone(),
    })
}
