//! Limits in one line of text: metric, comparison, number, unit and spans of time.
//!
//! A hand-written scanner over numbers; it says what is written, `limits` decides what counts
//! where. Works in any language of the vocabulary.

use super::clause::*;
use super::hold::*;
use super::limit_compare::{Base, Comparison};
use super::span::{span_at, spans, unit_seconds};
use super::vocabulary::limits::*;
use super::vocabulary::words;
use super::words::{Number, find_word, lowered, number_at};
use super::{Cmp, Value};

/// A limit as one line says it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    /// The metric's name; empty where the line has none.
    pub metric: String,
    /// How it compares; `Threshold` where nothing is written.
    pub cmp: Cmp,
    /// The number or range, none for a state that lasts.
    pub value: Option<Value>,
    /// As written.
    pub unit: Option<String>,
    /// Whether the unit is one of time, in seconds.
    pub time: Option<f64>,
    /// Words that follow the unit: "success rate".
    pub tail: String,
    /// Seconds the breach must last.
    pub hold: Option<f64>,
    /// Seconds of the measuring window.
    pub over: Option<f64>,
    /// Whether the comparison is a sign, not words.
    pub sign: bool,
    /// Whether it is a change and no value: "+20%", "−2%p".
    pub relative: bool,
    /// Whether the number opens what follows the label or the line.
    pub leads: bool,
    /// The first byte of the comparison or number.
    pub start: usize,
    /// The byte after all of it.
    pub end: usize,
}

/// Every limit that `text` may state.
pub(crate) fn scan(text: &str) -> Vec<Limit> {
    if !text.bytes().any(|b| b.is_ascii_digit()) && !text.contains("ero") {
        return Vec::new();
    }
    let lower = lowered(text);
    Scanner { text, lower: &lower, from: 0, found: Vec::new() }.run()
}

/// A number with what stands around it.
struct Amount {
    value: Value,
    unit: Option<String>,
    /// Seconds of one such unit.
    time: Option<f64>,
    /// The byte after number, unit and comparison.
    end: usize,
    comparison: Option<Comparison>,
    /// Whether it is measured against a baseline.
    about_base: bool,
}

/// Walks over the numbers of a line.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) lower: &'a str,
    /// Where the clause of the next limit begins.
    pub(super) from: usize,
    found: Vec<Limit>,
}

