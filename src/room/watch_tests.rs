//! What people and the machine say about alerts: silences, baselines, suggestions, storms.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::*;
use crate::plan::{Phase, Plan, Procedure, ProcedureKind, Threshold, spoken};
use crate::signal::Rank;

fn limit(id: &str, metric: &str, severity: &str) -> Threshold {
    Threshold {
        id: id.into(),
        metric: metric.into(),
        severity: Some(severity.into()),
        line: 7,
        ..spoken::limit("m > 5%").unwrap()
    }
}

/// Three limits, one of them relative, one in a phase; one calls for a procedure.
fn plan() -> Arc<Plan> {
    let back = Procedure {
        id: "back".into(),
        title: "Flag rollback".into(),
        kind: ProcedureKind::Rollback,
        target: None,
        every: None,
        steps: vec![],
        commands: vec![],
        line: 4,
    };
    let phases = vec![Phase { id: "canary".into(), name: "Canary".into(), ..Phase::default() }];
    let thresholds = vec![
        Threshold { procedure: Some("back".into()), ..limit("e", "Error rate", "P0") },
        Threshold { baseline: true, ..limit("l", "Latency", "P1") },
        Threshold { phase: Some("canary".into()), ..limit("q", "Queue", "P1") },
    ];
    Arc::new(Plan { phases, thresholds, procedures: vec![back], ..Plan::default() })
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
}

struct Stage(Room, DateTime<Utc>);

impl Stage {
    fn new() -> Self {
        let mut stage = Self(Room::new(plan()), at(0));
        let plan = Plan { digest: "sha256:aa".into(), ..(*plan()).clone() };
        stage.ok(Intent::AdoptPlan { plan: Arc::new(plan) });
        stage
    }

    fn act(&mut self, intent: Intent) -> Result<Vec<Event>, String> {
        let ana = Actor { name: "ana".into(), role: Role::Engineer };
        let events = decide(&self.0, &intent, &ana, self.1).map_err(|r| r.to_string())?;
        for event in &events {
            let seq = self.0.seq + 1;
            let fact = Fact::new(Uuid::from_u128(u128::from(seq)), self.1, "ana", event.clone());
            assert_eq!(&Entry::read(seq, &fact.to_text()).event, event, "it reads back");
            assert!(!event.sentence().is_empty());
            self.0.apply(&Entry::read(seq, &fact.to_text()));
        }
        Ok(events)
    }

    fn ok(&mut self, intent: Intent) -> Vec<Event> {
        self.act(intent).unwrap()
    }

    fn fire(&mut self, rule: &str) {
        let limit = self.0.plan.thresholds.iter().find(|t| t.id.as_str() == rule).unwrap().clone();
        self.ok(Intent::RaiseAlert {
            rule: rule.into(),
            signal: limit.metric,
            limit: "ok ≤ 5 %".into(),
            rank: limit.severity.unwrap(),
            line: limit.line,
            value: Some(9.0),
        });
    }
}

fn silence(rule: &str, reason: &str, until: DateTime<Utc>) -> Intent {
    Intent::Silence { rule: rule.into(), reason: reason.into(), until }
}

#[test]
fn a_silence_has_an_author_a_reason_and_an_end() {
    let mut stage = Stage::new();
    stage.fire("e");
    let gate = |s: &Stage| s.0.gate(&s.0.plan.phases[0]).verdict;
    assert_eq!(gate(&stage), Verdict::NoGo);
    for (intent, said) in [
        (silence("e", " ", at(30)), "the reason is empty"),
        (silence("e", "known", at(241)), "a silence lasts at most 4 h; silence Error rate again then"),
        (silence("e", "known", at(0)), "the silence of Error rate would be over already"),
        (silence("x", "known", at(30)), "the plan has no limit \"x\""),
        (Intent::Unsilence("e".into()), "that alert is not silenced"),
    ] {
        assert_eq!(stage.act(intent).unwrap_err(), said);
    }
    stage.ok(silence("e", "known", at(240)));
    let known = stage.0.silence(&"e".into(), at(239)).unwrap();
    assert_eq!((known.by.as_str(), known.reason.as_str(), known.until), ("ana", "known", at(240)));
    assert_eq!(stage.0.silence(&"e".into(), at(240)), None, "it ends by itself");
    assert_eq!((stage.0.firing().len(), gate(&stage)), (1, Verdict::NoGo), "in sight, and blocking");
    assert_eq!(stage.act(silence("e", "known", at(240))).unwrap_err(), "ana silenced Error rate already");
    stage.ok(Intent::Unsilence("e".into()));
    assert_eq!(stage.0.silence(&"e".into(), at(1)), None);
}

