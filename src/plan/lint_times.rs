//! Times that cannot be told: without a zone, in a zone that does not hold on the day, with two origins.
//!
//! Called by `lint`. Knows the calendar, never the clock.

use chrono::{Datelike, NaiveDate, Weekday};

use super::clock::clock_at;
use super::lint::problem;
use super::outline::{Kind, Outline};
use super::vocabulary::words;
use super::words::{fold, number_at};
use super::{Level, MessageKind, Plan, Problem};

/// What is wrong with the times of a plan.
pub(crate) fn lint(outline: &Outline, plan: &Plan, out: &mut Vec<Problem>) {
    zones(outline, plan, out);
    seasons(outline, plan, out);
    origins(plan, out);
}

/// Clock times without a zone, once a document.
fn zones(outline: &Outline, plan: &Plan, out: &mut Vec<Problem>) {
    let windows = plan.phases.iter().filter_map(|p| Some((p.window.as_ref()?, p.line)));
    let said = windows.filter(|(w, _)| w.at.is_some() && w.zone.is_none()).map(|(w, line)| (line, &w.text));
    let sent = plan
        .messages
        .iter()
        .filter(|m| {
            m.kind == MessageKind::Scheduled && clock_at(&m.when).is_some_and(|(_, zone, _)| zone.is_none())
        })
        .map(|m| (m.line, &m.when));
    let mut times: Vec<(usize, &String)> = said.chain(sent).collect();
    times.sort_unstable();
    times.dedup_by_key(|(line, _)| *line);
    let Some((first, words)) = times.first() else { return };
    if zone_for_all(outline) {
        return;
    }
    let count = if times.len() == 1 { "1 time".to_owned() } else { format!("{} times", times.len()) };
    let hint = "write the zone, or say once which zone all times are in";
    let found = problem(Level::Warning, *first, format!("{count} without a time zone"), hint).on(*words);
    out.push(match times.last().filter(|_| times.len() > 1) {
        Some((last, words)) => found.and(*last, words, "the last"),
        None => found,
    });
}

/// "All times in UTC" anywhere.
fn zone_for_all(outline: &Outline) -> bool {
    outline.blocks.iter().filter(|b| matches!(b.kind, Kind::Paragraph | Kind::Item { .. })).any(|b| {
        let folded = &b.folded;
        let all = words! {
            "all times" "times are" "times in" "timezone" "time zone" "alle zeiten" "zeitzone"
            "todos los horarios" "zona horaria" "todos os horários" "fuso" "fuseau"
        };
        all.iter().any(|w| folded.contains(w))
    })
}

/// A zone of the other season: "EST" in October. Sources of the dates: the Energy Policy Act of 2005
/// (<https://www.nist.gov/pml/time-and-frequency-division/popular-links/daylight-saving-time-dst>) and
/// Directive 2000/84/EC (<https://eur-lex.europa.eu/eli/dir/2000/84/oj>).
struct Season {
    zone: &'static str,
    /// What is kept there on the other half of the year.
    other: &'static str,
    place: &'static str,
    summer: fn(NaiveDate) -> bool,
    /// Whether the zone is the one of summer.
    in_summer: bool,
}

const SEASONS: &[Season] = &[
    Season { zone: "EST", other: "EDT", place: "New York", summer: american, in_summer: false },
    Season { zone: "EDT", other: "EST", place: "New York", summer: american, in_summer: true },
    Season { zone: "PST", other: "PDT", place: "Los Angeles", summer: american, in_summer: false },
    Season { zone: "PDT", other: "PST", place: "Los Angeles", summer: american, in_summer: true },
    Season { zone: "CET", other: "CEST", place: "Berlin", summer: european, in_summer: false },
    Season { zone: "CEST", other: "CET", place: "Berlin", summer: european, in_summer: true },
    Season { zone: "MEZ", other: "MESZ", place: "Berlin", summer: european, in_summer: false },
    Season { zone: "MESZ", other: "MEZ", place: "Berlin", summer: european, in_summer: true },
    Season { zone: "BST", other: "GMT", place: "London", summer: european, in_summer: true },
];

/// From the second Sunday of March to the first of November.
fn american(day: NaiveDate) -> bool {
    let sunday = |month, week| NaiveDate::from_weekday_of_month_opt(day.year(), month, Weekday::Sun, week);
    sunday(3, 2).is_some_and(|from| day >= from) && sunday(11, 1).is_some_and(|to| day < to)
}

