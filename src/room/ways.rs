//! What a way back costs before anybody takes it: its kind, steps, blanks, what was promised and how
//! long it took here, what it loses, and whether there is still a way back at all.

use chrono::TimeDelta;

use super::event::Outcome;
use super::fold::{Mark, PhaseProgress, Room};
use crate::plan::binding::normal;
use crate::plan::{Item, ItemId, Owner, Procedure, ProcedureId, ProcedureKind};

/// Words of a title that tell the kinds of ways back apart, in the languages of the reader.
const EMERGENCY: &[&str] = &[
    "emergency",
    "immediate",
    "instant",
    "quick",
    "fast",
    "kill switch",
    "notfall",
    "sofort",
    "urgence",
    "immédiat",
    "emergencia",
    "inmediato",
    "emergência",
    "imediato",
    "緊急",
    "紧急",
    "긴급",
];
const PARTIAL: &[&str] =
    &["partial", "partially", "teilweise", "partiel", "partielle", "parcial", "部分", "一部", "부분"];
const DATA: &[&str] = &[
    "data",
    "database",
    "db",
    "schema",
    "migration",
    "daten",
    "datenbank",
    "données",
    "base de données",
    "datos",
    "dados",
    "データ",
    "数据",
    "데이터",
];

/// Words of a step that say that something is gone for good.
const LOSES: &[&str] = &[
    "lose",
    "loses",
    "lost",
    "loss",
    "discard",
    "discards",
    "discarded",
    "delete",
    "deletes",
    "drop",
    "drops",
    "truncate",
    "overwrite",
    "overwrites",
    "restore",
    "verlust",
    "verloren",
    "gelöscht",
    "perte",
    "perdu",
    "supprimer",
    "pérdida",
    "borrar",
    "perda",
    "apagar",
    "損失",
    "削除",
    "丢失",
    "删除",
    "손실",
    "삭제",
];

/// Words for the moment after which nothing goes back.
const NO_RETURN: &[&str] = &[
    "point of no return",
    "no way back",
    "irreversible",
    "cannot be rolled back",
    "cannot be undone",
    "no rollback after",
    "one way door",
    "unumkehrbar",
    "kein zurück",
    "irréversible",
    "point de non retour",
    "punto de no retorno",
    "ponto sem retorno",
    "不可逆",
    "되돌릴 수 없",
];

/// What kind of way back it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayKind {
    /// At once, whatever it costs.
    Emergency,
    /// A part of it.
    Partial,
    /// Data or schema.
    Data,
    /// A rollback point of a phase.
    Point,
    /// The whole of it.
    Whole,
}

impl WayKind {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            WayKind::Emergency => "emergency",
            WayKind::Partial => "partial",
            WayKind::Data => "data",
            WayKind::Point => "point",
            WayKind::Whole => "rollback",
        }
    }
}

/// What a way costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// How many steps it takes.
    pub steps: usize,
    /// What has to be filled in first.
    pub blanks: Vec<String>,
    /// Seconds promised.
    pub promised: Option<f64>,
    /// How long its last run in this room took that went well.
    pub measured: Option<TimeDelta>,
    /// The steps that say that something is lost, in the plan's words.
    pub loses: Vec<String>,
}

/// What is checked after a way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// A procedure.
    Procedure(ProcedureId),
    /// A list that begins with this item.
    Item(ItemId),
}

impl Room {
    /// What kind of way back a procedure is.
    pub fn way_kind(&self, procedure: &Procedure) -> WayKind {
        let title = normal(&procedure.title);
        let says = |words: &[&str]| words.iter().any(|w| has(&title, w));
        match () {
            () if says(EMERGENCY) => WayKind::Emergency,
            () if says(PARTIAL) => WayKind::Partial,
            () if says(DATA) => WayKind::Data,
            () => WayKind::Whole,
        }
    }

    /// What a procedure costs.
    pub fn price(&self, procedure: &Procedure) -> Price {
        let steps = procedure.in_order();
        let mut blanks: Vec<String> =
            steps.iter().flat_map(|s| &s.commands).flat_map(|c| c.placeholders.clone()).collect();
        blanks.sort();
        blanks.dedup();
        let loses = |text: &str| LOSES.iter().any(|w| has(&normal(text), w));
        let lost = steps.iter().enumerate().filter(|(_, s)| loses(&s.text));
        Price {
            loses: lost.map(|(n, s)| format!("step {}: {}", n + 1, s.text)).collect(),
            steps: steps.len(),
            blanks,
            promised: procedure.target,
            measured: self.took(&procedure.id),
        }
    }

    /// How long the last run of a procedure took that went well.
    pub fn took(&self, id: &ProcedureId) -> Option<TimeDelta> {
        let done = |r: &&super::levers::Run| {
            r.procedure == *id && r.ended.as_ref().is_some_and(|e| e.outcome == Outcome::Done)
        };
        let run = self.runs().iter().rev().find(done)?;
        Some(run.ended.as_ref()?.at - run.at)
    }

