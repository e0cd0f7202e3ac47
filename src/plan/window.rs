//! When a phase runs, as its heading or a field says it: days, weeks, hours from T0, clock times.
//!
//! Pure reading of one text; `phases` decides which text it is.

use super::clock::clock;
use super::span::{first_span, span_at, spans};
use super::vocabulary::words;
use super::words::{fold, has_any, number_at, skip_blank};
use super::{Share, Window};

const HOUR: i64 = 3600;

/// Reads a window text; `None` where it says no time at all.
pub(crate) fn window(text: &str) -> Option<Window> {
    let lower = text.to_lowercase();
    let (at, zone) = clock(text).map_or((None, None), |(at, zone)| (Some(at), zone));
    let mut window = Window { text: text.trim().to_owned(), at, zone, ..Window::default() };
    if let Some((from, to)) = minus_times(&lower) {
        (window.start, window.end) = (Some(from), to);
    } else if let Some(before) = ahead(&lower) {
        (window.start, window.end) = (Some(-before), Some(-before));
    } else if let Some((from, to)) = counted(&lower, HOURS) {
        window.start = Some(from * HOUR);
        window.end = to.map(|to| to * HOUR);
    } else if let Some((from, to)) = counted(&lower, DAYS) {
        window.days = Some((small(from), to.map(small)));
    } else if let Some((from, to)) =
        counted(&lower, WEEKS).or_else(|| wide_count(&lower, &["週目", "周", "주차", "週"]))
    {
        window.days = Some((small(7 * from - 6), to.map(|to| small(7 * to))));
    } else if let Some((from, to)) = wide_count(&lower, &["日目", "天", "일차"]) {
        window.days = Some((small(from), to.map(small)));
    } else if window.at.is_none() && !says_time(&lower) {
        return None;
    }
    Some(window)
}

fn small(days: i64) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

const DAYS: &[&str] = words! {
    "day" "days" "tag" "tage" "jour" "jours" "día" "días" "dia" "dias" "j" "d"
};
const WEEKS: &[&str] = words! {
    "week" "weeks" "woche" "wochen" "semaine" "semaines" "semana" "semanas" "wk" "w"
};
const HOURS: &[&str] = words! {
    "hour" "hours" "stunde" "stunden" "heure" "heures" "hora" "horas" "hr" "hrs"
};
const OTHER: &[&str] = words! {
    "month" "months" "monat" "monate" "mois" "mes" "mês" "meses" "minute" "minutes" "quarter" "sprint"
    "weekend" "mon" "tue" "wed" "thu" "fri" "sat" "sun" "monday" "tuesday" "wednesday" "thursday"
    "friday" "saturday" "sunday" "morning" "afternoon" "evening" "tomorrow" "today" "immediately"
    "january" "february" "march" "april" "june" "july" "august" "september" "october" "november"
    "december" "jan" "feb" "mar" "apr" "jun" "jul" "aug" "sep" "sept" "oct" "nov" "dec" "montag"
    "dienstag" "mittwoch" "donnerstag" "freitag" "januar" "februar" "märz" "mai" "juni" "juli"
    "q1" "q2" "q3" "q4" "oktober" "dezember" "lundi" "mardi" "mercredi" "jeudi" "vendredi" "lunes" "martes" "miércoles"
    "jueves" "viernes" "segunda" "terça" "quarta" "quinta" "sexta"
};

/// Whether a text is about time at all: what a bracket in a heading is asked.
pub(crate) fn says_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    spans(&lower).next().is_some()
        || minus_times(&lower).is_some()
        || clock(&lower).is_some()
        || [DAYS, WEEKS, HOURS].iter().any(|names| counted(&lower, names).is_some())
        || date(&lower)
        || wide_time(&lower)
        || has_any(&fold(&lower), OTHER)
        || relative(&lower)
        || is_the_day(&lower) && lower.split_whitespace().count() <= 5
}

/// Whether a title names the day itself: "Launch day", "During the migration", "Jour J".
pub(crate) fn is_the_day(title: &str) -> bool {
    const DAY: &[&str] = words! {
        "launch day" "release day" "deployment day" "go live day" "migration day" "cutover day"
        "d day" "day of launch" "morning of launch" "on the day" "jour j" "umstellungstag" "go live tag"
        "tag der umstellung" "día del lanzamiento" "dia do lançamento"
    };
    const WHILE: [&str; 6] = ["during ", "während ", "pendant ", "durante ", "day of ", "day 0"];
    const WIDE: [&str; 7] = ["当日", "上线当天", "发布当天", "上线过程", "배포당일", "배포 당일", "배포 중"];
    let folded = fold(title);
    has_any(&folded, DAY)
        || WHILE.iter().any(|word| folded.starts_with(word))
        || WIDE.iter().any(|word| title.contains(word))
}

