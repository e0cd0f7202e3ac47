//! Limits in the query language of Prometheus: a query, a comparison, a number.
//!
//! Called by `limits`, `limit_tables` and `limit_fences`; what is no query is left to `limit`.

use super::limit::{Limit, scan};

/// Whether a text holds a query: a function or a sum over a series with a range or with labels.
pub(crate) fn is_query(text: &str) -> bool {
    let range = || {
        text.match_indices('[').any(|(at, _)| {
            let inside = &text[at + 1..];
            let digits = inside.len() - inside.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            digits > 0 && inside[digits..].starts_with(['s', 'm', 'h', 'd', 'w'])
        })
    };
    let labels = || ["=\"", "=~", "!=\"", "!~"].iter().any(|mark| text.contains(mark)) && text.contains('{');
    text.contains('(') && text.contains(')') && (range() || labels())
}

/// `sum(rate(http_errors_total[5m])) / sum(…) > 0.02`: the first series against a number at the end.
pub(crate) fn compared(query: &str) -> Option<Limit> {
    let (at, _) = query.char_indices().rfind(|(_, c)| matches!(c, '<' | '>'))?;
    let (left, right) = (query.get(..at)?, query.get(at..)?);
    let number = right.trim_start_matches(['<', '>', '=', ' ']);
    let plain = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let names = left.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':')));
    let series = names.filter(|name| name.contains('_') && !is_function(name)).find(|name| {
        // "le_class=" inside braces is a label of a series.
        let end = name.as_ptr() as usize - left.as_ptr() as usize + name.len();
        !left[end..].trim_start().starts_with(['=', '!'])
    });
    let found = scan(&format!("{} {right}", series.filter(|_| plain)?));
    found.into_iter().next()
}

/// The functions of the query language that have a line in their name.
fn is_function(name: &str) -> bool {
    name.ends_with("_over_time")
        || matches!(
            name,
            "histogram_quantile"
                | "label_replace"
                | "label_join"
                | "predict_linear"
                | "group_left"
                | "group_right"
                | "count_values"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Cmp, Value};

    #[test]
    fn a_query_with_a_number_is_a_limit() {
        let ratio = "sum(rate(http_errors_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.02 for 5 min";
        assert!(is_query(ratio));
        let limit = compared(ratio).expect("a limit");
        assert_eq!(
            (limit.metric.as_str(), limit.cmp, limit.value),
            ("http_errors_total", Cmp::More, Some(Value::One(0.02)))
        );
        assert_eq!(limit.hold, Some(300.0));
        assert_eq!(compared("sum(rate(a_total[5m])) > sum(rate(b_total[5m]))"), None, "no number");
    }

    #[test]
    fn prose_is_no_query() {
        for text in
            ["Error rate (5xx) > 5%", "p99 [see docs] (ms) < 800", "errors {a} (b) = 3", "x[0] (y) > 1"]
        {
            assert!(!is_query(text), "{text}");
        }
    }
}
