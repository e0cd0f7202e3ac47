//! Go or no-go: the row at the end of a phase, the lines of its story, and the box that asks.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::checklist::name;
use super::paint::Paint;
use super::story::Line;
use super::{Styles, boxes, clock};
use crate::app::{App, Choice, Polling};
use crate::plan::Phase;
use crate::room::{Chair, Poll, Stance, Verdict, Vote};
use crate::text;

/// How an answer looks: its sign and style.
fn look(styles: &Styles, stance: Stance) -> (&'static str, Style) {
    let glyphs = &styles.glyphs;
    match stance {
        Stance::Unasked => (glyphs.ring, styles.dim),
        Stance::Said(Vote::Go) => (glyphs.check, styles.good),
        Stance::Said(Vote::NoGo) => (glyphs.cross, styles.bad),
        Stance::Said(Vote::Abstain) => ("–", styles.dim),
        Stance::Lapsed => ("?", styles.warn),
    }
}

fn verdict(styles: &Styles, verdict: Verdict) -> Style {
    match verdict {
        Verdict::Go => styles.good,
        Verdict::NoGo => styles.bad,
        Verdict::Inconclusive => styles.warn,
    }
}

/// The poll's row below its phase's gate: every role with its answer, or how it ended.
pub fn row(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, poll: &Poll) {
    let styles = paint.styles;
    let evidence = app.room.evidence_of(poll);
    let mut x = paint.put(area, 2, y, "poll ", styles.dim);
    if let Some(end) = &poll.closed {
        let style = verdict(styles, end.result);
        let word = end.result.as_str();
        x = paint.line(
            area,
            x,
            y,
            &[(styles.glyphs.verdict(end.result), style), (" ", style), (word, style)],
        );
        let said = format!("  {} {}  {}", name(&end.by), clock::time(app, end.at), end.why);
        paint.put(area, x, y, said.trim_end(), styles.dim);
        return;
    }
    let turn = poll.turn(&evidence).map(|c| &c.seat.id);
    let asked = |chair: &Chair| match (Some(&chair.seat.id) == turn, chair.stance(&evidence)) {
        (false, _) => "  ",
        (true, Stance::Lapsed) => ": asked again  ",
        (true, _) => ": asked now  ",
    };
    let wide = |c: &Chair| 2 + text::width(&c.seat.role) + text::width(asked(c));
    let fits = usize::from(x) + poll.chairs.iter().map(wide).sum::<usize>() <= usize::from(area.width);
    // Where not every role fits, the one that is asked does, and how many have answered.
    for chair in poll.chairs.iter().filter(|c| fits || Some(&c.seat.id) == turn) {
        let (sign, style) = look(styles, chair.stance(&evidence));
        let words = if Some(&chair.seat.id) == turn { styles.strong } else { styles.text };
        x = paint.line(area, x, y, &[(sign, style), (" ", style), (&chair.seat.role, words)]);
        x = paint.put(area, x, y, asked(chair), styles.warn);
    }
    if !fits {
        let tally = answers(poll, &evidence);
        paint.put(area, x, y, &tally, styles.dim);
    }
}

/// "2 GO, 1 NO-GO, 1 to come".
fn answers(poll: &Poll, evidence: &str) -> String {
    let count = |of: &dyn Fn(Stance) -> bool| poll.chairs.iter().filter(|c| of(c.stance(evidence))).count();
    let said = [Vote::Go, Vote::NoGo, Vote::Abstain].map(|v| (count(&|s| s == Stance::Said(v)), v.word()));
    let open = count(&|s| matches!(s, Stance::Unasked | Stance::Lapsed));
    let told = said.into_iter().chain([(open, "to come")]).filter(|(n, _)| *n > 0);
    told.map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}

/// The poll in the story of a gate.
pub fn story(app: &App, styles: &Styles, phase: &Phase) -> Vec<Line> {
    let Some(poll) = app.room.poll(&phase.id) else { return vec![] };
    let evidence = app.room.evidence_of(poll);
    let head = match &poll.closed {
        Some(end) => format!("Poll: {} {}", end.result.as_str(), end.why),
        None => format!("Poll, asked by {} {}", name(&poll.by), clock::time(app, poll.at)),
    };
    let mut lines = vec![(String::new(), Style::new()), (head, styles.title)];
    for chair in &poll.chairs {
        let evidence = poll.closed.as_ref().map_or(evidence.as_str(), |end| &end.evidence);
        let (sign, style) = look(styles, chair.stance(evidence));
        lines.push((format!("  {sign} {}: {}", chair.seat.role, said(app, chair, evidence)), style));
    }
    lines
}