    /// The moment after which nothing goes back, in the plan's words, and whether it has passed. None
    /// where the plan names none.
    pub fn no_return(&self) -> Option<(String, bool)> {
        let says = |text: &str| NO_RETURN.iter().any(|w| has(&normal(text), w));
        let items = self.plan.items.iter().filter(|i| says(&i.text) || says(&i.section));
        let items = items.map(|i| (i.text.clone(), self.mark(i) == Mark::Done));
        let begun = |p: &crate::plan::Phase| self.phase_state(&p.id).progress != PhaseProgress::Waiting;
        let phases = self.plan.phases.iter().filter(|p| says(&p.name)).map(|p| (p.name.clone(), begun(p)));
        let all: Vec<_> = items.chain(phases).collect();
        all.iter().find(|(_, passed)| *passed).or(all.first()).cloned()
    }

    /// What the plan has checked after going back: a procedure or a list with "rollback" and a check in
    /// its title, behind or below the ways back.
    pub fn check_after(&self, ran: &ProcedureId) -> Option<Check> {
        let back = self.plan.procedures.iter().find(|p| p.id == *ran)?;
        if back.kind != ProcedureKind::Rollback {
            return None;
        }
        let of_going_back = |p: &&Procedure| p.kind == ProcedureKind::Validation && speaks_of_back(&p.title);
        let procedure = self.plan.procedures.iter().find(of_going_back);
        let list = |i: &&Item| {
            !matches!(i.owner, Owner::Phase(_) | Owner::Before)
                && checks(&i.section)
                && speaks_of_back(&i.section)
        };
        let item = || self.plan.items.iter().find(list).map(|i| Check::Item(i.id.clone()));
        let filled = procedure.filter(|p| !p.in_order().is_empty());
        filled.map(|p| Check::Procedure(p.id.clone())).or_else(item)
    }
}

/// Whether a title is about going back.
fn speaks_of_back(title: &str) -> bool {
    const BACK: &[&str] = &[
        "rollback",
        "roll back",
        "rolling back",
        "rolled back",
        "revert",
        "rückfall",
        "zurückrollen",
        "retour arrière",
        "reversión",
        "reversão",
        "ロールバック",
        "回滚",
        "롤백",
    ];
    BACK.iter().any(|w| has(&normal(title), w))
}

/// Whether a title is about looking whether it worked.
fn checks(title: &str) -> bool {
    const CHECKS: &[&str] = &[
        "validation",
        "validate",
        "verification",
        "verify",
        "after",
        "post",
        "check",
        "checks",
        "prüfung",
        "vérification",
        "verificación",
        "validación",
        "verificação",
        "validação",
        "確認",
        "验证",
        "확인",
    ];
    CHECKS.iter().any(|w| has(&normal(title), w))
}

/// Whether a folded text has these words, whole where they are written with spaces.
fn has(text: &str, words: &str) -> bool {
    if words.chars().next().is_some_and(|c| c > '\u{2fff}') {
        return text.contains(words);
    }
    format!(" {text} ").contains(&format!(" {} ", normal(words)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const PLAN: &str = "\
# Launch

## Phase 1: Cutover (Hours 0-2)

- [x] Deploy
- [ ] Drop the old table (point of no return)

## Rollback procedures

### Emergency rollback (< 5 min)
1. Switch the flag off
   ```bash
   flag set page false --to [previous-deployment-id]
   ```
2. Tell support

### Data rollback (< 1 hour)
1. Restore the backup of last night

### Rollback validation
After any rollback:
- [ ] Page answers
- [ ] Orders complete
";

    #[test]
    fn a_way_back_says_what_it_costs() {
        let room = Room::new(Arc::new(crate::plan::read(PLAN.as_bytes(), "plan")));
        let way = |title: &str| room.plan.procedures.iter().find(|p| p.title.contains(title)).unwrap();
        let fast = way("Emergency");
        let price = room.price(fast);
        assert_eq!((room.way_kind(fast), price.steps, price.promised), (WayKind::Emergency, 2, Some(300.0)));
        assert_eq!(
            (price.blanks.as_slice(), price.measured),
            (&["previous-deployment-id".to_owned()][..], None)
        );
        assert!(price.loses.is_empty());
        let data = way("Data");
        assert_eq!(room.way_kind(data), WayKind::Data);
        assert_eq!(room.price(data).loses, ["step 1: Restore the backup of last night"]);
        let (words, passed) = room.no_return().unwrap();
        assert!(words.contains("Drop the old table") && !passed);
        let check = room.check_after(&fast.id).expect("the plan has a check");
        let of = match check {
            Check::Procedure(id) => room.plan.procedures.iter().find(|p| p.id == id).unwrap().title.clone(),
            Check::Item(id) => room.plan.item(&id).unwrap().section.clone(),
        };
        assert!(of.contains("validation"), "{of}");
    }
}
