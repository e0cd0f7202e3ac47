//! What measures a metric: its signal, its source, the person who typed it, the lines of its log.
//! Asked by the screens; changes nothing.

use super::App;
use crate::plan::binding::{Signal, Source, SourceKind, normal};
use crate::room::Typed;
use crate::signal::Tile;

impl App {
    /// The signal of the binding that measures a metric.
    pub fn measured_by(&self, tile: &Tile) -> Option<&Signal> {
        self.levers.binding.as_ref()?.signals.get(tile.signal?)
    }

    /// Where that signal is asked; none where it is worked out from others.
    pub fn source_of(&self, tile: &Tile) -> Option<&Source> {
        let signal = self.measured_by(tile).filter(|s| s.derive.is_none())?;
        self.levers.binding.as_ref()?.source(&signal.source)
    }

    /// The typed value that a tile shows; none where something else measures it.
    pub fn typed(&self, tile: &Tile) -> Option<&Typed> {
        let signal = self.measured_by(tile)?;
        if !self.levers.binding.as_ref()?.is_by_hand(signal) {
            return None;
        }
        let wanted = normal(&signal.name);
        self.room.typed().filter_map(<[Typed]>::last).find(|t| normal(&t.signal) == wanted)
    }

    /// The last lines of a log that were counted, the newest last; none where no log is followed.
    pub fn log_lines(&self, tile: &Tile) -> Option<&[String]> {
        self.source_of(tile).filter(|s| s.kind == SourceKind::Log)?;
        tile.signal.map(|s| self.gauges.lines(s))
    }
}