/// "GO, ana 14:02", "NO-GO, bo 14:03: the disk is full".
fn said(app: &App, chair: &Chair, evidence: &str) -> String {
    let reason = chair.cast.as_ref().and_then(|cast| cast.reason.as_deref());
    let reason = reason.map(|r| format!(": {r}")).unwrap_or_default();
    format!("{}{reason}", answered(app, chair, evidence))
}

/// The same without the reason.
fn answered(app: &App, chair: &Chair, evidence: &str) -> String {
    let word = chair.stance(evidence).word();
    let Some(cast) = &chair.cast else { return word.to_owned() };
    format!("{word}, {} {}", name(&cast.by), clock::time(app, cast.at))
}

/// Whose turn it is in the poll under way, for the header.
pub fn asked(app: &App) -> Option<String> {
    let poll = app.room.open_polls().next()?;
    let turn = poll.turn(&app.room.evidence_of(poll));
    Some(turn.map_or_else(|| "POLL: close it".to_owned(), |c| format!("POLL: {}", c.seat.role)))
}

/// The box.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App, polling: &Polling) {
    let styles = paint.styles;
    let poll = app.open_poll(&polling.phase);
    let keys: &[(&str, &str)] = match (poll, polling.choice) {
        (None, _) => &[("enter", "ask every role"), ("esc", "leave it")],
        (_, Choice::None) => &[
            ("g", "GO"),
            ("n", "NO-GO"),
            ("a", "ABSTAIN"),
            ("j k", "role"),
            ("c", "close"),
            ("esc", "leave it"),
        ],
        (_, Choice::Close) => &[("enter", "close the poll"), ("esc", "leave it")],
        (_, Choice::Vote(_)) => &[("enter", "say it"), ("esc", "leave it")],
    };
    let width = area.width.saturating_sub(4).clamp(20, 84);
    let evidence = polling.saw.told();
    let roles = poll.map_or(app.room.seats().len(), |p| p.chairs.len());
    let room = usize::from(width.saturating_sub(8));
    let changed = poll.map_or_else(|| ended(app, polling), |p| [reasons(p), lapsed(app, p)].concat());
    let changed: Vec<String> = changed.iter().flat_map(|line| text::wrap(line, room)).collect();
    let height = evidence.len() + roles + changed.len() + 8;
    let height = u16::try_from(height).unwrap_or(u16::MAX);
    let inside = boxes::open(paint, area, "GO OR NO-GO", (width, height), keys);
    let name = app.room.plan.phase(&polling.phase).map(|p| p.name.as_str()).unwrap_or_default();
    paint.put(inside, 0, 0, name, styles.strong);
    if let Some(phase) = app.room.plan.phase(&polling.phase) {
        let said = app.gate(phase).verdict;
        let (style, sign) = (verdict(styles, said), styles.glyphs.verdict(said));
        let gap = text::width(name) as u16 + 1;
        paint.right(
            inside,
            gap,
            0,
            &[("gate ", styles.dim), (sign, style), (" ", style), (said.as_str(), style)],
        );
    }
    let mut y = 2;
    match poll {
        Some(poll) => {
            for (at, chair) in poll.chairs.iter().enumerate() {
                role(paint, inside, y, app, (poll, chair), at == polling.at);
                y += 1;
            }
        }
        None => y = unasked(paint, inside, y, app),
    }
    for line in &changed {
        paint.put(inside, 4, y, line, styles.warn);
        y += 1;
    }
    let foot = inside.height.saturating_sub(2);
    paint.put(inside, 0, y + 1, "A GO is given on this:", styles.title);
    for (y, line) in (y + 2..foot).zip(&evidence) {
        paint.put(inside, 2, y, line, styles.text);
    }
    if let Some(poll) = poll {
        choice(paint, inside, app, poll, polling);
    }
}

