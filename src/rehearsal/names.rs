//! The names in a timeline, found in a plan: which metric, path, flag and procedure is meant. Pure.

use crate::plan::binding::normal;
use crate::plan::{Endpoint, PhaseId, Plan, ProcedureId};
use crate::signal::watched;

use super::timeline::{Act, Cure, Deed, Expect, Problem, Step, Timeline};

/// What a plan offers a timeline.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Metrics with limits, as [`watched`] orders them.
    pub metrics: Vec<String>,
    /// Health paths, each beginning with a slash.
    pub paths: Vec<String>,
    /// Flags, in the plan's order.
    pub flags: Vec<String>,
    /// Procedures, in the plan's order.
    pub procedures: Vec<(ProcedureId, String)>,
    /// Phases, in the plan's order.
    pub phases: Vec<(PhaseId, String)>,
}

impl Names {
    /// The names of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut paths: Vec<String> = plan.endpoints.iter().filter_map(path).collect();
        let mut seen = std::collections::HashSet::new();
        paths.retain(|p| seen.insert(p.clone()));
        Self {
            metrics: watched(plan).into_iter().map(|w| w.name).collect(),
            paths,
            flags: plan.flags.iter().map(|f| f.name.clone()).collect(),
            procedures: plan.procedures.iter().map(|p| (p.id.clone(), p.title.clone())).collect(),
            phases: plan.phases.iter().map(|p| (p.id.clone(), p.name.clone())).collect(),
        }
    }

    /// The index of a metric.
    pub fn metric(&self, name: &str) -> Option<usize> {
        let wanted = normal(name);
        self.metrics.iter().position(|m| normal(m) == wanted)
    }

    /// The index of a health path.
    pub fn path(&self, path: &str) -> Option<usize> {
        self.paths.iter().position(|p| p == path)
    }

    /// The index of a flag: the exact name, else the only one that differs in case and punctuation.
    pub fn flag(&self, name: &str) -> Option<usize> {
        let exact = self.flags.iter().position(|f| f == name);
        exact.or_else(|| only(self.flags.iter().map(String::as_str), |f| normal(f) == normal(name)))
    }

    /// The index of a procedure: the whole title, else the only one that begins so.
    pub fn procedure(&self, title: &str) -> Option<usize> {
        titled(&self.procedures, title)
    }

    /// The id of a phase, found like a procedure.
    pub fn phase(&self, title: &str) -> Option<&PhaseId> {
        titled(&self.phases, title).map(|index| &self.phases[index].0)
    }
}

fn titled<Id>(all: &[(Id, String)], title: &str) -> Option<usize> {
    let wanted = normal(title);
    let titles = || all.iter().map(|(_, title)| title.as_str());
    let whole = only(titles(), |t| normal(t) == wanted);
    whole.or_else(|| only(titles(), |t| normal(t).starts_with(&wanted) && !wanted.is_empty()))
}

/// A health path that can be asked by GET and stand in a request line.
fn path(endpoint: &Endpoint) -> Option<String> {
    let path = endpoint.path.trim().split(['?', '#']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~:@!$&'()*+,;=%".contains(c);
    let fine = endpoint.method.eq_ignore_ascii_case("get") && !path.is_empty() && path.chars().all(plain);
    fine.then(|| format!("/{}", path.trim_start_matches('/')))
}

fn only<'n>(names: impl Iterator<Item = &'n str>, fits: impl Fn(&str) -> bool) -> Option<usize> {
    let mut found = names.enumerate().filter(|(_, name)| fits(name)).map(|(index, _)| index);
    found.next().filter(|_| found.next().is_none())
}

impl Timeline {
    /// Names in the timeline that the plan does not have: empty where production can play it.
    pub fn problems_with(&self, plan: &Plan) -> Vec<Problem> {
        let names = Names::of(plan);
        self.steps.iter().flat_map(|step| unknown(step, &names)).collect()
    }
}

fn unknown(step: &Step, names: &Names) -> Vec<Problem> {
    let missing = asked(step).into_iter().filter(|asked| !asked.is_known(names));
    let problem = |asked: Asked<'_>| {
        let (message, hint) = asked.unknown(names);
        Problem { line: step.line, column: 1, message, hint }
    };
    missing.map(problem).collect()
}

