//! The box in which somebody signs, and how sign-offs are said in rows and stories.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::boxes::{open, wrap};
use super::paint::Paint;
use super::story::Line;
use super::theme::Styles;
use super::{clock, story};
use crate::app::{App, SignBox, SignField, SignStage};
use crate::plan::SignOff;
use crate::room::{Decision, Seal, Signature};
use crate::text;

const DECISIONS: [(Decision, &str, &str); 3] = [
    (Decision::Approve, "a", "approve"),
    (Decision::Reject, "r", "reject"),
    (Decision::ApproveWithExceptions, "x", "with exceptions"),
];

/// The column behind the names of fields.
const FIELD: u16 = 11;

/// Draws the box.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App, sign: &SignBox) {
    let Some(line) = app.room.plan.signoffs.iter().find(|s| s.id == sign.id) else { return };
    let width = area.width.saturating_sub(4).clamp(20, 90);
    let words = about(app, paint.styles, line, usize::from(width.saturating_sub(4)));
    let fields = 4 + u16::from(sign.decision == Some(Decision::ApproveWithExceptions));
    let foot = status(paint.styles, app, sign);
    let foot = wrap(&[foot], usize::from(width.saturating_sub(4)));
    let tall = words.len() as u16 + fields + foot.len() as u16 + 4;
    let height = tall.min(area.height);
    let keys: &[(&str, &str)] = match sign.stage {
        SignStage::Choosing => {
            &[("tab", "next"), ("left right", "choose"), ("enter", "sign"), ("esc", "leave it")]
        }
        _ => &[("esc", "give up")],
    };
    let inside = open(paint, area, &format!("SIGN ▸ {}", line.role.to_uppercase()), (width, height), keys);
    let below = fields + foot.len() as u16 + 1;
    let shown = inside.height.saturating_sub(below);
    for (y, (name, (words, style))) in (0..shown).zip(&words) {
        paint.put(inside, 0, y, name, paint.styles.dim);
        paint.put(inside, FIELD, y, words, *style);
    }
    let y = shown.min(words.len() as u16) + 1;
    let y = render_fields(paint, inside, y, sign);
    for (y, (words, style)) in (y..inside.height).zip(&foot) {
        paint.put(inside, 0, y, words, *style);
    }
}

/// What is signed, and how it stands: each line behind the name of what it says.
fn about(app: &App, styles: &Styles, line: &SignOff, width: usize) -> Vec<(String, Line)> {
    let mut told: Vec<(String, Line)> = vec![];
    let room = width.saturating_sub(usize::from(FIELD)).max(10);
    let mut add = |name: &str, words: &str, style: Style| {
        let wrapped = text::wrap(words, room).into_iter().enumerate();
        told.extend(wrapped.map(|(n, line)| (if n == 0 { name } else { "" }.to_owned(), (line, style))));
    };
    for words in app.room.signing_words(line) {
        match words.split_once(' ') {
            Some((name, rest)) if !name.is_empty() => add(name, &text::clean(rest), styles.text),
            _ => add("", &text::clean(words.trim_start()), styles.text),
        }
    }
    if let Some(signature) = app.room.signature(&line.id) {
        add("so far", &text::clean(&said(app, signature)), tone(app, styles, line, signature));
    }
    told
}

fn render_fields(paint: &mut Paint<'_>, inside: Rect, mut y: u16, sign: &SignBox) -> u16 {
    let styles = paint.styles;
    let here = |field: SignField| sign.field == field && sign.stage == SignStage::Choosing;
    let name = |paint: &mut Paint<'_>, y: u16, word: &str, field: SignField| {
        let cursor = if here(field) { styles.glyphs.cursor } else { " " };
        paint.line(inside, 0, y, &[(cursor, styles.accent), (" ", styles.dim), (word, styles.dim)]);
    };
    name(paint, y, "decision", SignField::Decision);
    let mut x = FIELD;
    for (decision, key, word) in DECISIONS {
        let chosen = sign.decision == Some(decision);
        let (left, right, style) = if chosen { ("[", "]", styles.strong) } else { (" ", " ", styles.text) };
        let pieces = [(left, style), (key, styles.accent), (" ", style), (word, style), (right, style)];
        x = paint.line(inside, x, y, &pieces) + 1;
    }
    y += 1;
    if sign.decision == Some(Decision::ApproveWithExceptions) {
        name(paint, y, "but for", SignField::Exceptions);
        written(paint, inside, y, &sign.exceptions, here(SignField::Exceptions));
        y += 1;
    }
    name(paint, y, "comment", SignField::Comment);
    written(paint, inside, y, &sign.comment, here(SignField::Comment));
    y += 1;
    name(paint, y, "key", SignField::Key);
    let (words, style) = key_words(styles, sign);
    paint.put(inside, FIELD, y, &words, style);
    y + 2
}

fn written(paint: &mut Paint<'_>, inside: Rect, y: u16, prompt: &crate::app::Prompt, here: bool) {
    let place =
        Rect { x: inside.x + FIELD, y: inside.y + y, width: inside.width.saturating_sub(FIELD), height: 1 };
    let place = place.intersection(inside);
    match here {
        true => super::boxes::editor(paint, place, prompt),
        false => drop(paint.put(place, 0, 0, &prompt.value(), paint.styles.text)),
    }
}

