//! `warroom replay ROOM|PLAN|FILE.db`: a launch played back, on the screen or as lines. It opens the
//! journal to read only, takes no watch, asks no source and writes nothing.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::args::{Hand, Place, Replaying};
use super::failure::Failure;
use super::surroundings::Surroundings;
use super::target::{self, Target};
use super::{desk, open, print, reading};
use crate::app::{App, Replay};
use crate::identity;
use crate::journal::{How, JournalError, Open, REHEARSAL, Read, SqliteStore, Store as _};
use crate::plan::Plan;
use crate::plan::binding::Binding;
use crate::room::{Entry, Event, parse_t0};
use crate::runtime::Ended;
use crate::text::clean;

/// What every SQLite file begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// No pause between two lines is longer, however long nothing happened.
const PAUSE: Duration = Duration::from_secs(60);

/// Plays it back until it is left; lines until they are printed.
///
/// # Errors
/// There is no such journal, it cannot be read, a time that is none, no terminal.
pub fn run(wanted: &Replaying) -> Result<Ended, Failure> {
    let speed = wanted.speed.map(speed).transpose()?;
    let around = Surroundings::find(wanted.state.as_deref())?;
    let journal = Journal::find(wanted, &around)?;
    let at = wanted.at.as_deref().map(|text| journal.time(text)).transpose()?;
    if wanted.plain {
        journal.print(at, speed)?;
        return Ok(Ended { code: 0, word: None, report: None });
    }
    let (zone, stem, binding) = (journal.zone, journal.stem(), Arc::clone(&journal.binding));
    let read = || -> Read {
        let (stem, binding) = (stem.clone(), Arc::clone(&binding));
        Box::new(move |bytes| reading::plan(bytes, &stem, &binding))
    };
    let real = journal.is_real()?;
    let measured = Some(Arc::clone(&binding)).filter(|b| real && !b.signals.is_empty());
    let app = |keymap, actor| {
        let mut app = App::new(Arc::new(Plan::default()), actor, keymap, zone, Utc::now());
        app.replay(Replay { at, speed }, measured);
        app
    };
    open::look_back(around, &wanted.look, journal.opener(), app, read)
}

fn speed(speed: f64) -> Result<f64, Failure> {
    match speed.is_finite() && (0.01..=100_000.0).contains(&speed) {
        true => Ok(speed),
        false => Err(Failure::usage(format!("--speed {speed}: write a number from 0.01 to 100000"))),
    }
}

/// A journal's file, and what is known of how to read its plans.
struct Journal {
    path: PathBuf,
    /// Whether it is a file of its own, and no room here.
    copy: bool,
    binding: Arc<Binding>,
    zone: Tz,
}

impl Journal {
    /// A file that is one, else a room, else a plan's room.
    fn find(wanted: &Replaying, around: &Surroundings) -> Result<Self, Failure> {
        let path = Path::new(&wanted.target);
        if wanted.room.is_none() && is_database(path) {
            let zone = identity::zone();
            return Ok(Self { path: path.to_owned(), copy: true, binding: Arc::default(), zone });
        }
        let rooms = target::rooms(around)?;
        let hand = Hand { room: wanted.room.clone(), name: None, state: wanted.state.clone() };
        let name = target::existing(&Place { target: wanted.target.clone(), hand }, &rooms)?;
        let target = Target::room(&name, &rooms);
        let path = rooms.path(&name).map_err(|e| desk::failure(&e))?;
        if !path.exists() {
            return Err(Failure::new(format!("there is no room {name}"))
                .hint("`warroom rooms` lists them; a journal's file can be named too"));
        }
        let zone = open::zone(&target);
        Ok(Self { path, copy: false, binding: Arc::clone(target.binding()), zone })
    }

    fn stem(&self) -> String {
        self.path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn store(&self) -> Result<SqliteStore, JournalError> {
        open_to_read(&self.path, self.copy)
    }

    fn opener(&self) -> Open {
        let (path, copy, name) = (self.path.clone(), self.copy, self.stem());
        Box::new(move || Ok((Box::new(open_to_read(&path, copy)?), name.clone())))
    }

    /// Whether this was no rehearsal: what lies beside the plan measured it. What cannot be opened is
    /// said before the screen is taken.
    fn is_real(&self) -> Result<bool, Failure> {
        let meta = self.store().and_then(|mut store| store.meta()).map_err(|e| desk::failure(&e))?;
        Ok(meta.environment != REHEARSAL)
    }

    /// Hands over every entry, verified, oldest first.
    fn each(&self, mut tell: impl FnMut(Entry) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut store = self.store().map_err(|e| desk::failure(&e))?;
        loop {
            let seq = store.head().seq;
            let records = store.after(seq).map_err(|e| desk::failure(&e))?;
            if records.is_empty() {
                return Ok(());
            }
            records.iter().try_for_each(|r| tell(r.entry()))?;
        }
    }

    /// A time as somebody wrote it; one without a date is of the launch's last day.
    fn time(&self, text: &str) -> Result<DateTime<Utc>, Failure> {
        let (mut last, mut zone) = (Utc::now(), self.zone);
        self.each(|entry| {
            last = entry.at;
            if let Event::T0Set { zone: named, .. } = &entry.event {
                zone = named.parse().unwrap_or(zone);
            }
            Ok(())
        })?;
        let told = parse_t0(text, zone, last);
        told.map(|t0| t0.at).map_err(|why| Failure::usage(format!("--at: {why}")))
    }

    /// The story as lines, a heading a day.
    fn print(&self, at: Option<DateTime<Utc>>, speed: Option<f64>) -> Result<(), Failure> {
        let (mut day, mut before, mut zone) = (None, None, self.zone);
        self.each(|entry| {
            if let Event::T0Set { zone: named, .. } = &entry.event {
                zone = named.parse().unwrap_or(zone);
            }
            if at.is_some_and(|at| entry.at < at) {
                return Ok(());
            }
            if let Some((speed, before)) = speed.zip(before.replace(entry.at)) {
                let gap = (entry.at - before).to_std().unwrap_or_default();
                std::thread::sleep(gap.div_f64(speed).min(PAUSE));
            }
            let local = entry.at.with_timezone(&zone);
            if day.replace(local.date_naive()) != Some(local.date_naive()) {
                print::text(&format!("{}\n", local.format("%a %-d %b %Y %Z")))?;
            }
            let (time, by) = (local.format("%H:%M:%S"), clean(&entry.by));
            print::text(&format!("{:>6}  {time}  {by:<16} {}\n", entry.seq, clean(&entry.event.sentence())))
        })
    }
}

fn open_to_read(path: &Path, frozen: bool) -> Result<SqliteStore, JournalError> {
    SqliteStore::open(path, &How { read_only: true, frozen, ..How::default() })
}

fn is_database(path: &Path) -> bool {
    let mut head = [0; SQLITE.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == SQLITE
}
