//! Recorded samples against another limit: when it would have fired, how long, and how often
//! without anything that a person called an incident. Pure; `warroom whatif` prints it.

use chrono::{DateTime, TimeDelta, Utc};

use super::judge::{Judge, Look, Verdict};
use super::{Crossed, Rule, Sample};

/// From when to when; none where it has not ended.
pub type Spell = (DateTime<Utc>, Option<DateTime<Utc>>);

/// An alert that would have been.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Firing {
    /// When the breach began.
    pub since: DateTime<Utc>,
    /// When it would have fired.
    pub from: DateTime<Utc>,
    /// When it would have been over; none where the samples end before.
    pub to: Option<DateTime<Utc>>,
    /// The value furthest on the bad side while it fired.
    pub worst: f64,
    /// Whether something that was recorded at the time overlaps it. Without, it would have been a
    /// false alarm, or the first to see it.
    pub recorded: bool,
}

impl Firing {
    /// How long it would have lasted, up to `end` where it had not ended.
    pub fn lasted(&self, end: DateTime<Utc>) -> TimeDelta {
        self.to.unwrap_or(end) - self.from
    }

    fn overlaps(&self, spell: &Spell) -> bool {
        let (from, to) = spell;
        self.to.is_none_or(|end| *from <= end) && to.is_none_or(|to| to >= self.since)
    }
}

/// What a rule would have done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hindsight {
    /// In the order of time.
    pub firings: Vec<Firing>,
    /// How often it was evaluated.
    pub evaluations: usize,
    /// How much of the time nothing was known; it counts for nothing.
    pub unknown: TimeDelta,
    /// The first and the last sample.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Hindsight {
    /// The firings that nothing recorded overlaps.
    pub fn unrecorded(&self) -> usize {
        self.firings.iter().filter(|f| !f.recorded).count()
    }
}

/// The distance between two samples, where most of them have it; none of fewer than two.
pub fn spacing(samples: &[Sample]) -> Option<TimeDelta> {
    let mut gaps: Vec<TimeDelta> = samples.windows(2).map(|p| p[1].at - p[0].at).collect();
    gaps.retain(|gap| *gap > TimeDelta::zero());
    gaps.sort();
    gaps.get(gaps.len() / 2).copied()
}

/// Runs `samples`, in the order of time, against a rule that is evaluated `every` so often.
/// `recorded` are the alerts and ways back that the journal knows of the metric.
pub fn whatif(samples: &[Sample], rule: &Rule, every: TimeDelta, recorded: &[Spell]) -> Hindsight {
    let every = every.max(TimeDelta::milliseconds(100));
    let mut walk = Walk { rule, every, judge: Judge::default(), seen: Hindsight::default() };
    if let [first, .., last] | [first @ last] = samples {
        walk.seen.span = Some((first.at, last.at));
        walk.go(samples, first.at, last.at);
    }
    let mut seen = walk.seen;
    for firing in &mut seen.firings {
        firing.recorded = recorded.iter().any(|spell| firing.overlaps(spell));
    }
    seen
}

struct Walk<'r> {
    rule: &'r Rule,
    every: TimeDelta,
    judge: Judge,
    seen: Hindsight,
}

impl Walk<'_> {
    fn go(&mut self, samples: &[Sample], first: DateTime<Utc>, end: DateTime<Utc>) {
        let (mut now, mut next) = (first, 0);
        while now <= end {
            let before = next;
            next += samples[next..].iter().take_while(|s| s.at <= now).count();
            let known = next.checked_sub(1).map(|i| samples[i]).filter(|s| now - s.at <= self.every * 2);
            self.step(known, next > before, now);
            // In a long gap nothing changes but the clock.
            let ahead = samples.get(next).map_or(now, |s| s.at);
            let gap = known.is_none() && ahead - now > self.every * 2;
            now = if gap { ahead } else { now + self.every };
        }
    }

    fn step(&mut self, known: Option<Sample>, fresh: bool, now: DateTime<Utc>) {
        let alert = self.judge.state.is_alert();
        let value = known.map(|s| s.value).filter(|v| !v.is_nan());
        let judged =
            value.and_then(|v| if alert { self.rule.still_breached(v) } else { self.rule.breached(v) });
        let verdict = match judged {
            Some(true) => Verdict::Breach,
            Some(false) => Verdict::Pass,
            None => Verdict::Missing,
        };
        if judged.is_none() {
            self.seen.unknown += self.every;
        }
        self.seen.evaluations += 1;
        let look = Look { verdict, fresh, grey: false, now, interval: self.every };
        for turn in self.judge.advance(self.rule, &look) {
            self.turn(turn.kind, turn.since, now, value.unwrap_or(f64::NAN));
        }
        if let (Some(value), true) = (value, self.judge.state.is_alert()) {
            self.worsen(value);
        }
    }

    fn turn(&mut self, kind: Crossed, since: DateTime<Utc>, now: DateTime<Utc>, worst: f64) {
        match kind {
            Crossed::Fired => {
                self.seen.firings.push(Firing { since, from: now, to: None, worst, recorded: false });
            }
            Crossed::Resolved => self.seen.firings.iter_mut().rev().take(1).for_each(|f| f.to = Some(now)),
            _ => {}
        }
    }

    fn worsen(&mut self, value: f64) {
        let Some(firing) = self.seen.firings.last_mut() else { return };
        let far = |v: f64| self.rule.edge(v).map_or(0.0, |edge| (v - edge).abs());
        let bad = self.rule.breached(value) == Some(true);
        if bad && (firing.worst.is_nan() || far(value) > far(firing.worst)) {
            firing.worst = value;
        }
    }
}
