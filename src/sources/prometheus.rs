//! Prometheus and what speaks like it: an instant query for now, a range query for what was before.
//! The API's shapes: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, Url};
use serde::Deserialize;

use super::adapter::Answer;
use super::client::{self, Clients, Reply};
use super::fault::{Fault, words};
use super::question::{Place, Question};
use super::secret::Keys;
use crate::signal::Sample;

/// How far back history is asked for where none is known.
const HISTORY: TimeDelta = TimeDelta::minutes(15);

/// How far back it is asked for at most.
const MOST_HISTORY: TimeDelta = TimeDelta::hours(24);

/// So many points an answer may have: as many as Prometheus gives for a series, and well below
/// the longest body for many.
const MOST_POINTS: usize = 11_000;

/// A server and how often it is asked.
#[derive(Debug)]
pub(super) struct Api {
    base: Url,
    client: Client,
    every: Duration,
}

/// What one request gave.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// Oldest first; none where the server has none.
    samples: Vec<Sample>,
    warning: Option<String>,
}

impl Api {
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        let (base, client) = clients.open(place, keys)?;
        Ok(Self { base, client, every: place.every })
    }

    /// The newest value.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        let told = read(client::get(&self.client, instant(&self.base, &question.text)).await?)?;
        let warning = told.warning;
        Ok(Answer { warning, ..Answer::same(question, Ok(told.samples)) })
    }

    /// What was before; None where the server has nothing yet.
    pub async fn past(&self, question: &Question) -> Option<Answer> {
        let url = self.range(question, Utc::now());
        let told = client::get(&self.client, url).await.and_then(read).ok()?;
        let known = !told.samples.is_empty();
        known.then(|| Answer::same(question, Ok(told.samples)))
    }

    /// From the newest sample that is known on; the step grows with the time.
    fn range(&self, question: &Question, now: DateTime<Utc>) -> Url {
        let seconds = |at: DateTime<Utc>| format!("{:.3}", at.timestamp_millis() as f64 / 1e3);
        let since = question.wanted.iter().map(|w| w.since.unwrap_or(now - HISTORY)).min();
        let start = since.unwrap_or(now).clamp(now - MOST_HISTORY, now);
        let finest = (now - start).as_seconds_f64() / MOST_POINTS as f64;
        let step = self.every.as_secs_f64().max(1.0).max(finest.ceil());
        let mut url = api(&self.base, "query_range");
        url.query_pairs_mut()
            .append_pair("query", &question.text)
            .append_pair("start", &seconds(start))
            .append_pair("end", &seconds(now))
            .append_pair("step", &step.to_string());
        url
    }
}

fn instant(base: &Url, query: &str) -> Url {
    let mut url = api(base, "query");
    url.query_pairs_mut().append_pair("query", query);
    url
}

fn api(base: &Url, name: &str) -> Url {
    let mut url = base.clone();
    url.set_fragment(None);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["api", "v1", name]);
    }
    url
}

/// The envelope of an answer; `data` is looked at once it is known to be a success.
#[derive(Deserialize)]
struct Envelope {
    status: String,
    error: Option<String>,
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Success {
    data: Data,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<Instant>),
    Matrix(Vec<Range>),
    Scalar(Pair),
    String(serde::de::IgnoredAny),
}

/// Seconds since 1970, and the value as text.
type Pair = (f64, String);

#[derive(Deserialize)]
struct Instant {
    /// None for a native histogram.
    value: Option<Pair>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    values: Vec<Pair>,
}

/// What a reply says.
fn read(reply: Reply) -> Result<Told, Fault> {
    let status = reply.status;
    let refused = |what: String| Fault { wait: reply.wait, ..Fault::answer(what) };
    let envelope = match serde_json::from_slice::<Envelope>(&reply.body) {
        Ok(envelope) => envelope,
        Err(_) if !status.is_success() => return Err(refused(format!("answered {status}"))),
        Err(_) => return Err(refused("answered with something that is not Prometheus' JSON".into())),
    };
    if envelope.status != "success" {
        let error = envelope
            .error
            .as_deref()
            .map_or_else(|| format!("answered {status}"), |e| format!("says: {}", words(e)));
        return Err(refused(error));
    }
    let success: Success = serde_json::from_slice(&reply.body)
        .map_err(|_| refused("answered with a result that is no number".into()))?;
    let warning = envelope.warnings.filter(|w| !w.is_empty()).map(|w| words(&w.join("; ")));
    Ok(Told { samples: single(success.data)?, warning })
}

/// The samples of the one series there may be.
fn single(data: Data) -> Result<Vec<Sample>, Fault> {
    let mut series: Vec<Vec<Pair>> = match data {
        Data::Vector(all) => {
            let pairs: Option<Vec<_>> = all.into_iter().map(|i| i.value.map(|v| vec![v])).collect();
            pairs.ok_or_else(|| Fault::answer("gives a histogram instead of a number"))?
        }
        Data::Matrix(all) => all.into_iter().map(|r| r.values).collect(),
        Data::Scalar(pair) => vec![vec![pair]],
        Data::String(_) => return Err(Fault::answer("gives a text instead of a number")),
    };
    if series.len() > 1 {
        let several =
            format!("gives {} series for one signal; the query must make one of them", series.len());
        return Err(Fault::answer(several));
    }
    series.pop().unwrap_or_default().iter().map(sample).collect()
}

