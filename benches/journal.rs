//! What a long journal costs: 100,000 mixed events folded, chained, verified and opened.
//! `cargo bench --bench journal` prints each step; `cargo bench --bench journal -- write DIR [EVENTS]`
//! leaves a room in DIR to open by hand: `warroom long --state DIR`; `... -- sweep [EVENTS]` makes every
//! single change to a journal of 10,000 events and says which of them an audit does not find.

#[path = "../tests/cli/mutations.rs"]
mod mutations;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use warroom::journal::{
    How, Open, Options, Read, Report, Rooms, Scribe, SqliteStore, Store as _, audit, chain,
};
use warroom::plan::{self, Plan};
use warroom::room::{Decision, Entry, Event, Fact, Outcome, Room, Subject};
use warroom::signal::Criterion;

const EVENTS: usize = 100_000;
const PLAN: &[u8] = include_bytes!("../examples/checkout.md");

/// A launch that never ends: ticks, notes, alerts, criteria, values, flags and runs by turns.
struct Launch {
    plan: Plan,
    texts: Vec<String>,
}

impl Launch {
    fn of(events: usize) -> Self {
        let mut launch = Self { plan: plan::read(PLAN, "checkout"), texts: Vec::with_capacity(events) };
        let (digest, title) = (launch.plan.digest.clone(), launch.plan.title.clone());
        launch.say(Event::RoomOpened {
            room: "long".into(),
            plan_path: "/plans/checkout.md".into(),
            environment: "production".into(),
            version: "0".into(),
        });
        launch.say(Event::PlanAdopted { digest, title, carried: None });
        let mut turn = 0;
        while launch.texts.len() < events {
            launch.turn(turn);
            turn += 1;
        }
        launch.texts.truncate(events);
        launch
    }

    fn say(&mut self, event: Event) {
        let place = self.texts.len();
        let at = start() + TimeDelta::milliseconds(place as i64 * 700);
        let by = ["ana@bastion", "bo@laptop", "chi@bastion", "watch@bastion"][place % 4];
        let fact = Fact::new(Uuid::from_u128(0x0198 << 112 | place as u128), at, by, event);
        self.texts.push(fact.to_text());
    }

    /// About ten events.
    fn turn(&mut self, turn: usize) {
        let item = self.plan.items[turn % self.plan.items.len()].clone();
        let (id, text) = (item.id.clone(), item.text.clone());
        self.say(Event::ItemTicked { item: id.clone(), text: text.clone() });
        match turn % 5 {
            0 => self.say(Event::NoteAdded {
                on: Subject::Item(id.clone()),
                text: format!("looked at it again at turn {turn}, the numbers of the canary are as before"),
            }),
            1 => self.say(Event::EvidenceAdded { item: id.clone(), text: format!("https://ci/run/{turn}") }),
            2 => {
                self.say(Event::ItemAssigned { item: id.clone(), text: text.clone(), to: Some("bo".into()) })
            }
            3 => self.say(Event::ValueTyped { signal: "Error rate".into(), value: turn as f64 * 0.37 }),
            _ => self.flag(turn),
        }
        self.alert(turn);
        self.say(Event::ItemUnticked { item: id, text });
        if turn % 40 == 7 {
            self.run(turn);
        }
        if turn % 500 == 9 {
            self.sign(turn);
        }
    }

    fn alert(&mut self, turn: usize) {
        let limit = self.plan.thresholds[turn % self.plan.thresholds.len()].clone();
        let (rule, signal, value) = (limit.id.clone(), limit.metric.clone(), Some(turn as f64 / 7.0));
        self.say(Event::AlertFired {
            rule: rule.clone(),
            signal: signal.clone(),
            limit: limit.text.clone(),
            rank: "P1".into(),
            line: limit.line,
            value,
        });
        self.say(Event::AlertAcknowledged { rule: rule.clone(), signal: signal.clone() });
        self.say(Event::AlertResolved { rule: rule.clone(), signal: signal.clone(), value });
        let finding = if turn.is_multiple_of(2) { Criterion::Met } else { Criterion::Failed };
        self.say(Event::CriterionJudged {
            rule: rule.clone(),
            signal: signal.clone(),
            finding,
            why: String::new(),
        });
        self.say(Event::SignalLost { rule: rule.clone(), signal: signal.clone(), why: None });
        self.say(Event::SignalFound { rule, signal });
    }

