//! What a change does, byte for byte as it will be sent or written and as a confirm box shows it. Pure.
//!
//! Made once, then only looked at: what was shown is what is hashed and what is sent. The transport
//! adds `Host` and `Content-Length`, which follow from the address and the body, and nothing else.

use reqwest::Url;
use sha2::{Digest, Sha256};

use super::hex;
use super::script::Script;
use super::veil::{veiled, without_secrets};
use crate::text;

/// What will be done: one or several acts in this order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    acts: Vec<Act>,
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Something is sent.
    Send(Request),
    /// A file is changed in one place.
    Edit(Edit),
    /// A shell line is run.
    Run(Script),
}

/// A request. The address stands in the form in which it goes over the wire: a host in letters that
/// only look Latin reads `xn--…`. A secret stands there as `{env:NAME}` and is filled in on the way out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<String>,
    body: String,
}

/// One place in a file, and what comes to stand there. All else stays, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// The file as the binding names it.
    pub path: String,
    /// Where that leads: another path where it is a link.
    pub real: String,
    /// `sha256:` of the whole file before; one that changed since is left alone.
    pub before: String,
    /// The first byte of the place.
    pub at: usize,
    /// The line it stands in, from 1.
    pub line: usize,
    /// What stands there.
    pub old: String,
    /// What is to stand there.
    pub new: String,
}

impl Exact {
    /// Several acts.
    pub(super) fn of(acts: Vec<Act>) -> Self {
        Self { acts }
    }

    /// What is done, in order.
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// Hosts that are reached, and files.
    pub fn reaches(&self) -> Vec<String> {
        let of = |act: &Act| match act {
            Act::Send(request) => request.host(),
            Act::Edit(edit) => edit.real.clone(),
            Act::Run(_) => "a command of this computer".to_owned(),
        };
        let mut all: Vec<String> = self.acts.iter().map(of).collect();
        all.dedup();
        all
    }

    /// The exact bytes, one line each, in a form in which no character hides. Acts are apart by a line.
    pub fn shown(&self) -> Vec<String> {
        let one = |act: &Act| match act {
            Act::Send(request) => request.shown(),
            Act::Edit(edit) => edit.shown(),
            Act::Run(script) => script.shown(),
        };
        let last = self.acts.len();
        let numbered = |(n, act): (usize, &Act)| match last {
            1 => one(act),
            _ => [vec![format!("# {} of {last}", n + 1)], one(act)].concat(),
        };
        self.acts.iter().enumerate().flat_map(numbered).collect()
    }

    /// `sha256:` and the digest of all of it.
    pub fn digest(&self) -> String {
        let mut sum = Sha256::new();
        for part in self.acts.iter().flat_map(Act::parts) {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part);
        }
        format!("sha256:{}", hex(&sum.finalize()))
    }
}

impl Act {
    fn parts(&self) -> Vec<String> {
        match self {
            Act::Send(Request { method, url, headers, body }) => {
                vec![method.clone(), url.clone(), headers.join("\n"), body.clone()]
            }
            Act::Run(script) => vec!["run".into(), script.digest()],
            Act::Edit(Edit { path, real, before, at, line, old, new }) => {
                let place = format!("{at}:{line}");
                vec![
                    "edit".into(),
                    path.clone(),
                    real.clone(),
                    before.clone(),
                    place,
                    old.clone(),
                    new.clone(),
                ]
            }
        }
    }
}

impl Request {
    /// A request; a body of JSON says so in a header.
    ///
    /// # Errors
    /// A sentence: the address is none, is not HTTP, or carries a password; or a header or method that
    /// cannot be sent.
    pub(super) fn new(method: &str, url: &str, headers: &[String], body: String) -> Result<Self, String> {
        let mut all: Vec<String> = headers.to_vec();
        let mut usual = vec![("Accept", "application/json")];
        usual.extend((!body.is_empty()).then_some(("Content-Type", "application/json")));
        for (name, value) in usual.into_iter().rev() {
            if !headers.iter().any(|h| header_name(h).is_some_and(|n| n.eq_ignore_ascii_case(name))) {
                all.insert(0, format!("{name}: {value}"));
            }
        }
        if let Some(wrong) = all.iter().find(|h| header_name(h).is_none() || h.contains(char::is_control)) {
            return Err(format!("{} is no header", text::clean(wrong)));
        }
        if method.is_empty() || !method.chars().all(|c| c.is_ascii_uppercase()) {
            return Err(format!("{} is no method; write PUT, POST or PATCH", text::clean(method)));
        }
        Ok(Self { method: method.to_owned(), url: address(url)?.to_string(), headers: all, body })
    }

