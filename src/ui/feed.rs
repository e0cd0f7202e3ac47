//! The foot of the Board: what is next, and what just happened.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::checklist::name;
use super::clock;
use super::paint::{Paint, below};
use crate::app::{App, Link};
use crate::room::{Entry, Event, PhaseProgress};

/// Draws both.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    paint.rule(Rect { height: 1, ..area });
    let body = below(area, 1);
    let next = next(app);
    paint.line(body, 1, 0, &[("NEXT  ", styles.title), (&next, styles.text)]);
    let latest = below(body, 1);
    let entries = app.room.recent.iter().rev().take(usize::from(latest.height));
    for (y, entry) in (0u16..).zip(entries) {
        render_entry(paint, latest, y, app, entry);
    }
}

fn next(app: &App) -> String {
    if app.link == Link::Opening {
        return "opening the journal".to_owned();
    }
    let Some(phase) = app.room.current_phase() else {
        return "the plan has no phases; every item is on Checklists".to_owned();
    };
    let gate = app.room.gate(phase);
    let due =
        app.room.planned(phase).map(|s| format!(", planned {}", clock::span(app, s))).unwrap_or_default();
    match app.room.phase_state(&phase.id).progress {
        PhaseProgress::Waiting if app.room.t0.is_none() => {
            format!("set T0 with :t0 TIME, then start {} with :start{due}", phase.name)
        }
        PhaseProgress::Waiting => format!("start {} with :start{due}", phase.name),
        PhaseProgress::Held { reason, .. } => {
            format!("{} is held: {reason}; :start lets it go on", phase.name)
        }
        PhaseProgress::Running if gate.reasons.is_empty() => format!("{} is ready: :complete", phase.name),
        PhaseProgress::Running => format!("{}: {}", phase.name, gate.reasons.join(", ")),
        PhaseProgress::Completed { .. } => "every phase is complete".to_owned(),
    }
}

fn render_entry(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, entry: &Entry) {
    let styles = paint.styles;
    let at = entry.at.with_timezone(&clock::zone(app));
    let (sign, style) = sign(paint, &entry.event);
    let time = at.format("%H:%M:%S").to_string();
    let who = crate::text::pad(name(&entry.by), 10).into_owned();
    let sentence = entry.event.sentence();
    paint.line(
        area,
        1,
        y,
        &[
            (&time, styles.dim),
            ("  ", style),
            (&who, styles.dim),
            (" ", style),
            (sign, style),
            (" ", style),
            (&sentence, styles.text),
        ],
    );
}

/// The sign of a kind of event.
fn sign(paint: &Paint<'_>, event: &Event) -> (&'static str, Style) {
    let (glyphs, styles) = (paint.styles.glyphs, paint.styles);
    match event {
        Event::ItemTicked { .. } => (glyphs.check, styles.good),
        Event::ItemBlocked { .. } => (glyphs.cross, styles.bad),
        Event::PhaseHeld { .. } => (glyphs.held, styles.warn),
        Event::PhaseStarted { .. } | Event::PhaseResumed { .. } => (glyphs.running, styles.accent),
        Event::PhaseCompleted { .. } => (glyphs.check, styles.accent),
        Event::NoteAdded { .. } | Event::EvidenceAdded { .. } | Event::SignedOff { .. } => {
            (glyphs.note, styles.accent)
        }
        Event::Unknown { .. } => ("?", styles.warn),
        _ => (glyphs.waiting, styles.dim),
    }
}
