//! The rungs of a percentage: which there are, which phase watches each and for how long, and what stands
//! against the next one. Lowering is never refused by anything here. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::fold::Room;
use super::ladder::{Call, Called};
use crate::plan::{FactKind, Flag, Phase, PhaseId, Threshold, ThresholdId};

impl Room {
    /// The percentages of a flag, the lowest first: those of the binding, else of the plan. Empty for
    /// what is no percentage.
    pub fn rungs(&self, flag: &str) -> Vec<f64> {
        let bound = self.plan.rungs.get(flag).cloned();
        let found = self.plan.flags.iter().find(|f| f.name == flag);
        let mut rungs = bound.or_else(|| found.map(|f| self.planned_rungs(f))).unwrap_or_default();
        if rungs.iter().any(|r| *r > 0.0) {
            rungs.push(0.0);
        }
        rungs.retain(|r| (0.0..=100.0).contains(r));
        rungs.sort_by(f64::total_cmp);
        rungs.dedup();
        rungs
    }

    fn planned_rungs(&self, flag: &Flag) -> Vec<f64> {
        let share = |f: &Flag| {
            let told = f.stages.iter().map(|s| &s.value).chain(&f.value).any(|v| v.trim().ends_with('%'));
            told || f.name.to_lowercase().contains("percent")
        };
        let of = |owner: Option<&str>| {
            let ramps = self.plan.ramps.iter().filter(move |r| r.flag.as_deref() == owner);
            let rungs = ramps.flat_map(|r| &r.rungs).filter(|r| r.unit.starts_with('%'));
            rungs.filter_map(|r| r.value).collect::<Vec<_>>()
        };
        let mut rungs = of(Some(&flag.name));
        if share(flag) {
            rungs.extend(flag.stages.iter().filter_map(|s| number(&s.value)));
        }
        if rungs.len() < 2 && share(flag) && self.plan.flags.iter().filter(|f| share(f)).count() == 1 {
            rungs.extend(of(None));
        }
        rungs
    }

    /// The phase a rung belongs to: the one that sets it, else the one in view.
    fn phase_of_rung(&self, flag: &str, rung: f64) -> Option<&Phase> {
        let found = self.plan.flags.iter().find(|f| f.name == flag);
        let stage = found.and_then(|f| f.stages.iter().find(|s| number(&s.value) == Some(rung)));
        stage.and_then(|s| self.plan.phase(&s.phase)).or_else(|| self.current_phase())
    }

    /// For how long a rung is watched: how long its phase has to stay well, else how long that takes,
    /// else its window where the phase has this rung alone. None where the plan says nothing.
    pub fn watched_for(&self, flag: &str, rung: f64) -> Option<TimeDelta> {
        let phase = self.phase_of_rung(flag, rung)?;
        let fact = |kind: FactKind| {
            let mine =
                self.plan.facts.iter().filter(|f| f.kind == kind && f.phase.as_ref() == Some(&phase.id));
            mine.filter_map(|f| f.seconds).reduce(f64::max)
        };
        let found = self.plan.flags.iter().find(|f| f.name == flag)?;
        let alone = found.stages.iter().filter(|s| s.phase == phase.id).count() == 1;
        let window = || {
            let window = phase.window.as_ref().filter(|_| alone)?;
            let hours = window.end.zip(window.start).map(|(to, from)| to - from);
            let days = || window.days.and_then(|(from, to)| Some(i64::from(to? - from + 1) * 86_400));
            hours.or_else(days).map(|s| s as f64)
        };
        let seconds = fact(FactKind::Soak).or_else(|| fact(FactKind::Duration)).or_else(window)?;
        (seconds > 0.0).then(|| TimeDelta::try_milliseconds((seconds * 1000.0) as i64)).flatten()
    }

    /// What stands against raising a flag from one percentage to another; nothing against lowering it,
    /// and nothing where it has no rungs.
    pub fn against(&self, flag: &str, from: Option<&str>, to: &str, now: DateTime<Utc>) -> Vec<String> {
        let rungs = self.rungs(flag);
        let from = from.and_then(number).or_else(|| self.rung(flag)).unwrap_or(0.0);
        let Some(to) = number(to).filter(|to| *to > from && !rungs.is_empty()) else { return vec![] };
        let mut why = vec![];
        why.extend(self.skipped(&rungs, from, to));
        why.extend(self.held(flag, from, now));
        why.extend(self.troubles(flag, from));
        why
    }

    fn skipped(&self, rungs: &[f64], from: f64, to: f64) -> Option<String> {
        let next = rungs.iter().find(|r| **r > from)?;
        (to > *next).then(|| format!("one rung at a time: {next} % comes first"))
    }

    /// Why the rung it stands on is not over.
    pub(super) fn held(&self, flag: &str, from: f64, now: DateTime<Utc>) -> Option<String> {
        let footing = self.footing(flag).filter(|f| number(&f.value) == Some(from))?;
        match &footing.called {
            Some(Called { call: Call::Continue, .. }) => return None,
            Some(Called { call, by, reason, .. }) => {
                let reason = reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
                return Some(format!("{by} said {}{reason}", call.word()));
            }
            None => {}
        }
        let left = self.watched_until(flag, now)? - now;
        Some(format!("{from} % is watched for {} more", lasting(left)))
    }

    /// What burns or cannot be judged in the phase of a rung.
    fn troubles(&self, flag: &str, from: f64) -> Vec<String> {
        let phase = self.phase_of_rung(flag, from).map(|p| p.id.clone());
        let firing = self.firing();
        let firing = firing.iter().filter(|a| self.concerns(&a.rule, phase.as_ref()));
        let firing = firing.map(|a| format!("{} fires", a.signal));
        let blind = self.lost().filter(|(rule, _)| self.concerns(rule, phase.as_ref()));
        let blind = blind.map(|(_, signal)| format!("{signal} cannot be judged"));
        let seen = self.happenings();
        let seen = seen.iter().filter(|h| h.calls_back).map(|h| format!("“{}” happened", h.text));
        let mut why: Vec<String> = firing.chain(blind).chain(seen).collect();
        let mut told = std::collections::HashSet::new();
        why.retain(|w| told.insert(w.clone()));
        why
    }

    /// Whether a limit is one of a phase, or of the whole launch.
    fn concerns(&self, rule: &ThresholdId, phase: Option<&PhaseId>) -> bool {
        let limit: Option<&Threshold> = self.plan.thresholds.iter().find(|t| t.id == *rule);
        let Some(of) = limit.and_then(|t| t.phase.as_ref()) else { return true };
        let above = self.plan.phase(of).and_then(|p| p.parent.as_ref());
        phase.is_some_and(|phase| of == phase || above == Some(phase))
    }
}

/// A percentage as people and providers write it: `25`, `25.0`, `25 %`.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().trim_matches('"').trim_end_matches('%').trim().parse().ok().filter(|n: &f64| n.is_finite())
}

fn lasting(time: TimeDelta) -> String {
    let minutes = (time.num_seconds() + 59) / 60;
    match minutes {
        0..120 => format!("{minutes} min"),
        m if m < 48 * 60 => format!("{} h {:02} min", m / 60, m % 60),
        m => format!("{} days", m / 1440),
    }
}
