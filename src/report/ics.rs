//! A report as a calendar (RFC 5545): windows of phases, messages, what is due after the launch. Times
//! are in UTC, so that no zone has to be described; days are days. The same part of the same room always
//! has the same UID, so that a calendar that reads it again changes its entries.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::account::{Account, DueTold, MessageTold, PhaseTold};
use super::words::moment;
use crate::text::clean;

/// A line has at most so many bytes (RFC 5545, 3.1).
const LINE: usize = 75;

/// The calendar.
pub fn calendar(account: &Account) -> String {
    let mut out = String::new();
    let mut line = |text: String| out += &folded(&text);
    line("BEGIN:VCALENDAR".into());
    line("VERSION:2.0".into());
    line(format!("PRODID:-//warroom//warroom {}//EN", env!("CARGO_PKG_VERSION")));
    line("CALSCALE:GREGORIAN".into());
    line(format!("X-WR-CALNAME:{}", escaped(&account.title)));
    let phases = account.phases.iter().filter_map(|p| phase(account, p));
    let messages = account.messages.iter().filter_map(|m| message(account, m));
    let due = account.due.iter().filter_map(|d| due(account, d));
    phases.chain(messages).chain(due).flatten().for_each(line);
    out += "END:VCALENDAR\r\n";
    out
}

/// A phase as it was, else as it is planned.
fn phase(account: &Account, phase: &PhaseTold) -> Option<Vec<String>> {
    let start = phase.started.or(phase.planned_start)?;
    let end = phase.ended.or(phase.planned_end).filter(|end| *end > start);
    let planned = phase.planned_start.map(|from| {
        let to = phase.planned_end.map(|to| format!(" to {}", moment(to, account.tz()))).unwrap_or_default();
        format!("\nPlanned from {}{to} ({}).", moment(from, account.tz()), account.zone)
    });
    let planned = planned.unwrap_or_default();
    let told = format!("{}, {} of {} items done.{planned}", phase.state, phase.done, phase.all);
    let times = [Some(format!("DTSTART:{}", utc(start))), end.map(|end| format!("DTEND:{}", utc(end)))];
    let entry = Part { kind: "phase", id: &phase.id, title: &phase.name, told };
    Some(event(account, &entry, times.into_iter().flatten()))
}

fn message(account: &Account, message: &MessageTold) -> Option<Vec<String>> {
    let id = format!("{}\n{}\n{}", message.when, message.text, message.line);
    let told = match &message.audience {
        Some(to) => format!("Message to {to}. The plan says: {}", message.when),
        None => format!("The plan says: {}", message.when),
    };
    let title = format!("Message: {}", message.text);
    let entry = Part { kind: "message", id: &id, title: &title, told };
    Some(event(account, &entry, [format!("DTSTART:{}", utc(message.due?))].into_iter()))
}

/// What is due once, for its days; what comes back, from its present time round on, with how often.
fn due(account: &Account, due: &DueTold) -> Option<Vec<String>> {
    let from = due.from?;
    let day = |at: DateTime<Utc>| at.with_timezone(&account.tz()).format("%Y%m%d").to_string();
    let days = day(from);
    let last = due.to.filter(|_| due.every.is_none()).map(day).filter(|to| *to > days);
    let rule = due.every.as_deref().and_then(rule);
    let hourly = rule.as_deref().is_some_and(|r| r.contains("HOURLY") || r.contains("MINUTELY"));
    let start = if hourly { format!("DTSTART:{}", utc(from)) } else { format!("DTSTART;VALUE=DATE:{days}") };
    let id = due.item.clone().unwrap_or_else(|| format!("{}\n{}", due.text, due.line));
    let told = match &due.when {
        Some(when) => format!("{}. The plan says: {when}", due.state),
        None => due.state.clone(),
    };
    let entry = Part { kind: "due", id: &id, title: &due.text, told };
    let end = last.map(|to| format!("DTEND;VALUE=DATE:{to}"));
    let rule = rule.map(|rule| format!("RRULE:{rule}"));
    Some(event(account, &entry, [Some(start), end, rule].into_iter().flatten()))
}

/// "every 2 weeks" as a rule of a calendar.
fn rule(every: &str) -> Option<String> {
    let rest = every.strip_prefix("every ")?;
    let (n, unit) = rest.split_once(' ').map_or((1, rest), |(n, unit)| (n.parse().unwrap_or(1), unit));
    let frequency = match unit.trim_end_matches('s') {
        "minute" => "MINUTELY",
        "hour" => "HOURLY",
        "day" => "DAILY",
        "week" => "WEEKLY",
        "month" => "MONTHLY",
        _ => return None,
    };
    Some(if n == 1 { format!("FREQ={frequency}") } else { format!("FREQ={frequency};INTERVAL={n}") })
}

