//! A timeline file's bytes to a [`Timeline`], or to everything that is wrong with its form. Pure.

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::timeline::{Act, Move, Problem, Step, Timeline};
use super::{ruling, spell};

pub(super) type Value<'v> = Spanned<DeValue<'v>>;

/// Reads a timeline; every problem at once.
pub fn read(text: &str) -> Result<Timeline, Vec<Problem>> {
    let mut reader = Reader { text, problems: vec![] };
    let (document, wrong) = DeTable::parse_recoverable(text);
    for error in wrong {
        reader.wrong(error.span().unwrap_or_default(), error.message(), None);
    }
    let timeline = reader.timeline(document.get_ref());
    reader.problems.sort_by_key(|p| (p.line, p.column));
    if reader.problems.is_empty() { Ok(timeline) } else { Err(reader.problems) }
}

pub(super) struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn wrong(&mut self, place: Range<usize>, message: &str, hint: Option<&str>) {
        let (line, column) = self.place(place.start);
        let hint = hint.map(str::to_owned);
        self.problems.push(Problem { line, column, message: message.to_owned(), hint });
    }

    fn place(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    fn timeline(&mut self, document: &DeTable<'_>) -> Timeline {
        let mut timeline =
            Timeline { plan: None, every: Duration::from_secs(5), steps: vec![], rules: vec![] };
        for (key, value) in document {
            match key.get_ref().as_ref() {
                "plan" => timeline.plan = self.words(key.get_ref(), value),
                "every" => timeline.every = self.every(value).unwrap_or(timeline.every),
                "at" => timeline.steps = self.steps(value),
                "rule" => timeline.rules = ruling::rules(self, value),
                other => self.wrong(
                    key.span(),
                    &format!("unknown key \"{other}\""),
                    Some("plan, every, [[at]] and [[rule]]"),
                ),
            }
        }
        timeline
    }

    fn every(&mut self, value: &Value<'_>) -> Option<Duration> {
        let every = self.time("every", value)?;
        if every < Duration::from_millis(100) {
            self.wrong(value.span(), "every is too short", Some("measure every 100ms at most"));
            return None;
        }
        Some(every)
    }

    fn steps(&mut self, value: &Value<'_>) -> Vec<Step> {
        let DeValue::Array(tables) = value.get_ref() else {
            self.wrong(value.span(), "at is no list of steps", Some("begin each step with [[at]]"));
            return vec![];
        };
        let mut steps: Vec<Step> = vec![];
        for table in tables.iter() {
            let Some(step) = self.step(table) else { continue };
            if steps.last().is_some_and(|before| step.at < before.at) {
                let place =
                    table.as_ref().as_table().and_then(|t| t.get("t")).map_or(table.span(), Spanned::span);
                let message = format!("t = {} lies before the step above", spell::told(step.at));
                self.wrong(place, &message, Some("put the steps in the order of time"));
            }
            steps.push(step);
        }
        steps
    }

    fn step(&mut self, value: &Value<'_>) -> Option<Step> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(value.span(), "a step is no table", Some("begin each step with [[at]]"));
            return None;
        };
        let mut step = Step { line: self.place(value.span().start).0, ..Step::default() };
        let mut who = None;
        let mut deed = None;
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "t" => step.at = self.time(name, value).unwrap_or_default(),
                "set" => step.moves.extend(self.set(value)),
                "ramp" => step.moves.extend(self.ramps(value)),
                "heal" => step.heal = self.texts(name, value),
                "down" => step.down = self.texts(name, value),
                "up" => step.up = self.texts(name, value),
                "hang" => step.hang = self.time(name, value),
                "no_data" => step.no_data = self.texts(name, value),
                "baseline" => step.baselines = self.numbers(name, value),
                "keys" => step.keys = self.words(name, value),
                "say" => step.say = self.words(name, value),
                "as" => who = self.words(name, value).map(|words| (value.span(), words)),
                "intent" => deed = self.spelt(name, value, spell::deed, DEED).map(|d| (value.span(), d)),
                "cure_by" => step.cure_by = self.all_spelt(name, value, spell::cure, CURE),
                "expect" => step.expect = self.all_spelt(name, value, spell::expect, EXPECT),
                other => self.wrong(key.span(), &format!("unknown key \"{other}\""), Some(KEYS)),
            }
        }
        if !table.contains_key("t") {
            self.wrong(value.span(), "a step without t", Some("say when: t = \"90s\""));
        }
        step.act = self.act(who, deed, table);
        self.outage(&step, table);
        Some(step)
    }

    fn act(
        &mut self,
        who: Option<(Range<usize>, String)>,
        deed: Option<(Range<usize>, super::timeline::Deed)>,
        table: &DeTable<'_>,
    ) -> Option<Act> {
        match (who, deed) {
            (Some((_, who)), Some((_, deed))) => return Some(Act { who, deed }),
            (Some((place, _)), None) if !table.contains_key("intent") => {
                self.wrong(place, "as without intent", Some("say what they do: intent = \"flag NAME VALUE\""))
            }
            (None, Some((place, _))) if !table.contains_key("as") => {
                self.wrong(place, "intent without as", Some("say who does it: as = \"ana\""))
            }
            _ => {}
        }
        None
    }

    /// A cure needs something to cure.
    fn outage(&mut self, step: &Step, table: &DeTable<'_>) {
        let breaks = ["set", "ramp", "down"].iter().any(|key| table.contains_key(*key));
        if let Some(value) = table.get("cure_by").filter(|_| !breaks && !step.cure_by.is_empty()) {
            self.wrong(
                value.span(),
                "cure_by without an outage",
                Some("set, ramp or take down something in this step"),
            );
        }
    }

    fn set(&mut self, value: &Value<'_>) -> Vec<Move> {
        let jump = |(metric, to)| Move { metric, to, over: Duration::ZERO };
        self.numbers("set", value).into_iter().map(jump).collect()
    }

    /// A number a metric.
    fn numbers(&mut self, key: &str, value: &Value<'_>) -> Vec<(String, f64)> {
        let Some(table) = self.table(key, value) else { return vec![] };
        let mut found = vec![];
        for (metric, value) in table {
            let number = self.number(metric.get_ref(), value);
            found.extend(number.map(|n| (metric.get_ref().to_string(), n)));
        }
        found
    }

    fn ramps(&mut self, value: &Value<'_>) -> Vec<Move> {
        let Some(table) = self.table("ramp", value) else { return vec![] };
        table.iter().filter_map(|(metric, value)| self.ramp(metric.get_ref(), value)).collect()
    }

    fn ramp(&mut self, metric: &str, value: &Value<'_>) -> Option<Move> {
        let table = self.table(metric, value)?;
        let (mut to, mut over) = (None, None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "to" => to = self.number("to", value),
                "over" => over = self.time("over", value),
                other => self.wrong(key.span(), &format!("unknown key \"{other}\""), Some("to and over")),
            }
        }
        for key in ["to", "over"].iter().filter(|key| !table.contains_key(**key)) {
            self.wrong(value.span(), &format!("the ramp of \"{metric}\" lacks {key}"), Some(RAMP));
        }
        Some(Move { metric: metric.to_owned(), to: to?, over: over? })
    }

    pub(super) fn table<'v, 'i>(&mut self, key: &str, value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value.span(), &format!("{key} is no table"), Some("write { \"Error rate\" = … }"));
        }
        table
    }

    pub(super) fn number(&mut self, key: &str, value: &Value<'_>) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(n) if n.radix() == 10 => n.as_str().parse().ok(),
            DeValue::Float(n) => n.as_str().parse().ok(),
            DeValue::Boolean(b) => Some(f64::from(u8::from(*b))),
            _ => None,
        };
        let number = number.filter(|n: &f64| n.is_finite());
        if number.is_none() {
            self.wrong(value.span(), &format!("the value of \"{key}\" is no number"), None);
        }
        number
    }

    pub(super) fn words(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let words = value.get_ref().as_str().filter(|w| !w.trim().is_empty());
        if words.is_none() {
            self.wrong(value.span(), &format!("{key} is no text"), Some("put it in quotes"));
        }
        words.map(str::to_owned)
    }

    pub(super) fn time(&mut self, key: &str, value: &Value<'_>) -> Option<Duration> {
        let words = self.words(key, value)?;
        match spell::time(&words) {
            Ok(time) => Some(time),
            Err(wrong) => {
                self.wrong(
                    value.span(),
                    &format!("{key} = {wrong}"),
                    Some("write \"90s\", \"2m\" or \"1h5m\""),
                );
                None
            }
        }
    }

    /// One text, or a list of them.
    fn each<'v, 'i>(&mut self, key: &str, value: &'v Value<'i>) -> Vec<&'v Value<'i>> {
        match value.get_ref() {
            DeValue::Array(values) => values.iter().collect(),
            DeValue::String(_) => vec![value],
            _ => {
                self.wrong(value.span(), &format!("{key} is no text and no list of texts"), None);
                vec![]
            }
        }
    }

    fn texts(&mut self, key: &str, value: &Value<'_>) -> Vec<String> {
        self.each(key, value).into_iter().filter_map(|v| self.words(key, v)).collect()
    }

    fn spelt<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        read: fn(&str) -> Option<T>,
        how: &str,
    ) -> Option<T> {
        let words = self.words(key, value)?;
        let found = read(&words);
        if found.is_none() {
            self.wrong(value.span(), &format!("{key} = \"{words}\" is not understood"), Some(how));
        }
        found
    }

    fn all_spelt<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        read: fn(&str) -> Option<T>,
        how: &str,
    ) -> Vec<T> {
        self.each(key, value).into_iter().filter_map(|v| self.spelt(key, v, read, how)).collect()
    }
}

