//! Where the panels are. One pure answer for drawing, for the mouse and for scrolling.

use ratatui::layout::{Constraint, Layout, Rect};

use super::paint::first_line;
use crate::app::{App, Panel, Screen};

/// The areas of a screen; an area of no height or width is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    /// Room, clocks, gate, link.
    pub header: Rect,
    /// The phases.
    pub strip: Rect,
    /// Limits and what is measured.
    pub signals: Rect,
    /// The items.
    pub checklist: Rect,
    /// Flags and ways back; on Checklists what is selected.
    pub side: Rect,
    /// What is next, what just happened.
    pub feed: Rect,
    /// Now, or the plan's document.
    pub whole: Rect,
    /// Keys, or a line being written.
    pub footer: Rect,
}

/// From this width on the Board has three columns.
const WALL: u16 = 160;

/// The areas for this screen at this size.
pub fn layout(area: Rect, app: &App) -> Panes {
    if area.height < 12 || area.width < 50 {
        return small(area, app);
    }
    let header = u16::from(area.height > 16) + 1;
    let [header, body, footer] =
        Layout::vertical([Constraint::Length(header), Constraint::Fill(1), Constraint::Length(1)])
            .areas(area);
    let panes = Panes { header, footer, ..Panes::default() };
    match app.screen {
        Screen::Board if app.zoomed => zoomed(panes, body, app.panel),
        Screen::Board => board(panes, body, app),
        Screen::Checklists => checklists(panes, body),
        Screen::Now => now(panes, body),
        Screen::Plan => Panes { whole: body, ..panes },
        Screen::Signals => signals(panes, body),
        Screen::Levers => levers(panes, body, app),
        Screen::Timeline => super::timeline::panes(panes, body, app.zoomed),
    }
}

/// The status view of a tiny terminal: who, where, what burns, and the list.
fn small(area: Rect, app: &App) -> Panes {
    let [header, body, footer] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    let panes = Panes { header, footer, ..Panes::default() };
    let burns = !app.room.firing().is_empty() || !app.room.happenings().is_empty();
    match app.screen {
        Screen::Board if burns && body.height >= 6 => {
            let [signals, checklist] =
                Layout::vertical([Constraint::Length(3), Constraint::Fill(1)]).areas(body);
            Panes { signals, checklist, ..panes }
        }
        Screen::Board | Screen::Checklists | Screen::Levers | Screen::Timeline => {
            Panes { checklist: body, ..panes }
        }
        Screen::Now | Screen::Plan | Screen::Signals => Panes { whole: body, ..panes },
    }
}

fn zoomed(panes: Panes, body: Rect, panel: Panel) -> Panes {
    match panel {
        Panel::Phases => Panes { strip: body, ..panes },
        Panel::Signals => Panes { signals: body, ..panes },
        Panel::Checklist => Panes { checklist: body, ..panes },
    }
}

fn board(panes: Panes, body: Rect, app: &App) -> Panes {
    let strip = if body.height >= 28 { 5 } else { 4 };
    let feed = match body.height {
        0..18 => 2,
        18..32 => 4,
        32..48 => 6,
        _ => 9,
    };
    let [strip, body, feed] =
        Layout::vertical([Constraint::Length(strip), Constraint::Fill(1), Constraint::Length(feed)])
            .areas(body);
    if body.width >= WALL {
        let thirds = [Constraint::Fill(5), Constraint::Fill(5), Constraint::Fill(3)];
        let [checklist, signals, side] = Layout::horizontal(thirds).spacing(3).areas(body);
        return Panes { strip, signals, checklist, side, feed, ..panes };
    }
    let [list, right] = columns(body);
    let levers = super::side::height(app).min(right.height / 2);
    let limits = u16::try_from(super::signals::height(app).max(1)).unwrap_or(u16::MAX).saturating_add(1);
    let limits = limits.min(right.height.saturating_sub(levers));
    let [signals, side] = Layout::vertical([Constraint::Length(limits), Constraint::Fill(1)]).areas(right);
    Panes { strip, signals, checklist: list, side, feed, ..panes }
}