    fn flag(&mut self, turn: usize) {
        let (change, flag, to) = (Uuid::from_u128(turn as u128), "new_checkout".to_owned(), "25".to_owned());
        let request = "PATCH https://flags.example/api/new_checkout {\"rollout\": 25}".to_owned();
        self.say(Event::FlagChangeStarted {
            change,
            flag: flag.clone(),
            from: Some("10".into()),
            to: to.clone(),
            request,
            approval: None,
        });
        let (outcome, detail) = (Outcome::Done, "read back as 25".to_owned());
        self.say(Event::FlagChangeEnded { change, flag, to, outcome, detail });
    }

    fn run(&mut self, turn: usize) {
        let procedure = self.plan.procedures[turn % self.plan.procedures.len()].clone();
        let (run, title) = (Uuid::from_u128(1 << 100 | turn as u128), procedure.title.clone());
        self.say(Event::RunStarted { run, procedure: procedure.id.clone(), title: title.clone() });
        for step in 0..procedure.steps.len() {
            let text = format!("step {step}");
            let bytes = "kubectl rollout undo deployment/checkout --namespace production".to_owned();
            self.say(Event::StepStarted { run, step, text: text.clone(), bytes, approval: None });
            let (outcome, detail) = (Outcome::Done, "exit code 0".to_owned());
            self.say(Event::StepEnded { run, step, text, outcome, detail, end: None });
        }
        self.say(Event::RunEnded { run, title, outcome: Outcome::Done, detail: String::new() });
    }

    fn sign(&mut self, turn: usize) {
        let Some(signoff) = self.plan.signoffs.get(turn % self.plan.signoffs.len().max(1)).cloned() else {
            return;
        };
        let text = serde_json::json!({ "v": 1, "id": Uuid::from_u128(2 << 100 | turn as u128),
            "at": start(), "by": "ana@bastion", "type": "signed_off", "signoff": signoff.id,
            "role": signoff.role, "decision": Decision::Approve, "comment": null, "signed": false });
        self.texts.push(text.to_string());
    }
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time of this century")
}

/// Writes the launch as a room of its own.
fn write(folder: &Path, launch: &Launch) -> PathBuf {
    let rooms = Rooms::at(folder);
    let made = rooms.create("long", Path::new("/plans/checkout.md"), "production", 1_800_000_000_000);
    let mut entered = made.expect("a room is made");
    entered.store.keep_plan(&launch.plan.digest, PLAN).expect("the plan is kept");
    for texts in launch.texts.chunks(10_000) {
        let end = entered.store.head().seq;
        entered.store.append(end, texts).expect("events are stored");
    }
    rooms.path(&entered.name).expect("it was made")
}

fn timed<T>(what: &str, events: usize, work: impl Fn() -> T) -> T {
    let mut times: Vec<Duration> = vec![];
    let mut last = None;
    for _ in 0..5 {
        let began = Instant::now();
        last = Some(black_box(work()));
        times.push(began.elapsed());
    }
    times.sort();
    let median = times[2].as_secs_f64();
    println!("{:>9.1} ms  {:>6.2} us an event  {what}", median * 1e3, median * 1e6 / events as f64);
    last.expect("it ran")
}

fn read_all(path: &Path) -> usize {
    let mut store = SqliteStore::open(path, &How { read_only: true, ..How::default() }).expect("opened");
    let mut count = 0;
    loop {
        let page = store.after(store.head().seq).expect("whole");
        if page.is_empty() {
            return count;
        }
        count += page.len();
    }
}

