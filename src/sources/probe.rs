//! A probe: does a path answer, with which status, how fast.

use chrono::Utc;
use reqwest::{Client, Url};

use super::adapter::Answer;
use super::client::{self, Clients, Reply};
use super::fault::{Fault, Kind};
use super::question::{Aspect, Place, Question, Wanted};
use super::secret::Keys;
use crate::signal::Sample;

/// Where the paths are.
#[derive(Debug)]
pub(super) struct Probe {
    base: Url,
    client: Client,
}

impl Probe {
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        let (base, client) = clients.open(place, keys)?;
        Ok(Self { base, client })
    }

    /// Asks a path; each aspect judges for itself what came.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        let reply = client::get(&self.client, below(&self.base, &question.text)).await?;
        let given = question.wanted.iter().map(|w| measure(&w.aspect, &reply)).collect();
        Ok(Answer { given, wait: reply.wait, ..Answer::default() })
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

fn measure(aspect: &Aspect, reply: &Reply) -> Result<Vec<Sample>, Fault> {
    Ok(now(match aspect {
        Aspect::Up => f64::from(u8::from(reply.status.is_success())),
        Aspect::Latency => reply.took.as_secs_f64() * 1e3,
        _ => f64::from(reply.status.as_u16()),
    }))
}

/// One sample of this moment.
pub(super) fn now(value: f64) -> Vec<Sample> {
    vec![Sample { at: Utc::now(), value }]
}
