//! The box in which a person looks at everything a plan can reach, and allows it.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::boxes;
use super::paint::Paint;
use super::story::Line;
use crate::app::{Allowing, App, Reached, Since, Trust};

/// Draws it.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App, allowing: &Allowing) {
    let trust = &allowing.trust;
    let mut lines = head(paint, trust);
    trust.parts.iter().for_each(|part| lines.extend(part_lines(paint, part)));
    lines.extend([(String::new(), paint.styles.text), (trust.digest.clone(), paint.styles.faint)]);
    let refused = app.may_not_allow();
    let (keys, foot): (&[(&str, &str)], Line) = match (&trust.phrase, refused) {
        (None, _) => {
            (&[("up down", "scroll"), ("esc", "close")], ("It is allowed.".to_owned(), paint.styles.good))
        }
        (Some(_), Some(why)) => {
            (&[("up down", "scroll"), ("esc", "close")], (format!("not from here: {why}"), paint.styles.warn))
        }
        (Some(_), None) => (
            &[("up down", "scroll"), ("enter", "allows it once it is typed"), ("esc", "leaves it")],
            super::approving::question(paint, app, &allowing.phrase),
        ),
    };
    boxes::ask(paint, area, "WHAT THIS PLAN CAN REACH", (&lines, &[foot]), allowing.phrase.scroll, keys);
}

fn head(paint: &Paint<'_>, trust: &Trust) -> Vec<Line> {
    let styles = paint.styles;
    let count = |wanted: fn(&Since) -> bool| trust.parts.iter().filter(|p| wanted(&p.since)).count();
    let (other, added, removed) = (
        count(|s| matches!(s, Since::Other(_))),
        count(|s| *s == Since::Added),
        count(|s| *s == Since::Removed),
    );
    let all = match trust.parts.len() - removed {
        1 => "1 part".to_owned(),
        n => format!("{n} parts"),
    };
    let words =
        format!("{all} can reach outside. Until somebody allows it this room is looked at and ticked only.");
    let mut lines = vec![(words, styles.text)];
    if let Some(before) = &trust.before {
        let changed = match (other + added + removed, trust.moved) {
            (0, true) => "the same parts stand in another order or another procedure".to_owned(),
            (0, false) => "nothing changed".to_owned(),
            _ => format!("{other} changed, {added} new, {removed} gone; they stand first"),
        };
        lines.push((format!("since {before}: {changed}"), styles.warn));
    }
    lines
}

fn part_lines(paint: &Paint<'_>, part: &Reached) -> Vec<Line> {
    let styles = paint.styles;
    let (sign, word, style): (&str, &str, Style) = match &part.since {
        Since::Same => ("", "", styles.text),
        Since::Added => ("+", "NEW  ", styles.good),
        Since::Removed => ("-", "GONE  ", styles.bad),
        Since::Other(_) => ("~", "CHANGED  ", styles.warn),
    };
    let mut lines = vec![
        (String::new(), styles.text),
        (format!("{word}{}", part.place), if sign.is_empty() { styles.title } else { style }),
    ];
    let told = |sign: &str, all: &[String], style: Style| {
        all.iter().map(|line| (format!("  {sign:<1} {line}"), style)).collect::<Vec<_>>()
    };
    match &part.since {
        Since::Other(old) => {
            lines.extend(told("-", old, styles.bad));
            lines.extend(told("+", &part.lines, styles.good));
        }
        _ => lines.extend(told(sign, &part.lines, style)),
    }
    lines.extend(part.notes.iter().map(|note| (format!("    {note}"), styles.dim)));
    lines
}
