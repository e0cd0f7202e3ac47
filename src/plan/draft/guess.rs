//! Guesses, always shown as such: queries for metrics that everybody names alike, the bad side of a
//! metric, the zone behind an abbreviation. Pure.

use crate::plan::Plan;
use crate::plan::aliases::{Family, meaning};

/// A PromQL query for a metric by the usual names of exporters; none for anything particular.
pub(super) fn query(family: &Family, unit: Option<&str>) -> Option<String> {
    let is = |name: &str| family.meaning == meaning(name);
    let milliseconds = if unit.is_some_and(|u| u.to_lowercase().starts_with("ms")) { " * 1000" } else { "" };
    let quantile = |q: &str| {
        format!(
            "histogram_quantile({q}, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))){milliseconds}"
        )
    };
    let share = |bad: &str| {
        format!(
            "sum(rate(http_requests_total{{status=~\"{bad}\"}}[5m])) / sum(rate(http_requests_total[5m])) * 100"
        )
    };
    Some(match () {
        () if is("Error rate") => share("5.."),
        () if is("4xx rate") => share("4.."),
        () if is("p95 latency") || is("latency") || is("API latency") => quantile("0.95"),
        () if is("p99 latency") => quantile("0.99"),
        () if is("p50 latency") => quantile("0.5"),
        () if is("Availability") => "avg(avg_over_time(up[1h])) * 100".to_owned(),
        () if is("CPU usage") => {
            "100 * (1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[5m])))".to_owned()
        }
        () if is("Memory usage") => {
            "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)".to_owned()
        }
        () => return None,
    })
}

/// The bad side of a metric as its name has it: little success is bad, much failure is.
pub(super) fn direction(family: &Family) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|w| family.meaning.contains(*w));
    let good = has(&[
        "success",
        "availability",
        "coverage",
        "accuracy",
        "conversion",
        "integrity",
        "hit",
        "compliance",
        "throughput",
        "delivery",
        "completion",
    ]);
    let bad = has(&[
        "error",
        "failure",
        "latency",
        "usage",
        "depth",
        "backlog",
        "time",
        "duration",
        "churn",
        "complaint",
        "ticket",
        "timeout",
        "lag",
        "slow",
        "wait",
        "duplicate",
    ]);
    match (good, bad) {
        (true, false) => Some("below"),
        (false, true) => Some("above"),
        _ => None,
    }
}

/// The zone behind an abbreviation of the plan, with that.
pub(super) fn zone(plan: &Plan) -> Option<(String, &'static str)> {
    let said = plan.phases.iter().filter_map(|p| p.window.as_ref()?.zone.clone());
    said.into_iter().find_map(|word| {
        let zone = match word.to_uppercase().as_str() {
            "EST" | "EDT" | "ET" => "America/New_York",
            "CST" | "CDT" | "CT" => "America/Chicago",
            "MST" | "MDT" | "MT" => "America/Denver",
            "PST" | "PDT" | "PT" => "America/Los_Angeles",
            "CET" | "CEST" | "MEZ" | "MESZ" => "Europe/Berlin",
            "GMT" | "BST" => "Europe/London",
            "JST" => "Asia/Tokyo",
            "KST" => "Asia/Seoul",
            "UTC" | "Z" => "UTC",
            _ => return None,
        };
        Some((word, zone))
    })
}
