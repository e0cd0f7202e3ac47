//! One request of a plan's command, sent once over a connection of its own, and what came back. Called by
//! the supervisor of its step.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};
use tokio::time::timeout;

use super::{chain, client};

/// So much of an answer is read.
const READ: usize = 16 * 1024;

/// An answer whose status came is waited for so long.
const REST: Duration = Duration::from_secs(2);

/// Connecting takes no longer.
const CONNECT: Duration = Duration::from_secs(10);

/// A request with its values in place. No `Debug`.
pub(in crate::levers) struct Line {
    pub method: String,
    pub url: String,
    pub headers: Vec<Header>,
    pub body: Option<String>,
}

/// A header with its value. No `Debug`.
pub(in crate::levers) struct Header {
    pub name: String,
    pub value: String,
    /// Meant for one host.
    pub is_secret: bool,
}

/// A host with the only addresses at which it is called.
pub(in crate::levers) struct Pinned {
    pub host: String,
    pub at: Vec<SocketAddr>,
}

/// What somebody answered.
pub(in crate::levers) struct Answered {
    pub status: StatusCode,
    /// The beginning of it.
    pub body: Vec<u8>,
    pub is_cut: bool,
    /// The address that it leads to.
    pub to: Option<String>,
}

/// What came of sending.
pub(in crate::levers) enum Got {
    Answer(Answered),
    /// Nothing went out.
    NotSent(String),
    /// It went out, and no answer came.
    Silence(String),
}

/// Sends a request to an address, once.
pub(in crate::levers) async fn once(line: &Line, to: &Url, within: Duration, at: Option<&Pinned>) -> Got {
    let mut client = client(CONNECT.min(within));
    if let Some(Pinned { host, at }) = at {
        client = client.resolve_to_addrs(host, at);
    }
    let ready = client.build().map_err(chain).and_then(|client| Ok((client, made(line, to)?)));
    let (client, request) = match ready {
        Ok(ready) => ready,
        Err(why) => return Got::NotSent(why),
    };
    match client.execute(request).await {
        Ok(response) => Got::Answer(answered(response).await),
        Err(e) if e.is_connect() || e.is_builder() => Got::NotSent(chain(e)),
        Err(e) => Got::Silence(format!("no answer came: {}", chain(e))),
    }
}

fn made(line: &Line, to: &Url) -> Result<reqwest::Request, String> {
    let method = Method::from_bytes(line.method.as_bytes()).map_err(|e| e.to_string())?;
    let mut request = reqwest::Request::new(method, to.clone());
    for header in &line.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|e| e.to_string())?;
        // Never with the value, which may be a secret.
        let value = HeaderValue::from_bytes(header.value.as_bytes());
        let mut value = value.map_err(|_| format!("the header {name} cannot be sent: its value is none"))?;
        value.set_sensitive(header.is_secret);
        request.headers_mut().append(name, value);
    }
    *request.body_mut() = line.body.clone().map(Into::into);
    Ok(request)
}

async fn answered(mut response: Response) -> Answered {
    let status = response.status();
    let to = response.headers().get("location").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let mut body = vec![];
    let reading = async {
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend_from_slice(&piece);
            if body.len() > READ {
                return;
            }
        }
    };
    let broke_off = timeout(REST, reading).await.is_err();
    let is_cut = broke_off || body.len() > READ;
    body.truncate(READ);
    Answered { status, body, is_cut, to }
}
