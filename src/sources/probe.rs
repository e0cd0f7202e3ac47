//! A probe: does a path answer, with which status, how fast.

use chrono::Utc;
use reqwest::{Client, Url};

use super::client::{self, Reply};
use super::fault::{Fault, Kind};
use super::question::{Aspect, Place, Question};
use crate::signal::Sample;

/// What asking a path gave: an answer, or a fault that each aspect judges for itself.
pub(super) async fn ask(place: &Place, question: &Question, client: &Client) -> Result<Reply, Fault> {
    client::get(client, url(place, question)).await
}

/// The path behind the base's own, on the base's host whatever it says.
fn url(place: &Place, question: &Question) -> Url {
    let mut url = place.url.clone();
    let (path, query) = question.text.split_once('?').map_or((&*question.text, None), |(p, q)| (p, Some(q)));
    let base = url.path().trim_end_matches('/').to_owned();
    url.set_path(&(base + path));
    url.set_query(query);
    url.set_fragment(None);
    url
}

/// What a round measured. That nothing listens, or that a question was taken and never answered,
/// is a measurement of `#up`: 0. That nothing could be reached is none: then nothing is known.
pub(super) fn measure(aspect: Aspect, outcome: &Result<Reply, Fault>) -> Result<Sample, Fault> {
    let value = match (aspect, outcome) {
        (Aspect::Up, Err(fault)) if matches!(fault.kind, Kind::Refused | Kind::Silent) => 0.0,
        (_, Err(fault)) => return Err(fault.clone()),
        (Aspect::Up, Ok(reply)) => f64::from(u8::from(reply.status.is_success())),
        (Aspect::Latency, Ok(reply)) => reply.took.as_secs_f64() * 1e3,
        (Aspect::Status | Aspect::Value, Ok(reply)) => f64::from(reply.status.as_u16()),
    };
    Ok(Sample { at: Utc::now(), value })
}
