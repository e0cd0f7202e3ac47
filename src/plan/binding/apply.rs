//! A binding's rules put onto a plan's limits. Pure.

use std::collections::BTreeMap;

use super::super::correct::drop_limits;
use super::super::{Cmp, Command, Cooldown, Level, Plan, Problem, Procedure, Role, Threshold, ThresholdId};
use super::{Binding, Floor, OnNoData, RuleBinding, Side, normal};

/// How a limit is judged beyond what the plan says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judging {
    /// Seconds that a breach must be over before its alert ends.
    pub keep: Option<f64>,
    /// What no data means.
    pub on_no_data: Option<OnNoData>,
    /// The traffic below which it is not judged.
    pub floor: Option<Floor>,
}

impl Binding {
    /// Takes the flags' rungs over, and puts every `[[rule]]` onto the limits it means: direction, `for`, cooldown and the like; limits
    /// that are off go. A note for each that is off, a warning for each rule that means no limit.
    /// Procedures and flags learn what proves them and whether they take two people; gates learn which
    /// severities shut them, and roles who has them.
    pub fn apply(&self, plan: &mut Plan) -> Vec<Problem> {
        let laddered = self.flags.iter().filter(|f| !f.rungs.is_empty());
        plan.rungs = laddered.map(|f| (f.name.clone(), f.rungs.clone())).collect();
        plan.blocking = written(&self.room.blocking);
        let named = self.people.iter().map(|(role, names)| (normal(role), written(names)));
        plan.people = named.filter(|(_, names)| !names.is_empty()).collect();
        let unmeant = self.guard(plan);
        unmeant.into_iter().chain(self.rules.iter().flat_map(|rule| one(rule, plan))).collect()
    }

    /// A warning for each procedure with a guard or proof that the plan does not have.
    fn guard(&self, plan: &mut Plan) -> Vec<Problem> {
        for procedure in &mut plan.procedures {
            let wanted = normal(&procedure.title);
            let Some(bound) = self.procedures.iter().find(|p| normal(&p.title) == wanted) else { continue };
            proved(procedure, bound.verify.trim());
        }
        plan.guarded = self.guarded(plan);
        let has = |title: &str| plan.procedures.iter().any(|p| normal(&p.title) == normal(title));
        let guards = self.procedures.iter().filter(|p| p.two_people == Some(true) || !p.verify.is_empty());
        let lost = guards.filter(|p| !has(&p.title)).map(|p| {
            let message = format!("the procedure “{}” in warroom.toml is none of the plan", p.title);
            problem(
                Level::Warning,
                0,
                message,
                "title is the procedure's heading, as `warroom check` prints it",
            )
        });
        lost.collect()
    }
}

