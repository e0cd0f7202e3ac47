//! A storm of alerts as a few lines: grouped by class and phase, with counts. Reads only.

use chrono::{DateTime, Utc};

use super::alerts::Alert;
use super::fold::Room;
use crate::plan::PhaseId;
use crate::signal::Rank;

/// Alerts of one class that belong to one phase, or to none.
#[derive(Clone, Debug, PartialEq)]
pub struct Storm<'r> {
    /// How bad each of them is.
    pub rank: Rank,
    /// The phase whose limits they are.
    pub phase: Option<&'r PhaseId>,
    /// The oldest first.
    pub alerts: Vec<&'r Alert>,
    /// Those that nobody has in hand.
    pub unclaimed: usize,
    /// Those that shall be quiet.
    pub silenced: usize,
}

impl Room {
    /// What fires, grouped: the worst class first, in it the limits of no phase, then the phases in
    /// the plan's order. The first alert of the first group is the headline.
    pub fn storms(&self, now: DateTime<Utc>) -> Vec<Storm<'_>> {
        let placed = self.plan.thresholds.iter().filter_map(|t| Some((&t.id, t.phase.as_ref()?)));
        let phases: std::collections::HashMap<_, _> = placed.collect();
        let place = |phase: &Option<&PhaseId>| {
            phase.map(|id| self.plan.phases.iter().position(|p| p.id == *id).unwrap_or(usize::MAX))
        };
        let mut storms: Vec<Storm<'_>> = vec![];
        for alert in self.firing() {
            let phase = phases.get(&alert.rule).copied();
            let at = storms.iter().position(|s| (s.rank, s.phase) == (alert.rank, phase));
            let at = at.unwrap_or_else(|| {
                storms.push(Storm { rank: alert.rank, phase, alerts: vec![], unclaimed: 0, silenced: 0 });
                storms.len() - 1
            });
            let storm = &mut storms[at];
            storm.alerts.push(alert);
            storm.unclaimed += usize::from(alert.acknowledged.is_none());
            storm.silenced += usize::from(self.silence(&alert.rule, now).is_some());
        }
        storms.sort_by_key(|s| (s.rank, place(&s.phase)));
        storms
    }
}
