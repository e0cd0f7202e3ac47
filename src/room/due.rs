//! What is due once the launch is over: follow-ups, what is looked at afterwards, and what comes back
//! every day, week or month. It stays alive for as long as the room does. Pure.
//!
//! Dates count from the end of the last phase. Until that is over nothing here has a date, and what the
//! plan gives no time stays without one.

use chrono::{DateTime, Days, Months, TimeDelta, TimeZone as _, Utc};

use super::fold::{Mark, PhaseProgress, Room};
use super::schedule::Span;
use crate::plan::after::{After, Ahead, Every, after, after_in, every};
use crate::plan::{FollowUp, Item, ItemId, ItemKind, Owner, PhaseKind};

/// Where something that is due stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was done, or does not apply.
    Done,
    /// Its time is past.
    Overdue,
    /// Its time is now.
    Due,
    /// Its time will come.
    Ahead,
    /// It has no date: the launch is not over, or the plan does not say when.
    Undated,
    /// Its time is past, and the plan has no box by which anybody could say that it was done.
    Past,
}

impl Standing {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Done => "done",
            Standing::Overdue => "overdue",
            Standing::Due => "due",
            Standing::Ahead => "ahead",
            Standing::Undated => "no date",
            Standing::Past => "past, not recorded",
        }
    }

    /// Whether somebody has something to do.
    pub fn is_open(self) -> bool {
        matches!(self, Standing::Due | Standing::Overdue)
    }
}

/// Something that is due after the launch.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// What.
    pub text: String,
    /// When, in the plan's words.
    pub when: Option<String>,
    /// How often it comes back.
    pub every: Option<Every>,
    /// When; of what comes back the present time round.
    pub span: Option<Span>,
    /// Where it stands.
    pub standing: Standing,
    /// Its item, where the plan gives it a box.
    pub item: Option<ItemId>,
    /// Who said so last, and when.
    pub said: Option<(String, DateTime<Utc>)>,
    /// Who has it.
    pub assignee: Option<String>,
    /// Its line.
    pub line: usize,
}

impl Room {
    /// The end of the launch: when the last phase was completed that is not for afterwards. None while
    /// it is not, and where the plan has no phase.
    pub fn launched(&self) -> Option<DateTime<Utc>> {
        let launch = self.plan.top_phases().filter(|p| !is_later(p.kind));
        match self.phase_state(&launch.last()?.id).progress {
            PhaseProgress::Completed { at } => Some(at),
            _ => None,
        }
    }

    /// Everything that is due after the launch, in the order of the plan.
    pub fn due(&self, now: DateTime<Utc>) -> Vec<Due> {
        let mut all: Vec<Due> =
            self.plan.items.iter().filter(|i| self.is_for_later(i)).map(|i| self.due_item(i, now)).collect();
        let known = |f: &&FollowUp| !self.plan.items.iter().any(|i| i.line == f.line);
        all.extend(self.plan.followups.iter().filter(known).map(|f| self.due_sentence(f, now)));
        all.sort_by_key(|d| d.line);
        all
    }

    /// Whether an item that was done comes back by now: its tick was for an earlier time round.
    pub fn is_due_again(&self, item: &Item, now: DateTime<Utc>) -> bool {
        let back = self.is_for_later(item) && self.repeats(item).is_some();
        back && self.mark(item) == Mark::Done && self.due_item(item, now).standing.is_open()
    }

    fn is_for_later(&self, item: &Item) -> bool {
        let own = match &item.owner {
            Owner::After | Owner::Recurring => true,
            Owner::Phase(id) => self.plan.phase(id).is_some_and(|p| {
                let top = p.parent.as_ref().and_then(|id| self.plan.phase(id)).unwrap_or(p);
                is_later(top.kind)
            }),
            _ => false,
        };
        own && item.kind != ItemKind::Criterion
    }

    /// How often an item comes back: by its heading or its phase, where it is one that does.
    fn repeats(&self, item: &Item) -> Option<Every> {
        let titles = item.path.split('\u{1e}').rev();
        let recurring = match &item.owner {
            Owner::Recurring => true,
            Owner::Phase(id) => self.plan.phase(id).is_some_and(|p| p.kind == PhaseKind::Recurring),
            _ => false,
        };
        let said = || std::iter::once(item.section.as_str()).chain(titles).find_map(every);
        recurring.then(said).flatten()
    }

    fn due_item(&self, item: &Item, now: DateTime<Utc>) -> Due {
        let state = self.item_state(&item.id);
        let repeats = self.repeats(item);
        let said = state.and_then(|s| s.set.clone());
        let follow = self.plan.followups.iter().find(|f| f.line == item.line);
        let when = follow.and_then(|f| f.when.clone()).or_else(|| self.said_when(item));
        let span = match repeats {
            Some(every) => self.launched().and_then(|end| self.round(end, every, now)),
            None => self.span_after(when.as_deref(), &item.text),
        };
        let (mark, ticked) = (self.mark(item), said.as_ref().map(|(_, at)| *at));
        let over = match (mark, repeats, span) {
            (Mark::NotApplicable, ..) => true,
            (Mark::Done, Some(_), Some(span)) => ticked.is_some_and(|at| at >= span.start),
            (Mark::Done, ..) => true,
            _ => false,
        };
        let standing = match over {
            true => Standing::Done,
            // What comes back is due again before anybody could call it late.
            false if repeats.is_some() => span.map_or(Standing::Undated, |_| Standing::Due),
            false => standing(span, now),
        };
        let when = when.filter(|w| !w.trim().is_empty());
        let (item_id, assignee) = (Some(item.id.clone()), state.and_then(|s| s.assignee.clone()));
        let text = item.text.clone();
        Due { text, when, every: repeats, span, standing, item: item_id, said, assignee, line: item.line }
    }

