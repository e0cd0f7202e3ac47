//! `warroom follow`: the watch held without a screen, and what happens as lines.
//!
//! Lines go through a thread of their own: whoever reads them slowly, or not any more, holds up no
//! poll and no evaluation.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use chrono::Utc;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::args::Following;
use super::failure::{Exit, Failure};
use super::surroundings::Surroundings;
use super::target::{Target, Wanted, opener, rooms};
use super::{open, print::escape};
use crate::app::{App, Keymap, Link, Watch};
use crate::identity;
use crate::journal::{Options, Scribe};
use crate::room::{Entry, Fact, Room};
use crate::runtime::{self, Ended, Follow, Reach, Told};
use crate::signal::{Criterion, TileState};
use crate::text::clean;

/// Between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// So many lines may wait for whoever reads them; more are counted and left out.
const WAITING: usize = 10_000;

/// How long the last lines may take on leaving.
const FLUSH: Duration = Duration::from_millis(300);

/// Follows a room until a signal comes.
///
/// # Errors
/// There is neither plan nor room; what the plan reaches was not allowed (12); the plan is damaged,
/// so that nothing can be recorded (13).
pub fn run(wanted: &Following) -> Result<Ended, Failure> {
    let around = Surroundings::find(wanted.place.hand.state.as_deref())?;
    let found = Target::find(&wanted.place.target, &rooms(&around)?)?;
    let room = wanted.place.hand.room.clone().or_else(|| found.room_name());
    let target = found.at_home(&rooms(&around)?);
    if let Some(trouble) = target.lossy() {
        return Err(Failure::read_only(trouble.why).hint(trouble.hint));
    }
    let (reach, notice) = open::reach(&around, &target);
    let measures = reach.as_ref().is_some_and(|reach| !reach.is_empty());
    let allowed = reach.as_ref().is_some_and(Reach::may_measure);
    match &notice {
        Some(why) if !measures && !allowed => return Err(not_allowed(why.text.clone())),
        Some(word) => eprintln!("warroom: {}", clean(&word.text)),
        None if !measures => eprintln!("warroom: nothing is bound, so nothing is measured"),
        None => {}
    }
    let name = format!("follow@{}", identity::host());
    let config = &around.config;
    let given = wanted.place.hand.name.as_deref().or(Some(&name));
    let actor = identity::actor(given, &config.name, config.role, false);
    let zone = open::zone(&target);
    let app = App::new(target.plan().unwrap_or_default(), actor.clone(), Keymap::default(), zone, Utc::now());
    let which = Wanted { room, environment: wanted.environment.clone(), ..Wanted::default() };
    let mut options = Options::new(&name);
    options.measures = reach.as_ref().is_none_or(Reach::may_measure);
    options.plan = target.plan();
    let signers = super::signers::configured(config)?;
    options.founding = target.founding(&which, &actor).map(|f| f.signed_by(signers));
    let (sender, reports) = runtime::reports();
    let scribe =
        Scribe::start(opener(rooms(&around)?, &target, which), target.reader(), options, move |report| {
            drop(sender.send(report));
        });
    let mut printer = Printer::start(wanted.json, zone)?;
    let done = printer.done.take();
    let follow = Follow::new(app, (scribe, reports), move |told| printer.tell(&told))
        .following(target.edition(), Some(target.reader()))
        .reaching(reach)
        .beating(wanted.heartbeat.then_some(HEARTBEAT));
    let ended = follow.run().map_err(|e| Failure::new(format!("signals cannot be heard: {e}")))?;
    // Closed once the printer is dropped with the loop and its thread is through.
    done.map(|done| done.recv_timeout(FLUSH));
    Ok(ended)
}

fn not_allowed(why: String) -> Failure {
    Failure { exit: Exit::Refused, ..Failure::new(why) }
}

/// Turns what is told into lines and hands them to the thread that writes.
struct Printer {
    lines: SyncSender<String>,
    /// Closed when everything is written.
    done: Option<Receiver<()>>,
    /// Lines that had no room.
    lost: usize,
    json: bool,
    zone: Tz,
}

impl Printer {
    fn start(json: bool, zone: Tz) -> Result<Self, Failure> {
        let (lines, waiting) = sync_channel(WAITING);
        let (through, done) = sync_channel(0);
        let work = move || {
            // Dropped when everything is written.
            let _through: SyncSender<()> = through;
            write(&waiting);
        };
        let started = thread::Builder::new().name("printer".to_owned()).spawn(work);
        started.map_err(|e| Failure::new(format!("no thread for the lines: {e}")))?;
        Ok(Self { lines, done: Some(done), lost: 0, json, zone })
    }