const KEYS: &str = "a step has t, set, ramp, heal, down, up, hang, no_data, baseline, cure_by, as, intent, keys, expect, say";
const RAMP: &str = "write { to = 9, over = \"30s\" }";
const CURE: &str = "write \"flag NAME\" or \"procedure TITLE\"";
const DEED: &str =
    "write \"flag NAME VALUE\", \"procedure TITLE\", \"phase TITLE\", \"silence METRIC 30m\" or a subcommand";
const EXPECT: &str =
    "write \"fires METRIC P1\", \"resolves METRIC\", \"METRIC P1 is pending\", \"quiet\" or \"screen: TEXT\"";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearsal::{Cure, Deed, Expect};

    const ALL: &str = r#"
plan = "checkout.md"
every = "2s"

[[at]]
t = "30s"
set = { "Error rate" = 7.5, Outage = true }
down = ["/api/health"]
cure_by = "flag new_page"

[[at]]
t = "1m"
ramp = { "Latency" = { to = 9, over = "30s" } }
cure_by = ["flag new_page", "procedure Flag rollback"]
as = "ana"
intent = "flag new_page 25"
expect = ["fires Error rate P1", "quiet"]

[[at]]
t = "2m"
heal = "Error rate"
up = ["/api/health"]
hang = "30s"
keys = "jj"
say = "over"
"#;

    #[test]
    fn everything_of_the_format_is_read() {
        let timeline = read(ALL).unwrap();
        assert_eq!((timeline.plan.as_deref(), timeline.every.as_secs()), (Some("checkout.md"), 2));
        let [first, second, third] = &timeline.steps[..] else { panic!("{:?}", timeline.steps) };
        assert_eq!((first.at.as_secs(), first.line), (30, 5));
        let values: Vec<_> = first.moves.iter().map(|m| (m.metric.as_str(), m.to)).collect();
        assert_eq!(values, [("Error rate", 7.5), ("Outage", 1.0)]);
        assert_eq!(
            (&first.down[..], &first.cure_by[..]),
            (&["/api/health".to_owned()][..], &[Cure::Flag("new_page".into())][..])
        );
        assert_eq!(second.cure_by.len(), 2);
        assert_eq!((second.moves[0].to, second.moves[0].over.as_secs()), (9.0, 30));
        let deed = Deed::Flag { name: "new_page".into(), value: "25".into() };
        assert_eq!(second.act, Some(Act { who: "ana".into(), deed }));
        assert_eq!(second.expect[1], Expect::Quiet);
        assert_eq!((third.heal.len(), third.up.len(), third.hang.map(|h| h.as_secs())), (1, 1, Some(30)));
        assert_eq!((third.keys.as_deref(), third.say.as_deref()), (Some("jj"), Some("over")));
        assert_eq!(timeline.length().as_secs(), 150);
        assert_eq!(read("").map(|t| t.steps.len()), Ok(0));
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        for (text, place, said) in [
            ("plans = 'x'", (1, 1), "unknown key \"plans\""),
            ("every = 5", (1, 9), "every is no text"),
            ("every = '1ms'", (1, 9), "too short"),
            ("plan = ''", (1, 8), "plan is no text"),
            ("at = 3", (1, 6), "no list of steps"),
            ("at = [3]", (1, 7), "no table"),
            ("[[at]]\nt = '5 parsecs'", (2, 5), "is no time"),
            ("[[at]]\nsay = 'x'", (1, 1), "without t"),
            ("[[at]]\nt = '1s'\nsets = {}", (3, 1), "unknown key \"sets\""),
            ("[[at]]\nt = '1s'\nset = 3", (3, 7), "set is no table"),
            ("[[at]]\nt = '1s'\nset = { a = 'x' }", (3, 13), "the value of \"a\" is no number"),
            ("[[at]]\nt = '1s'\nset = { a = inf }", (3, 13), "the value of \"a\" is no number"),
            ("[[at]]\nt = '1s'\nramp = { a = { to = 1 } }", (3, 14), "lacks over"),
            (
                "[[at]]\nt = '1s'\nramp = { a = { to = 1, over = '2s', by = 3 } }",
                (3, 37),
                "unknown key \"by\"",
            ),
            ("[[at]]\nt = '1s'\nheal = 3", (3, 8), "no list of texts"),
            ("[[at]]\nt = '1s'\nheal = ['a', 3]", (3, 14), "heal is no text"),
            ("[[at]]\nt = '1s'\nas = 'ana'", (3, 6), "as without intent"),
            ("[[at]]\nt = '1s'\nintent = 'tick :3'", (3, 10), "intent without as"),
            ("[[at]]\nt = '1s'\nas = 'ana'\nintent = 'flag x'", (4, 10), "is not understood"),
            ("[[at]]\nt = '1s'\ndown = ['/x']\ncure_by = 'luck'", (4, 11), "is not understood"),
            ("[[at]]\nt = '1s'\ncure_by = 'flag x'", (3, 11), "without an outage"),
            ("[[at]]\nt = '1s'\nexpect = ['fire']", (3, 11), "is not understood"),
            ("[[at]]\nt = '9s'\n[[at]]\nt = '1s'", (4, 5), "before the step above"),
            ("x = 'é\n", (1, 7), "invalid literal string"),
        ] {
            let problems = read(text).unwrap_err();
            let found = problems.iter().find(|p| p.message.contains(said));
            assert_eq!(found.map(|p| (p.line, p.column)), Some(place), "{text}: {problems:?}");
        }
    }

    #[test]
    fn all_mistakes_come_at_once_in_the_order_of_the_file() {
        let text = "every = 1\n[[at]]\nt = 'x'\nset = { a = 'b', c = [] }\nsays = 'x'\n";
        let lines: Vec<_> = read(text).unwrap_err().iter().map(|p| p.line).collect();
        assert_eq!(lines, [1, 3, 4, 4, 5]);
    }
}