fn sample((seconds, text): &Pair) -> Result<Sample, Fault> {
    let value = text.parse().map_err(|_| Fault::answer(format!("gives {:?} for a number", words(text))))?;
    let at = DateTime::from_timestamp_millis((seconds * 1e3).round() as i64)
        .ok_or_else(|| Fault::answer("gives a time that is none"))?;
    Ok(Sample { at, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Result<Told, String> {
        let status = reqwest::StatusCode::from_u16(status).unwrap();
        let reply = Reply { status, body: body.into(), took: Duration::ZERO, wait: None };
        read(reply).map_err(|f| f.what)
    }

    fn result(kind: &str, result: &str) -> Result<Vec<(f64, f64)>, String> {
        let body = format!(
            r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}},"infos":[]}}"#
        );
        let second = |s: &Sample| s.at.timestamp_millis() as f64 / 1e3;
        told(200, &body).map(|t| t.samples.iter().map(|s| (second(s), s.value)).collect())
    }

    #[test]
    fn every_shape_of_an_answer_is_read() {
        let one = |v: &str| format!(r#"[{{"metric":{{"a":"b"}},"value":[1795225842.708,"{v}"]}}]"#);
        assert_eq!(result("vector", &one("0.12")), Ok(vec![(1795225842.708, 0.12)]));
        assert_eq!(result("vector", &one("+Inf")), Ok(vec![(1795225842.708, f64::INFINITY)]));
        assert_eq!(result("vector", &one("-Inf")), Ok(vec![(1795225842.708, f64::NEG_INFINITY)]));
        assert!(result("vector", &one("NaN")).unwrap()[0].1.is_nan());
        assert_eq!(result("vector", &one("1e400")).unwrap()[0].1, f64::INFINITY);
        assert_eq!(result("vector", "[]"), Ok(vec![]));
        assert_eq!(result("scalar", r#"[3,"7"]"#), Ok(vec![(3.0, 7.0)]));
        let matrix = r#"[{"metric":{},"values":[[1,"1"],[2.5,"NaN"],[4,"3"]]}]"#;
        assert_eq!(result("matrix", matrix).unwrap().len(), 3);
        assert_eq!(result("matrix", "[]"), Ok(vec![]));
    }

    #[test]
    fn what_is_no_number_says_what_it_is() {
        let table = [
            (result("vector", r#"[{"value":[1,"1"]},{"value":[1,"2"]}]"#).unwrap_err(), "gives 2 series"),
            (
                result("matrix", r#"[{"values":[]},{"values":[]},{"values":[]}]"#).unwrap_err(),
                "gives 3 series",
            ),
            (result("vector", r#"[{"value":[1,"0x1f"]}]"#).unwrap_err(), "\"0x1f\""),
            (result("vector", r#"[{"value":[1,"1_000"]}]"#).unwrap_err(), "for a number"),
            (result("vector", r#"[{"value":[1e300,"1"]}]"#).unwrap_err(), "a time that is none"),
            (result("vector", r#"[{"value":[1,2]}]"#).unwrap_err(), "no number"),
            (result("vector", r#"[{"histogram":[1,{}]}]"#).unwrap_err(), "a histogram"),
            (result("string", r#"[1,"x"]"#).unwrap_err(), "a text"),
            (result("streams", "[]").unwrap_err(), "no number"),
            (told(200, "<html>Please log in</html>").unwrap_err(), "not Prometheus' JSON"),
            (told(502, "<html>").unwrap_err(), "502 Bad Gateway"),
            (
                told(400, r#"{"status":"error","errorType":"bad_data","error":"parse\u001b error"}"#)
                    .unwrap_err(),
                "says: parse  error",
            ),
            (told(200, &"[".repeat(100_000)).unwrap_err(), "not Prometheus' JSON"),
        ];
        for (said, want) in table {
            assert!(said.contains(want), "{said:?} does not say {want:?}");
        }
    }

    #[test]
    fn warnings_are_kept() {
        let body =
            r#"{"status":"success","warnings":["partial","old"],"data":{"resultType":"vector","result":[]}}"#;
        assert_eq!(told(200, body).unwrap().warning.as_deref(), Some("partial; old"));
    }

    #[test]
    fn a_base_with_a_path_stays_below_it() {
        for (base, want) in [
            ("http://h:1", "http://h:1/api/v1/query"),
            ("http://h/prom/", "http://h/prom/api/v1/query"),
            ("http://h/prom?tenant=a#x", "http://h/prom/api/v1/query?tenant=a"),
        ] {
            assert_eq!(api(&base.parse().unwrap(), "query").as_str(), want);
        }
    }
}
