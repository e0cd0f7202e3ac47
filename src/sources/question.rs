//! What is to be asked where: a binding's signals grouped by source and by question, so that what
//! two signals want to know is asked once. No IO.

use std::sync::Mutex;
use std::sync::atomic::AtomicU8;
use std::time::Duration;

use reqwest::Url;

use super::local;
use crate::plan::binding::{Binding, Secret, Signal, Source, SourceKind};
use crate::signal::interval;

/// No question takes longer, however seldom it is asked.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// So often history is asked for after a start or an outage before it is left alone.
pub(super) const FILLS: u8 = 3;

/// A source with all that is asked there.
#[derive(Debug)]
pub(super) struct Place {
    /// Name and host, for sentences: "prod at metrics:9090".
    pub title: String,
    pub dialect: Dialect,
    pub url: Url,
    pub every: Duration,
    /// The longest wait somebody asked for.
    timeout: Option<Duration>,
    pub pass: Pass,
    pub questions: Vec<Question>,
}

/// How a place is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PromQL over HTTP.
    Prometheus,
    /// A path that answers or does not.
    Probe,
}

/// What a place wants to know of who asks. Only where a secret is kept; `secret` fetches it.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    pub auth: Option<Secret>,
    pub user: Option<String>,
    pub org: Option<String>,
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wanted {
    /// Index into `binding.signals`.
    pub signal: usize,
    pub scale: f64,
    pub aspect: Aspect,
}

/// What of an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    /// The number in it.
    Value,
    /// The HTTP status.
    Status,
    /// How long it took, in milliseconds.
    Latency,
    /// 1 for an answer with a status of 200 to 299, else 0.
    Up,
}

impl Place {
    /// The signals measured there.
    pub fn signals(&self) -> impl Iterator<Item = usize> + '_ {
        self.questions.iter().flat_map(|q| &q.wanted).map(|w| w.signal)
    }

    /// How long a question may take.
    pub fn deadline(&self) -> Duration {
        self.every.min(DEADLINE).min(self.timeout.unwrap_or(DEADLINE))
    }

    fn new(source: &Source) -> Result<Self, String> {
        let named = |why: &str| format!("the source {} {why}", source.name);
        let dialect = match source.kind {
            SourceKind::Prometheus => Dialect::Prometheus,
            SourceKind::Http => Dialect::Probe,
            SourceKind::Manual | SourceKind::Sql | SourceKind::Command | SourceKind::Log => {
                return Err(named("is not asked over HTTP"));
            }
            kind @ (SourceKind::Json | SourceKind::Datadog) => {
                return Err(named(&format!("cannot be asked: kind {} is not supported yet", kind.word())));
            }
        };
        let url = Url::parse(&source.url).map_err(|e| named(&format!("has no usable url: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(named("is neither http nor https"));
        }
        let host = url.host_str().ok_or_else(|| named("names no host"))?;
        let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
        Ok(Self {
            title: format!("{} at {host}{port}", source.name),
            dialect,
            timeout: source.timeout.map(interval),
            pass: Pass { auth: source.auth.clone(), user: source.user.clone(), org: source.org.clone() },
            every: interval(source.every),
            questions: vec![],
            url,
        })
    }

    fn add(&mut self, index: usize, signal: &Signal) -> Result<(), String> {
        let (text, aspect) = match self.dialect {
            Dialect::Prometheus => (signal.query.clone(), Aspect::Value),
            Dialect::Probe => aspect(&signal.query)?,
        };
        let wanted = Wanted { signal: index, scale: signal.scale, aspect };
        match self.questions.iter_mut().find(|q| q.text == text) {
            Some(question) => question.wanted.push(wanted),
            None => self.questions.push(Question::new(text, wanted)),
        }
        Ok(())
    }
}

impl Question {
    fn new(text: String, wanted: Wanted) -> Self {
        Self { text, wanted: vec![wanted], fills: AtomicU8::new(FILLS), warning: Mutex::new(None) }
    }
}

/// The path and what is wanted of `/path#aspect`.
fn aspect(query: &str) -> Result<(String, Aspect), String> {
    let (path, word) = query.rsplit_once('#').unwrap_or((query, "up"));
    let aspect = match word.trim() {
        "up" => Aspect::Up,
        "status" => Aspect::Status,
        "latency" => Aspect::Latency,
        _ => return Err(format!("a probe gives #up, #status or #latency, not #{word}")),
    };
    let path = path.trim();
    Ok((if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }, aspect))
}

/// What is asked where, and the signals that can never be asked, each with the reason.
pub(super) fn places(binding: &Binding) -> (Vec<Place>, Vec<(usize, String)>) {
    let mut places: Vec<(&str, Result<Place, String>)> = vec![];
    for source in &binding.sources {
        if places.iter().all(|(name, _)| *name != source.name) {
            places.push((&source.name, Place::new(source)));
        }
    }
    let mut wrong = vec![];
    let elsewhere = |s: &Signal| {
        let kind = binding.source(&s.source).map(|s| s.kind);
        s.derive.is_some() || kind.is_some_and(|kind| kind == SourceKind::Manual || local::asks(kind))
    };
    for (index, signal) in binding.signals.iter().enumerate().filter(|(_, s)| !elsewhere(s)) {
        let added = match places.iter_mut().find(|(name, _)| *name == signal.source) {
            Some((_, Ok(place))) => place.add(index, signal),
            Some((_, Err(why))) => Err(why.clone()),
            None => Err(format!("there is no source named {}", signal.source)),
        };
        wrong.extend(added.err().map(|why| (index, why)));
    }
    let asked = places.into_iter().filter_map(|(_, p)| p.ok()).filter(|p| !p.questions.is_empty());
    (asked.collect(), wrong)
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
            ]"#,
        );
        let (places, wrong) = places(&binding);
        assert_eq!((places.len(), wrong.len()), (1, 0));
        let place = &places[0];
        assert_eq!((place.title.as_str(), place.deadline().as_secs()), ("web at web:81", 10));
        let asked: Vec<_> = place.questions.iter().map(|q| (q.text.as_str(), q.wanted.len())).collect();
        assert_eq!(asked, [("/health", 3), ("/other", 1)]);
        assert_eq!(place.questions[0].wanted[2], Wanted { signal: 2, scale: 2.0, aspect: Aspect::Status });
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
        let (places, wrong) = places(&binding);
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