/// A part of the plan that has a time.
struct Part<'a> {
    kind: &'static str,
    /// What tells it from others of its kind.
    id: &'a str,
    title: &'a str,
    told: String,
}

fn event(account: &Account, part: &Part<'_>, times: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines = vec!["BEGIN:VEVENT".to_owned(), format!("UID:{}", uid(account, part))];
    // When what it says became so: the same room says the same.
    let stamp = account.last.unwrap_or(account.made);
    lines.push(format!("DTSTAMP:{}", utc(stamp)));
    lines.push(format!("SEQUENCE:{}", account.events.min(i32::MAX as u64)));
    lines.extend(times);
    lines.push(format!("SUMMARY:{}", escaped(part.title)));
    lines.push(format!("DESCRIPTION:{}", escaped_lines(&part.told)));
    lines.push(format!("CATEGORIES:{}", part.kind));
    lines.push("TRANSP:TRANSPARENT".to_owned());
    lines.push("END:VEVENT".to_owned());
    lines
}

fn uid(account: &Account, part: &Part<'_>) -> String {
    let mut sum = Sha256::new();
    for piece in [account.room.as_str(), account.environment.as_str(), part.kind, part.id] {
        sum.update((piece.len() as u64).to_le_bytes());
        sum.update(piece);
    }
    let hex: String = sum.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect();
    format!("{hex}@warroom")
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A text value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn escaped_lines(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\\n")
}

/// A line in pieces of at most 75 bytes, no character cut in half, ended as the RFC wants it.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > LINE {
            out += "\r\n ";
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unescaped(text: &str) -> String {
        let (mut out, mut chars) = (String::new(), text.chars());
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (_, true) => match chars.next().unwrap() {
                    'n' => out.push('\n'),
                    c => out.push(c),
                },
                (c, false) => out.push(c),
            }
        }
        out
    }

    fn account(texts: &[&str]) -> Account {
        let at: DateTime<Utc> = "2026-03-20T09:00:00Z".parse().unwrap();
        let phase = |(n, name): (usize, &&str)| PhaseTold {
            id: format!("p{n}"),
            name: (*name).to_owned(),
            planned_start: Some(at),
            planned_end: Some(at + chrono::TimeDelta::hours(2)),
            ..PhaseTold::default()
        };
        let due = |(n, text): (usize, &&str)| DueTold {
            text: (*text).to_owned(),
            when: Some("Weekly".to_owned()),
            every: (n % 2 == 0).then(|| "every 2 weeks".to_owned()),
            from: Some(at),
            to: Some(at + chrono::TimeDelta::days(7)),
            state: "due".to_owned(),
            item: None,
            by: None,
            assignee: None,
            line: n,
        };
        Account {
            title: texts.concat(),
            zone: "Europe/Berlin".to_owned(),
            phases: texts.iter().enumerate().map(phase).collect(),
            due: texts.iter().enumerate().map(due).collect(),
            ..Account::default()
        }
    }

    #[test]
    fn parts_keep_their_uid_and_days_are_days() {
        let one = calendar(&account(&["Canary; 5 %, all", "Review"]));
        let uids = |text: &str| -> Vec<String> {
            text.lines().filter(|l| l.starts_with("UID:")).map(str::to_owned).collect()
        };
        let mut later = account(&["Canary; 5 %, all", "Review"]);
        (later.events, later.made) = (99, "2027-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(uids(&one), uids(&calendar(&later)));
        let mut unique = uids(&one);
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), 4, "{one}");
        for part in [
            "SUMMARY:Canary\\; 5 %\\, all\r\n",
            "DTSTART:20260320T090000Z\r\nDTEND:20260320T110000Z\r\n",
            "DTSTART;VALUE=DATE:20260320\r\nRRULE:FREQ=WEEKLY;INTERVAL=2\r\n",
            "DTSTART;VALUE=DATE:20260320\r\nDTEND;VALUE=DATE:20260327\r\n",
        ] {
            assert!(one.contains(part), "{part:?} in {one}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_and_every_line_fits(text in "[ a-c;:,\\\\\"\r\n\t\\x1b\u{202e}é界🚀]{0,120}") {
            let told = calendar(&account(&[&text]));
            for line in told.split_terminator("\r\n") {
                prop_assert!(line.len() <= LINE && !line.chars().any(char::is_control), "{line:?}");
            }
            let whole = told.replace("\r\n ", "");
            let found = whole.split("\r\n").find_map(|l| l.strip_prefix("SUMMARY:")).unwrap().to_owned();
            prop_assert_eq!(unescaped(&found), clean(&text).into_owned());
        }
    }
}
