//! What the process with the watch owes the journal beside crossings: criteria that changed, and
//! whatever fires here and is not known there, because somebody else had the watch or the disk failed.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::{App, Watch};
use crate::plan::{Threshold, ThresholdId};
use crate::room::{Intent, Judged};
use crate::signal::{Criterion, Crossed, Crossing, RuleState, Standing, bare_side, number};

/// A criterion that changes sides all the time is recorded so often at most, unless it was met before;
/// and so long nothing may be known before one that was met is in doubt.
const PACE: TimeDelta = TimeDelta::seconds(30);

/// What another process measured comes here through the journal: it writes every 5 s, this one looks
/// every 2.
const LAG: TimeDelta = TimeDelta::seconds(8);

impl App {
    /// The watch went to somebody. Who has it measures; the others read what it stores.
    pub(super) fn watched_by(&mut self, watch: Option<Watch>) {
        let another = watch.as_ref().is_some_and(|w| !w.mine);
        self.gauges.expect_late(if another { LAG } else { TimeDelta::zero() });
        self.room.leave_unwatched(watch.is_none().then_some(self.now));
        self.watch = watch;
    }

    /// What the journal knows to fire and these rules do not, they are told. Alerts on their way to the
    /// disk are left alone, and those that are `over`.
    pub(super) fn catch_up(&mut self, over: &[Crossing]) {
        if self.room.firing().is_empty() {
            return;
        }
        let mut busy = self.alerts_on_their_way();
        busy.extend(over.iter().map(|c| c.rule.clone()));
        let here: HashSet<ThresholdId> = self.alerting().map(|s| s.rule.id.clone()).collect();
        for alert in self.room.firing() {
            if !here.contains(&alert.rule) && !busy.contains(&alert.rule) {
                self.gauges.restore(&alert.rule, alert.since);
            }
        }
    }

    /// What fires or is blind here and has to be in the journal, beside the `crossings` of just now.
    pub(super) fn owed(&self, crossings: &[Crossing]) -> Vec<Crossing> {
        let busy = self.alerts_on_their_way();
        let told: HashSet<(&ThresholdId, bool)> =
            crossings.iter().map(|c| (&c.rule, c.kind == Crossed::Blind)).collect();
        let mut owed = self.gauges.stand(self.now);
        owed.retain(|c| !self.is_known(c));
        owed.retain(|c| !told.contains(&(&c.rule, c.kind == Crossed::Blind)) && !busy.contains(&c.rule));
        owed
    }

    /// Whether the journal has what a rule says of itself.
    fn is_known(&self, crossing: &Crossing) -> bool {
        match crossing.kind {
            Crossed::Blind => self.room.is_lost(&crossing.rule),
            _ => self.room.fires(&crossing.rule).is_some(),
        }
    }

    fn alerting(&self) -> impl Iterator<Item = Standing<'_>> {
        self.gauges.rules().filter(|s| s.state.is_alert())
    }

    fn alerts_on_their_way(&self) -> HashSet<ThresholdId> {
        let rule = |intent: &Intent| match intent {
            Intent::RaiseAlert { rule, .. }
            | Intent::ResolveAlert { rule, .. }
            | Intent::LoseSignal { rule, .. }
            | Intent::FindSignal { rule }
            | Intent::SupersedeAlert(rule) => Some(rule.clone()),
            _ => None,
        };
        self.saving.values().filter_map(rule).collect()
    }

    /// Criteria about which the journal has another answer than these rules.
    pub(super) fn criteria(&self) -> Vec<Intent> {
        let busy: HashSet<&ThresholdId> = self
            .saving
            .values()
            .filter_map(|i| if let Intent::JudgeCriterion { rule, .. } = i { Some(rule) } else { None })
            .collect();
        let judged = self.gauges.rules().zip(&self.room.plan.thresholds);
        let judged =
            judged.filter(|(s, _)| !s.rule.alerts() && s.open.is_none() && !busy.contains(&s.rule.id));
        judged.filter_map(|(standing, limit)| self.finding(&standing, limit)).collect()
    }

    fn finding(&self, standing: &Standing<'_>, limit: &Threshold) -> Option<Intent> {
        let finding = standing.criterion();
        let known = self.room.judged(&limit.id);
        // A value that changes is no news; another reason to doubt is.
        let doubts = finding == Criterion::Inconclusive;
        let same = |k: &Judged| k.finding == finding && (!doubts || k.why == standing.doubt());
        if known.is_some_and(same) {
            return None;
        }
        // What a phase asked is settled with it.
        if !standing.armed && (known.is_none() || limit.phase.is_some()) {
            return None;
        }
        if let Some(known) = known {
            let was_met = known.finding == Criterion::Met;
            let since = standing.state.since().filter(|_| unknown(standing.state)).unwrap_or(known.at);
            let lately = self.now - if was_met { since } else { known.at } < PACE;
            if lately && !(was_met && finding == Criterion::Failed) {
                return None;
            }
        }
        let why = if finding == Criterion::Failed { self.failing(standing, limit) } else { standing.doubt() };
        Some(Intent::JudgeCriterion { rule: limit.id.clone(), signal: limit.metric.clone(), finding, why })
    }

    /// Value against limit.
    fn failing(&self, standing: &Standing<'_>, limit: &Threshold) -> String {
        let last = standing.signal.and_then(|s| self.gauges.series(s)).and_then(|s| s.last());
        let value = last.map(|s| number(crate::plan::Value::One((s.value * 100.0).round() / 100.0)));
        value.map_or_else(|| bare_side(limit), |v| format!("{v}, {}", bare_side(limit)))
    }
}

