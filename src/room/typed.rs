//! Values that people type: what no source measures, or what somebody saw with their own eyes. Each
//! is a fact with its author and its age.

use chrono::{DateTime, Utc};

use super::decide::{Refusal, worded};
use super::event::{Entry, Event};
use super::fold::Room;
use super::intent::Intent;
use crate::plan::binding::normal;

/// So many values of a signal are remembered; the journal has them all.
const KEPT: usize = 500;

/// A typed value.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Typed {
    /// The signal, as its author called it.
    pub signal: String,
    /// In the signal's unit.
    pub value: f64,
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Room {
    /// What was typed, by signal, the newest last.
    pub fn typed(&self) -> impl Iterator<Item = &[Typed]> {
        self.typed.values().map(Vec::as_slice)
    }

    pub(super) fn apply_typed(&mut self, entry: &Entry) {
        let Event::ValueTyped { signal, value } = &entry.event else { return };
        let typed = Typed { signal: signal.clone(), value: *value, by: entry.by.clone(), at: entry.at };
        let all = self.typed.entry(normal(signal)).or_default();
        if all.len() == KEPT {
            all.remove(0);
        }
        all.push(typed);
    }
}

/// Judges a value. Whether something else measures the signal is for the binding to say, which a
/// room does not know.
pub(super) fn judge(intent: &Intent) -> Result<Event, Refusal> {
    let Intent::TypeValue { signal, value } = intent else {
        return Err(Refusal::Already("that is known already".to_owned()));
    };
    let signal = worded("signal", signal)?;
    if normal(&signal).is_empty() {
        return Err(Refusal::Text(format!("{signal:?} is no name of a signal")));
    }
    if !value.is_finite() {
        return Err(Refusal::Text(format!("{value} is no value for {signal}")));
    }
    Ok(Event::ValueTyped { signal, value: *value })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::room::{Actor, Fact, Role, decide};

    #[test]
    fn a_typed_value_is_a_fact_with_its_author() {
        let mut room = Room::default();
        let who = |role| Actor { name: "ana".into(), role };
        let intent = |signal: &str, value| Intent::TypeValue { signal: signal.into(), value };
        let ask = |room: &Room, intent: &Intent, role| decide(room, intent, &who(role), Utc::now());
        assert!(ask(&room, &intent("Tickets", 3.0), Role::Observer).is_err());
        assert!(ask(&room, &intent("Tickets", f64::NAN), Role::Engineer).is_err());
        assert!(ask(&room, &intent(" - ", 1.0), Role::Engineer).is_err());
        for (seq, (name, value)) in [("Tickets", 3.0), ("tickets", 4.5)].into_iter().enumerate() {
            let event = ask(&room, &intent(name, value), Role::Engineer).unwrap().remove(0);
            let fact = Fact::new(Uuid::from_u128(9), Utc::now(), "ana", event);
            room.apply(&Entry::read(seq as u64 + 1, &fact.to_text()));
        }
        let typed: Vec<_> = room.typed().flatten().map(|t| (t.by.as_str(), t.value)).collect();
        assert_eq!(typed, [("ana", 3.0), ("ana", 4.5)]);
        assert_eq!(room.typed().count(), 1, "one signal, however it is spelt");
    }
}
