//! Clock times as people write them, and the zone behind them.
//!
//! Called wherever a plan may say "10:30 AM EST".

use super::vocabulary::words;
use super::words::skip_blank;

/// A clock time and the zone written after it: "10:00 AM EST" is ("10:00", "EST"), "2 pm" is ("14:00", none).
pub(crate) fn clock(text: &str) -> Option<(String, Option<String>)> {
    clock_at(text).map(|(at, zone, _)| (at, zone))
}

/// The same with the range of bytes it takes.
pub(crate) fn clock_at(text: &str) -> Option<(String, Option<String>, (usize, usize))> {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_digit() {
            i += 1;
            continue;
        }
        let width = bytes[i..].iter().take_while(|b| b.is_ascii_digit()).count();
        let before = text[..i].chars().next_back();
        let free = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ':' | '.' | '-' | '/' | '$'));
        if let Some((hour, minute, end)) = time_at(text, i, width).filter(|_| free && width <= 2) {
            let (zone, stop) = zone(text, end);
            return Some((format!("{hour:02}:{minute:02}"), zone, (i, stop)));
        }
        i += width;
    }
    None
}

fn time_at(text: &str, at: usize, width: usize) -> Option<(u32, u32, usize)> {
    let hour: u32 = text[at..at + width].parse().ok().filter(|h| *h < 24)?;
    let mut end = at + width;
    let minute = match minutes(text, end) {
        Some(minute) => {
            end += 3;
            Some(minute)
        }
        None => None,
    };
    if let Some((hour, end)) = half_day(text, end, hour) {
        return Some((hour, minute.unwrap_or(0), end));
    }
    let seconds = minute.is_some() && text[end..].starts_with(':');
    let end = if seconds { end + 3 } else { end };
    minute
        .filter(|_| text.is_char_boundary(end.min(text.len())))
        .map(|minute| (hour, minute, end.min(text.len())))
}

fn minutes(text: &str, at: usize) -> Option<u32> {
    let digits = text[at..].strip_prefix([':', 'h'])?.get(..2)?;
    let after = text[at + 3..].chars().next();
    let whole = digits.bytes().all(|b| b.is_ascii_digit()) && !after.is_some_and(|c| c.is_ascii_digit());
    digits.parse().ok().filter(|m| whole && *m < 60)
}

fn half_day(text: &str, at: usize, hour: u32) -> Option<(u32, usize)> {
    let from = skip_blank(text, at, false);
    let lower = text[from..].get(..4).or(text[from..].get(..2))?.to_ascii_lowercase();
    let (pm, used) = match lower.as_str() {
        l if l.starts_with("a.m.") => (false, 4),
        l if l.starts_with("p.m.") => (true, 4),
        l if l.starts_with("am") => (false, 2),
        l if l.starts_with("pm") => (true, 2),
        _ => return None,
    };
    let glued = text[from + used..].chars().next().is_some_and(char::is_alphanumeric);
    let hour = hour % 12 + if pm { 12 } else { 0 };
    (!glued).then_some((hour, from + used))
}

fn zone(text: &str, end: usize) -> (Option<String>, usize) {
    let from = skip_blank(text, end, false);
    let from = if text[from..].starts_with('(') { from + 1 } else { from };
    let rest = &text[from..];
    let stop = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-' | ':')))
        .unwrap_or(rest.len());
    let word = rest[..stop].trim_end_matches([':', '-']);
    if is_zone(word) { (Some(word.to_owned()), from + word.len()) } else { (None, end) }
}

fn is_zone(word: &str) -> bool {
    const NAMES: &[&str] = words! {
        "UTC" "GMT" "Z" "EST" "EDT" "ET" "CST" "CDT" "CT" "MST" "MDT" "MT" "PST" "PDT" "PT" "BST" "CET"
        "CEST" "EET" "EEST" "WET" "WEST" "MSK" "IST" "JST" "KST" "SGT" "HKT" "AEST" "AEDT" "ACST"
        "AWST" "NZST" "NZDT" "BRT" "ART" "MEZ" "MESZ"
    };
    let head = word.split(['+', '-']).next().unwrap_or(word);
    NAMES.contains(&head) || word.contains('/') && word.starts_with(|c: char| c.is_ascii_uppercase())
}
