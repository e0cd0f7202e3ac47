//! Sources that are no HTTP servers: databases and commands, asked in rounds as [`super::poll`] does,
//! and logs, which are listened to.
//!
//! An adapter here is a value with `ask(…, within) -> Result<Vec<Sample>, Fault>`; a source joins by a
//! variant of [`Asker`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::command;
use super::fault::Fault;
use super::log::{self, Log, Origin, Watch};
use super::poll::{Pace, Went, jitter};
use super::process::Shell;
use super::question::DEADLINE;
use super::secret;
use super::sql::Database;
use super::tail::Tail;
use super::{REFETCH, Report, Sink};
use crate::plan::binding::{Binding, Source, SourceKind};
use crate::signal::{Sample, interval};

/// A source and who wants to know what of it.
struct Place {
    source: Source,
    /// Where commands run.
    cwd: String,
    wanted: Vec<Wanted>,
}

/// A signal's part in an answer.
#[derive(Clone)]
struct Wanted {
    /// Index into `binding.signals`.
    signal: usize,
    scale: f64,
    query: String,
}

/// How a place is asked.
enum Asker {
    Sql(Database),
    Command(Shell),
}

/// Whether a kind is asked here.
pub(super) fn asks(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::Sql | SourceKind::Command | SourceKind::Log)
}

/// Starts everything of a binding that is asked here; to be called within the sources' runtime.
pub(super) fn start(binding: &Binding, sink: &Sink) {
    for source in binding.sources.iter().filter(|s| asks(s.kind)) {
        let of = binding.signals.iter().enumerate().filter(|(_, s)| s.source == source.name);
        let wanted =
            of.map(|(signal, s)| Wanted { signal, scale: s.scale, query: s.query.trim().to_owned() });
        let place = Place { source: source.clone(), cwd: binding.room.cwd.clone(), wanted: wanted.collect() };
        if place.wanted.is_empty() {
            continue;
        }
        match source.kind {
            SourceKind::Log => place.listen(sink.clone()),
            _ => drop(tokio::spawn(place.run(sink.clone()))),
        }
    }
}

impl Place {
    fn title(&self) -> String {
        let at = self.source.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = at.split(['/', '?']).next().unwrap_or_default();
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        if host.is_empty() { self.source.name.clone() } else { format!("{} at {host}", self.source.name) }
    }

    fn listen(self, sink: Sink) {
        let origin = match (&self.source.command, &self.source.file) {
            (Some(_), _) => Origin::Command(Shell::of(&self.source, &self.cwd)),
            (None, file) => Origin::File(Tail::new(PathBuf::from(file.clone().unwrap_or_default()))),
        };
        let mut watches = vec![];
        for wanted in &self.wanted {
            match Watch::new(wanted.signal, wanted.scale, &wanted.query) {
                Ok(watch) => watches.push(watch),
                Err(why) => sink(Report::Failed { signal: wanted.signal, at: Utc::now(), why }),
            }
        }
        let log = Log { title: self.title(), every: interval(self.source.every), origin, watches };
        drop(tokio::spawn(log::run(log, sink)));
    }

    /// Asks until the runtime ends.
    async fn run(self, sink: Sink) {
        let title = self.title();
        let every = interval(self.source.every);
        let within = every.min(DEADLINE).min(self.source.timeout.map_or(DEADLINE, interval));
        let (asker, hidden) = loop {
            match self.asker().await {
                Ok(made) => break made,
                Err(why) => {
                    let fault = Fault::answer(why);
                    self.wanted.iter().for_each(|w| tell(&sink, &title, &[], w, &Err(fault.clone())));
                    sleep(REFETCH).await;
                }
            }
        };
        let rounds = Rounds { title, within, wanted: self.wanted, asker, hidden, sink };
        Arc::new(rounds).run(every).await;
    }

    /// The adapter, and what no sentence is shown with.
    async fn asker(&self) -> Result<(Asker, Vec<String>), String> {
        if self.source.kind == SourceKind::Command {
            let shell = Shell::of(&self.source, &self.cwd);
            let hidden = shell.hidden();
            return Ok((Asker::Command(shell), hidden));
        }
        let password = match &self.source.auth {
            Some(kept) => Some(secret::plain(kept).await?),
            None => None,
        };
        let database = Database::new(&self.source.url, self.source.user.as_deref(), password.as_deref())?;
        Ok((Asker::Sql(database), password.into_iter().collect()))
    }
}

/// A place being asked.
struct Rounds {
    title: String,
    within: Duration,
    wanted: Vec<Wanted>,
    asker: Asker,
    hidden: Vec<String>,
    sink: Sink,
}

impl Rounds {
    async fn run(self: Arc<Self>, every: Duration) {
        let mut pace = Pace::new(every);
        loop {
            let began = Instant::now();
            let went = self.round(began + self.within).await;
            sleep_until(began + pace.after(&went).mul_f64(jitter())).await;
        }
    }

    async fn round(self: &Arc<Self>, end: Instant) -> Vec<Went> {
        match &self.asker {
            Asker::Command(shell) => vec![self.run_once(shell, end).await],
            Asker::Sql(_) => self.ask_all(end).await,
        }
    }

    /// One run answers all that want to know something of it.
    async fn run_once(&self, shell: &Shell, end: Instant) -> Went {
        let told = timeout_at(end, command::run(shell, self.within)).await;
        let told = told.unwrap_or_else(|_| Err(Fault::silent(self.within)));
        let mut went = Went::default();
        for wanted in &self.wanted {
            let told =
                told.as_ref().map_err(Clone::clone).and_then(|text| command::read(text, &wanted.query));
            went.answered |= told.is_ok();
            self.tell(wanted, &told);
        }
        went
    }

    /// Every statement side by side; what two want to know is asked once.
    async fn ask_all(self: &Arc<Self>, end: Instant) -> Vec<Went> {
        let mut asked = JoinSet::new();
        for (index, wanted) in self.wanted.iter().enumerate() {
            if self.wanted[..index].iter().all(|w| w.query != wanted.query) {
                let (rounds, query) = (self.clone(), wanted.query.clone());
                asked.spawn(async move { rounds.ask(&query, end).await });
            }
        }
        asked.join_all().await
    }

    async fn ask(&self, query: &str, end: Instant) -> Went {
        let Asker::Sql(database) = &self.asker else { return Went::default() };
        let told = timeout_at(end, database.ask(query, self.within)).await;
        let told = told.unwrap_or_else(|_| Err(Fault::silent(self.within)));
        self.wanted.iter().filter(|w| w.query == query).for_each(|w| self.tell(w, &told));
        Went { answered: told.is_ok(), wait: None }
    }

    fn tell(&self, wanted: &Wanted, told: &Result<Vec<Sample>, Fault>) {
        tell(&self.sink, &self.title, &self.hidden, wanted, told);
    }
}

fn tell(sink: &Sink, title: &str, hidden: &[String], wanted: &Wanted, told: &Result<Vec<Sample>, Fault>) {
    let signal = wanted.signal;
    match told {
        Ok(samples) => {
            let scaled = |s: &Sample| Sample { value: s.value * wanted.scale, ..*s };
            sink(Report::Samples { signal, samples: samples.iter().map(scaled).collect() });
        }
        Err(fault) => {
            let clean = hidden.iter().filter(|s| !s.is_empty());
            let what = clean.fold(fault.what.clone(), |text, secret| text.replace(secret.as_str(), "…"));
            sink(Report::Failed { signal, at: Utc::now(), why: format!("{title} {what}") });
        }
    }
}
