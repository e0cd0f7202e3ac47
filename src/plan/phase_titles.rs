//! What a phase's title and the fields below it say: name, window, share and kind.
//!
//! Called by `phases`.

use super::clock::clock;
use super::ordinal::ordinal;
use super::outline::Outline;
use super::topic::{self, *};
use super::vocabulary::words;
use super::window::{is_the_day, minus_times, share, window};
use super::words::{fold, has_any, squeeze};
use super::{PhaseKind, Share, Window};

/// A title without the brackets that say when and for whom, and what they say.
pub(crate) fn title_parts(title: &str) -> (String, Option<Window>, Option<Share>) {
    let title = without_state(title);
    let (mut name, mut when, mut portion) = (String::new(), None, None);
    let mut rest = title;
    while let Some(open) = rest.find(['(', '（', '[']) {
        let Some(close) = rest[open..].find([')', '）', ']']).map(|c| open + c) else { break };
        let width = rest[open..].chars().next().map_or(1, char::len_utf8);
        let inside = &rest[open + width..close];
        let (time, part) = bracket(inside);
        name.push_str(&rest[..open]);
        let after = close + rest[close..].chars().next().map_or(1, char::len_utf8);
        if time.is_none() && part.is_none() {
            name.push_str(&rest[open..after]);
        }
        (when, portion) = (when.or(time), portion.or(part));
        rest = &rest[after..];
    }
    name.push_str(rest);
    let name =
        name.trim_start_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '(' | '[' | '"' | '“')));
    let name = squeeze(undated(name).trim().trim_end_matches([':', '–', '—', '-', '·', '•']));
    let when = when.or_else(|| segments(title).filter(|s| !is_the_day(s)).find_map(window));
    let when = when.map(|when| match clock(title) {
        Some((at, zone)) if when.at.is_none() && when.start.is_none() => {
            Window { at: Some(at), zone, ..when }
        }
        _ => when,
    });
    // "T0 (10:00)" is at T0, and at ten.
    let from = || ordinal(title).filter(|o| o.word == "t").and_then(|o| minus_times(&o.number));
    let when = when.map(|when| match from() {
        Some((start, end)) if when.start.is_none() && when.days.is_none() => {
            Window { start: Some(start), end, ..when }
        }
        _ => when,
    });
    // "Etappe 3 Alle Kunden" is for all of them, not for three.
    let past = |s| ordinal(s).filter(|o| !o.rest.starts_with(['%', '％'])).map_or(s, |o| o.rest);
    let portion = portion.or_else(|| segments(title).map(past).find_map(share));
    (name, when, portion)
}

/// A title without the state at its end: "Canary ✅ COMPLETE".
fn without_state(title: &str) -> &str {
    const STATES: [&str; 9] = ["✅", "🔄", "⏳", "❌", "🚧", "✔", "🟢", "🟡", "🔴"];
    let end = STATES.iter().filter_map(|mark| title.find(mark)).min().unwrap_or(title.len());
    let title = if title[..end].chars().any(char::is_alphanumeric) { title[..end].trim_end() } else { title };
    let behind = [" - ", " – ", " — "].iter().find_map(|dash| title.rsplit_once(dash));
    behind.filter(|(_, state)| is_state(state)).map_or(title, |(before, _)| before.trim_end())
}

/// "CURRENT", "DONE", "IN PROGRESS": shouted behind a title, it is how far the phase has come.
pub(crate) fn is_state(said: &str) -> bool {
    const SAID: &[&str] = words! {
        "current" "done" "complete" "completed" "in progress" "active" "pending" "planned" "next" "todo"
        "not started" "blocked" "upcoming"
    };
    SAID.contains(&fold(said).as_str()) && !said.chars().any(char::is_lowercase)
}

/// A name without the time behind a dot, or behind a dash where a name stands before it: "Canary · Dec 5",
/// "Stage 2: Canary - Day 1".
fn undated(name: &str) -> &str {
    match name.rsplit_once(['·', '•']) {
        Some((before, said)) if window(said).is_some() => undated(before),
        _ => {
            let behind = [" - ", " – ", " — "].iter().find_map(|dash| name.rsplit_once(dash));
            let named = |before: &str| ordinal(before).is_some_and(|o| o.strong && !o.rest.trim().is_empty());
            let timed = behind.filter(|(before, said)| named(before) && is_days(said));
            timed.map_or(name, |(before, _)| before)
        }
    }
}

/// "Day 1-2", "Week 3", "Day 5+": days and nothing else.
fn is_days(said: &str) -> bool {
    let plain = said.split_whitespace().count() <= 2;
    plain
        && ordinal(said.trim()).is_some_and(|o| !o.strong && o.rest.chars().all(|c| !c.is_alphabetic()))
        && window(said).is_some_and(|w| w.days.is_some())
}

