//! What of a plan takes a second person: a rule for the whole room, and what procedures and flags say
//! themselves, which wins. Pure.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Binding, FlagBinding, normal};
use crate::plan::{Plan, Procedure, ProcedureId};

/// The rule for the whole room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TwoPeople {
    /// Only what says so itself.
    #[default]
    None,
    /// Every step with a command, and every change of a bound flag.
    Dangerous,
}

impl TwoPeople {
    /// Whether it asks for nobody.
    pub fn is_none(&self) -> bool {
        *self == TwoPeople::None
    }
}

/// What takes a second person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guarded {
    /// Procedures, with every step of them.
    pub procedures: BTreeSet<ProcedureId>,
    /// Procedures of which the steps with a command do.
    pub commands: BTreeSet<ProcedureId>,
    /// Flags, by name.
    pub flags: BTreeSet<String>,
}

impl Binding {
    /// What of a plan takes a second person.
    pub(super) fn guarded(&self, plan: &Plan) -> Guarded {
        let said = |p: &&Procedure| {
            let wanted = normal(&p.title);
            self.procedures.iter().find(|b| normal(&b.title) == wanted).and_then(|b| b.two_people)
        };
        let of = |wanted: Option<bool>| {
            let fits = plan.procedures.iter().filter(move |p| said(p) == wanted);
            fits.map(|p| p.id.clone()).collect::<BTreeSet<_>>()
        };
        let flags = self.flags.iter().filter(|f| self.flag_takes_two(f));
        Guarded {
            procedures: of(Some(true)),
            commands: if self.room.two_people.is_none() { BTreeSet::new() } else { of(None) },
            flags: flags.map(|f| f.name.clone()).collect(),
        }
    }

    /// Whether a change of a bound flag takes a second person.
    pub fn flag_takes_two(&self, flag: &FlagBinding) -> bool {
        flag.two_people.unwrap_or(!self.room.two_people.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rooms_rule_holds_where_nothing_else_is_said() {
        let text = "# L\n\n## Rollback Procedures\n\n### Fast\n\n```bash\na\n```\n\n### Slow\n\n```bash\nb\n```\n\n### Free\n\n```bash\nc\n```\n";
        let plan = crate::plan::read(text.as_bytes(), "plan");
        let id = |title: &str| plan.procedures.iter().find(|p| p.title == title).unwrap().id.clone();
        let binding = |room: &str| {
            let rest = "[[procedure]]\ntitle = 'Slow'\ntwo_people = true\n[[procedure]]\ntitle = 'Free'\ntwo_people = false\n\
                        [[flag]]\nname = 'a'\n[[flag]]\nname = 'b'\ntwo_people = false\n[[flag]]\nname = 'c'\ntwo_people = true\n";
            toml::from_str::<Binding>(&format!("{room}{rest}")).unwrap().guarded(&plan)
        };
        let plain = binding("");
        assert_eq!(plain.procedures.iter().collect::<Vec<_>>(), [&id("Slow")]);
        assert!(plain.commands.is_empty() && plain.flags.iter().eq(["c"]));
        let ruled = binding("[room]\ntwo_people = 'dangerous'\n");
        assert!(ruled.procedures.iter().eq([&id("Slow")]) && ruled.commands.iter().eq([&id("Fast")]));
        assert!(ruled.flags.iter().eq(["a", "c"]));
        assert!(toml::from_str::<Binding>("[room]\ntwo_people = 'all'\n").is_err());
    }
}
