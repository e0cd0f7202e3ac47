//! What is to be asked where: a binding's signals grouped by source and by question, so that what
//! two signals want to know is asked once. No IO.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicU8;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Url;

use super::{join, json};
use crate::plan::binding::{Binding, Signal, Source, SourceKind};
use crate::signal::interval;

/// No question takes longer, however seldom it is asked.
const DEADLINE: Duration = Duration::from_secs(10);

/// So often history is asked for after a start or an outage before it is left alone.
pub(super) const FILLS: u8 = 3;

/// A source with all that is asked there.
#[derive(Debug)]
pub(super) struct Place {
    /// Name and host, for sentences: "prod at metrics:9090".
    pub title: String,
    /// As it is bound.
    pub source: Source,
    /// Where its commands run; empty for where this process does.
    pub cwd: String,
    pub every: Duration,
    pub questions: Vec<Question>,
    /// Where each stands, by its text, while they are gathered.
    places: HashMap<String, usize>,
}

/// One request and who wants to know.
#[derive(Debug)]
pub(super) struct Question {
    /// A query, or a path.
    pub text: String,
    pub wanted: Vec<Wanted>,
    /// Tries left to fetch history.
    pub fills: AtomicU8,
    /// What the source last warned of.
    pub warning: Mutex<Option<String>>,
}

/// A signal's part in an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    /// Index into `binding.signals`.
    pub signal: usize,
    pub scale: f64,
    pub aspect: Aspect,
    /// The newest sample that is known already: history is wanted from there on.
    pub since: Option<DateTime<Utc>>,
}

/// What of an answer is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    /// The number in it.
    Value,
    /// What a query names in what was printed.
    Named(String),
    /// What this query would give alone.
    Part(String),
    /// The HTTP status.
    Status,
    /// How long it took, in milliseconds.
    Latency,
    /// 1 for an answer with a status of 200 to 299, else 0.
    Up,
    /// How many days the server's certificate is good for.
    Certificate,
}

impl Place {
    /// The signals measured there.
    pub fn signals(&self) -> impl Iterator<Item = usize> + '_ {
        self.questions.iter().flat_map(|q| &q.wanted).map(|w| w.signal)
    }

    /// How long a question may take.
    pub fn deadline(&self) -> Duration {
        self.every.min(DEADLINE).min(self.source.timeout.map_or(DEADLINE, interval))
    }

    /// A source that nothing is asked yet; its commands run in `cwd`.
    pub fn new(source: &Source, cwd: &str) -> Result<Self, String> {
        let title = title(source).map_err(|why| format!("the source {} {why}", source.name))?;
        let (every, cwd) = (interval(source.every), cwd.to_owned());
        Ok(Self { title, cwd, every, questions: vec![], places: HashMap::new(), source: source.clone() })
    }

    /// What it would be asked for a signal alone.
    ///
    /// # Errors
    /// A sentence: the query is none.
    pub fn question(&self, signal: &Signal) -> Result<Question, String> {
        let (text, aspect) = split(&self.source, &signal.query)?;
        let wanted = Wanted { signal: 0, scale: signal.scale, aspect, since: None };
        Ok(Question::new(text, vec![wanted]))
    }

    fn add(&mut self, index: usize, signal: &Signal, since: Option<DateTime<Utc>>) -> Result<(), String> {
        let (text, aspect) = split(&self.source, &signal.query)?;
        let wanted = Wanted { signal: index, scale: signal.scale, aspect, since };
        let place = *self.places.entry(text.clone()).or_insert(self.questions.len());
        match self.questions.get_mut(place) {
            Some(question) => question.wanted.push(wanted),
            None => self.questions.push(Question::new(text, vec![wanted])),
        }
        Ok(())
    }
}

impl Question {
    pub fn new(text: String, wanted: Vec<Wanted>) -> Self {
        Self { text, wanted, fills: AtomicU8::new(FILLS), warning: Mutex::new(None) }
    }

    /// Whether it is about the server's certificate.
    pub fn is_certificate(&self) -> bool {
        self.wanted.iter().any(|w| w.aspect == Aspect::Certificate)
    }

    /// Whether it was made of several queries.
    pub fn is_joined(&self) -> bool {
        self.wanted.iter().any(|w| matches!(w.aspect, Aspect::Part(_)))
    }

    /// The queries it was made of, each alone.
    pub fn split(&self) -> Vec<Question> {
        let mut alone: Vec<Question> = vec![];
        for wanted in &self.wanted {
            let Aspect::Part(text) = &wanted.aspect else { continue };
            let wanted = Wanted { aspect: Aspect::Value, ..wanted.clone() };
            match alone.iter_mut().find(|q| q.text == *text) {
                Some(question) => question.wanted.push(wanted),
                None => alone.push(Question::new(text.clone(), vec![wanted])),
            }
        }
        alone
    }
}

/// Name and whereabouts of a source, for sentences: "prod at metrics:9090".
fn title(source: &Source) -> Result<String, String> {
    match source.kind {
        SourceKind::Prometheus
        | SourceKind::Http
        | SourceKind::Json
        | SourceKind::Datadog
        | SourceKind::Alertmanager => Ok(format!("{} at {}", source.name, authority(&source.url)?)),
        SourceKind::Sql => Ok(super::sql::title(source)),
        SourceKind::Command => Ok(source.name.clone()),
        kind => Err(format!("cannot be asked: kind {} is not supported yet", kind.word())),
    }
}