fn now(panes: Panes, body: Rect) -> Panes {
    let [whole, feed] = Layout::vertical([Constraint::Fill(1), Constraint::Length(4)]).areas(body);
    Panes { whole, feed, ..panes }
}

/// The metrics at the left, where there is room for them.
fn signals(panes: Panes, body: Rect) -> Panes {
    if body.width < 100 {
        return Panes { whole: body, ..panes };
    }
    let list = if body.width >= WALL { 68 } else { 34 };
    let [signals, whole] =
        Layout::horizontal([Constraint::Length(list), Constraint::Fill(1)]).spacing(3).areas(body);
    Panes { signals, whole, ..panes }
}

/// The list, and what is under the cursor beside it or below.
fn levers(panes: Panes, body: Rect, app: &App) -> Panes {
    if body.width >= 100 {
        let [checklist, whole] = columns(body);
        return Panes { checklist, whole: super::paint::below(whole, 1), ..panes };
    }
    let rows = u16::try_from(app.lever_rows().len() + 9).unwrap_or(u16::MAX);
    let list = rows.min(body.height * 3 / 5);
    let [checklist, _, whole] =
        Layout::vertical([Constraint::Length(list), Constraint::Length(1), Constraint::Fill(1)]).areas(body);
    // Below the list its words begin where the list's do.
    let whole = Rect { x: whole.x + 1, width: whole.width.saturating_sub(1), ..whole };
    Panes { checklist, whole, ..panes }
}

fn checklists(panes: Panes, body: Rect) -> Panes {
    if body.width < 90 {
        return Panes { checklist: body, ..panes };
    }
    let [list, side] = columns(body);
    Panes { checklist: list, side, ..panes }
}

/// Two columns with a gap for the line between them.
fn columns(body: Rect) -> [Rect; 2] {
    let left = body.width / 2;
    let [left, right] =
        Layout::horizontal([Constraint::Length(left), Constraint::Fill(1)]).spacing(3).areas(body);
    [left, right]
}

/// What lies at a place of the screen: the panel, and the place on its list.
pub fn hit(area: Rect, app: &App, x: u16, y: u16) -> Option<(Panel, Option<usize>)> {
    let (area, app) = (super::timeline_band::below(area, app), app.shown());
    let panes = layout(area, app);
    let inside = |pane: Rect| pane.contains((x, y).into());
    let row = |pane: Rect, head: u16, len: usize, at: usize| {
        let height = usize::from(pane.height.saturating_sub(head));
        let line = usize::from(y.checked_sub(pane.y + head)?);
        Some(first_line(len, at, height) + line).filter(|r| *r < len)
    };
    if inside(panes.checklist) && app.screen == Screen::Timeline {
        return Some((Panel::Checklist, super::timeline::hit(panes.checklist, app, y)));
    }
    if inside(panes.checklist) && app.screen == Screen::Levers {
        return Some((Panel::Checklist, super::deck::hit(panes.checklist, app, y)));
    }
    if inside(panes.checklist) {
        let (len, at) = (app.list().rows().len(), app.list().at());
        return Some((Panel::Checklist, row(panes.checklist, 1, len, at)));
    }
    if inside(panes.signals) {
        return Some((Panel::Signals, super::signals::hit(panes.signals, app, y)));
    }
    if inside(panes.whole) {
        let document = app.document.as_ref().filter(|_| app.screen == Screen::Plan);
        return document.map(|d| (Panel::Checklist, row(panes.whole, 1, d.lines.len(), d.at)));
    }
    if inside(panes.strip) {
        let cells = super::strip::cells(panes.strip, app);
        return Some((
            Panel::Phases,
            cells.into_iter().find(|(_, c)| c.contains((x, y).into())).map(|(i, _)| i),
        ));
    }
    None
}
