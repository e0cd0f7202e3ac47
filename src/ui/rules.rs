//! The rules of a metric, or of all: the healthy side, the class, where each stands with its timer,
//! who has it or keeps it quiet, what it lacks, and its line of the plan.

use chrono::TimeDelta;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::clock;
use super::paint::{Paint, Piece, first_line};
use super::signals::side;
use crate::app::{Action, App};
use crate::plan::{Role, Threshold};
use crate::signal::{Open, RuleState, Standing};
use crate::text;

/// Draws the table.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let styles = paint.styles;
    let rows = app.rule_rows();
    let wide = rows.iter().filter_map(|i| app.room.plan.thresholds.get(*i)).map(|l| text::width(&side(l)));
    let wide = wide.max().unwrap_or(0).min(usize::from(area.width) * 2 / 5);
    let focused = app.look().table;
    let said = match app.look().all {
        true => format!("all {}, o: this metric only ", rows.len()),
        false => format!("{} of {}, o: all ", rows.len(), app.room.plan.thresholds.len()),
    };
    let body = paint.title(area, "RULES", focused, &[(&said, styles.dim)]);
    // Without the cursor in it, the table shows what is worst; its order is the plan's and stays.
    let worst =
        || (0..rows.len()).min_by_key(|row| app.standing(rows[*row]).map(|s| weight(&s))).unwrap_or(0);
    let at = if focused { app.rule_row() } else { worst() };
    let first = first_line(rows.len(), at, usize::from(body.height));
    for (y, (row, index)) in (0..body.height).zip(rows.iter().enumerate().skip(first)) {
        if focused && row == at {
            paint.band(body, y, styles.selection);
            paint.put(body, 0, y, styles.glyphs.cursor, styles.accent);
        }
        if let Some((standing, limit)) = app.standing(*index).zip(app.room.plan.thresholds.get(*index)) {
            render_row(paint, body, (y, wide), app, &standing, limit);
        }
    }
    if rows.is_empty() {
        paint.put(body, 2, 0, "the plan puts no limit on it: it is shown, not judged", styles.dim);
    }
}

/// How much a rule asks for a person; less is more.
fn weight(standing: &Standing<'_>) -> (u8, crate::signal::Rank) {
    let urgent = match standing.state {
        _ if standing.open.is_some() || !standing.armed => 9,
        RuleState::Firing { .. } => 0,
        _ if standing.blind => 1,
        RuleState::Pending { .. } => 2,
        RuleState::OutOfBounds { .. } | RuleState::Inconclusive { .. } => 3,
        RuleState::Recovering { .. } => 4,
        RuleState::Ok => 8,
        _ => 5,
    };
    (urgent, standing.rule.rank)
}

fn render_row(
    paint: &mut Paint<'_>,
    area: Rect,
    (y, wide): (u16, usize),
    app: &App,
    standing: &Standing<'_>,
    limit: &Threshold,
) {
    let styles = paint.styles;
    let (sign, style) = look(paint, standing);
    let class = match limit.role {
        Role::Alert | Role::Rollback => standing.rule.rank.word(),
        Role::Monitor => "··",
        Role::Success => "ok",
    };
    let all = app.look().all && area.width >= 60;
    let name = if all {
        text::pad(&text::truncate(&limit.metric, 20, "…"), 21).into_owned()
    } else {
        String::new()
    };
    let healthy = if area.width < 60 { crate::signal::bare_side(limit) } else { side(limit) };
    let wide = if area.width < 60 { 12 } else { wide };
    let healthy = text::pad(&text::truncate(&healthy, wide, "…"), wide + 1).into_owned();
    let state = state(app, standing);
    let (kept, kept_style) = kept(paint, app, standing);
    let line = format!("  line {} ", limit.line);
    let line = if area.width < 60 { String::new() } else { line };
    let room = Rect { width: area.width.saturating_sub(text::width(&line) as u16), ..area };
    let gap = (" ", styles.dim);
    let class_style = if standing.armed { style } else { styles.faint };
    let pieces: [Piece<'_>; 10] = [
        (sign, style),
        gap,
        (class, class_style),
        gap,
        (&name, styles.text),
        (&healthy, styles.text),
        (&state, style),
        (if kept.is_empty() { "" } else { "   " }, styles.dim),
        (&kept, kept_style),
        gap,
    ];
    paint.line(room, 2, y, &pieces);
    paint.right(area, 0, y, &[(&line, styles.dim)]);
}

