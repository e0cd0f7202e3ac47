//! What looking back costs: a journal of 100,000 events over 24 h beside 100 signals at 5 s.
//! `cargo bench --bench past` prints the time from a key to the full frame of a random moment (room,
//! signals, states, drawn at 200x60), of the event before, and while it plays; and the memory of it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use uuid::Uuid;
use warroom::app::{App, Effect, Keymap, Loaded, Msg, Panel};
use warroom::journal::{Asked, How, KEPT, Meta, Past, SampleLog, SqliteStore, Store as _, chain};
use warroom::plan::binding::Binding;
use warroom::plan::{self, Plan};
use warroom::room::{Actor, Entry, Event, Fact, Outcome, Role, Room, Subject};
use warroom::runtime::Recall;
use warroom::signal::Criterion;
use warroom::ui::{self, Depth, Styles};

const EVENTS: u64 = 100_000;
const SIGNALS: usize = 100;
const EVERY: i64 = 5;
const HOURS: i64 = 24;
const START: i64 = 1_800_000_000;
const MOMENTS: usize = 300;

fn at(second: f64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(START * 1_000 + (second * 1e3) as i64).expect("a time of this century")
}

/// Noise from two numbers.
fn noise(a: u64, b: u64) -> u64 {
    let mut x = a << 32 ^ b ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3 {
        x = (x ^ x >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    x >> 11
}

fn memory(key: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(key)).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

fn plan_text() -> String {
    let mut text =
        "# Launch\n\n## Feature flags\n\n| Flag | Value |\n|---|---|\n| `new_ui` | false |\n".to_owned();
    for phase in 1..=8 {
        text += &format!("\n## Phase {phase}: Step {phase} (Hours {}-{})\n\n", phase * 3 - 3, phase * 3);
        (0..25).for_each(|n| text += &format!("- [ ] Do the work number {n} of phase {phase} with care\n"));
    }
    text += "\n## Alerts\n\n| Severity | Condition |\n|---|---|\n";
    (0..SIGNALS).for_each(|n| text += &format!("| P{} | Metric {n}x > 500 ms for 5 minutes |\n", n % 4));
    text + "\n## Rollback Plan\n\n1. **Stop the workers**\n   ```bash\n   systemctl stop workers\n   ```\n"
}

fn binding() -> Binding {
    let mut text = "[[source]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://x'\nevery = 5.0\n".to_owned();
    for signal in 0..SIGNALS {
        text += &format!("[[signal]]\nname = 'Metric {signal}x'\nsource = 'p'\nquery = 'm'\nunit = 'ms'\n");
    }
    toml::from_str(&text).expect("it is a binding")
}

fn event(plan: &Plan, seq: u64) -> Event {
    let pick = noise(1, seq);
    let item = &plan.items[pick as usize % plan.items.len()];
    let limit = &plan.thresholds[(seq as usize / 2) % plan.thresholds.len()];
    let (rule, signal) = (limit.id.clone(), limit.metric.clone());
    let (id, text) = (item.id.clone(), item.text.clone());
    let run = Uuid::from_u128(u128::from(seq / 4) + 1);
    let procedure = &plan.procedures[0];
    match pick % 20 {
        0..=2 if seq.is_multiple_of(2) => Event::ItemTicked { item: id, text },
        0..=2 => Event::ItemUnticked { item: id, text },
        3 => Event::NoteAdded {
            on: Subject::Room,
            text: format!("note {seq}: the bank answers again, slowly"),
        },
        4 if seq.is_multiple_of(2) => {
            Event::RunStarted { run, procedure: procedure.id.clone(), title: procedure.title.clone() }
        }
        4 => Event::RunEnded {
            run,
            title: procedure.title.clone(),
            outcome: Outcome::Done,
            detail: "it went well".into(),
        },
        5 => Event::FlagRecorded { flag: "new_ui".into(), value: (seq.is_multiple_of(2)).to_string() },
        6..=8 => Event::CriterionJudged { rule, signal, finding: Criterion::Met, why: String::new() },
        _ if seq.is_multiple_of(2) => Event::AlertFired {
            rule,
            signal,
            limit: "ok ≤ 500 ms".into(),
            rank: "P1".into(),
            line: limit.line,
            value: Some(512.0),
        },
        _ => Event::AlertResolved { rule, signal, value: Some(300.0) },
    }
}

fn journal(path: &Path, bytes: &[u8], plan: &Plan) -> Room {
    let id = "r".to_owned();
    let meta = Meta { id, plan: "/p".into(), environment: String::new(), created_ms: 0, closed_ms: None };
    let mut store = SqliteStore::create(path, &How::default(), &meta).expect("made").expect("new");
    store.keep_plan(&chain::digest(bytes), bytes).expect("kept");
    let mut room = Room::new(Arc::new(plan.clone()));
    let mut texts = vec![];
    for seq in 1..=EVENTS {
        let what = match seq {
            1 => Event::RoomOpened {
                room: "launch".into(),
                plan_path: "/p".into(),
                environment: "production".into(),
                version: "0".into(),
            },
            2 => Event::PlanAdopted { digest: plan.digest.clone(), title: "Launch".into(), carried: None },
            3 => Event::T0Set { instant: at(60.0), zone: "UTC".into() },
            seq => event(plan, seq),
        };
        let when = at((HOURS * 3_600) as f64 * seq as f64 / EVENTS as f64);
        let text = Fact::new(Uuid::from_u128(seq.into()), when, "ana@host", what).to_text();
        room.apply(&Entry::read(seq, &text));
        texts.push(text);
        if texts.len() == 4_096 || seq == EVENTS {
            store.append(store.head().seq, &std::mem::take(&mut texts)).expect("stored");
        }
    }
    room
}

fn samples(path: &Path, binding: &Binding) {
    let mut log = SampleLog::open(path, KEPT).expect("opened");
    let asked = Asked::all(binding);
    for turn in 0..HOURS * 3_600 / EVERY {
        let now = at((turn * EVERY) as f64);
        let value = |s: usize| 300.0 + (noise(s as u64 + 7, turn as u64) % 260) as f64;
        let points: Vec<[(i64, f64); 1]> =
            (0..SIGNALS).map(|s| [(now.timestamp_millis(), value(s))]).collect();
        let batch: Vec<_> = asked.iter().zip(&points).map(|(a, p)| (a, &p[..])).collect();
        log.append(&batch, now).expect("kept");
        log.tidy(now).expect("tidied");
    }
}

/// An app with its reader of the past, and a screen.
struct Desk {
    app: App,
    recall: Recall,
    terminal: Terminal<TestBackend>,
    styles: Styles,
    now: DateTime<Utc>,
}

impl Desk {
    fn send(&mut self, msg: Msg) {
        for effect in self.app.update(self.now, msg) {
            if let Effect::AskPast(ask) = effect {
                self.recall.ask(ask);
            }
        }
    }

    fn key(&mut self, code: KeyCode) {
        self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    /// Takes answers in until it is as wanted.
    fn until(&mut self, mut done: impl FnMut(&App) -> bool) {
        let began = Instant::now();
        while !done(&self.app) {
            match self.recall.try_recv() {
                Some(told) => self.send(Msg::PastTold(told)),
                None => std::thread::sleep(Duration::from_micros(100)),
            }
            assert!(began.elapsed() < Duration::from_secs(120), "the answer comes");
        }
    }

    fn draw(&mut self) {
        let (app, styles) = (&self.app, &self.styles);
        self.terminal.draw(|frame| ui::render(frame, app, styles)).expect("drawn");
    }

    /// From a key to the frame that has all of its moment.
    fn moment(&mut self, code: KeyCode) -> Duration {
        let began = Instant::now();
        self.key(code);
        self.until(|app| app.past().is_some_and(|p| !p.is_loading() && p.loaded() >= Loaded::Lately));
        self.draw();
        began.elapsed()
    }
}

fn spread(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{:>9.1} ms  p50, {:.1} ms p99, {:.1} ms at most: {what}", at(0.5), at(0.99), at(1.0));
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("launch.db");
    let bytes = plan_text().into_bytes();
    let (plan, binding) = (plan::read(&bytes, "launch"), binding());
    assert!(plan.thresholds.len() >= SIGNALS && plan.items.len() >= 200, "the plan is read as meant");
    let room = journal(&path, &bytes, &plan);
    samples(&path, &binding);
    let size = fs::metadata(&path).map_or(0, |m| m.len()) as f64 / 1e6;
    println!("{EVENTS} events, {SIGNALS} signals at {EVERY} s for {HOURS} h: {size:.0} MB on the disk");

    let actor = Actor { name: "ana@host".into(), role: Role::Commander };
    let now = at((HOURS * 3_600) as f64);
    let mut app = App::new(Arc::clone(&room.plan), actor, Keymap::default(), chrono_tz::Tz::UTC, now);
    app.update(now, Msg::Resize(200, 60));
    app.update(now, Msg::Bound(Arc::new(binding)));
    let mut recall = Recall::default();
    recall.reading(Box::new(|bytes| plan::read(bytes, "launch")));
    recall.look_at(Past::at(&path));
    let terminal = Terminal::new(TestBackend::new(200, 60)).expect("a screen");
    let styles = Styles::standard(Depth::True, false);
    let mut desk = Desk { app, recall, terminal, styles, now };
    desk.send(Msg::Opened { room: Box::new(room), fresh: false });
    let before = memory("VmRSS:");

    let began = Instant::now();
    desk.key(KeyCode::Char('6'));
    desk.draw();
    println!("{:>9.1} ms  from the key to the list's first frame", began.elapsed().as_secs_f64() * 1e3);
    desk.until(|app| !app.timeline().is_reading());
    println!("{:>9.1} ms  until everything is indexed", began.elapsed().as_secs_f64() * 1e3);
    let listed = memory("VmRSS:");

    let mut times = vec![];
    for n in 0..MOMENTS {
        desk.key(KeyCode::Char('6'));
        let row = noise(3, n as u64) as usize % EVENTS as usize;
        desk.send(Msg::Click { panel: Panel::Checklist, row: Some(row) });
        times.push(desk.moment(KeyCode::Enter));
    }
    spread("from Enter to the full frame of a random moment", times);
    let back = (0..MOMENTS).map(|_| desk.moment(KeyCode::Char('<'))).collect();
    spread("from < to the full frame of the event before", back);
    let on = (0..MOMENTS).map(|_| desk.moment(KeyCode::Char(']'))).collect();
    spread("from ] to the full frame a minute later", on);

    let began = Instant::now();
    desk.until(|app| app.past().is_some_and(|p| p.loaded() == Loaded::Whole));
    println!("{:>9.1} ms  more until the charts have their 24 h", began.elapsed().as_secs_f64() * 1e3);
    let looked = memory("VmRSS:");

    desk.key(KeyCode::Char('6'));
    let scrolled = (0..MOMENTS).map(|_| {
        let began = Instant::now();
        desk.key(KeyCode::PageUp);
        desk.draw();
        began.elapsed()
    });
    spread("a page up in the list", scrolled.collect());
    println!("{before:>9.1} MB  before; {listed:.1} MB with the list; {looked:.1} MB looking back");
    println!("{:>9.1} MB  at most (with making the journal)", memory("VmHWM:"));
}
