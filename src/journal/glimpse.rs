//! The room as it was folded last, kept beside the events so that a long journal is on the screen at
//! once. Only ever a glimpse: it is shown while the whole history is verified and folded anew behind
//! it, nothing is judged or stored by it, and where it turns out to be wrong that is said.

use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;

use serde_json::Value;

use super::chain::{self, Head, Record};
use crate::room::{Entry, RECENT, Room};

/// A journal shorter than this is read faster than anything could be kept of it.
pub(super) const STEP: u64 = 2_000;

/// How much two numbers may differ that were written and read once more, as a share of them.
const SLACK: f64 = 1e-12;

/// What a store kept, with the records that show whether it can belong to this journal.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// The text that was kept.
    pub text: String,
    /// From before its end on to the end of the journal, each following the one before; the first of
    /// them is only as good as what is stored.
    pub records: Vec<Record>,
}

/// The text of a room at a head; none for a room that cannot be written.
pub(super) fn write(room: &Room, head: &Head) -> Option<String> {
    let room = serde_json::to_string(room).ok()?;
    Some(format!("{} {} {}\n{room}", maker(), head.seq, chain::hex(&head.hash)))
}

/// Where a kept room ends; none where another program kept it, whose fold may be another.
pub(super) fn head(text: &str) -> Option<Head> {
    let fields: Vec<&str> = text.lines().next()?.split(' ').collect();
    let [made, seq, hash] = fields[..] else { return None };
    (made == maker()).then_some(Head { seq: seq.parse().ok()?, hash: chain::unhex(hash)? })
}

/// The room as it was kept, without its plan, and what was stored since.
pub(super) fn room(glimpse: &Glimpse) -> Option<(Room, Vec<Entry>)> {
    let (head, (_, room)) = (head(&glimpse.text)?, glimpse.text.split_once('\n')?);
    glimpse.records.iter().find(|record| record.head() == head)?;
    let mut room: Room = serde_json::from_str(room).ok().filter(|room: &Room| room.seq == head.seq)?;
    let entries = glimpse.records.iter().map(|record| record.entry());
    let (before, since): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.seq <= head.seq);
    room.recent = before.into_iter().rev().take(RECENT).rev().collect();
    Some((room, since))
}

/// Whether a glimpse showed what the journal says. Numbers may have lost their last digit on the way.
pub(super) fn is_true(glimpsed: &Room, folded: &Room) -> bool {
    let mut same_plan = glimpsed.clone();
    same_plan.follow(Arc::clone(&folded.plan));
    let glimpsed = &same_plan;
    if glimpsed == folded {
        return true;
    }
    let values = [glimpsed, folded].map(|room| serde_json::to_value(room).unwrap_or_default());
    glimpsed.recent == folded.recent && !values[0].is_null() && alike(&values[0], &values[1])
}

fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| alike(one, other)))
        }
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap_or_default(), other.as_f64().unwrap_or_default());
            (one - other).abs() <= SLACK * one.abs().max(other.abs())
        }
        (one, other) => one == other,
    }
}

