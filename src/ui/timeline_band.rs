//! What says that this is the past: a band over everything that nobody can overlook, and the keys that
//! go through time at the foot. Drawn from the app of now, which has the past in it.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::layout::Panes;
use super::paint::{Paint, Piece};
use super::{clock, footer, timeline};
use crate::app::{Action, App, Dialog, Loaded, Past, Screen, shown};
use crate::text;

/// What is left of the screen below the band.
pub fn below(area: Rect, app: &App) -> Rect {
    super::paint::below(area, u16::from(app.past().is_some() && area.height > 4))
}

/// Draws the band while the past is looked at.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let Some(past) = app.past().filter(|_| area.height > 4) else { return };
    let calls = app.calls_back();
    let style = if calls.is_empty() { paint.styles.warn_pill } else { paint.styles.bad_pill };
    let line = Rect { height: 1, ..area };
    paint.put(line, 0, 0, &" ".repeat(usize::from(area.width)), style);
    let head = head(app, past);
    let x = paint.put(line, 1, 0, &head, style);
    let back = shown(app.keymap.key_of(Action::Back));
    let ends = match (calls.last(), app.is_replay()) {
        (Some(words), _) => {
            let more = if calls.len() > 1 { format!(" and {} more", calls.len() - 1) } else { String::new() };
            vec![format!("{} P0 NOW: {words}{more}  {back} back to now ", paint.styles.glyphs.alert)]
        }
        (None, true) => vec![format!("{} ", playing(paint, past, true)), String::new()],
        (None, false) => vec![
            format!("{}   {back} back to now ", playing(paint, past, true)),
            format!("{}  {back} back to now ", playing(paint, past, false)),
            format!("{back}: now "),
        ],
    };
    let room = usize::from(area.width.saturating_sub(x + 1));
    match ends.iter().find(|words| text::width(words) <= room) {
        Some(words) => drop(paint.right(line, x, 0, &[(words, style)])),
        // A call goes before the time, whatever the width.
        None if !calls.is_empty() => {
            paint.put(line, 0, 0, &" ".repeat(usize::from(area.width)), style);
            paint.put(line, 1, 0, &ends[0], style);
        }
        None => {}
    }
}

/// "AS IT WAS 14:03:11 (2 h 05 min ago)".
fn head(app: &App, past: &Past) -> String {
    let zone = clock::zone(&past.app);
    let (at, now) = (past.at.with_timezone(&zone), app.now.with_timezone(&zone));
    let format = if at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%-d %b %H:%M:%S" };
    let time = at.format(format);
    match app.is_replay() {
        true => format!("REPLAY {time} {}", at.format("%Z")),
        false => format!("AS IT WAS {time} ({})", clock::ago(app.now - past.at)),
    }
}

/// How it plays, what is still on its way, and where in the journal this is.
fn playing(paint: &Paint<'_>, past: &Past, long: bool) -> String {
    let glyphs = paint.styles.glyphs;
    let sign = if past.play.runs() { glyphs.running } else { glyphs.held };
    let way = match past.loaded() {
        _ if past.is_loading() => "loading",
        Loaded::Nothing => "loading samples",
        Loaded::Lately if past.app.screen == Screen::Signals => "loading history",
        _ => "",
    };
    let place = match long {
        true => format!(
            "event {} of {}   ",
            timeline::number(past.seq),
            timeline::number(past.app.timeline().total())
        ),
        false => String::new(),
    };
    let gap = if way.is_empty() { "" } else { "   " };
    format!("{way}{gap}{place}{sign} {}x", past.play.speed)
}

/// Before the first moment is there.
pub fn waits(paint: &mut Paint<'_>, panes: Panes) {
    let area = [panes.strip, panes.checklist, panes.whole].into_iter().find(|a| a.height > 0);
    let style = paint.styles.dim;
    if let Some(area) = area {
        paint.put(area, 2, 0, "loading the moment …", style);
    }
}

/// The foot while the past is looked at: what is being written, what has to be read, else the keys.
pub fn footer(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    paint.band(area, 0, styles.surface);
    let shown = app.shown();
    match (&shown.dialog, &app.notice) {
        (Dialog::Prompt(prompt), _) if prompt.purpose.is_line() => footer::input(paint, area, shown, prompt),
        (_, Some(notice)) => footer::notice_line(paint, area, notice),
        _ => keys(paint, area, app),
    }
}

fn keys(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let screens = footer::screens(paint, app.shown());
    let brief = footer::screens_brief(paint, app.shown());
    let ends: &[Piece<'_>] = match area.width {
        footer::WALL.. => &screens,
        120.. => &brief,
        _ => &screens[14..],
    };
    let wide: usize = ends.iter().map(|(t, _)| text::width(t)).sum();
    let edge = usize::from(area.width).saturating_sub(wide);
    let mut x = 1;
    for (keys, word) in offers(app) {
        let (keys, word) = (keys.as_str(), word.as_str());
        if usize::from(x) + text::width(keys) + text::width(word) + 3 > edge {
            continue;
        }
        let gap: (&str, Style) = ("  ", styles.dim);
        x = paint.line(area, x, 0, &[(keys, styles.accent), (" ", styles.dim), (word, styles.dim), gap]);
    }
    paint.right(area, x, 0, ends);
}

/// The keys that go through time, as the table of keys has them.
fn offers(app: &App) -> Vec<(String, String)> {
    let one = |action: Action| shown(app.keymap.key_of(action));
    let word = |action: Action| {
        let binding = app.keymap.bindings().iter().find(|b| b.action == action);
        binding.map(|b| b.label.clone()).unwrap_or_default()
    };
    let pair = |back: Action, on: Action| (format!("{} {}", one(back), one(on)), word(on));
    let on_list = app.shown().screen == Screen::Timeline;
    let mut offers = vec![];
    offers.extend((!app.is_replay()).then(|| (one(Action::Back), "now".to_owned())));
    offers.extend(on_list.then(|| (one(Action::Open), "this moment".to_owned())));
    let runs = app.past().is_some_and(|p| p.play.runs());
    offers.push((one(Action::Play), if runs { "stand still".to_owned() } else { word(Action::Play) }));
    offers.push(pair(Action::Earlier, Action::Later));
    offers.push(pair(Action::Slower, Action::Faster));
    offers.push(pair(Action::PreviousAlert, Action::NextAlert));
    offers.push(pair(Action::PreviousRun, Action::NextRun));
    offers.push(pair(Action::PreviousSign, Action::NextSign));
    offers.push(pair(Action::PreviousPhase, Action::NextPhase));
    if app.shown().screen != Screen::Signals {
        offers.push((format!("{} {}", one(Action::Shorter), one(Action::Longer)), "a minute".to_owned()));
    }
    offers
}