/// As python does it for `sqlite_100k_scan_ms`: every row, every column, no more.
fn scan(path: &Path) -> usize {
    let conn = rusqlite::Connection::open(path).expect("opened");
    let mut rows = conn.prepare("SELECT seq, hash, text FROM event ORDER BY seq").expect("prepared");
    let texts = rows.query_map([], |row| {
        let (_, _, text): (i64, Vec<u8>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(text.len())
    });
    texts.expect("rows").map(|length| length.expect("a row")).sum()
}

fn fold(entries: &[Entry]) -> Room {
    let mut room = Room::default();
    entries.iter().for_each(|entry| room.apply(entry));
    room
}

fn measure() {
    let launch = Launch::of(EVENTS);
    let folder = tempfile::tempdir().expect("a folder");
    let began = Instant::now();
    let path = write(folder.path(), &launch);
    println!("{:>9.1} ms  to write {EVENTS} events", began.elapsed().as_secs_f64() * 1e3);
    let bytes: usize = launch.texts.iter().map(String::len).sum();
    println!("{:>9} B   an event's text", bytes / EVENTS);
    timed("scanned", EVENTS, || scan(&path));
    timed("hashed", EVENTS, || chain::extend(chain::Head::default(), &launch.texts).len());
    timed("read and verified", EVENTS, || read_all(&path));
    let parse = || launch.texts.iter().zip(1..).map(|(text, seq)| Entry::read(seq, text)).collect::<Vec<_>>();
    let entries = timed("parsed", EVENTS, parse);
    timed("folded", EVENTS, || fold(&entries).seq);
    drop(entries);
    measure_opening(&path, launch.plan);
}

/// From the start of a screen's scribe to what it shows first, and to the room that is verified.
fn open(path: &Path, plan: &Arc<Plan>) -> (Option<Duration>, Duration) {
    let (sender, reports) = channel();
    let file = path.to_owned();
    let opener: Open =
        Box::new(move || Ok((Box::new(SqliteStore::open(&file, &How::default())?), "long".to_owned())));
    let mut options = Options::new("ana");
    (options.glimpse, options.watch, options.plan) = (true, false, Some(Arc::clone(plan)));
    let began = Instant::now();
    let read: Read = Box::new(|bytes| plan::read(bytes, "checkout"));
    let scribe = Scribe::start(opener, read, options, move |report| drop(sender.send(report)));
    let mut first = None;
    let opened = loop {
        match reports.recv().expect("it opens") {
            Report::Glimpsed(_) => first = Some(began.elapsed()),
            Report::Opened { .. } => break began.elapsed(),
            Report::Health(health) => panic!("{health:?}"),
            _ => {}
        }
    };
    assert!(scribe.close(Duration::from_secs(60)));
    (first, opened)
}

fn measure_opening(path: &Path, plan: Plan) {
    let plan = Arc::new(plan);
    let (_, opened) = open(path, &plan);
    println!("{:>9.1} ms  to open it the first time", opened.as_secs_f64() * 1e3);
    let kept: (i64,) = rusqlite::Connection::open(path)
        .and_then(|c| {
            c.query_row("SELECT length(text) FROM cache WHERE name = 'room'", [], |r| Ok((r.get(0)?,)))
        })
        .expect("a room was kept");
    let mut times: Vec<_> = (0..7).map(|_| open(path, &plan)).collect();
    times.sort();
    let (first, opened) = times[3];
    println!(
        "{:>9.1} ms  to what is shown first, from {} kB that were kept",
        ms(first.unwrap_or_default()),
        kept.0 / 1000
    );
    println!("{:>9.1} ms  until all of it was verified and folded behind that", ms(opened));
    let folder = [path.parent().expect("it lies somewhere").to_owned()];
    let audited = || audit::audit(path, &[], &folder, &mut |_| ()).expect("audited").is_sound();
    assert!(timed("audited as a file", EVENTS, audited));
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Changes every field of every event once: `WHAT` a line for what was not found.
fn sweep(events: u64) {
    let began = Instant::now();
    let (tried, missed) = mutations::sweep(events, 1..=events);
    missed.iter().for_each(|what| println!("NOT FOUND: {what}"));
    let seconds = began.elapsed().as_secs();
    println!("{tried} changes of {events} events in {seconds} s: {} not found", missed.len());
    assert!(missed.is_empty() && tried > 0);
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", folder] => println!("{}", write(folder.as_ref(), &Launch::of(EVENTS)).display()),
        ["write", folder, events] => {
            let events = events.parse().expect("a number of events");
            println!("{}", write(folder.as_ref(), &Launch::of(events)).display());
        }
        ["sweep"] => sweep(10_000),
        ["sweep", events] => sweep(events.parse().expect("a number of events")),
        _ => measure(),
    }
}
