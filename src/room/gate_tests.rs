//! Gates, roles, polls, the clock and claims: tables and properties over small rooms.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::plan::binding::Binding;
use crate::plan::{self, PhaseId, SignOffId};

const PLAN: &str = "# P\n\n## Phase 1: Dark launch (Hour 0-2)\n\n- [ ] Set `X`=true\n- [ ] Look\n\n\
    ## Phase 2: Full (Hour 2-4)\n\n- [ ] Go on\n\n## Sign-offs\n\n### Engineering Lead\n\n- [ ] Read it all\n\n\
    Engineering Lead: ____________\n\n### CTO\n\nCTO: ____________\n";

struct Play {
    room: Room,
    now: DateTime<Utc>,
}

impl Play {
    fn new(binding: &str) -> Self {
        let binding: Binding = toml::from_str(binding).unwrap();
        let plan = Arc::new(plan::read_with(PLAN.as_bytes(), "p", &binding));
        let mut play = Self { room: Room::new(Arc::clone(&plan)), now: at(0) };
        play.by("ana", &Intent::AdoptPlan { plan }).unwrap();
        play
    }

    fn by(&mut self, who: &str, intent: &Intent) -> Result<(), Refusal> {
        let actor = Actor { name: who.into(), role: Role::Commander };
        for event in decide(&self.room, intent, &actor, self.now)? {
            self.store(who, event);
        }
        Ok(())
    }

    /// Through the journal's own text.
    fn store(&mut self, who: &str, event: Event) {
        let seq = self.room.seq + 1;
        let text = Fact::new(Uuid::from_u128(u128::from(seq)), self.now, who, event).to_text();
        self.room.apply(&Entry::read(seq, &text));
    }

    fn phase(&self, place: usize) -> &plan::Phase {
        &self.room.plan.phases[place]
    }

    fn gate(&self) -> Gate {
        self.room.gate(self.phase(0))
    }

    fn open(&mut self, id: u128) {
        let phase = self.phase(0).id.clone();
        self.by("ana", &Intent::OpenPoll { poll: Uuid::from_u128(id), phase }).unwrap();
    }

    fn vote(&mut self, who: &str, seat: usize, vote: Vote, reason: Option<&str>) -> Result<(), Refusal> {
        let poll = self.room.polls().last().unwrap();
        let intent = Intent::Vote {
            poll: poll.id,
            seat: poll.chairs[seat].seat.id.clone(),
            vote,
            reason: reason.map(str::to_owned),
            evidence: self.room.evidence_of(poll),
        };
        self.by(who, &intent)
    }

    fn close(&mut self) -> (Verdict, String) {
        let id = self.room.polls().last().unwrap().id;
        self.by("ana", &Intent::ClosePoll(id)).unwrap();
        let end = self.room.polls().last().unwrap().closed.clone().unwrap();
        (end.result, end.why)
    }

    fn tick(&mut self, text: &str) {
        let item = self.room.plan.items.iter().find(|i| i.text.contains(text)).unwrap().id.clone();
        self.by("ana", &Intent::Tick(item)).unwrap();
    }

    fn stances(&self) -> Vec<&'static str> {
        let poll = self.room.polls().last().unwrap();
        let evidence = self.room.evidence_of(poll);
        poll.chairs.iter().map(|c| c.stance(&evidence).word()).collect()
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_262_400 + seconds, 0).unwrap()
}

fn alert(rank: &str) -> Intent {
    Intent::RaiseAlert {
        rule: "r".into(),
        signal: "Error rate".into(),
        limit: "ok < 5 %".into(),
        rank: rank.into(),
        line: 3,
        value: None,
    }
}

#[test]
fn the_plan_of_these_tests_reads_as_it_is_meant() {
    let play = Play::new("");
    let roles: Vec<_> = play.room.seats().into_iter().map(|s| s.role).collect();
    assert_eq!(roles, ["Engineering Lead", "CTO"]);
    assert_eq!(play.room.plan.phases.len(), 2);
}