/// From the last Sunday of March to the last of October.
fn european(day: NaiveDate) -> bool {
    let last = |month| {
        let of = |week| NaiveDate::from_weekday_of_month_opt(day.year(), month, Weekday::Sun, week);
        of(5).or_else(|| of(4))
    };
    last(3).is_some_and(|from| day >= from) && last(10).is_some_and(|to| day < to)
}

/// The first time whose zone does not hold on the date of the plan.
fn seasons(outline: &Outline, plan: &Plan, out: &mut Vec<Problem>) {
    let windows = plan.phases.iter().filter_map(|p| Some((p.window.as_ref()?.zone.clone()?, p.line)));
    let sent = plan.messages.iter().filter_map(|m| Some((clock_at(&m.when)?.1?, m.line)));
    let mut used: Vec<(String, usize)> = windows.chain(sent).collect();
    used.sort_by_key(|(_, line)| *line);
    let Some((day, said)) = day(outline) else { return };
    let wrong = used.iter().find_map(|(zone, line)| {
        let season = SEASONS.iter().find(|s| s.zone == zone)?;
        ((season.summer)(day) != season.in_summer).then_some((season, *line))
    });
    if let Some((season, line)) = wrong {
        let message =
            format!("“{}” with the date {day}, when {} keeps {}", season.zone, season.place, season.other);
        let hint = "say which is meant: the offset, or the place's own time";
        let found = problem(Level::Warning, line, message, hint).on(season.zone);
        out.push(found.and(said, "", "the date"));
    }
}

/// The date of the launch, else of the document: a field "Date", "Launch date", "Go-live".
fn day(outline: &Outline) -> Option<(NaiveDate, usize)> {
    const LAUNCH: &[&str] = words! { "launch date" "go live" "go live date" "t0" "rollout date" "release date" "deployment date" "cutover" };
    const DATE: &[&str] = words! { "date" "datum" "fecha" "data" "when" };
    let fields = || outline.blocks.iter().filter_map(|b| Some((b.rich.label()?, b.line)));
    let find = |names: &[&str]| {
        let named = fields().filter(|((label, _), _)| names.contains(&fold(label).as_str()));
        named.into_iter().find_map(|((_, rest), line)| Some((iso(rest)?, line)))
    };
    find(LAUNCH).or_else(|| find(DATE))
}

/// "2025-10-21" at the start of a text.
fn iso(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim().get(..10)?, "%Y-%m-%d").ok()
}

/// "Week 4" of what comes after, where week 4 is also a phase's.
fn origins(plan: &Plan, out: &mut Vec<Problem>) {
    for followup in &plan.followups {
        let Some((week, _)) = followup.when.as_deref().and_then(weeks) else { continue };
        let within = |text: &str| weeks(text).is_some_and(|(from, to)| (from..=to).contains(&week));
        let phase = plan.phases.iter().find(|p| p.window.as_ref().is_some_and(|w| within(&w.text)));
        if let Some(phase) = phase {
            let message = format!(
                "“Week {week}” after the launch has the number of a week of “{}” on line {}",
                phase.name, phase.line
            );
            let found = problem(Level::Note, followup.line, message, "say from when these weeks count");
            let text = phase.window.as_ref().map_or("", |w| w.text.as_str());
            out.push(found.said("after the launch").and(phase.line, text, "within the launch"));
        }
    }
}

/// "Week 2-3" is (2, 3), "Week 6+" is (6, 6).
fn weeks(text: &str) -> Option<(i64, i64)> {
    let folded = text.to_lowercase();
    let rest = folded.trim_start().strip_prefix("week")?.trim_start_matches(['s', ' ']);
    let from = number_at(rest, 0)?;
    let behind = rest[from.end..].trim_start_matches([' ', '-', '–']);
    let to = number_at(behind, 0).map_or(from.value, |n| n.value);
    Some((from.value as i64, to as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summers_begin_on_sundays() {
        let day = |text: &str| iso(text).expect("a date");
        assert!(american(day("2025-10-21")) && !american(day("2025-11-02")) && american(day("2025-03-09")));
        assert!(european(day("2025-10-21")) && !european(day("2025-10-26")) && !european(day("2025-03-29")));
    }

    #[test]
    fn weeks_have_numbers() {
        assert_eq!(weeks("Week 2-3"), Some((2, 3)));
        assert_eq!(weeks("Week 6+"), Some((6, 6)));
        assert_eq!(weeks("Month 3"), None);
    }
}