/// What is filled in of a list, without blanks around it.
fn written(list: &[String]) -> Vec<String> {
    list.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// What proves a procedure is its last step, so that it is shown, confirmed and recorded as the others.
fn proved(procedure: &mut Procedure, verify: &str) {
    if verify.is_empty() || procedure.in_order().is_empty() {
        return;
    }
    let line = procedure.in_order().iter().map(|s| s.line).max().unwrap_or(procedure.line);
    procedure.commands.push(Command {
        text: format!("# verify: it worked if this ends with 0\n{verify}\n"),
        language: "sh".to_owned(),
        line,
        placeholders: vec![],
        ..Command::default()
    });
}

fn one(rule: &RuleBinding, plan: &mut Plan) -> Vec<Problem> {
    let meant: Vec<usize> =
        (0..plan.thresholds.len()).filter(|i| means(&rule.of, &plan.thresholds[*i])).collect();
    if meant.is_empty() {
        let message = format!("the rule of “{}” in warroom.toml means no limit of the plan", rule.of);
        let hint = "name a metric, a metric with its severity, or a limit's id of `warroom check --json`";
        return vec![problem(Level::Warning, 0, message, hint)];
    }
    if rule.off {
        return off(rule, plan, &meant);
    }
    for limit in &meant {
        let limit = &mut plan.thresholds[*limit];
        let named = normal(&rule.of) != normal(&limit.metric);
        judge(rule, limit, named);
        set(&mut plan.judging, rule, &limit.id);
    }
    vec![]
}

/// Whether a limit is meant: by id, by its metric, or by its metric with its severity.
fn means(of: &str, limit: &Threshold) -> bool {
    let (wanted, metric) = (normal(of), normal(&limit.metric));
    let ranked = || limit.severity.as_ref().is_some_and(|s| wanted == format!("{metric} {}", normal(s)));
    limit.id.as_str() == of || wanted == metric || ranked()
}

fn off(rule: &RuleBinding, plan: &mut Plan, meant: &[usize]) -> Vec<Problem> {
    let ids: Vec<ThresholdId> = meant.iter().map(|i| plan.thresholds[*i].id.clone()).collect();
    let note = |i: &usize| {
        let message = format!("“{}” is not judged: warroom.toml switches it off", plan.thresholds[*i].metric);
        problem(Level::Note, plan.thresholds[*i].line, message, &format!("[[rule]] of = \"{}\"", rule.of))
    };
    let notes = meant.iter().map(note).collect();
    drop_limits(plan, &ids);
    notes
}

fn problem(level: Level, line: usize, message: String, hint: &str) -> Problem {
    Problem::new(level, line, message, hint)
}

/// A side is for limits that have none; one that states another is turned only where it is `named`
/// itself, by its id or severity.
fn judge(rule: &RuleBinding, limit: &mut Threshold, named: bool) {
    if let Some(side) = rule.direction.filter(|_| named || limit.cmp == Cmp::Threshold) {
        limit.cmp = compared(side, limit);
    }
    if let Some(signal) = &rule.signal {
        limit.metric.clone_from(signal);
    }
    if let Some(hold) = rule.hold {
        limit.hold = Some(hold).filter(|seconds| *seconds > 0.0);
    }
    if let Some(seconds) = rule.cooldown {
        limit.cooldown = Some(Cooldown { value: seconds, unit: Some("s".to_owned()) });
    }
}

/// The comparison whose bad side this is: alerts state the bad side, criteria the good one. Where the
/// plan's own comparison is on that side already it stays.
fn compared(side: Side, limit: &Threshold) -> Cmp {
    let states_bad = matches!(limit.role, Role::Alert | Role::Rollback);
    match (side, states_bad, limit.cmp) {
        (Side::Above, true, Cmp::More | Cmp::AtLeast) => limit.cmp,
        (Side::Above, true, _) => Cmp::More,
        (Side::Above, false, Cmp::Less | Cmp::AtMost) => limit.cmp,
        (Side::Above, false, _) => Cmp::AtMost,
        (Side::Below, true, Cmp::Less | Cmp::AtMost) => limit.cmp,
        (Side::Below, true, _) => Cmp::Less,
        (Side::Below, false, Cmp::More | Cmp::AtLeast) => limit.cmp,
        (Side::Below, false, _) => Cmp::AtLeast,
    }
}

fn set(judging: &mut BTreeMap<ThresholdId, Judging>, rule: &RuleBinding, limit: &ThresholdId) {
    if rule.keep_firing_for.is_none() && rule.on_no_data.is_none() && rule.floor.is_none() {
        return;
    }
    let known = judging.entry(limit.clone()).or_default();
    known.keep = rule.keep_firing_for.or(known.keep);
    known.on_no_data = rule.on_no_data.or(known.on_no_data);
    known.floor = rule.floor.clone().or(known.floor.take());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;

    const PLAN: &[u8] = b"# P\n\n## Alerts\n\n- P1: Error rate > 5%\n- P2: Error rate > 2%\n\n## Success Criteria\n\n- Uptime: 99.9%\n";

    fn ruled(rules: &str) -> Plan {
        plan::read_with(PLAN, "p", &toml::from_str(rules).unwrap())
    }

    #[test]
    fn a_rule_is_put_onto_the_limits_it_means() {
        let limits = |rules: &str| {
            let plan = ruled(rules);
            plan.thresholds.iter().map(|t| (t.line, t.cmp.as_str(), t.hold)).collect::<Vec<_>>()
        };
        let plain = vec![(5, ">", None), (6, ">", None), (10, "threshold", None)];
        assert_eq!(limits(""), plain);
        assert_eq!(limits("rule = [{ of = 'error rates p1', off = true }]"), plain[1..]);
        assert_eq!(
            limits("rule = [{ of = 'Error rate', for = '5m' }]")[..2],
            [(5, ">", Some(300.0)), (6, ">", Some(300.0))]
        );
        assert_eq!(limits("rule = [{ of = 'Uptime', direction = 'below' }]")[2].1, ">=");
        assert_eq!(limits("rule = [{ of = 'Error rate P2', direction = 'below' }]")[1].1, "<");
        assert_eq!(limits("rule = [{ of = 'Error rate', direction = 'below' }]"), plain);
    }

    #[test]
    fn what_is_off_or_means_nothing_is_said() {
        let plan = ruled("rule = [{ of = 'Uptime', off = true }, { of = 'Load', for = 5 }]");
        let said: Vec<_> = plan.problems.iter().map(|p| (p.line, p.message.as_str())).collect();
        assert!(said.contains(&(10, "“Uptime” is not judged: warroom.toml switches it off")), "{said:?}");
        assert!(said.iter().any(|(line, text)| *line == 0 && text.contains("“Load”")), "{said:?}");
        assert!(plan.metrics.iter().all(|m| m.name != "Uptime"));
    }

    #[test]
    fn what_no_data_means_is_kept_beside_the_limit() {
        let plan = ruled("rule = [{ of = 'Error rate P1', on_no_data = 'ok', keep_firing_for = '1m' }]");
        let id = &plan.thresholds[0].id;
        let wanted = Judging { keep: Some(60.0), on_no_data: Some(OnNoData::Ok), floor: None };
        assert_eq!(plan.judging.iter().collect::<Vec<_>>(), [(id, &wanted)]);
    }
}
