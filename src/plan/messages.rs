//! Messages due: at a clock time, relative to the launch, on a cadence, or when something happens.

use super::clock::{clock, clock_at};
use super::outline::{Block, Kind, Outline};
use super::span::first_span;
use super::tables::{Table, cell, tables};
use super::topic::*;
use super::vocabulary::words;
use super::window::{minus_times, says_time};
use super::words::{fold, has_any, head};
use super::{Channel, Message, MessageKind, severity};

/// The messages of the plan.
pub(crate) fn messages(outline: &Outline) -> Vec<Message> {
    let mut out: Vec<Message> = outline.blocks.iter().filter_map(|b| line(outline, b)).collect();
    for table in tables(outline) {
        out.extend(rows(outline, &table));
    }
    out.sort_by_key(|m| m.line);
    out
}

fn is_comms(outline: &Outline, scope: usize) -> bool {
    const OTHER: Topics = COMMS
        .and(PREFLIGHT)
        .and(ROLLBACK)
        .and(TEMPLATE)
        .and(CONTACTS)
        .and(RISK)
        .and(SIGNOFF)
        .and(INCIDENT)
        .and(ALERT)
        .and(MONITOR)
        .and(FLAGS)
        .and(PHASES)
        .and(READY)
        .and(SUCCESS)
        .and(SEVERITY)
        .and(TRIGGER)
        .and(AFTER);
    let near = outline
        .up(scope)
        .find(|s| outline.scopes[*s].topics.any(OTHER) || outline.scopes[*s].topics.any(COMMS));
    near.is_some_and(|s| {
        outline.scopes[s].topics.any(COMMS) && !outline.scopes[s].topics.any(TEMPLATE.and(SIGNOFF))
    }) || outline.within(scope, COMMS)
        && !outline.within(scope, TEMPLATE.and(SIGNOFF).and(CONTACTS).and(ALERT).and(MONITOR))
}

fn line(outline: &Outline, block: &Block) -> Option<Message> {
    if !is_comms(outline, block.scope) {
        return None;
    }
    match block.kind {
        Kind::Item { task: None, .. } if !outline.has_children(block) => Some(bullet(outline, block)?),
        Kind::Paragraph => timing(outline, block),
        _ => None,
    }
}

/// "**Timing:** 24 hours post-deployment" speaks of its section.
fn timing(outline: &Outline, block: &Block) -> Option<Message> {
    const TIMING: &[&str] = words! {
        "timing" "when" "time" "send" "schedule" "zeitpunkt" "moment" "cuándo" "quando" "タイミング" "时间"
        "시점"
    };
    const AUDIENCE: &[&str] = words! {
        "audience" "to" "recipients" "who" "zielgruppe" "empfänger" "destinataires" "audiencia"
        "destinatarios" "público" "destinatários" "対象" "受众" "대상"
    };
    let (_, when) = block
        .rich
        .label()
        .filter(|(label, rest)| TIMING.contains(&fold(label).as_str()) && !rest.is_empty())?;
    let fields = outline.direct(block.scope).filter_map(|b| b.rich.label());
    let audience = fields
        .filter(|(label, _)| AUDIENCE.contains(&fold(label).as_str()))
        .map(|(_, rest)| rest.to_owned())
        .next();
    let text = outline.scopes[outline.section(block.scope)].title.clone();
    Some(made(when, &text, audience, block.line))
}

fn made(when: &str, text: &str, audience: Option<String>, line: usize) -> Message {
    let (kind, at) = kind(when);
    Message { when: when.trim().to_owned(), text: text.trim().to_owned(), audience, kind, line, at }
}

/// How a time falls due.
fn kind(when: &str) -> (MessageKind, Option<String>) {
    const CADENCE: &[&str] = words! {
        "every" "daily" "weekly" "monthly" "hourly" "biweekly" "bi weekly" "quarterly" "real time"
        "realtime" "regular" "continuous" "täglich" "wöchentlich" "stündlich" "alle" "quotidien"
        "hebdomadaire" "chaque" "toutes" "diario" "diaria" "semanal" "cada" "diariamente" "diário"
        "each" "twice" "ongoing" "per hour"
    };
    const BEFORE: &[&str] = words! {
        "before" "after" "prior" "post" "pre" "following" "ahead" "upon" "vor" "nach" "avant" "après"
        "antes" "después" "depois" "após" "day" "week" "t" "hours" "at the start" "at start" "once"
        "end of" "completion"
    };
    let folded = fold(when);
    if has_any(&folded, CADENCE) || ["毎", "每", "매"].iter().any(|w| folded.contains(w)) {
        (MessageKind::Cadence, None)
    } else if let Some((at, _)) = clock(when) {
        (MessageKind::Scheduled, Some(at))
    } else if minus_times(&when.to_lowercase()).is_some()
        || (first_span(when).is_some() || has_any(&folded, BEFORE)) && !folded.starts_with("immediate")
    {
        (MessageKind::Relative, None)
    } else {
        (MessageKind::Event, None)
    }
}