/// "after pilot window", "T0", "before launch".
fn relative(lower: &str) -> bool {
    let first = lower.split_whitespace().next().unwrap_or("");
    let two_words = lower.split_whitespace().count() > 1;
    two_words
        && matches!(
            first,
            "after" | "before" | "until" | "nach" | "vor" | "après" | "avant" | "después" | "após" | "antes"
        )
        || matches!(lower.trim(), "t0" | "t+0" | "t-0" | "h0" | "d0" | "d-day" | "ongoing" | "tbd" | "tba")
}

/// "2日目〜3日目", "第1周", "1주차": numbers before a counter.
fn wide_count(lower: &str, counters: &[&str]) -> Option<(i64, Option<i64>)> {
    let mut found = Vec::new();
    for (at, _) in lower.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        let glued = lower[..at].ends_with(|c: char| c.is_ascii_digit());
        if let Some(number) = number_at(lower, at).filter(|n| !glued && n.value < 1e5)
            && counters.iter().any(|counter| lower[number.end..].starts_with(counter))
        {
            found.push(number.value as i64);
        }
    }
    Some((*found.first()?, found.last().copied()))
}

fn wide_time(lower: &str) -> bool {
    const MARKS: &[&str] = words! {
        "日目" "週目" "时间" "第1周" "第2周" "第3周" "第4周" "当日" "주차"
    };
    MARKS.iter().any(|mark| lower.contains(mark))
}

/// "2025-10-21", "10/21", "21.10.".
fn date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    (0..bytes.len()).any(|i| {
        digit(i)
            && digit(i + 1)
            && digit(i + 2)
            && digit(i + 3)
            && bytes.get(i + 4) == Some(&b'-')
            && digit(i + 5)
            && digit(i + 6)
    })
}

/// "24 hours before launch": how long before T0, in seconds.
fn ahead(lower: &str) -> Option<i64> {
    let (at, seconds, end) = spans(lower).next()?;
    let behind = lower[end..].trim_start();
    let before = ["before", "prior", "vor dem", "vor der", "vorher", "avant", "antes"];
    (at == 0 && before.iter().any(|word| behind.starts_with(word))).then_some(seconds as i64)
}

/// Numbers after one of `names`: "days 5-10", "day -7 to day -1", "week 6+"; `None` as the second is
/// an open end, a single number ends where it begins.
fn counted(lower: &str, names: &[&str]) -> Option<(i64, Option<i64>)> {
    for (at, word) in word_starts(lower).filter(|(_, word)| names.contains(word)) {
        let start = skip_blank(lower, at + word.len(), false);
        let Some((from, end)) = signed(lower, start) else { continue };
        return Some((from, upper(lower, end, from, names)));
    }
    None
}

fn upper(lower: &str, end: usize, from: i64, names: &[&str]) -> Option<i64> {
    let rest = lower[end..].trim_start();
    if rest.starts_with('+')
        || rest.starts_with("onward")
        || rest.starts_with("and beyond")
        || rest.starts_with("and later")
    {
        return None;
    }
    let open =
        ["ab ", "from ", "since ", "desde ", "a partir ", "dès "].iter().any(|word| lower.starts_with(word));
    let Some(mut at) = range_sign(lower, end) else { return (!open).then_some(from) };
    let word = lower[at..].split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    if names.contains(&word) {
        at = skip_blank(lower, at + word.len(), false);
    }
    signed(lower, at).map_or(Some(from), |(to, _)| Some(to))
}

/// Where the number after "-", "–", "to", "through", "bis", "a" begins.
fn range_sign(lower: &str, end: usize) -> Option<usize> {
    let at = skip_blank(lower, end, false);
    let rest = &lower[at..];
    let sign = words! {
        "-" "–" "—" "~" "to " "through " "until " "bis " "à " "al " "a " "até " ".." "〜" "～"
    }
    .iter()
    .find(|sign| rest.starts_with(**sign))?;
    Some(skip_blank(lower, at + sign.len(), false))
}

fn signed(lower: &str, at: usize) -> Option<(i64, usize)> {
    let rest = &lower[at..];
    let sign = rest.chars().next().filter(|c| matches!(c, '-' | '−' | '+' | '–'));
    let from = at + sign.map_or(0, char::len_utf8);
    let number = number_at(lower, from).filter(|n| n.value < 1e5)?;
    let value = number.value as i64;
    Some((if matches!(sign, Some('-' | '−' | '–')) { -value } else { value }, number.end))
}

fn word_starts(lower: &str) -> impl Iterator<Item = (usize, &str)> {
    lower.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).map(|word| {
        // `word` is a slice of `lower`, so the distance is its place.
        (word.as_ptr() as usize - lower.as_ptr() as usize, word)
    })
}

