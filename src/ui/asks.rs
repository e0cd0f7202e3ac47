//! Boxes that ask about what is watched: a baseline to take, conditions that somebody saw.

use ratatui::layout::Rect;

use super::checklist::name;
use super::paint::{Paint, Piece};
use super::{boxes, clock, signals};
use crate::app::{App, BASES, Baselining, Condition};
use crate::room::Happening;
use crate::signal::Rank;
use crate::text;

/// What a metric shall be compared with: window, value, what it was before, what it makes judgeable.
pub fn baseline(paint: &mut Paint<'_>, area: Rect, app: &App, asked: &Baselining) {
    let styles = paint.styles;
    let wanted = crate::plan::binding::normal(&asked.metric);
    let limits = app.room.plan.thresholds.iter().filter(|l| l.baseline);
    let limits: Vec<_> = limits.filter(|l| crate::plan::binding::normal(&l.metric) == wanted).collect();
    let width = area.width.saturating_sub(4).clamp(20, 66);
    let keys = [("left right", "window"), ("enter", "take it"), ("esc", "leave it")];
    let inside = boxes::open(paint, area, "BASELINE", (width, 10 + limits.len() as u16), &keys);
    paint.put(inside, 0, 0, &asked.metric, styles.strong);
    let mut x = paint.put(inside, 0, 2, "the mean of the last ", styles.dim);
    for (at, (_, word)) in BASES.iter().enumerate() {
        let here = at == asked.span;
        let sign = if here { styles.glyphs.cursor } else { " " };
        let style = if here { styles.accent } else { styles.dim };
        x = paint.line(inside, x, 2, &[(sign, style), (word, style), (" ", style)]);
    }
    let tile = app.tile();
    let number = |v: f64| tile.map_or_else(|| signals::plain_number(v), |t| signals::number_of(t, v));
    let until = clock::time(app, asked.at);
    match asked.found {
        Some((value, samples)) => {
            let many = if samples == 1 { "measurement" } else { "measurements" };
            let of = format!("   of {samples} {many} until {until}");
            paint.line(inside, 0, 3, &[(&number(value), styles.strong), (&of, styles.dim)]);
        }
        None => drop(paint.put(inside, 0, 3, "nothing was measured in this window", styles.warn)),
    }
    let before = app.room.baseline(&asked.metric).map(|b| {
        format!("in place of {}, taken by {} at {}", number(b.value), name(&b.by), clock::time(app, b.at))
    });
    paint.put(inside, 0, 5, before.as_deref().unwrap_or("the first baseline of this metric"), styles.dim);
    for (y, limit) in (6..).zip(&limits) {
        let line = format!("   line {}", limit.line);
        let side = signals::side(limit);
        paint.line(inside, 0, y, &[("judges ", styles.dim), (&side, styles.text), (&line, styles.dim)]);
    }
}

/// Conditions without a number: what happened on top, the rest in the plan's order.
pub fn conditions(paint: &mut Paint<'_>, area: Rect, app: &App, at: usize) {
    let styles = paint.styles;
    let all = app.conditions();
    let width = area.width.saturating_sub(4).clamp(20, 90);
    let keys = [("j k", "choose"), ("enter", "it happened, it is over"), ("esc", "close")];
    let inside = boxes::open(paint, area, "IT HAPPENED", (width, all.len() as u16 + 4), &keys);
    let list = Rect { y: inside.y + 1, height: inside.height.saturating_sub(2), ..inside };
    let first = super::paint::first_line(all.len(), at, usize::from(list.height));
    for (y, (place, condition)) in (0..list.height).zip(all.iter().enumerate().skip(first)) {
        if place == at {
            paint.band(list, y, styles.selection);
            paint.put(list, 0, y, styles.glyphs.cursor, styles.accent);
        }
        let inside = Rect { x: list.x + 1, width: list.width.saturating_sub(1), ..list };
        match condition {
            Condition::Quiet(_) => render_condition(paint, inside, y, *condition),
            Condition::Stands(h) => {
                let said = format!("{} {}", name(&h.by), clock::ago(app.now - h.at));
                render_with(paint, inside, y, *condition, &said);
            }
        }
    }
}

/// "ana 4 min ago: orders doubled".
pub fn told(app: &App, happening: &Happening) -> String {
    format!("{} {}: {}", name(&happening.by), clock::ago(app.now - happening.at), happening.reason)
}

/// "▲ P0 Data corruption detected   line 287"; who saw it has a line of its own, or the box's end.
pub fn render_condition(paint: &mut Paint<'_>, area: Rect, y: u16, condition: Condition<'_>) {
    let line = match condition {
        Condition::Stands(h) => h.line,
        Condition::Quiet(t) => t.line,
    };
    render_with(paint, area, y, condition, &format!("line {line}"));
}

fn render_with(paint: &mut Paint<'_>, area: Rect, y: u16, condition: Condition<'_>, said: &str) {
    let styles = paint.styles;
    let (sign, rank, words) = match condition {
        Condition::Stands(h) => (styles.glyphs.alert, h.rank, &h.text),
        Condition::Quiet(t) => (styles.glyphs.ring, Rank::of(t.severity.as_deref()), &t.text),
    };
    // A plan may begin its sentence with the class that stands there already.
    let words = words.strip_prefix(rank.word()).map_or(words.as_str(), |w| w.trim_start_matches([':', ' ']));
    let stands = matches!(condition, Condition::Stands(_));
    let (tone, loud) = if stands { (styles.rank(rank), styles.strong) } else { (styles.dim, styles.text) };
    let head: [Piece<'_>; 4] = [(sign, tone), (" ", tone), (rank.word(), tone), (" ", tone)];
    let x = paint.line(area, 0, y, &head);
    // Of what happened the words go before the place.
    let whole = usize::from(x) + text::width(words) + text::width(said) + 2 <= usize::from(area.width);
    let said = if stands && !whole { "" } else { said };
    let room = Rect { width: area.width.saturating_sub(text::width(said) as u16 + 2), ..area };
    paint.put(room, x, y, words, loud);
    paint.right(area, x, y, &[(said, styles.dim), (" ", styles.dim)]);
}
