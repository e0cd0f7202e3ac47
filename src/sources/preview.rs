//! A source asked once, for a query that somebody is still writing: what it would give, and the names
//! of the metrics it knows. A thread of its own for as long as the dialog is open.
//!
//! One question at a time, a moment after the last one came; a newer one ends the one under way. The
//! caller guarantees that this source was allowed as it is here.

use std::fmt;
use std::time::Duration;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

use super::adapter::Adapter;
use super::client::{self, Clients};
use super::fault::{Fault, words};
use super::question::Place;
use super::{prometheus, secret};
use crate::plan::binding::{Signal, Source, SourceKind};
use crate::signal::Sample;
use crate::text;

/// So long after the last change the source is asked.
pub const MOMENT: Duration = Duration::from_millis(300);

/// An answer takes no longer.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// No more names are kept.
pub const MOST_NAMES: usize = 50_000;

/// A longer name is nobody's.
const LONGEST_NAME: usize = 256;

/// What came of asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Trial {
    /// The names of the metrics there, once; or a sentence.
    Names(Result<Names, String>),
    /// What a query gives.
    Tried {
        /// The question's number.
        number: u64,
        /// Oldest first, unscaled; none where the source has none. Or a sentence.
        outcome: Result<Vec<Sample>, String>,
        /// What the source says beside it.
        warning: Option<String>,
    },
}

/// The names of metrics that a source knows, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Only those that can be shown as they are.
    pub known: Vec<String>,
    /// Whether it has more than are kept.
    pub more: bool,
}

/// A source being tried. Dropped, it asks no more.
#[derive(Debug)]
pub struct Trials {
    asks: UnboundedSender<(u64, String)>,
}

impl Trials {
    /// Opens a source; `report` is called on its thread. Commands run in `cwd`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        source: Source,
        cwd: String,
        report: impl Fn(Trial) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (asks, asked) = unbounded_channel();
        let body = move || run(&source, &cwd, asked, &report);
        std::thread::Builder::new().name("preview".into()).spawn(body)?;
        Ok(Self { asks })
    }

    /// Asks for a query in place of what was asked before.
    pub fn ask(&self, number: u64, query: &str) {
        // Its thread may have ended with a sentence.
        let _ = self.asks.send((number, query.to_owned()));
    }
}

fn run(
    source: &Source,
    cwd: &str,
    mut asked: UnboundedReceiver<(u64, String)>,
    report: &(dyn Fn(Trial) + Send),
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return deny(&mut asked, report, &format!("nothing can be asked: {error}")),
    };
    runtime.block_on(async {
        let (opened, waiting) = open(source, cwd, &mut asked).await;
        match opened {
            _ if waiting.is_none() && asked.is_closed() => {}
            Ok(desk) => {
                tokio::select! {
                    () = desk.answer(waiting, &mut asked, report) => {}
                    () = desk.tell_names(report) => {}
                }
            }
            Err(why) => {
                report(Trial::Names(Err(why.clone())));
                if let Some((number, _)) = waiting {
                    report(Trial::Tried { number, outcome: Err(why.clone()), warning: None });
                }
                deny_all(&mut asked, report, &why).await;
            }
        }
    });
    // A host name being looked up holds a thread that cannot be interrupted.
    runtime.shutdown_background();
}

fn deny(asked: &mut UnboundedReceiver<(u64, String)>, report: &dyn Fn(Trial), why: &str) {
    while let Some((number, _)) = asked.blocking_recv() {
        report(Trial::Tried { number, outcome: Err(why.to_owned()), warning: None });
    }
}

async fn deny_all(asked: &mut UnboundedReceiver<(u64, String)>, report: &dyn Fn(Trial), why: &str) {
    while let Some((number, _)) = asked.recv().await {
        report(Trial::Tried { number, outcome: Err(why.to_owned()), warning: None });
    }
}

