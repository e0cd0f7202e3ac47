//! The box that takes what is measured now as the baseline of a metric: over which window, which value
//! that is, and which limits it makes judgeable. What is shown is what is recorded.

use chrono::{DateTime, TimeDelta, Utc};
use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::Dialog;
use super::{App, Effect, Link, Tone};
use crate::plan::Threshold;
use crate::plan::binding::normal;
use crate::room::Intent;

/// Windows a baseline is the mean of: minutes and their words.
pub const BASES: [(i64, &str); 3] = [(1, "1 min"), (5, "5 min"), (15, "15 min")];

/// A baseline being asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Baselining {
    /// The plan's metric.
    pub metric: String,
    /// The chosen one of [`BASES`].
    pub span: usize,
    /// When it was looked at: the window ends here.
    pub at: DateTime<Utc>,
    /// The mean and of how many measurements; none where nothing was measured.
    pub found: Option<(f64, usize)>,
}

impl App {
    /// The limits of the selected metric that are relative to a baseline.
    pub fn relative_limits(&self) -> impl Iterator<Item = &Threshold> {
        let tile = self.tile().filter(|_| self.on_signals());
        let limits = tile.into_iter().flat_map(|t| t.limits.iter());
        limits.filter_map(|at| self.room.plan.thresholds.get(*at)).filter(|l| l.baseline)
    }

    /// `=`: the box over the selected metric, where one of its limits is relative.
    pub(super) fn ask_baseline(&mut self) {
        if let Link::ViewOnly(why) = &self.link {
            let why = format!("not recorded: {why}");
            return self.say(Tone::Bad, why);
        }
        let Some(metric) = self.relative_limits().next().map(|l| l.metric.clone()) else {
            let here = self.tile().filter(|_| self.on_signals()).map(|t| t.name.clone());
            let said = match here {
                Some(name) => format!("no limit on {name} is relative to a baseline"),
                None => "select a metric first, on Signals".to_owned(),
            };
            return self.say(Tone::Plain, said);
        };
        let at = self.now;
        let found = |span: usize| self.mean(&metric, at, span);
        // The longest window by default, where it says more than the shorter ones.
        let span = (0..BASES.len()).rev().find(|s| found(*s).is_some()).unwrap_or(BASES.len() - 1);
        let found = found(span);
        self.dialog = Dialog::Baseline(Baselining { metric, span, at, found });
    }

    fn mean(&self, metric: &str, at: DateTime<Utc>, span: usize) -> Option<(f64, usize)> {
        self.gauges.mean(metric, at, TimeDelta::minutes(BASES[span].0))
    }

    /// Arrows and Tab choose the window, Enter records what is shown.
    pub(super) fn baseline_key(&mut self, key: KeyEvent, mut asked: Baselining) -> Vec<Effect> {
        let last = BASES.len() - 1;
        match key.code {
            KeyCode::Right | KeyCode::Down | KeyCode::Char('l' | 'j') => {
                asked.span = (asked.span + 1).min(last)
            }
            KeyCode::Left | KeyCode::Up | KeyCode::Char('h' | 'k') => {
                asked.span = asked.span.saturating_sub(1)
            }
            KeyCode::Tab => asked.span = (asked.span + 1) % BASES.len(),
            KeyCode::Enter => return self.capture(&asked),
            _ if super::dialogs::closes(key) => return vec![],
            _ => {}
        }
        asked.found = self.mean(&asked.metric, asked.at, asked.span);
        self.dialog = Dialog::Baseline(asked);
        vec![]
    }

    fn capture(&mut self, asked: &Baselining) -> Vec<Effect> {
        let Some((value, samples)) = asked.found else {
            self.say(Tone::Bad, "nothing was measured in that window: there is no value to take");
            self.dialog = Dialog::Baseline(asked.clone());
            return vec![];
        };
        let many = if samples == 1 {
            "the one measurement".to_owned()
        } else {
            format!("mean of {samples} measurements")
        };
        let from = format!("{many} in {}", BASES[asked.span].1);
        self.submit(Intent::CaptureBaseline { metric: asked.metric.clone(), value, from })
    }

    /// The baseline that a metric is compared with, where one of its limits is relative.
    pub fn baseline(&self, metric: &str) -> Option<&crate::room::Baseline> {
        let relative = |l: &Threshold| l.baseline && normal(&l.metric) == normal(metric);
        self.room.baseline(metric).filter(|_| self.room.plan.thresholds.iter().any(relative))
    }
}
