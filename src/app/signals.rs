//! The Signals screen as data: which metric, which window of time, where the cursor stands, what it
//! is compared with, and which rows its rules have. Moved by keys; drawn by `ui`.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::act::clamped;
use super::{App, Dialog, Effect, Panel, Screen, Silencing, Tone};
use crate::plan::binding::SourceKind;
use crate::plan::{Threshold, ThresholdId};
use crate::room::{Alert, Intent};
use crate::signal::{Standing, Tile, TileState};

/// So much of the past a chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Window {
    Minutes5,
    #[default]
    Minutes15,
    Hour,
    Hours6,
    Day,
}

/// Every window, the shortest first.
pub const WINDOWS: [Window; 5] =
    [Window::Minutes5, Window::Minutes15, Window::Hour, Window::Hours6, Window::Day];

/// The cursor goes through a window in so many steps.
const STEPS: i32 = 120;

impl Window {
    /// Its length.
    pub fn span(self) -> TimeDelta {
        TimeDelta::minutes([5, 15, 60, 360, 1440][self as usize])
    }

    /// Its end lies on multiples of this, so that a chart stands still in between.
    pub fn step(self) -> TimeDelta {
        TimeDelta::seconds([30, 60, 300, 1_800, 7_200][self as usize])
    }

    /// Between two marks of its axis of time.
    pub fn tick(self) -> TimeDelta {
        TimeDelta::minutes([1, 3, 10, 60, 240][self as usize])
    }

    /// As people say it.
    pub fn word(self) -> &'static str {
        ["5 min", "15 min", "1 h", "6 h", "24 h"][self as usize]
    }

    /// What it shows at `now`: from and to.
    pub fn bounds(self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let step = self.step().num_milliseconds();
        let end = (now.timestamp_millis().div_euclid(step) + 1) * step;
        let end = DateTime::from_timestamp_millis(end).unwrap_or(now);
        (end - self.span(), end)
    }

    fn moved(self, by: isize) -> Self {
        WINDOWS[clamped(self as usize, by, WINDOWS.len())]
    }
}

/// How the Signals screen is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// The window of time.
    pub window: Window,
    /// Where the cursor stands; none: at what is newest.
    pub cursor: Option<DateTime<Utc>>,
    /// The metric that is drawn beside the selected one.
    pub with: Option<Arc<str>>,
    /// Whether the table of rules has the cursor, else the chart.
    pub table: bool,
    /// Whether the table shows the rules of all metrics.
    pub all: bool,
    row: usize,
}

impl App {
    /// How the Signals screen is looked at.
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// Keeps the cursor on its metric while the tiles change places.
    pub(super) fn retile(&mut self) {
        let chosen = self.chosen.clone();
        self.tiles = self.gauges.tiles(self.now);
        let mut tiles = std::mem::take(&mut self.tiles);
        tiles.sort_by_cached_key(|t| {
            if self.probe(t) == Some(false) { t.state.min(TileState::OutOfBounds) } else { t.state }
        });
        self.tiles = tiles;
        let place = chosen.and_then(|name| self.tiles.iter().position(|t| t.name == name));
        self.signal = place.unwrap_or(0);
    }

    /// Whether a tile is a probe of somebody being there, and whether they are.
    pub fn probe(&self, tile: &Tile) -> Option<bool> {
        let binding = self.levers.binding.as_ref()?;
        let signal = binding.signals.get(tile.signal?)?;
        let is_probe = binding.source(&signal.source)?.kind == SourceKind::Http;
        let asks_up = !signal.query.contains('#') || signal.query.ends_with("#up");
        (is_probe && asks_up).then(|| tile.value.is_some_and(|v| v > 0.0))
    }

    /// Puts the cursor on a metric, by its place.
    pub(super) fn choose_signal(&mut self, place: usize) {
        self.signal = place.min(self.tiles.len().saturating_sub(1));
        self.chosen = self.tiles.get(self.signal).map(|t| t.name.clone());
        self.look.row = self.look.row.min(self.rule_rows().len().saturating_sub(1));
    }

    /// The selected metric.
    pub fn tile(&self) -> Option<&Tile> {
        self.tiles.get(self.signal)
    }

    /// The metric drawn beside the selected one.
    pub fn compared(&self) -> Option<&Tile> {
        let with = self.look.with.as_ref()?;
        self.tiles.iter().find(|t| t.name == *with).filter(|t| self.tile().is_some_and(|s| s.name != t.name))
    }

    /// The rules in the table: indices into `plan.thresholds`, in the order of the tiles.
    pub fn rule_rows(&self) -> Vec<usize> {
        let own = || self.tile().into_iter();
        match self.look.all {
            true => self.tiles.iter().flat_map(|t| t.limits.iter().copied()).collect(),
            false => own().flat_map(|t| t.limits.iter().copied()).collect(),
        }
    }

    /// The row of the table under the cursor.
    pub fn rule_row(&self) -> usize {
        self.look.row.min(self.rule_rows().len().saturating_sub(1))
    }