    /// When an item is due in the plan's words: by the window of its phase, else by the title above it.
    fn said_when(&self, item: &Item) -> Option<String> {
        let phase = match &item.owner {
            Owner::Phase(id) => self.plan.phase(id),
            _ => None,
        };
        let window = phase.and_then(|p| p.window.as_ref()).map(|w| w.text.clone());
        window.or_else(|| Some(item.section.clone()))
    }

    fn due_sentence(&self, followup: &FollowUp, now: DateTime<Utc>) -> Due {
        let span = self.span_after(followup.when.as_deref(), &followup.text);
        let standing = match standing(span, now) {
            Standing::Overdue => Standing::Past,
            other => other,
        };
        let (text, when) = (followup.text.clone(), followup.when.clone());
        Due {
            text,
            when,
            every: None,
            span,
            standing,
            item: None,
            said: None,
            assignee: None,
            line: followup.line,
        }
    }

    fn span_after(&self, when: Option<&str>, text: &str) -> Option<Span> {
        let read = when.and_then(after).or_else(|| after_in(text))?;
        self.counted(self.launched()?, read)
    }

    fn counted(&self, end: DateTime<Utc>, after: After) -> Option<Span> {
        let to = match after.to {
            Some(to) => Some(self.ahead(end, to)?),
            None => None,
        };
        Some(Span { start: self.ahead(end, after.from)?, end: to })
    }

    fn ahead(&self, end: DateTime<Utc>, ahead: Ahead) -> Option<DateTime<Utc>> {
        match ahead {
            Ahead::Seconds(seconds) => end.checked_add_signed(TimeDelta::try_seconds(seconds)?),
            Ahead::Days(days) => self.midnight(end, Months::new(0), Days::new(u64::try_from(days).ok()?)),
            Ahead::Months(months) => self.midnight(end, Months::new(months), Days::new(0)),
        }
    }

    /// The first instant of a day that comes so long after the day of `end`.
    fn midnight(&self, end: DateTime<Utc>, months: Months, days: Days) -> Option<DateTime<Utc>> {
        let zone = self.zone();
        let date = end.with_timezone(&zone).date_naive();
        let date = date.checked_add_months(months)?.checked_add_days(days)?;
        // A midnight that daylight saving skips begins an hour later.
        let first = |hour| zone.from_local_datetime(&date.and_hms_opt(hour, 0, 0)?).earliest();
        Some(first(0).or_else(|| first(1))?.with_timezone(&Utc))
    }

    /// The time round that `now` is in, of what comes back from the end of the launch on.
    fn round(&self, end: DateTime<Utc>, every: Every, now: DateTime<Utc>) -> Option<Span> {
        let at = |n: u32| match every {
            Every::Seconds(s) => self.ahead(end, Ahead::Seconds(i64::from(s) * i64::from(n))),
            Every::Days(d) => self.ahead(end, Ahead::Days(i32::try_from(d.checked_mul(n)?).ok()?)),
            Every::Months(m) => self.ahead(end, Ahead::Months(m.checked_mul(n)?)),
        };
        let length = match every {
            Every::Seconds(s) => i64::from(s.max(1)),
            Every::Days(d) => i64::from(d.max(1)) * 86_400,
            Every::Months(m) => i64::from(m.max(1)) * 31 * 86_400,
        };
        // Months are shorter than 31 days, and days may have 23 hours: a guess from below, then on.
        let guess = u32::try_from((now - end).num_seconds().max(0) / length).ok()?.saturating_sub(1);
        let n = (guess..guess.saturating_add(60)).find(|n| at(n + 1).is_none_or(|next| now < next))?;
        Some(Span { start: at(n)?, end: at(n + 1) })
    }
}

fn is_later(kind: PhaseKind) -> bool {
    matches!(kind, PhaseKind::Afterwards | PhaseKind::Recurring)
}

