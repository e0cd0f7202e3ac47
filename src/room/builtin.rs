//! Holds that the plan's own words ask for: "T-10m: hold for 15 min". They are proposed, never planned by
//! themselves: `:hold plan` plans those that are still ahead.

use chrono::{DateTime, Utc};

use super::clock::{parse_place, parse_span};
use super::fold::Room;
use super::intent::Intent;

/// A hold that the plan asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Seconds from T0.
    pub at: i64,
    /// Seconds.
    pub lasts: i64,
    /// The plan's words.
    pub text: String,
    /// Its line.
    pub line: usize,
}

impl Room {
    /// The holds that items of the plan ask for, in its order.
    pub fn built_in(&self) -> Vec<BuiltIn> {
        let found = self.plan.items.iter().filter_map(|item| {
            let (at, lasts) = hold_of(&item.text)?;
            Some(BuiltIn { at, lasts, text: item.text.clone(), line: item.line })
        });
        found.collect()
    }

    /// What plans those of them that can still be planned.
    pub fn holds_to_plan(&self, now: DateTime<Utc>) -> Vec<Intent> {
        let plan = |hold: BuiltIn| Intent::PlanHold { at: hold.at, lasts: hold.lasts, reason: hold.text };
        let all = self.built_in().into_iter().map(plan);
        all.filter(|intent| super::clock::judge(self, intent, now).is_ok()).collect()
    }
}

/// Where and how long a sentence wants the count to stand.
fn hold_of(text: &str) -> Option<(i64, i64)> {
    let text = text.replace('−', "-");
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || "(),;.:".contains(c)).collect();
    let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
    let holds = |w: &&str| ["hold", "holds", "halt"].contains(&w.to_lowercase().as_str());
    if !words.iter().any(holds) {
        return None;
    }
    let spans: Vec<(usize, i64)> = (0..words.len()).filter_map(|i| Some((i, span_at(&words, i)?))).collect();
    let (place, at) = (0..words.len()).find_map(|i| Some((i, place_at(&words, i)?)))?;
    let own = |i: usize| i == place || i == place + 1;
    spans.into_iter().find(|(i, _)| !own(*i)).map(|(_, lasts)| (at, lasts))
}

/// "T-10m", "T-10 min".
fn place_at(words: &[&str], i: usize) -> Option<i64> {
    let word = words[i];
    parse_place(word).or_else(|| {
        let number = word.strip_prefix(['T', 't'])?.strip_prefix(['-', '+'])?.parse::<u32>().ok()?;
        parse_place(&format!("{}{number}{}", &word[..2], unit(words.get(i + 1)?)?))
    })
}

/// "15m", "15 minutes", "15-minute".
fn span_at(words: &[&str], i: usize) -> Option<i64> {
    let word = words[i];
    if let Some((number, of)) = word.split_once('-') {
        return parse_span(&format!("{}{}", number.parse::<u32>().ok()?, unit(of)?));
    }
    let whole = parse_span(word).filter(|_| word.starts_with(|c: char| c.is_ascii_digit()));
    whole.or_else(|| parse_span(&format!("{}{}", word.parse::<u32>().ok()?, unit(words.get(i + 1)?)?)))
}

fn unit(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hour" | "hours" => "h",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_asks_for_a_hold_is_understood_and_others_are_left_alone() {
        for (text, hold) in [
            ("T-10m: hold for 15 min", Some((-600, 900))),
            ("T-20 minutes: planned hold (10 minutes)", Some((-1200, 600))),
            ("Built-in 15-minute hold at T-10m", Some((-600, 900))),
            ("T+2h: hold, 30m, and look", Some((7200, 1800))),
            ("T-10m: freeze merges for 15 min", None),
            ("Hold the release for 15 min", None),
            ("T-10m: hold", None),
        ] {
            assert_eq!(hold_of(text), hold, "{text}");
        }
    }
}
