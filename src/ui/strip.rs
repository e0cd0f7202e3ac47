//! The time line of phases: what is over, what runs, what comes, and how far each is.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::clock;
use super::paint::Paint;
use crate::app::{App, Panel};
use crate::plan::Window;
use crate::room::{Course, PhaseProgress, Tally, span_word};
use crate::text;

/// The least width of a cell that can be read.
const NARROWEST: u16 = 15;

/// The cells that fit, with their place on the time line; the one in view is always among them.
pub fn cells(area: Rect, app: &App) -> Vec<(usize, Rect)> {
    let count = app.outline.strip().len();
    if count == 0 || area.width == 0 {
        return vec![];
    }
    let fit = usize::from((area.width / NARROWEST).max(1)).min(count);
    let first = app.cell().saturating_sub(fit / 2).min(count - fit);
    let width = area.width / u16::try_from(fit).unwrap_or(1);
    let place = |n: usize| Rect { x: area.x + width * n as u16, width, ..area };
    (0..fit).map(|n| (first + n, place(n))).collect()
}

/// Draws the time line.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let strip = app.outline.strip();
    let cells = cells(area, app);
    for (place, cell) in &cells {
        let margin = u16::from(cell.x == area.x);
        let inner = Rect { x: cell.x + margin, width: cell.width.saturating_sub(1 + margin), ..*cell };
        render_cell(paint, inner, app, strip[*place], *place == app.cell());
    }
    if cells.first().is_some_and(|(i, _)| *i > 0) {
        paint.put(area, 0, 0, "‹", paint.styles.accent);
    }
    if cells.last().is_some_and(|(i, _)| i + 1 < strip.len()) {
        paint.put(area, area.width - 1, 0, "›", paint.styles.accent);
    }
}

fn render_cell(paint: &mut Paint<'_>, area: Rect, app: &App, group: usize, in_view: bool) {
    let (tally, progress) = (app.group_tally(group), app.progress(group));
    let styles = paint.styles;
    let (sign, sign_style) = sign(paint, progress.as_ref(), tally);
    let name_style = match (in_view, app.focus() == Panel::Phases) {
        (true, true) => styles.strong.patch(styles.selection),
        (true, false) => styles.strong,
        (false, _) => styles.text,
    };
    let x = paint.put(area, 0, 0, sign, sign_style) + 1;
    let lines = area.height.saturating_sub(3).max(1);
    render_name(
        paint,
        Rect { x: area.x + x, width: area.width.saturating_sub(x), height: lines, ..area },
        app,
        group,
        name_style,
    );
    let count = format!(" {}/{}", tally.done, tally.all);
    let width = area.width.saturating_sub(count.len() as u16);
    if tally.all == 0 {
        paint.put(area, 0, lines, "no items", styles.faint);
    } else {
        paint.bar(area, (0, lines), width, tally.done, tally.all, sign_style);
        let style = if tally.blocked > 0 { styles.bad } else { styles.text };
        paint.right(area, 0, lines, &[(&count, style)]);
    }
    paint.put(area, 0, lines + 1, &when(app, group, progress.as_ref(), area.width), styles.dim);
}

/// A name over the lines there are; the last one is cut.
fn render_name(paint: &mut Paint<'_>, area: Rect, app: &App, group: usize, style: Style) {
    let name = text::clean(short_name(&app.outline.groups[group].title)).into_owned();
    let mut left = name.as_str();
    for y in 0..area.height {
        let line = text::wrap(left, usize::from(area.width)).into_iter().next().unwrap_or_default();
        if y + 1 == area.height {
            paint.put(area, 0, y, left, style);
        } else {
            paint.put(area, 0, y, &line, style);
            left = left.get(line.len()..).unwrap_or_default().trim_start();
        }
    }
}

