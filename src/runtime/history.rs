//! What was measured, over the end of a process: samples and the rules' memory go to the scribe, and
//! those of before come back from a thread that reads them, once the journal is open.

use std::collections::HashMap;
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::UnboundedSender;

use super::outside::{Came, Outside};
use crate::app::App;
use crate::journal::{Asked, JournalError, Past, Report, Scribe};
use crate::signal::Series;
use crate::sources;

/// The rules' memory is kept so often: a crash takes no more of what is pending.
const MEMORY: TimeDelta = TimeDelta::seconds(15);

/// What was measured before is read in two rounds, so that the last hour of everything is there
/// before the day of anything.
const ROUNDS: [TimeDelta; 2] = [TimeDelta::hours(1), TimeDelta::hours(24)];

/// When the memory was last kept.
#[derive(Debug, Default)]
pub(super) struct History {
    kept: Option<DateTime<Utc>>,
}

impl History {
    /// Says what will be measured.
    pub fn start(outside: &Outside, scribe: &Scribe) {
        scribe.measured(outside.binding());
    }

    /// Has what was measured kept.
    pub fn came(came: &Came, scribe: &Scribe) {
        if let Came::Source(sources::Report::Samples { signal, samples }) = came {
            scribe.keep(*signal, samples);
        }
    }

    /// Once the journal is open: reads what it has of before. What is read says for which turn.
    pub fn report(report: &Report, outside: &Outside) {
        let Report::Past { past, .. } = report else { return };
        let asked = Asked::all(outside.binding());
        let turn = outside.turn();
        if asked.is_empty() {
            return;
        }
        let (past, now, hear) = (past.clone(), outside.now(), outside.hear());
        // History is a courtesy: without a thread, or a file that can be read, there is none.
        let read = move || {
            // What a source has of the time since then is asked for behind its newest value.
            drop(hear.send(Came::Newest(newest(&past, &asked).unwrap_or_default())));
            drop(read(&past, &asked, (now, turn), &hear));
        };
        drop(thread::Builder::new().name("history".to_owned()).spawn(read));
    }

    /// Has the rules' memory kept now and then.
    pub fn clock(&mut self, app: &App, scribe: &Scribe) {
        if self.kept.is_none_or(|kept| (app.now - kept).abs() >= MEMORY) {
            self.kept = Some(app.now);
            Self::close(app, scribe);
        }
    }

    /// Has it kept at the end.
    pub fn close(app: &App, scribe: &Scribe) {
        if let Some(memory) = app.gauges.memory().filter(|_| app.measures()) {
            scribe.remember(memory);
        }
    }
}

/// The newest stored sample of each signal.
fn newest(past: &Past, asked: &[Asked]) -> Result<Vec<Option<DateTime<Utc>>>, JournalError> {
    let Some(reader) = past.open()? else { return Ok(vec![]) };
    let (known, newest) = (reader.series()?, reader.ends()?);
    let last = |asked: &Asked| {
        let (series, _) = known.iter().find(|(_, known)| known == asked)?;
        newest.get(series).copied()
    };
    Ok(asked.iter().map(last).collect())
}

/// Tells what was stored before `now`, in the order of what is asked.
pub(super) fn read(
    past: &Past,
    asked: &[Asked],
    (now, turn): (DateTime<Utc>, u64),
    hear: &UnboundedSender<Came>,
) -> Result<(), JournalError> {
    let Some(reader) = past.open()? else { return Ok(()) };
    let known: HashMap<Asked, i64> = reader.series()?.into_iter().map(|(id, asked)| (asked, id)).collect();
    for round in ROUNDS {
        for (signal, asked) in asked.iter().enumerate() {
            let Some(series) = known.get(asked) else { continue };
            let mut history = Series::default();
            for sample in reader.samples(*series, now - round, now)? {
                history.push(sample);
            }
            if hear.send(Came::Past { turn, signal, series: Box::new(history) }).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
