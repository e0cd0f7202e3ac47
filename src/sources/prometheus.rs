//! Prometheus and what speaks like it: an instant query for now, a range query for what was before.
//! The API's shapes: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;

use super::adapter::Answer;
use super::client::{self, Clients, Reply};
use super::fault::{Fault, Kind, words};
use super::question::{Aspect, Place, Question, Wanted};
use super::secret::Keys;
use crate::signal::Sample;

/// How far back history is asked for where none is known.
const HISTORY: TimeDelta = TimeDelta::minutes(15);

/// How far back it is asked for at most.
const MOST_HISTORY: TimeDelta = TimeDelta::hours(24);

/// As many points as Prometheus gives for a series.
const MOST_POINTS: usize = 10_000;

/// So many points an answer may have in all, to stay well below the longest body.
const MOST_TOGETHER: usize = 150_000;

/// An answer of more series is none.
const MOST_SERIES: usize = 5_000;

/// Clocks may differ by this much before it is said.
const SKEW: TimeDelta = TimeDelta::seconds(30);

/// A server and how often it is asked.
#[derive(Debug)]
pub(super) struct Api {
    base: Url,
    client: Client,
    every: Duration,
}

/// What one request gave.
#[derive(Debug, Default)]
struct Told {
    series: Vec<Line>,
    warning: Option<String>,
}

/// A series: its metric's name, and its samples, oldest first.
#[derive(Debug)]
struct Line {
    name: String,
    samples: Result<Vec<Sample>, Fault>,
}

impl Api {
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        let (base, client) = clients.open(place, keys)?;
        Ok(Self { base, client, every: place.every })
    }

    /// The newest value.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        let url = api(&self.base, "query");
        // A long query goes where it is bounded by no proxy's idea of an address.
        let asked = with_query(url.clone(), &question.text);
        let form = "application/x-www-form-urlencoded";
        let request = match asked.query().filter(|_| question.is_joined()) {
            Some(query) => self.client.post(url).header(CONTENT_TYPE, form).body(query.to_owned()),
            None => self.client.get(asked),
        };
        let reply = client::send(request).await?;
        let (status, wait) = (reply.status, reply.wait);
        let told = match read(reply) {
            Ok(told) if question.is_joined() && told.series.is_empty() => Err(joint("gives nothing".into())),
            Err(fault) if question.is_joined() && may_do_apart(status) => Err(joint(fault.what)),
            other => other,
        }?;
        let warning = told.warning.clone().or_else(|| skew(&told, Utc::now()));
        Ok(Answer { given: given(question, told), warning, wait })
    }

    /// What was before; None where the server has nothing yet.
    pub async fn past(&self, question: &Question) -> Option<Answer> {
        let url = self.range(question, Utc::now());
        let told = client::get(&self.client, url).await.and_then(read).ok()?;
        let known = !told.series.is_empty();
        known.then(|| Answer { given: given(question, told), ..Answer::default() })
    }

    /// From the newest sample that is known on; the step grows with the time.
    fn range(&self, question: &Question, now: DateTime<Utc>) -> Url {
        let seconds = |at: DateTime<Utc>| format!("{:.3}", at.timestamp_millis() as f64 / 1e3);
        let since = question.wanted.iter().map(|w| w.since.unwrap_or(now - HISTORY)).min();
        let start = since.unwrap_or(now).clamp(now - MOST_HISTORY, now);
        let points = MOST_POINTS.min(MOST_TOGETHER / question.wanted.len().max(1));
        let finest = (now - start).as_seconds_f64() / points as f64;
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

fn with_query(mut url: Url, query: &str) -> Url {
    url.query_pairs_mut().append_pair("query", query);
    url
}

fn joint(what: String) -> Fault {
    Fault::new(Kind::Joint, what)
}

/// Whether a refusal may be of the question and not of who asks, or a server in trouble.
fn may_do_apart(status: StatusCode) -> bool {
    status.is_success() || matches!(status.as_u16(), 400 | 404 | 405 | 411 | 413 | 414 | 415 | 422 | 501)
}

/// What each gets: the one series there is, of its own name where names were joined.
fn given(question: &Question, told: Told) -> Vec<Result<Vec<Sample>, Fault>> {
    if !question.is_joined() {
        return question.wanted.iter().map(|_| single(&told.series)).collect();
    }
    let mut series = told.series;
    // As good as sorted: servers give series in the order of their names.
    series.sort_by(|a, b| a.name.cmp(&b.name));
    let own = |name: &str| {
        let from = series.partition_point(|line| line.name.as_str() < name);
        let count = series[from..].iter().take_while(|line| line.name == name).count();
        &series[from..from + count]
    };
    let part = |wanted: &Wanted| match &wanted.aspect {
        Aspect::Part(name) => single(own(name)),
        _ => Err(Fault::answer("was not asked by name")),
    };
    question.wanted.iter().map(part).collect()
}

/// That the server's clock is another than ours.
fn skew(told: &Told, now: DateTime<Utc>) -> Option<String> {
    let newest =
        told.series.iter().filter_map(|line| line.samples.as_ref().ok()?.last()).map(|s| s.at).max()?;
    let ahead = newest - now;
    let word = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    (ahead.abs() > SKEW).then(|| format!("its clock is {} s {word} this one", ahead.num_seconds().abs()))
}

fn api(base: &Url, name: &str) -> Url {
    let mut url = base.clone();
    url.set_fragment(None);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["api", "v1", name]);
    }
    url
}

