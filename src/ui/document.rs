//! The plan's own words, line by line, with what each was read as and how it stands.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::paint::{Paint, first_line};
use crate::app::{App, Document, Part};
use crate::room::Mark;

/// Draws the document with its title.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let Some(document) = &app.document else { return };
    let styles = paint.styles;
    let place = format!("line {} of {} ", document.at + 1, document.lines.len());
    let body = paint.title(area, "PLAN", true, &[(&place, styles.dim)]);
    let first = first_line(document.lines.len(), document.at, usize::from(body.height));
    for (y, line) in (0..body.height).zip(first..document.lines.len()) {
        if line == document.at {
            paint.band(body, y, styles.selection);
            paint.put(body, 0, y, styles.glyphs.cursor, styles.accent);
        }
        render_line(paint, body, y, app, document, line);
    }
}

fn render_line(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, document: &Document, line: usize) {
    let styles = paint.styles;
    let text = &document.lines[line];
    let parts = document.parts(line);
    let number = format!("{:>5} ", line + 1);
    let x = paint.put(area, 1, y, &number, styles.faint);
    let (sign, sign_style, style) = look(paint, app, text, parts);
    paint.put(area, x, y, sign, sign_style);
    let x = x + styles.glyphs.box_width + 1;
    let said = told(app, parts);
    let wide = crate::text::width(&said) as u16;
    let room = Rect { width: area.width.saturating_sub(wide + 2), ..area };
    paint.put(room, x, y, text, style);
    paint.right(area, x, y, &[(&said, styles.dim), (" ", styles.dim)]);
}

/// The sign of a line, its style, and the style of the words.
fn look(paint: &Paint<'_>, app: &App, text: &str, parts: &[Part]) -> (&'static str, Style, Style) {
    let (styles, glyphs) = (paint.styles, paint.styles.glyphs);
    let heading = text.trim_start().starts_with('#');
    let item =
        parts.iter().find_map(|p| if let Part::Item(i) = p { Some(&app.room.plan.items[*i]) } else { None });
    if let Some(item) = item {
        let mark = app.room.mark(item);
        let style = match mark {
            Mark::Open => styles.text,
            Mark::Done => styles.good,
            Mark::Blocked => styles.bad,
            Mark::NotApplicable => styles.faint,
        };
        let words = if mark == Mark::Done { styles.dim } else { styles.text };
        return (glyphs.mark(mark), style, words);
    }
    let words = match (heading, parts) {
        (true, _) => styles.strong.add_modifier(Modifier::BOLD),
        (false, [Part::Unread, ..]) => styles.dim,
        _ => styles.text,
    };
    match parts.first() {
        Some(Part::Problem(_)) => ("!", styles.warn, words),
        Some(Part::Limit(_)) => (glyphs.ring, styles.dim, words),
        Some(Part::Phase(_)) => (glyphs.running, styles.accent, words),
        _ => (" ", styles.dim, words),
    }
}

/// What a line was read as, in a word or two; who ticked it where somebody did.
fn told(app: &App, parts: &[Part]) -> String {
    let plan = &app.room.plan;
    let word = |part: &Part| match part {
        Part::Item(i) => {
            let item = &plan.items[*i];
            let set = app.room.item_state(&item.id).and_then(|s| s.set.as_ref());
            set.map_or(String::new(), |(by, at)| {
                format!("{} {}", super::checklist::name(by), super::clock::time(app, *at))
            })
        }
        Part::Phase(_) => "phase".to_owned(),
        Part::Limit(t) => super::signals::side(&plan.thresholds[*t]),
        Part::Flag(_) => "flag".to_owned(),
        Part::Procedure(_) => "procedure".to_owned(),
        Part::SignOff(_) => "sign-off".to_owned(),
        Part::Message(_) => "message".to_owned(),
        Part::Endpoint(_) => "endpoint".to_owned(),
        Part::Contact(_) => "contact".to_owned(),
        Part::Problem(p) => plan.problems[*p].message.clone(),
        Part::Unread => String::new(),
    };
    let words: Vec<_> = parts.iter().map(word).filter(|w| !w.is_empty()).collect();
    crate::text::truncate(&words.join(", "), 40, "…").into_owned()
}
