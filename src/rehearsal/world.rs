//! The simulated production itself: what every metric, path and flag is at a moment, and how steps
//! and levers change it. Pure: time comes in as seconds since the start, nothing waits.
//!
//! The server asks it while it runs; a drill walks it through virtual time.

use std::collections::VecDeque;

use super::metric::{Metric, metrics};
use super::names::Names;
use super::switch::{State, Switch, switches};
use super::timeline::{Act, Cure, Deed, Problem, Step, Timeline};
use crate::plan::{Plan, ProcedureId};
use crate::text::clean;

/// Seconds that a metric takes back to its healthy value.
const RECOVERY: f64 = 10.0;

/// What happened, for the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Seconds since the start.
    pub at: f64,
    /// One line, safe to print.
    pub text: String,
}

/// The simulated production.
#[derive(Clone, Debug)]
pub struct World {
    names: Names,
    metrics: Vec<Metric>,
    switches: Vec<Switch>,
    /// For each metric since when it has no number.
    mute: Vec<Option<f64>>,
    /// For each health path whether it answers.
    up: Vec<bool>,
    steps: VecDeque<Step>,
    outages: Vec<Outage>,
    /// Until when answers are held back.
    hang: Option<f64>,
    now: f64,
}

/// Something broken that a lever ends.
#[derive(Clone, Debug)]
struct Outage {
    metrics: Vec<usize>,
    paths: Vec<usize>,
    /// Each flag with what it stood at when the outage began.
    flags: Vec<(usize, State)>,
    procedures: Vec<usize>,
    levers: String,
}

impl World {
    /// A world at its start.
    ///
    /// # Errors
    /// Names in the timeline that the plan does not have.
    pub fn new(plan: &Plan, timeline: &Timeline) -> Result<Self, Vec<Problem>> {
        let wrong = timeline.problems_with(plan);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let names = Names::of(plan);
        Ok(Self {
            mute: vec![None; names.metrics.len()],
            metrics: metrics(plan),
            switches: switches(plan),
            up: vec![true; names.paths.len()],
            names,
            steps: timeline.steps.clone().into(),
            outages: vec![],
            hang: None,
            now: 0.0,
        })
    }

    /// The metrics, in the order of [`crate::signal::watched`].
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The flags, in the plan's order.
    pub fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// The health paths.
    pub fn paths(&self) -> &[String] {
        &self.names.paths
    }

    /// Whether a health path answers; none where the plan does not name it.
    pub fn is_up(&self, path: &str) -> Option<bool> {
        self.names.path(path).map(|index| self.up[index])
    }

    /// Until when measurements at a moment are held back, where they are.
    pub fn hangs_until(&self, at: f64) -> Option<f64> {
        self.hang.filter(|until| *until > at)
    }

    /// When the next step is due.
    pub fn next(&self) -> Option<f64> {
        self.steps.front().map(|s| s.at.as_secs_f64())
    }

    /// A metric's value at a moment up to now; before the start it was healthy. Not a number where
    /// it has none.
    pub fn value(&self, metric: usize, at: f64) -> f64 {
        if self.mute[metric].is_some_and(|since| at >= since) {
            return f64::NAN;
        }
        self.metrics[metric].value(metric, at)
    }

    /// Goes on to a moment: every step due until then happens. Time never goes back.
    pub fn advance(&mut self, to: f64) -> Vec<Said> {
        let mut said = vec![];
        while self.next().is_some_and(|at| at <= to) {
            let Some(step) = self.steps.pop_front() else { break };
            self.now = self.now.max(step.at.as_secs_f64());
            self.play(&step, &mut said);
        }
        self.now = self.now.max(to);
        said
    }

    fn play(&mut self, step: &Step, said: &mut Vec<Said>) {
        if let Some(words) = &step.say {
            self.say(words.clone(), said);
        }
        if let Some(act) = &step.act {
            self.act(act, said);
        }
        self.heal(&step.heal, &step.up, said);
        if !step.cure_by.is_empty() {
            self.begin(step);
        }
        self.shift(step, said);
        self.hush(step, said);
        if let Some(time) = step.hang {
            self.hang = Some(self.now + time.as_secs_f64());
            self.say(format!("measurements hang for {} s", time.as_secs_f64()), said);
        }
    }

    fn say(&self, words: String, said: &mut Vec<Said>) {
        said.push(Said { at: self.now, text: clean(&words).into() });
    }

    fn begin(&mut self, step: &Step) {
        let mut outage = Outage {
            metrics: step.moves.iter().filter_map(|m| self.names.metric(&m.metric)).collect(),
            paths: step.down.iter().filter_map(|p| self.names.path(p)).collect(),
            flags: vec![],
            procedures: vec![],
            levers: step.cure_by.iter().map(Cure::to_string).collect::<Vec<_>>().join(" or "),
        };
        for cure in &step.cure_by {
            match cure {
                Cure::Flag(name) => {
                    let state = |index: usize| (index, self.switches[index].state.clone());
                    outage.flags.extend(self.names.flag(name).map(state));
                }
                Cure::Procedure(title) => outage.procedures.extend(self.names.procedure(title)),
            }
        }
        self.outages.push(outage);
    }