fn sign(paint: &Paint<'_>, progress: Option<&PhaseProgress>, tally: Tally) -> (&'static str, Style) {
    let (glyphs, styles) = (paint.styles.glyphs, paint.styles);
    match progress {
        Some(PhaseProgress::Running) => (glyphs.running, styles.accent),
        Some(PhaseProgress::Held { .. }) => (glyphs.held, styles.warn),
        Some(PhaseProgress::Completed { .. }) => (glyphs.check, styles.good),
        _ if tally.blocked > 0 => (glyphs.cross, styles.bad),
        _ if tally.all > 0 && tally.complete() => (glyphs.check, styles.good),
        _ if tally.done > 0 => (glyphs.dot, styles.accent),
        _ => (glyphs.waiting, styles.dim),
    }
}

/// A phase's title without its "Phase 2:", where something stands behind it.
pub fn short_name(title: &str) -> &str {
    let Some((front, rest)) = title.split_once([':', '—', '–']) else { return title };
    let numbered = front.split_whitespace().count() <= 2 && front.chars().any(|c| c.is_ascii_digit());
    if numbered && !rest.trim().is_empty() { rest.trim() } else { title }
}

fn when(app: &App, group: usize, progress: Option<&PhaseProgress>, width: u16) -> String {
    if let Some(PhaseProgress::Held { since, reason }) = progress {
        return format!("held {}: {reason}", clock::time(app, *since));
    }
    let Some(phase) = app.phase_of(group) else { return String::new() };
    let course = app.room.course(&phase.id, app.now).filter(|_| app.room.t0.is_some());
    if let Some(late) = course.as_ref().and_then(|c| late(app, c, width)) {
        return late;
    }
    match (app.room.planned(phase), &phase.window, &phase.share) {
        (Some(span), _, _) => {
            let whole = clock::span(app, span);
            let fits = text::width(&whole) <= usize::from(width);
            if fits { whole } else { clock::time(app, span.start) }
        }
        (None, Some(window), _) => short_window(window),
        (None, None, Some(share)) => format!("{} {}", share.value, share.unit),
        _ => String::new(),
    }
}

/// Planned and actual of a phase that is not on time: "14:00 +12 min", the times of one that is over.
fn late(app: &App, course: &Course, width: u16) -> Option<String> {
    let late = course.late().filter(|_| course.is_off() && course.begins.is_some())?;
    let (sign, word) = if late < chrono::Duration::zero() { ("-", "early") } else { ("+", "late") };
    let by = format!("{sign}{}", span_word(late));
    let whole = match (course.ended, course.began, course.ends) {
        (Some(ended), ..) => format!("ended {} {by}", clock::time(app, ended)),
        (None, Some(_), Some(ends)) => format!("ends {} {by}", clock::time(app, ends)),
        _ => format!("{} {by}", clock::time(app, course.begins?)),
    };
    let short = format!("{} {word}", clock::lasting(late.abs()));
    [whole, short].into_iter().find(|words| text::width(words) <= usize::from(width)).or(Some(by))
}

/// A window in few columns: "T+0–2 h", "Day -7–-1"; as written where it is something else.
fn short_window(window: &Window) -> String {
    let hours = |s: i64| format!("{}", s as f64 / 3600.0);
    match (window.start, window.end, window.days) {
        (Some(from), Some(to), _) if from >= 0 => format!("T+{}–{} h", hours(from), hours(to)),
        (None, None, Some((from, Some(to)))) if from == to => format!("Day {from}"),
        (None, None, Some((from, Some(to)))) if window.text.to_lowercase().contains("day") => {
            format!("Day {from} to {to}")
        }
        _ => window.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_numbered_front_goes_and_a_name_stays() {
        for (title, short) in [
            ("Phase 2: Dark Launch", "Dark Launch"),
            ("Phase 3 — Full", "Full"),
            ("Pilot Tenant Enablement", "Pilot Tenant Enablement"),
            ("Smoke: all of it", "Smoke: all of it"),
            ("Phase 4:", "Phase 4:"),
        ] {
            assert_eq!(super::short_name(title), short);
        }
    }
}
