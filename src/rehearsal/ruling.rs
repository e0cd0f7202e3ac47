//! The `[[rule]]` tables of a timeline file: how limits are judged beside what the plan says. Pure.

use toml::de::DeValue;

use super::reading::{Reader, Value};
use crate::plan::binding::Floor;
use crate::signal::{Direction, OnNoData, Settings};

const KEYS: &str =
    "a rule has of, signal, direction, for, keep_firing_for, cooldown, floor, on_no_data, clear, off";

/// Every table, as far as it is understood.
pub(super) fn rules(reader: &mut Reader<'_>, value: &Value<'_>) -> Vec<Settings> {
    let DeValue::Array(tables) = value.get_ref() else {
        reader.wrong(value.span(), "rule is no list", Some("begin each with [[rule]]"));
        return vec![];
    };
    tables.iter().filter_map(|table| rule(reader, table)).collect()
}

fn rule(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Settings> {
    let mut rule = Settings::default();
    for (key, value) in reader.table("rule", value)? {
        let name = key.get_ref().as_ref();
        match name {
            "of" => rule.of = reader.words(name, value).unwrap_or_default(),
            "signal" => rule.signal = reader.words(name, value),
            "for" => rule.hold = span(reader, name, value),
            "keep_firing_for" => rule.keep_firing_for = span(reader, name, value),
            "cooldown" => rule.cooldown = span(reader, name, value),
            "clear" => rule.clear = reader.number(name, value),
            "floor" => rule.floor = floor(reader, value),
            "direction" => rule.direction = one_of(reader, name, value, DIRECTIONS),
            "on_no_data" => rule.on_no_data = one_of(reader, name, value, NO_DATA).unwrap_or_default(),
            "off" => rule.off = reader.number(name, value) == Some(1.0),
            other => reader.wrong(key.span(), &format!("unknown key \"{other}\""), Some(KEYS)),
        }
    }
    if rule.of.is_empty() {
        reader.wrong(value.span(), "a rule without of", Some("say whose: of = \"Error rate P1\""));
    }
    Some(rule)
}

fn span(reader: &mut Reader<'_>, key: &str, value: &Value<'_>) -> Option<f64> {
    reader.time(key, value).map(|span| span.as_secs_f64())
}

const DIRECTIONS: &[(&str, Direction)] = &[("above", Direction::Above), ("below", Direction::Below)];
const NO_DATA: &[(&str, OnNoData)] =
    &[("hold", OnNoData::Hold), ("ok", OnNoData::Ok), ("breach", OnNoData::Breach)];

fn one_of<T: Copy>(reader: &mut Reader<'_>, key: &str, value: &Value<'_>, known: &[(&str, T)]) -> Option<T> {
    let words = reader.words(key, value)?;
    let found = known.iter().find(|(word, _)| *word == words).map(|(_, meant)| *meant);
    if found.is_none() {
        let hint = known.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        reader.wrong(value.span(), &format!("{key} = \"{words}\" is not understood"), Some(&hint));
    }
    found
}

fn floor(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Floor> {
    let (mut signal, mut at_least) = (None, None);
    for (key, value) in reader.table("floor", value)? {
        match key.get_ref().as_ref() {
            "signal" => signal = reader.words("signal", value),
            "at_least" => at_least = reader.number("at_least", value),
            other => {
                reader.wrong(key.span(), &format!("unknown key \"{other}\""), Some("signal and at_least"))
            }
        }
    }
    let floor = signal.zip(at_least).map(|(signal, at_least)| Floor { signal, at_least });
    if floor.is_none() {
        let hint = "write { signal = \"Requests\", at_least = 50 }";
        reader.wrong(value.span(), "the floor lacks signal or at_least", Some(hint));
    }
    floor
}
