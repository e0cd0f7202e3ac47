//! Percentages that go up rung by rung: where each flag stands, what people said at the end of a rung's
//! time, and who opened the way over what stood against the next.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::decide::{Refusal, worded};
use super::event::{Entry, Event, Outcome};
use super::fold::Room;
use super::intent::Intent;
use super::rungs::number;

/// So long an override opens the way for its change.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(2);

/// What is said at the end of a rung's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// The next rung may come.
    Continue,
    /// It stays where it is, and is looked at again.
    Hold,
    /// It goes back.
    RollBack,
}

impl Call {
    /// As people say it.
    pub fn word(self) -> &'static str {
        match self {
            Call::Continue => "CONTINUE",
            Call::Hold => "HOLD",
            Call::RollBack => "ROLL BACK",
        }
    }
}

/// What was said of a rung.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Called {
    /// What.
    pub call: Call,
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, where they said it.
    pub reason: Option<String>,
}

/// Where a flag stands, as far as the room set it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Footing {
    /// As JSON.
    pub value: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Who set it.
    pub by: String,
    /// What was said at the end of its time.
    pub called: Option<Called>,
    /// The entry since which it has this value.
    pub seq: u64,
}

/// A rung whose time to be watched is over: somebody has to say how it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Review<'a> {
    /// The flag.
    pub flag: &'a str,
    /// Where it stands.
    pub rung: f64,
    /// The next one; none at the top.
    pub next: Option<f64>,
    /// When its time was over.
    pub due: DateTime<Utc>,
}

impl Room {
    /// Where a flag stands, as far as it was set from this room.
    pub fn footing(&self, flag: &str) -> Option<&Footing> {
        self.footings.get(flag)
    }

    /// The percentage that a flag stands at by what was set from here.
    pub fn rung(&self, flag: &str) -> Option<f64> {
        self.footing(flag).and_then(|f| number(&f.value))
    }

    /// The rungs whose time is over and of which nobody said how it goes on. What is held is asked of
    /// again after as long.
    pub fn reviews(&self, now: DateTime<Utc>) -> Vec<Review<'_>> {
        let mut due: Vec<_> =
            self.footings.iter().filter_map(|(flag, f)| self.review(flag, f, now)).collect();
        due.sort_by_key(|r| r.due);
        due
    }

    fn review<'a>(&self, flag: &'a str, footing: &Footing, now: DateTime<Utc>) -> Option<Review<'a>> {
        let rung = number(&footing.value).filter(|r| *r > 0.0)?;
        let (rungs, watched) = (self.rungs(flag), self.watched_for(flag, rung)?);
        let since = match &footing.called {
            None => footing.since,
            Some(called) if called.call == Call::Hold => called.at,
            Some(_) => return None,
        };
        let due = since.checked_add_signed(watched).filter(|due| *due <= now && !rungs.is_empty())?;
        Some(Review { flag, rung, next: rungs.into_iter().find(|r| *r > rung), due })
    }

    /// When the time of the rung a flag stands on is over; none where it is over or never was.
    pub fn watched_until(&self, flag: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let footing = self.footing(flag)?;
        let rung = number(&footing.value).filter(|r| *r > 0.0)?;
        footing.since.checked_add_signed(self.watched_for(flag, rung)?).filter(|until| *until > now)
    }

    /// Refuses a rung that something stands against, unless somebody has just overridden that.
    pub(super) fn guard(
        &self,
        (flag, from, to): (&str, Option<&str>, &str),
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let against = self.against(flag, from, to, now);
        let opened = self.overrides.get(flag);
        let open = opened.is_some_and(|(value, until)| Some(*value) == number(to) && now <= *until);
        if against.is_empty() || open {
            return Ok(());
        }
        Err(Refusal::NotYet(format!("{flag} does not go up to {} %: {}", to.trim(), against.join(", "))))
    }

    pub(super) fn apply_ladder(&mut self, entry: &Entry) {
        match &entry.event {
            Event::FlagChangeStarted { flag, .. } => drop(self.overrides.remove(flag)),
            Event::FlagChangeEnded { change, flag, outcome: Outcome::Done, .. }
            | Event::FlagResolved { change, flag, outcome: Outcome::Done, .. } => {
                let to = self.changes.iter().find(|c| c.id == *change).map(|c| c.to.clone());
                to.into_iter().for_each(|to| self.stand(flag, &to, entry));
            }
            Event::FlagRecorded { flag, value } => self.stand(flag, value, entry),
            Event::RungReviewed { flag, call, reason, .. } => {
                let called =
                    Called { call: *call, by: entry.by.clone(), at: entry.at, reason: reason.clone() };
                if let Some(footing) = self.footings.get_mut(flag) {
                    footing.called = Some(called);
                }
            }
            Event::RungOverridden { flag, to, .. } => {
                let until = entry.at.checked_add_signed(OPEN_FOR).unwrap_or(entry.at);
                self.overrides.extend(number(to).map(|to| (flag.clone(), (to, until))));
            }
            _ => {}
        }
    }

    fn stand(&mut self, flag: &str, value: &str, entry: &Entry) {
        let same = self.footings.get(flag).filter(|known| known.value == value).map(|known| known.seq);
        let (value, by, seq) = (value.to_owned(), entry.by.clone(), same.unwrap_or(entry.seq));
        let footing = Footing { value, since: entry.at, by, called: None, seq };
        self.footings.insert(flag.to_owned(), footing);
    }
}