    /// "PUT".
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where it goes.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// "Name: value", in order; a secret as `{env:NAME}`.
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

    /// In a few words: method and path.
    pub(super) fn told(&self) -> String {
        let path = address(&self.url).map(|url| url.path().to_owned()).unwrap_or_default();
        format!("{} {}", self.method, text::clean(&path))
    }

    /// One line each, in a form in which no character hides; a secret in the address stands as the first
    /// digits of its digest.
    fn shown(&self) -> Vec<String> {
        let mut lines = text::exact(&format!("{} {}", self.method, veiled(&self.url)));
        lines.extend(self.headers.iter().flat_map(|h| text::exact(h)));
        lines.push(String::new());
        lines.extend(text::exact(&self.body));
        lines
    }
}

impl Edit {
    fn shown(&self) -> Vec<String> {
        let mut lines = text::exact(&format!("EDIT {}", self.path));
        if self.real != self.path {
            lines.extend(text::exact(&format!("which is {}", self.real)));
        }
        let end = self.at + self.old.len();
        lines.push(format!("line {}, bytes {} to {end}, the rest stays", self.line, self.at));
        lines.extend(text::exact(&format!("- {}", self.old)));
        lines.extend(text::exact(&format!("+ {}", self.new)));
        lines
    }
}

/// The name of a "Name: value".
pub(super) fn header_name(header: &str) -> Option<&str> {
    let name = header.split_once(": ")?.0;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
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

    fn put(url: &str, body: &str) -> Result<Exact, String> {
        let request = Request::new("PUT", url, &[], body.to_owned())?;
        Ok(Exact::of(vec![Act::Send(request)]))
    }

    #[test]
    fn nothing_hides_in_what_is_shown() {
        let url = "http://flags.ex\u{430}mple/a\u{202e}b?c=\u{200b}d#gone";
        let shown = put(url, "{\"value\":\"\u{202e}\"}").unwrap().shown();
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
            assert!(put(url, "").is_err(), "{url}");
        }
        let why = put("http://ana:secret@x/", "").unwrap_err();
        assert!(!why.contains("secret"), "{why}");
    }

    #[test]
    fn a_secret_in_an_address_is_not_shown_and_counts() {
        let put = |token: &str| put(&format!("http://x/f?token={token}"), "1").unwrap();
        let (one, other) = (put("sesame"), put("open"));
        assert!(!one.shown().join("\n").contains("sesame"), "{:?}", one.shown());
        let Act::Send(sent) = &one.acts[0] else { panic!("{one:?}") };
        assert!(sent.url().contains("sesame") && one.shown() != other.shown());
    }

    #[test]
    fn every_part_counts_for_the_digest() {
        let made = |url: &str, body: &str| put(url, body).unwrap().digest();
        assert_eq!(made("http://a/b", "1"), made("http://a/b", "1"));
        assert_ne!(made("http://a/b", "1"), made("http://a/b", "2"));
        assert_ne!(made("http://a/b1", ""), made("http://a/b", "1"));
        assert_eq!(put("http://a:8080/b", "").unwrap().reaches(), ["a:8080"]);
        let edit = |at: usize| {
            let (path, old, new) = ("f".to_owned(), "true".to_owned(), "false".to_owned());
            Act::Edit(Edit { real: path.clone(), path, before: String::new(), at, line: 1, old, new })
        };
        assert_ne!(Exact::of(vec![edit(3)]).digest(), Exact::of(vec![edit(4)]).digest());
        assert_ne!(Exact::of(vec![edit(3)]).digest(), Exact::of(vec![edit(3), edit(3)]).digest());
    }

    #[test]
    fn headers_that_cannot_be_sent_are_refused() {
        let made = |headers: &[&str]| {
            let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
            Request::new("POST", "http://a/", &headers, "x".into()).map(|r| r.headers().to_vec())
        };
        assert_eq!(
            made(&["content-type: text/plain"]).unwrap(),
            ["Accept: application/json", "content-type: text/plain"]
        );
        for wrong in ["X", "X:y", "a b: c", "X: a\r\nY: b"] {
            assert!(made(&[wrong]).unwrap_err().ends_with("is no header"), "{wrong:?}");
        }
        assert!(Request::new("put", "http://a/", &[], String::new()).is_err());
    }
}