    /// A limit's rule.
    pub fn standing(&self, limit: usize) -> Option<Standing<'_>> {
        self.gauges.rules().nth(limit)
    }

    /// The limit's alert, if it fires.
    pub fn alert_of(&self, rule: &ThresholdId) -> Option<&Alert> {
        self.room.fires(rule)
    }

    pub(super) fn open_signals(&mut self) {
        (self.screen, self.zoomed, self.look.table) = (Screen::Signals, false, false);
        self.choose_signal(self.signal);
    }

    /// `j` and `k`: another metric, or another rule; with all rules in the table the chart follows.
    pub(super) fn move_in_signals(&mut self, rows: isize) {
        if !self.look.table {
            self.look.cursor = None;
            let place = clamped(self.signal, rows, self.tiles.len());
            return self.choose_signal(place);
        }
        let limits = self.rule_rows();
        let row = clamped(self.rule_row(), rows, limits.len());
        let tile = limits.get(row).and_then(|l| self.tiles.iter().position(|t| t.limits.contains(l)));
        if let Some(tile) = tile {
            self.choose_signal(tile);
        }
        self.look.row = row;
    }

    /// `h` and `l`: the cursor on the chart, by steps of the window.
    pub(super) fn move_cursor(&mut self, steps: isize) {
        let (from, _) = self.look.window.bounds(self.now);
        let step = self.look.window.span() / STEPS;
        let steps = i32::try_from(steps).unwrap_or(if steps < 0 { -STEPS } else { STEPS });
        let at = self.look.cursor.unwrap_or(self.now) + step * steps.clamp(-STEPS, STEPS);
        self.look.cursor = (at < self.now).then(|| at.max(from));
    }

    pub(super) fn change_window(&mut self, by: isize) {
        self.look.window = self.look.window.moved(by);
        let (from, _) = self.look.window.bounds(self.now);
        self.look.cursor = self.look.cursor.filter(|at| *at >= from);
        self.say(Tone::Plain, format!("the last {}", self.look.window.word()));
    }

    /// `c`: the next measured metric is drawn beside the selected one; behind the last none is.
    pub(super) fn compare_next(&mut self) {
        let Some(own) = self.tile().map(|t| t.name.clone()) else { return };
        let mut others: Vec<_> = self
            .tiles
            .iter()
            .filter(|t| t.signal.is_some() && t.name != own && self.probe(t).is_none())
            .map(|t| t.name.clone())
            .collect();
        // The order of trouble changes while one looks: this one does not.
        others.sort();
        let at = self.look.with.as_ref().and_then(|w| others.iter().position(|o| o == w));
        self.look.with = others.get(at.map_or(0, |a| a + 1)).cloned();
        match &self.look.with {
            _ if others.is_empty() => self.say(Tone::Plain, "nothing else is measured to compare with"),
            Some(with) => self.say(Tone::Plain, format!("compared with {with}")),
            None => self.say(Tone::Plain, "compared with nothing"),
        }
    }

    /// The table shows the rules of one metric or of all.
    pub(super) fn show_all_rules(&mut self) {
        let here = self.rule_rows().get(self.rule_row()).copied();
        self.look.all = !self.look.all;
        self.look.row = self.rule_rows().iter().position(|l| Some(*l) == here).unwrap_or(0);
    }

    /// Enter: on a rule the plan at its line, on a metric its story.
    pub(super) fn open_in_signals(&mut self) {
        let line = self.limit_here().filter(|_| self.look.table).map(|l| l.line);
        match (line, self.tile()) {
            (Some(line), _) => self.open_plan_at(line),
            (None, Some(tile)) => self.dialog = Dialog::Signal(tile.name.clone()),
            (None, None) => {}
        }
    }

    fn open_plan_at(&mut self, line: usize) {
        self.screen = Screen::Plan;
        self.look_at_document();
        if let Some(document) = &mut self.document {
            document.at = line.saturating_sub(1).min(document.lines.len().saturating_sub(1));
        }
    }

    /// Whether a metric or one of its rules is selected.
    pub fn on_signals(&self) -> bool {
        self.screen == Screen::Signals || self.screen == Screen::Board && self.panel == Panel::Signals
    }

    /// The limit that a key is about: the table's row, else the one that fires or decides, else the first.
    pub fn limit_here(&self) -> Option<&Threshold> {
        let plan = &self.room.plan;
        if self.screen == Screen::Signals && self.look.table {
            return plan.thresholds.get(*self.rule_rows().get(self.rule_row())?);
        }
        let tile = self.tile().filter(|_| self.on_signals())?;
        let limit = |at: &usize| plan.thresholds.get(*at);
        let mut firing = self.room.firing().into_iter();
        let burns = firing.find_map(|a| tile.limits.iter().filter_map(limit).find(|l| l.id == a.rule));
        burns.or_else(|| limit(&tile.rule?)).or_else(|| limit(tile.limits.first()?))
    }

    /// `s`: the box for a silence; of what is silenced already it is lifted.
    pub(super) fn silence(&mut self) -> Vec<Effect> {
        let worst = || self.room.firing().first().map(|a| (a.rule.clone(), a.signal.clone()));
        let here = self.limit_here().map(|l| (l.id.clone(), l.metric.clone()));
        let Some((rule, name)) = here.or_else(worst) else {
            self.say(Tone::Plain, "no alert fires, and no metric is selected: nothing to silence");
            return vec![];
        };
        if self.room.silence(&rule, self.now).is_some() {
            self.say(Tone::Plain, format!("{name} is heard again"));
            return self.submit(Intent::Unsilence(rule));
        }
        if let super::Link::ViewOnly(why) = &self.link {
            let why = format!("not recorded: {why}");
            self.say(Tone::Bad, why);
            return vec![];
        }
        self.dialog = Dialog::Silence(Box::new(Silencing::new(rule, name)));
        vec![]
    }
}