#[test]
fn a_baseline_is_for_a_limit_that_asks_for_one() {
    let mut stage = Stage::new();
    let capture = |metric: &str, value: f64| Intent::CaptureBaseline {
        metric: metric.into(),
        value,
        from: "mean of 180 samples in 15m".into(),
    };
    for (intent, said) in [
        (capture("Load", 1.0), "the plan has no metric \"Load\""),
        (capture("Queue", 1.0), "no limit on Queue is relative to a baseline"),
        (capture("Latency", f64::NAN), "NaN is no baseline for Latency"),
    ] {
        assert_eq!(stage.act(intent).unwrap_err(), said);
    }
    stage.ok(capture("latency", 120.0));
    stage.ok(capture("Latency", 130.0));
    let known: Vec<_> = stage.0.baselines().map(|b| (b.metric.as_str(), b.value)).collect();
    assert_eq!(known, [("Latency", 130.0)], "the last one counts");
    let withdraw = || Intent::WithdrawBaseline { metric: "latency".into() };
    stage.ok(withdraw());
    assert_eq!(stage.0.baseline("LATENCY").map(|b| b.value), Some(120.0), "the one before again");
    stage.ok(withdraw());
    assert_eq!(stage.0.baselines().count(), 0);
    assert_eq!(stage.act(withdraw()).unwrap_err(), "latency has no baseline");
}

#[test]
fn a_suggestion_has_evidence_and_outlives_its_alert_by_an_hour() {
    let mut stage = Stage::new();
    let suggest = |rule: &str| Intent::Suggest { rule: rule.into(), value: Some(9.0) };
    assert!(stage.act(suggest("q")).unwrap_err().contains("calls for no procedure"));
    stage.fire("e");
    stage.ok(suggest("e"));
    assert_eq!(stage.act(suggest("e")).unwrap_err(), "Flag rollback is suggested already");
    let stand = |s: &Stage, at| s.0.suggestions().next().unwrap().stand(at);
    let made = stage.0.suggestions().next().unwrap();
    let evidence = (made.title.as_str(), made.line, made.value, made.plan.as_str());
    assert_eq!(evidence, ("Flag rollback", 7, Some(9.0), "sha256:aa"));
    assert_eq!(stand(&stage, at(999)), Stand::Suggested, "while it fires it stands");
    stage.1 = at(10);
    stage.ok(Intent::ResolveAlert { rule: "e".into(), value: None });
    assert_eq!(stage.0.suggestions().next().unwrap().resolved, Some(at(10)), "annotated, not withdrawn");
    assert_eq!((stand(&stage, at(69)), stand(&stage, at(70))), (Stand::Suggested, Stand::Expired));
    let id = stage.0.suggestions().next().unwrap().id;
    let dismiss = || Intent::Dismiss { suggestion: id, reason: "a probe was wrong".into() };
    stage.ok(dismiss());
    let told = Stand::Dismissed { by: "ana".into(), reason: "a probe was wrong".into() };
    assert_eq!(stand(&stage, at(70)), told);
    assert!(stage.act(dismiss()).is_err(), "once");
    stage.fire("e");
    stage.ok(suggest("e"));
    stage.ok(Intent::SupersedeAlert("e".into()));
    assert_eq!((stand(&stage, at(11)), stage.0.firing().len()), (Stand::Superseded, 0));
    assert!(stage.act(Intent::SupersedeAlert("e".into())).is_err(), "nothing fires any more");
}

#[test]
fn a_storm_is_a_few_lines_the_worst_first() {
    let mut stage = Stage::new();
    ["q", "l", "e"].iter().for_each(|rule| stage.fire(rule));
    stage.ok(Intent::Acknowledge("l".into()));
    stage.ok(silence("q", "known", at(30)));
    let told: Vec<_> = stage
        .0
        .storms(at(1))
        .iter()
        .map(|s| (s.rank, s.phase.map(|p| p.0.clone()), s.alerts.len(), s.unclaimed, s.silenced))
        .collect();
    let want = [
        (Rank::Critical, None, 1, 1, 0),
        (Rank::High, None, 1, 0, 0),
        (Rank::High, Some("canary".to_owned()), 1, 1, 1),
    ];
    assert_eq!(told, want);
    let thresholds = (0..500).map(|i| limit(&format!("r{i}"), "m", ["P2", "P1"][i % 2])).collect();
    let mut many = Stage(Room::new(Arc::new(Plan { thresholds, ..Plan::default() })), at(0));
    (0..500).for_each(|i| many.fire(&format!("r{i}")));
    let sizes: Vec<_> = many.0.storms(at(0)).iter().map(|s| (s.rank, s.alerts.len())).collect();
    assert_eq!(sizes, [(Rank::High, 250), (Rank::Medium, 250)]);
    assert_eq!(TimeDelta::hours(4), MAX_SILENCE);
}

#[test]
fn a_lost_signal_says_what_it_lacks() {
    let mut stage = Stage::new();
    let lose = Intent::LoseSignal {
        rule: "e".into(),
        signal: "Error rate".into(),
        why: Some("too little traffic to judge".into()),
    };
    stage.ok(lose);
    let reasons = stage.0.gate(&stage.0.plan.phases[0]).reasons;
    assert!(
        reasons.contains(&"Error rate cannot be judged: too little traffic to judge".to_owned()),
        "{reasons:?}"
    );
    let old = r#"{"v":1,"id":"00000000-0000-0000-0000-000000000001","at":"2026-01-01T00:00:00Z","by":"x","type":"signal_lost","rule":"r","signal":"s"}"#;
    assert!(
        matches!(Entry::read(1, old).event, Event::SignalLost { why: None, .. }),
        "old journals are read"
    );
}