#[test]
fn causes_say_what_which_and_where_and_the_worst_comes_first() {
    let mut play = Play::new("");
    play.by("ana", &alert("P1")).unwrap();
    let gate = play.gate();
    let told: Vec<_> = gate.causes.iter().map(|c| (c.kind, c.line, c.words.as_str())).collect();
    assert_eq!(
        told,
        [
            (CauseKind::Alert, Some(3), "Error rate fires"),
            (CauseKind::Open, Some(5), "2 open"),
            (CauseKind::SignOff, Some(18), "Engineering Lead has not signed"),
            (CauseKind::SignOff, Some(22), "CTO has not signed"),
            (CauseKind::SignOff, Some(16), "1 open of Engineering Lead's list"),
        ]
    );
    assert_eq!(gate.reasons, gate.causes.iter().map(|c| c.words.clone()).collect::<Vec<_>>());
}

#[test]
fn the_binding_says_which_severities_shut_a_gate() {
    for (binding, rank, shut) in [
        ("", "P0", true),
        ("", "P1", true),
        ("", "P2", false),
        ("room = { blocking = ['P0'] }", "P1", false),
        ("room = { blocking = ['P0', 'P2'] }", "P2", true),
    ] {
        let mut play = Play::new(binding);
        play.by("ana", &alert(rank)).unwrap();
        let fires = play.gate().causes.iter().any(|c| c.kind == CauseKind::Alert);
        assert_eq!(fires, shut, "{binding} {rank}");
    }
}

#[test]
fn an_override_keeps_what_stood_against_it() {
    let mut play = Play::new("");
    let phase = play.phase(0).id.clone();
    play.by("ana", &Intent::StartPhase(phase.clone())).unwrap();
    let reasons = play.gate().reasons;
    let complete = Intent::CompletePhase { phase, overriding: Some("the board said so".into()) };
    play.by("ana", &complete).unwrap();
    let Event::PhaseCompleted { overridden, against, .. } = &play.room.recent.back().unwrap().event else {
        panic!("completed");
    };
    assert_eq!((overridden.as_deref(), against), (Some("the board said so"), &reasons));
    let old = r#"{"v":1,"id":"00000000-0000-0000-0000-000000000001","at":"2026-01-01T00:00:00Z","by":"a","type":"phase_completed","phase":"one","name":"ONE","overridden":null}"#;
    assert!(matches!(Entry::read(1, old).event, Event::PhaseCompleted { against, .. } if against.is_empty()));
}

#[test]
fn a_mapped_role_is_its_peoples_and_an_unmapped_one_anyones() {
    let mut play = Play::new("people = { CTO = ['cto@host'] }");
    let signoffs: Vec<SignOffId> = play.room.plan.signoffs.iter().map(|s| s.id.clone()).collect();
    let sign = |at: usize| Intent::SignOff {
        signoff: signoffs[at].clone(),
        decision: Decision::Approve,
        comment: None,
    };
    play.by("ana@host", &sign(0)).unwrap();
    let refused = play.by("ana@host", &sign(1)).unwrap_err().to_string();
    assert!(refused.contains("ana@host may not sign as CTO"), "{refused}");
    play.by("cto@host", &sign(1)).unwrap();
    play.open(1);
    play.vote("ana@host", 0, Vote::Go, None).unwrap();
    assert!(play.vote("ana@host", 1, Vote::Go, None).is_err());
    play.vote("CTO@host", 1, Vote::Go, None).unwrap();
}

