//! Drawing: the app as it is, on a frame. Pure; changes nothing.
//!
//! One file a panel, one [`layout()`] for drawing and mouse, one [`Paint`] through which every
//! text goes to the screen sanitised. Who calls it: the command line's view, and the tests.

mod approving;
mod asks;
mod binding;
#[cfg(test)]
mod binding_tests;
mod boxes;
mod chart;
mod checklist;
mod clock;
mod coming;
mod deck;
#[cfg(test)]
mod deck_tests;
mod detail;
mod document;
mod dots;
mod feed;
mod footer;
#[cfg(test)]
mod frames;
mod glyphs;
mod header;
mod layout;
mod levers;
mod now;
mod origin;
mod paint;
mod poll;
#[cfg(test)]
mod poll_tests;
mod rules;
mod scale;
mod scope;
mod side;
mod sign;
mod signals;
mod storm;
mod story;
mod strip;
#[cfg(test)]
mod tests;
mod theme;
mod tile;
mod timeline;
mod timeline_band;
#[cfg(test)]
mod timeline_tests;
mod trust;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::{App, Screen};
pub use glyphs::Glyphs;
pub use layout::{Panes, hit, layout};
pub use paint::Paint;
pub use theme::{BUILT_IN, Depth, Styles};

/// Draws the whole screen.
pub fn render(frame: &mut Frame<'_>, app: &App, styles: &Styles) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, styles.base);
    let mut paint = Paint { buffer, styles };
    if area.width < 20 || area.height < 4 {
        paint.put(area, 0, 0, "too small", styles.warn);
        return;
    }
    timeline_band::render(&mut paint, area, app);
    let (area, shown) = (timeline_band::below(area, app), app.shown());
    let panes = layout(area, shown);
    header::render(&mut paint, panes.header, shown);
    match app.past().is_some_and(|past| !past.is_there()) {
        true => timeline_band::waits(&mut paint, panes),
        false => render_body(&mut paint, panes, shown),
    }
    footer::render(&mut paint, panes.footer, app);
    boxes::render(&mut paint, area, shown);
    if app.past().is_some() {
        boxes::render(&mut paint, area, app);
    }
}

fn render_body(paint: &mut Paint<'_>, panes: Panes, app: &App) {
    let shown = |pane: Rect| pane.width > 0 && pane.height > 0;
    if shown(panes.whole) {
        match app.screen {
            Screen::Plan => document::render(paint, panes.whole, app),
            Screen::Signals => scope::render(paint, panes.whole, app),
            Screen::Levers => detail::render_detail(paint, panes.whole, app),
            Screen::Timeline => timeline::render_detail(paint, panes.whole, app),
            _ => now::render(paint, panes.whole, app),
        }
    }
    if shown(panes.strip) {
        strip::render(paint, panes.strip, app);
        let last = Rect { y: panes.strip.bottom() - 1, height: 1, ..panes.strip };
        paint.rule(last);
    }
    if shown(panes.checklist) {
        match app.screen {
            Screen::Levers => deck::render(paint, panes.checklist, app),
            Screen::Timeline => timeline::render(paint, panes.checklist, app),
            _ => checklist::render(paint, panes.checklist, app),
        }
        if matches!(app.screen, Screen::Levers | Screen::Timeline) && panes.whole.x > panes.checklist.right()
        {
            wall_behind(paint, panes.checklist);
        }
    }
    if shown(panes.signals) {
        signals::render(paint, panes.signals, app);
        if app.screen == Screen::Signals {
            wall_behind(paint, panes.signals);
        }
    }
    if shown(panes.side) {
        match app.screen {
            Screen::Board => side::render(paint, panes.side, app, panes.side.y == panes.signals.y),
            _ => tell(paint, panes.side, app),
        }
        wall_behind(paint, panes.checklist);
        if panes.signals.height > 0 && panes.side.x > panes.signals.right() {
            wall_behind(paint, panes.signals);
        }
    }
    if shown(panes.feed) {
        feed::render(paint, panes.feed, app);
    }
}

fn wall_behind(paint: &mut Paint<'_>, pane: Rect) {
    paint.wall(Rect { x: pane.right() + 1, width: 1, ..pane });
}

/// What is selected, beside the list.
fn tell(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let lines = story::selected(app, paint.styles);
    for (y, (words, style)) in (0..area.height).zip(boxes::wrap(&lines, usize::from(area.width))) {
        paint.put(area, 0, y, &words, style);
    }
}