/// Fetches the secrets and opens the source, within the deadline or until nobody listens any more; the
/// last question that came meanwhile is kept.
async fn open(
    source: &Source,
    cwd: &str,
    asked: &mut UnboundedReceiver<(u64, String)>,
) -> (Result<Desk, String>, Option<(u64, String)>) {
    let opening = timeout(DEADLINE, Desk::open(source, cwd));
    tokio::pin!(opening);
    let mut waiting = None;
    loop {
        tokio::select! {
            desk = &mut opening => {
                let late = || Err(format!("{}: its secret was not there in time", source.name));
                return (desk.unwrap_or_else(|_| late()), waiting);
            }
            ask = asked.recv() => match ask {
                Some(ask) => waiting = Some(ask),
                None => return (Err(String::new()), None),
            }
        }
    }
}

/// A source that is open.
struct Desk {
    place: Place,
    adapter: Adapter,
    /// Secrets in every form in which they are sent.
    hidden: Vec<String>,
    /// Where its names are asked for; none for a kind that has none.
    names: Option<(reqwest::Client, reqwest::Url)>,
}

impl Desk {
    async fn open(source: &Source, cwd: &str) -> Result<Self, String> {
        let place = Place::new(source, cwd)?;
        let titled = |why: String| format!("{}: {why}", place.title);
        let keys = secret::fetch(&place).await.map_err(titled)?;
        let clients = Clients::default();
        let adapter = Adapter::open(&place, &keys, &clients).map_err(titled)?;
        let names = match source.kind {
            SourceKind::Prometheus => {
                let (base, client) = clients.open(&place, &keys).map_err(titled)?;
                Some((client, prometheus::names_of(&base, MOST_NAMES + 1)))
            }
            _ => None,
        };
        Ok(Self { hidden: keys.hidden, place, adapter, names })
    }

    /// Says the names, and then waits for the end.
    async fn tell_names(&self, report: &dyn Fn(Trial)) {
        if let Some((client, url)) = &self.names {
            let got = timeout(DEADLINE, fetch_names(client, url.clone())).await;
            let got = got.unwrap_or_else(|_| Err(Fault::silent(DEADLINE)));
            report(Trial::Names(got.map_err(|fault| self.sentence(&fault))));
        }
        std::future::pending().await
    }

    /// Answers the newest question until nobody asks any more.
    async fn answer(
        &self,
        mut waiting: Option<(u64, String)>,
        asked: &mut UnboundedReceiver<(u64, String)>,
        report: &dyn Fn(Trial),
    ) {
        loop {
            let newer = match &waiting {
                None => asked.recv().await,
                Some((number, query)) => tokio::select! {
                    biased;
                    newer = asked.recv() => newer,
                    (outcome, warning) = self.ask(query) => {
                        report(Trial::Tried { number: *number, outcome, warning });
                        waiting = None;
                        continue;
                    }
                },
            };
            if newer.is_none() {
                return;
            }
            waiting = newer;
        }
    }

    /// After a moment: what a query gives now, and before where the source knows.
    async fn ask(&self, query: &str) -> (Result<Vec<Sample>, String>, Option<String>) {
        sleep(MOMENT).await;
        let signal = Signal { query: query.to_owned(), scale: 1.0, ..Signal::default() };
        let question = match self.place.question(&signal) {
            Ok(question) => question,
            Err(why) => return (Err(why), None),
        };
        let end = tokio::time::Instant::now() + DEADLINE;
        let answer = tokio::time::timeout_at(end, self.adapter.ask(&question)).await;
        let (outcome, warning) = match answer.unwrap_or_else(|_| Err(Fault::silent(DEADLINE))) {
            Ok(answer) => (answer.given.into_iter().next(), answer.warning),
            Err(fault) => (question.wanted.first().map(|w| self.adapter.unanswered(w, &fault)), None),
        };
        let outcome = outcome.unwrap_or_else(|| Ok(vec![])).map_err(|fault| self.sentence(&fault));
        let mut samples = match outcome {
            Ok(samples) if !samples.is_empty() => samples,
            other => return (other, warning.map(|w| self.struck(&w))),
        };
        // History is a courtesy: what becomes of it fails nothing.
        if let Ok(Some(past)) = tokio::time::timeout_at(end, self.adapter.past(&question)).await
            && let Some(Ok(mut before)) = past.given.into_iter().next()
        {
            let first = samples[0].at;
            before.retain(|s| s.at < first);
            before.append(&mut samples);
            samples = before;
        }
        (Ok(samples), warning.map(|w| self.struck(&w)))
    }

