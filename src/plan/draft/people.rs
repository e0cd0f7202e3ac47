//! Who a plan names: roles of contacts and sign-offs, and where people talk. Pure.

use super::{Offer, Section, told};
use crate::plan::Plan;
use crate::plan::binding::normal;

/// Every role once; an address or a telephone is none.
pub(super) fn people(plan: &Plan) -> Vec<Offer> {
    let signs = plan.signoffs.iter().map(|s| (&s.role, s.line, "signs off".to_owned()));
    let called = plan.contacts.iter().map(|c| {
        let words = [c.group.as_deref(), c.detail.as_deref()];
        (&c.role, c.line, words.into_iter().flatten().collect::<Vec<_>>().join(", "))
    });
    let mut all: Vec<Offer> = vec![];
    for (role, line, what) in signs.chain(called).filter(|(role, ..)| is_role(role)) {
        let said = format!("line {line} {}", told(&what, 60));
        match all.iter_mut().find(|o| normal(&o.name) == normal(role)) {
            Some(known) => known.note += &format!("; {}", said.trim_end()),
            None => {
                let note = said.trim_end().to_owned();
                all.push(Offer::new(Section::People, role, note).with("", toml_edit::Array::new(), ""));
            }
        }
    }
    all
}

fn is_role(role: &str) -> bool {
    let lower = role.to_lowercase();
    let place =
        lower.contains("://") || lower.contains('@') || lower.contains("phone") || lower.contains("www.");
    !role.trim().is_empty() && !place && role.chars().any(char::is_alphabetic) && !role.starts_with('#')
}

/// Every channel once.
pub(super) fn channels(plan: &Plan) -> Vec<Offer> {
    let mut all: Vec<Offer> = vec![];
    for channel in plan.channels.iter().filter(|c| !c.name.trim().is_empty()) {
        if all.iter().all(|o| o.name != channel.name) {
            let note = format!("line {} {}", channel.line, told(&channel.purpose, 80));
            let offer = Offer::new(Section::Channel, &channel.name, note.trim_end().to_owned());
            all.push(offer.with("kind", "manual", "").with("url", "", ""));
        }
    }
    all
}
