//! Ramps: percentages or cohorts in order, from phases, from lists, from the commands that set them.

use std::collections::HashSet;

use super::commands::of_fence;
use super::ordinal::ordinal;
use super::outline::{Kind, Outline, Rich, ScopeKind};
use super::tables::{Table, cell, tables};
use super::topic::*;
use super::vocabulary::words;
use super::window::{says_time, share};
use super::words::{fold, has_any, number_at};
use super::{Flag, Phase, Ramp, Rung};

/// The ramps of the plan.
pub(crate) fn ramps(outline: &Outline, phases: &[Phase], flags: &[Flag]) -> Vec<Ramp> {
    let mut out: Vec<Ramp> = Vec::new();
    out.extend(of_phases(phases));
    // A list whose entries are the phases is one ramp, not two.
    let lines = |ramp: &Ramp| ramp.rungs.iter().map(|r| r.line).collect::<Vec<_>>();
    let phased = out.first().map(lines);
    if out.is_empty() {
        out.extend(of_days(outline));
    }
    out.extend(of_lists(outline).into_iter().filter(|ramp| phased.as_ref() != Some(&lines(ramp))));
    out.extend(of_commands(outline, flags));
    if out.is_empty() {
        out.extend(of_tables(outline).or_else(|| of_arrows(outline)).or_else(|| of_cohorts(outline, phases)));
    }
    let lines: HashSet<usize> = out.iter().flat_map(|ramp| &ramp.rungs).map(|r| r.line).collect();
    out.extend(of_steps(outline).into_iter().filter(|r| r.rungs.iter().all(|r| !lines.contains(&r.line))));
    out
}

/// "**Enable the scheduler (20% capacity):**": how far a step goes, where nothing steps through it.
fn of_steps(outline: &Outline) -> Vec<Ramp> {
    let steps = outline.scopes.iter().filter(|s| !matches!(s.kind, ScopeKind::Heading(_)));
    let steps = steps.filter_map(|scope| {
        let (_, inside) = scope.title.trim_end_matches([':', ' ']).strip_suffix(')')?.rsplit_once('(')?;
        // "(< 0.5%)" is a limit.
        let rung =
            percent(inside, scope.line).filter(|_| inside.starts_with(|c: char| c.is_ascii_digit()))?;
        let rest = fold(inside.split_once('%')?.1);
        (rest.is_empty() || has_any(&rest, OF_WHAT)).then_some(rung)
    });
    steps.map(|rung| Ramp { flag: None, rungs: vec![rung] }).collect()
}

const OF_WHAT: &[&str] =
    words! { "capacity" "traffic" "users" "load" "requests" "kapazität" "capacidad" "capacité" };

/// Phases that each take in more people: some of them, then everybody.
fn of_cohorts(outline: &Outline, phases: &[Phase]) -> Option<Ramp> {
    let tops: Vec<&Phase> = phases.iter().filter(|p| p.parent.is_none()).collect();
    let ends = tops.iter().skip(1).map(|p| p.line).chain([usize::MAX]);
    let rungs = tops.iter().zip(ends).filter_map(|(phase, end)| {
        let entries = outline.blocks.iter().filter(|b| b.is_item() && (phase.line..end).contains(&b.line));
        let counted = entries.filter_map(|b| cohort(b.text(), b.line)).next();
        counted.or_else(|| named_cohort(phase))
    });
    let rungs: Vec<Rung> = rungs.collect();
    let last = rungs.last().is_some_and(|r| r.unit == EVERYBODY);
    (rungs.len() > 1 && last && rungs[..rungs.len() - 1].iter().all(|r| r.unit != EVERYBODY))
        .then_some(Ramp { flag: None, rungs })
}

/// The unit of a rung without a number that takes everybody in.
const EVERYBODY: &str = "all";

/// "5 hand-picked pilot merchants", "3-5 internal team members": the most of them.
fn cohort(text: &str, line: usize) -> Option<Rung> {
    const PEOPLE: &[&str] = words! {
        "members" "merchants" "users" "customers" "tenants" "companies" "accounts" "employees" "testers" "partners"
        "stores" "clients" "teams" "kunden" "nutzer" "clientes" "usuarios" "usuários" "utilisateurs"
    };
    let first = number_at(text, 0)?;
    let behind = text[first.end..].trim_start_matches(['-', '–', '+', ' ']);
    let (most, rest) = number_at(behind, 0).map_or((first.value, behind), |n| (n.value, &behind[n.end..]));
    let words: Vec<&str> = rest.split_whitespace().take(4).collect();
    let end = words.iter().position(|w| PEOPLE.contains(&fold(w).as_str()))?;
    let unit = words[..=end].join(" ");
    Some(Rung { value: Some(most), unit, when: None, condition: None, line })
}