    fn shift(&mut self, step: &Step, said: &mut Vec<Said>) {
        for moved in &step.moves {
            let Some(index) = self.names.metric(&moved.metric) else { continue };
            let over = moved.over.as_secs_f64();
            self.mute[index] = None;
            self.metrics[index].go(self.now, moved.to, over);
            let slowly = if over > 0.0 { format!(" within {over} s") } else { String::new() };
            let words =
                format!("{} {}{slowly}", self.metrics[index].told(), self.metrics[index].measure(moved.to));
            self.say(words, said);
        }
        for path in &step.down {
            let Some(index) = self.names.path(path) else { continue };
            self.up[index] = false;
            self.say(format!("{path} answers 503"), said);
        }
    }

    fn hush(&mut self, step: &Step, said: &mut Vec<Said>) {
        for metric in step.no_data.iter().filter_map(|m| self.names.metric(m)) {
            self.mute[metric] = Some(self.now);
            self.say(format!("{} has no number", self.metrics[metric].told()), said);
        }
    }

    fn act(&mut self, act: &Act, said: &mut Vec<Said>) {
        match &act.deed {
            Deed::Flag { name, value } => {
                let Some(index) = self.names.flag(name) else { return };
                match self.switches[index].meant(value) {
                    Ok(state) => self.write(index, state, &act.who, said),
                    Err(wrong) => self.say(wrong, said),
                }
            }
            Deed::Procedure(title) => {
                let Some(index) = self.names.procedure(title) else { return };
                self.say(format!("{} has done {}", act.who, self.names.procedures[index].1), said);
                self.finish(index, said);
            }
            Deed::Silence { .. } | Deed::Phase(_) | Deed::Command(_) => {}
        }
    }

    /// A flag is written. What it cures begins to heal.
    ///
    /// # Errors
    /// A sentence where there is no such flag or it does not take the value.
    pub fn write_flag(&mut self, name: &str, value: &serde_json::Value) -> Result<Vec<Said>, String> {
        let index = self.names.flags.iter().position(|f| f == name);
        let index = index.ok_or_else(|| format!("there is no flag {name}"))?;
        let state = self.switches[index].asked(value)?;
        let mut said = vec![];
        self.write(index, state, "somebody", &mut said);
        Ok(said)
    }

    fn write(&mut self, flag: usize, state: State, who: &str, said: &mut Vec<Said>) {
        let before = std::mem::replace(&mut self.switches[flag].state, state.clone());
        let words = format!("{who} sets {} from {before} to {state}", self.switches[flag].name);
        self.say(words, said);
        let pulls = |outage: &Outage| {
            let mut named = outage.flags.iter().filter(|(f, _)| *f == flag);
            named.any(|(_, began)| before.pulled(&state, began))
        };
        let cured: Vec<Outage> = self.outages.extract_if(.., |o| pulls(o)).collect();
        self.recover(&cured, said);
    }

    /// A procedure is over. What it cures begins to heal.
    pub fn finish_procedure(&mut self, id: &ProcedureId) -> Vec<Said> {
        let mut said = vec![];
        if let Some(index) = self.names.procedures.iter().position(|(known, _)| known == id) {
            self.say(format!("{} is done", self.names.procedures[index].1), &mut said);
            self.finish(index, &mut said);
        }
        said
    }

    fn finish(&mut self, procedure: usize, said: &mut Vec<Said>) {
        let cured: Vec<Outage> = self.outages.extract_if(.., |o| o.procedures.contains(&procedure)).collect();
        self.recover(&cured, said);
    }

    fn recover(&mut self, cured: &[Outage], said: &mut Vec<Said>) {
        for outage in cured {
            outage.metrics.iter().for_each(|m| self.restore(*m, said));
            outage.paths.iter().for_each(|p| self.raise(*p, said));
        }
    }

    fn restore(&mut self, metric: usize, said: &mut Vec<Said>) {
        let healthy = self.metrics[metric].healthy();
        self.metrics[metric].go(self.now, healthy, RECOVERY);
        self.say(format!("{} recovers", self.metrics[metric].told()), said);
    }

    fn raise(&mut self, path: usize, said: &mut Vec<Said>) {
        self.up[path] = true;
        self.say(format!("{} answers 200", self.names.paths[path]), said);
    }

    /// What a step heals is no longer part of an outage, and an outage without parts is over.
    /// A lever pulled in time has left nothing to heal.
    fn heal(&mut self, metrics: &[String], paths: &[String], said: &mut Vec<Said>) {
        let metrics: Vec<usize> = metrics.iter().filter_map(|m| self.names.metric(m)).collect();
        let paths: Vec<usize> = paths.iter().filter_map(|p| self.names.path(p)).collect();
        metrics.iter().for_each(|m| self.mute[*m] = None);
        for metric in metrics.iter().filter(|m| self.is_moved(**m)).copied().collect::<Vec<_>>() {
            self.restore(metric, said);
        }
        for path in paths.iter().filter(|p| !self.up[**p]).copied().collect::<Vec<_>>() {
            self.raise(path, said);
        }
        for outage in &mut self.outages {
            outage.metrics.retain(|m| !metrics.contains(m));
            outage.paths.retain(|p| !paths.contains(p));
        }
        let over: Vec<Outage> =
            self.outages.extract_if(.., |o| o.metrics.is_empty() && o.paths.is_empty()).collect();
        for outage in over {
            self.say(format!("nobody pulled {}; it is over by itself", outage.levers), said);
        }
    }

    fn is_moved(&self, metric: usize) -> bool {
        self.metrics[metric].goal() != self.metrics[metric].healthy()
    }
}