fn standing(span: Option<Span>, now: DateTime<Utc>) -> Standing {
    match span {
        None => Standing::Undated,
        Some(span) if now < span.start => Standing::Ahead,
        Some(Span { end: Some(end), .. }) if now >= end => Standing::Overdue,
        Some(_) => Standing::Due,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::room::{Actor, Entry, Event, Fact, Intent, Role, T0, decide};

    const PLAN: &str = "\
# Launch

## Phase 1: All (Hours 0-2)

- [ ] Switch it on

## Post-launch

### Week 1
- [ ] Daily review of refunds

### Week 2
- [ ] Remove the old flag

## Maintenance Tasks

### Daily
- [ ] Check error rates

### Monthly
- [ ] Reconcile revenue

## Follow-up

- Schedule a metrics review 1–2 weeks after launch to confirm stability.
";

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn say(room: &mut Room, at: &str, event: Event) {
        let seq = room.seq + 1;
        let fact = Fact::new(Uuid::from_u128(u128::from(seq)), utc(at), "ana", event);
        room.apply(&Entry::read(seq, &fact.to_text()));
    }

    fn room() -> Room {
        let plan = crate::plan::read(PLAN.as_bytes(), "p");
        let mut room = Room::new(Arc::new(plan));
        room.t0 = Some(T0 { at: utc("2026-03-20T09:00:00Z"), zone: "Europe/Berlin".into() });
        room
    }

    fn launch(room: &mut Room) {
        let phase = room.plan.phases[0].clone();
        let (id, name) = (phase.id, phase.name);
        say(
            room,
            "2026-03-20T12:00:00Z",
            Event::PhaseCompleted { phase: id, name, overridden: None, against: vec![] },
        );
    }

    fn stand(room: &Room, text: &str, now: &str) -> (Standing, String) {
        let due = room.due(utc(now)).into_iter().find(|d| d.text.contains(text)).unwrap();
        let from = due.span.map(|s| s.start.format("%m-%d %H:%M").to_string()).unwrap_or_default();
        (due.standing, from)
    }

    #[test]
    fn nothing_has_a_date_before_the_launch_is_over() {
        let room = room();
        let due = room.due(utc("2026-03-20T12:00:00Z"));
        assert_eq!(due.len(), 5, "{due:#?}");
        assert!(due.iter().all(|d| d.standing == Standing::Undated && d.span.is_none()), "{due:#?}");
    }

    #[test]
    fn dates_count_from_the_last_phase_in_the_zone_of_the_room() {
        let mut room = room();
        launch(&mut room);
        // The clocks go forward on 29 March, so midnight is an hour earlier in UTC.
        let table = [
            ("refunds", "2026-03-21T12:00:00Z", Standing::Due, "03-19 23:00"),
            ("refunds", "2026-03-27T12:00:00Z", Standing::Overdue, "03-19 23:00"),
            ("old flag", "2026-03-21T12:00:00Z", Standing::Ahead, "03-26 23:00"),
            ("old flag", "2026-04-02T21:59:59Z", Standing::Due, "03-26 23:00"),
            ("old flag", "2026-04-02T22:00:00Z", Standing::Overdue, "03-26 23:00"),
            ("metrics review", "2026-03-28T12:00:00Z", Standing::Due, "03-26 23:00"),
            ("metrics review", "2026-05-28T12:00:00Z", Standing::Past, "03-26 23:00"),
        ];
        for (text, now, standing, from) in table {
            assert_eq!(stand(&room, text, now), (standing, from.to_owned()), "{text} at {now}");
        }
        let item = room.plan.items.iter().find(|i| i.text.contains("refunds")).unwrap();
        let event = Event::ItemTicked { item: item.id.clone(), text: item.text.clone() };
        say(&mut room, "2026-03-21T12:00:00Z", event);
        assert_eq!(stand(&room, "refunds", "2026-05-01T12:00:00Z").0, Standing::Done);
    }

    #[test]
    fn what_comes_back_is_due_again_and_can_be_ticked_again() {
        let mut room = room();
        launch(&mut room);
        let ana = Actor { name: "ana".into(), role: Role::Engineer };
        let item = room.plan.items.iter().find(|i| i.text.contains("error rates")).unwrap().clone();
        let tick = |room: &mut Room, at: &str| {
            let events = decide(room, &Intent::Tick(item.id.clone()), &ana, utc(at)).ok()?;
            say(room, at, events.into_iter().next()?);
            Some(())
        };
        assert_eq!(stand(&room, "error rates", "2026-03-21T08:00:00Z").0, Standing::Due);
        assert_eq!(tick(&mut room, "2026-03-21T08:00:00Z"), Some(()));
        assert_eq!(stand(&room, "error rates", "2026-03-21T22:59:59Z").0, Standing::Done);
        assert_eq!(tick(&mut room, "2026-03-21T09:00:00Z"), None, "today it is done");
        assert_eq!(
            stand(&room, "error rates", "2026-03-21T23:00:00Z"),
            (Standing::Due, "03-21 23:00".into())
        );
        assert_eq!(tick(&mut room, "2026-03-22T09:00:00Z"), Some(()), "tomorrow it comes back");
        assert_eq!(stand(&room, "revenue", "2027-02-21T08:00:00Z"), (Standing::Due, "02-19 23:00".into()));
        let done = room.plan.items[0].clone();
        say(&mut room, "2026-03-20T10:00:00Z", Event::ItemTicked { item: done.id.clone(), text: done.text });
        let again = decide(&room, &Intent::Tick(done.id), &ana, utc("2027-03-22T09:00:00Z"));
        assert!(again.is_err(), "what was done once stays done");
    }
}
