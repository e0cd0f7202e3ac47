//! The rounds of one source: all its questions side by side under one deadline, then a pause that
//! grows while nothing answers.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::Utc;
use reqwest::Client;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::client::Reply;
use super::fault::{Fault, Kind};
use super::probe;
use super::prometheus::{self, Told};
use super::question::{Dialect, FILLS, Place, Question, Wanted};
use super::{Report, Sink};
use crate::signal::Sample;

/// So many questions a source is asked at once.
const AT_ONCE: usize = 16;

/// The longest pause, whatever a server asks for.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// Asks a place until the runtime ends. What is `hidden` is in no report.
pub(super) async fn run(place: Place, client: Client, hidden: Vec<String>, sink: Sink) {
    let asker = Arc::new(Asker { place, client, hidden, sink, slots: Semaphore::new(AT_ONCE) });
    let mut pace = Pace::new(asker.place.every);
    loop {
        let began = Instant::now();
        let pause = pace.after(&round(&asker, began + asker.place.deadline()).await);
        sleep_until(began + pause.mul_f64(jitter())).await;
    }
}

struct Asker {
    place: Place,
    client: Client,
    /// Secrets in every form in which they are sent.
    hidden: Vec<String>,
    sink: Sink,
    slots: Semaphore,
}

/// How a question went, as far as the pace cares.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Went {
    pub answered: bool,
    /// How long the server asks to be left alone.
    pub wait: Option<Duration>,
}

async fn round(asker: &Arc<Asker>, end: Instant) -> Vec<Went> {
    let mut asked = JoinSet::new();
    for index in 0..asker.place.questions.len() {
        let asker = asker.clone();
        asked.spawn(async move { asker.ask(index, end).await });
    }
    asked.join_all().await
}

impl Asker {
    async fn ask(&self, index: usize, end: Instant) -> Went {
        let question = &self.place.questions[index];
        let Ok(Ok(_slot)) = timeout_at(end, self.slots.acquire()).await else {
            let fault = Fault::new(Kind::Unreachable, "was not asked: earlier questions take too long");
            return self.fail_all(question, &fault);
        };
        let late = || Fault::silent(self.place.deadline());
        match self.place.dialect {
            Dialect::Prometheus => {
                let told = timeout_at(end, prometheus::ask(&self.place, question, &self.client)).await;
                self.tell(question, told.unwrap_or_else(|_| Err(late())))
            }
            Dialect::Probe => {
                let reply = timeout_at(end, probe::ask(&self.place, question, &self.client)).await;
                self.measure(question, &reply.unwrap_or_else(|_| Err(late())))
            }
        }
    }

    fn measure(&self, question: &Question, reply: &Result<Reply, Fault>) -> Went {
        let wait = reply.as_ref().map_or_else(|f| f.wait, |r| r.wait);
        let mut went = Went { answered: false, wait };
        for wanted in &question.wanted {
            match probe::measure(wanted.aspect, reply) {
                Ok(sample) => {
                    went.answered = true;
                    self.report(wanted, &[sample]);
                }
                Err(fault) => self.fail(wanted, &fault),
            }
        }
        went
    }

    fn tell(&self, question: &Question, told: Result<Told, Fault>) -> Went {
        let told = match told {
            Ok(told) => told,
            Err(fault) => {
                question.fills.store(FILLS, Ordering::Relaxed);
                return self.fail_all(question, &fault);
            }
        };
        question.wanted.iter().for_each(|w| self.report(w, &told.samples));
        self.warn(question, told.warning);
        Went { answered: true, wait: None }
    }

    fn report(&self, wanted: &Wanted, samples: &[Sample]) {
        let scaled = |s: &Sample| Sample { value: s.value * wanted.scale, ..*s };
        let samples = samples.iter().map(scaled).collect();
        (self.sink)(Report::Samples { signal: wanted.signal, samples });
    }

    /// A warning is said when it comes, changes and goes.
    fn warn(&self, question: &Question, warning: Option<String>) {
        let warning = warning.map(|w| self.without_secret(&w));
        let mut said = question.warning.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *said == warning {
            return;
        }
        said.clone_from(&warning);
        let titled = warning.map(|w| format!("{} warns: {w}", self.place.title));
        for wanted in &question.wanted {
            (self.sink)(Report::Warned { signal: wanted.signal, warning: titled.clone() });
        }
    }

    fn fail_all(&self, question: &Question, fault: &Fault) -> Went {
        question.wanted.iter().for_each(|w| self.fail(w, fault));
        Went { answered: false, wait: fault.wait }
    }

    fn fail(&self, wanted: &Wanted, fault: &Fault) {
        let why = format!("{} {}", self.place.title, self.without_secret(&fault.what));
        (self.sink)(Report::Failed { signal: wanted.signal, at: Utc::now(), why });
    }

    /// A server may say the password back.
    fn without_secret(&self, text: &str) -> String {
        let known = self.place.url.password().into_iter().chain(self.hidden.iter().map(String::as_str));
        let secrets = known.filter(|secret| !secret.is_empty());
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "…"))
    }
}

/// How long it is until the next round.
pub(super) struct Pace {
    every: Duration,
    /// Rounds without any answer, one after the other.
    failures: u32,
}

impl Pace {
    pub fn new(every: Duration) -> Self {
        Self { every, failures: 0 }
    }

    /// An interval; doubled with every round in which nothing answered, up to a minute; as long as a
    /// server asks for, up to a minute too.
    pub fn after(&mut self, round: &[Went]) -> Duration {
        let answered = round.iter().any(|w| w.answered);
        self.failures = if answered { 0 } else { self.failures.saturating_add(1) };
        let doubled = self.every.saturating_mul(1 << self.failures.saturating_sub(1).min(16));
        let asked = round.iter().filter_map(|w| w.wait).max().unwrap_or_default();
        self.every.max(doubled.min(MAX_PAUSE)).max(asked.min(MAX_PAUSE))
    }
}

/// Up to a twentieth earlier or later, so that many rooms do not ask in step.
pub(super) fn jitter() -> f64 {
    let chance = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    0.95 + chance / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(every: f64, rounds: &[&[Went]]) -> Vec<f64> {
        let mut pace = Pace { every: Duration::from_secs_f64(every), failures: 0 };
        rounds.iter().map(|r| pace.after(r).as_secs_f64()).collect()
    }

    #[test]
    fn the_pause_grows_while_nothing_answers() {
        let bad: &[Went] = &[Went::default(); 2];
        let good: &[Went] = &[Went::default(), Went { answered: true, wait: None }];
        assert_eq!(pauses(5.0, &[good, bad, bad, bad, good, bad]), [5.0, 5.0, 10.0, 20.0, 5.0, 5.0]);
        assert_eq!(pauses(5.0, &[bad; 40])[39], 60.0);
        assert_eq!(pauses(300.0, &[bad; 3]), [300.0; 3], "a slow source does not become faster");
    }

    #[test]
    fn a_server_is_left_alone_as_it_asks_within_reason() {
        let wait = |s: u64| [Went::default(), Went { answered: s > 1, wait: Some(Duration::from_secs(s)) }];
        let (none, some, mad) = (wait(0), wait(17), wait(1_000_000_000));
        assert_eq!(pauses(5.0, &[&none, &some, &mad]), [5.0, 17.0, 60.0]);
    }

    #[test]
    fn jitter_is_small() {
        let all: Vec<f64> = (0..1_000).map(|_| jitter()).collect();
        assert!(all.iter().all(|j| (0.95..=1.05).contains(j)));
        assert!(all.iter().any(|j| *j < 0.97) && all.iter().any(|j| *j > 1.03));
    }
}
