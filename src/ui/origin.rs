//! Where a metric's values come from: source, question and interval, who typed the last one, what the
//! source complains of, and the last lines of a log. Quiet, for the Signals screen and its story.

use ratatui::layout::Rect;

use super::checklist::name;
use super::paint::Paint;
use super::{clock, signals};
use crate::app::App;
use crate::plan::binding::{Source, SourceKind};
use crate::signal::Tile;

/// The most lines of a log that are shown.
const LINES: usize = 8;

/// "metrics   error_rate{job="api"}   every 5 s"; none where nothing measures it.
pub fn words(app: &App, tile: &Tile) -> Option<String> {
    let signal = app.measured_by(tile)?;
    if let Some(formula) = &signal.derive {
        return Some(format!("worked out as {formula}"));
    }
    let Some(source) = app.source_of(tile) else {
        return Some(format!("no source is called {}", signal.source));
    };
    Some(match source.kind {
        SourceKind::Manual => {
            let counts = app.levers.binding.as_ref().and_then(|b| b.typed_for(signal)).unwrap_or(3_600.0);
            format!("typed by people, a value counts for {}", signals::span(counts))
        }
        SourceKind::Log => {
            format!("lines a minute with {} in {}", signal.query, followed(source))
        }
        _ => {
            let every = signals::span(source.every.max(1.0));
            [source.name.as_str(), signal.query.as_str(), &format!("every {every}")]
                .join("   ")
                .replace("      ", "   ")
        }
    })
}

/// What a log source follows.
fn followed(source: &Source) -> &str {
    source.file.as_deref().or(source.command.as_deref()).unwrap_or(&source.name)
}

/// "typed by ana, 12 min ago".
pub fn author(app: &App, tile: &Tile) -> Option<String> {
    let typed = app.typed(tile)?;
    Some(format!("typed by {}, {}", name(&typed.by), clock::ago(app.now - typed.at)))
}

/// One quiet line: what the source complains of goes first, because the line may be cut.
pub fn render(paint: &mut Paint<'_>, area: Rect, app: &App, tile: &Tile) {
    let styles = paint.styles;
    let Some(words) = words(app, tile) else { return };
    let why = tile.why.as_deref().map(|w| format!("{w}   ")).unwrap_or_default();
    paint.line(area, 3, 0, &[(&why, styles.warn), (&words, styles.dim)]);
}

/// The rows that the lines of a log take with their title, of at most `most`.
pub fn height(app: &App, tile: &Tile, most: u16) -> u16 {
    let Some(lines) = app.log_lines(tile) else { return 0 };
    let wanted = lines.len().clamp(1, LINES) as u16 + 1;
    if most < 2 { 0 } else { wanted.min(most) }
}

/// The last lines of a log that were counted, the newest last.
pub fn render_lines(paint: &mut Paint<'_>, area: Rect, app: &App, tile: &Tile) {
    let Some(lines) = app.log_lines(tile).filter(|_| area.height > 1) else { return };
    let styles = paint.styles;
    let shown = lines.len().min(usize::from(area.height - 1));
    let said = match (shown, lines.len()) {
        (_, 0) => String::new(),
        (1, _) => "the last that matched ".to_owned(),
        (n, _) => format!("the last {n} that matched, the newest below "),
    };
    let body = paint.title(area, "LINES", false, &[(&said, styles.dim)]);
    for (y, line) in (0..body.height).zip(&lines[lines.len() - shown..]) {
        paint.put(body, 2, y, line.trim_start(), styles.text);
    }
    if lines.is_empty() {
        paint.put(body, 2, 0, "no line has matched since warroom follows it", styles.dim);
    }
}