#[test]
fn a_poll_asks_in_order_and_is_go_only_with_every_go() {
    let mut play = Play::new("");
    play.open(1);
    let phase = play.phase(0).id.clone();
    let again = play.by("ana", &Intent::OpenPoll { poll: Uuid::from_u128(9), phase });
    assert!(again.unwrap_err().to_string().contains("under way already"));
    let early = play.vote("bo", 1, Vote::Go, None).unwrap_err().to_string();
    assert!(early.contains("Engineering Lead's turn"), "{early}");
    assert!(play.vote("bo", 1, Vote::Abstain, None).is_err());
    assert!(play.vote("bo", 1, Vote::NoGo, None).unwrap_err().to_string().contains("reason"));
    play.vote("bo", 1, Vote::NoGo, Some("disk")).unwrap();
    assert!(play.vote("bo", 1, Vote::Go, None).is_err(), "an early NO-GO opens no way to an early GO");
    assert!(play.gate().reasons.iter().any(|r| r.contains("CTO said NO-GO: disk")));
    play.vote("ana", 0, Vote::Go, None).unwrap();
    play.vote("bo", 1, Vote::Go, None).unwrap();
    assert_eq!(play.stances(), ["GO", "GO"]);
    let open = play.gate();
    assert!(open.causes.iter().any(|c| c.kind == CauseKind::Poll && !c.shuts), "{open:?}");
    assert_eq!(play.close(), (Verdict::Go, String::new()));
    assert!(play.gate().causes.iter().all(|c| c.kind != CauseKind::Poll));
    assert!(play.vote("bo", 1, Vote::NoGo, Some("late")).is_err(), "it is over");
}

#[test]
fn what_a_poll_comes_to() {
    use Vote::*;
    let no_go = (Verdict::NoGo, "CTO said NO-GO: no".to_owned());
    for (votes, result) in [
        (&[Some(Go), Some(Go)], (Verdict::Go, String::new())),
        (&[Some(Go), Some(NoGo)], no_go),
        (&[Some(Go), Some(Abstain)], (Verdict::Inconclusive, "CTO abstained".to_owned())),
        (
            &[Some(Abstain), Some(Abstain)],
            (Verdict::Inconclusive, "Engineering Lead abstained, CTO abstained".to_owned()),
        ),
        (&[Some(Go), None], (Verdict::Inconclusive, "CTO has not voted".to_owned())),
    ] {
        let mut play = Play::new("");
        play.open(1);
        for (seat, vote) in votes.iter().enumerate() {
            vote.iter().for_each(|v| play.vote("ana", seat, *v, Some("no")).unwrap());
        }
        assert_eq!(play.close(), result, "{votes:?}");
        let kept = play.gate().causes.into_iter().find(|c| c.kind == CauseKind::Poll);
        assert_eq!(kept.map(|c| c.shuts), (result.0 != Verdict::Go).then_some(result.0 == Verdict::NoGo));
    }
}

#[test]
fn a_go_lapses_when_what_it_saw_changes_and_the_role_is_asked_again() {
    let mut play = Play::new("");
    play.open(1);
    play.vote("ana", 0, Vote::Go, None).unwrap();
    let seen = play.room.evidence_of(play.room.polls().last().unwrap());
    play.tick("Look");
    assert_eq!(play.stances(), ["GO lapsed", "not asked yet"]);
    let poll = play.room.polls().last().unwrap();
    let cast = poll.chairs[0].cast.as_ref().unwrap();
    assert_eq!(play.room.changed_after(poll, cast), ["Look: done by ana, was open"]);
    assert_eq!(poll.turn(&play.room.evidence_of(poll)).unwrap().seat.role, "Engineering Lead");
    let old = Intent::Vote {
        poll: poll.id,
        seat: poll.chairs[0].seat.id.clone(),
        vote: Vote::Go,
        reason: None,
        evidence: seen,
    };
    assert!(play.by("ana", &old).unwrap_err().to_string().contains("look again"));
    play.vote("ana", 0, Vote::Go, None).unwrap();
    play.vote("bo", 1, Vote::Go, None).unwrap();
    play.close();
    play.by("ana", &alert("P1")).unwrap();
    play.by("ana", &Intent::ResolveAlert { rule: "r".into(), value: None }).unwrap();
    let doubt = play.gate().causes.into_iter().find(|c| c.kind == CauseKind::Poll).unwrap();
    assert!(!doubt.shuts && doubt.words.contains("ask again"), "an alert since is not forgotten: {doubt:?}");
    play.open(2);
}

