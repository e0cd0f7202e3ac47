//! A launch that happened, written as a journal: everything that a report tells, once or a few times.
//! `benches/report.rs` fills the same launch up to a day of 100,000 events.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use warroom::journal::{Asked, KEPT, Rooms, SampleLog, SqliteStore, Store as _};
use warroom::plan::{self, ItemId, Plan};
use warroom::room::{Call, Decision, Event, Fact, Outcome, Subject};

pub const PLAN: &str = "\
# Parcel tracking 4: rollout

All times in UTC.

## Pre-flight

- [ ] Snapshot of the parcels database taken
- [ ] Support briefed on `tracking_v4`
- [ ] Old tracker stays deployed until the review

## Feature flags

| Flag | Default | Description |
|------|---------|-------------|
| `tracking_v4` | false | The new tracker |
| `tracking_share` | 0 | Share of visitors |

## Phase 1: Staff (T0 to T+2h)

- [ ] Set `tracking_v4` = true
- [ ] Track one parcel of each carrier
- [ ] Compare ten histories with the old tracker

## Phase 2: A tenth of visitors (T+2h to T+6h)

- [ ] Set `tracking_share` to 10%
- [ ] Watch the funnel for an hour

**Success criteria:**
- Lookup success rate > 99%

## Phase 3: Everyone (T+6h to T+12h)

- [ ] Set `tracking_share` to 100%
- [ ] Read twenty support conversations
- [ ] Tell the carriers

## Alerts

| Severity | Condition |
|---|---|
| P0 | Lookup error rate > 5% for 2 minutes |
| P1 | p95 lookup time > 800 ms |
| P2 | Carrier queue depth > 500 |

## Rollback Plan (< 5 minutes)

1. **Turn the tracker off**
   ```bash
   ./flags set tracking_v4 false
   ```
2. **Check that the old tracker answers**
3. **Tell support**

## Communication

| When | Message | To |
|---|---|---|
| T-24h | Reminder to all staff | Staff |
| After Phase 3 | Thank you and first numbers | Company |

## Sign-off

**Engineering lead:** __________

**Product owner:** __________

## Post-launch

### Week 1
- [ ] Daily look at the funnel

### Week 2
- [ ] Take the old tracker down

## Maintenance Tasks

### Weekly
- [ ] Look through failed lookups

## Follow-up

- Schedule a metrics review 1–2 weeks after launch.
";

/// T0 of the launch.
pub fn t0() -> DateTime<Utc> {
    "2026-09-14T08:00:00Z".parse().expect("a time")
}

/// A journal that is being written.
pub struct Writer {
    pub plan: Plan,
    pub store: SqliteStore,
    pub path: PathBuf,
    texts: Vec<String>,
    seq: u64,
}

impl Writer {
    /// A new room below `state`, for the plan file `file`.
    pub fn new(state: &Path, file: &Path, text: &str, environment: &str, name: &str) -> Self {
        let rooms = Rooms::at(state);
        let entered = rooms.create(name, file, environment, t0().timestamp_millis()).expect("a room");
        let plan = plan::read(text.as_bytes(), "parcel");
        let (mut store, path) = (entered.store, rooms.path(&entered.name).expect("a name"));
        store.keep_plan(&plan.digest, text.as_bytes()).expect("a plan");
        let mut writer = Self { plan, store, path, texts: vec![], seq: 0 };
        let (digest, title) = (writer.plan.digest.clone(), writer.plan.title.clone());
        let opened = Event::RoomOpened {
            room: entered.name,
            plan_path: file.display().to_string(),
            environment: environment.to_owned(),
            version: "0".to_owned(),
        };
        writer.say(-3_600, "ana", opened);
        writer.say(-3_600, "ana", Event::PlanAdopted { digest, title, carried: None });
        writer
    }

    /// Somebody says something so many seconds after T0.
    pub fn say(&mut self, second: i64, by: &str, event: Event) -> Uuid {
        self.seq += 1;
        let id = Uuid::from_u128(u128::from(self.seq));
        self.texts.push(Fact::new(id, t0() + TimeDelta::seconds(second), by, event).to_text());
        if self.texts.len() >= 4_096 {
            self.flush();
        }
        id
    }

    pub fn flush(&mut self) {
        let head = self.store.head().seq;
        let texts = std::mem::take(&mut self.texts);
        if !texts.is_empty() {
            self.store.append(head, &texts).expect("it is taken");
        }
    }

    pub fn item(&self, words: &str) -> (ItemId, String) {
        let found = self.plan.items.iter().find(|i| i.text.contains(words));
        let item = found.unwrap_or_else(|| panic!("no item {words}"));
        (item.id.clone(), item.text.clone())
    }

    pub fn tick(&mut self, second: i64, by: &str, words: &str) {
        let (item, text) = self.item(words);
        self.say(second, by, Event::ItemTicked { item, text });
    }