/// Where a server tells the names of its metrics, so many at most where it knows that wish.
pub(super) fn names_of(base: &Url, most: usize) -> Url {
    let mut url = api(base, "label");
    if let Ok(mut path) = url.path_segments_mut() {
        path.extend(["__name__", "values"]);
    }
    url.query_pairs_mut().append_pair("limit", &most.to_string());
    url
}

/// A success, read in one go. Nothing in it is copied out of the reply's body.
#[derive(Deserialize)]
struct Success<'b> {
    status: &'b str,
    warnings: Option<Vec<String>>,
    #[serde(borrow)]
    data: Data<'b>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data<'b> {
    #[serde(borrow)]
    Vector(Vec<Instant<'b>>),
    #[serde(borrow)]
    Matrix(Vec<Range<'b>>),
    #[serde(borrow)]
    Scalar(Pair<'b>),
    String(serde::de::IgnoredAny),
}

/// Seconds since 1970, and the value as text.
#[derive(Deserialize)]
struct Pair<'b>(f64, #[serde(borrow)] Cow<'b, str>);

/// Its labels, as far as they are of use.
#[derive(Default, Deserialize)]
struct Labels<'b> {
    #[serde(rename = "__name__", borrow, default)]
    name: Cow<'b, str>,
}

#[derive(Deserialize)]
struct Instant<'b> {
    #[serde(borrow, default)]
    metric: Labels<'b>,
    /// None for a native histogram.
    #[serde(borrow)]
    value: Option<Pair<'b>>,
}

#[derive(Deserialize)]
struct Range<'b> {
    #[serde(borrow, default)]
    metric: Labels<'b>,
    #[serde(borrow, default)]
    values: Vec<Pair<'b>>,
}

/// What a reply says.
fn read(reply: Reply) -> Result<Told, Fault> {
    client::shallow(&reply.body)?;
    let success = serde_json::from_slice::<Success<'_>>(&reply.body).ok().filter(|s| s.status == "success");
    let Some(success) = success else {
        return Err(Fault { wait: reply.wait, ..Fault::answer(refusal(&reply)) });
    };
    let warning = success.warnings.filter(|w| !w.is_empty()).map(|w| words(&w.join("; ")));
    Ok(Told { series: lines(success.data)?, warning })
}

