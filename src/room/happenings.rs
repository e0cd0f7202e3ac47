//! Conditions without a number: a person says that one happened, and that it is over. What happened
//! suggests the procedure it calls for, as a firing limit does, and keeps gates shut until it is over.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::cause::{Cause, CauseKind};
use super::decide::{Refusal, worded};
use super::event::{Entry, Event};
use super::fold::Room;
use super::intent::Intent;
use super::suggestion::{Suggestion, Witness};
use crate::plan::binding::normal;
use crate::plan::{Procedure, ProcedureKind, Role, Trigger};
use crate::signal::Rank;

/// A condition of the plan that somebody saw.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Happening {
    /// The fact's id.
    pub id: Uuid,
    /// The plan's words.
    pub text: String,
    /// How bad.
    pub rank: Rank,
    /// The plan's line.
    pub line: usize,
    /// Whether the plan goes back for it.
    pub calls_back: bool,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was seen.
    pub reason: String,
    /// When it was over, who said so, and why.
    pub over: Option<(DateTime<Utc>, String, String)>,
}

impl Room {
    /// What happened and is not over, the worst first, then the oldest.
    pub fn happenings(&self) -> Vec<&Happening> {
        let mut standing: Vec<_> = self.happenings.iter().filter(|h| h.over.is_none()).collect();
        standing.sort_by_key(|h| (h.rank, h.at));
        standing
    }

    /// Whether a condition of the plan is happening.
    pub fn happening(&self, trigger: &Trigger) -> Option<&Happening> {
        let same = |h: &&Happening| h.over.is_none() && normal(&h.text) == normal(&trigger.text);
        self.happenings.iter().find(same)
    }

    /// The procedure that a condition calls for: its own, else the first way back of the plan where
    /// it is one to go back for.
    pub fn way_of(&self, trigger: &Trigger) -> Option<&Procedure> {
        let own = trigger.procedure.as_ref();
        let named = own.and_then(|id| self.plan.procedures.iter().find(|p| p.id == *id));
        let back = || self.plan.procedures.iter().find(|p| p.kind == ProcedureKind::Rollback);
        named.or_else(|| back().filter(|_| trigger.role == Role::Rollback))
    }

    /// Why gates are shut by it.
    pub(super) fn blocking_happenings(&self) -> impl Iterator<Item = Cause> {
        let shut = self.happenings().into_iter().filter(|h| self.keeps_shut(h));
        shut.map(|h| Cause::shut(CauseKind::Happening, h.id, format!("“{}” happened", h.text)).at(h.line))
    }

    /// Whether gates stay shut while it stands.
    pub(super) fn keeps_shut(&self, happening: &Happening) -> bool {
        happening.calls_back || self.blocks(happening.rank)
    }

    pub(super) fn apply_happening(&mut self, entry: &Entry) {
        match &entry.event {
            Event::TriggerHappened { text, rank, line, calls_back, reason, calls, plan } => {
                let happening = Happening {
                    id: entry.id,
                    text: text.clone(),
                    rank: Rank::of(Some(rank)),
                    line: *line,
                    calls_back: *calls_back,
                    by: entry.by.clone(),
                    at: entry.at,
                    reason: reason.clone(),
                    over: None,
                };
                let witness = Witness { by: entry.by.clone(), reason: reason.clone() };
                self.happenings.push(happening);
                self.suggestions.extend(calls.as_ref().map(|(procedure, title)| Suggestion {
                    procedure: procedure.clone(),
                    title: title.clone(),
                    line: *line,
                    plan: plan.clone(),
                    ..Suggestion::seen(entry, text, witness)
                }));
            }
            Event::TriggerOver { happening, reason, .. } => {
                let found = self.happenings.iter_mut().find(|h| h.id == *happening);
                let over = (entry.at, entry.by.clone(), reason.clone());
                found.into_iter().for_each(|h| h.over = Some(over.clone()));
                let mine = self.suggestions.iter_mut().filter(|s| s.id == *happening);
                mine.for_each(|s| s.resolved = Some(entry.at));
            }
            _ => {}
        }
    }
}

/// Judges what is said of a condition.
pub(super) fn judge(room: &Room, intent: &Intent) -> Result<Event, Refusal> {
    match intent {
        Intent::SayHappened { trigger, reason } => happened(room, trigger, reason),
        Intent::SayOver { happening, reason } => match room.happenings.iter().find(|h| h.id == *happening) {
            Some(h) if h.over.is_none() => Ok(Event::TriggerOver {
                happening: h.id,
                text: h.text.clone(),
                reason: worded("reason", reason)?,
            }),
            _ => Err(Refusal::Already("that is over already".to_owned())),
        },
        _ => Err(Refusal::Already("that is known already".to_owned())),
    }
}