    pub fn phase(&mut self, second: i64, n: usize, over: bool, overridden: Option<&str>) {
        let (phase, name) = (self.plan.phases[n].id.clone(), self.plan.phases[n].name.clone());
        let overridden = overridden.map(str::to_owned);
        let event = match over {
            true => Event::PhaseCompleted { phase, name, overridden, against: vec![] },
            false => Event::PhaseStarted { phase, name },
        };
        self.say(second, "ana", event);
    }

    /// An alert from one second to another.
    pub fn alert(&mut self, (from, to): (i64, Option<i64>), signal: &str, value: f64) {
        let limit = self.plan.thresholds.iter().find(|t| t.metric.contains(signal) && t.severity.is_some());
        let limit = limit.unwrap_or_else(|| panic!("no limit on {signal}")).clone();
        let (rule, signal, line) = (limit.id.clone(), limit.metric.clone(), limit.line);
        let (side, rank) = (warroom::signal::bare_side(&limit), limit.severity.unwrap_or_default());
        let fired = Event::AlertFired {
            rule: rule.clone(),
            signal: signal.clone(),
            limit: side,
            rank,
            line,
            value: Some(value),
        };
        self.say(from, "watch", fired);
        self.say(from + 40, "bo", Event::AlertAcknowledged { rule: rule.clone(), signal: signal.clone() });
        if let Some(to) = to {
            self.say(to, "watch", Event::AlertResolved { rule, signal, value: Some(1.0) });
        }
    }

    pub fn flag(&mut self, second: i64, flag: &str, to: &str, outcome: Outcome) {
        let change = Uuid::from_u128(9_000_000 + u128::from(self.seq));
        let (flag, to) = (flag.to_owned(), to.to_owned());
        self.say(
            second,
            "ana",
            Event::FlagChangeStarted {
                change,
                flag: flag.clone(),
                from: Some("0".to_owned()),
                to: to.clone(),
                request: "PATCH …".to_owned(),
                approval: None,
            },
        );
        let detail = "read back".to_owned();
        self.say(second + 3, "ana", Event::FlagChangeEnded { change, flag, to, outcome, detail });
    }

    /// The way back, in so many seconds.
    pub fn way_back(&mut self, second: i64, seconds: i64) {
        let procedure =
            self.plan.procedures.iter().find(|p| p.title.contains("Rollback")).expect("a way").clone();
        let run = Uuid::from_u128(8_000_000 + u128::from(self.seq));
        let (title, steps) = (procedure.title.clone(), procedure.in_order());
        self.say(second, "ana", Event::RunStarted { run, procedure: procedure.id, title: title.clone() });
        let each = seconds / steps.len() as i64;
        for (step, told) in steps.iter().enumerate() {
            let (from, text) = (second + each * step as i64, told.text.clone());
            let bytes = "./flags set tracking_v4 false".to_owned();
            self.say(
                from,
                "ana",
                Event::StepStarted { run, step, text: text.clone(), bytes, approval: None },
            );
            let (outcome, detail) = (Outcome::Done, "exit 0".to_owned());
            self.say(from + each, "ana", Event::StepEnded { run, step, text, outcome, detail, end: None });
        }
        let (outcome, detail) = (Outcome::Done, String::new());
        self.say(second + seconds, "ana", Event::RunEnded { run, title, outcome, detail });
    }

    /// Samples of a metric every 15 s over the launch.
    pub fn measure(&self, signals: &[&str], value: impl Fn(&str, i64) -> f64) {
        let mut log = SampleLog::open(&self.path, KEPT).expect("samples");
        for name in signals {
            let asked = Asked { name: (*name).to_owned(), question: "q".to_owned() };
            let points: Vec<_> = (-3_600..46_800)
                .step_by(15)
                .map(|s| ((t0() + TimeDelta::seconds(s)).timestamp_millis(), value(name, s)))
                .collect();
            for part in points.chunks(1_000) {
                log.append(&[(&asked, part)], t0() + TimeDelta::hours(13)).expect("it is taken");
            }
        }
    }
}

