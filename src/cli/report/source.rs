//! Where a report comes from: a room's journal, or a copy of one, with what was measured beside it.
//! Only read, without a watch and without its scribe.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::args::{Hand, Place};
use super::super::failure::Failure;
use super::super::surroundings::Surroundings;
use super::super::target::{self, Target};
use super::super::{beside, desk, reading};
use crate::journal::{Asked, How, JournalError, Past, Reader, SqliteStore, Store};
use crate::plan::Plan;
use crate::plan::binding::{Binding, normal};
use crate::report::{Measured, Plans};
use crate::room::Entry;

/// A journal to be told of.
pub struct Source {
    store: SqliteStore,
    binding: Arc<Binding>,
    /// What a plan without a heading is called.
    stem: String,
    /// Readings by their digest, as far as one was asked for.
    read: HashMap<String, Option<Arc<Plan>>>,
}

impl Source {
    /// The journal of a file that is one, else of a plan's room or a room.
    ///
    /// # Errors
    /// There is none, or it cannot be opened.
    pub fn find(wanted: &str, hand: &Hand) -> Result<Self, Failure> {
        let how = How { read_only: true, ..How::default() };
        let path = Path::new(wanted);
        if path.extension().is_some_and(|e| e == "db") && path.is_file() {
            let mut store = SqliteStore::open(path, &how).map_err(|e| desk::failure(&e))?;
            let meta = store.meta().map_err(|e| desk::failure(&e))?;
            let stem = meta.plan.file_stem().map(|s| s.to_string_lossy().into_owned());
            let binding = Arc::new(beside::beside_or_none(&meta.plan));
            return Ok(Self { store, binding, stem: stem.unwrap_or_default(), read: HashMap::new() });
        }
        let around = Surroundings::find(hand.state.as_deref())?;
        let rooms = target::rooms(&around)?;
        let name = target::existing(&Place { target: wanted.to_owned(), hand: hand.clone() }, &rooms)?;
        let target = Target::find_anyway(wanted, &rooms)?;
        let store = rooms.open(&name, &how).map_err(|e| desk::failure(&e))?;
        let (binding, stem) = (Arc::clone(target.binding()), target.stem());
        Ok(Self { store, binding, stem, read: HashMap::new() })
    }

    /// The store, and what reads the plans it keeps. Both look at one file, each by a handle of its own.
    pub(super) fn parts(&mut self) -> (&mut SqliteStore, Plans<'_>) {
        let Self { store, binding, stem, read } = self;
        let mut bytes = PlanBytes::of(store);
        let plans = move |digest: &str| {
            let known = read.entry(digest.to_owned());
            known.or_insert_with(|| Some(Arc::new(reading::plan(&bytes.get(digest)?, stem, binding)))).clone()
        };
        (store, Box::new(plans))
    }

    /// The reading of a kept plan.
    pub fn plan(&mut self, digest: &str) -> Option<Arc<Plan>> {
        (self.parts().1)(digest)
    }

    /// Hands every entry on, oldest first; the first bad place of a journal that breaks.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn each(&mut self, take: impl FnMut(Entry)) -> Result<Option<u64>, Failure> {
        each(&mut self.store, take)
    }

    /// What was measured.
    pub(super) fn samples(&self) -> Samples {
        let reader = Past::at(self.store.path()).open().ok().flatten();
        let series = reader.as_ref().and_then(|r| r.series().ok()).unwrap_or_default();
        Samples { reader, series, binding: Arc::clone(&self.binding) }
    }
}

/// As [`Source::each`].
pub(super) fn each(store: &mut SqliteStore, mut take: impl FnMut(Entry)) -> Result<Option<u64>, Failure> {
    loop {
        let seq = store.head().seq;
        match store.after(seq) {
            Ok(records) if records.is_empty() => return Ok(None),
            Ok(records) => records.iter().for_each(|r| take(r.entry())),
            Err(JournalError::Broken { seq, .. }) => return Ok(Some(seq)),
            Err(error) => return Err(desk::failure(&error)),
        }
    }
}

/// The bytes of plans, by a handle of its own.
struct PlanBytes(Option<SqliteStore>);

impl PlanBytes {
    fn of(store: &SqliteStore) -> Self {
        let how = How { read_only: true, ..How::default() };
        Self(SqliteStore::open(store.path(), &how).ok())
    }

    fn get(&mut self, digest: &str) -> Option<Vec<u8>> {
        self.0.as_mut()?.plan(digest).ok().flatten()
    }
}

/// What was measured beside a journal.
pub(super) struct Samples {
    reader: Option<Reader>,
    series: Vec<(i64, Asked)>,
    binding: Arc<Binding>,
}

impl Samples {
    /// What a metric measured from one moment to another: by the binding's signal, else by the last one
    /// that went by its name.
    pub fn of(&mut self, metric: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Measured> {
        let bound = self.binding.signal(metric);
        let exact = bound.map(Asked::of).and_then(|asked| self.series.iter().find(|(_, a)| *a == asked));
        let named = |name: &str| self.series.iter().rfind(|(_, a)| normal(&a.name) == normal(name));
        let (id, _) =
            exact.or_else(|| named(metric)).or_else(|| bound.and_then(|signal| named(&signal.name)))?;
        let samples = self.reader.as_ref()?.samples(*id, from, to).ok()?;
        let unit = bound.filter(|s| s.scale == 1.0).and_then(|s| s.unit.clone());
        (!samples.is_empty()).then_some(Measured { samples, unit })
    }
}
