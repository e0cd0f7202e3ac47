//! A flag's provider over HTTP: reading, and one write that is never repeated.
//!
//! Redirects are not followed, nothing is retried, no connection is used twice and no proxy asked:
//! what was confirmed goes once to the host that was shown. Called on the levers' own thread.

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Method, Request, Response, StatusCode, Url, redirect, retry};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::exact::{Exact, address};
use super::flag::{FlagChange, Outcome, same, value_of};
use crate::plan::binding::FlagBinding;
use crate::text;

/// An answer is read up to here.
const ANSWER: usize = 64 * 1024;

/// So much of a refusal is repeated, in columns.
const WORDS: usize = 200;

/// How long each part of a change may take. Together at most 10 seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// One reading, also the one before the write.
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
            read: Duration::from_secs(1),
            connect: Duration::from_secs(3),
            write: Duration::from_secs(5),
            back: Duration::from_secs(2),
            every: Duration::from_millis(250),
        }
    }
}

/// The client, with what it may take.
pub(super) struct Provider {
    client: Client,
    limits: Limits,
}

/// What came of sending.
enum Sent {
    /// The provider says it took it.
    Taken(Option<String>),
    /// The provider says no.
    Refused(Outcome),
    /// Nothing went out.
    Not(String),
    /// It went out, and no clear answer came.
    Unclear(String),
}

impl Provider {
    /// # Errors
    /// A sentence: the system gives no client.
    pub(super) fn new(limits: Limits) -> Result<Self, String> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(0)
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(limits.connect)
            .build();
        client
            .map(|client| Self { client, limits })
            .map_err(|e| format!("no HTTP client can be made: {}", chain(e)))
    }

    /// What a flag reads.
    ///
    /// # Errors
    /// A sentence with the flag.
    pub(super) async fn read(&self, binding: &FlagBinding) -> Result<Value, String> {
        let said = |why: String| format!("{} cannot be read: {why}", text::clean(&binding.name));
        let url = address(&binding.read).map_err(said)?;
        match timeout(self.limits.read, self.ask(url)).await {
            Ok(answer) => answer.map_err(said),
            Err(_) => Err(said(format!("no answer within {}", seconds(self.limits.read)))),
        }
    }

    /// Reads, writes once, and reads back. What was shown as the value before must still be it,
    /// where it can be read at all: a provider whose readings are down must not block a way back.
    pub(super) async fn change(&self, binding: &FlagBinding, change: &FlagChange) -> Outcome {
        if let Some(from) = &change.from
            && let Ok(now) = self.read(binding).await
            && !same(from, &now)
        {
            let flag = text::clean(&change.flag);
            return Outcome::Failed(format!(
                "{flag} reads {now} now, not {from} as was shown; nothing was sent"
            ));
        }
        match self.send(&change.request).await {
            Sent::Refused(outcome) => outcome,
            Sent::Not(why) => Outcome::Failed(format!("{why}; nothing was sent")),
            Sent::Taken(request_id) => self.read_back(binding, change, request_id).await,
            Sent::Unclear(why) => {
                let reading = self.read(binding).await.map_or_else(|e| e, |now| format!("it reads {now}"));
                Outcome::Unknown(format!("{why}; {reading}"))
            }
        }
    }

    async fn read_back(
        &self,
        binding: &FlagBinding,
        change: &FlagChange,
        request_id: Option<String>,
    ) -> Outcome {
        let least = Instant::now() + self.limits.back;
        loop {
            let reading = self.read(binding).await;
            if let Ok(read_back) = &reading
                && same(read_back, &change.to)
            {
                return Outcome::Done { read_back: read_back.clone(), request_id };
            }
            if Instant::now() >= least {
                let reading = reading.map_or_else(|e| e, |now| format!("it still reads {now}"));
                return Outcome::Unknown(format!("the provider took the change, but {reading}"));
            }
            sleep(self.limits.every).await;
        }
    }

    async fn ask(&self, url: Url) -> Result<Value, String> {
        let mut request = Request::new(Method::GET, url);
        request.headers_mut().insert("accept", HeaderValue::from_static("application/json"));
        let mut response = self.client.execute(request).await.map_err(chain)?;
        if !response.status().is_success() {
            return Err(format!("the provider answered {}", response.status()));
        }
        value_of(&body(&mut response).await?)
    }

    async fn send(&self, exact: &Exact) -> Sent {
        let request = match request(exact) {
            Ok(request) => request,
            Err(why) => return Sent::Not(why),
        };
        match timeout(self.limits.write, self.client.execute(request)).await {
            Err(_) => Sent::Unclear(format!("no answer within {}", seconds(self.limits.write))),
            Ok(Ok(mut response)) => self.judge(&mut response).await,
            Ok(Err(e)) if e.is_connect() || e.is_builder() => Sent::Not(chain(e)),
            Ok(Err(e)) => Sent::Unclear(chain(e)),
        }
    }

    /// A 5xx says nothing about whether the change was made: gateways answer so for the living.
    async fn judge(&self, response: &mut Response) -> Sent {
        let status = response.status();
        match status {
            _ if status.is_success() => Sent::Taken(request_id(response)),
            StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED => {
                Sent::Refused(Outcome::NeedsApproval { status: status.as_u16() })
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
        let answer = timeout(self.limits.read, body(response)).await.ok().and_then(Result::ok);
        let answer = String::from_utf8_lossy(&answer.unwrap_or_default()).into_owned();
        match answer.lines().map(str::trim).find(|l| !l.is_empty()) {
            Some(line) => text::truncate(&text::clean(line), WORDS, "…").into_owned(),
            None => status.canonical_reason().unwrap_or("no reason given").to_owned(),
        }
    }
}

/// Exactly what was shown.
fn request(exact: &Exact) -> Result<Request, String> {
    let method = Method::from_bytes(exact.method().as_bytes()).map_err(|e| e.to_string())?;
    let mut request = Request::new(method, address(exact.url())?);
    for header in exact.headers() {
        let (name, value) = header.split_once(": ").ok_or("a header has no value")?;
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|e| e.to_string())?;
        request.headers_mut().insert(name, HeaderValue::from_str(value).map_err(|e| e.to_string())?);
    }
    *request.body_mut() = Some(exact.body().to_owned().into());
    Ok(request)
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
    let names = ["x-request-id", "request-id", "x-correlation-id"];
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

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
