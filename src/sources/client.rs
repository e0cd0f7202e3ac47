//! HTTP as far as a source may go: bounded bodies, no redirect to another host, no proxy for this
//! machine. Built on the sources' thread, because building one takes milliseconds.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::tls::TlsInfo;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, Url};

use super::fault::{Away, Fault, words};
use super::question::Place;
use super::secret::Keys;

/// A longer answer is no answer; counted after decompression.
const MAX_BODY: usize = 8 << 20;

/// JSON in JSON deeper than this is no answer.
const MAX_DEPTH: usize = 64;

/// A document of more values is no answer: each takes a hundred times its letters in memory.
const MAX_VALUES: usize = 100_000;

/// More redirects than this are a circle.
const MAX_REDIRECTS: usize = 3;

/// The clients built so far, by whether they are for plain HTTP on this machine and by their patience.
#[derive(Default)]
pub(super) struct Clients(Mutex<Vec<(bool, Duration, Client)>>);

impl Clients {
    /// The address of a place and a client for it: a shared one, or where something has to be sent
    /// with every question one of its own.
    ///
    /// # Errors
    /// A sentence: no address, or the system gives no client.
    pub fn open(&self, place: &Place, keys: &Keys) -> Result<(Url, Client), String> {
        let url = Url::parse(&place.source.url).map_err(|e| format!("has no usable url: {e}"))?;
        let client = match keys.headers.is_empty() {
            true => self.shared(is_here(&url), place.deadline()),
            false => build(is_here(&url), place.deadline(), keys.headers.clone()),
        };
        Ok((url, client.map_err(|e| format!("no HTTP client: {}", e.without_url()))?))
    }

    /// One that keeps no connection, so that every question sees the certificate that is shown now.
    ///
    /// # Errors
    /// A sentence: the system gives no client.
    pub fn anew(place: &Place, keys: &Keys) -> Result<Client, String> {
        let here = Url::parse(&place.source.url).is_ok_and(|url| is_here(&url));
        let builder = builder(here, place.deadline(), keys.headers.clone());
        let client = builder.pool_max_idle_per_host(0).tls_info(true).build();
        client.map_err(|e| format!("no HTTP client: {}", e.without_url()))
    }

    fn shared(&self, here: bool, patience: Duration) -> reqwest::Result<Client> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., client)) = known.iter().find(|(h, p, _)| (*h, *p) == (here, patience)) {
            return Ok(client.clone());
        }
        let client = build(here, patience, HeaderMap::new())?;
        known.push((here, patience, client.clone()));
        Ok(client)
    }
}

/// A connection gets less than the whole deadline, so that "cannot be reached" can be told from
/// "does not answer".
fn builder(here: bool, patience: Duration, mut headers: HeaderMap) -> ClientBuilder {
    if here {
        // On one machine packing costs both sides more than it saves.
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    }
    let builder = Client::builder()
        .default_headers(headers)
        .user_agent(concat!("warroom/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::custom(follow))
        .referer(false)
        .connect_timeout(patience.mul_f64(0.8))
        .pool_max_idle_per_host(8);
    // No proxy is asked for what is here, and no certificate need be read.
    if here { builder.no_proxy().tls_certs_only([]) } else { builder }
}

fn build(here: bool, patience: Duration, headers: HeaderMap) -> reqwest::Result<Client> {
    builder(here, patience, headers).build()
}

fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    loopback && url.scheme() == "http"
}

fn follow(attempt: Attempt<'_>) -> Action {
    let Some(first) = attempt.previous().first() else { return attempt.follow() };
    if !same_host(first, attempt.url()) {
        let host = attempt.url().host_str().unwrap_or("nowhere").to_owned();
        let port = attempt.url().port().map(|p| format!(":{p}")).unwrap_or_default();
        return attempt.error(Away(host + &port));
    }
    if attempt.previous().len() > MAX_REDIRECTS { attempt.error("a circle") } else { attempt.follow() }
}

/// The same host and port; from http to https with the usual ports too, never back.
fn same_host(from: &Url, to: &Url) -> bool {
    let upgrade = from.scheme() == "http" && to.scheme() == "https";
    let ports = (from.port_or_known_default(), to.port_or_known_default());
    from.host() == to.host()
        && ((from.scheme() == to.scheme() && ports.0 == ports.1)
            || (upgrade && ports == (Some(80), Some(443))))
}

/// An answer of any status.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: reqwest::StatusCode,
    /// The content type, in small letters.
    pub kind: String,
    pub body: Vec<u8>,
    /// From the question to the last byte.
    pub took: Duration,
    /// How long the server asks to be left alone, as it says it.
    pub wait: Option<Duration>,
    /// The server's own certificate in DER, where its client was made to keep it.
    pub certificate: Option<Vec<u8>>,
}

