//! A request, byte for byte as it will be sent and as a confirm box shows it. Pure.
//!
//! Made once, then only looked at: what was shown is what is hashed and what is sent. The transport
//! adds `Host` and `Content-Length`, which follow from the address and the body, and nothing else.

use reqwest::Url;
use sha2::{Digest, Sha256};

use super::hex;
use super::veil::{veiled, without_secrets};
use crate::text;

/// A request. The address stands in the form in which it goes over the wire: a host in letters that
/// only look Latin reads `xn--…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    method: String,
    url: String,
    headers: Vec<String>,
    body: String,
}

impl Exact {
    /// A PUT of JSON.
    ///
    /// # Errors
    /// A sentence: the address is none, is not HTTP, or carries a password.
    pub fn put(url: &str, body: String) -> Result<Self, String> {
        let headers = ["Accept: application/json", "Content-Type: application/json"];
        Ok(Self {
            method: "PUT".to_owned(),
            url: address(url)?.to_string(),
            headers: headers.map(str::to_owned).to_vec(),
            body,
        })
    }

    /// "PUT".
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where it goes.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// "Name: value", in order.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// What is sent.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Host and port, for whoever must know whom this reaches.
    pub fn host(&self) -> String {
        address(&self.url).ok().and_then(|url| host(&url)).unwrap_or_default()
    }

    /// The exact bytes, one line each, in a form in which no character hides; a secret in the address
    /// stands as the first digits of its digest.
    pub fn shown(&self) -> Vec<String> {
        let mut lines = text::exact(&format!("{} {}", self.method, veiled(&self.url)));
        lines.extend(self.headers.iter().flat_map(|h| text::exact(h)));
        lines.push(String::new());
        lines.extend(text::exact(&self.body));
        lines
    }

    /// `sha256:` and the digest of all of it.
    pub fn digest(&self) -> String {
        let mut sum = Sha256::new();
        for part in [&self.method, &self.url, &self.headers.join("\n"), &self.body] {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part);
        }
        format!("sha256:{}", hex(&sum.finalize()))
    }
}

/// An address that can be asked, in the form in which it goes over the wire.
///
/// # Errors
/// A sentence without the address where that carries a password.
pub(super) fn address(url: &str) -> Result<Url, String> {
    let open = without_secrets(url);
    let shown = text::clean(&open);
    let mut parsed = Url::parse(url).map_err(|e| format!("{shown}: is no address: {e}"))?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("an address carries a user name or password; take it out".to_owned());
    }
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(format!("{shown}: begins with neither http:// nor https://"));
    }
    parsed.set_fragment(None);
    Ok(parsed)
}

/// Host and, where it is not the usual one, port.
pub(super) fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_what_is_shown() {
        let url = "http://flags.ex\u{430}mple/a\u{202e}b?c=\u{200b}d#gone";
        let shown = Exact::put(url, "{\"value\":\"\u{202e}\"}".to_owned()).unwrap().shown();
        assert_eq!(shown[0], "PUT http://flags.xn--exmple-4nf/a%E2%80%AEb?c=%E2%80%8Bd");
        assert_eq!(
            shown[1..],
            ["Accept: application/json", "Content-Type: application/json", "", "{\"value\":\"<U+202E>\"}"]
        );
        assert!(shown.iter().all(|l| l.is_ascii() && !l.contains(char::is_control)));
    }

    #[test]
    fn what_is_no_address_is_refused_and_a_password_not_repeated() {
        for url in ["", "/api/flags", "file:///etc/passwd", "ftp://x/", "http://"] {
            assert!(Exact::put(url, String::new()).is_err(), "{url}");
        }
        let why = Exact::put("http://ana:secret@x/", String::new()).unwrap_err();
        assert!(!why.contains("secret"), "{why}");
    }

    #[test]
    fn a_secret_in_an_address_is_not_shown_and_counts() {
        let put = |token: &str| Exact::put(&format!("http://x/f?token={token}"), "1".into()).unwrap();
        let (one, other) = (put("sesame"), put("open"));
        assert!(!one.shown().join("\n").contains("sesame"), "{:?}", one.shown());
        assert!(one.url().contains("sesame") && one.shown() != other.shown());
    }

    #[test]
    fn every_part_counts_for_the_digest() {
        let made = |url: &str, body: &str| Exact::put(url, body.to_owned()).unwrap().digest();
        assert_eq!(made("http://a/b", "1"), made("http://a/b", "1"));
        assert_ne!(made("http://a/b", "1"), made("http://a/b", "2"));
        assert_ne!(made("http://a/b1", ""), made("http://a/b", "1"));
        assert_eq!(Exact::put("http://a:8080/b", String::new()).unwrap().host(), "a:8080");
    }
}