/// A launch with a bad hour: an alert, a way back that took too long, an override, and a good end.
pub fn story(writer: &mut Writer) {
    let w = writer;
    w.say(-3_500, "ana", Event::T0Set { instant: t0(), zone: "Europe/Berlin".to_owned() });
    w.tick(-3_000, "ana", "Snapshot");
    w.tick(-2_900, "bo", "Support briefed");
    let (item, text) = w.item("Old tracker stays");
    let reason = Some("the review was moved".to_owned());
    w.say(-2_800, "cy", Event::ItemExcluded { item, text, reason });
    for (n, comment) in [(0, Some("restore was rehearsed")), (1, None)] {
        let line = w.plan.signoffs[n].clone();
        let (signoff, role, comment) = (line.id, line.role, comment.map(str::to_owned));
        let decision = Decision::Approve;
        w.say(
            -2_000 + n as i64,
            ["eve", "pat"][n],
            Event::SignedOff {
                signoff,
                role,
                decision,
                comment,
                signed: false,
                exceptions: None,
                statement: None,
                signature: None,
                saw: vec![],
            },
        );
    }
    w.phase(0, 0, false, None);
    w.flag(60, "tracking_v4", "true", Outcome::Done);
    w.tick(90, "ana", "Set tracking_v4");
    w.tick(1_500, "bo", "Track one parcel");
    let (item, text) = w.item("Compare ten histories");
    w.say(
        3_000,
        "bo",
        Event::EvidenceAdded { item: item.clone(), text: "sheet 12, ten of ten alike".to_owned() },
    );
    w.say(3_100, "bo", Event::ItemTicked { item: item.clone(), text });
    let on = Subject::Item(item);
    w.say(3_200, "cy", Event::NoteAdded { on, text: "one history differs by a minute".to_owned() });
    w.phase(7_100, 0, true, None);
    w.phase(7_200, 1, false, None);
    w.flag(7_300, "tracking_share", "10", Outcome::Done);
    w.tick(7_320, "ana", "tracking_share to 10%");
    w.alert((9_000, Some(10_900)), "Lookup error rate", 7.4);
    w.alert((9_120, Some(10_500)), "p95 lookup time", 1_240.0);
    let procedure = w.plan.procedures.iter().find(|p| p.title.contains("Rollback")).expect("a way").clone();
    let limit =
        w.plan.thresholds.iter().find(|t| t.metric.contains("Lookup error")).expect("a limit").clone();
    w.say(
        9_010,
        "watch",
        Event::ProcedureSuggested {
            rule: limit.id.clone(),
            signal: limit.metric.clone(),
            procedure: procedure.id,
            title: procedure.title,
            limit: "ok ≤ 5 %".to_owned(),
            line: limit.line,
            value: Some(7.4),
            plan: w.plan.digest.clone(),
        },
    );
    let phase = w.plan.phases[1].id.clone();
    let name = w.plan.phases[1].name.clone();
    let reason = "lookups fail at one carrier".to_owned();
    w.say(9_200, "ana", Event::PhaseHeld { phase: phase.clone(), name: name.clone(), reason });
    w.way_back(9_300, 420);
    let text = "The carrier's new API answers slowly; cached since 10:50".to_owned();
    w.say(10_400, "bo", Event::NoteAdded { on: Subject::Room, text });
    w.say(11_400, "ana", Event::PhaseResumed { phase, name });
    w.flag(11_500, "tracking_v4", "true", Outcome::Done);
    let (rule, signal) = (limit.id.clone(), limit.metric.clone());
    let until = t0() + TimeDelta::seconds(15_000);
    let reason = "known: the carrier's window".to_owned();
    w.say(11_600, "bo", Event::AlertSilenced { rule, signal, reason, until, there: None });
    w.tick(15_000, "ana", "Watch the funnel");
    w.phase(22_900, 1, true, Some("the criterion was met for three hours by hand count"));
    w.phase(23_000, 2, false, None);
    let (reason, flag) = ("ana and pat agreed at 14:20".to_owned(), "tracking_share".to_owned());
    w.say(
        23_050,
        "ana",
        Event::RungOverridden {
            flag: flag.clone(),
            to: "100".to_owned(),
            reason,
            against: "10 % is watched for 20m more".to_owned(),
        },
    );
    w.say(23_060, "ana", Event::RungReviewed { flag, rung: 10.0, call: Call::Continue, reason: None });
    w.flag(23_100, "tracking_share", "100", Outcome::Done);
    w.tick(23_130, "ana", "tracking_share to 100%");
    w.alert((26_000, Some(26_700)), "Carrier queue depth", 612.0);
    w.tick(30_000, "bo", "Read twenty");
    w.tick(41_000, "pat", "Tell the carriers");
    w.phase(43_900, 2, true, None);
    w.flush();
}

/// What the metrics of the story measured.
pub fn measured(name: &str, second: i64) -> f64 {
    let wave = ((second as f64) / 700.0).sin() * 0.12 + ((second as f64) / 97.0).sin() * 0.05;
    let rise = |from: i64, to: i64| {
        let up = ((second - from) as f64 / 240.0).clamp(0.0, 1.0);
        up * ((to - second) as f64 / 300.0).clamp(0.0, 1.0)
    };
    match name {
        "Lookup error rate" => 0.6 + wave + 7.0 * rise(8_700, 11_000),
        "p95 lookup time" => 320.0 + wave * 200.0 + 950.0 * rise(8_900, 10_700),
        _ => 180.0 + wave * 150.0 + 440.0 * rise(25_700, 26_900),
    }
}

/// The metrics of the story.
pub const METRICS: [&str; 3] = ["Lookup error rate", "p95 lookup time", "Carrier queue depth"];