/// Judges what is said of a rung.
pub(super) fn judge(room: &Room, intent: &Intent, now: DateTime<Utc>) -> Result<Event, Refusal> {
    match intent {
        Intent::ReviewRung { flag, call, reason } => {
            let Some(rung) = room.rung(flag) else {
                return Err(Refusal::Unknown {
                    what: "flag with a percentage set from here",
                    id: flag.clone(),
                });
            };
            let reason = reason.as_deref().map(|r| worded("reason", r)).transpose()?;
            if *call == Call::Continue && room.watched_until(flag, now).is_some() {
                let why = room.held(flag, rung, now).unwrap_or_default();
                return Err(Refusal::NotYet(format!("{flag}: {why}")));
            }
            Ok(Event::RungReviewed { flag: flag.clone(), rung, call: *call, reason })
        }
        Intent::OverrideRung { flag, from, to, reason } => {
            let against = room.against(flag, from.as_deref(), to, now);
            if against.is_empty() {
                return Err(Refusal::Already(format!("nothing stands against {flag} → {to}")));
            }
            let reason = worded("reason", reason)?;
            Ok(Event::RungOverridden {
                flag: flag.clone(),
                to: to.clone(),
                reason,
                against: against.join(", "),
            })
        }
        _ => Err(Refusal::Already("that is no rung".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::room::{Actor, Fact, Role, decide};

    const PLAN: &str = "\
# Launch

## Feature flags

| Flag | Value |
|---|---|
| `page_percentage` | 0% |
| `page_on` | false |

## Phase 1: Canary (Hours 0-2)

- [ ] Set `page_percentage` = 5%

## Phase 2: Half (Hours 2-6)

- [ ] Set `page_percentage` = 50%

## Phase 3: All (Hours 6-8)

- [ ] Set `page_percentage` = 100%

## Alerts

| Severity | Condition |
|---|---|
| P1 | Error rate > 5% |
";

    struct Play {
        room: Room,
        now: DateTime<Utc>,
    }

    impl Play {
        fn new() -> Self {
            let room = Room::new(Arc::new(crate::plan::read(PLAN.as_bytes(), "plan")));
            Self { room, now: DateTime::from_timestamp(1_800_000_000, 0).unwrap() }
        }

        fn happened(&mut self, event: Event) {
            let seq = self.room.seq + 1;
            let text = Fact::new(Uuid::from_u128(u128::from(seq)), self.now, "ana", event.clone()).to_text();
            assert_eq!(Entry::read(seq, &text).event, event, "it reads back");
            assert!(!event.sentence().is_empty());
            self.room.apply(&Entry::read(seq, &text));
        }

        fn act(&mut self, intent: &Intent) -> Result<(), String> {
            let ana = Actor { name: "ana".into(), role: Role::Commander };
            let event = decide(&self.room, intent, &ana, self.now).map_err(|r| r.to_string())?.remove(0);
            self.happened(event);
            Ok(())
        }

        fn change(&mut self, flag: &str, from: &str, to: &str) -> Result<(), String> {
            let change = Uuid::from_u128(u128::from(self.room.seq) + 1000);
            let (flag, from, to) = (flag.to_owned(), Some(from.to_owned()), to.to_owned());
            self.act(&Intent::StartFlagChange { change, flag, from, to, request: String::new() })?;
            self.act(&Intent::EndFlagChange { change, outcome: Outcome::Done, detail: String::new() })
        }

        fn fires(&mut self) {
            let limit = self.room.plan.thresholds[0].clone();
            self.happened(Event::AlertFired {
                rule: limit.id,
                signal: limit.metric,
                limit: "ok".into(),
                rank: "P1".into(),
                line: 1,
                value: None,
            });
        }

        fn call(&mut self, call: Call) -> Result<(), String> {
            self.act(&Intent::ReviewRung { flag: "page_percentage".into(), call, reason: None })
        }
    }

    #[test]
    fn rungs_are_the_plans_or_the_bindings() {
        let mut play = Play::new();
        assert_eq!(play.room.rungs("page_percentage"), [0.0, 5.0, 50.0, 100.0]);
        assert!(play.room.rungs("page_on").is_empty() && play.room.rungs("nobody").is_empty());
        let mut plan = (*play.room.plan).clone();
        plan.rungs.insert("page_percentage".into(), vec![10.0, 100.0]);
        play.room.follow(Arc::new(plan));
        assert_eq!(play.room.rungs("page_percentage"), [0.0, 10.0, 100.0]);
    }

    #[test]
    fn one_rung_at_a_time_and_only_when_its_time_is_over() {
        let mut play = Play::new();
        let skipped = play.change("page_percentage", "0", "50").unwrap_err();
        assert!(skipped.contains("5 % comes first"), "{skipped}");
        play.change("page_percentage", "0", "5").unwrap();
        play.now += TimeDelta::minutes(30);
        let early = play.change("page_percentage", "5", "50").unwrap_err();
        assert!(early.contains("5 % is watched for 90 min more"), "{early}");
        assert!(play.room.reviews(play.now).is_empty() && play.call(Call::Continue).is_err());
        play.now += TimeDelta::minutes(90);
        let due = play.room.reviews(play.now);
        assert_eq!((due[0].rung, due[0].next), (5.0, Some(50.0)));
        play.change("page_percentage", "5", "50").unwrap();
        assert_eq!(play.room.rung("page_percentage"), Some(50.0));
    }

    #[test]
    fn what_fires_or_is_blind_stops_it_and_never_stops_it_going_down() {
        let mut play = Play::new();
        play.change("page_percentage", "0", "5").unwrap();
        play.now += TimeDelta::hours(2);
        play.fires();
        let fires = play.change("page_percentage", "5", "50").unwrap_err();
        assert!(fires.ends_with("Error rate fires"), "{fires}");
        play.change("page_percentage", "5", "0").unwrap();
        play.change("page_on", "false", "true").unwrap();
        let mut play = Play::new();
        let limit = play.room.plan.thresholds[0].clone();
        play.happened(Event::SignalLost { rule: limit.id, signal: limit.metric, why: None });
        let blind = play.change("page_percentage", "0", "5").unwrap_err();
        assert!(blind.contains("Error rate cannot be judged"), "{blind}");
    }

    #[test]
    fn an_override_opens_the_way_once_to_one_value_and_for_a_while() {
        let mut play = Play::new();
        play.fires();
        let over = |to: &str, reason: &str| Intent::OverrideRung {
            flag: "page_percentage".into(),
            from: Some("0".into()),
            to: to.into(),
            reason: reason.into(),
        };
        assert!(play.act(&over("5", " ")).is_err(), "a reason");
        play.act(&over("5", "known noise")).unwrap();
        assert!(play.change("page_percentage", "0", "50").is_err(), "another value");
        play.change("page_percentage", "0", "5").unwrap();
        play.change("page_percentage", "5", "0").unwrap();
        assert!(play.change("page_percentage", "0", "5").is_err(), "it was used up");
        play.act(&over("5", "known noise")).unwrap();
        play.now += TimeDelta::minutes(3);
        assert!(play.change("page_percentage", "0", "5").is_err(), "too late");
        assert!(play.act(&over("0", "x")).unwrap_err().contains("nothing stands against"));
    }

    #[test]
    fn people_say_how_it_goes_on() {
        let mut play = Play::new();
        play.change("page_percentage", "0", "5").unwrap();
        play.call(Call::Hold).unwrap();
        play.now += TimeDelta::hours(2);
        let held = play.change("page_percentage", "5", "50").unwrap_err();
        assert!(held.contains("ana said HOLD"), "{held}");
        assert_eq!(play.room.reviews(play.now).len(), 1, "what is held is asked of again");
        play.call(Call::Continue).unwrap();
        assert!(play.room.reviews(play.now).is_empty());
        play.change("page_percentage", "5", "50").unwrap();
        assert_eq!(play.room.footing("page_percentage").unwrap().called, None, "each rung anew");
        play.call(Call::RollBack).unwrap();
        assert!(play.change("page_percentage", "50", "100").is_err());
        play.change("page_percentage", "50", "0").unwrap();
    }
}