/// The roles that would be asked.
fn unasked(paint: &mut Paint<'_>, area: Rect, mut y: u16, app: &App) -> u16 {
    let styles = paint.styles;
    for seat in app.room.seats() {
        let people =
            if seat.people.is_empty() { "unmapped: anyone's".to_owned() } else { seat.people.join(", ") };
        let x = paint.line(area, 2, y, &[(styles.glyphs.ring, styles.dim), (" ", styles.dim)]);
        paint.line(area, x, y, &[(&seat.role, styles.text), ("  ", styles.dim), (&people, styles.dim)]);
        y += 1;
    }
    y
}

fn role(paint: &mut Paint<'_>, area: Rect, y: u16, app: &App, (poll, chair): (&Poll, &Chair), here: bool) {
    let styles = paint.styles;
    let evidence = app.room.evidence_of(poll);
    let (sign, style) = look(styles, chair.stance(&evidence));
    if here {
        paint.band(area, y, styles.selection);
        paint.put(area, 0, y, styles.glyphs.cursor, styles.accent);
    }
    let turn = poll.turn(&evidence).is_some_and(|c| c.seat.id == chair.seat.id);
    let people = match chair.seat.people.as_slice() {
        [] => "unmapped: anyone's".to_owned(),
        _ if app.may_answer(chair) => "yours".to_owned(),
        people => people.join(", "),
    };
    let style_of_role = if turn { styles.strong } else { styles.text };
    let x = paint.line(area, 2, y, &[(sign, style), (" ", style), (&chair.seat.role, style_of_role)]);
    let x = paint.line(area, x, y, &[("  ", styles.dim), (&people, styles.dim)]);
    let asked = chair.cast.is_none() && turn;
    let words = if asked { "asked now".to_owned() } else { answered(app, chair, &evidence) };
    paint.right(area, x + 1, y, &[(&words, style.add_modifier(Modifier::BOLD))]);
}

/// How the last poll of the phase ended.
fn ended(app: &App, polling: &Polling) -> Vec<String> {
    let last = app.room.poll(&polling.phase).and_then(|p| p.closed.as_ref());
    let told = last.map(|end| match end.why.as_str() {
        "" => format!("The last poll ended {}.", end.result.as_str()),
        why => format!("The last poll ended {}: {why}.", end.result.as_str()),
    });
    told.into_iter().collect()
}

/// What was said with the votes.
fn reasons(poll: &Poll) -> Vec<String> {
    let of = |c: &Chair| {
        let cast = c.cast.as_ref()?;
        Some(format!("{}, {}: {}", c.seat.role, cast.vote.word(), cast.reason.as_deref()?))
    };
    poll.chairs.iter().filter_map(of).collect()
}

/// What changed since the votes that lapsed.
fn lapsed(app: &App, poll: &Poll) -> Vec<String> {
    let evidence = app.room.evidence_of(poll);
    let lapsed = poll.chairs.iter().filter(|c| c.stance(&evidence) == Stance::Lapsed);
    let told = lapsed.filter_map(|c| {
        let changed = app.room.changed_after(poll, c.cast.as_ref()?);
        Some(format!("{} said GO before: {}", c.seat.role, changed.join(", ")))
    });
    told.collect()
}

/// What Enter would do, at the foot.
fn choice(paint: &mut Paint<'_>, area: Rect, app: &App, poll: &Poll, polling: &Polling) {
    let styles = paint.styles;
    let foot = area.height.saturating_sub(1);
    let role = poll.chairs.get(polling.at).map(|c| c.seat.role.as_str()).unwrap_or_default();
    let (words, style) = match polling.choice {
        Choice::None if poll.turn(&app.room.evidence_of(poll)).is_some() => return,
        Choice::None => {
            let (result, _) = poll.result(&app.room.evidence_of(poll));
            let words = format!("every role has answered: c closes the poll with {}", result.as_str());
            (words, verdict(styles, result))
        }
        Choice::Close => {
            let (result, why) = poll.result(&app.room.evidence_of(poll));
            let why = if why.is_empty() { why } else { format!(": {why}") };
            (format!("enter closes the poll with {}{why}", result.as_str()), verdict(styles, result))
        }
        Choice::Vote(vote) => {
            (format!("enter says {} as {role}", vote.word()), look(styles, Stance::Said(vote)).1)
        }
    };
    paint.put(area, 0, foot, &words, style);
}