#[test]
fn a_forged_journal_gets_no_go_out_of_a_poll() {
    let mut play = Play::new("people = { CTO = ['cto'] }");
    play.open(1);
    let poll = play.room.polls()[0].clone();
    let voted = |seat: usize, vote, reason: Option<&str>| Event::Voted {
        poll: poll.id,
        name: "x".into(),
        seat: poll.chairs[seat].seat.id.clone(),
        role: "x".into(),
        vote,
        reason: reason.map(str::to_owned),
        evidence: "00".into(),
    };
    for (who, event) in [
        ("cto", voted(1, Vote::Go, None)),
        ("eve", voted(1, Vote::NoGo, Some("x"))),
        ("cto", voted(1, Vote::NoGo, Some(" "))),
    ] {
        play.store(who, event.clone());
        assert_eq!(play.stances(), ["not asked yet", "not asked yet"], "{event:?}");
    }
    play.store("eve", voted(0, Vote::Go, None));
    assert_eq!(play.stances()[0], "GO lapsed", "of other evidence");
    let closed = Event::PollClosed {
        poll: poll.id,
        phase: poll.phase.clone(),
        name: "x".into(),
        result: Verdict::Go,
        why: String::new(),
        evidence: "00".into(),
    };
    play.store("eve", closed);
    assert_eq!(play.room.polls()[0].closed.as_ref().unwrap().result, Verdict::Inconclusive);
}

#[test]
fn a_poll_follows_its_phase_into_another_edition() {
    let mut play = Play::new("");
    play.open(1);
    let text = PLAN.replace("Dark launch", "Dark launch of all");
    let plan = Arc::new(plan::read(text.as_bytes(), "p"));
    play.by("ana", &Intent::AdoptPlan { plan: Arc::clone(&plan) }).unwrap();
    play.room.follow(plan);
    let phase: PhaseId = play.phase(0).id.clone();
    assert_eq!(play.room.poll(&phase).map(|p| p.id), Some(Uuid::from_u128(1)));
}

#[test]
fn a_tick_in_the_file_alone_does_not_lapse_a_go() {
    let mut play = Play::new("");
    play.tick("Look");
    play.open(1);
    play.vote("ana", 0, Vote::Go, None).unwrap();
    let plan = Arc::new(plan::read(PLAN.replace("- [ ] Look", "- [x] Look").as_bytes(), "p"));
    play.by("ana", &Intent::AdoptPlan { plan: Arc::clone(&plan) }).unwrap();
    play.room.follow(plan);
    assert_eq!(play.stances()[0], "GO");
}

#[test]
fn the_digest_depends_on_every_state_and_on_nothing_else() {
    let mut play = Play::new("");
    let digest = |play: &Play| play.room.evidence(play.phase(0)).digest();
    let before = digest(&play);
    play.by("ana", &Intent::AddNote { on: Subject::Room, text: "hello".into() }).unwrap();
    assert_eq!(digest(&play), before);
    play.tick("Go on");
    assert_eq!(digest(&play), before, "another phase's item");
    play.tick("Read it all");
    let ticked = digest(&play);
    assert_ne!(ticked, before);
    play.by("ana", &Intent::RecordFlag { flag: "X".into(), value: "true".into() }).ok();
    let told = play.room.evidence(play.phase(0)).told();
    assert!(told[0].starts_with("1 of 3 items done"), "{told:?}");
}

fn set_t0(play: &mut Play, seconds: i64) {
    play.by("ana", &Intent::SetT0 { at: at(seconds), zone: "UTC".into() }).unwrap();
}

fn shown(play: &Play, seconds: i64) -> (i64, bool) {
    let count = play.room.count(at(seconds)).unwrap();
    (count.t().num_seconds(), matches!(count, Count::Held { .. }))
}