fn bullet(outline: &Outline, block: &Block) -> Option<Message> {
    let text = super::items::past_glyph(block.text());
    let section = &outline.scopes[outline.section(block.scope)];
    if matches!(
        fold(&section.title).as_str(),
        "content"
            | "contents"
            | "message"
            | "includes"
            | "key points"
            | "inhalt"
            | "contenido"
            | "conteúdo"
            | "contenu"
    ) {
        return None;
    }
    let split = block
        .rich
        .label()
        .or_else(|| dash(text))
        .filter(|(label, rest)| !rest.is_empty() && !label.is_empty());
    let Some((label, rest)) = split else { return Some(unlabelled(text, &section.title, block.line)) };
    if label.starts_with('#') {
        return None;
    }
    if is_when(label) || kind(label).0 == MessageKind::Cadence && label.split(' ').count() <= 3 {
        return Some(made(label, rest, None, block.line));
    }
    if severity::rank(label).is_some() {
        return Some(made(rest, label, None, block.line));
    }
    if outline.within(block.scope, CONTACTS) {
        return None;
    }
    let times = is_when(rest)
        || !is_post(rest) && matches!(kind(rest).0, MessageKind::Cadence | MessageKind::Relative)
        || fold(rest).starts_with("immediate");
    if !times && is_event(label) {
        let message = made(label, rest, None, block.line);
        return Some(Message { kind: MessageKind::Event, at: None, ..message });
    }
    let mut message = if times {
        made(rest, label, None, block.line)
    } else {
        made(&section.title, rest, None, block.line)
    };
    message.audience = Some(label.to_owned());
    if !times {
        message.kind = MessageKind::Event;
        message.at = None;
    }
    Some(message)
}

/// A line without a label: a clock time or countdown at its start, else something said to the section's readers.
fn unlabelled(text: &str, section: &str, line: usize) -> Message {
    if let Some((_, _, (start, end))) = clock_at(text).filter(|(_, _, (start, _))| *start <= 4) {
        let rest = text[end..].trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '|' | ',' | ')')
        });
        return made(text[start..end].trim(), rest, None, line);
    }
    if kind(text).0 == MessageKind::Cadence {
        return made(text, text, None, line);
    }
    let mut message = made(section, text, Some(section.to_owned()), line);
    (message.kind, message.at) = (MessageKind::Event, None);
    message
}

fn dash(text: &str) -> Option<(&str, &str)> {
    [" – ", " — ", " - ", " → "]
        .iter()
        .find_map(|mark| text.split_once(mark))
        .filter(|(label, _)| label.split(' ').count() <= 8)
}

/// Whether a label is a time: a clock, a countdown, a day, "1 hour before".
fn is_when(label: &str) -> bool {
    let short = label.split_whitespace().count() <= 8;
    let moment = words! { "before" "after" "at start" "at launch" "on completion" "upon" "end of" "start of" "once" "as soon as" };
    short && (says_time(label) || clock(label).is_some() || has_any(&fold(label), moment))
}

/// "Post in #launch": to write, not afterwards.
fn is_post(text: &str) -> bool {
    let folded = fold(text);
    ["post in ", "post to ", "post on ", "post a "].iter().any(|verb| folded.starts_with(verb))
}

/// Whether a label names what happens: "Launch", "If an order is lost".
fn is_event(label: &str) -> bool {
    let folded = fold(label);
    let starts = ["on ", "if ", "when ", "during ", "bei ", "wenn ", "en cas "];
    let named = ["launch", "go live", "kickoff", "kick off", "completion", "rollback", "incident"];
    named.contains(&folded.as_str()) || starts.iter().any(|word| folded.starts_with(word))
}

fn rows(outline: &Outline, table: &Table) -> Vec<Message> {
    const WHEN: &[&str] = words! {
        "when" "time" "timing" "date" "schedule" "frequency" "cadence" "milestone" "wann" "zeit"
        "zeitpunkt" "quand" "moment" "cuándo" "quando" "fecha" "日時" "タイミング" "时间" "시점" "phase" "trigger"
        "event"
    };
    const TEXT: &[&str] = words! {
        "message" "content" "what" "communication" "topic" "subject" "action" "update" "nachricht"
        "inhalt" "message key" "mensaje" "mensagem" "contenu" "内容" "メッセージ" "내용"
    };
    const WHO: &[&str] = words! {
        "audience" "who" "to" "recipients" "stakeholder" "stakeholders" "zielgruppe" "empfänger"
        "público" "audiencia" "destinataires" "対象" "对象" "대상"
    };
    if !is_comms(outline, table.header.scope) {
        return Vec::new();
    }
    let (when, text, who) = (table.column(WHEN), table.column(TEXT), table.column(WHO));
    if when.is_none() || text.is_none() && who.is_none() {
        return Vec::new();
    }
    let made = table.rows.iter().filter_map(|(block, cells)| {
        let when = cell(cells, when)?;
        let audience = cell(cells, who).map(str::to_owned);
        let said = cell(cells, text.filter(|t| Some(*t) != table.column(WHEN)))
            .map(str::to_owned)
            .or_else(|| audience.clone())?;
        Some(made(when, &said, audience, block.line))
    });
    made.collect()
}

/// Places people talk: "#incidents" with what they are for.
pub(crate) fn channels(outline: &Outline) -> Vec<Channel> {
    let mut out: Vec<Channel> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for block in &outline.blocks {
        if matches!(block.kind, Kind::Fence { .. } | Kind::Heading) || !block.text().contains('#') {
            continue;
        }
        for (start, name) in names(block.text()) {
            if seen.insert(name.to_lowercase()) {
                out.push(Channel {
                    name: name.to_owned(),
                    purpose: purpose(block, start, name),
                    line: block.line,
                });
            }
        }
    }
    out
}

fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices('#').filter_map(|(at, _)| {
        let free = !text[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '#' | '&'));
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches(['-', '_']);
        (free && name.len() > 2 && name.starts_with(|c: char| c.is_alphabetic()))
            .then(|| (at, &text[at..at + 1 + name.len()]))
    })
}

fn purpose(block: &Block, start: usize, name: &str) -> String {
    let text = block.text();
    let after = head(&text[start + name.len()..], 400).trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '-' | '–' | '—' | ':' | '`' | ')' | '|' | '(')
    });
    let before = block.rich.label().map_or("", |(label, _)| label);
    let said = if after.is_empty() || after.starts_with(',') { before } else { after };
    said.trim_end_matches(')').trim().to_owned()
}