/// A phase for some without a number, or for everybody.
fn named_cohort(phase: &Phase) -> Option<Rung> {
    const SOME: &[&str] = words! { "pilot" "internal" "dogfood" "beta" "early access" };
    const ALL: &[&str] = words! { "full rollout" "general availability" "ga" "all users" "everyone" "full launch" "full production" };
    let name = fold(phase.name.split('(').next().unwrap_or_default());
    let unit = match () {
        () if has_any(&name, ALL) => EVERYBODY.to_owned(),
        () if has_any(&name, SOME) => phase.name.clone(),
        () => return None,
    };
    Some(Rung { value: None, unit, when: None, condition: None, line: phase.line })
}

fn of_phases(phases: &[Phase]) -> Option<Ramp> {
    let rungs: Vec<Rung> = phases
        .iter()
        .filter(|p| p.parent.is_none())
        .filter_map(|p| {
            let portion = p.share.as_ref()?;
            let when = p.window.as_ref().map(|w| w.text.clone());
            Some(Rung {
                value: Some(portion.value),
                unit: portion.unit.clone(),
                when,
                condition: None,
                line: p.line,
            })
        })
        .collect();
    (rungs.len() > 1).then_some(Ramp { flag: None, rungs })
}

/// "**Day 8: 5%**", "Day 12: 30%" inside weeks that give no share themselves.
fn of_days(outline: &Outline) -> Option<Ramp> {
    const NOT: Topics =
        MONITOR.and(SUCCESS).and(ALERT).and(TRIGGER).and(ROLLBACK).and(ESTIMATE).and(RISK).and(COMMS);
    let titled = outline.scopes.iter().enumerate().skip(1).filter(|(i, s)| {
        let mark = ordinal(&s.title).filter(|o| !o.strong && o.separated);
        mark.is_some() && says_time(&s.title) && !outline.within(*i, NOT)
    });
    let rungs = titled.filter_map(|(_, scope)| {
        let rest = ordinal(&scope.title)?.rest;
        let portion = share(rest).filter(|p| p.unit.starts_with('%'))?;
        let when = scope.title.split([':', '–', '—', '(']).next().map(|when| when.trim().to_owned());
        Some(Rung {
            value: Some(portion.value),
            unit: "%".to_owned(),
            when,
            condition: None,
            line: scope.line,
        })
    });
    let rungs: Vec<Rung> = rungs.collect();
    let rises = rungs.windows(2).all(|pair| pair[0].value < pair[1].value);
    (rungs.len() > 1 && rises).then_some(Ramp { flag: None, rungs })
}

/// "Date | Traffic %" with percentages that rise.
fn of_tables(outline: &Outline) -> Option<Ramp> {
    let rung = |cells: &[Rich], share, when, line| {
        let rung = percent(cell(cells, share)?, line)?;
        Some(Rung { when: cell(cells, when).map(str::to_owned), ..rung })
    };
    let about = |table: &Table| {
        outline.within(table.header.scope, MONITOR.and(SUCCESS).and(ALERT).and(TRIGGER).and(ESTIMATE))
    };
    tables(outline).into_iter().filter(|table| !about(table)).find_map(|table| {
        let share =
            Some(table.column(&["traffic", "percentage", "rollout", "tráfico", "tráfego", "anteil"])?);
        let when = table.column(&["date", "when", "time", "day", "datum", "fecha", "data"]);
        let rungs: Vec<Rung> =
            table.rows.iter().filter_map(|(b, cells)| rung(cells, share, when, b.line)).collect();
        let rises = rungs.windows(2).all(|pair| pair[0].value < pair[1].value);
        (rungs.len() > 1 && rises).then_some(Ramp { flag: None, rungs })
    })
}

