//! Addresses as they may be shown and remembered: what a parameter with a telling name says is a
//! secret, and so is what stands before an @. Pure.

use sha2::{Digest, Sha256};

use super::hex;
use crate::plan::binding::is_telling;

/// With the first digits of a digest in place of each secret, so that another secret is another text.
pub(super) fn veiled(url: &str) -> String {
    with_parameters(url, |value| {
        let digest = hex(&Sha256::digest(format!("warroom-veil-v1\0{value}")));
        format!("…{}", &digest[..8])
    })
}

/// Without any secret, also where it is no address at all.
pub(super) fn without_secrets(url: &str) -> String {
    let url = with_parameters(url, |_| "…".to_owned());
    let start = url.find("://").map_or(0, |at| at + 3);
    match url.rfind('@').filter(|at| *at >= start) {
        Some(at) => format!("{}…{}", &url[..start], &url[at..]),
        None => url,
    }
}

fn with_parameters(url: &str, of: impl Fn(&str) -> String) -> String {
    let Some((before, query)) = url.split_once('?') else { return url.to_owned() };
    let (query, end) = query.split_at(query.find('#').unwrap_or(query.len()));
    let one = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if is_telling(name) && !value.is_empty() => format!("{name}={}", of(value)),
        _ => pair.to_owned(),
    };
    let all: Vec<String> = query.split('&').map(one).collect();
    format!("{before}?{}{end}", all.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_in_an_address_is_not_shown() {
        let url = "https://x/hook?token=sesame&page=2&API_KEY=open#end";
        let shown = veiled(url);
        assert!(
            shown.starts_with("https://x/hook?token=…") && shown.contains("&page=2&API_KEY=…"),
            "{shown}"
        );
        assert!(shown.ends_with("#end") && !shown.contains("sesame") && !shown.contains("open"), "{shown}");
        assert_ne!(shown, veiled(&url.replace("sesame", "other")), "another secret is another address");
        for plain in ["https://x/a", "https://x/?q=sum(rate(x[5m]))", "echo 1?"] {
            assert_eq!(veiled(plain), plain);
        }
        assert_eq!(without_secrets("http://ana:a/b@c@x:1/p?sig=z"), "http://…@x:1/p?sig=…");
        assert_eq!(without_secrets("https://x/a"), "https://x/a");
    }
}
