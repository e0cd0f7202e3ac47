//! Alertmanager's second API: how many alerts are active as a signal, and silences written both
//! ways. Its shapes: <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>.
//!
//! [`silence`], [`unsilence`] and [`silences`] wait for the server, so no loop may call them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Client, Method, Url};
use serde::{Deserialize, Serialize};

use super::adapter::Answer;
use super::client::{self, Clients, Reply};
use super::fault::{Fault, words};
use super::probe::now;
use super::question::{self, Place, Question};
use super::secret;
use super::secret::Keys;
use crate::plan::binding::Source;

/// A silence is written or read within this.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server.
#[derive(Debug)]
pub(super) struct Alerts {
    base: Url,
    client: Client,
}

/// Alerts that nobody is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// The server's name of it; none for one that is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which alerts: those that all of these fit.
    pub matchers: Vec<Matcher>,
    /// From when on.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// Who.
    pub created_by: String,
    /// Why.
    pub comment: String,
}

/// What a label has to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    /// The label's name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether the value is a regular expression.
    pub is_regex: bool,
    /// Whether it has to fit; otherwise it must not.
    #[serde(default = "yes")]
    pub is_equal: bool,
}

fn yes() -> bool {
    true
}

impl Matcher {
    /// A label that has exactly this value.
    pub fn equal(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.to_owned(), is_regex: false, is_equal: true }
    }

    /// `severity=~"page|low"`, with or without quotation marks.
    fn parse(text: &str) -> Option<Self> {
        let at = text.find(['=', '!'])?;
        let (name, rest) = (text[..at].trim(), &text[at..]);
        let operators = [("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true)];
        let (word, is_regex, is_equal) = operators.into_iter().find(|(word, ..)| rest.starts_with(word))?;
        let value = rest[word.len()..].trim();
        let value = if value.starts_with('"') { serde_json::from_str(value).ok()? } else { value.to_owned() };
        (!name.is_empty()).then(|| Self { name: name.to_owned(), value, is_regex, is_equal })
    }

    /// Whether a label with this value fits; values are matched whole.
    fn fits(&self, value: &str) -> bool {
        let same = match self.is_regex {
            true => regex::Regex::new(&format!("^(?:{})$", self.value)).is_ok_and(|r| r.is_match(value)),
            false => self.value == value,
        };
        same == self.is_equal
    }
}

impl Silence {
    /// Whether it silences every alert that `asked` can mean, as far as that follows from the matchers.
    pub fn covers(&self, asked: &[Matcher]) -> bool {
        let exactly = |name: &str| asked.iter().find(|m| m.name == name && m.is_equal && !m.is_regex);
        let implied = |m: &Matcher| asked.contains(m) || exactly(&m.name).is_some_and(|a| m.fits(&a.value));
        self.matchers.iter().all(implied)
    }
}

/// A silence that a server knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// As it is there.
    pub silence: Silence,
    /// It ended, or was ended; servers remember those for some days.
    pub over: bool,
}

#[derive(Deserialize)]
struct Alert {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    #[serde(rename = "silenceID")]
    silence_id: String,
}

#[derive(Deserialize)]
struct Kept {
    #[serde(flatten)]
    silence: Silence,
    status: Status,
}

impl Alerts {
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        let (base, client) = clients.open(place, keys)?;
        Ok(Self { base, client })
    }

    /// How many alerts that fit the matchers are active, neither silenced nor inhibited.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        let mut url = self.api(&["alerts"]);
        for (name, value) in [("active", "true"), ("silenced", "false"), ("inhibited", "false")] {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.query_pairs_mut().extend_pairs(matchers(&question.text).iter().map(|m| ("filter", m)));
        let reply = client::get(&self.client, url).await?;
        let alerts: Vec<Alert> = read(&reply)?;
        let active = alerts.iter().filter(|a| a.status.state == "active").count();
        Ok(Answer { wait: reply.wait, ..Answer::same(question, Ok(now(active as f64))) })
    }

    fn api(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v2"]).extend(path);
        }
        url
    }

    async fn silence(&self, silence: &Silence) -> Result<String, Fault> {
        let made: Made = read(&client::send(self.client.post(self.api(&["silences"])).json(silence)).await?)?;
        Ok(made.silence_id)
    }

    async fn listed(&self) -> Result<Vec<Listed>, Fault> {
        let kept: Vec<Kept> = read(&client::get(&self.client, self.api(&["silences"])).await?)?;
        let listed = |k: Kept| Listed { over: k.status.state == "expired", silence: k.silence };
        Ok(kept.into_iter().map(listed).collect())
    }

    async fn unsilence(&self, id: &str) -> Result<(), Fault> {
        let url = self.api(&["silence", id]);
        let reply = client::send(self.client.request(Method::DELETE, url)).await?;
        if reply.status.is_success() { Ok(()) } else { Err(refused(&reply)) }
    }
}

