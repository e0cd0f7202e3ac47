//! A step of a procedure that sets a flag in words ("Set `page_percentage` to 0"): where that flag is
//! bound, it is done as the flag's change, behind its exact bytes, and ends as that does.

use uuid::Uuid;

use super::levers::Deed;
use super::{App, Effect, Tone};
use crate::plan::{Procedure, ProcedureId, Step};
use crate::room::{Intent, Outcome, SETTLED, same_value, value_behind};

/// A step that is a flag's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagStep {
    /// The procedure.
    pub procedure: ProcedureId,
    /// Its run.
    pub run: Uuid,
    /// The step, counted from 0.
    pub step: usize,
}

impl App {
    /// The flag and value that a step without a command sets; none where the flag is not bound.
    pub fn set_by(&self, step: &Step) -> Option<(String, String)> {
        let binding = self.levers.binding.as_ref().filter(|_| step.commands.is_empty())?;
        let bound = self.room.plan.flags.iter().filter(|f| binding.flag(&f.name).is_some());
        let named: Vec<_> = bound.filter_map(|f| Some((f, value_behind(&step.text, &f.name)?))).collect();
        // A step that sets several is a person's.
        let [(flag, value)] = named[..] else { return None };
        let choices = self.choices(&flag.name);
        let known = choices.iter().find(|c| same_value(c, value))?;
        Some((flag.name.clone(), known.clone()))
    }

    /// Asks for the bytes of a step that sets a flag; none where the step is another.
    pub(super) fn flag_step(&mut self, of: &Procedure, run: Uuid, step: usize) -> Option<Vec<Effect>> {
        let (flag, to) = self.set_by(of.in_order().get(step)?)?;
        let lost = self.room.open_change(&flag).filter(|c| same_value(&c.to, &to)).map(|c| (c.id, c.at));
        if let Some((change, at)) = lost.filter(|(id, _)| !self.levers.mine.contains(id))
            && self.now - at > SETTLED
            && !self.flag_is_saving(&flag)
        {
            self.say(Tone::Plain, format!("what became of {flag} is not known: it is read again"));
            self.levers.rereading = Some(change);
            self.levers.steps.insert(change, FlagStep { procedure: of.id.clone(), run, step });
            return Some(vec![Effect::ReadFlag(flag)]);
        }
        if let Some(open) = self.room.open_change(&flag).filter(|c| !same_value(&c.to, &to)) {
            let other = open.to.clone();
            let first = format!("what became of {flag} → {other} is said first: f, then the flag");
            self.say(Tone::Plain, first);
            return Some(vec![]);
        }
        if self.room.open_change(&flag).is_some() || self.flag_is_saving(&flag) {
            self.say(Tone::Plain, format!("{flag} is being changed, or what became of it is unknown"));
            return Some(vec![]);
        }
        self.levers.for_step = Some(FlagStep { procedure: of.id.clone(), run, step });
        Some(self.ask_bytes(Deed::Flag { flag, to }))
    }

    /// A flag's change came to an end: the step that it was ends with it. What is unknown waits.
    pub(super) fn flag_step_ended(&mut self, change: Uuid, outcome: Outcome) -> Vec<Effect> {
        if outcome == Outcome::Unknown {
            return vec![];
        }
        let Some(FlagStep { run, step, .. }) = self.levers.steps.remove(&change) else { return vec![] };
        self.submit(Intent::EndFlagStep { run, step, change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::deck_tests::bound;

    #[test]
    fn only_one_bound_flag_and_a_value_it_takes() {
        let stage = bound();
        let step = |text: &str| Step { text: text.into(), ..Step::default() };
        let set = |text: &str| stage.app.set_by(&step(text));
        assert_eq!(set("Set page_percentage to 0"), Some(("page_percentage".into(), "0".into())));
        assert_eq!(set("Set page_enabled to off"), Some(("page_enabled".into(), "false".into())));
        assert_eq!(set("Set page_enabled to off and page_percentage to 0"), None);
        assert_eq!(set("Set page_percentage to 7"), None, "no rung of it");
        assert_eq!(set("Set other to 0"), None);
    }
}
