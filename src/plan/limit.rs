//! Limits in one line of text: metric, comparison, number, unit and spans of time.
//!
//! A hand-written scanner over numbers; it says what is written, `limits` decides what counts
//! where. Works in any language of the vocabulary.

use super::vocabulary::limits::*;
use super::words::{Number, find_word, is_wide, letters_at, number_at, skip_blank, span_at, unit_seconds};
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
    let lower = text.to_lowercase();
    // Folding that moves bytes ("İ") would put every offset wrong: such a line is compared as written.
    let lower = if lower.len() == text.len() { lower } else { text.to_owned() };
    Scanner { text, lower: &lower, from: 0, found: Vec::new() }.run()
}

/// "3 failed health checks in a row", "fails 3 consecutive times": a count and no span.
pub(crate) fn in_a_row(text: &str) -> Option<Limit> {
    let lower = text.to_lowercase();
    let lower = if lower.len() == text.len() { lower } else { return None };
    let mark = [
        "in a row",
        "consecutive",
        "consecutively",
        "times in",
        "hintereinander",
        "seguidas",
        "seguidos",
        "de suite",
        "回連続",
        "连续",
    ]
    .iter()
    .find(|m| lower.contains(**m))?;
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let number = number_at(text, at)
        .filter(|_| !at.checked_sub(1).is_some_and(|i| text.as_bytes()[i].is_ascii_alphanumeric()))?;
    let (before, after) = (trimmed(&text[..at]), text[number.end..].trim_start());
    let rest = after.to_lowercase().find(mark).map_or(after, |end| &after[..end]);
    let subject = trimmed(rest.trim_start_matches("times").trim_start_matches("consecutive"));
    let metric = if before.is_empty() { subject } else { before };
    (!metric.is_empty() && span_at(text, at).is_none()).then(|| Limit {
        metric,
        cmp: Cmp::AtLeast,
        value: Some(Value::One(number.value)),
        unit: Some((*mark).to_owned()),
        time: None,
        tail: String::new(),
        hold: None,
        over: None,
        sign: false,
        leads: false,
        start: at,
        end: text.len(),
    })
}

struct Scanner<'a> {
    text: &'a str,
    lower: &'a str,
    /// Where the clause of the next limit begins.
    from: usize,
    found: Vec<Limit>,
}

