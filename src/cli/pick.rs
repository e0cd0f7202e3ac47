//! Which item is meant: an id, the beginning of one, `:LINE`, or text that only one item has.

use super::failure::Failure;
use crate::plan::binding::normal;
use crate::plan::{Item, Phase, Plan, Procedure};
use crate::room::Room;

/// The item that `wanted` names.
///
/// # Errors
/// None, or several; then the first few are named.
pub fn item<'a>(plan: &'a Plan, wanted: &str) -> Result<&'a Item, Failure> {
    if let Some(line) = wanted.strip_prefix(':') {
        return at_line(plan, line);
    }
    if let Some(exact) = plan.items.iter().find(|i| i.id.as_str() == wanted) {
        return Ok(exact);
    }
    let by_id = || plan.items.iter().filter(|i| i.id.as_str().starts_with(wanted));
    if wanted.len() >= 3 && by_id().count() == 1 {
        return Ok(by_id().next().expect("counted just now"));
    }
    let lower = wanted.to_lowercase();
    let same: Vec<_> = plan.items.iter().filter(|i| i.text.to_lowercase() == lower).collect();
    let found = if same.is_empty() {
        plan.items.iter().filter(|i| i.text.to_lowercase().contains(&lower)).collect()
    } else {
        same
    };
    only(found, wanted)
}

/// The procedure that `wanted` names: by id, `:LINE`, its heading, or a part of that.
///
/// # Errors
/// None, or several; then they are named.
pub fn procedure<'a>(plan: &'a Plan, wanted: &str) -> Result<&'a Procedure, Failure> {
    let all = || plan.procedures.iter();
    let line = wanted.strip_prefix(':').and_then(|l| l.parse::<usize>().ok());
    if let Some(one) = all().find(|p| p.id.as_str() == wanted || Some(p.line) == line) {
        return Ok(one);
    }
    let same: Vec<_> = all().filter(|p| normal(&p.title) == normal(wanted)).collect();
    let lower = wanted.to_lowercase();
    let part = || all().filter(|p| p.title.to_lowercase().contains(&lower)).collect();
    let found: Vec<_> = if same.is_empty() { part() } else { same };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::usage(format!("the plan has no procedure {wanted:?}"))
            .hint("`warroom check PLAN` lists them")),
        several => {
            let some: Vec<_> = several.iter().map(|p| format!(":{}  {}", p.line, p.title)).collect();
            Err(Failure::usage(format!("{wanted:?} could be {}:\n{}", several.len(), some.join("\n"))))
        }
    }
}

/// The phase that `wanted` names: by id, `:LINE`, its name, its number among the phases of the plan, or a
/// part of its name. Without a name the one in view.
///
/// # Errors
/// None, or several; then they are named.
pub fn phase<'a>(room: &'a Room, wanted: Option<&str>) -> Result<&'a Phase, Failure> {
    let Some(wanted) = wanted else {
        return room.current_phase().ok_or_else(|| Failure::usage("the plan has no phases"));
    };
    let all = || room.plan.phases.iter();
    let line = wanted.strip_prefix(':').and_then(|l| l.parse::<usize>().ok());
    if let Some(one) = all().find(|p| p.id.as_str() == wanted || Some(p.line) == line) {
        return Ok(one);
    }
    let same: Vec<_> = all().filter(|p| normal(&p.name) == normal(wanted)).collect();
    let numbered = format!("phase {wanted}:").to_lowercase();
    let number = || all().filter(|p| p.name.to_lowercase().starts_with(&numbered)).collect::<Vec<_>>();
    let part = || all().filter(|p| p.name.to_lowercase().contains(&wanted.to_lowercase())).collect();
    let found = [same, number()].into_iter().find(|f| !f.is_empty()).unwrap_or_else(part);
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::usage(format!("the plan has no phase {wanted:?}"))
            .hint("`warroom status PLAN --json` lists them")),
        several => {
            let some: Vec<_> = several.iter().map(|p| format!(":{}  {}", p.line, p.name)).collect();
            Err(Failure::usage(format!("{wanted:?} could be {}:\n{}", several.len(), some.join("\n"))))
        }
    }
}

fn at_line<'a>(plan: &'a Plan, line: &str) -> Result<&'a Item, Failure> {
    let number: usize = line.parse().map_err(|_| Failure::usage(format!(":{line} is no line; write :42")))?;
    only(plan.items.iter().filter(|i| i.line == number).collect(), &format!(":{line}"))
}

fn only<'a>(found: Vec<&'a Item>, wanted: &str) -> Result<&'a Item, Failure> {
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::usage(format!("the plan has no item {wanted:?}"))
            .hint("`warroom check PLAN` lists them with id and line")),
        several => {
            let some: Vec<_> =
                several.iter().take(4).map(|i| format!("{} (:{}) {}", i.id, i.line, i.text)).collect();
            let sentence = format!("{wanted:?} could be {} items:\n{}", several.len(), some.join("\n"));
            Err(Failure::usage(sentence).hint("name one by its id or :LINE"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_named_by_id_prefix_line_or_text() {
        let plan = crate::plan::read(
            b"# T\n\n## Pre-flight\n\n- [ ] Back up\n- [ ] Back up again\n- [ ] Freeze\n",
            "t",
        );
        let line = |wanted: &str| item(&plan, wanted).map(|i| i.line);
        let id = plan.items[2].id.to_string();
        assert_eq!(line(&id), Ok(7));
        assert_eq!(line(&id[..6]), Ok(7));
        assert_eq!(line(":6"), Ok(6));
        assert_eq!(line("back UP"), Ok(5), "the whole text wins over a part");
        assert_eq!(line("again"), Ok(6));
        assert!(line("back").unwrap_err().sentence.contains("could be 2 items"));
        assert!(line("nothing like it").is_err() && line(":x").is_err() && line(":1").is_err());
    }
}