/// This very build: another one may fold otherwise, so what it kept is not even looked at.
fn maker() -> String {
    let about = std::env::current_exe().and_then(std::fs::metadata);
    let build = about.map_or_else(|_| "?".to_owned(), |file| format!("{}-{}", file.len(), file.mtime_nsec()));
    format!("warroom-{}-{build}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::{Event, Fact};
    use chrono::DateTime;

    fn journal(events: usize) -> Vec<Record> {
        let text = |n: usize| {
            let at = DateTime::from_timestamp(1_800_000_000 + n as i64, 0).unwrap_or_default();
            let (signal, value) = ("Error rate".to_owned(), 100.0 / (n + 3) as f64);
            let event = match n % 3 {
                0 => Event::ValueTyped { signal, value },
                1 => Event::BaselineCaptured { metric: signal, value, from: "typed".into() },
                _ => Event::AlertFired {
                    rule: format!("r{}", n % 50).as_str().into(),
                    signal,
                    limit: "< 5 %".into(),
                    rank: "P1".into(),
                    line: n,
                    value: Some(value),
                },
            };
            Fact::new(uuid::Uuid::from_u128(n as u128), at, "ana", event).to_text()
        };
        chain::extend(Head::default(), &(0..events).map(text).collect::<Vec<_>>())
    }

    fn fold(records: &[Record]) -> Room {
        let mut room = Room::default();
        records.iter().for_each(|r| room.apply(&r.entry()));
        room
    }

    fn kept(records: &[Record], at: usize) -> Glimpse {
        let text = write(&fold(&records[..at]), &records[at - 1].head()).unwrap();
        Glimpse { text, records: records[at.saturating_sub(RECENT)..].to_vec() }
    }

    fn shown(glimpse: &Glimpse) -> Room {
        let (mut room, since) = room(glimpse).unwrap();
        since.iter().for_each(|entry| room.apply(entry));
        room
    }

    #[test]
    fn a_glimpse_and_what_came_since_is_the_room() {
        let records = journal(1_000);
        for at in [1, 150, 999, 1_000] {
            assert!(is_true(&shown(&kept(&records, at)), &fold(&records)), "kept at {at}");
        }
    }

    #[test]
    fn a_glimpse_of_another_history_or_build_is_not_looked_at() {
        let records = journal(300);
        let other = Glimpse { records: journal(299), ..kept(&records, 300) };
        assert!(room(&other).is_none(), "its end is not there");
        let built = Glimpse { text: format!("x{}", kept(&records, 300).text), ..kept(&records, 300) };
        assert!(room(&built).is_none());
    }

    #[test]
    fn a_glimpse_that_shows_something_else_is_found_out() {
        let records = journal(300);
        let whole = kept(&records, 300);
        for (from, to) in
            [("Error rate", "Error rats"), ("\"ana\"", "\"bob\""), ("\"line\":299", "\"line\":298")]
        {
            assert!(whole.text.contains(from), "{from}");
            let false_one = Glimpse { text: whole.text.replacen(from, to, 1), ..whole.clone() };
            assert!(!is_true(&shown(&false_one), &fold(&records)), "{from}");
        }
    }

    #[test]
    fn a_vote_of_an_earlier_edition_makes_no_glimpse_false() {
        let read = |words: &str| {
            let text = format!(
                "# P\n\n## Phase 1: All (Hour 0-2)\n\n- [ ] {words}\n\n## Sign-offs\n\n### CTO\n\nCTO: ____________\n"
            );
            Arc::new(crate::plan::read(text.as_bytes(), "p"))
        };
        let (first, second) = (read("Look"), read("Look twice"));
        let adopted = |plan: &crate::plan::Plan| Event::PlanAdopted {
            digest: plan.digest.clone(),
            title: "P".into(),
            carried: None,
        };
        let (poll, phase) = (uuid::Uuid::from_u128(7), first.phases[0].clone());
        let mut live = Room::new(Arc::clone(&first));
        let (mut records, mut end) = (vec![], Head::default());
        let mut store = |live: &mut Room, event: Event| {
            let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
            let id = uuid::Uuid::from_u128(100 + records.len() as u128);
            let more = chain::extend(end, &[Fact::new(id, at, "ana", event).to_text()]);
            (end, _) = (more[0].head(), live.apply(&more[0].entry()));
            records.extend(more);
        };
        store(&mut live, adopted(&first));
        let (name, roles) = (phase.name.clone(), live.seats());
        assert_eq!(roles.len(), 1);
        let (seat, role) = (roles[0].id.clone(), roles[0].role.clone());
        store(&mut live, Event::PollOpened { poll, phase: phase.id.clone(), name: name.clone(), roles });
        let (vote, evidence) = (crate::room::Vote::Go, live.evidence(&phase).digest());
        store(&mut live, Event::Voted { poll, name, seat, role, vote, reason: None, evidence });
        let cast = |room: &Room| room.polls()[0].chairs[0].cast.clone().expect("it voted");
        assert!(cast(&live).saw.is_some());
        store(&mut live, adopted(&second));
        live.follow(Arc::clone(&second));
        let text = write(&live, &end).expect("a room can be written");
        let glimpse = Glimpse { text, records: records.clone() };
        let mut folded = Room::new(second);
        records.iter().for_each(|record| folded.apply(&record.entry()));
        assert!(cast(&folded).saw.is_none(), "today's plan does not tell what was seen");
        assert!(is_true(&shown(&glimpse), &folded) && is_true(&live, &folded));
    }
}