fn happened(room: &Room, words: &str, reason: &str) -> Result<Event, Refusal> {
    let wanted = normal(words);
    let found = room.plan.triggers.iter().find(|t| normal(&t.text) == wanted);
    let trigger = found.ok_or_else(|| Refusal::Unknown { what: "condition", id: words.to_owned() })?;
    if let Some(known) = room.happening(trigger) {
        return Err(Refusal::Already(format!("{} said so already: {}", known.by, known.reason)));
    }
    let way = room.way_of(trigger);
    Ok(Event::TriggerHappened {
        text: trigger.text.clone(),
        rank: Rank::of(trigger.severity.as_deref()).word().to_owned(),
        line: trigger.line,
        calls_back: trigger.role == Role::Rollback,
        reason: worded("reason", reason)?,
        calls: way.map(|p| (p.id.clone(), p.title.clone())),
        plan: room.digest.clone(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plan::{Phase, Plan};
    use crate::room::{Actor, Fact, Role as Who, Stand, decide};

    fn room() -> Room {
        let way = Procedure {
            id: "back".into(),
            title: "Emergency rollback".into(),
            kind: ProcedureKind::Rollback,
            target: None,
            every: None,
            steps: vec![],
            commands: vec![],
            line: 9,
        };
        let trigger = |text: &str, severity: &str, role| Trigger {
            text: text.into(),
            severity: Some(severity.into()),
            role,
            procedure: None,
            line: 4,
        };
        let triggers = vec![
            trigger("Data corruption detected", "P0", Role::Rollback),
            trigger("Many angry calls", "P2", Role::Alert),
        ];
        let phases = vec![Phase { id: "one".into(), name: "One".into(), ..Phase::default() }];
        Room::new(Arc::new(Plan { triggers, phases, procedures: vec![way], ..Plan::default() }))
    }

    fn act(room: &mut Room, intent: &Intent, role: Who) -> Result<Event, String> {
        let ana = Actor { name: "ana".into(), role };
        let at = DateTime::from_timestamp(1_800_000_000 + room.seq as i64 * 60, 0).unwrap();
        let event = decide(room, intent, &ana, at).map_err(|r| r.to_string())?.remove(0);
        let seq = room.seq + 1;
        let text = Fact::new(Uuid::from_u128(u128::from(seq)), at, "ana", event.clone()).to_text();
        assert_eq!(Entry::read(seq, &text).event, event, "it reads back");
        assert!(!event.sentence().is_empty());
        room.apply(&Entry::read(seq, &text));
        Ok(event)
    }

    fn say(trigger: &str, reason: &str) -> Intent {
        Intent::SayHappened { trigger: trigger.into(), reason: reason.into() }
    }

    #[test]
    fn a_person_says_that_it_happened_and_that_it_is_over() {
        let mut room = room();
        let corrupt = say("data corruption detected", "orders doubled");
        assert!(act(&mut room, &corrupt, Who::Observer).is_err());
        assert!(act(&mut room, &say("Rain", "wet"), Who::Engineer).unwrap_err().contains("no condition"));
        assert!(act(&mut room, &say("Data corruption detected", " "), Who::Engineer).is_err(), "a reason");
        act(&mut room, &corrupt, Who::Engineer).unwrap();
        assert!(act(&mut room, &corrupt, Who::Engineer).unwrap_err().contains("orders doubled"));
        let gate = room.gate(&room.plan.phases[0]);
        assert!(gate.reasons[0].contains("“Data corruption detected” happened"), "{:?}", gate.reasons);
        let (id, now) = (room.happenings()[0].id, room.happenings()[0].at);
        let way: Vec<_> = room.suggestions().map(|s| (s.title.as_str(), s.stand(now))).collect();
        assert_eq!(way, [("Emergency rollback", Stand::Suggested)]);
        let over = Intent::SayOver { happening: id, reason: "restored".into() };
        act(&mut room, &over, Who::Engineer).unwrap();
        assert!(act(&mut room, &over, Who::Engineer).is_err(), "once");
        assert!(room.happenings().is_empty() && room.gate(&room.plan.phases[0]).reasons.len() == 1);
        act(&mut room, &corrupt, Who::Engineer).unwrap();
        assert_eq!(room.happenings().len(), 1, "it can happen again");
    }

    #[test]
    fn what_calls_for_no_way_back_suggests_none_and_leaves_gates_alone() {
        let mut room = room();
        act(&mut room, &say("Many angry calls", "forty in an hour"), Who::Engineer).unwrap();
        assert_eq!((room.suggestions().count(), room.happenings().len()), (0, 1));
        assert!(!room.gate(&room.plan.phases[0]).reasons.iter().any(|r| r.contains("happened")));
    }

    #[test]
    fn a_suggestion_of_what_happened_can_be_declined() {
        let mut room = room();
        act(&mut room, &say("Data corruption detected", "orders doubled"), Who::Engineer).unwrap();
        let suggestion = room.suggestions().next().unwrap().id;
        let decline = Intent::Dismiss { suggestion, reason: "one table only".into() };
        act(&mut room, &decline, Who::Engineer).unwrap();
        let now = room.happenings()[0].at;
        let stand = room.suggestions().next().unwrap().stand(now);
        assert_eq!(stand, Stand::Dismissed { by: "ana".into(), reason: "one table only".into() });
        assert_eq!(room.happenings().len(), 1, "it still stands");
    }
}
