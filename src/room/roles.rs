//! Who may speak for a role of the plan: the principals that `[people]` of the binding names for it;
//! a role without names is anyone's. Asked by sign-offs and polls.

use super::decide::Refusal;
use super::fold::Room;
use super::intent::Actor;
use crate::plan::binding::normal;

impl Room {
    /// The principals of a role; empty where it is unmapped, and so anyone's.
    pub fn people(&self, role: &str) -> &[String] {
        self.plan.people.get(&normal(role)).map_or(&[], Vec::as_slice)
    }
}

/// Whether somebody is one of these principals. "ana" is ana on any computer, "ana@host" only there;
/// capitals do not matter. With no principals everybody is.
pub fn is_one_of(people: &[String], name: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase();
    let name = plain(name);
    let login = name.split('@').next().unwrap_or_default();
    let is = |principal: &String| {
        let principal = plain(principal);
        principal == name || !principal.contains('@') && principal == login
    };
    people.is_empty() || people.iter().any(is)
}

/// Refuses whoever is not one of a role's people.
pub(super) fn may_speak(role: &str, people: &[String], actor: &Actor) -> Result<(), Refusal> {
    if is_one_of(people, &actor.name) {
        return Ok(());
    }
    let (who, names) = (&actor.name, people.join(", "));
    Err(Refusal::NotYet(format!("{role} is {names}, not {who}: [people] of warroom.toml says so")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_one_person_everywhere_and_a_whole_principal_only_there() {
        for (people, name, is) in [
            (&[][..], "ana@host", true),
            (&["ana"][..], "Ana@host", true),
            (&["ana"][..], "anabel@host", false),
            (&["ana@host"][..], "ana@host", true),
            (&["ana@host"][..], "ana@elsewhere", false),
            (&["ana@host"][..], "ana", false),
            (&["bo", "ana"][..], "ana@x", true),
        ] {
            let people: Vec<String> = people.iter().map(|p| (*p).to_owned()).collect();
            assert_eq!(is_one_of(&people, name), is, "{people:?} {name}");
        }
    }
}