    fn tell(&mut self, told: &Told<'_>) {
        match told {
            Told::Recorded(entries) => entries.iter().for_each(|e| self.entry(e)),
            other => {
                let line = if self.json { said_as_json(other).to_string() } else { said(other) };
                self.line(line);
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let line = if self.json { fact(entry).to_string() } else { self.sentence(entry) };
        self.line(line);
    }

    fn sentence(&self, entry: &Entry) -> String {
        let at = entry.at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M:%S");
        let sentence = entry.event.sentence();
        format!("{:>6}  {at}  {:<16} {}", entry.seq, clean(&entry.by), clean(&sentence))
    }

    fn line(&mut self, line: String) {
        if self.lost > 0 {
            let word = format!("{} lines were not taken in time", self.lost);
            let word = if self.json { json!({ "notice": word }).to_string() } else { own(&word) };
            if self.lines.try_send(word).is_ok() {
                self.lost = 0;
            }
        }
        let line = if self.json { escape(&line) } else { line };
        if let Err(TrySendError::Full(_)) = self.lines.try_send(line) {
            self.lost += 1;
        }
    }
}

/// Writes lines for as long as somebody takes them. When nobody does any more the watch goes on, and
/// standard error says so once.
fn write(lines: &Receiver<String>) {
    let mut gone = false;
    for line in lines {
        if gone {
            continue;
        }
        let mut out = io::stdout().lock();
        if let Err(why) = writeln!(out, "{line}").and_then(|()| out.flush()) {
            gone = true;
            // Standard error may be gone as well.
            let _ = writeln!(
                io::stderr(),
                "warroom: nobody reads standard output any more ({why}); the watch goes on"
            );
        }
    }
}

/// A line that is not the journal's.
fn own(words: &str) -> String {
    format!("        {words}")
}

fn said(told: &Told<'_>) -> String {
    own(&clean(&match told {
        Told::Opened(room) => format!("{} is open, {} events so far", room.name, room.seq),
        Told::Watch(watch) => watched(*watch),
        Told::Link(link) => link_word(link),
        Told::Notice(notice) => notice.text.clone(),
        Told::Heartbeat(app) => heart(app),
        Told::Recorded(_) => unreachable!("told entry by entry"),
    }))
}

fn said_as_json(told: &Told<'_>) -> Value {
    let at = Utc::now();
    match told {
        Told::Opened(room) => json!({ "at": at, "opened": { "room": room.name, "seq": room.seq } }),
        Told::Watch(watch) => {
            json!({ "at": at, "watch": { "mine": watch.is_some_and(|w| w.mine), "holder": watch.map(|w| &w.name) } })
        }
        Told::Link(link) => json!({ "at": at, "journal": link_word(link) }),
        Told::Notice(notice) => json!({ "at": at, "notice": notice.text }),
        Told::Heartbeat(app) => heart_as_json(app),
        Told::Recorded(_) => unreachable!("told entry by entry"),
    }
}

/// The fact as it is stored, with its place.
fn fact(entry: &Entry) -> Value {
    let fact = Fact::new(entry.id, entry.at, &entry.by, entry.event.clone());
    match serde_json::to_value(&fact) {
        Ok(Value::Object(mut fact)) => {
            fact.insert("seq".to_owned(), json!(entry.seq));
            Value::Object(fact)
        }
        _ => json!({ "seq": entry.seq, "at": entry.at, "by": entry.by }),
    }
}

fn watched(watch: Option<&Watch>) -> String {
    match watch {
        Some(watch) if watch.mine => "holding the watch".to_owned(),
        Some(watch) => format!("{} has the watch; waiting for it", watch.name),
        None => "nobody has the watch".to_owned(),
    }
}

fn link_word(link: &Link) -> String {
    match link {
        Link::Opening => "opening the journal".to_owned(),
        Link::Live => "the journal stores".to_owned(),
        Link::ViewOnly(why) => format!("the journal can only be looked at: {why}"),
        Link::Failing(why) => format!("the journal does not store: {why}"),
    }
}

/// Where a room stands, in numbers.
struct Heart {
    gate: &'static str,
    firing: usize,
    measured: usize,
    signals: usize,
    met: usize,
    criteria: usize,
}

impl Heart {
    fn of(app: &App) -> Self {
        let room: &Room = &app.room;
        let gate = room.current_phase().map_or("none", |p| room.gate(p).verdict.as_str());
        let bound: Vec<_> = app.tiles.iter().filter(|t| t.signal.is_some()).collect();
        let criteria = || app.gauges.rules().filter(|r| !r.rule.alerts() && r.open.is_none());
        Self {
            gate,
            firing: room.firing().len(),
            measured: bound.iter().filter(|t| !lost(t.state)).count(),
            signals: bound.len(),
            met: criteria().filter(|r| r.criterion() == Criterion::Met).count(),
            criteria: criteria().count(),
        }
    }
}

/// Whether nothing is known of a metric now.
fn lost(state: TileState) -> bool {
    use TileState as S;
    matches!(state, S::Blind | S::Error | S::Stale | S::NoData | S::NotBound)
}

fn heart(app: &App) -> String {
    let Heart { gate, firing, measured, signals, met, criteria } = Heart::of(app);
    let watch = watched(app.watch.as_ref());
    format!(
        "{watch}; gate {gate}, {firing} firing, {measured} of {signals} signals measured, {met} of {criteria} criteria met"
    )
}

fn heart_as_json(app: &App) -> Value {
    let Heart { gate, firing, measured, signals, met, criteria } = Heart::of(app);
    json!({
        "at": app.now,
        "heartbeat": {
            "mine": app.watch.as_ref().is_some_and(|w| w.mine),
            "gate": gate,
            "firing": firing,
            "signals": { "all": signals, "measured": measured },
            "criteria": { "all": criteria, "met": met },
        },
    })
}
