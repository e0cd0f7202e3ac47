//! Many alerts at once as a few lines, and what they call for: groups with counts, suggestions.

use super::{clock, signals};
use crate::app::App;
use crate::room::{Storm, Suggestion};
use crate::signal::{Rank, Tile};

/// From so many alerts on they are grouped.
const MANY: usize = 6;

/// A line for each group of a storm, the worst first; none while there are few alerts.
pub fn lines(app: &App) -> Vec<(String, Rank)> {
    if app.room.firing().len() < MANY {
        return vec![];
    }
    app.room.storms(app.now).iter().map(|s| (words(app, s), s.rank)).collect()
}

/// "P1 ×14, nobody has 12, 2 silenced, Limited traffic".
fn words(app: &App, storm: &Storm<'_>) -> String {
    let phase = storm.phase.and_then(|id| app.room.plan.phase(id));
    let phase = phase.map(|p| format!(", {}", super::strip::short_name(&p.name))).unwrap_or_default();
    let some = |n: usize, words: String| if n == 0 { String::new() } else { words };
    let free = some(storm.unclaimed, format!(", nobody has {}", storm.unclaimed));
    let quiet = some(storm.silenced, format!(", {} silenced", storm.silenced));
    format!("{} ×{}{free}{quiet}{phase}", storm.rank.word(), storm.alerts.len())
}

/// What the deciding limit of a tile is kept quiet until.
pub fn silenced(app: &App, tile: &Tile) -> Option<String> {
    let limit = app.room.plan.thresholds.get(tile.rule?)?;
    let silence = app.room.silence(&limit.id, app.now)?;
    Some(format!("silenced until {}", clock::time(app, silence.until)))
}

/// Why it is suggested: "Error rate 12.4 %, ok ≤ 10 %, line 291, 12:19".
pub fn evidence(app: &App, suggestion: &Suggestion) -> String {
    if let Some(witness) = &suggestion.witness {
        let (who, at) = (super::checklist::name(&witness.by), clock::time(app, suggestion.at));
        return format!("{}, {who} at {at}: {}", suggestion.signal, witness.reason);
    }
    let tile = app.tiles.iter().find(|t| *t.name == *suggestion.signal);
    let unit = tile.map(signals::unit_of).unwrap_or_default();
    let value = suggestion.value.map(|v| format!(" {} {unit}", signals::plain_number(v))).unwrap_or_default();
    let over =
        suggestion.resolved.map(|at| format!(", over since {}", clock::time(app, at))).unwrap_or_default();
    let (limit, line) = (&suggestion.limit, suggestion.line);
    format!(
        "{}{}: {limit}, line {line}, {}{over}",
        suggestion.signal,
        value.trim_end(),
        clock::time(app, suggestion.at)
    )
}
