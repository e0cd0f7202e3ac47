//! temporary
use super::*;
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub owner: Owner,
    pub title: String,
    pub line: usize,
    pub depth: u8,
    pub items: Vec<usize>,
}
pub fn groups(plan: &Plan) -> Vec<Group> {
    let mut out: Vec<Group> = vec![];
    let of = |o: &Owner| {
        plan.items.iter().enumerate().filter(|(_, i)| &i.owner == o).map(|(n, _)| n).collect::<Vec<_>>()
    };
    let mut push = |owner: Owner, title: &str, line: usize, depth: u8, keep: bool| {
        let items = of(&owner);
        if keep || !items.is_empty() {
            out.push(Group { owner, title: title.into(), line, depth, items });
        }
    };
    push(Owner::Before, "Before", 0, 0, false);
    for p in &plan.phases {
        push(Owner::Phase(p.id.clone()), &p.name, p.line, u8::from(p.parent.is_some()), true);
    }
    push(Owner::Verification, "Verification", 0, 0, false);
    push(Owner::After, "After", 0, 0, false);
    push(Owner::Recurring, "Recurring", 0, 0, false);
    for s in &plan.signoffs {
        push(Owner::SignOff(s.id.clone()), &s.role, s.line, 0, true);
    }
    for p in &plan.procedures {
        push(Owner::Procedure(p.id.clone()), &p.title, p.line, 0, false);
    }
    out
}
pub struct Summary;
pub fn summary(_p: &Plan) -> Summary {
    Summary
}
impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x")
    }
}
