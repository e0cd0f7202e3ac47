//! Why a source gave no answer that can be used, as one sentence without secrets.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use rustls::CertificateError;

/// Words of others are cut here.
const MAX_WORDS: usize = 200;

/// No answer, or none that can be used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub kind: Kind,
    /// The end of a sentence that begins with the source: "refuses connections".
    pub what: String,
    /// How long the source asks to be left alone.
    pub wait: Option<Duration>,
}

/// How far the question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nowhere: nothing is known about the other side.
    Unreachable,
    /// The other side's machine is there, and nothing listens.
    Refused,
    /// It was taken, and nothing came back in time.
    Silent,
    /// It was answered, and the answer is no use.
    Answer,
    /// The question itself was turned down: joined ones may do one by one.
    Joint,
}

/// A redirect to another host.
#[derive(Debug)]
pub(super) struct Away(pub String);

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redirects to {}, which is not followed", self.0)
    }
}

impl Error for Away {}

impl Fault {
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), wait: None }
    }

    /// An answer that is no use.
    pub fn answer(what: impl Into<String>) -> Self {
        Self::new(Kind::Answer, what)
    }

    pub fn silent(after: Duration) -> Self {
        Self::new(Kind::Silent, format!("gave no complete answer within {:.1} s", after.as_secs_f64()))
    }

    /// What became of a request. The error's own text is not used: it holds the address.
    pub fn of(error: &reqwest::Error) -> Self {
        let cause = |what: &str| format!("{what}: {}", words(&root(error).to_string()));
        if let Some(away) = find::<Away>(error) {
            return Self::answer(away.to_string());
        }
        if let Some(what) = tls(error) {
            return Self::new(Kind::Unreachable, what);
        }
        let io = find::<std::io::Error>(error).map(std::io::Error::kind);
        match io {
            _ if error.is_redirect() => Self::answer("redirects in a circle"),
            _ if error.is_dns() => Self::new(Kind::Unreachable, "cannot be found: no such host name"),
            _ if error.is_connect() && error.is_timeout() => {
                Self::new(Kind::Unreachable, "cannot be reached: no connection in time")
            }
            Some(ErrorKind::ConnectionRefused) => Self::new(Kind::Refused, "refuses connections"),
            _ if error.is_connect() => Self::new(Kind::Unreachable, cause("cannot be reached")),
            _ if error.is_body() || error.is_decode() => Self::answer("broke its answer off"),
            Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof) => {
                Self::answer("closed the connection without an answer")
            }
            _ => Self::answer(cause("gave no answer")),
        }
    }
}

/// Words of others, cut to a length that fits a sentence.
pub(super) fn words(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.trim();
    match clean.char_indices().nth(MAX_WORDS) {
        Some((cut, _)) => format!("{}…", &clean[..cut]),
        None => clean.to_owned(),
    }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |e| cause(*e))
}

/// What is behind an error. One of the system that carries another names that one's cause as its own.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(carried) => Some(carried),
        None => error.source(),
    }
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|e| e.downcast_ref())
}

fn root(error: &reqwest::Error) -> &(dyn Error + 'static) {
    chain(error).last().unwrap_or(error)
}

/// What is wrong with the other side's certificate or its TLS; none where it is something else.
fn tls(error: &reqwest::Error) -> Option<String> {
    Some(match find::<rustls::Error>(error)? {
        rustls::Error::InvalidCertificate(why) => certificate(why),
        rustls::Error::InvalidMessage(_) => "cannot be reached: it does not speak TLS".to_owned(),
        other => format!("cannot be reached: {}", words(&other.to_string())),
    })
}

/// Why a certificate is no good; there is no way around it.
fn certificate(why: &CertificateError) -> String {
    let day = |time: &rustls::pki_types::UnixTime| {
        let at = chrono::DateTime::from_timestamp(i64::try_from(time.as_secs()).ok()?, 0)?;
        Some(format!(" ({})", at.format("%-d %b %Y %H:%M UTC")))
    };
    match why {
        CertificateError::Expired => "shows a certificate that is expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("shows a certificate that is expired{}", day(not_after).unwrap_or_default())
        }
        CertificateError::NotValidYet => "shows a certificate that is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("shows a certificate that is not valid yet{}", day(not_before).unwrap_or_default())
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "shows a certificate of another host".to_owned()
        }
        // A signature that does not fit is one of somebody else who bears that authority's name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "shows a certificate that no authority known here has signed; SSL_CERT_FILE names the file of \
             one that is to be trusted"
                .to_owned()
        }
        other => format!("shows a certificate that is no good: {}", words(&other.to_string())),
    }
}
