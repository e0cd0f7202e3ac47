//! The foot of the Board: what is next, and what just happened.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::checklist::name;
use super::clock;
use super::paint::{Paint, below};
use crate::app::{App, Link, Screen};
use crate::room::{Entry, Event, Outcome, Vote};
use crate::signal::{Criterion, Rank};

/// Draws both.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    paint.rule(Rect { height: 1, ..area });
    let body = below(area, 1);
    if app.screen == Screen::Now {
        return latest(paint, body, app);
    }
    let advice = app.advice();
    let (what, key) = match app.link {
        Link::Opening => ("opening the journal".to_owned(), String::new()),
        _ => (advice.what, advice.key),
    };
    let x = paint.line(body, 1, 0, &[("NEXT  ", styles.title), (&key, styles.accent), ("  ", styles.text)]);
    paint.put(body, if key.is_empty() { 7 } else { x }, 0, &what, styles.text);
    let claimed = u16::from(body.height > 1 && claims(paint, below(body, 1), app));
    let rest = below(body, 1 + claimed);
    let told = coming(paint, rest, app);
    latest(paint, below(rest, told), app);
}

/// What comes, as far as one line of news stays; the lines taken come back.
fn coming(paint: &mut Paint<'_>, area: Rect, app: &App) -> u16 {
    let styles = paint.styles;
    let lines = [("HOLD  ", super::coming::hold_soon(app)), ("DUE   ", super::coming::due(app))];
    let told = lines.iter().filter_map(|(head, words)| Some((head, words.as_ref()?)));
    let room = area.height.saturating_sub(1);
    (0..room).zip(told).fold(0, |_, (y, (head, words))| {
        paint.line(area, 1, y, &[(head, styles.warn), (words, styles.text)]);
        y + 1
    })
}

/// What is ticked and reads otherwise, the first of it; whether there is any.
fn claims(paint: &mut Paint<'_>, area: Rect, app: &App) -> bool {
    let styles = paint.styles;
    let mut claims = app.room.claims();
    let Some((item, claim)) = claims.next() else { return false };
    let more = claims.count();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let words = format!("“{}” is ticked, and {}{more}", item.text, claim.why);
    paint.line(area, 1, 0, &[("DOUBT ", styles.warn), (&words, styles.text)]);
    true
}

/// What just happened, the newest first.
fn latest(paint: &mut Paint<'_>, latest: Rect, app: &App) {
    // One source that fails leaves every criterion in doubt, and one that is met asks nobody for
    // anything: tiles and gates say so, the log has it all.
    let news = |e: &&Entry| match e.event {
        Event::CriterionJudged { finding, .. } => finding == Criterion::Failed,
        _ => true,
    };
    let entries = app.room.recent.iter().rev().filter(news).take(usize::from(latest.height));
    for (y, entry) in (0u16..).zip(entries) {
        render_entry(paint, latest, y, app, entry);
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
pub(super) fn sign(paint: &Paint<'_>, event: &Event) -> (&'static str, Style) {
    let (glyphs, styles) = (paint.styles.glyphs, paint.styles);
    match event {
        Event::ItemTicked { .. } => (glyphs.check, styles.good),
        Event::ItemBlocked { .. } => (glyphs.cross, styles.bad),
        Event::PhaseHeld { .. } => (glyphs.held, styles.warn),
        Event::PhaseStarted { .. } | Event::PhaseResumed { .. } => (glyphs.running, styles.accent),
        Event::PhaseCompleted { .. } => (glyphs.check, styles.accent),
        Event::Voted { vote: Vote::NoGo, .. } | Event::ClaimDoubted { .. } => (glyphs.cross, styles.bad),
        Event::Voted { vote: Vote::Go, .. } => (glyphs.check, styles.good),
        Event::PollOpened { .. } | Event::PollClosed { .. } => (glyphs.arrow, styles.accent),
        Event::ClockHeld { .. } | Event::HoldPlanned { .. } => (glyphs.held, styles.warn),
        Event::NoteAdded { .. } | Event::EvidenceAdded { .. } | Event::SignedOff { .. } => {
            (glyphs.note, styles.accent)
        }
        Event::AlertFired { rank, .. } => (glyphs.alert, styles.rank(Rank::of(Some(rank)))),
        Event::TriggerHappened { rank, .. } => (glyphs.alert, styles.rank(Rank::of(Some(rank)))),
        Event::AlertResolved { .. } | Event::TriggerOver { .. } | Event::SignalFound { .. } => {
            (glyphs.check, styles.good)
        }
        Event::SignalLost { .. } => ("?", styles.warn),
        Event::FlagChangeStarted { .. } | Event::StepStarted { .. } => (glyphs.running, styles.accent),
        Event::FlagChangeEnded { outcome, .. }
        | Event::StepEnded { outcome, .. }
        | Event::RunResolved { outcome, .. }
        | Event::FlagResolved { outcome, .. }
        | Event::RunEnded { outcome, .. } => match outcome {
            Outcome::Done => (glyphs.check, styles.good),
            Outcome::Unknown => ("?", styles.warn),
            _ => (glyphs.cross, styles.bad),
        },
        Event::Unknown { .. } => ("?", styles.warn),
        _ => (glyphs.waiting, styles.dim),
    }
}
