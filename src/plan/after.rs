//! When something falls due that is counted from the end of the launch: "Week 2-4", "Month 3",
//! "1–2 weeks after launch", and how often something comes back: "Daily", "every 2 weeks".
//!
//! Pure reading of one text; `room` counts from there. What it does not know for sure it leaves out.

use super::clock::clock;
use super::span::spans;
use super::vocabulary::words;
use super::window::window;
use super::words::{fold, has_any, number_at, skip_blank};

/// A distance from the end of a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// So many seconds later.
    Seconds(i64),
    /// At the beginning of a calendar day, the day of the end being day 0.
    Days(i32),
    /// So many months later, on the same day of the month.
    Months(u32),
}

/// From when to when something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// Its beginning.
    pub from: Ahead,
    /// The first moment behind it; none where it stays open.
    pub to: Option<Ahead>,
}

/// How often something comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Every so many seconds, less than a day.
    Seconds(u32),
    /// Every so many days.
    Days(u32),
    /// Every so many months.
    Months(u32),
}

const MONTHS: &[&str] = words! {
    "month" "months" "monat" "monate" "mois" "mes" "meses" "mês"
};

/// What says that a span counts from the launch on.
const BEHIND: &[&str] = words! {
    "after" "post" "later" "following" "nach" "danach" "später" "après" "plus tard" "después" "tras"
    "depois" "após"
};

/// Reads when something is due: "Week 2", "Days 3-5", "Month 2+", "24 hours post-deployment".
pub fn after(text: &str) -> Option<After> {
    let lower = text.to_lowercase();
    months(&lower).or_else(|| counted(&lower)).or_else(|| spanned(&lower))
}

/// As [`after`], for a sentence that says other things too: only a span that it counts from the launch.
pub fn after_in(text: &str) -> Option<After> {
    spanned(&text.to_lowercase())
}

/// Seconds from T0 of a moment: "T-24h", "24 hours before launch". None for a stretch of time and for
/// what counts from something else.
pub fn from_t0(text: &str) -> Option<i64> {
    let window = window(text)?;
    window.start.filter(|start| window.end == Some(*start))
}

/// The zone written behind a clock time: "EST" of "10:00 AM EST".
pub fn zone_word(text: &str) -> Option<String> {
    clock(text)?.1
}

/// Reads how often something comes back.
pub fn every(text: &str) -> Option<Every> {
    let (lower, folded) = (text.to_lowercase(), fold(text));
    let named: [(&[&str], Every); 7] = [
        (words! { "hourly" "every hour" "stündlich" "each hour" }, Every::Seconds(3_600)),
        (
            words! { "biweekly" "bi weekly" "fortnightly" "every two weeks" "every other week" },
            Every::Days(14),
        ),
        (words! { "daily" "every day" "each day" "täglich" "quotidien" "diario" "diário" }, Every::Days(1)),
        (words! { "weekly" "every week" "each week" "wöchentlich" "hebdomadaire" "semanal" }, Every::Days(7)),
        (words! { "quarterly" "every quarter" "quartalsweise" "trimestral" }, Every::Months(3)),
        (words! { "monthly" "every month" "each month" "monatlich" "mensuel" "mensual" }, Every::Months(1)),
        (words! { "yearly" "annually" "every year" "jährlich" "anual" }, Every::Months(12)),
    ];
    let wide = [("毎日", Every::Days(1)), ("毎週", Every::Days(7)), ("毎月", Every::Months(1))];
    let said = named.iter().find(|(names, _)| has_any(&folded, names)).map(|(_, every)| *every);
    said.or_else(|| wide.iter().find(|(name, _)| text.contains(name)).map(|(_, every)| *every))
        .or_else(|| repeated(&lower))
}

/// "every 2 hours", "alle 3 Tage".
fn repeated(lower: &str) -> Option<Every> {
    let starts = words! { "every " "alle " "toutes les " "tous les " "cada " "a cada " };
    let at = starts.iter().find_map(|word| lower.find(*word).map(|at| at + word.len()))?;
    let (_, seconds, _) = spans(&lower[at..]).next().filter(|(start, ..)| *start == 0)?;
    let seconds = whole(seconds)?;
    match seconds {
        2_592_000.. if seconds % 2_592_000 == 0 => {
            Some(Every::Months(u32::try_from(seconds / 2_592_000).ok()?))
        }
        86_400.. => Some(Every::Days(u32::try_from(seconds / 86_400).ok()?)),
        60.. => Some(Every::Seconds(u32::try_from(seconds).ok()?)),
        _ => None,
    }
}

/// "Month 3", "Months 2-4", "Month 2+".
fn months(lower: &str) -> Option<After> {
    let starts = lower
        .char_indices()
        .filter(|(at, _)| !lower[..*at].chars().next_back().is_some_and(char::is_alphabetic));
    for (at, _) in starts {
        let word: String = lower[at..].chars().take_while(|c| c.is_alphabetic()).collect();
        if !MONTHS.contains(&word.as_str()) {
            continue;
        }
        let Some((first, end)) = count(lower, skip_blank(lower, at + word.len(), false)) else { continue };
        let (last, open) = upper(lower, end, first);
        return Some(After {
            from: Ahead::Months(first.saturating_sub(1)),
            to: (!open).then_some(Ahead::Months(last)),
        });
    }
    None
}

