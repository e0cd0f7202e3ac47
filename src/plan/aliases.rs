//! Metrics that are one under several names: "Error rate", "error rates", "5xx rate". Pure.
//!
//! Precision first: what somebody would have to think about stays apart ("API error rate" and "Webhook
//! error rate", a count and a rate). Called by `draft`, which shows what was grouped as a guess.

use std::collections::BTreeSet;

use super::binding::normal;
use super::words::fold;
use super::{Plan, Threshold};

/// One metric under all of its names.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The name it is first given.
    pub name: String,
    /// Other names that a signal of that name would not be found by.
    pub aliases: Vec<String>,
    /// Where it is first named.
    pub line: usize,
    /// Its limits: indices into the plan's.
    pub limits: Vec<usize>,
    /// What all its names mean.
    pub meaning: BTreeSet<String>,
}

/// What a unit measures; limits of two kinds are no one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Share,
    Time,
    Other,
}

/// The metrics of a plan, in the order of their first line.
pub fn families(plan: &Plan) -> Vec<Family> {
    let mut found: Vec<(Family, Option<Measure>)> = vec![];
    for metric in &plan.metrics {
        let names: Vec<&String> = std::iter::once(&metric.name).chain(&metric.aliases).collect();
        let known: Vec<String> = names.iter().map(|n| normal(n)).collect();
        let own = |t: &Threshold| known.contains(&normal(&t.metric));
        let limits: Vec<usize> = (0..plan.thresholds.len()).filter(|i| own(&plan.thresholds[*i])).collect();
        let measure = measure(plan, &limits);
        let meaning = meaning(&metric.name);
        let same = |(f, m): &&mut (Family, Option<Measure>)| f.meaning == meaning && fits(*m, measure);
        match found.iter_mut().find(same) {
            Some((family, known)) => {
                *known = known.or(measure);
                family.limits.extend(limits);
                names.into_iter().for_each(|name| family.add(name));
            }
            None => {
                let (name, line) = (metric.name.clone(), metric.line);
                let mut family = Family { name, aliases: vec![], line, limits, meaning };
                names.into_iter().for_each(|name| family.add(name));
                found.push((family, measure));
            }
        }
    }
    found.into_iter().map(|(family, _)| family).collect()
}

impl Family {
    fn add(&mut self, name: &str) {
        let wanted = normal(name);
        if std::iter::once(&self.name).chain(&self.aliases).all(|known| normal(known) != wanted) {
            self.aliases.push(name.to_owned());
        }
    }
}

fn measure(plan: &Plan, limits: &[usize]) -> Option<Measure> {
    let unit = limits.iter().find_map(|i| plan.thresholds[*i].unit.as_deref())?;
    let word = unit.split_whitespace().next().unwrap_or_default();
    Some(match word {
        "%" => Measure::Share,
        _ if super::span::unit_seconds(&word.to_lowercase()).is_some() => Measure::Time,
        _ => Measure::Other,
    })
}

fn fits(one: Option<Measure>, other: Option<Measure>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// What a name means: its words without order, number and what says nothing, synonyms as one.
pub fn meaning(name: &str) -> BTreeSet<String> {
    const SILENT: &[&str] = &["the", "a", "an", "of", "in", "overall", "current", "total"];
    let text = fold(&spaced(name)).replace("response time", "latency").replace("5 xx", "5xx");
    let text = text.replace("95th percentile", "p95").replace("99th percentile", "p99");
    let mut words: BTreeSet<String> =
        text.split(' ').filter(|w| !w.is_empty() && !SILENT.contains(w)).map(synonym).collect();
    let has = |words: &BTreeSet<String>, word: &str| words.contains(word);
    if words.remove("5xx") {
        words.extend(["error".to_owned()]);
        words.remove("http");
        words.remove("server");
    }
    if has(&words, "success") || has(&words, "conversion") {
        words.remove("rate");
    }
    if has(&words, "queue") {
        for size in ["length", "size", "backlog"] {
            if words.remove(size) {
                words.insert("depth".to_owned());
            }
        }
    }
    if words.len() == 1 && ["cpu", "memory", "disk"].iter().any(|w| has(&words, w)) {
        words.insert("usage".to_owned());
    }
    words
}

/// One of several words for the same, in the singular.
fn synonym(word: &str) -> String {
    let one = match word {
        "latencies" => "latency",
        "uptime" => "availability",
        "utilization" | "utilisation" => "usage",
        "db" => "database",
        "err" => "error",
        "failed" | "fail" => "failure",
        "successful" | "succeeded" => "success",
        "percentage" | "ratio" => "rate",
        "mem" | "ram" => "memory",
        word if word.len() > 3 && !word.ends_with("ss") && !word.ends_with("us") => {
            word.strip_suffix('s').unwrap_or(word)
        }
        word => word,
    };
    one.to_owned()
}

/// "errorRate" as two words.
fn spaced(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_and_what_is_not() {
        for (one, other, same) in [
            ("Error rate", "error rates", true),
            ("Error rate", "5xx rate", true),
            ("Error rate", "Error rate (5xx)", true),
            ("HTTP 5xx rate", "server 5xx error rate", true),
            ("errorRate", "error_rate", true),
            ("p95 latency", "P95 response time", true),
            ("Latency 95th percentile", "p95 latency", true),
            ("Uptime", "Availability", true),
            ("Payment success", "Payment success rate", true),
            ("CPU", "CPU utilization", true),
            ("Queue depth", "queue backlog", true),
            ("DB connections", "Database connections", true),
            ("API error rate", "Webhook error rate", false),
            ("API error rate", "Error rate", false),
            ("Error rate", "Errors", false),
            ("4xx rate", "5xx rate", false),
            ("p95 latency", "p99 latency", false),
            ("p95 latency", "latency", false),
            ("Payment success rate", "Payment failure rate", false),
            ("Login failures", "Login failure rate", false),
            ("Signup conversion", "Checkout conversion", false),
            ("Order backlog", "Order size", false),
            ("Status", "Statu", false),
        ] {
            assert_eq!(meaning(one) == meaning(other), same, "{one} / {other}: {:?}", meaning(other));
        }
    }

    #[test]
    fn a_share_and_a_time_are_not_one() {
        let text =
            b"# P\n## Alerts\n- P1: Error rate > 5%\n- P1: 5xx rate > 10 seconds\n- P2: error rates > 2%\n";
        let plan = crate::plan::read(text, "p");
        let told: Vec<_> =
            families(&plan).into_iter().map(|f| (f.name, f.aliases.len(), f.limits.len())).collect();
        assert_eq!(told, [("Error rate".to_owned(), 0, 2), ("5xx rate".to_owned(), 0, 1)]);
        let text =
            b"# P\n## Alerts\n- P1: Error rate > 5%\n- P1: 5xx rate > 10%\n- P1: API error rate > 1%\n";
        let told: Vec<_> =
            families(&crate::plan::read(text, "p")).into_iter().map(|f| (f.name, f.aliases)).collect();
        assert_eq!(
            told,
            [("Error rate".to_owned(), vec!["5xx rate".to_owned()]), ("API error rate".to_owned(), vec![])]
        );
    }
}