fn bracket(inside: &str) -> (Option<Window>, Option<Share>) {
    if let Some(portion) = share(inside) {
        let time = inside
            .split([',', ';', '|', '/', '·'])
            .find_map(|piece| window(piece).filter(|_| share(piece).is_none()));
        return (time, Some(portion));
    }
    let Some(whole) = window(inside) else { return (None, None) };
    let pieces = || inside.split([',', ';', '|', '·']);
    let portion = pieces().find_map(share);
    let time = portion.as_ref().and_then(|_| pieces().find_map(window));
    (time.or(Some(whole)), portion)
}

/// The parts of a title between dashes, colons, bars and commas; a numbered beginning is one.
fn segments(title: &str) -> impl Iterator<Item = &str> {
    title
        .split([':', '|', '—', '：', '·', '•', '(', ')'])
        .flat_map(|s| s.split(" - "))
        .flat_map(|s| s.split(" – "))
        .flat_map(|s| s.split(", "))
        .map(str::trim)
}

/// What the fields right below a phase's title say of time and share.
pub(crate) fn fields(outline: &Outline, scope: usize) -> (Option<Window>, Option<Share>) {
    const WHEN: &[&str] = words! {
        "time" "when" "window" "date" "dates" "timeline" "schedule" "start" "timing" "start time"
        "time window" "deployment window" "target date" "scheduled" "datum" "zeit" "zeitraum"
        "zeitfenster" "date et heure" "horaire" "fecha" "hora" "horario" "data" "horário" "quando"
        "cuándo" "período" "日時" "期間"
    };
    const LONG: &[&str] = words! {
        "duration" "length" "dauer" "durée" "duración" "duração" "soak time" "soak" "所要時間"
    };
    const WHO: &[&str] = words! {
        "traffic" "audience" "users" "scope" "rollout" "percentage" "target" "cohort" "share"
        "exposure" "tráfego" "público" "tráfico" "nutzer"
    };
    let find = |names: &[&str]| {
        let blocks = outline.direct(scope).take(12).filter_map(|b| b.rich.label());
        blocks
            .filter(|(label, rest)| !rest.is_empty() && names.contains(&fold(label).as_str()))
            .map(|(_, rest)| rest)
            .next()
    };
    let when = find(WHEN)
        .or_else(|| find(LONG))
        .map(|text| window(text).unwrap_or_else(|| Window { text: text.to_owned(), ..Window::default() }));
    (when, find(WHO).and_then(share))
}

/// Whether a window ends before T0.
pub(crate) fn is_before_launch(when: &Window) -> bool {
    when.days.and_then(|(_, to)| to).map(i64::from).or(when.end).is_some_and(|end| end < 0)
}

pub(crate) fn kind(name: &str, when: Option<&Window>, portion: Option<&Share>) -> PhaseKind {
    let title = ordinal(name).map_or(name, |o| if o.rest.is_empty() { name } else { o.rest });
    let topics = topic::classify(title);
    let before = when.is_some_and(is_before_launch);
    let folded = fold(title);
    if portion.is_some_and(|p| p.value > 0.0) {
        PhaseKind::Rollout
    } else if before || topics.any(PREFLIGHT.and(READY)) {
        PhaseKind::Preflight
    } else if has_any(
        &folded,
        words! {
            "validation" "verification" "validate" "verify" "validierung" "verificação" "verificación"
            "vérification"
        },
    ) {
        PhaseKind::Validation
    } else if topics.any(AFTER) {
        PhaseKind::Afterwards
    } else {
        PhaseKind::Rollout
    }
}

/// "Before Phase 2" is about it as "Phase 2 checks" is.
pub(crate) fn past_before(title: &str) -> &str {
    const BEFORE: &[&str] = words! {
        "before" "entering" "starting" "during" "vor" "während" "avant" "pendant" "antes" "durante" "pre"
    };
    const OF: [&str; 6] = ["the ", "der ", "la ", "de la ", "da ", "de "];
    let Some((first, rest)) = title.split_once([' ', '-']) else { return title };
    if !BEFORE.contains(&first.to_lowercase().as_str()) {
        return title;
    }
    OF.iter().find_map(|of| rest.strip_prefix(of)).unwrap_or(rest)
}

/// A title says the day, a field below it the time: "Phase 1 (Day 1)" and "**Time:** 10:00 UTC".
pub(crate) fn with_clock(title: Option<Window>, field: Option<Window>) -> Option<Window> {
    let Some(mut when) = title else { return field };
    if let Some(field) = field.filter(|_| when.at.is_none() && when.start.is_none()) {
        (when.at, when.zone) = (field.at, field.zone);
    }
    Some(when)
}
