//! The one seam between the scheduler and what can be asked: a variant a kind, a file a variant.
//! `poll` owns intervals, deadlines, pauses, slots and reports; a kind knows only how to ask.
//!
//! **A new kind** is four small steps: its file with a struct that lives as long as the source
//! (connections, offsets; interior mutability where it has to change), made by `open(&Place, &Keys)
//! -> Result<Self, String>`, and `ask(&self, &Question) -> Result<Answer, Fault>`; a variant and
//! its arms here; what its `query` means in `question::split`; its title in
//! `question::title`.
//!
//! What a kind can rely on: `ask` is dropped at the deadline (so whatever has to be ended needs a
//! `Drop`); no question is asked twice at once; different questions of a source are, up to 16.
//! `Fault::what` is the end of a sentence that begins with the source; whatever [`Keys::hidden`]
//! holds is struck out of it. Times of samples are the kind's own; scales are put on afterwards.

use std::time::Duration;

use super::alertmanager::Alerts;
use super::client::Clients;
use super::command::Printer;
use super::datadog::Metrics;
use super::fault::Fault;
use super::json::Page;
use super::probe::Probe;
use super::prometheus::Api;
use super::question::{Place, Question, Wanted};
use super::secret::Keys;
use super::sql::Database;
use crate::plan::binding::SourceKind;
use crate::signal::Sample;

/// A source that is being asked.
#[derive(Debug)]
pub(super) enum Adapter {
    Prometheus(Api),
    Probe(Probe),
    Json(Page),
    Datadog(Metrics),
    Alertmanager(Alerts),
    Sql(Box<Database>),
    Command(Printer),
}

/// What a question gave.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// One outcome for each of the question's `wanted`, in their order. No sample means that the
    /// source has none.
    pub given: Vec<Result<Vec<Sample>, Fault>>,
    /// What the source says beside it.
    pub warning: Option<String>,
    /// How long the source asks to be left alone although it answered.
    pub wait: Option<Duration>,
}

impl Answer {
    /// The same for everybody who wants to know.
    pub fn same(question: &Question, outcome: Result<Vec<Sample>, Fault>) -> Self {
        let given = question.wanted.iter().map(|_| outcome.clone()).collect();
        Self { given, ..Self::default() }
    }
}

impl Adapter {
    /// Made once a source, on the sources' thread.
    ///
    /// # Errors
    /// A sentence: why it can never be asked.
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        match place.source.kind {
            SourceKind::Prometheus => Api::open(place, keys, clients).map(Adapter::Prometheus),
            SourceKind::Http => Probe::open(place, keys, clients).map(Adapter::Probe),
            SourceKind::Json => Page::open(place, keys, clients).map(Adapter::Json),
            SourceKind::Datadog => Metrics::open(place, keys, clients).map(Adapter::Datadog),
            SourceKind::Alertmanager => Alerts::open(place, keys, clients).map(Adapter::Alertmanager),
            SourceKind::Sql => Database::open(place, keys).map(|d| Adapter::Sql(Box::new(d))),
            SourceKind::Command => Ok(Adapter::Command(Printer::open(place))),
            kind => Err(format!("kind {} is not supported yet", kind.word())),
        }
    }

    /// Asks once.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        match self {
            Adapter::Prometheus(api) => api.ask(question).await,
            Adapter::Probe(probe) => probe.ask(question).await,
            Adapter::Json(page) => page.ask(question).await,
            Adapter::Datadog(metrics) => metrics.ask(question).await,
            Adapter::Alertmanager(alerts) => alerts.ask(question).await,
            Adapter::Sql(database) => database.ask(question).await,
            Adapter::Command(printer) => printer.ask(question).await,
        }
    }

    /// What was before now, oldest first, where a kind can say: asked for after the first answer.
    /// None: not now, ask again after the next.
    pub async fn past(&self, question: &Question) -> Option<Answer> {
        match self {
            Adapter::Prometheus(api) => api.past(question).await,
            Adapter::Datadog(metrics) => metrics.past(question).await,
            Adapter::Probe(_)
            | Adapter::Json(_)
            | Adapter::Alertmanager(_)
            | Adapter::Sql(_)
            | Adapter::Command(_) => Some(Answer::default()),
        }
    }

    /// What it means to one who wants to know that nothing came: a failure, unless a kind knows
    /// better.
    pub fn unanswered(&self, wanted: &Wanted, fault: &Fault) -> Result<Vec<Sample>, Fault> {
        match self {
            Adapter::Probe(_) => Probe::unanswered(wanted, fault),
            _ => Err(fault.clone()),
        }
    }
}
