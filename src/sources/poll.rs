//! The rounds of one source: all its questions side by side under one deadline, then a pause that
//! grows while nothing answers. What is asked and how is the adapter's.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::adapter::{Adapter, Answer};
use super::fault::{Fault, Kind};
use super::question::{FILLS, Place, Question, Wanted};
use super::{Report, Sink, secret};
use crate::signal::Sample;

/// So many questions a source is asked at once.
const AT_ONCE: usize = 16;

/// History is much larger: two answers at once keep what lies in memory small.
const PAST_AT_ONCE: usize = 2;

/// The longest pause of ours.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// What a server asks to be left alone for is honoured between these.
const WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// Asks a place until the runtime ends. What is `hidden` is in no report.
pub(super) async fn run(mut place: Place, adapter: Adapter, hidden: Vec<String>, sink: Sink) {
    let mut questions: Vec<_> = std::mem::take(&mut place.questions).into_iter().map(Arc::new).collect();
    let asker = Arc::new(Asker {
        place,
        adapter,
        hidden,
        sink,
        slots: Semaphore::new(AT_ONCE),
        past: Semaphore::new(PAST_AT_ONCE),
    });
    let mut pace = Pace { every: asker.place.every, failures: 0 };
    loop {
        let began = Instant::now();
        let end = began + asker.place.deadline();
        let mut went = round(&asker, &questions, end).await;
        if split(&mut questions, &went) {
            went = round(&asker, &questions, end).await;
        }
        look_back(&asker, &questions, &went, end).await;
        let pause = pace.after(&went).mul_f64(jitter());
        sleep_until(began + pause).await;
    }
}

/// Questions that were turned down because they were joined are asked one by one from now on.
fn split(questions: &mut Vec<Arc<Question>>, went: &[Went]) -> bool {
    if went.iter().all(|w| !w.apart) {
        return false;
    }
    let apart = |(question, went): (Arc<Question>, &Went)| match went.apart {
        true => question.split().into_iter().map(Arc::new).collect(),
        false => vec![question],
    };
    *questions = std::mem::take(questions).into_iter().zip(went).flat_map(apart).collect();
    true
}

struct Asker {
    place: Place,
    adapter: Adapter,
    /// Secrets in every form in which they are sent.
    hidden: Vec<String>,
    sink: Sink,
    slots: Semaphore,
    past: Semaphore,
}

/// How a question went, as far as the pace cares.
#[derive(Clone, Copy, Debug, Default)]
struct Went {
    answered: bool,
    /// How long the server asks to be left alone.
    wait: Option<Duration>,
    /// It has to be asked in parts.
    apart: bool,
}

/// How each question went, in their order.
async fn round(asker: &Arc<Asker>, questions: &[Arc<Question>], end: Instant) -> Vec<Went> {
    let mut asked = JoinSet::new();
    for (index, question) in questions.iter().cloned().enumerate() {
        let asker = asker.clone();
        asked.spawn(async move { (index, asker.ask(&question, end).await) });
    }
    let mut went = asked.join_all().await;
    went.sort_by_key(|(index, _)| *index);
    went.into_iter().map(|(_, went)| went).collect()
}

/// History comes behind what every question says of now.
async fn look_back(asker: &Arc<Asker>, questions: &[Arc<Question>], went: &[Went], end: Instant) {
    let mut asked = JoinSet::new();
    let lacks = |q: &Question| q.fills.load(Ordering::Relaxed) > 0;
    for (question, _) in questions.iter().zip(went).filter(|(q, went)| went.answered && lacks(q)) {
        let (asker, question) = (asker.clone(), question.clone());
        asked.spawn(async move { asker.fill(&question, end).await });
    }
    asked.join_all().await;
}

impl Asker {
    async fn ask(&self, question: &Question, end: Instant) -> Went {
        let Ok(Ok(_slot)) = timeout_at(end, self.slots.acquire()).await else {
            let fault = Fault::new(Kind::Unreachable, "was not asked: earlier questions take too long");
            return self.fail_all(question, &fault);
        };
        let answer = timeout_at(end, self.adapter.ask(question)).await;
        match answer.unwrap_or_else(|_| Err(Fault::silent(self.place.deadline()))) {
            Ok(answer) => self.tell(question, answer),
            Err(fault) if fault.kind == Kind::Joint && question.is_joined() => {
                Went { apart: true, ..Went::default() }
            }
            Err(fault) => {
                question.fills.store(FILLS, Ordering::Relaxed);
                self.fail_all(question, &fault)
            }
        }
    }