/// "T-24h to T-1h", "T+30m", "T+2h+": seconds from T0.
pub(crate) fn minus_times(lower: &str) -> Option<(i64, Option<i64>)> {
    let mut found = Vec::new();
    let mut open = false;
    for (at, _) in lower.match_indices('t') {
        let alone = !lower[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if let Some((seconds, end)) = offset(lower, at + 1).filter(|_| alone) {
            found.push(seconds);
            open = lower[end..].starts_with('+');
        }
    }
    match found[..] {
        [] => None,
        [one] => Some((one, if open { None } else { Some(one) })),
        [first, .., last] => Some((first, Some(last))),
    }
}

fn offset(lower: &str, at: usize) -> Option<(i64, usize)> {
    let rest = &lower[at..];
    let (sign, from) = match rest.chars().next()? {
        '0' => return Some((0, at + 1)),
        ' ' if rest.starts_with(" minus ") => (-1, at + 7),
        ' ' if rest.starts_with(" plus ") => (1, at + 6),
        c @ ('-' | '−' | '–') => (-1, at + c.len_utf8()),
        '+' => (1, at + 1),
        _ => return None,
    };
    if let Some((seconds, end)) = span_at(lower, skip_blank(lower, from, false)) {
        return Some((sign * seconds as i64, end));
    }
    let number = number_at(lower, from)?;
    let days = if number.value == 0.0 { 0 } else { sign * number.value as i64 * 24 * HOUR };
    Some((days, number.end))
}

/// A part of users or traffic: "10% of users", "5 tenants".
pub(crate) fn share(text: &str) -> Option<Share> {
    const WHO: &[&str] = words! {
        "users" "user" "partners" "traffic" "customers" "tenants" "merchants" "accounts" "requests" "companies"
        "stores" "sellers" "hosts" "nodes" "pods" "servers" "regions" "clusters" "teams" "employees"
        "clients" "orgs" "organizations" "sessions" "devices" "nutzer" "kunden" "utilisateurs" "trafic"
        "usuarios" "usuários" "tráfico" "tráfego" "clientes" "verkehr"
    };
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let number = number_at(text, at)?;
    let glued = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.');
    let rest = text[number.end..].trim_start_matches(['+', ' ']);
    let near: Vec<&str> = rest.split_whitespace().take(3).collect();
    let who = has_any(&fold(&near.join(" ")), WHO) && rest.starts_with(char::is_alphabetic);
    if glued
        || first_span(&text[at..]).is_some_and(|_| !rest.starts_with('%'))
        || !(rest.starts_with(['%', '％']) || who)
    {
        return None;
    }
    let end = rest.find([',', ';', '(', ')', '（', '|', '/', '→', ':']).unwrap_or(rest.len());
    let unit = rest[..end].trim_end_matches([' ', '-', '–', '—']);
    let of = unit.trim_start_matches(['%', '％']).trim_start();
    let said = of.len() < unit.len()
        && !["of ", "der ", "des ", "du ", "de ", "dos ", "da "].iter().any(|w| of.starts_with(w));
    let unit = if said && !has_any(&fold(of), WHO) { "%" } else { unit };
    Some(Share { value: number.value, unit: unit.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> (Option<i64>, Option<i64>) {
        window(text).map_or((None, None), |w| (w.start.map(|s| s / HOUR), w.end.map(|s| s / HOUR)))
    }

    #[test]
    fn hours_count_from_t0() {
        assert_eq!(hours("Day 0 - Hours 0-2"), (Some(0), Some(2)));
        assert_eq!(hours("T-24h to T-1h"), (Some(-24), Some(-1)));
        assert_eq!(hours("T+2h"), (Some(2), Some(2)));
        assert_eq!(hours("Day 1"), (None, None));
    }

    #[test]
    fn days_and_weeks_are_calendar() {
        for (text, days) in [
            ("Day -7 to Day -1", (-7, Some(-1))),
            ("Days 5-10", (5, Some(10))),
            ("Day 11+", (11, None)),
            ("Week 2-3", (8, Some(21))),
            ("Woche 1", (1, Some(7))),
            ("Dias 3 a 4", (3, Some(4))),
        ] {
            assert_eq!(window(text).and_then(|w| w.days), Some(days), "{text}");
        }
    }

    #[test]
    fn clock_times_carry_their_zone() {
        let read = |text| clock(text).map(|(at, zone)| (at, zone.unwrap_or_default()));
        let is = |at: &str, zone: &str| Some((at.to_owned(), zone.to_owned()));
        assert_eq!(read("10:00 AM EST"), is("10:00", "EST"));
        assert_eq!(read("2 pm"), is("14:00", ""));
        assert_eq!(read("12:15 AM"), is("00:15", ""));
        assert_eq!(read("at 14:30 Europe/Berlin"), is("14:30", "Europe/Berlin"));
        assert_eq!(read("09:00 (UTC)"), is("09:00", "UTC"));
        assert_eq!(read("ratio 3:2, port 8080:80, 1.5"), None);
    }

    #[test]
    fn what_is_no_window() {
        for text in ["Pilot", "if ready", "10% of users", "Internal"] {
            assert_eq!(window(text), None, "{text}");
        }
        assert!(window("after pilot window").is_some() && window("30 minutes").is_some());
    }
}
