//! A JSON page: each query is a path into it (RFC 9535), and all queries of a source are answered
//! from one request. What is no number is an error, never 0.

use reqwest::{Client, Url};
use serde_json::Value;
use serde_json_path::JsonPath;

use super::adapter::Answer;
use super::client::{self, Clients};
use super::fault::{Fault, words};
use super::probe::{below, now};
use super::question::{Aspect, Place, Question};
use super::secret::Keys;

/// A page and what reads it.
#[derive(Debug)]
pub(super) struct Page {
    url: Url,
    client: Client,
}

impl Page {
    pub fn open(place: &Place, keys: &Keys, clients: &Clients) -> Result<Self, String> {
        let (base, client) = clients.open(place, keys)?;
        let path = place.source.path.as_deref().filter(|p| !p.is_empty());
        Ok(Self { url: path.map_or_else(|| base.clone(), |path| below(&base, &rooted(path))), client })
    }

    /// Asks once for everybody who wants to know.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        let reply = client::get(&self.client, self.url.clone()).await?;
        let page = client::json(&reply)?;
        let given = question.wanted.iter().map(|wanted| match &wanted.aspect {
            Aspect::Part(path) => number(&page, path).map(now),
            _ => Err(Fault::answer("has no path to a number")),
        });
        Ok(Answer { given: given.collect(), wait: reply.wait, ..Answer::default() })
    }
}

fn rooted(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// What a query means: `count($.items[*])` counts nodes, anything else is a path to one number.
fn parts(query: &str) -> (&str, bool) {
    let counted = query.trim().strip_prefix("count(").and_then(|rest| rest.strip_suffix(')'));
    counted.map_or((query.trim(), false), |path| (path.trim(), true))
}

/// Whether a query can be understood.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(query: &str) -> Result<(), String> {
    let (path, _) = parts(query);
    JsonPath::parse(path).map(drop).map_err(|e| format!("{path:?} is no path into JSON (RFC 9535): {e}"))
}

fn number(page: &Value, query: &str) -> Result<f64, Fault> {
    let (path, counted) = parts(query);
    let parsed =
        JsonPath::parse(path).map_err(|e| Fault::answer(format!("cannot be asked {path:?}: {e}")))?;
    let nodes = parsed.query(page).all();
    match nodes.as_slice() {
        _ if counted => Ok(nodes.len() as f64),
        [] => Err(Fault::answer(format!("has nothing at {path}"))),
        [node] => read(node).ok_or_else(|| {
            let shown = words(&node.to_string().chars().take(60).collect::<String>());
            Fault::answer(format!("has {shown} at {path}, which is no number"))
        }),
        many => Err(Fault::answer(format!("has {} values at {path}; count(…) counts them", many.len()))),
    }
}

/// A number, a number as text, or 1 and 0 for true and false.
fn read(node: &Value) -> Option<f64> {
    match node {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        Value::Bool(on) => Some(f64::from(u8::from(*on))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_number_or_says_why_not() {
        let page = serde_json::json!({"a": 1.5, "b": "0.25 ", "on": true, "no": null, "t": "ok", "n": "NaN",
            "jobs": [{"state": "failed", "n": 3}, {"state": "done", "n": 4}, {"state": "failed", "n": 5}]});
        let table = [
            ("$.a", Ok(1.5)),
            ("$['b']", Ok(0.25)),
            ("$.on", Ok(1.0)),
            ("$.jobs[?@.state == 'done'].n", Ok(4.0)),
            ("count($.jobs[?@.state == 'failed'])", Ok(2.0)),
            ("count($.nothing)", Ok(0.0)),
            ("$.nothing", Err("has nothing at $.nothing")),
            ("$.no", Err("has null at $.no, which is no number")),
            ("$.t", Err("no number")),
            ("$.n", Err("no number")),
            ("$.jobs[*].n", Err("has 3 values at $.jobs[*].n")),
        ];
        for (query, want) in table {
            match (number(&page, query), want) {
                (Ok(got), Ok(want)) => assert_eq!(got, want, "{query}"),
                (Err(fault), Err(want)) => assert!(fault.what.contains(want), "{query}: {}", fault.what),
                (got, _) => panic!("{query}: {got:?}"),
            }
        }
        assert!(check("$.a[").unwrap_err().contains("RFC 9535"));
        assert_eq!(check("count($.a)"), Ok(()));
    }
}