    /// History is a courtesy: what becomes of it fails nothing.
    async fn fill(&self, question: &Question, end: Instant) {
        // Without a slot before the end of the round it was not tried.
        let Ok(Ok(_slot)) = timeout_at(end, self.past.acquire()).await else { return };
        let left = question.fills.load(Ordering::Relaxed);
        question.fills.store(left.saturating_sub(1), Ordering::Relaxed);
        if let Ok(Some(past)) = timeout_at(end, self.adapter.past(question)).await {
            question.fills.store(0, Ordering::Relaxed);
            let known = question.wanted.iter().zip(past.given);
            let known = known.filter_map(|(w, given)| Some((w, given.ok().filter(|s| !s.is_empty())?)));
            known.for_each(|(wanted, samples)| self.report(wanted, &samples));
        }
    }

    fn tell(&self, question: &Question, answer: Answer) -> Went {
        let mut went = Went { wait: answer.wait, ..Went::default() };
        for (wanted, outcome) in question.wanted.iter().zip(answer.given) {
            went.answered |= self.say(wanted, outcome);
        }
        self.warn(question, answer.warning);
        went
    }

    /// Says what came, and whether it was an answer.
    fn say(&self, wanted: &Wanted, outcome: Result<Vec<Sample>, Fault>) -> bool {
        match &outcome {
            Ok(samples) => self.report(wanted, samples),
            Err(fault) => self.fail(wanted, fault),
        }
        outcome.is_ok()
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
        let mut went = Went { wait: fault.wait, ..Went::default() };
        for wanted in &question.wanted {
            went.answered |= self.say(wanted, self.adapter.unanswered(wanted, fault));
        }
        went
    }

    fn fail(&self, wanted: &Wanted, fault: &Fault) {
        let why = format!("{} {}", self.place.title, self.without_secret(&fault.what));
        (self.sink)(Report::Failed { signal: wanted.signal, at: Utc::now(), why });
    }

    /// A server may say the password back.
    fn without_secret(&self, text: &str) -> String {
        secret::struck(&self.hidden, text)
    }
}

/// How long it is until the next round.
struct Pace {
    every: Duration,
    /// Rounds without any answer, one after the other.
    failures: u32,
}

impl Pace {
    /// An interval; doubled with every round in which nothing answered, up to a minute; as long as a
    /// server asks for, up to five.
    fn after(&mut self, round: &[Went]) -> Duration {
        let answered = round.iter().any(|w| w.answered);
        self.failures = if answered { 0 } else { self.failures.saturating_add(1) };
        let doubled = self.every.saturating_mul(1 << self.failures.saturating_sub(1).min(16));
        let asked = round.iter().filter_map(|w| w.wait).max().map(|wait| wait.clamp(WAIT.0, WAIT.1));
        self.every.max(doubled.min(MAX_PAUSE)).max(asked.unwrap_or_default())
    }
}

/// Up to a twentieth earlier or later, so that many rooms do not ask in step.
fn jitter() -> f64 {
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
        let good: &[Went] = &[Went::default(), Went { answered: true, ..Went::default() }];
        assert_eq!(pauses(5.0, &[good, bad, bad, bad, good, bad]), [5.0, 5.0, 10.0, 20.0, 5.0, 5.0]);
        assert_eq!(pauses(5.0, &[bad; 40])[39], 60.0);
        assert_eq!(pauses(300.0, &[bad; 3]), [300.0; 3], "a slow source does not become faster");
    }

    #[test]
    fn a_server_is_left_alone_as_it_asks_within_reason() {
        let wait = |s: u64| {
            let wait = Some(Duration::from_secs(s));
            [Went::default(), Went { answered: true, wait, apart: false }]
        };
        let (none, some, mad) = (wait(0), wait(17), wait(1_000_000_000));
        assert_eq!(pauses(0.2, &[&none, &some, &mad]), [1.0, 17.0, 300.0]);
        assert_eq!(pauses(30.0, &[&none, &some]), [30.0, 30.0]);
    }

    #[test]
    fn jitter_is_small() {
        let all: Vec<f64> = (0..1_000).map(|_| jitter()).collect();
        assert!(all.iter().all(|j| (0.95..=1.05).contains(j)));
        assert!(all.iter().any(|j| *j < 0.97) && all.iter().any(|j| *j > 1.03));
    }
}