/// A name in a step.
enum Asked<'s> {
    Metric(&'s str),
    Path(&'s str),
    Flag(&'s str),
    Procedure(&'s str),
    Phase(&'s str),
}

fn asked(step: &Step) -> Vec<Asked<'_>> {
    let moved = step.moves.iter().map(|m| &m.metric).chain(&step.heal).chain(&step.no_data);
    let moved = moved.chain(step.baselines.iter().map(|(metric, _)| metric));
    let expected = step.expect.iter().filter_map(|e| match e {
        Expect::Fires(named) | Expect::Resolves(named) | Expect::Notifies(named) | Expect::Is(named, _) => {
            Some(&named.metric)
        }
        Expect::Quiet | Expect::Screen(_) => None,
    });
    let metrics = moved.chain(expected).map(|m| Asked::Metric(m));
    let paths = step.down.iter().chain(&step.up).map(|p| Asked::Path(p));
    let cures = step.cure_by.iter().map(|cure| match cure {
        Cure::Flag(name) => Asked::Flag(name),
        Cure::Procedure(title) => Asked::Procedure(title),
    });
    let deed = step.act.iter().filter_map(|Act { deed, .. }| match deed {
        Deed::Flag { name, .. } => Some(Asked::Flag(name)),
        Deed::Procedure(title) => Some(Asked::Procedure(title)),
        Deed::Phase(title) => Some(Asked::Phase(title)),
        Deed::Silence { alert, .. } => Some(Asked::Metric(&alert.metric)),
        Deed::Command(_) => None,
    });
    metrics.chain(paths).chain(cures).chain(deed).collect()
}

impl Asked<'_> {
    fn is_known(&self, names: &Names) -> bool {
        match self {
            Asked::Metric(name) => names.metric(name).is_some(),
            Asked::Path(path) => names.path(path).is_some(),
            Asked::Flag(name) => names.flag(name).is_some(),
            Asked::Procedure(title) => names.procedure(title).is_some(),
            Asked::Phase(title) => names.phase(title).is_some(),
        }
    }

    fn unknown(&self, names: &Names) -> (String, Option<String>) {
        let titles = |all: Vec<&String>| all.into_iter().cloned().collect::<Vec<_>>();
        match self {
            Asked::Metric(name) => {
                (format!("the plan has no limit on \"{name}\""), hint("limits on", &names.metrics))
            }
            Asked::Path(path) => {
                (format!("the plan names no health path \"{path}\""), hint("paths", &names.paths))
            }
            Asked::Flag(name) => (format!("the plan has no flag \"{name}\""), hint("flags", &names.flags)),
            Asked::Procedure(title) => {
                let known = titles(names.procedures.iter().map(|(_, title)| title).collect());
                (format!("the plan has no procedure \"{title}\""), hint("procedures", &known))
            }
            Asked::Phase(title) => {
                let known = titles(names.phases.iter().map(|(_, title)| title).collect());
                (format!("the plan has no phase \"{title}\""), hint("phases", &known))
            }
        }
    }
}

fn hint(what: &str, known: &[String]) -> Option<String> {
    let some: Vec<&str> = known.iter().take(8).map(String::as_str).collect();
    let more = if known.len() > some.len() { ", …" } else { "" };
    match some.is_empty() {
        true => None,
        false => Some(format!("it has these {what}: {}{more}", some.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "# P\n## Alerts\n- P1: Error rates > 5%\n## Feature flags\n\
        | Flag | Default |\n|---|---|\n| `new_page` | false |\n## Health endpoints\n- `GET /api/health` - all\n\
        - `POST /api/reset` - no\n## Rollback procedures\n### Flag rollback (< 5 min)\n1. Turn it off\n\
        ### Release rollback (< 20 min)\n1. Go back\n";

    #[test]
    fn names_are_found_as_people_write_them() {
        let plan = crate::plan::read(PLAN.as_bytes(), "plan");
        let names = Names::of(&plan);
        assert_eq!((names.metric("error-rate"), names.metric("latency")), (Some(0), None));
        assert_eq!(names.paths, ["/api/health"]);
        assert_eq!(
            (names.flag("new_page"), names.flag("New page"), names.flag("page")),
            (Some(0), Some(0), None)
        );
        assert_eq!((names.procedure("flag rollback"), names.procedure("r")), (Some(0), Some(1)));
        assert_eq!([names.procedure(""), names.procedure("Rollback")], [None, None]);
    }

    #[test]
    fn names_that_a_plan_lacks_are_problems_with_their_line() {
        let plan = crate::plan::read(PLAN.as_bytes(), "plan");
        let text = "[[at]]\nt = '1s'\nset = { Latency = 3, 'error rate' = 9 }\ncure_by = ['flag x', 'procedure flag']\n\
            [[at]]\nt = '2s'\ndown = '/x'\nas = 'ana'\nintent = 'flag y on'\nexpect = 'fires Load'\n";
        let wrong: Vec<_> = Timeline::parse(text)
            .unwrap()
            .problems_with(&plan)
            .into_iter()
            .map(|p| (p.line, p.message))
            .collect();
        let said: Vec<_> = wrong.iter().map(|(line, m)| (*line, m.as_str())).collect();
        assert_eq!(
            said,
            [
                (1, "the plan has no limit on \"Latency\""),
                (1, "the plan has no flag \"x\""),
                (5, "the plan has no limit on \"Load\""),
                (5, "the plan names no health path \"/x\""),
                (5, "the plan has no flag \"y\""),
            ]
        );
    }
}