/// GET, whole.
pub(super) async fn get(client: &Client, url: Url) -> Result<Reply, Fault> {
    send(client.get(url)).await
}

/// A request and its whole answer. Headers are bounded by the library: 100 of them, 400 KiB.
pub(super) async fn send(request: RequestBuilder) -> Result<Reply, Fault> {
    let began = Instant::now();
    let mut response = request.send().await.map_err(|e| Fault::of(&e))?;
    let kind = response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let (status, wait) = (response.status(), retry_after(&response, Utc::now()));
    let shown = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
    let certificate = shown.map(<[u8]>::to_vec);
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|e| Fault::of(&e))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Fault::answer("answered with more than 8 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, kind, body, took: began.elapsed(), wait, certificate })
}

/// The sentence for a status.
pub(super) fn answered(reply: &Reply) -> String {
    format!("answered {}", reply.status)
}

/// A reply that has to be a JSON document.
pub(super) fn json(reply: &Reply) -> Result<serde_json::Value, Fault> {
    let refused = |what: String| Fault { wait: reply.wait, ..Fault::answer(what) };
    if !reply.status.is_success() {
        return Err(refused(answered(reply)));
    }
    let kind = reply.kind.split(';').next().unwrap_or_default().trim();
    if !(kind.ends_with("/json") || kind.ends_with("+json")) {
        let kind = if kind.is_empty() { "nothing named".to_owned() } else { words(kind) };
        return Err(refused(format!("answered with {kind} instead of JSON")));
    }
    shallow(&reply.body)?;
    if reply.body.iter().filter(|b| matches!(b, b',' | b'[' | b'{')).count() > MAX_VALUES {
        return Err(refused(format!("answered with more than {MAX_VALUES} values")));
    }
    serde_json::from_slice(&reply.body).map_err(|_| refused("answered with broken JSON".to_owned()))
}

/// Whether JSON is not too deep to be read.
pub(super) fn shallow(body: &[u8]) -> Result<(), Fault> {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > MAX_DEPTH { Err(Fault::answer("answered with JSON deeper than 64")) } else { Ok(()) }
}

/// RFC 9110: seconds, or a date.
fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_host_is_followed() {
        let table = [
            ("http://a/x", "http://a/y", true),
            ("http://a/x", "https://a/y", true),
            ("https://a/x", "http://a/y", false),
            ("http://a:1/x", "http://a:2/y", false),
            ("http://a:80/x", "https://a:8443/y", false),
            ("http://a/x", "http://b/x", false),
            ("http://a/x", "http://169.254.169.254/", false),
        ];
        for (from, to, want) in table {
            assert_eq!(same_host(&from.parse().unwrap(), &to.parse().unwrap()), want, "{from} to {to}");
        }
    }

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for (url, here) in [
            ("http://localhost:1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:2/x", true),
            ("http://10.0.0.1", false),
            ("https://localhost", false),
        ] {
            assert_eq!(is_here(&url.parse().unwrap()), here, "{url}");
        }
    }
}