/// The sign and style of where a rule stands.
fn look(paint: &Paint<'_>, standing: &Standing<'_>) -> (&'static str, Style) {
    let (glyphs, styles) = (paint.styles.glyphs, paint.styles);
    if standing.open.is_some() || !standing.armed {
        return (glyphs.ring, styles.dim);
    }
    match standing.state {
        RuleState::Firing { .. } => (glyphs.alert, styles.rank(standing.rule.rank)),
        _ if standing.blind => ("?", styles.warn),
        RuleState::Pending { .. } | RuleState::Recovering { .. } => (glyphs.saving, styles.warn),
        RuleState::Soaking { .. } => (glyphs.saving, styles.text),
        RuleState::OutOfBounds { .. } => ("!", styles.warn),
        RuleState::Ok => (glyphs.dot, styles.good),
        RuleState::Idle => (glyphs.ring, styles.dim),
        _ => ("?", styles.warn),
    }
}

/// "pending 2:10 of 5:00", "FIRING since 12:03", "needs a baseline".
fn state(app: &App, standing: &Standing<'_>) -> String {
    if let Some(open) = standing.open {
        return lacks(app, open);
    }
    if !standing.armed {
        let phase = standing.rule.phase.as_ref().and_then(|id| app.room.plan.phase(id));
        return match phase {
            Some(phase) => format!("rests until {}", super::strip::short_name(&phase.name)),
            None => "rests: its phase has a limit of its own".to_owned(),
        };
    }
    let flapping = if standing.flapping { ", flapping" } else { "" };
    let blind = if standing.blind { "blind: " } else { "" };
    format!("{blind}{}{flapping}{}", timer(app, standing), compared(app, standing))
}

/// The number that a relative limit comes to.
fn compared(app: &App, standing: &Standing<'_>) -> String {
    let limit = app.room.plan.thresholds.get(standing.rule.limit).filter(|l| l.baseline);
    let tile = app.tiles.iter().find(|t| t.limits.contains(&standing.rule.limit));
    let at = limit.and_then(|l| standing.rule.edge(app.room.baseline(&l.metric)?.value));
    let said = at.zip(tile).map(|(at, t)| format!(", the limit is {}", super::signals::number_of(t, at)));
    said.unwrap_or_default()
}

fn timer(app: &App, standing: &Standing<'_>) -> String {
    let rule = standing.rule;
    let of =
        |whole: TimeDelta| if whole.is_zero() { String::new() } else { format!(" of {}", minutes(whole)) };
    let for_ = |since| minutes(app.now - since);
    let word = standing.state.word();
    match standing.state {
        RuleState::Pending { since } if rule.run.is_some() => {
            format!("{word} since {}", clock::time(app, *since))
        }
        RuleState::Pending { since } => format!("{word} {}{}", for_(*since), of(rule.hold)),
        RuleState::Firing { since } => format!("FIRING since {}", clock::time(app, *since)),
        RuleState::Recovering { since } => format!("{word} {}{}", for_(*since), of(rule.keep)),
        RuleState::Soaking { .. } => {
            let lost = standing.soak.uncovered();
            let lost =
                if lost.is_zero() { String::new() } else { format!(", {} not measured", minutes(lost)) };
            format!("{word} {}{}{lost}", minutes(standing.soak.covered()), of(rule.soak.unwrap_or_default()))
        }
        RuleState::Error { since, why } => format!("{word} {}: {why}", for_(*since)),
        state => match (state.since(), standing.resolved) {
            (Some(since), _) => format!("{word} {}", for_(since)),
            (None, Some(at)) => format!("{word}, an alert was over at {}", clock::time(app, at)),
            (None, None) => word.to_owned(),
        },
    }
}

/// What a limit lacks to be judged.
fn lacks(app: &App, open: &Open) -> String {
    match open {
        Open::Baseline => format!("needs a baseline: {} takes it", app.keymap.key_of(Action::Baseline)),
        Open::Side => "which side is bad? say direction in warroom.toml".to_owned(),
        other => other.to_string(),
    }
}

/// Who has its alert in hand, and who keeps it quiet.
fn kept(paint: &Paint<'_>, app: &App, standing: &Standing<'_>) -> (String, Style) {
    let styles = paint.styles;
    let alert = app.alert_of(&standing.rule.id);
    let owner = alert.map(|a| match &a.acknowledged {
        Some((who, _)) => (format!("{} has it", super::checklist::name(who)), styles.text),
        None => ("nobody has it".to_owned(), styles.warn),
    });
    let silence = app.room.silence(&standing.rule.id, app.now).map(|s| {
        let (by, until) = (super::checklist::name(&s.by), clock::time(app, s.until));
        format!("silenced by {by} until {until}: {}", s.reason)
    });
    let owned = alert.is_some_and(|a| a.acknowledged.is_some());
    match (silence, owner) {
        (Some(silence), Some((owner, _))) if owned => (format!("{owner}, {silence}"), styles.accent),
        (Some(silence), _) => (silence, styles.accent),
        (None, owner) => owner.unwrap_or_default(),
    }
}

/// "0:40", "12:05", "26:40:00".
fn minutes(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    match seconds / 3_600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}