    fn sentence(&self, fault: &Fault) -> String {
        format!("{} {}", self.place.title, self.struck(&fault.what))
    }

    fn struck(&self, words: &str) -> String {
        secret::struck(&self.hidden, words)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    error: Option<String>,
    #[serde(default, deserialize_with = "some")]
    data: Option<Names>,
}

async fn fetch_names(client: &reqwest::Client, url: reqwest::Url) -> Result<Names, Fault> {
    let reply = client::get(client, url).await?;
    client::shallow(&reply.body)?;
    let answer: Answer = match serde_json::from_slice(&reply.body) {
        Ok(answer) => answer,
        Err(_) if !reply.status.is_success() => return Err(Fault::answer(client::answered(&reply))),
        Err(_) => return Err(Fault::answer("answered with something that is no list of names")),
    };
    match (answer.data, answer.error) {
        (Some(names), None) if reply.status.is_success() => Ok(names),
        (_, Some(error)) => Err(Fault::answer(format!("says: {}", words(&error)))),
        _ => Err(Fault::answer(client::answered(&reply))),
    }
}

fn some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Names>, D::Error> {
    from.deserialize_seq(Taking).map(Some)
}

/// Keeps so many of the names that can be shown, and counts on.
struct Taking;

impl<'de> Visitor<'de> for Taking {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Names::default();
        while names.known.len() < MOST_NAMES {
            match list.next_element::<String>()? {
                Some(name) if is_name(&name) => names.known.push(name),
                Some(_) => {}
                None => return Ok(names),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            names.more = true;
        }
        Ok(names)
    }
}

/// Whether what a reader sees of a name is the name.
fn is_name(name: &str) -> bool {
    let odd = |c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}';
    !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(odd) && !text::has_hidden(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(json: &str) -> Result<Names, String> {
        let answer: Answer = serde_json::from_str(json).map_err(|e| e.to_string())?;
        answer.data.ok_or_else(|| "none".to_owned())
    }

    #[test]
    fn only_names_that_can_be_seen_are_kept() {
        let json =
            r#"{"status":"success","data":["up","a\u001b[2Jb","c\u202ed","","größe","x\ny","node:cpu"]}"#;
        assert_eq!(names(json).unwrap().known, ["up", "größe", "node:cpu"]);
        let long = format!(r#"{{"data":["{}","ok"]}}"#, "a".repeat(300));
        assert_eq!(names(&long).unwrap().known, ["ok"]);
        assert!(names(r#"{"data":{"a":1}}"#).is_err() && names(r#"{"data":[1]}"#).is_err());
        assert_eq!(names(r#"{"status":"error","error":"x"}"#).unwrap_err(), "none");
    }

    #[test]
    fn a_flood_of_names_is_cut() {
        let many: Vec<String> = (0..MOST_NAMES + 5).map(|n| format!("\"m{n}\"")).collect();
        let all = names(&format!(r#"{{"data":[{}]}}"#, many.join(","))).unwrap();
        assert_eq!((all.known.len(), all.more), (MOST_NAMES, true));
        let fit = names(&format!(r#"{{"data":[{}]}}"#, many[..MOST_NAMES].join(","))).unwrap();
        assert!(!fit.more);
    }
}
