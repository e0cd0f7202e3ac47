//! Requests over HTTP: questions and writes of flags, and those of plans' commands; none is repeated.
//!
//! Redirects are not followed, nothing is retried, no connection is used twice and no proxy asked:
//! what was confirmed goes once to the host that was shown. Called on the levers' own thread.

mod once;

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Method, Response, StatusCode, redirect, retry};
use tokio::time::timeout;

pub(super) use once::{Answered, Got, Header, Line, Pinned, once};

use super::exact::{Request, address};
use super::flag::Outcome;
use super::providers::references;
use crate::plan::binding::Secret;
use crate::secret::{forms, reveal, struck};
use crate::text;

/// An answer is read up to here.
const ANSWER: usize = 64 * 1024;

/// So much of a refusal is repeated, in columns.
const WORDS: usize = 200;

/// How long each part of a change may take. Together at most 10 seconds where one question makes
/// a reading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// One question; a reading may take several.
    pub read: Duration,
    /// Connecting.
    pub connect: Duration,
    /// The write until its answer.
    pub write: Duration,
    /// The flag is read back at least so long.
    pub back: Duration,
    /// Between two readings.
    pub every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(2),
            connect: Duration::from_secs(3),
            write: Duration::from_millis(3_750),
            back: Duration::from_secs(2),
            every: Duration::from_millis(250),
        }
    }
}

/// The client, with what it may take.
pub(super) struct Wire {
    client: Client,
    limits: Limits,
}

/// What came of sending.
pub(super) enum Sent {
    /// The provider says it took it.
    Taken(Receipt),
    /// The provider says no.
    Refused(Outcome),
    /// Nothing went out.
    Not(String),
    /// It went out, and no clear answer came.
    Unclear(String),
}

/// What the provider said of what it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Receipt {
    pub status: Option<u16>,
    pub request_id: Option<String>,
}

impl Wire {
    /// # Errors
    /// A sentence: the system gives no client.
    pub(super) fn new(limits: Limits) -> Result<Self, String> {
        client(limits.connect)
            .build()
            .map(|client| Self { client, limits })
            .map_err(|e| format!("no HTTP client can be made: {}", chain(e)))
    }

    /// How long things may take.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// The body of an answer; nothing is changed by asking.
    ///
    /// # Errors
    /// A sentence; never with a secret.
    pub(super) async fn ask(&self, question: &Request) -> Result<Vec<u8>, String> {
        let filled = filled(question).await?;
        let struck = |why: String| struck(&filled.hidden, &why);
        match timeout(self.limits.read, self.answer(filled.request)).await {
            Ok(answer) => answer.map_err(struck),
            Err(_) => Err(format!("no answer within {}", seconds(self.limits.read))),
        }
    }

    async fn answer(&self, request: reqwest::Request) -> Result<Vec<u8>, String> {
        let mut response = self.client.execute(request).await.map_err(chain)?;
        if !response.status().is_success() {
            return Err(format!("the provider answered {}", response.status()));
        }
        body(&mut response).await
    }

    /// Sends once; by then, where that is said, or not at all: fetching a secret may take long.
    pub(super) async fn send(&self, request: &Request, by: Option<DateTime<Utc>>) -> Sent {
        let Filled { request, hidden } = match filled(request).await {
            Ok(filled) => filled,
            Err(why) => return Sent::Not(why),
        };
        if late(by) {
            return Sent::Not(LATE.to_owned());
        }
        let sent = match timeout(self.limits.write, self.client.execute(request)).await {
            Err(_) => Sent::Unclear(format!("no answer within {}", seconds(self.limits.write))),
            Ok(Ok(mut response)) => self.judge(&mut response).await,
            Ok(Err(e)) if e.is_connect() || e.is_builder() => Sent::Not(chain(e)),
            Ok(Err(e)) => Sent::Unclear(chain(e)),
        };
        sent.without(&hidden)
    }

    /// A 5xx says nothing about whether the change was made: gateways answer so for the living.
    async fn judge(&self, response: &mut Response) -> Sent {
        let status = response.status();
        match status {
            _ if status.is_success() => {
                Sent::Taken(Receipt { status: Some(status.as_u16()), request_id: request_id(response) })
            }
            StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED => {
                Sent::Refused(Outcome::NeedsApproval { status: status.as_u16() })
            }
            StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => {
                let why = self.reason(response).await;
                Sent::Refused(Outcome::Failed(format!(
                    "the provider answered {}: somebody else changed it meanwhile ({why}); not repeated",
                    status.as_u16()
                )))
            }
            _ if status.is_server_error() => Sent::Unclear(format!("the provider answered {status}")),
            _ => {
                let why = self.reason(response).await;
                Sent::Refused(Outcome::Refused { status: status.as_u16(), why })
            }
        }
    }