/// A comparison and where it begins.
#[derive(Clone, Copy)]
struct Comparison {
    cmp: Cmp,
    start: usize,
    sign: bool,
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
        let fraction = rest.starts_with('/') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        (unit && !fraction).then_some(Number { value: number.value * scale, end })
    }

    /// Reads what begins at `start`; returns where to go on.
    fn limit(&mut self, start: usize, number: Number) -> usize {
        let comparison = self.before(start);
        let sure = comparison.map_or(start, |c| c.start);
        if self.is_span_of_last(sure, start) || self.ordinal_number(start, number.end) {
            return number.end;
        }
        let (value, end, unit, time) = self.amount(number, comparison);
        let after = self.after(end);
        let comparison = comparison.or(after.map(|(cmp, _)| Comparison { cmp, start, sign: false }));
        let end = after.map_or(end, |(_, end)| end);
        let ranged = matches!(value, Value::Range(_));
        let cmp = match comparison.map(|c| c.cmp) {
            Some(Cmp::Between) if !ranged => return end,
            _ if ranged => Cmp::Between,
            Some(cmp) => negated(self.lower, sure, cmp),
            None => Cmp::Threshold,
        };
        let (metric, leads) = self.metric(sure, comparison.is_some_and(|c| c.sign));
        let tail = tail(&self.text[end..]);
        let mut limit = Limit {
            metric,
            cmp,
            value: Some(value),
            unit,
            time,
            tail,
            hold: None,
            over: None,
            sign: comparison.is_some_and(|c| c.sign),
            leads,
            start: sure,
            end,
        };
        limit.end = self.spans(end, &mut limit);
        self.from = limit.end;
        let end = limit.end;
        self.found.push(limit);
        end
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
        let counted = ["times", "consecutive", "in a row", "st ", "nd ", "rd ", "th ", "checks in"]
            .iter()
            .any(|w| rest.starts_with(w));
        let before = self.lower[..start].trim_end();
        let named = [
            "phase", "step", "stage", "day", "week", "month", "version", "level", "tier", "section", "http",
            "status", "port", "top",
        ]
        .iter()
        .any(|word| strip_word(before, word).is_some());
        counted && span_at(self.text, start).is_none() || named
    }

    fn before(&self, start: usize) -> Option<Comparison> {
        let mut end =
            self.text[..start].trim_end_matches(['$', '€', '£', '¥']).trim_end().len().max(self.from);
        for fill in ["the", "a", "an", "about", "approximately", "around"] {
            if let Some(rest) = strip_word(&self.lower[self.from..end], fill) {
                end = self.from + rest.len();
            }
        }
        let text = &self.lower[self.from..end];
        if let Some((sign, cmp)) = SIGNS.iter().find(|(sign, _)| text.ends_with(sign)) {
            let at = end - sign.len();
            let before = &self.lower[..at];
            let arrow =
                before.ends_with(['-', '=', '<', '>', '!']) || *sign == "=" && before.ends_with(['<', '>']);
            return (!arrow).then_some(Comparison { cmp: *cmp, start: at, sign: true });
        }
        let wide =
            WIDE_BEFORE.iter().filter(|(word, _)| text.ends_with(word)).max_by_key(|(word, _)| word.len());
        let words = BEFORE.iter().filter(|(word, _)| strip_word(text, word).is_some());
        let best = words.chain(wide).max_by_key(|(word, _)| word.len())?;
        Some(Comparison { cmp: best.1, start: end - best.0.len(), sign: false })
    }

    fn after(&self, end: usize) -> Option<(Cmp, usize)> {
        let at = skip_blank(self.lower, end, false);
        let rest = &self.lower[at..];
        if let Some((word, cmp)) = WIDE_AFTER.iter().find(|(word, _)| rest.starts_with(word)) {
            return Some((*cmp, at + word.len()));
        }
        if self.lower[end..].starts_with('+') {
            return Some((Cmp::AtLeast, end + 1));
        }
        let (word, cmp) = AFTER.iter().find(|(word, _)| starts_with_word(rest, word))?;
        Some((*cmp, at + word.len()))
    }

    /// The number or range with its unit: value, the byte after, the unit, its seconds.
    fn amount(
        &self,
        first: Number,
        comparison: Option<Comparison>,
    ) -> (Value, usize, Option<String>, Option<f64>) {
        let (unit, time, end) = self.unit(first.end);
        let between = comparison.is_some_and(|c| c.cmp == Cmp::Between);
        let Some(second) = self.upper(end, between) else {
            return (Value::One(first.value), end, unit, time);
        };
        let (unit2, time2, end2) = self.unit(second.end);
        let unit = unit2.or(unit);
        (Value::Range([first.value, second.value]), end2, unit, time2.or(time))
    }

    /// The upper end of "1-5", "between 1 and 5".
    fn upper(&self, end: usize, between: bool) -> Option<Number> {
        let at = skip_blank(self.lower, end, false);
        let rest = &self.lower[at..];
        let joiners: &[&str] = if between {
            &["and ", "und ", "et ", "y ", "e ", "-", "–", "to "]
        } else {
            &["-", "–", "—", "to ", "..", "〜", "～", "~"]
        };
        let joiner = joiners.iter().find(|joiner| rest.starts_with(**joiner))?;
        number_at(self.lower, skip_blank(self.lower, at + joiner.len(), false))
    }

    fn unit(&self, end: usize) -> (Option<String>, Option<f64>, usize) {
        let at = skip_blank(self.text, end, false);
        let rest = &self.text[at..];
        if rest.starts_with(['%', '％', '‰']) {
            let mut stop = at + rest.chars().next().map_or(1, char::len_utf8);
            for of in [" of ", " points", " percentage points"] {
                if self.lower[stop..].starts_with(of) {
                    stop +=
                        of.len() + words_of(&self.text[stop + of.len()..], if of == " of " { 3 } else { 0 });
                }
            }
            return (Some(self.text[at..stop].trim().to_owned()), None, stop);
        }
        for word in ["percent", "prozent", "pour cent", "por ciento", "por cento"] {
            if starts_with_word(&self.lower[at..], word) {
                return (Some("%".to_owned()), None, at + word.len());
            }
        }
        let joined = skip_blank(self.text, end, true);
        if let Some((seconds, stop)) = super::words::unit_at(self.text, joined).filter(|_| joined - end <= 1)
        {
            return (Some(self.text[joined..stop].to_owned()), Some(seconds), stop);
        }
        if rest.starts_with('/') {
            let stop = at + 1 + rest[1..].find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len() - 1);
            return (Some(self.text[at..stop].to_owned()), None, stop);
        }
        let stop = at + words_of(rest, 3);
        if stop == at { (None, None, end) } else { (Some(self.text[at..stop].to_owned()), None, stop) }
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
        if let Some(last) = last.clone().filter(|_| !said.ends_with([':', '(', '：', '（'])) {
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
        for (at, seconds, after) in super::words::spans(&rest[..reach]).chain(spelt_spans(&rest[..reach])) {
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
            } else if window {
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

fn window_only(after: &str) -> bool {
    WINDOW.iter().any(|w| starts_with_word(after.trim_start_matches(['-', ' ']), w))
}

/// "継続", "持续" around a span.
fn lasts(after: &str, before: &str) -> bool {
    ["継続", "続", "持续", "지속", "間継続", "以上継続", "以上続", "이상 지속"]
        .iter()
        .any(|w| after.trim_start().starts_with(w))
        || ["持续", "连续", "継続して", "持续超过", "が"].iter().any(|w| before.ends_with(w))
}

fn introduced(before: &str) -> bool {
    HOLD.iter().chain(OVER).any(|word| strip_fill(before, word).is_some())
}

fn strip_fill<'a>(before: &'a str, word: &str) -> Option<&'a str> {
    if let Some(rest) = strip_word(before, word) {
        return Some(rest);
    }
    SPAN_FILL.iter().filter_map(|fill| strip_word(before, fill)).find_map(|rest| strip_word(rest, word))
}

