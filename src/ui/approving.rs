//! What waits for a second person: a row of the Levers screen, the box that asks them, and the one that
//! tells whoever asked where it stands.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::boxes;
use super::checklist::name;
use super::clock;
use super::paint::Paint;
use super::story::Line;
use crate::app::{App, Approving, Phrase};
use crate::room::Proposal;
use crate::text;

/// The box that asks a second person.
pub fn approve(paint: &mut Paint<'_>, area: Rect, app: &App, approving: &Approving) {
    let Some(proposal) = app.proposal(approving.proposal) else { return };
    let title = format!("A SECOND PERSON ▸ {}", super::levers::where_(app));
    let mut lines = lines(paint, app, proposal);
    lines.push((String::new(), paint.styles.text));
    lines.push((
        format!("You agree as {}. {} starts it, nobody else.", app.actor.name, name(&proposal.by)),
        paint.styles.dim,
    ));
    let keys = [("enter", "agrees once it is typed"), ("up down", "scroll"), ("esc", "leaves it")];
    let foot = [question(paint, app, &approving.phrase)];
    boxes::ask(paint, area, &title, (&lines, &foot), approving.phrase.scroll, &keys);
}

/// What a phrase box asks for.
pub fn question(paint: &Paint<'_>, app: &App, phrase: &Phrase) -> Line {
    let styles = paint.styles;
    if !phrase.hears(app.now) {
        return ("…".to_owned(), styles.dim);
    }
    let style = if phrase.is_met() { styles.good } else { styles.accent };
    (format!("Type  {}  and Enter.   > {}_", phrase.wanted, phrase.typed), style)
}

/// The box of what one asked for oneself.
pub fn standing(paint: &mut Paint<'_>, area: Rect, app: &App, proposal: &Proposal) {
    let title = format!("A SECOND PERSON ▸ {}", super::levers::where_(app));
    let keys: &[(&str, &str)] = match (app.is_mine(proposal), &proposal.approved) {
        (true, Some(_)) => &[("enter", "go on with it"), ("w", "take it back"), ("esc", "close")],
        (true, None) => &[("w", "take it back"), ("esc", "close")],
        (false, _) => &[("esc", "close")],
    };
    boxes::ask(paint, area, &title, (&lines(paint, app, proposal), &[]), 0, keys);
}

/// A proposal with its exact bytes.
pub fn lines(paint: &Paint<'_>, app: &App, proposal: &Proposal) -> Vec<Line> {
    let styles = paint.styles;
    let (words, style) = state(paint, app, proposal);
    let mut lines = vec![
        (proposal.title.clone(), styles.strong),
        (words, style),
        (format!("asked by {} at {}", name(&proposal.by), clock::time(app, proposal.at)), styles.text),
        (String::new(), styles.text),
    ];
    let exact = text::exact(&proposal.bytes).into_iter().enumerate();
    lines.extend(exact.map(|(n, line)| (format!("{:>3} │ {line}", n + 1), styles.text)));
    lines.extend([(String::new(), styles.text), (proposal.digest.clone(), styles.faint)]);
    lines
}

/// For whom it waits, and until when.
fn state(paint: &Paint<'_>, app: &App, proposal: &Proposal) -> (String, Style) {
    let styles = paint.styles;
    let left = left(app, proposal);
    let since = clock::lasting(app.now - proposal.at);
    match (&proposal.approved, proposal.withdrawn) {
        (_, Some(_)) => ("taken back".to_owned(), styles.dim),
        _ if app.now >= proposal.expires => ("too late: ask again".to_owned(), styles.warn),
        (Some(yes), None) => {
            (format!("{} agreed; {} starts it within {left}", name(&yes.by), name(&proposal.by)), styles.good)
        }
        (None, None) => {
            (format!("has waited {since} for anybody but {}; {left} left", name(&proposal.by)), styles.warn)
        }
    }
}

/// How long it still holds: whole minutes while there are many, so that not every second draws.
fn left(app: &App, proposal: &Proposal) -> String {
    let left = proposal.expires - app.now;
    match left.num_minutes() {
        0..2 => clock::lasting(left),
        minutes => format!("{} min", minutes + 1),
    }
}

/// A proposal in one line of the list: who asks, what, and how long is left.
pub fn row(app: &App, proposal: &Proposal) -> (String, String) {
    let left = format!("{} left", left(app, proposal));
    let title = &proposal.title;
    match (&proposal.approved, app.is_mine(proposal)) {
        (Some(yes), true) => (format!("{} agreed: {title}", name(&yes.by)), left),
        (Some(yes), false) => {
            (format!("{} agreed with {}: {title}", name(&yes.by), name(&proposal.by)), left)
        }
        (None, true) => (format!("you ask for a second person: {title}"), left),
        (None, false) => (format!("{} asks for a second person: {title}", name(&proposal.by)), left),
    }
}
