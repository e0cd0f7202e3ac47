//! A probe: does a path answer, with which status, how fast; and how long its certificate is good.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, Url};

use super::adapter::Answer;
use super::client::{self, Clients, Reply};
use super::fault::{Fault, Kind};
use super::question::{Aspect, Place, Question, Wanted};
use super::secret::Keys;
use crate::signal::Sample;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// Where the paths are.
#[derive(Debug)]
pub(super) struct Probe {
    base: Url,
    client: Client,
    /// One that shakes hands anew with every question, where somebody asks for the certificate.
    anew: Option<Client>,
    /// What has to stand in the body of what is up.
    expect: String,
}

impl Probe {
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        let (base, client) = clients.open(place, keys)?;
        let asked = place.questions.iter().any(Question::is_certificate);
        let anew = asked.then(|| Clients::anew(place, keys)).transpose()?;
        Ok(Self { base, client, anew, expect: place.source.expect.clone().unwrap_or_default() })
    }

    /// Asks a path; each aspect judges for itself what came.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        if let (Some(client), true) = (&self.anew, question.is_certificate()) {
            let path = question.text.trim_end_matches("#cert");
            let reply = client::get(client, below(&self.base, path)).await?;
            let days = days_left(&self.base, &reply, Utc::now()).map(now);
            return Ok(Answer { wait: reply.wait, ..Answer::same(question, days) });
        }
        let reply = client::get(&self.client, below(&self.base, &question.text)).await?;
        let given = question.wanted.iter().map(|w| Ok(now(self.measure(&w.aspect, &reply)))).collect();
        Ok(Answer { given, wait: reply.wait, ..Answer::default() })
    }

    fn measure(&self, aspect: &Aspect, reply: &Reply) -> f64 {
        match aspect {
            Aspect::Up => f64::from(u8::from(reply.status.is_success() && self.fits(&reply.body))),
            Aspect::Latency => reply.took.as_secs_f64() * 1e3,
            _ => f64::from(reply.status.as_u16()),
        }
    }

    fn fits(&self, body: &[u8]) -> bool {
        String::from_utf8_lossy(body).contains(&self.expect)
    }

    /// That nothing listens, or that a question was taken and never answered, is a measurement of
    /// `#up`: 0. That nothing could be reached is none: then nothing is known.
    pub fn unanswered(wanted: &Wanted, fault: &Fault) -> Result<Vec<Sample>, Fault> {
        match (&wanted.aspect, fault.kind) {
            (Aspect::Up, Kind::Refused | Kind::Silent) => Ok(now(0.0)),
            _ => Err(fault.clone()),
        }
    }
}

/// Days until the certificate of this very connection ends. It was found to be good in the handshake:
/// anything else has failed before.
fn days_left(base: &Url, reply: &Reply, now: DateTime<Utc>) -> Result<f64, Fault> {
    let Some(der) = &reply.certificate else {
        return Err(Fault::answer(match base.scheme() {
            "https" => "is asked through a proxy, which does not show its certificate",
            _ => "is plain HTTP: there is no certificate",
        }));
    };
    let broken = |_| Fault::answer("shows a certificate that cannot be read");
    let ends = Certificate::from_der(der).map_err(broken)?.tbs_certificate.validity.not_after;
    let left = TimeDelta::from_std(ends.to_unix_duration()).unwrap_or(TimeDelta::MAX);
    Ok((left.as_seconds_f64() - now.timestamp_millis() as f64 / 1e3) / 86_400.0)
}

/// A path behind the base's own, on the base's host whatever it says.
pub(super) fn below(base: &Url, asked: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = asked.split_once('?').map_or((asked, None), |(p, q)| (p, Some(q)));
    let base = url.path().trim_end_matches('/').to_owned();
    url.set_path(&(base + path));
    url.set_query(query);
    url.set_fragment(None);
    url
}

/// One sample of this moment.
pub(super) fn now(value: f64) -> Vec<Sample> {
    vec![Sample { at: Utc::now(), value }]
}