/// Whether a comparison begins between a limit and a span: then the span is another limit's.
fn between_limits(before: &str) -> bool {
    before.contains(['<', '>', '≥', '≤'])
        || [" or ", " and ", ", "].iter().any(|j| before.contains(j))
            && before.bytes().any(|b| b.is_ascii_digit())
}

/// "two consecutive minutes": spans that begin with a word, behind "for".
fn spelt_spans(text: &str) -> impl Iterator<Item = (usize, f64, usize)> + '_ {
    HOLD.iter().filter_map(move |hold| {
        let at = find_word(text, hold)? + hold.len();
        let at = skip_blank(text, at, false);
        let word = letters_at(text, at);
        if word.is_empty() || text[at..].starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        span_at(text, at).map(|(seconds, end)| (at, seconds, end))
    })
}

/// Whether a digit after `before` belongs to a word or a version.
fn glues(before: char, text: &str) -> bool {
    if is_wide(before) {
        return false;
    }
    before.is_alphanumeric()
        || matches!(before, '_' | '#' | '@')
        || before == '.' && text.chars().rev().nth(1).is_some_and(|c| c.is_ascii_digit())
        || matches!(before, '-' | '/' | ':') && text.chars().rev().nth(1).is_some_and(char::is_alphanumeric)
        || before == ',' && text.chars().rev().nth(1).is_some_and(|c| c.is_ascii_digit())
}

fn is_unit(run: &str) -> bool {
    const UNITS: [&str; 22] = [
        "kb", "mb", "gb", "tb", "kib", "mib", "gib", "rps", "qps", "tps", "req", "rpm", "bps", "mbps",
        "gbps", "pp", "pts", "iops", "us", "μs", "bp", "ns",
    ];
    UNITS.contains(&run.to_lowercase().as_str())
}

/// Where the clause that ends at `end` begins: after a colon, comma, bracket, "or", "if".
fn clause(lower: &str, from: usize, end: usize) -> usize {
    let segment = &lower[from..end];
    let mut start = after_last(segment, MARKS);
    if let Some(open) = segment.rfind(['(', '（']).filter(|open| !segment[*open..].contains([')', '）'])) {
        start = start.max(open + segment[open..].chars().next().map_or(1, char::len_utf8));
    }
    if from > 0 {
        for mark in [" or ", " and ", " oder ", " und ", " ou ", " et ", " o ", " y ", " e ", "または", "或"]
        {
            if let Some(at) = segment.rfind(mark) {
                start = start.max(at + mark.len());
            }
        }
        for mark in ["or ", "and ", "/ "] {
            if start == 0 && segment.trim_start().starts_with(mark) {
                start = segment.len() - segment.trim_start().len() + mark.len();
            }
        }
    }
    if segment.ends_with(':') || segment.ends_with('：') { end } else { from + start }
}

/// What ends the clause before a limit.
const MARKS: &[&str] = &[
    ": ", "；", "; ", ". ", ", ", "：", "、", "，", "→", " – ", " — ", " - ", " | ", " if ", " when ",
    " wenn ", " si ", " se ", " quando ",
];
/// What joins a second limit to the first.
const JOINTS: &[&str] =
    &[" or ", " and ", " oder ", " und ", " ou ", " et ", " o ", " y ", " e ", "または", "或"];

