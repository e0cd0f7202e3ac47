//! The footer: the line being written, else what has to be read, else the keys that work now.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget};

use super::paint::Paint;
use crate::app::{Action, App, Dialog, Link, Notice, Prompt, Purpose, Screen, Tone};
use crate::text;

/// The most lines that a message takes.
const MESSAGE: usize = 4;

/// From this width on every screen has its name in the footer; below, keys that act go first.
pub(super) const WALL: u16 = 180;

/// Draws the footer; what is too long for it grows upwards over the screen.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    if app.past().is_some() {
        return super::timeline_band::footer(paint, area, app);
    }
    let styles = paint.styles;
    paint.band(area, 0, styles.surface);
    match (&app.dialog, &app.notice, &app.link) {
        (Dialog::Prompt(prompt), ..) if prompt.purpose.is_line() => input(paint, area, app, prompt),
        (_, Some(notice), _) => notice_line(paint, area, notice),
        (_, None, link) => {
            if let Link::ViewOnly(why) | Link::Failing(why) = link {
                let above = Rect { y: area.y.saturating_sub(1), ..area };
                message(paint, above, (styles.glyphs.alert, styles.bad), why);
            } else if let Some(why) = &app.stale {
                let above = Rect { y: area.y.saturating_sub(1), ..area };
                message(paint, above, (styles.glyphs.alert, styles.warn), why);
            }
            keys(paint, area, app);
        }
    }
}

/// A notice with its sign.
pub(super) fn notice_line(paint: &mut Paint<'_>, area: Rect, notice: &Notice) {
    let styles = paint.styles;
    let sign = match notice.tone {
        Tone::Plain => (styles.glyphs.dot, styles.accent),
        Tone::Good => (styles.glyphs.check, styles.good),
        Tone::Bad => (styles.glyphs.cross, styles.bad),
    };
    message(paint, area, sign, &notice.text);
}

/// A message whose last line is `area`.
fn message(paint: &mut Paint<'_>, area: Rect, (sign, style): (&str, Style), words: &str) {
    let styles = paint.styles;
    let width = usize::from(area.width.saturating_sub(4));
    let mut lines = text::clean_lines(words).iter().flat_map(|l| text::wrap(l, width)).collect::<Vec<_>>();
    lines.truncate(MESSAGE.min(usize::from(area.y) + 1));
    let height = lines.len() as u16;
    let place = Rect { y: area.y + 1 - height.min(area.y + 1), height, ..area };
    Clear.render(place, paint.buffer);
    paint.buffer.set_style(place, styles.surface);
    paint.put(place, 1, 0, sign, style);
    for (y, line) in (0..).zip(&lines) {
        paint.put(place, 3, y, line, styles.strong);
    }
}

pub(super) fn input(paint: &mut Paint<'_>, area: Rect, app: &App, prompt: &Prompt) {
    let styles = paint.styles;
    let sign = if prompt.purpose == Purpose::Search { " /" } else { " :" };
    let value = prompt.value();
    let column = prompt.text.cursor().1;
    let before: String = value.chars().take(column).collect();
    let x = paint.line(area, 0, 0, &[(sign, styles.title), (&before, styles.strong)]);
    let rest: String = value.chars().skip(column).collect();
    let under: String = rest.chars().take(1).collect();
    let cursor = styles.strong.add_modifier(ratatui::style::Modifier::REVERSED);
    let x = paint.put(area, x, 0, if under.is_empty() { " " } else { &under }, cursor);
    let x = paint.put(area, x, 0, &rest.chars().skip(1).collect::<String>(), styles.strong);
    let said = match (&prompt.problem, prompt.purpose == Purpose::Search && !value.is_empty()) {
        (Some(problem), _) => (problem.clone(), styles.bad),
        (None, true) => (format!("{} found", app.match_count()), styles.dim),
        (None, false) => ("Enter does it, Esc leaves".to_owned(), styles.dim),
    };
    paint.right(area, x + 2, 0, &[(&said.0, said.1), (" ", styles.surface)]);
}

fn keys(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let mut x = 1;
    let (screens, brief) = (screens(paint, app), screens_brief(paint, app));
    let ends: &[_] = match area.width {
        WALL.. => &screens,
        60.. => &brief,
        _ => &screens[14..],
    };
    let wide: usize = ends.iter().map(|(t, _)| text::width(t)).sum();
    let edge = area.width.saturating_sub(wide as u16);
    for offer in app.offers() {
        let wide = text::width(&offer.key) + text::width(&offer.label) + 3;
        if usize::from(x) + wide > usize::from(edge) {
            continue;
        }
        let refused = offer.refusal.is_some();
        let (key, word) = if refused { (styles.faint, styles.faint) } else { (styles.accent, styles.dim) };
        x = paint.line(area, x, 0, &[(&offer.key, key), (" ", word), (&offer.label, word), ("  ", word)]);
    }
    paint.right(area, x, 0, ends);
}

/// "0-7 screens  ? keys".
pub(super) fn screens_brief<'a>(paint: &Paint<'a>, app: &'a App) -> [(&'a str, Style); 6] {
    let styles = paint.styles;
    [
        (app.keymap.key_of(Action::Now), styles.accent),
        ("-", styles.accent),
        (app.keymap.key_of(Action::Plan), styles.accent),
        (" screens  ", styles.dim),
        (app.keymap.key_of(Action::Help), styles.accent),
        (" keys ", styles.dim),
    ]
}

pub(super) fn screens<'a>(paint: &Paint<'a>, app: &'a App) -> [(&'a str, Style); 16] {
    let styles = paint.styles;
    let tone = |screen: Screen| if app.screen == screen { styles.strong } else { styles.dim };
    [
        (app.keymap.key_of(Action::Now), styles.accent),
        (" now  ", tone(Screen::Now)),
        (app.keymap.key_of(Action::Board), styles.accent),
        (" board  ", tone(Screen::Board)),
        (app.keymap.key_of(Action::Checklists), styles.accent),
        (" checklists  ", tone(Screen::Checklists)),
        (app.keymap.key_of(Action::Signals), styles.accent),
        (" signals  ", tone(Screen::Signals)),
        (app.keymap.key_of(Action::Levers), styles.accent),
        (" levers  ", tone(Screen::Levers)),
        (app.keymap.key_of(Action::Timeline), styles.accent),
        (" timeline  ", tone(Screen::Timeline)),
        (app.keymap.key_of(Action::Plan), styles.accent),
        (" plan  ", tone(Screen::Plan)),
        (app.keymap.key_of(Action::Help), styles.accent),
        (" keys ", styles.dim),
    ]
}