#[test]
fn the_count_stands_in_a_hold_and_everything_behind_it_moves() {
    let mut play = Play::new("");
    assert!(play.by("ana", &Intent::HoldClock { reason: "x".into() }).is_err(), "no T0");
    set_t0(&mut play, 3600);
    assert_eq!(shown(&play, 0), (-3600, false));
    play.now = at(600);
    play.by("ana", &Intent::HoldClock { reason: "weather".into() }).unwrap();
    assert!(play.by("bo", &Intent::HoldClock { reason: "x".into() }).is_err());
    assert_eq!((shown(&play, 600), shown(&play, 900)), ((-3000, true), (-3000, true)));
    let late: Vec<_> = play.room.courses(at(1000)).iter().map(|c| c.late().unwrap().num_seconds()).collect();
    assert_eq!(late, [400, 400], "while it stands, everything ahead is late by that");
    play.now = at(1200);
    play.by("ana", &Intent::ResumeClock).unwrap();
    assert!(play.by("ana", &Intent::ResumeClock).is_err());
    assert_eq!(shown(&play, 1300), (-2900, false));
    let span = play.room.planned(play.phase(0)).unwrap();
    assert_eq!((span.start, span.end), (at(4200), Some(at(4200 + 7200))), "by the ten minutes of the hold");
    play.now = at(1400);
    set_t0(&mut play, 3600);
    assert_eq!(shown(&play, 1400), (-2200, false), "T0 set anew counts as it says");
}

#[test]
fn a_planned_hold_stops_the_count_by_itself_until_it_is_over() {
    let mut play = Play::new("");
    set_t0(&mut play, 3600);
    let plan = |at: i64, lasts: i64| Intent::PlanHold { at, lasts, reason: "built in".into() };
    play.by("ana", &plan(-600, 900)).unwrap();
    assert!(play.by("ana", &plan(-600, 60)).is_err(), "one is there");
    assert!(play.by("ana", &plan(-7200, 60)).is_err(), "it has passed");
    assert!(play.by("ana", &plan(60, 0)).is_err() && play.by("ana", &plan(i64::MIN, 60)).is_err());
    for (seconds, expected) in [
        (2999, (-601, false)),
        (3000, (-600, true)),
        (3899, (-600, true)),
        (3900, (-600, false)),
        (4500, (0, false)),
    ] {
        assert_eq!(shown(&play, seconds), expected, "{seconds}");
    }
    assert_eq!(play.room.instant(TimeDelta::zero()), Some(at(4500)));
    assert_eq!(play.room.holds_ahead(at(0)).count(), 1);
    play.now = at(3300);
    play.by("ana", &Intent::ResumeClock).unwrap();
    assert_eq!(shown(&play, 3300), (-600, false), "ended early");
    assert_eq!(play.room.instant(TimeDelta::zero()), Some(at(3900)));
}

#[test]
fn a_phase_that_runs_late_says_when_it_will_be_over() {
    let mut play = Play::new("");
    set_t0(&mut play, 0);
    let phases: Vec<PhaseId> = play.room.plan.phases.iter().map(|p| p.id.clone()).collect();
    play.now = at(720);
    play.by("ana", &Intent::StartPhase(phases[0].clone())).unwrap();
    let courses = play.room.courses(at(1000));
    let late: Vec<_> = courses.iter().map(|c| c.late().unwrap().num_seconds()).collect();
    assert_eq!(late, [720, 720], "and the next one with it");
    assert_eq!(courses[0].ends, Some(at(7200 + 720)));
    play.now = at(1100);
    play.by("ana", &Intent::HoldPhase { phase: phases[0].clone(), reason: "x".into() }).unwrap();
    play.now = at(1200);
    play.by("ana", &Intent::ResumePhase(phases[0].clone())).unwrap();
    let (own, counts) = play.room.phase_clock(&phases[0], at(1220)).unwrap();
    assert_eq!((own.num_seconds(), counts), (400, true), "without the time it was held");
    assert_eq!(play.room.course(&phases[0], at(90_000)).unwrap().ends, Some(at(90_000)), "never before now");
}