/// The byte after the last of `marks`, 0 where there is none.
fn after_last(text: &str, marks: &[&str]) -> usize {
    let bytes = text.as_bytes();
    let ends = (0..bytes.len()).rev().find_map(|at| {
        let rest = &bytes[at..];
        marks
            .iter()
            .find(|m| m.as_bytes()[0] == rest[0] && rest.starts_with(m.as_bytes()))
            .map(|m| at + m.len())
    });
    ends.unwrap_or(0)
}

/// A name without filler words at its ends and without marks.
fn trimmed(name: &str) -> String {
    trimmed_as(name, false)
}

/// Before a sign no verb stands: "Rate limit hits < 5%" is about hits.
fn trimmed_as(name: &str, sign: bool) -> String {
    let mut name =
        name.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, ')' | '(' | ']' | '}' | '`')));
    loop {
        let lower = name.to_lowercase();
        if lower.len() != name.len() {
            break;
        }
        let last = lower.rsplit(' ').next().unwrap_or("");
        let first = lower.split(' ').next().unwrap_or("");
        if !last.is_empty() && TRAILING.contains(&last) && !(sign && MOVES.contains(&last)) {
            name = name[..name.len() - last.len()]
                .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | ','));
        } else if !first.is_empty() && LEADING.contains(&first) && first.len() < name.len() {
            name = name[first.len()..].trim_start();
        } else {
            break;
        }
    }
    let wide = name.trim_end_matches(['が', 'は', 'の', 'を', 'に']);
    let open = wide.matches('(').count() < wide.matches(')').count();
    if open { wide.trim_end_matches(')').to_owned() } else { wide.to_owned() }
}

/// `text` without `word` at its end, if it stands there as a word.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_suffix(word)?;
    let free = rest.chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || c == '-') || is_wide(c));
    free.then(|| rest.trim_end())
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// "does not exceed 5%", "not below 95%": the other side.
fn negated(lower: &str, start: usize, cmp: Cmp) -> Cmp {
    let before = lower[..start].trim_end();
    let mut rest = before;
    for verb in ["drop", "fall", "go", "rise", "dip", "drops", "falls", "goes", "climb", "be", "is"] {
        rest = strip_word(before, verb).unwrap_or(rest);
    }
    let no = ["not", "never", "n't", "nicht", "nie", "no", "não", "nunca", "ne pas"]
        .iter()
        .any(|w| rest.ends_with(w) && strip_word(rest, w).is_some());
    match cmp {
        Cmp::Less if no => Cmp::AtLeast,
        Cmp::More if no => Cmp::AtMost,
        other => other,
    }
}

/// How many bytes the next `most` plain words take.
fn words_of(text: &str, most: usize) -> usize {
    const STOP: &[&str] = &[
        "for",
        "in",
        "within",
        "over",
        "or",
        "and",
        "per",
        "during",
        "when",
        "if",
        "on",
        "at",
        "after",
        "before",
        "until",
        "then",
        "with",
        "from",
        "to",
        "is",
        "are",
        "but",
        "as",
        "by",
        "across",
        "sustained",
        "of",
        "than",
        "für",
        "pendant",
        "durante",
        "por",
        "oder",
        "und",
        "ou",
        "y",
        "e",
        "o",
        "em",
        "en",
        "the",
        "while",
        "vs",
        "compared",
        "trigger",
        "triggers",
        "each",
    ];
    let mut end = 0;
    let mut count = 0;
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end();
        let inner = bare.trim_end_matches([',', ';', '.', ')', ':', '）', '、', '。']);
        let plain = !inner.is_empty()
            && inner.chars().all(|c| c.is_alphabetic() || matches!(c, '/' | '-' | '_'))
            && inner.starts_with(|c: char| c.is_alphabetic());
        let per = inner.eq_ignore_ascii_case("per");
        if count == most && !per
            || !plain
            || STOP.contains(&inner.to_lowercase().as_str()) && !(per && end == 0 || per)
        {
            break;
        }
        end += word.len();
        count += 1;
        if inner.len() != bare.len() {
            end = end - word.len() + inner.len();
            break;
        }
    }
    text[..end].trim_end().len()
}

/// The words behind a unit, up to four.
fn tail(text: &str) -> String {
    let text = text.trim_start();
    text[..words_of(text, 4)].to_owned()
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
        for text in ["P95 and v2.1", "HTTP 500", "5xx", "3 times in a row", "24/7", "utf-8", "#12", "step 3"]
        {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }
}
