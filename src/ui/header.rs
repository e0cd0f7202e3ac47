//! The header: room, environment, phase, clocks, gate, link, watch. Always there.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::clock;
use super::paint::{Paint, Piece, below};
use crate::app::{App, Link};
use crate::room::{PhaseProgress, Verdict};
use crate::signal::Rank;

/// Draws the header.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    paint.band(area, 0, paint.styles.surface);
    let left = identity(paint, area, app);
    let styles = paint.styles;
    let (gate, gate_style) = gate(paint, app);
    let (clocks, link, watch) = (clocks(app, area.width), link(paint, app), watch(app, area.width));
    let count = count(app);
    let gap = (" ", styles.surface);
    let alerts = alerts(paint, app);
    let pieces = alerts.iter().map(|(words, style)| (words.as_str(), *style));
    let gate: Vec<Piece<'_>> = pieces.chain([(gate.as_str(), gate_style), gap]).collect();
    let all: Vec<Piece<'_>> =
        [&[(clocks.as_str(), styles.strong), gap, gap], &gate[..], &[link, (&watch, styles.dim), gap]]
            .concat();
    let ahead = &all[..3 + gate.len()];
    let count = [&[(count.as_str(), styles.strong), gap, gap], &gate[..]].concat();
    let verdict = &gate[gate.len() - 2..];
    let bare = [&count[..3], verdict].concat();
    let shorter = [&all[..], ahead, &count[..], &gate[..], &bare[..], verdict];
    let fits = |pieces: &&[Piece<'_>]| {
        let wide: usize = pieces.iter().map(|(t, _)| crate::text::width(t)).sum();
        usize::from(left) + wide < usize::from(area.width)
    };
    paint.right(area, left, 0, shorter.into_iter().find(fits).unwrap_or(verdict));
    paint.rule(Rect { height: area.height.min(2).saturating_sub(1), ..below(area, 1) });
}

fn identity(paint: &mut Paint<'_>, area: Rect, app: &App) -> u16 {
    let styles = paint.styles;
    let name = if app.room.name.is_empty() { &app.room.plan.title } else { &app.room.name };
    // The banner says what it is; the time of its start is nobody's concern.
    let name = if app.rehearses() { name.split("-rehearsal").next().unwrap_or(name) } else { name };
    let mut x =
        paint.line(area, 0, 0, &[(" ", styles.surface), (name, styles.strong), (" ", styles.surface)]);
    if !app.room.environment.is_empty() {
        let banner = format!(" {} ", app.room.environment.to_uppercase());
        x = paint.put(area, x, 0, &banner, styles.environment(&app.room.environment));
    }
    let Some(phase) = app.room.current_phase().filter(|_| area.width >= 100) else { return x };
    let state = match app.room.phase_state(&phase.id).progress {
        PhaseProgress::Waiting => "next",
        PhaseProgress::Running => "now",
        PhaseProgress::Held { .. } => "held",
        PhaseProgress::Completed { .. } => "done",
    };
    let words = format!("  {state} ");
    let narrow = Rect { width: (area.width * 45 / 100).min(area.width), ..area };
    paint.line(narrow, x, 0, &[(&words, styles.dim), (super::strip::short_name(&phase.name), styles.text)])
}

/// Whether the count stands, whose vote is asked, how many alerts of each class fire and what people saw.
fn alerts(paint: &Paint<'_>, app: &App) -> Vec<(String, Style)> {
    let firing = app.room.firing().into_iter().map(|a| a.rank);
    let all: Vec<Rank> = firing.chain(app.room.happenings().into_iter().map(|h| h.rank)).collect();
    let count = |rank: Rank| all.iter().filter(|r| **r == rank).count();
    let ranks = [Rank::Critical, Rank::High, Rank::Medium, Rank::Low].into_iter();
    let shown = ranks.filter(|r| count(*r) > 0);
    let sign = paint.styles.glyphs.alert;
    let polled = super::poll::asked(app).map(|words| (format!("{words}  "), paint.styles.accent));
    let shown = shown.map(|r| (format!("{sign} {} ×{}  ", r.word(), count(r)), paint.styles.rank(r)));
    let held = paint.styles.glyphs.held;
    let hold = clock::hold(app).map(|words| (format!("{held} {words}  "), paint.styles.warn));
    hold.into_iter().chain(polled).chain(shown).collect()
}

/// The count alone.
fn count(app: &App) -> String {
    clock::countdown(app).unwrap_or_else(|| "no T0".to_owned())
}

fn clocks(app: &App, width: u16) -> String {
    if width < 70 {
        return count(app);
    }
    let Some(t) = clock::countdown(app) else { return "T0 not set".to_owned() };
    let zone = clock::zone(app);
    let l = app.now.with_timezone(&zone).format("%H:%M %Z");
    match own(app).filter(|_| width >= 140) {
        Some(own) => format!("{t}   {own}   L {l}"),
        None => format!("{t}   L {l}"),
    }
}

/// The clock of the phase in view.
fn own(app: &App) -> Option<String> {
    let phase = app.room.current_phase()?;
    let (own, counts) = app.room.phase_clock(&phase.id, app.now)?;
    let held = if counts { "" } else { " held" };
    Some(format!("phase {}{held}", clock::lasting(own)))
}

fn gate(paint: &Paint<'_>, app: &App) -> (String, Style) {
    let styles = paint.styles;
    if app.link == Link::Opening {
        return (" … ".to_owned(), styles.dim);
    }
    let Some(phase) = app.room.current_phase() else { return (" no phases ".to_owned(), styles.dim) };
    let gate = app.gate(phase);
    let style = match gate.verdict {
        Verdict::Go => styles.good_pill,
        Verdict::NoGo => styles.bad_pill,
        Verdict::Inconclusive => styles.warn_pill,
    };
    (format!(" {} {} ", styles.glyphs.verdict(gate.verdict), gate.verdict.as_str()), style)
}

/// What the journal can do, in a word.
fn link<'a>(paint: &Paint<'a>, app: &App) -> (&'static str, Style) {
    let styles = paint.styles;
    match &app.link {
        Link::Opening => ("opening", styles.dim),
        Link::Live if app.unsaved() > 0 => ("saving", styles.warn),
        Link::Live => ("saved", styles.good),
        // The band over it says what this is.
        Link::ViewOnly(_) if app.is_past() => ("", styles.dim),
        Link::ViewOnly(_) => ("VIEW ONLY", styles.warn_pill),
        Link::Failing(_) => ("NOT SAVING", styles.bad_pill),
    }
}

fn watch(app: &App, width: u16) -> String {
    match &app.watch {
        _ if width < 100 => String::new(),
        Some(watch) if watch.mine => "  watch: you".to_owned(),
        Some(watch) => format!("  watch: {}", watch.name),
        None => String::new(),
    }
}