fn unknown(state: &RuleState) -> bool {
    matches!(state, RuleState::NoData { .. } | RuleState::Error { .. } | RuleState::Thin { .. })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::stage::Stage;
    use crate::app::{Msg, Watch};
    use crate::plan::binding::Binding;
    use crate::room::{Event, Verdict};
    use crate::signal::Sample;

    const PLAN: &str = "\
# Launch

## Phase 1: Canary (Hours 0-2)

- [x] Deploy

**Success Criteria:**
- Error rate < 1%

## Alerts

| Severity | Condition |
|---|---|
| P1 | Latency > 500 ms |
";

    fn watch(mine: bool) -> Msg {
        Msg::Watch(Some(Watch { name: "x".into(), mine }))
    }

    fn bound(mine: bool) -> Stage {
        let mut stage = Stage::new(PLAN);
        let text = r#"
            source = [{ name = "p", kind = "prometheus", url = "http://localhost:1", every = 1 }]
            signal = [
                { name = "Error rate", source = "p", query = "e" },
                { name = "Latency", source = "p", query = "l" },
            ]"#;
        let binding: Binding = toml::from_str(text).unwrap();
        stage.send(Msg::Bound(Arc::new(binding)));
        stage.send(watch(mine));
        stage
    }

    fn second(stage: &mut Stage, errors: f64, latency: f64) {
        for (signal, value) in [errors, latency].into_iter().enumerate() {
            let samples = vec![Sample { at: stage.app.now, value }];
            stage.send(Msg::Samples { signal, samples });
        }
        stage.wait(1_000);
    }

    fn firing(stage: &Stage) -> usize {
        stage.app.room.firing().len()
    }

    #[test]
    fn whoever_takes_the_watch_over_records_what_fires() {
        let mut stage = bound(false);
        for _ in 0..3 {
            second(&mut stage, 0.1, 900.0);
        }
        assert_eq!(firing(&stage), 0, "somebody else has the watch");
        stage.send(watch(true));
        second(&mut stage, 0.1, 900.0);
        assert_eq!(firing(&stage), 1);
        second(&mut stage, 0.1, 100.0);
        assert_eq!(firing(&stage), 0);
    }

    #[test]
    fn what_another_recorded_is_ended_by_whoever_has_the_watch() {
        let mut stage = bound(false);
        let limit = stage.app.room.plan.thresholds.iter().find(|t| t.metric == "Latency").unwrap().clone();
        stage.happened(Event::AlertFired {
            rule: limit.id,
            signal: limit.metric,
            limit: "ok".into(),
            rank: "P1".into(),
            line: limit.line,
            value: None,
        });
        second(&mut stage, 0.1, 100.0);
        assert_eq!(firing(&stage), 1);
        stage.send(watch(true));
        second(&mut stage, 0.1, 100.0);
        assert_eq!(firing(&stage), 0);
    }

    #[test]
    fn an_alert_that_was_not_stored_is_recorded_later() {
        let mut stage = bound(true);
        second(&mut stage, 0.1, 100.0);
        stage.stores = false;
        second(&mut stage, 0.1, 900.0);
        second(&mut stage, 0.1, 900.0);
        let waiting = std::mem::take(&mut stage.waiting);
        assert_eq!(waiting.len(), 1, "on its way once: {waiting:?}");
        stage.send(Msg::NotSaved { ticket: waiting[0].0, why: "disk".into() });
        stage.stores = true;
        second(&mut stage, 0.1, 900.0);
        assert_eq!(firing(&stage), 1);
    }

    #[test]
    fn a_gate_asks_what_the_watch_measured() {
        let mut stage = bound(true);
        let phase = stage.app.room.plan.phases[0].clone();
        let gate = |s: &Stage| s.app.room.gate(&phase);
        let before = gate(&stage);
        stage.happened(Event::PhaseStarted { phase: phase.id.clone(), name: phase.name.clone() });
        second(&mut stage, 3.0, 100.0);
        second(&mut stage, 3.0, 100.0);
        let failed = gate(&stage);
        assert_eq!(failed.verdict, Verdict::NoGo);
        let told = |g: &crate::room::Gate| g.reasons.iter().find(|r| r.contains("Error rate")).cloned();
        let why = told(&failed).expect("it says why");
        assert!(why.contains("is not met: 3, ") && why.ends_with("(line 8)"), "{why}");
        for _ in 0..40 {
            second(&mut stage, 0.1, 100.0);
        }
        assert_eq!((told(&gate(&stage)), gate(&stage).verdict), (None, before.verdict), "met");
        let seq = stage.app.room.seq;
        for _ in 0..20 {
            stage.wait(1_000);
        }
        assert_eq!(stage.app.room.seq, seq, "a gap is no news");
        for _ in 0..60 {
            stage.wait(1_000);
        }
        let why = told(&gate(&stage)).expect("blind");
        assert!(why.contains("cannot be judged: no data"), "{why}");
        assert_ne!(gate(&stage).verdict, Verdict::Go);
    }
}