/// The chosen key in words.
fn key_words(styles: &Styles, sign: &SignBox) -> (String, Style) {
    let Some(keys) = &sign.keys else { return ("looking for your keys".to_owned(), styles.dim) };
    let of = if keys.is_empty() { String::new() } else { format!("{} of {}  ", sign.at + 1, keys.len() + 1) };
    match sign.chosen() {
        Some((choice, name)) => {
            let print: String = choice.key.fingerprint().chars().take(17).collect();
            let kind = choice.key.kind.name().trim_end_matches("@openssh.com");
            (format!("{of}as {name}, {} {kind} {print}…", choice.label), styles.text)
        }
        None => (format!("{of}none: recorded unsigned"), styles.warn),
    }
}

/// What happens now, or why it does not.
fn status(styles: &Styles, app: &App, sign: &SignBox) -> Line {
    let counts = app.room.signers().is_some();
    match (&sign.stage, &sign.problem) {
        (SignStage::Asking { .. }, _) => ("asking the room what is signed".to_owned(), styles.dim),
        (SignStage::Making { .. }, _) => {
            ("signing: touch your key if it blinks, or answer your agent".to_owned(), styles.accent)
        }
        (_, Some(problem)) => (problem.clone(), styles.bad),
        _ if sign.keyless.is_some() => (sign.keyless.clone().unwrap_or_default(), styles.warn),
        _ if !counts => ("this room knows no signers: sign-offs are unsigned".to_owned(), styles.dim),
        _ if sign.chosen().is_none() && sign.keys.is_some() => {
            ("unsigned does not count: this room counts signatures only".to_owned(), styles.warn)
        }
        _ => (format!("you are {}", app.actor.name), styles.dim),
    }
}

/// Who said what, when, and how far that holds: for rows.
pub fn said(app: &App, signature: &Signature) -> String {
    let (verb, at) = (signature.decision.verb(), clock::time(app, signature.at));
    let name = signature.name().split('@').next().unwrap_or_default();
    format!("{verb} by {name} {at} ({})", app.room.seal_words(signature))
}

/// Good only where it counts.
pub fn tone(app: &App, styles: &Styles, line: &SignOff, signature: &Signature) -> Style {
    match (&signature.seal, signature.decision) {
        (Seal::Unverified { .. }, _) | (_, Decision::Reject) => styles.bad,
        _ if app.room.signoff_gap(line).is_none() => styles.good,
        _ => styles.warn,
    }
}

/// A row's sign: a tick where it is signed and counts.
pub fn sign<'a>(app: &App, styles: &'a Styles, line: &SignOff, signature: Option<&Signature>) -> &'a str {
    match signature {
        None => styles.glyphs.ring,
        Some(s) if matches!(s.seal, Seal::Verified { .. }) && app.room.signoff_gap(line).is_none() => {
            styles.glyphs.check
        }
        Some(s) if matches!(s.seal, Seal::Unverified { .. }) => styles.glyphs.alert,
        Some(_) => styles.glyphs.note,
    }
}

/// A sign-off's story: what was said, how far it holds, and what changed since.
pub fn lines(app: &App, styles: &Styles, line: &SignOff) -> Vec<Line> {
    let (room, dim) = (&app.room, styles.dim);
    let mut lines = vec![(format!("Sign-off: {}", line.role), styles.strong), story::blank()];
    match room.signature(&line.id) {
        None => lines.push(("not signed".to_owned(), styles.text)),
        Some(s) => {
            lines.push((said(app, s), tone(app, styles, line, s)));
            lines.extend(s.exceptions.as_ref().map(|t| (format!("but for: {t}"), styles.warn)));
            lines.extend(s.comment.as_ref().map(|t| (t.clone(), styles.text)));
            if let Seal::Verified { principal, key } = &s.seal {
                lines.push((format!("{principal} with {key}"), dim));
            }
            if let Some((who, at, why)) = &s.doubt {
                let at = clock::time(app, *at);
                lines.push((
                    format!("later {who} recorded one that does not replace it, {at}: {why}"),
                    styles.bad,
                ));
            }
            lines.extend(changes(app, styles, s));
        }
    }
    lines.extend(room.signoff_gap(line).map(|why| (format!("does not count: {why}"), styles.warn)));
    let own: Vec<_> = line.items.iter().filter_map(|id| room.plan.item(id)).collect();
    let tally = room.tally(own.into_iter());
    lines.push((format!("{} of {} items of its block done", tally.done, tally.all), styles.text));
    let who = match room.people(&line.role) {
        [] => "anybody may sign for it".to_owned(),
        names => format!("{} may sign for it", names.join(", ")),
    };
    lines.push((format!("line {} of the plan; {who}", line.line), dim));
    lines.push(match room.signers() {
        None => ("sign-offs of this room are unsigned: it knows no signers".to_owned(), dim),
        Some(adopted) => (format!("signatures count by {}", adopted.from), dim),
    });
    lines
}

fn changes(app: &App, styles: &Styles, signature: &Signature) -> Vec<Line> {
    if !app.room.stale(signature) {
        return vec![];
    }
    let changed = app.room.changed_since(signature);
    let mut lines = vec![("the plan has changed since: it counts no more".to_owned(), styles.warn)];
    lines.extend(changed.iter().take(8).map(|line| (format!("  {line}"), styles.text)));
    match changed.len() {
        0 => lines.push(("  its phases and items read the same".to_owned(), styles.dim)),
        n if n > 8 => lines.push((format!("  and {} more", n - 8), styles.dim)),
        _ => {}
    }
    lines.into_iter().map(|(words, style)| (text::clean(&words).into_owned(), style)).collect()
}