/// What stands behind the first number: the last one, and whether there is none.
fn upper(lower: &str, end: usize, first: u32) -> (u32, bool) {
    let rest = lower[end..].trim_start();
    if rest.starts_with('+') || rest.starts_with("onward") || rest.starts_with("and beyond") {
        return (first, true);
    }
    let second = words! { "-" "–" "—" "to " "bis " "à " "a " }.iter().find_map(|sign| {
        let behind = rest.strip_prefix(*sign)?;
        let at = lower.len() - behind.len();
        count(lower, skip_blank(lower, at, false))
    });
    (second.map_or(first, |(last, _)| last.max(first)), false)
}

fn count(lower: &str, at: usize) -> Option<(u32, usize)> {
    let number =
        number_at(lower, at).filter(|n| (0.0..1_200.0).contains(&n.value) && n.value.fract() == 0.0)?;
    Some((number.value as u32, number.end))
}

/// Days and weeks that have numbers: Week 1 begins on the day of the end.
fn counted(lower: &str) -> Option<After> {
    let (from, to) = window(lower)?.days.filter(|(from, _)| *from >= 0)?;
    Some(After { from: Ahead::Days((from - 1).max(0)), to: to.map(|to| Ahead::Days(to.max(from).max(1))) })
}

/// "1–2 weeks after launch", "24 hours post-deployment", "within 48 hours after go-live".
fn spanned(lower: &str) -> Option<After> {
    let (at, seconds, end) = spans(lower).next()?;
    let behind = fold(&lower[end..]);
    let first = behind.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let before = fold(&lower[..at]);
    let counts =
        has_any(&first, BEHIND) || before.split_whitespace().next_back().is_some_and(|w| w == "nach");
    if !counts {
        return None;
    }
    let seconds = whole(seconds)?;
    let within = has_any(&before, words! { "within" "first" "innerhalb" "ersten" "dans les" "dentro" });
    let from = if within { 0 } else { lower_end(lower, at, end, seconds).unwrap_or(seconds) };
    Some(After { from: ahead(from), to: later(from, seconds) })
}

/// The "1" of "1–2 weeks", in the seconds of its unit.
fn lower_end(lower: &str, at: usize, end: usize, seconds: i64) -> Option<i64> {
    let sign = lower[..at].trim_end();
    let sign = ["-", "–", "—", " to", " bis", " à"].iter().find_map(|s| sign.strip_suffix(s))?;
    let digits: String = sign.trim_end().chars().rev().take_while(char::is_ascii_digit).collect();
    let first: i64 = digits.chars().rev().collect::<String>().parse().ok().filter(|n| *n < 10_000)?;
    let last = number_at(&lower[..end], at).filter(|n| n.value >= 1.0)?.value as i64;
    (first < last).then(|| seconds / last * first)
}

fn ahead(seconds: i64) -> Ahead {
    match i32::try_from(seconds / 86_400) {
        Ok(days) if seconds % 86_400 == 0 && days != 1 => Ahead::Days(days),
        _ => Ahead::Seconds(seconds),
    }
}

/// The end of what begins at `from` and is due at `seconds`: the end of that day, or that moment.
fn later(from: i64, seconds: i64) -> Option<Ahead> {
    match (ahead(from), ahead(seconds)) {
        (Ahead::Days(a), Ahead::Days(b)) if a == b => Some(Ahead::Days(b + 1)),
        (_, to) => Some(to),
    }
}

fn whole(seconds: f64) -> Option<i64> {
    const TEN_YEARS: f64 = 3_660.0 * 86_400.0;
    (1.0..TEN_YEARS).contains(&seconds).then_some(seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ahead::{Days, Months, Seconds};

    #[test]
    fn what_counts_from_the_end_of_a_launch() {
        for (text, from, to) in [
            ("Week 1", Days(0), Some(Days(7))),
            ("Week 2-4", Days(7), Some(Days(28))),
            ("Day 1", Days(0), Some(Days(1))),
            ("Week 6+", Days(35), None),
            ("Month 3", Months(2), Some(Months(3))),
            ("Month 2+", Months(1), None),
            ("Monate 2 bis 4", Months(1), Some(Months(4))),
            ("24 hours post-deployment", Seconds(86_400), Some(Seconds(86_400))),
            ("30 days after launch", Days(30), Some(Days(31))),
            ("within 48 hours after go-live", Seconds(0), Some(Days(2))),
        ] {
            let found = after(text);
            let from = if text.starts_with("within") { Days(0) } else { from };
            assert_eq!(found, Some(After { from, to }), "{text}");
        }
        let sentence = "Schedule a metrics review 1–2 weeks after launch to confirm stability.";
        assert_eq!(after_in(sentence), Some(After { from: Days(7), to: Some(Days(14)) }));
        for text in ["soon", "", "after the pilot", "Keep it for 2 weeks", "Day -3", "T+2h"] {
            assert_eq!(after(text), None, "{text}");
        }
    }

    #[test]
    fn how_often_something_comes_back() {
        for (text, want) in [
            ("Daily", Some(Every::Days(1))),
            ("Weekly updates on readiness", Some(Every::Days(7))),
            ("Bi-weekly", Some(Every::Days(14))),
            ("Monthly", Some(Every::Months(1))),
            ("every 2 hours", Some(Every::Seconds(7_200))),
            ("Every 3 days", Some(Every::Days(3))),
            ("Täglich", Some(Every::Days(1))),
            ("毎週", Some(Every::Days(7))),
            ("Dailyness", None),
            ("once", None),
        ] {
            assert_eq!(every(text), want, "{text}");
        }
    }
}