/// What an answer is that is no success.
#[derive(Deserialize)]
struct Envelope {
    status: String,
    error: Option<String>,
}

/// Why an answer cannot be used.
fn refusal(reply: &Reply) -> String {
    let status = reply.status;
    match serde_json::from_slice::<Envelope>(&reply.body) {
        Err(_) if !status.is_success() => format!("answered {status}"),
        Err(_) => "answered with something that is not Prometheus' JSON".to_owned(),
        Ok(Envelope { status, .. }) if status == "success" => {
            "answered with a result that is no number".to_owned()
        }
        Ok(Envelope { error: Some(error), .. }) => format!("says: {}", words(&error)),
        Ok(_) => format!("answered {status}"),
    }
}

/// The series of an answer; one that is no number fails alone.
fn lines(data: Data<'_>) -> Result<Vec<Line>, Fault> {
    let line = |name: Cow<'_, str>, pairs: &[Pair<'_>]| Line {
        name: name.into_owned(),
        samples: pairs.iter().map(sample).collect(),
    };
    let lines: Vec<Line> = match data {
        Data::Vector(all) => all.into_iter().map(instant).collect(),
        Data::Matrix(all) => all.into_iter().map(|r| line(r.metric.name, &r.values)).collect(),
        Data::Scalar(pair) => vec![line(Cow::default(), &[pair])],
        Data::String(_) => return Err(Fault::answer("gives a text instead of a number")),
    };
    match lines.len() {
        n if n > MOST_SERIES => {
            Err(Fault::answer(format!("gives {n} series, more than the limit of {MOST_SERIES}")))
        }
        _ => Ok(lines),
    }
}

fn instant(told: Instant<'_>) -> Line {
    let samples = match &told.value {
        Some(pair) => sample(pair).map(|s| vec![s]),
        None => Err(Fault::answer("gives a histogram instead of a number")),
    };
    Line { name: told.metric.name.into_owned(), samples }
}

/// The samples of the one series there may be.
fn single(series: &[Line]) -> Result<Vec<Sample>, Fault> {
    if series.len() > 1 {
        let several =
            format!("gives {} series for one signal; the query must make one of them", series.len());
        return Err(Fault::answer(several));
    }
    series.first().map_or(Ok(vec![]), |line| line.samples.clone())
}

fn sample(Pair(seconds, text): &Pair<'_>) -> Result<Sample, Fault> {
    let value = text.parse().map_err(|_| Fault::answer(format!("gives {:?} for a number", words(text))))?;
    let at = DateTime::from_timestamp_millis((seconds * 1e3).round() as i64)
        .ok_or_else(|| Fault::answer("gives a time that is none"))?;
    Ok(Sample { at, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Result<(Vec<Sample>, Option<String>), String> {
        let status = reqwest::StatusCode::from_u16(status).unwrap();
        let reply = Reply {
            status,
            kind: String::new(),
            body: body.into(),
            took: Duration::ZERO,
            wait: None,
            certificate: None,
        };
        let told = read(reply).map_err(|f| f.what)?;
        Ok((single(&told.series).map_err(|f| f.what)?, told.warning))
    }

    fn result(kind: &str, result: &str) -> Result<Vec<(f64, f64)>, String> {
        let body = format!(
            r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}},"infos":[]}}"#
        );
        let second = |s: &Sample| s.at.timestamp_millis() as f64 / 1e3;
        told(200, &body).map(|t| t.0.iter().map(|s| (second(s), s.value)).collect())
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
            (told(200, &"[".repeat(100_000)).unwrap_err(), "deeper than 64"),
        ];
        for (said, want) in table {
            assert!(said.contains(want), "{said:?} does not say {want:?}");
        }
    }

    #[test]
    fn warnings_are_kept() {
        let body =
            r#"{"status":"success","warnings":["partial","old"],"data":{"resultType":"vector","result":[]}}"#;
        assert_eq!(told(200, body).unwrap().1.as_deref(), Some("partial; old"));
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