/// Matchers parted at commas outside quotation marks; `*` is every alert.
fn matchers(query: &str) -> Vec<String> {
    let (mut parts, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in query.trim().trim_start_matches('{').trim_end_matches('}').chars() {
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        match c {
            ',' if !quoted => parts.push(String::new()),
            _ => parts.last_mut().expect("there is one from the start").push(c),
        }
    }
    let parts = parts.iter().map(|p| p.trim().to_owned());
    parts.filter(|p| !p.is_empty() && p != "*").collect()
}

fn read<T: serde::de::DeserializeOwned>(reply: &Reply) -> Result<T, Fault> {
    if !reply.status.is_success() {
        return Err(refused(reply));
    }
    client::shallow(&reply.body)?;
    serde_json::from_slice(&reply.body)
        .map_err(|_| Fault::answer("answered with something that is not Alertmanager's JSON"))
}

/// Its errors are a JSON text, or an object with a message.
fn refused(reply: &Reply) -> Fault {
    let said: Option<serde_json::Value> = client::shallow(&reply.body)
        .ok()
        .and_then(|()| serde_json::from_slice(&reply.body[..reply.body.len().min(4096)]).ok());
    let text = said.and_then(|v| v.as_str().or(v["message"].as_str()).map(words));
    let what = text.map_or_else(|| client::answered(reply), |t| format!("says: {t}"));
    Fault { wait: reply.wait, ..Fault::answer(what) }
}

/// Writes a silence to the server of a source of kind `alertmanager`; gives its id there.
///
/// # Errors
/// A sentence without any secret.
pub fn silence(source: &Source, silence: &Silence) -> Result<String, String> {
    outside(source, async |alerts| alerts.silence(silence).await)
}

/// The silences that are active or pending there, whoever made them.
///
/// # Errors
/// A sentence without any secret.
pub fn silences(source: &Source) -> Result<Vec<Silence>, String> {
    let listed = listed(source)?.into_iter().filter(|l| !l.over);
    Ok(listed.map(|l| l.silence).collect())
}

/// As [`silences`], with those that are over.
///
/// # Errors
/// A sentence without any secret.
pub fn listed(source: &Source) -> Result<Vec<Listed>, String> {
    outside(source, async |alerts| alerts.listed().await)
}

/// What the query of a signal says of labels; none where that is not understood.
pub fn understood(query: &str) -> Option<Vec<Matcher>> {
    matchers(query).iter().map(|text| Matcher::parse(text)).collect()
}

/// Ends a silence.
///
/// # Errors
/// A sentence without any secret.
pub fn unsilence(source: &Source, id: &str) -> Result<(), String> {
    outside(source, async |alerts| alerts.unsilence(id).await)
}

/// Does one thing at the server, within its time, and strikes the secrets out of what it says.
fn outside<T>(source: &Source, deed: impl AsyncFnOnce(&Alerts) -> Result<T, Fault>) -> Result<T, String> {
    let place = question::Place::new(source, "")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| format!("{} cannot be asked: {e}", place.title))?;
    let done = runtime.block_on(async {
        let keys = secret::fetch(&place).await.map_err(|why| format!("{}: {why}", place.title))?;
        let clients = Clients::default();
        let alerts =
            Alerts::open(&place, &keys, &clients).map_err(|why| format!("{}: {why}", place.title))?;
        let done = tokio::time::timeout(PATIENCE, deed(&alerts)).await;
        let done = done.unwrap_or_else(|_| Err(Fault::silent(PATIENCE)));
        done.map_err(|fault| format!("{} {}", place.title, secret::struck(&keys.hidden, &fault.what)))
    });
    runtime.shutdown_background();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_covers_what_follows_from_its_matchers() {
        let table = [
            (r#"severity="page""#, r#"severity="page""#, true),
            (r#"severity="page",team="a""#, r#"severity="page""#, true),
            (r#"severity="page""#, r#"severity="page",team="a""#, false),
            (r#"severity="page""#, r#"severity=~"page|low""#, true),
            (r#"severity="page""#, r#"severity=~"pag""#, false),
            (r#"severity="page""#, r#"severity!="low""#, true),
            (r#"severity=~"p.*""#, r#"severity="page""#, false),
            (r#"severity=~"p.*""#, r#"severity=~"p.*""#, true),
            ("severity=page", r#"severity!~"p.*""#, false),
        ];
        let at = Utc::now();
        for (asked, silenced, want) in table {
            let matchers = understood(silenced).unwrap();
            let (created_by, comment) = ("ana".to_owned(), String::new());
            let silence = Silence { id: None, matchers, starts_at: at, ends_at: at, created_by, comment };
            assert_eq!(silence.covers(&understood(asked).unwrap()), want, "{silenced} for {asked}");
        }
        assert_eq!(understood("{oops"), None);
        assert_eq!(understood("*"), Some(vec![]));
    }

    #[test]
    fn matchers_are_parted_outside_quotation_marks() {
        let table: [(&str, &[&str]); 4] = [
            ("*", &[]),
            (r#"{alertname="A,b", severity=~"x|y"}"#, &[r#"alertname="A,b""#, r#"severity=~"x|y""#]),
            (r#"a="\",",b!="c""#, &[r#"a="\",""#, r#"b!="c""#]),
            ("", &[]),
        ];
        for (query, want) in table {
            assert_eq!(matchers(query), want, "{query}");
        }
    }
}