#[test]
fn what_reads_otherwise_than_a_tick_makes_its_gate_doubt_and_erases_nothing() {
    let mut play = Play::new("");
    let item = play.room.plan.items[0].id.clone();
    let doubt = |why: &str| Intent::DoubtClaim { item: item.clone(), why: why.into() };
    assert!(play.by("watch", &doubt("X reads false")).is_err(), "nobody claims it");
    play.tick("Set");
    play.by("watch", &doubt("X reads false")).unwrap();
    assert!(play.by("watch", &doubt("X reads false")).is_err(), "known");
    let cause = play.gate().causes.into_iter().find(|c| c.kind == CauseKind::Claim).unwrap();
    assert!(!cause.shuts && cause.words.ends_with("is ticked, and X reads false"), "{cause:?}");
    assert_eq!(play.room.mark(&play.room.plan.items[0]), Mark::Done);
    play.by("watch", &Intent::SettleClaim(item.clone())).unwrap();
    assert!(play.gate().causes.iter().all(|c| c.kind != CauseKind::Claim));
    play.by("watch", &doubt("X reads false")).unwrap();
    play.by("ana", &Intent::Untick(item.clone())).unwrap();
    assert_eq!(play.room.claim(&item), None, "no claim, nothing against it");
}

proptest! {
    /// Whatever is held and let go on, T never goes back and never runs faster than the wall.
    #[test]
    fn the_count_is_steady(deeds in prop::collection::vec((0u8..4, 1i64..900, -3000i64..3000, 1i64..900), 0..20)) {
        let mut play = Play::new("");
        set_t0(&mut play, 1800);
        let mut before = play.room.count(play.now).unwrap().t();
        for (deed, wait, place, lasts) in deeds {
            let intent = match deed {
                0 => Intent::HoldClock { reason: "x".into() },
                1 => Intent::ResumeClock,
                _ => Intent::PlanHold { at: place, lasts, reason: "x".into() },
            };
            let _ = play.by("ana", &intent);
            prop_assert_eq!(play.room.count(play.now).unwrap().t(), before, "no deed moves it at once");
            play.now += TimeDelta::seconds(wait);
            let t = play.room.count(play.now).unwrap().t();
            prop_assert!(t >= before && t - before <= TimeDelta::seconds(wait));
            before = t;
        }
    }
}

/// The plan of these tests with a criterion in its first phase.
fn with_limit(value: f64) -> Arc<plan::Plan> {
    let mut plan = plan::read(PLAN.as_bytes(), "p");
    let limit = plan::Threshold {
        id: "e".into(),
        metric: "Error rate".into(),
        phase: Some(plan.phases[0].id.clone()),
        role: plan::Role::Success,
        value: Some(plan::Value::One(value)),
        ..plan::spoken::limit("m > 5%").unwrap()
    };
    plan.thresholds.push(limit);
    Arc::new(plan)
}

fn judged(finding: crate::signal::Criterion, why: &str) -> Event {
    Event::CriterionJudged { rule: "e".into(), signal: "Error rate".into(), finding, why: why.into() }
}

fn flag(value: &str) -> Event {
    Event::FlagRecorded { flag: "X".into(), value: value.into() }
}