impl Scanner<'_> {
    fn run(mut self) -> Vec<Limit> {
        let mut at = 0;
        while let Some(start) = self.next_number(at) {
            let Some(number) = self.number(start) else {
                at = start + 1;
                continue;
            };
            at = self.limit(start, number).max(number.end);
        }
        self.found
    }

    /// The next digit that begins a number of its own, or the next "zero".
    fn next_number(&self, from: usize) -> Option<usize> {
        let zero = find_word(self.lower.get(from..)?, "zero").map(|i| from + i);
        let digit = self.text[from..].char_indices().map(|(i, c)| (from + i, c)).find(|(i, c)| {
            let before = self.text[..*i].chars().next_back();
            c.is_ascii_digit() && !before.is_some_and(|b| glues(b, &self.text[..*i]))
        });
        match (zero, digit.map(|(i, _)| i)) {
            (Some(zero), Some(digit)) => Some(zero.min(digit)),
            (zero, digit) => zero.or(digit),
        }
    }

    fn number(&self, start: usize) -> Option<Number> {
        if self.lower[start..].starts_with("zero") {
            return Some(Number { value: 0.0, end: start + 4 });
        }
        let number = number_at(self.text, start)?;
        let rest = &self.text[number.end..];
        let run = rest.find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest, |end| &rest[..end]);
        let scale = match run {
            "k" | "K" => 1e3,
            "M" | "mn" => 1e6,
            "B" | "bn" => 1e9,
            _ => 1.0,
        };
        let unit = run.is_empty()
            || unit_seconds(run).is_some()
            || matches!(run, "x" | "X")
            || scale > 1.0
            || is_unit(run);
        let end = number.end + if scale > 1.0 { run.len() } else { 0 };
        // "≥ 4.5/5" is a mark, "24/7" and "30/30" are none.
        let compared = self.text[..start].trim_end().ends_with(['<', '>', '≤', '≥', '=']);
        let fraction =
            !compared && rest.starts_with('/') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        (unit && !fraction).then_some(Number { value: number.value * scale, end })
    }

    /// Reads what begins at `start`; returns where to go on.
    fn limit(&mut self, start: usize, number: Number) -> usize {
        let (comparison, minus) = self.signed(start);
        let sure = comparison.map_or(start, |c| c.start);
        if comparison.is_none() && self.compares(number.end) {
            // "rack 4 > 8": a number inside the name.
            return number.end;
        }
        let signed = comparison.is_some_and(|c| c.sign);
        if self.is_span_of_last(sure, start) || !signed && self.ordinal_number(start, number.end) {
            return number.end;
        }
        let amount = self.measured(start, number, comparison);
        let Some(cmp) = self.relation(&amount, sure) else { return amount.end };
        let end = self.stated(amount, cmp, sure, minus);
        self.from = end;
        end
    }

    /// The number with its unit, and what it is compared by: in front of it or behind.
    fn measured(&self, start: usize, number: Number, before: Option<Comparison>) -> Amount {
        let (value, end, unit, time) = self.amount(number, before);
        let unit = self.paid(start, unit, time);
        // "5+ minutes": at least so many.
        let plus = unit.is_none() && self.text[end..].starts_with('+');
        let behind = if plus { self.unit(end + 1) } else { (None, None, end) };
        let (unit, time, end, plus) = match behind {
            (unit @ Some(_), time, stop) => (unit, time, stop, true),
            _ => (unit, time, end, false),
        };
        let after = if plus { Some((Cmp::AtLeast, end)) } else { self.after(end) };
        let behind = after.map(|(cmp, _)| Comparison { cmp, start, sign: false, base: None });
        let end = after.map_or(end, |(_, end)| end);
        let about_base = unit.as_deref().is_some_and(against_base) || against_base(&self.lower[end..]);
        Amount { value, unit, time, end, comparison: before.or(behind), about_base }
    }

    /// How the number compares; none where that makes no limit.
    fn relation(&self, amount: &Amount, sure: usize) -> Option<Cmp> {
        let ranged = matches!(amount.value, Value::Range(_));
        let cmp = match amount.comparison.map(|c| c.cmp) {
            _ if ranged && self.text[..sure].ends_with('+') => return None,
            _ if ranged => Cmp::Between,
            // "within 10% of baseline": no further from it than that.
            Some(Cmp::Between) if amount.about_base && amount.time.is_none() => Cmp::AtMost,
            Some(Cmp::Between) => return None,
            Some(cmp) => negated(self.lower, sure, cmp),
            None => Cmp::Threshold,
        };
        Some(if cmp == Cmp::Threshold && self.is_raised(amount, sure) { Cmp::More } else { cmp })
    }

    /// "+20%": a change.
    fn is_raised(&self, amount: &Amount, sure: usize) -> bool {
        amount.unit.as_deref().is_some_and(|u| u.starts_with('%')) && self.text[..sure].ends_with('+')
    }

    /// Notes a limit; returns the byte after all of it.
    fn stated(&mut self, amount: Amount, cmp: Cmp, sure: usize, minus: bool) -> usize {
        let raised = self.is_raised(&amount, sure);
        let Amount { value, unit, time, end, comparison, about_base } = amount;
        let sign = comparison.is_some_and(|c| c.sign);
        let base = comparison.and_then(|c| c.base);
        let unit = if base == Some(Base::Times) { Some("x baseline".to_owned()) } else { unit };
        let relative = base.is_some() || raised || unit.as_deref().is_some_and(|u| u.starts_with("%p"));
        let (metric, leads) = self.metric(sure, sign && !about_base);
        let counted = unit.as_deref().is_some_and(|u| u.starts_with("% of "));
        let repeats = leads && counted && !self.found.is_empty() && !sign;
        let mut limit = Limit {
            metric: if repeats { String::new() } else { metric },
            cmp,
            value: Some(if minus { negative(value) } else { value }),
            unit,
            time,
            tail: tail(&self.text[end..]),
            hold: None,
            over: None,
            sign,
            relative,
            leads,
            start: sure,
            end,
        };
        limit.end = self.spans(end, &mut limit);
        self.found.push(limit);
        self.found.last().map_or(end, |limit| limit.end)
    }

    /// Whether "for > 5 minutes" begins here: a state that lasts, if no limit stands before it.
    fn is_span_of_last(&mut self, sure: usize, start: usize) -> bool {
        let Some((seconds, end)) = span_at(self.text, start) else { return false };
        let before = self.lower[self.from..sure].trim_end();
        let fill = SPAN_FILL.iter().find_map(|fill| strip_word(before, fill)).unwrap_or(before);
        let Some(subject) = HOLD.iter().find_map(|hold| strip_word(fill, hold)) else { return false };
        let from = clause(self.lower, self.from, self.from + subject.len());
        let metric = trimmed(&self.text[from..self.from + subject.len()]);
        if !metric.is_empty() {
            self.found.push(Limit {
                metric,
                cmp: Cmp::Occurs,
                value: None,
                unit: None,
                time: None,
                tail: String::new(),
                hold: Some(seconds),
                over: None,
                sign: false,
                relative: false,
                leads: false,
                start: from,
                end,
            });
        }
        self.from = end;
        true
    }

    /// "3 times in a row", "2 consecutive checks", "1st".
    fn ordinal_number(&self, start: usize, end: usize) -> bool {
        let rest = self.lower[end..].trim_start();
        let counted = words! {
            "times" "consecutive" "in a row" "st " "nd " "rd " "th " "checks in"
        }
        .iter()
        .any(|w| rest.starts_with(w));
        let before = self.lower[..start].trim_end();
        let named = words! {
            "phase" "step" "stage" "day" "week" "month" "version" "level" "tier" "section" "http"
            "status" "port" "top"
        }
        .iter()
        .any(|word| strip_word(before, word).is_some());
        counted && span_at(self.text, start).is_none() || named
    }

    /// The metric's name before `sure`, and whether the number leads its clause.
    fn metric(&self, sure: usize, sign: bool) -> (String, bool) {
        let start = clause(self.lower, self.from, sure);
        let own = trimmed_as(&self.text[start..sure], sign);
        if !own.is_empty() {
            return (own, false);
        }
        let last = self.found.iter().rev().find(|l| l.value.is_some()).map(|l| l.metric.clone());
        let said = self.text[self.from..start].trim_end();
        let place = said.trim_end_matches([':', '：', ' ']).rsplit(['(', '（']).next().unwrap_or("");
        let apart =
            said.ends_with([':', '(', '：', '（']) && !ENVIRONMENTS.contains(&place.to_lowercase().trim());
        if let Some(last) = last.clone().filter(|_| !apart) {
            return (last, true);
        }
        let before = said.trim_end_matches([':', '(', '：', '（', ',', '-', '–', '—', '|']);
        let label = trimmed(&before[clause(&self.lower[self.from..], 0, before.len()).min(before.len())..]);
        if !label.is_empty() {
            return (label, true);
        }
        (last.unwrap_or_default(), true)
    }

    /// Reads "for > 5 minutes", "over 10 min", "(5-minute rolling)" behind a limit.
    fn spans(&self, end: usize, limit: &mut Limit) -> usize {
        let mut stop = end;
        let rest = &self.lower[end..];
        let reach = rest.find([';', '→', '.']).map_or(rest.len(), |at| {
            if rest[at..].starts_with(". ") || at + 1 == rest.len() { at } else { rest.len() }
        });
        for (at, seconds, after) in spans(&rest[..reach]).chain(spelt_spans(&rest[..reach])) {
            let before = rest[..at].trim_end();
            let signless = before.trim_end_matches(['>', '≥', '=', '<', '~', '≤']).trim_end();
            if before.len() != signless.len() && !introduced(signless) {
                break;
            }
            if between_limits(signless) {
                break;
            }
            let window =
                WINDOW.iter().any(|w| starts_with_word(rest[after..].trim_start_matches(['-', ' ']), w))
                    || OVER.iter().any(|o| strip_fill(signless, o).is_some());
            let hold =
                HOLD.iter().any(|h| strip_fill(signless, h).is_some()) || lasts(&rest[after..], signless);
            if hold && !window_only(&rest[after..]) {
                limit.hold = limit.hold.or(Some(seconds));
            } else if window || limit.metric.to_lowercase().contains("burn") {
                limit.over = limit.over.or(Some(seconds));
            } else if signless.ends_with(['(', '（']) && rest[after..].trim_start().starts_with([')', '）'])
            {
                limit.hold = limit.hold.or(Some(seconds));
            } else {
                break;
            }
            stop = end + after;
        }
        stop
    }
}