/// Host and port of an address over HTTP.
fn authority(url: &str) -> Result<String, String> {
    let url = Url::parse(url).map_err(|e| format!("has no usable url: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is neither http nor https".to_owned());
    }
    let host = url.host_str().ok_or("names no host")?;
    Ok(host.to_owned() + &url.port().map(|p| format!(":{p}")).unwrap_or_default())
}

/// What is asked for a query, and what of the answer it wants: what is asked alike is asked once.
fn split(source: &Source, query: &str) -> Result<(String, Aspect), String> {
    match source.kind {
        SourceKind::Http => aspect(query),
        // One page answers all queries.
        SourceKind::Json => json::check(query).map(|()| (String::new(), Aspect::Part(query.to_owned()))),
        // One run answers all that want to know something of it.
        SourceKind::Command => Ok((String::new(), Aspect::Named(query.trim().to_owned()))),
        _ => Ok((query.to_owned(), Aspect::Value)),
    }
}

/// The path and what is wanted of `/path#aspect`.
fn aspect(query: &str) -> Result<(String, Aspect), String> {
    let (path, word) = query.rsplit_once('#').unwrap_or((query, "up"));
    let aspect = match word.trim() {
        "up" => Aspect::Up,
        "status" => Aspect::Status,
        "latency" => Aspect::Latency,
        "cert" => Aspect::Certificate,
        _ => return Err(format!("a probe gives #up, #status, #latency or #cert, not #{word}")),
    };
    let path = path.trim();
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    // It takes a handshake of its own, which is no part of anybody's latency.
    let own = if aspect == Aspect::Certificate { "#cert" } else { "" };
    Ok((path + own, aspect))
}

/// Whether a kind is not asked: a person types its values, or it is listened to.
fn is_elsewhere(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::Manual | SourceKind::Log)
}

/// What is asked where, and the signals that can never be asked, each with the reason.
pub(super) fn places(
    binding: &Binding,
    since: &[Option<DateTime<Utc>>],
) -> (Vec<Place>, Vec<(usize, String)>) {
    let mut places: Vec<(&str, Result<Place, String>)> = vec![];
    for source in binding.sources.iter().filter(|s| !is_elsewhere(s.kind)) {
        if places.iter().all(|(name, _)| *name != source.name) {
            places.push((&source.name, Place::new(source, &binding.room.cwd)));
        }
    }
    let mut wrong = vec![];
    let elsewhere = |s: &Signal| {
        s.derive.is_some() || binding.source(&s.source).is_some_and(|source| is_elsewhere(source.kind))
    };
    for (index, signal) in binding.signals.iter().enumerate().filter(|(_, s)| !elsewhere(s)) {
        let added = match places.iter_mut().find(|(name, _)| *name == signal.source) {
            Some((_, Ok(place))) => place.add(index, signal, since.get(index).copied().flatten()),
            Some((_, Err(why))) => Err(why.clone()),
            None => Err(format!("there is no source named {}", signal.source)),
        };
        wrong.extend(added.err().map(|why| (index, why)));
    }
    let asked = places.into_iter().filter_map(|(_, p)| p.ok()).filter(|p| !p.questions.is_empty());
    let mut asked: Vec<Place> = asked.collect();
    asked.iter_mut().for_each(|place| place.places.clear());
    for place in asked.iter_mut().filter(|p| p.source.kind == SourceKind::Prometheus) {
        place.questions = join::names(std::mem::take(&mut place.questions));
    }
    (asked, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(text: &str) -> Binding {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_two_want_to_know_is_asked_once() {
        let binding = binding(
            r#"
            source = [{ name = "web", kind = "http", url = "http://web:81/app/", every = 60 }]
            signal = [
                { name = "a", source = "web", query = "/health#latency" },
                { name = "b", source = "web", query = "health" },
                { name = "c", source = "web", query = "/health#status", scale = 2.0 },
                { name = "d", source = "web", query = "/other#up" },
                { name = "e", source = "web", query = "/health#cert" },
            ]"#,
        );
        let (places, wrong) = places(&binding, &[]);
        assert_eq!((places.len(), wrong.len()), (1, 0));
        let place = &places[0];
        assert_eq!((place.title.as_str(), place.deadline().as_secs()), ("web at web:81", 10));
        let asked: Vec<_> = place.questions.iter().map(|q| (q.text.as_str(), q.wanted.len())).collect();
        assert_eq!(asked, [("/health", 3), ("/other", 1), ("/health#cert", 1)]);
        let third = Wanted { signal: 2, scale: 2.0, aspect: Aspect::Status, since: None };
        assert_eq!(place.questions[0].wanted[2], third);
    }

    #[test]
    fn what_cannot_be_asked_says_why_and_shows_no_secret() {
        let binding = binding(
            r#"
            source = [
                { name = "file", kind = "http", url = "file:///etc/passwd" },
                { name = "odd", kind = "prometheus", url = "http://me:hunter2@[oops" },
                { name = "web", kind = "http", url = "http://web" },
            ]
            signal = [
                { name = "a", source = "file", query = "/" },
                { name = "b", source = "odd", query = "up" },
                { name = "c", source = "none", query = "up" },
                { name = "d", source = "web", query = "/#size" },
            ]"#,
        );
        let (places, wrong) = places(&binding, &[]);
        assert!(places.is_empty());
        let said = wrong.iter().map(|(i, w)| format!("{i} {w}")).collect::<Vec<_>>().join("\n");
        for part in [
            "0 the source file is neither",
            "1 the source odd has no",
            "2 there is no source named none",
            "3 a probe gives",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
}