#[test]
fn what_changed_and_came_back_is_not_what_was_seen() {
    use crate::signal::Criterion::{Failed, Met};
    let (rule, signal) = (plan::ThresholdId::from("e"), "Error rate".to_owned());
    let lost = Event::SignalLost { rule: rule.clone(), signal: signal.clone(), why: None };
    let (text, reason) = ("Data is lost".to_owned(), "seen".to_owned());
    let happened = Event::TriggerHappened {
        text: text.clone(),
        rank: "P0".into(),
        line: 1,
        calls_back: true,
        reason: reason.clone(),
        calls: None,
        plan: String::new(),
    };
    // The entries are the adoption, the first of these, the poll, the vote, then the others.
    let over = Event::TriggerOver { happening: Uuid::from_u128(5), text, reason };
    for (first, change, back) in [
        (judged(Met, ""), judged(Failed, ""), judged(Met, "")),
        (flag("10"), flag("50"), flag("10")),
        (flag("10"), lost, Event::SignalFound { rule, signal }),
        (flag("10"), happened, over),
    ] {
        let mut play = Play::new("");
        play.room.follow(with_limit(5.0));
        play.store("ana", first);
        play.open(1);
        play.vote("ana", 0, Vote::Go, None).unwrap();
        let other = play.room.evidence(play.phase(0));
        play.store("watch", change.clone());
        assert_eq!(play.stances()[0], "GO lapsed", "{change:?}");
        play.store("watch", back.clone());
        assert_eq!(play.stances()[0], "GO lapsed", "{back:?}");
        let told = play.room.evidence(play.phase(0)).since(&other);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(!told[0].contains("entry"), "{told:?}");
    }
}

#[test]
fn the_same_answer_once_more_lapses_nothing() {
    use crate::signal::Criterion::Met;
    let mut play = Play::new("");
    play.room.follow(with_limit(5.0));
    for event in [judged(Met, ""), flag("10")] {
        play.store("ana", event);
    }
    play.open(1);
    play.vote("ana", 0, Vote::Go, None).unwrap();
    for event in [judged(Met, "12 min"), flag("10")] {
        play.store("ana", event);
        assert_eq!(play.stances()[0], "GO");
    }
}

#[test]
fn a_correction_of_words_or_limits_lapses_a_go_of_the_same_plan() {
    let mut other = (*with_limit(5.0)).clone();
    other.items[0].text = "Set `X`=true everywhere".into();
    for (other, told) in [
        (with_limit(50.0), "Error rate: ok > 50 %, success, in dark-launch, was ok > 5 %"),
        (Arc::new(other), "Set `X`=true everywhere: open, was “Set X=true”"),
    ] {
        let mut play = Play::new("");
        play.room.follow(with_limit(5.0));
        play.open(1);
        play.vote("ana", 0, Vote::Go, None).unwrap();
        assert_eq!(play.stances()[0], "GO");
        let seen = play.room.evidence(play.phase(0));
        play.room.follow(other);
        assert_eq!(play.stances()[0], "GO lapsed");
        let since = play.room.evidence(play.phase(0)).since(&seen);
        assert!(since.len() == 1 && since[0].starts_with(told.split(':').next().unwrap()), "{since:?}");
        assert!(since[0].contains("was"), "{since:?}");
    }
}

#[test]
fn brackets_in_a_command_or_a_text_are_no_boxes() {
    let base = PLAN.replace("- [ ] Look\n", "- [ ] Look at [x]\n\n```sh\n- [x] rm\n```\n\nAs [x] says.\n");
    for (from, to, stands) in [
        ("- [ ] Look", "- [x] Look", true),
        ("at [x]", "at [ ]", false),
        ("- [x] rm", "- [ ] rm", false),
        ("As [x]", "As [ ]", false),
    ] {
        let mut play = Play::new("");
        let adopt = |play: &mut Play, text: &str| {
            let plan = Arc::new(plan::read(text.as_bytes(), "p"));
            play.by("ana", &Intent::AdoptPlan { plan: Arc::clone(&plan) }).unwrap();
            play.room.follow(plan);
        };
        adopt(&mut play, &base);
        let line = play.room.plan.signoffs[0].clone();
        let sign = Intent::SignOff { signoff: line.id.clone(), decision: Decision::Approve, comment: None };
        play.by("ana", &sign).unwrap();
        assert_eq!(play.room.signoff_gap(&line), None);
        let other = base.replacen(from, to, 1);
        assert_ne!(other, base);
        adopt(&mut play, &other);
        let line = play.room.plan.signoffs[0].clone();
        assert_eq!(play.room.signoff_gap(&line).is_none(), stands, "{to}");
    }
}