/// Whether what follows a number says that it is told against something else: "of baseline".
fn against_base(text: &str) -> bool {
    let words = text.trim_start().trim_start_matches(['%', 'x', '×']).trim_start();
    let words = words.strip_prefix("pp").map_or(words, str::trim_start);
    let from = ["of ", "from ", "below ", "above ", "over ", "under ", "vs "];
    let words = from.iter().find_map(|of| words.strip_prefix(of)).unwrap_or(words);
    BASES.iter().any(|base| starts_with_word(words, base))
}

fn negative(value: Value) -> Value {
    match value {
        Value::One(value) => Value::One(-value),
        range => range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let show = |l: &Limit| {
            let value = match l.value {
                Some(Value::One(v)) => v.to_string(),
                Some(Value::Range([a, b])) => format!("{a}..{b}"),
                None => String::new(),
            };
            let unit = l.unit.clone().unwrap_or_default();
            let hold = l.hold.map_or(String::new(), |s| format!(" for {s}"));
            let over = l.over.map_or(String::new(), |s| format!(" over {s}"));
            format!("{} {} {value}{unit}{hold}{over}", l.metric, l.cmp.as_str()).replace("  ", " ")
        };
        scan(text).iter().map(show).collect()
    }

    #[test]
    fn one_limit_a_line() {
        for (text, limit) in [
            ("Error rate > 5% for 5 min", "Error rate > 5% for 300"),
            ("Error rate > 10% for > 5 minutes", "Error rate > 10% for 300"),
            ("Webhook success rate drops below 85%", "Webhook success rate < 85%"),
            ("p95 latency must not exceed 300ms", "p95 latency <= 300ms"),
            ("Error rate: no more than 0.5%", "Error rate <= 0.5%"),
            ("CPU usage exceeds 80% for 10 minutes", "CPU usage > 80% for 600"),
            ("Keep error rate under 5%", "error rate < 5%"),
            ("Conversion Rate: Should be ≥ 20%", "Conversion Rate >= 20%"),
            ("System availability: >99.9%", "System availability > 99.9%"),
            ("Latency p99 < 1,500 ms", "Latency p99 < 1500ms"),
            ("Queue depth < 100 pending jobs", "Queue depth < 100pending jobs"),
            ("Customer support tickets < 10/day", "Customer support tickets < 10/day"),
            ("Replication lag between 1 and 5 seconds", "Replication lag between 1..5seconds"),
            ("Order volume within 90-110%", "Order volume between 90..110%"),
            ("Availability >99.9% in first 30 days", "Availability > 99.9% over 2592000"),
            ("Error rate > 1% (5-minute rolling)", "Error rate > 1% over 300"),
            ("5xx rate above 1% for two consecutive minutes", "5xx rate > 1% for 120"),
            ("Duplicate charges = 0", "Duplicate charges = 0"),
            ("Data loss: zero", "Data loss threshold 0"),
            ("Uptime of 99.9% or higher", "Uptime >= 99.9%"),
            ("Success rate does not drop below 99%", "Success rate >= 99%"),
            ("Fehlerrate über 2 % für 5 Minuten", "Fehlerrate > 2% for 300"),
            ("Taxa de erro acima de 5% por 10 minutos", "Taxa de erro > 5% for 600"),
            ("エラー率が5%以上", "エラー率 >= 5%"),
            ("错误率超过5%", "错误率 > 5%"),
            ("Application unavailable for > 5 minutes", "Application unavailable occurs for 300"),
            ("Queue backlog > 10k", "Queue backlog > 10000"),
        ] {
            assert_eq!(read(text), [limit], "{text}");
        }
    }

    #[test]
    fn several_limits_a_line() {
        assert_eq!(
            read("P1: Error rate > 5% or response time > 5 seconds"),
            ["Error rate > 5%", "response time > 5seconds"]
        );
        assert_eq!(
            read("Error Rate: < 2% overall, < 0.5% for critical paths"),
            ["Error Rate < 2%", "Error Rate < 0.5%"]
        );
    }

    #[test]
    fn numbers_that_belong_to_words() {
        for text in words! {
            "P95 and v2.1" "HTTP 500" "5xx" "3 times in a row" "24/7" "utf-8" "#12" "step 3"
        } {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }
}