/// "1% → 10% → 50% → 100%" in a sentence, where nothing else says the rungs.
fn of_arrows(outline: &Outline) -> Option<Ramp> {
    let lines = outline
        .blocks
        .iter()
        .filter(|b| matches!(b.kind, Kind::Paragraph | Kind::Item { .. } | Kind::Heading));
    lines.filter(|b| b.text().contains(['→', '>'])).find_map(|b| {
        let pieces = b.text().split(['→', '>']).map(|piece| piece.trim().trim_end_matches('-').trim_end());
        let rungs: Vec<Rung> = pieces.filter_map(|piece| percent(piece, b.line)).collect();
        let rises = rungs.windows(2).all(|pair| pair[0].value < pair[1].value);
        (rungs.len() > 2 && rises).then_some(Ramp { flag: None, rungs })
    })
}

/// The percentage at the end or the start of a piece between arrows.
fn percent(piece: &str, line: usize) -> Option<Rung> {
    let words = || piece.split_whitespace();
    let word = words().next_back().filter(|w| w.contains('%')).or_else(|| words().next())?;
    let number = word.trim_matches(['(', ')', ':', ',', '.', '*']).strip_suffix('%')?;
    let value = number.parse::<f64>().ok().filter(|v| (0.0..=100.0).contains(v))?;
    Some(Rung { value: Some(value), unit: "%".to_owned(), when: None, condition: None, line })
}

/// Two or more entries of one list that begin with a percentage or a number of users.
fn of_lists(outline: &Outline) -> Vec<Ramp> {
    let mut out: Vec<(usize, Ramp)> = Vec::new();
    for block in outline.blocks.iter().filter(|b| b.is_item()) {
        if outline.within(
            block.scope,
            MONITOR.and(SUCCESS).and(ALERT).and(TRIGGER).and(ROLLBACK).and(ESTIMATE).and(RISK).and(COMMS),
        ) {
            continue;
        }
        let Some(rung) = rung(block.text(), block.line) else { continue };
        match out.last_mut() {
            Some((scope, ramp)) if *scope == block.scope => ramp.rungs.push(rung),
            _ => out.push((block.scope, Ramp { flag: None, rungs: vec![rung] })),
        }
    }
    out.into_iter().map(|(_, ramp)| ramp).filter(|ramp| ramp.rungs.len() > 1).collect()
}

fn rung(text: &str, line: usize) -> Option<Rung> {
    let number = number_at(text, 0)?;
    let rest = text[number.end..].trim_start();
    let head = rest.split([':', '(', ',', '–', '—']).next().unwrap_or(rest).trim();
    let portion = share(&text[..text.len() - rest.len() + head.len()])?;
    let after = rest[head.len()..].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '(');
    let condition = after
        .split_once('(')
        .and_then(|(_, c)| c.split_once(')'))
        .map(|(c, _)| c.to_owned())
        .filter(|c| has_any(&fold(c), &["if", "when", "once", "after"]));
    let when = after.split(['(', ';']).next().map(str::trim).filter(|w| says_time(w)).map(str::to_owned);
    let unit = if portion.unit.starts_with('%') { "%".to_owned() } else { portion.unit };
    Some(Rung { value: Some(portion.value), unit, when, condition, line })
}

/// Requests that set a percentage one after the other.
fn of_commands(outline: &Outline, flags: &[Flag]) -> Option<Ramp> {
    let mut rungs: Vec<Rung> = Vec::new();
    let mut flag = None;
    for block in outline
        .blocks
        .iter()
        .filter(|b| matches!(b.kind, Kind::Fence { .. }) && !outline.within(b.scope, ROLLBACK))
    {
        for command in of_fence(block) {
            let Some((key, value)) =
                command.http.as_ref().and_then(|h| h.body.as_deref()).and_then(percentage)
            else {
                continue;
            };
            flag = flag.or_else(|| {
                flags.iter().find(|f| f.name.rsplit('.').next() == Some(key.as_str())).map(|f| f.name.clone())
            });
            rungs.push(Rung {
                value: Some(value),
                unit: "%".to_owned(),
                when: None,
                condition: None,
                line: command.line,
            });
        }
    }
    (rungs.len() > 1).then_some(Ramp { flag, rungs })
}

/// The key and value of the share that a body sets.
pub(crate) fn percentage(body: &str) -> Option<(String, f64)> {
    super::config::leaves(body).into_iter().find_map(|leaf| {
        let key = leaf.path.last()?.clone();
        let lower = key.to_lowercase();
        let fits = lower.contains("percent")
            || lower.contains("rollout")
            || lower.contains("weight")
            || lower == "pct";
        leaf.value.parse().ok().filter(|_| fits).map(|value| (key, value))
    })
}
