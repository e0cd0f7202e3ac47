//! Datadog's metrics: the timeseries query of its first API, as its documentation gives it
//! (<https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points>).

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, Url};
use serde::Deserialize;

use super::adapter::Answer;
use super::client::{self, Clients, Reply};
use super::fault::{Fault, words};
use super::question::{Place, Question};
use super::secret::Keys;
use crate::signal::Sample;

/// How far back the newest point may be.
const LOOKBACK: TimeDelta = TimeDelta::minutes(5);

/// How far back history is asked for.
const HISTORY: TimeDelta = TimeDelta::minutes(15);

/// A site.
#[derive(Debug)]
pub(super) struct Metrics {
    base: Url,
    client: Client,
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    status: String,
    error: Option<String>,
    #[serde(default)]
    errors: Vec<String>,
    #[serde(default)]
    series: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    /// Milliseconds since 1970, and the value where there is one.
    #[serde(default)]
    pointlist: Vec<(f64, Option<f64>)>,
}

impl Metrics {
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        let (base, client) = clients.open(place, keys)?;
        Ok(Self { base, client })
    }

    /// The newest point of a query's one series.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        let mut samples = self.points(question, LOOKBACK).await?;
        samples.drain(..samples.len().saturating_sub(1));
        Ok(Answer::same(question, Ok(samples)))
    }

    /// What was before.
    pub async fn past(&self, question: &Question) -> Option<Answer> {
        let samples = self.points(question, HISTORY).await.ok()?;
        Some(Answer::same(question, Ok(samples)))
    }

    async fn points(&self, question: &Question, back: TimeDelta) -> Result<Vec<Sample>, Fault> {
        let now = Utc::now();
        let mut url = self.base.clone();
        url.set_path(&(url.path().trim_end_matches('/').to_owned() + "/api/v1/query"));
        url.query_pairs_mut()
            .append_pair("from", &(now - back).timestamp().to_string())
            .append_pair("to", &now.timestamp().to_string())
            .append_pair("query", &question.text);
        read(&client::get(&self.client, url).await?)
    }
}

fn read(reply: &Reply) -> Result<Vec<Sample>, Fault> {
    let refused = |what: String| Fault { wait: reply.wait, ..Fault::answer(what) };
    client::shallow(&reply.body)?;
    let told: Option<Told> = serde_json::from_slice(&reply.body).ok();
    let Some(mut told) = told else {
        let what = "answered with something that is not Datadog's JSON".to_owned();
        return Err(refused(if reply.status.is_success() { what } else { client::answered(reply) }));
    };
    if !reply.status.is_success() || told.status == "error" {
        let said = told.error.into_iter().chain(told.errors).collect::<Vec<_>>().join("; ");
        let said = if said.is_empty() { client::answered(reply) } else { format!("says: {}", words(&said)) };
        return Err(refused(said));
    }
    if told.status != "ok" {
        return Err(refused("answered with something that is not Datadog's JSON".to_owned()));
    }
    if told.series.len() > 1 {
        let several = told.series.len();
        return Err(refused(format!(
            "gives {several} series for one signal; the query must make one of them"
        )));
    }
    let points = told.series.pop().map(|s| s.pointlist).unwrap_or_default();
    points.into_iter().filter_map(|(at, value)| Some(sample(at, value?))).collect()
}

fn sample(milliseconds: f64, value: f64) -> Result<Sample, Fault> {
    let at = DateTime::from_timestamp_millis(milliseconds.round() as i64);
    Ok(Sample { at: at.ok_or_else(|| Fault::answer("gives a time that is none"))?, value })
}
