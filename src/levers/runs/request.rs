//! A step that is one request, sent by its supervisor: once, and never again. What was sent and got no
//! answer is not known. Redirects are followed only where the command says so and nothing is changed by
//! it: three at most, to no private address, and without secrets once the host is another.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::Url;
use tokio::time::{sleep, timeout};

use super::fail;
use crate::levers::curl::{Call, Words};
use crate::levers::exact::address;
use crate::levers::run::Ending;
use crate::levers::wire::{Answered, Got, Header, Line, Pinned, once};
use crate::text;

/// Between two looks for a wish to stop.
const LOOK: Duration = Duration::from_millis(20);

/// Redirects that are followed.
const REDIRECTS: usize = 3;

/// Headers that are meant for one host, whatever is in them.
const OF_HOST: &[&str] = &["authorization", "cookie", "proxy-authorization"];

/// What became of a request.
pub(super) struct Done {
    /// None where nobody knows.
    pub ending: Option<Ending>,
    /// Why nobody knows.
    pub why: String,
    /// What is shown of the answer.
    pub said: String,
}

impl Done {
    fn unknown(why: impl Into<String>) -> Self {
        Self { ending: None, why: why.into(), said: String::new() }
    }

    fn not_sent(why: impl Into<String>) -> Self {
        Self { ending: Some(Ending::NotStarted(why.into())), why: String::new(), said: String::new() }
    }

    fn answered(answer: &Answered, more: &str) -> Self {
        let mut said = format!("HTTP {}\n{}", answer.status, String::from_utf8_lossy(&answer.body));
        if answer.is_cut {
            said.push_str("\n… the answer is longer");
        }
        if !more.is_empty() {
            said = format!("{}\n{more}", said.trim_end());
        }
        let ending = Some(Ending::Answered(answer.status.as_u16()));
        Self { ending, why: String::new(), said: said.trim_end().to_owned() + "\n" }
    }
}

/// Sends it, with variables from this process. Waits.
pub(super) fn send(call: &Call, within: Duration, is_stopped: &dyn Fn() -> bool) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(e) => return Done::not_sent(format!("nothing can be sent from here: {e}")),
    };
    let done = runtime.block_on(async {
        tokio::select! {
            done = timeout(within, carried_out(call, within)) => done.unwrap_or_else(|_| {
                Done::unknown(format!("no answer within {} s", within.as_secs_f64()))
            }),
            () = wished(is_stopped) => Done::unknown("it was stopped before an answer came; it may be done"),
        }
    });
    // A name that is being looked up must not hold the process.
    runtime.shutdown_background();
    done
}

async fn wished(is_stopped: &dyn Fn() -> bool) {
    while !is_stopped() {
        sleep(LOOK).await;
    }
}

async fn carried_out(call: &Call, within: Duration) -> Done {
    let first = filled(call).and_then(|line| Ok((address(&line.url)?, line)));
    let (mut url, mut line) = match first {
        Ok((url, line)) => (url, line),
        Err(why) => return Done::not_sent(why),
    };
    let (mut pinned, mut hops) = (None, 0);
    loop {
        fail::point("before-send");
        let got = once(&line, &url, within, pinned.as_ref()).await;
        fail::point("after-send");
        let answer = match got {
            Got::Answer(answer) => answer,
            Got::NotSent(why) => return Done::not_sent(why),
            Got::Silence(why) => return Done::unknown(why),
        };
        let Some(to) = answer.to.as_ref().filter(|_| answer.status.is_redirection()) else {
            return Done::answered(&answer, "");
        };
        if !call.follows() {
            return Done::answered(&answer, "it leads to another address; that is followed only with -L");
        }
        hops += 1;
        match next(&url, to, hops).await {
            Err(why) => return Done::answered(&answer, &format!("it leads to another address: {why}")),
            Ok((next, addresses)) => {
                if next.origin() != url.origin() {
                    line.headers.retain(|header| !header.is_secret);
                }
                (url, pinned) = (next, addresses);
            }
        }
    }
}

/// The request with its variables in place.
fn filled(call: &Call) -> Result<Line, String> {
    let value = |name: &str| std::env::var(name).ok();
    let header = |(name, words): &(String, Words)| {
        let is_secret = words.variables().next().is_some() || OF_HOST.contains(&name.to_lowercase().as_str());
        Ok(Header { name: name.clone(), value: words.filled(&value)?, is_secret })
    };
    Ok(Line {
        method: call.method().to_owned(),
        url: call.url().filled(&value)?,
        headers: call.headers().iter().map(header).collect::<Result<_, String>>()?,
        body: call.body().map(|body| body.filled(&value)).transpose()?,
    })
}

/// Where a redirect leads, and the addresses of another host that were looked at, so that no other is
/// called.
async fn next(from: &Url, to: &str, hops: usize) -> Result<(Url, Option<Pinned>), String> {
    if hops > REDIRECTS {
        return Err(format!("not followed after {REDIRECTS} others"));
    }
    let to = from.join(to).map_err(|_| "it is none".to_owned())?;
    let to = address(to.as_str())?;
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err("from https to http, not followed".to_owned());
    }
    let (Some(host), Some(port)) = (to.host_str(), to.port_or_known_default()) else {
        return Err("it names no host".to_owned());
    };
    if from.host_str() == Some(host) {
        return Ok((to, None));
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found =
        tokio::net::lookup_host((bare, port)).await.map_err(|e| format!("{}: {e}", text::clean(host)))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() || found.iter().any(|at| is_private(at.ip())) {
        return Err(format!("{} is an address of an inner network, not followed", text::clean(host)));
    }
    let pinned = Pinned { host: host.to_owned(), at: found };
    Ok((to, Some(pinned)))
}

fn is_private(at: IpAddr) -> bool {
    match at {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            let inner = v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared;
            inner || v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast() || v4.octets()[0] == 0
        }
        IpAddr::V6(v6) => match v6.to_ipv4() {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_networks_are_known() {
        for inner in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(is_private(inner.parse().unwrap()), "{inner}");
        }
        for outer in ["93.184.216.34", "2606:2800::1", "100.128.0.1"] {
            assert!(!is_private(outer.parse().unwrap()), "{outer}");
        }
    }

    #[test]
    fn where_a_redirect_may_not_lead_it_is_not_followed() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let from: Url = "https://shop.test/a".parse().unwrap();
        let led = |to: &str, hops| runtime.block_on(next(&from, to, hops)).map(|(url, _)| url.to_string());
        assert_eq!(led("/b", 1).unwrap(), "https://shop.test/b");
        for (to, hops) in [
            ("/b", 4),
            ("file:///etc/passwd", 1),
            ("http://shop.test/b", 1),
            ("https://169.254.169.254/latest", 1),
            ("https://[::1]/", 1),
            ("https://ana:x@shop.test/", 1),
            ("ftp://shop.test/", 1),
        ] {
            assert!(led(to, hops).is_err(), "{to}");
        }
    }
}
