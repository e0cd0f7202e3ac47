//! How the launch goes against its plan: when each phase was to run, when it did, by how much it is
//! late, and when it will be over by the look of it. Worked out from the journal and the time, nothing
//! is stored.

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::{Count, added};
use super::fold::{PhaseProgress, Room};
use super::schedule::Span;
use crate::plan::{Phase, PhaseId, PhaseKind};

/// Less than this is on time.
const PUNCTUAL: TimeDelta = TimeDelta::seconds(60);

/// A phase, planned against actual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The phase.
    pub phase: PhaseId,
    /// When it is planned, holds included; none where the plan gives it no window.
    pub planned: Option<Span>,
    /// By how much holds have moved it.
    pub moved: TimeDelta,
    /// When it began.
    pub began: Option<DateTime<Utc>>,
    /// When it was completed.
    pub ended: Option<DateTime<Utc>>,
    /// When it begins, or began, by the look of it.
    pub begins: Option<DateTime<Utc>>,
    /// When it ends, or ended, by the look of it.
    pub ends: Option<DateTime<Utc>>,
}

impl Course {
    /// By how much its end, or where it has none its beginning, is behind the plan; before it where
    /// negative. None where the plan says no time.
    pub fn late(&self) -> Option<TimeDelta> {
        let planned = self.planned?;
        match (self.ends, planned.end) {
            (Some(ends), Some(end)) => Some(ends - end),
            _ => self.begins.map(|begins| begins - planned.start),
        }
    }

    /// Whether that is worth a word.
    pub fn is_off(&self) -> bool {
        self.late().is_some_and(|late| late.abs() >= PUNCTUAL)
    }
}

impl Room {
    /// How each top-level phase that has a time goes, in the order of the plan.
    pub fn courses(&self, now: DateTime<Utc>) -> Vec<Course> {
        let launch = self.plan.top_phases().filter(|p| p.kind != PhaseKind::Recurring);
        let mut free: Option<DateTime<Utc>> = None;
        let mut all = vec![];
        for phase in launch {
            let course = self.course_after(phase, free, now);
            free = if course.ended.is_some() { free.max(course.ended) } else { free.max(course.ends) };
            all.push(course);
        }
        all
    }

    /// How a phase goes.
    pub fn course(&self, phase: &PhaseId, now: DateTime<Utc>) -> Option<Course> {
        self.courses(now).into_iter().find(|c| c.phase == *phase)
    }

    /// The course of a phase that cannot begin before `free`.
    fn course_after(&self, phase: &Phase, free: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Course {
        let (planned, state) = (self.planned(phase), self.phase_state(&phase.id));
        let ended = match state.progress {
            PhaseProgress::Completed { at } => Some(at),
            _ => None,
        };
        let start = planned.map(|span| added(span.start, self.stands_since(phase, now)));
        let waits = start.map(|start| start.max(now).max(free.unwrap_or(start)));
        let begins = state.started.or(waits.filter(|_| ended.is_none()));
        let ends = ended.or_else(|| self.expected_end(phase, planned?, begins?, now));
        let moved = self.shift(phase);
        Course { phase: phase.id.clone(), planned, moved, began: state.started, ended, begins, ends }
    }

    /// A phase in hours takes the time it was given, whenever it began; one in days ends on its last
    /// day. Neither is over before now.
    fn expected_end(
        &self,
        phase: &Phase,
        planned: Span,
        begins: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let end = planned.end?;
        let in_hours = phase.window.as_ref().is_some_and(|w| w.start.is_some());
        let late = if in_hours { (begins - planned.start).max(TimeDelta::zero()) } else { TimeDelta::zero() };
        Some(end.checked_add_signed(late).unwrap_or(end).max(now))
    }

    /// For how long the count has stood ahead of a phase, while nobody knows until when.
    fn stands_since(&self, phase: &Phase, now: DateTime<Utc>) -> TimeDelta {
        let start = phase.window.as_ref().and_then(|w| w.start).and_then(TimeDelta::try_seconds);
        match self.count(now) {
            Some(Count::Held { at, since, until: None, .. }) if start.unwrap_or_default() >= at => {
                now - since
            }
            _ => TimeDelta::zero(),
        }
    }

    fn shift(&self, phase: &Phase) -> TimeDelta {
        let start = phase.window.as_ref().and_then(|w| w.start).and_then(TimeDelta::try_seconds);
        self.moved(start.unwrap_or_default())
    }
}