    /// The first line of a refusal, else what its number means.
    async fn reason(&self, response: &mut Response) -> String {
        let status = response.status();
        if status.is_redirection() {
            return "the provider answers with another address; redirects are not followed".to_owned();
        }
        let after = response.headers().get("retry-after").and_then(|v| v.to_str().ok());
        let after = after.map(|a| format!("; it wants {} s of rest", text::clean(a))).unwrap_or_default();
        let answer = timeout(self.limits.read, body(response)).await.ok().and_then(Result::ok);
        let answer = String::from_utf8_lossy(&answer.unwrap_or_default()).into_owned();
        match answer.lines().map(str::trim).find(|l| !l.is_empty()) {
            Some(line) => text::truncate(&text::clean(line), WORDS, "…").into_owned() + &after,
            None => status.canonical_reason().unwrap_or("no reason given").to_owned() + &after,
        }
    }
}

impl Sent {
    /// Without any form of any secret that was sent.
    fn without(self, hidden: &[String]) -> Self {
        let clean = |why: String| struck(hidden, &why);
        match self {
            Sent::Taken(Receipt { status, request_id }) => {
                Sent::Taken(Receipt { status, request_id: request_id.map(clean) })
            }
            Sent::Refused(Outcome::Refused { status, why }) => {
                Sent::Refused(Outcome::Refused { status, why: clean(why) })
            }
            Sent::Refused(Outcome::Failed(why)) => Sent::Refused(Outcome::Failed(clean(why))),
            Sent::Refused(other) => Sent::Refused(other),
            Sent::Not(why) => Sent::Not(clean(why)),
            Sent::Unclear(why) => Sent::Unclear(clean(why)),
        }
    }
}

/// Said of what has to be begun anew.
pub(super) const LATE: &str = "it took too long until it could begin";

/// Whether that moment is over.
pub(super) fn late(by: Option<DateTime<Utc>>) -> bool {
    by.is_some_and(|by| Utc::now() > by)
}

/// A client that sends what it is given once to whom it is given, and adds nothing.
fn client(connect: Duration) -> ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .pool_max_idle_per_host(0)
        .referer(false)
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .connect_timeout(connect)
}

/// A request with its secrets in place. No `Debug`.
struct Filled {
    request: reqwest::Request,
    /// Every form of every secret, to be struck out of what is said.
    hidden: Vec<String>,
}

/// Exactly what was shown, with its secrets fetched from where they are kept.
async fn filled(shown: &Request) -> Result<Filled, String> {
    let method = Method::from_bytes(shown.method().as_bytes()).map_err(|e| e.to_string())?;
    let mut request = reqwest::Request::new(method, address(shown.url())?);
    let mut secrets = vec![];
    for header in shown.headers() {
        let (name, value) = header.split_once(": ").ok_or("a header has no value")?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
        let (value, own) = opened(value).await?;
        let mut sent = HeaderValue::from_str(&value).map_err(|_| format!("{name} cannot be sent"))?;
        sent.set_sensitive(!own.is_empty());
        secrets.extend(own);
        request.headers_mut().insert(name, sent);
    }
    *request.body_mut() = Some(shown.body().to_owned().into());
    Ok(Filled { request, hidden: forms(&secrets) })
}

/// A header's value with what its references stand for, and that.
async fn opened(value: &str) -> Result<(String, Vec<String>), String> {
    let (mut text, mut secrets) = (value.to_owned(), vec![]);
    for (place, kept) in references(value) {
        let kept: Secret = kept.parse().map_err(str::to_owned)?;
        let fetched = tokio::task::spawn_blocking(move || reveal(&kept)).await;
        let secret = fetched.unwrap_or_else(|_| Err("fetching its secret broke off".to_owned()))?;
        text = text.replacen(place, &secret, 1);
        secrets.push(secret);
    }
    Ok((text, secrets))
}

async fn body(response: &mut Response) -> Result<Vec<u8>, String> {
    let mut bytes = vec![];
    while let Some(chunk) = response.chunk().await.map_err(chain)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER {
            return Err(format!("the answer is longer than {} KiB", ANSWER / 1024));
        }
    }
    Ok(bytes)
}

/// The provider's own name for a request, as the usual headers give it.
fn request_id(response: &Response) -> Option<String> {
    let names = ["x-request-id", "request-id", "x-correlation-id", "x-vercel-id", "x-trace-id"];
    let value = names.iter().find_map(|name| response.headers().get(*name))?;
    let clean = text::clean(value.to_str().ok()?).into_owned();
    Some(text::truncate(&clean, WORDS, "…").into_owned())
}

/// An error with its causes, without the address, which may hold more than it should.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = vec![error.to_string()];
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        words.push(inner.to_string());
        cause = inner.source();
    }
    words.dedup();
    text::clean(&words.join(": ")).into_owned()
}

pub(super) fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
