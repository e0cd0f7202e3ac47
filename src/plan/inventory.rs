//! Every row of the inventory of the five plans, by count: what a plan says has a type.
//!
//! The plans and the inventory lie beside the project; without them the tests say so and prove
//! nothing. `tests/plans` proves the same shapes without them.

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    use super::super::outline::{Kind, ScopeKind};
    use super::super::*;

    /// The plans, in the order of the inventory's columns 000 to 004.
    const PLANS: [&str; 5] = ["opportunity-stage", "churn-saver", "billing", "trial-automation", "merchants"];

    /// A row: its number, the plan's column, what is counted, and how many there are.
    type Row = (&'static str, usize, fn(&Plan) -> usize, usize);

    fn plan(stem: &str) -> Option<Plan> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../shared/plans/{stem}.md"));
        let bytes = fs::read(&path).ok();
        if bytes.is_none() {
            eprintln!(
                "SKIPPED: {stem}.md is not beside the project; nothing of the inventory is proven for it"
            );
        }
        Some(read(&bytes?, stem))
    }

    const ROWS: &[Row] = &[
        ("5a tasks", 0, |p| tasks(p).count(), 3),
        ("5a tasks", 1, |p| tasks(p).count(), 184),
        ("5a distinct tasks", 1, |p| tasks(p).map(|i| i.text.as_str()).collect::<HashSet<_>>().len(), 177),
        ("5a tasks", 2, |p| tasks(p).count(), 133),
        ("5a tasks", 3, |p| tasks(p).count(), 21),
        ("5a tasks", 4, |p| tasks(p).count(), 0),
        ("5a ticked", 1, |p| tasks(p).filter(|i| i.checked).count(), 0),
        ("5a mojibake", 1, |p| problems(p, "18 runs of mojibake"), 1),
        ("1 meta", 1, |p| facts_of(p, FactKind::Meta), 4),
        ("2 brief", 0, |p| facts_of(p, FactKind::Brief), 1),
        ("2 brief", 1, |p| facts_of(p, FactKind::Brief), 1),
        ("2 objectives", 1, |p| facts_of(p, FactKind::Objective), 5),
        ("2 brief", 3, |p| facts_of(p, FactKind::Brief), 1),
        ("3 phases", 1, |p| p.top_phases().count(), 5),
        ("3 phases", 2, |p| p.top_phases().count(), 3),
        ("3 phases", 3, |p| p.top_phases().count(), 4),
        ("3 phases", 4, |p| p.top_phases().count(), 4),
        ("3a day range", 1, |p| days(p, |a, b| b.is_some_and(|b| b != a)), 1),
        ("3a day range", 3, |p| days(p, |a, b| b.is_some_and(|b| b != a)), 3),
        ("3b hours", 1, |p| windows(p).filter(|w| w.start.is_some() && w.end.is_some()).count(), 3),
        ("3c one day", 1, |p| days(p, |a, b| b == Some(a)), 1),
        ("3c open day", 3, |p| days(p, |_, b| b.is_none()), 1),
        ("3d weeks", 4, |p| days(p, |_, _| true), 4),
        ("3d open week", 4, |p| days(p, |_, b| b.is_none()), 1),
        ("3e share", 2, |p| p.phases.iter().filter(|p| p.share.is_some()).count(), 3),
        ("4 steps as phases", 0, |p| p.top_phases().count(), 4),
        ("4 their bullets", 0, |p| kind(p, ItemKind::Action), 10),
        ("5 sub-phases", 1, |p| p.phases.iter().filter(|p| p.parent.is_some()).count(), 12),
        ("6 at, with a zone", 1, |p| windows(p).filter(|w| w.at.is_some() && w.zone.is_some()).count(), 4),
        ("7 at, no zone", 1, |p| messages_in(p, 554..=559, MessageKind::Scheduled), 6),
        ("7 lint", 1, |p| problems(p, "6 times without a time zone"), 1),
        ("8 durations", 1, |p| facts_of(p, FactKind::Duration), 5),
        ("9 cadence of watching", 1, |p| facts_of(p, FactKind::Watch), 2),
        ("10 bold steps", 1, steps_in_phases, 10),
        ("11 pre-flight", 0, |p| owned(p, |o| *o == Owner::Before), 3),
        ("11 phase 1", 1, |p| lines(tasks(p).map(|i| i.line), 19..=46), 19),
        ("11 pre-deployment", 1, |p| lines(before(p), 647..=702), 38),
        ("11 deployment day", 1, |p| lines(before(p), 703..=711), 5),
        ("11 pre-flight", 2, |p| lines(before(p), 1..=44), 31),
        ("12 in phases", 1, |p| lines(in_phases(p), 48..=193), 32),
        ("12 in phases", 2, |p| in_phases(p).count(), 15),
        ("13 during, post, go-live", 1, |p| lines(tasks(p).map(|i| i.line), 712..=749), 26),
        ("14 manual", 1, |p| lines(tasks(p).map(|i| i.line), 343..=382), 24),
        ("14 check list", 1, |p| lines(tasks(p).map(|i| i.line), 383..=408), 20),
        ("14 verification", 2, |p| lines(verified(p), 82..=110), 20),
        ("15 monitoring, support", 2, |p| lines(tasks(p).map(|i| i.line), 112..=133), 15),
        ("15 monitoring, support", 2, |p| lines(tasks(p).map(|i| i.line), 189..=211), 15),
        ("16 lint", 2, |p| problems(p, "the heading claims done, but"), 15),
        ("17 actions", 3, |p| kind(p, ItemKind::Action), 15),
        ("17 actions", 4, |p| kind(p, ItemKind::Action), 16),
        ("18 criteria", 1, |p| lines(criteria(p), 71..=151), 12),
        ("18 criteria as tasks", 1, |p| lines(in_phases(p), 187..=193), 4),
        ("18 criteria as tasks", 3, |p| in_phases(p).count(), 12),
        ("19 soaks", 1, |p| lines(facts_at(p, FactKind::Soak), 1..=848), 2),
        ("19 soaks", 3, |p| facts_of(p, FactKind::Soak), 2),
        ("20 predicate lines", 1, predicates, 51),
        ("20 predicate lines", 2, predicates, 10),
        ("20 predicate lines", 3, predicates, 13),
        ("20 predicate lines", 4, predicates, 3),
        ("21 with a span", 1, |p| p.thresholds.iter().filter(|t| t.hold.is_some()).count(), 8),
        ("21 with a span", 4, |p| p.thresholds.iter().filter(|t| t.hold.is_some()).count(), 1),
        ("22 without a limit", 1, unlimited, 8),
        ("22 without a limit", 4, unlimited, 5),
        ("23 endpoints", 1, |p| p.endpoints.len(), 4),
        ("23 endpoints", 3, |p| p.endpoints.len(), 3),
        ("24 health curls", 1, |p| commands(p).filter(|c| health(c)).count(), 3),
        ("24 health curls", 2, |p| commands(p).filter(|c| health(c)).count(), 1),
        ("24 cadence", 1, |p| p.procedures.iter().filter(|p| p.every == Some(300.0)).count(), 1),
        ("25 daily", 1, |p| p.procedures.iter().filter(|p| p.every == Some(86_400.0)).count(), 1),
        ("25 SQL checks", 1, |p| text_of(p, "sql", "SELECT "), 3),
        ("26 mongo checks", 3, |p| text_of(p, "bash", "db.users.find("), 2),
        ("26 lint", 3, |p| problems(p, "of the mongo shell"), 1),
        ("27 log watch", 0, |p| p.log_watches.len(), 1),
        ("28 alerts by class", 1, |p| lines(alerts(p), 284..=305), 15),
        ("28 by hand", 1, |p| lines(p.triggers.iter().map(|t| t.line), 284..=305), 5),
        ("29 alerts of a phase", 1, |p| lines(alerts(p), 88..=90), 4),
        ("30 alerts without class", 4, |p| alerts(p).count(), 3),
        ("31 alert JSON", 3, |p| p.thresholds.iter().filter(|t| t.cooldown.is_some()).count(), 3),
        ("31 lint", 3, |p| problems(p, "without comparator and unit"), 1),
        ("32 advice", 3, |p| facts_of(p, FactKind::Advice), 3),
        ("33 goals", 1, |p| lines(criteria(p), 796..=815), 13),
        ("33 goals", 2, |p| p.thresholds.iter().filter(|t| t.role == Role::Success).count(), 10),
        ("34 flags", 1, |p| p.flags.len(), 4),
        ("34 activations", 1, |p| stages(p).filter(|s| s.value == "true").count(), 3),
        ("35 flag table", 4, |p| p.flags.iter().filter(|f| f.description.is_some()).count(), 6),
        ("36 set in a phase", 4, |p| stages(p).count(), 6),
        ("36 with a condition", 4, |p| stages(p).filter(|s| s.condition.is_some()).count(), 2),
        ("37 flag JSON", 3, |p| p.flags.len(), 11),
        ("22 without a limit", 0, unlimited, 3),
        ("22 without a limit", 2, |p| lines(p.metrics.iter().map(|m| m.line), 127..=133), 5),
        ("38 percentages", 1, |p| p.ramps.iter().flat_map(|r| &r.rungs).filter(|r| r.unit == "%").count(), 2),
        ("39 cohorts", 0, |p| p.ramps.iter().map(|r| r.rungs.len()).sum(), 2),
        ("39 cohorts", 4, |p| p.ramps.iter().map(|r| r.rungs.len()).sum(), 4),
        ("38 percentages", 2, |p| p.ramps.iter().map(|r| r.rungs.len()).sum(), 3),
        ("38 percentages", 3, percentages, 6),
        ("38 lint", 3, |p| problems(p, "no command sets 50%, 75%"), 1),
        ("40 flag commands", 3, |p| commands(p).filter(|c| c.text.contains("rolloutPercentage")).count(), 5),
        ("41 deploy", 1, |p| text_of(p, "bash", "vercel --prod"), 1),
        ("41 prisma", 2, |p| text_of(p, "bash", "npx prisma"), 2),
        ("41 exports", 2, |p| text_of(p, "bash", "export "), 5),
        ("41 npm", 2, |p| text_of(p, "bash", "npm "), 2),
        ("42 inline", 0, |p| commands(p).filter(|c| c.language == "inline").count(), 1),
        ("43 by hand", 2, |p| steps(p, "4. Webhook Configuration"), 3),
        ("44 blanks", 1, |p| commands(p).map(|c| c.placeholders.len()).sum(), 4),
        ("44 blanks", 2, |p| commands(p).map(|c| c.placeholders.len()).sum(), 5),
        ("44 variables", 3, |p| commands(p).filter(|c| c.variables == ["ADMIN_TOKEN"]).count(), 5),
        (
            "44 no host",
            3,
            |p| commands(p).filter(|c| c.http.as_ref().is_some_and(|h| h.url.starts_with('/'))).count(),
            5,
        ),
        ("45 rollback points", 1, |p| p.rollback_points.len(), 3),
        ("46 by hand", 1, |p| p.triggers.iter().filter(|t| t.role == Role::Rollback).count(), 2),
        ("47 with a procedure", 3, |p| p.thresholds.iter().filter(|t| t.procedure.is_some()).count(), 4),
        ("48 ways back", 0, |p| ways(p).count(), 1),
        ("48 their steps", 0, |p| ways(p).map(|w| w.steps.len()).sum(), 3),
        ("48 ways back", 1, |p| ways(p).count(), 2),
        ("48 their steps", 1, |p| ways(p).map(|w| w.steps.len()).sum(), 5),
        ("48 ways back", 2, |p| ways(p).count(), 2),
        ("48 their steps", 2, |p| ways(p).map(|w| w.steps.len()).sum(), 9),
        ("48 ways back", 3, |p| ways(p).count(), 2),
        ("48 ways back", 4, |p| ways(p).count(), 2),
        ("48 their steps", 4, |p| ways(p).map(|w| w.steps.len()).sum(), 5),
        ("48 targets", 4, |p| ways(p).filter(|w| matches!(w.target, Some(300.0 | 3600.0))).count(), 2),
        ("49 env", 1, |p| text_of(p, "bash", "vercel env add"), 4),
        ("49 rollback", 1, |p| text_of(p, "bash", "vercel rollback"), 1),
        ("49 commands", 3, |p| ways(p).map(|w| w.commands.len()).sum(), 2),
        ("50 after a rollback", 1, |p| owned(p, |o| matches!(o, Owner::Procedure(_))), 4),
        ("51 classes", 1, |p| p.severities.len(), 4),
        ("51 their bullets", 1, |p| p.severities.iter().map(|s| s.examples.len()).sum(), 16),
        ("51 promised", 1, |p| p.severities.iter().filter(|s| s.respond.is_some()).count(), 4),
        ("52 stages", 1, |p| p.stages.len(), 5),
        ("52 with a window", 1, |p| p.stages.iter().filter(|s| s.to.is_some()).count(), 4),
        ("52 their bullets", 1, |p| p.stages.iter().map(|s| s.actions.len()).sum(), 19),
        ("53 escalation", 1, |p| p.escalations.iter().filter(|e| e.after == Some(300.0)).count(), 1),
        ("54 scenarios", 1, |p| p.scenarios.len(), 4),
        ("54 their steps", 1, |p| p.scenarios.iter().map(|s| s.actions.len() + s.recovery.len()).sum(), 32),
        ("55 before", 1, |p| said(p, 539..=549), 7),
        ("55 on the day", 1, |p| said(p, 561..=564), 3),
        ("55 going on", 1, |p| said(p, 577..=580), 3),
        ("55 messages", 3, |p| p.messages.len(), 4),
        ("55 messages", 4, |p| p.messages.len(), 9),
        ("56 at a time", 1, |p| messages_in(p, 553..=559, MessageKind::Scheduled), 6),
        ("56 after 24 hours", 1, |p| messages_in(p, 567..=575, MessageKind::Relative), 1),
        ("57 clock of updates", 1, |p| said(p, 589..=593), 4),
        ("57 by class", 1, |p| p.severities.iter().filter(|s| s.update.is_some()).count(), 4),
        ("58 channels", 1, |p| p.channels.len(), 3),
        ("58 external", 1, |p| said(p, 595..=599), 4),
        ("58 during an incident", 1, |p| said(p, 469..=472), 3),
        ("59 templates", 1, |p| p.templates.len(), 2),
        ("59 their blanks", 1, |p| p.templates.iter().map(|t| t.body.matches('[').count()).sum(), 21),
        ("60 preparation", 0, |p| facts_of(p, FactKind::Preparation), 1),
        ("60 preparation", 3, |p| facts_of(p, FactKind::Preparation), 3),
        ("61 sign-offs", 1, |p| p.signoffs.iter().filter(|s| s.items.len() == 4).count(), 4),
        ("62 contacts", 2, |p| p.contacts.len(), 9),
        ("62 contacts", 3, |p| p.contacts.len(), 6),
        (
            "63 risks",
            1,
            |p| p.risks.iter().filter(|r| r.mitigation.is_some() && r.contingency.is_some()).count(),
            8,
        ),
        ("63 high", 1, |p| p.risks.iter().filter(|r| r.level.as_deref() == Some("High")).count(), 3),
        ("64 afterwards", 0, |p| p.followups.len(), 3),
        ("64 afterwards", 2, |p| p.followups.len(), 15),
        ("64 afterwards", 3, |p| p.followups.len(), 9),
        ("65 reviews", 4, |p| p.followups.iter().filter(|f| f.when.is_some()).count(), 4),
        ("65 lint", 4, |p| problems(p, "“Week 4” after the launch"), 1),
        ("66 recurring", 2, |p| owned(p, |o| *o == Owner::Recurring), 12),
        ("67 copies", 3, |p| facts_of(p, FactKind::Backup), 3),
        ("68 load", 1, |p| facts_of(p, FactKind::Baseline), 3),
        ("68 load", 3, |p| facts_of(p, FactKind::Baseline), 4),
        ("69 documents", 0, |p| facts_of(p, FactKind::Reference), 1),
        ("69 documents", 3, |p| facts_of(p, FactKind::Reference), 4),
        ("70 closing rule", 2, |p| facts_of(p, FactKind::Policy), 1),
    ];

    fn tasks(plan: &Plan) -> impl Iterator<Item = &Item> {
        plan.items.iter().filter(|i| i.kind == ItemKind::Task)
    }

    fn kind(plan: &Plan, kind: ItemKind) -> usize {
        plan.items.iter().filter(|i| i.kind == kind).count()
    }

    fn criteria(plan: &Plan) -> impl Iterator<Item = usize> {
        plan.items.iter().filter(|i| i.kind == ItemKind::Criterion).map(|i| i.line)
    }

    fn owned(plan: &Plan, test: impl Fn(&Owner) -> bool) -> usize {
        tasks(plan).filter(|i| test(&i.owner)).count()
    }

    fn before(plan: &Plan) -> impl Iterator<Item = usize> {
        tasks(plan).filter(|i| i.owner == Owner::Before).map(|i| i.line)
    }

    fn verified(plan: &Plan) -> impl Iterator<Item = usize> {
        tasks(plan).filter(|i| i.owner == Owner::Verification).map(|i| i.line)
    }

    fn in_phases(plan: &Plan) -> impl Iterator<Item = usize> {
        tasks(plan).filter(|i| matches!(i.owner, Owner::Phase(_))).map(|i| i.line)
    }

    fn lines(all: impl Iterator<Item = usize>, within: std::ops::RangeInclusive<usize>) -> usize {
        all.filter(|line| within.contains(line)).count()
    }

    fn facts_at(plan: &Plan, kind: FactKind) -> impl Iterator<Item = usize> {
        plan.facts.iter().filter(move |f| f.kind == kind).map(|f| f.line)
    }

    fn facts_of(plan: &Plan, kind: FactKind) -> usize {
        facts_at(plan, kind).count()
    }

    fn problems(plan: &Plan, words: &str) -> usize {
        plan.problems.iter().filter(|p| p.message.contains(words)).count()
    }

    fn windows(plan: &Plan) -> impl Iterator<Item = &Window> {
        plan.phases.iter().filter_map(|p| p.window.as_ref())
    }

    fn days(plan: &Plan, test: impl Fn(i32, Option<i32>) -> bool) -> usize {
        windows(plan).filter_map(|w| w.days).filter(|(a, b)| test(*a, *b)).count()
    }

    /// Bold steps of phases: what holds tasks, and what holds a command.
    fn steps_in_phases(plan: &Plan) -> usize {
        let names: HashSet<&str> = plan.phases.iter().map(|p| p.name.as_str()).collect();
        let titled =
            tasks(plan).filter(|i| (48..=185).contains(&i.line) && !names.contains(i.section.as_str()));
        let sections: HashSet<(&str, Option<&PhaseId>)> =
            titled.map(|i| (i.section.as_str(), i.phase.as_ref())).collect();
        let commands = plan.procedures.iter().filter(|p| (48..=185).contains(&p.line)).count();
        sections.len() + commands
    }

    /// Lines with a limit, alert rules of a configuration apart.
    fn predicates(plan: &Plan) -> usize {
        let stated = plan.thresholds.iter().filter(|t| t.cooldown.is_none());
        stated.map(|t| t.line).collect::<HashSet<_>>().len()
    }

    /// Metrics that are named before any limit of theirs, or without one.
    fn unlimited(plan: &Plan) -> usize {
        let limited: HashSet<usize> = plan.thresholds.iter().map(|t| t.line).collect();
        plan.metrics.iter().filter(|m| !limited.contains(&m.line)).count()
    }

    fn commands(plan: &Plan) -> impl Iterator<Item = &Command> {
        plan.procedures.iter().flat_map(|p| p.steps.iter().flat_map(|s| &s.commands).chain(&p.commands))
    }

    fn health(command: &Command) -> bool {
        command.http.as_ref().is_some_and(|h| h.method == "GET" && h.url.contains("/health"))
    }

    fn text_of(plan: &Plan, language: &str, words: &str) -> usize {
        commands(plan).filter(|c| c.language == language).map(|c| c.text.matches(words).count()).sum()
    }

    fn alerts(plan: &Plan) -> impl Iterator<Item = usize> {
        let limits = plan.thresholds.iter().filter(|t| t.role == Role::Alert).map(|t| t.line);
        limits.chain(plan.triggers.iter().filter(|t| t.role == Role::Alert).map(|t| t.line))
    }

    fn stages(plan: &Plan) -> impl Iterator<Item = &FlagStage> {
        plan.flags.iter().flat_map(|f| &f.stages)
    }

    /// The different percentages of all ramps, with the one a flag begins at.
    fn percentages(plan: &Plan) -> usize {
        let rungs = plan.ramps.iter().flat_map(|r| &r.rungs).filter_map(|r| r.value);
        let begins = plan.flags.iter().filter(|f| f.name.ends_with("Percentage"));
        let begins = begins.filter_map(|f| f.value.as_deref()?.parse::<f64>().ok());
        rungs.chain(begins).map(f64::to_bits).collect::<HashSet<_>>().len()
    }

    fn steps(plan: &Plan, title: &str) -> usize {
        plan.procedures.iter().filter(|p| p.title == title).map(|p| p.steps.len()).sum()
    }

    fn ways(plan: &Plan) -> impl Iterator<Item = &Procedure> {
        plan.procedures.iter().filter(|p| p.kind == ProcedureKind::Rollback)
    }

    fn said(plan: &Plan, within: std::ops::RangeInclusive<usize>) -> usize {
        lines(plan.messages.iter().map(|m| m.line), within)
    }

    fn messages_in(plan: &Plan, within: std::ops::RangeInclusive<usize>, kind: MessageKind) -> usize {
        lines(plan.messages.iter().filter(|m| m.kind == kind).map(|m| m.line), within)
    }

    #[test]
    fn every_row_is_counted() {
        let plans = PLANS.map(plan);
        let judged = ROWS.iter().filter_map(|row| Some((row, plans[row.1].as_ref()?)));
        let wrong: Vec<String> = judged
            .filter_map(|((name, at, count, expected), plan)| {
                let found = count(plan);
                (found != *expected)
                    .then(|| format!("row {name}: {found} in {}, expected {expected}", PLANS[*at]))
            })
            .collect();
        assert!(wrong.is_empty(), "{} rows of {}:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
    }

    /// Lines, headings, fences, rows of tables (the line below a header is none): the raw shape.
    #[test]
    fn the_shape_is_what_a_reader_counts() {
        let expected: [[usize; 4]; 5] =
            [[46, 7, 0, 0], [848, 111, 7, 0], [272, 47, 3, 0], [239, 40, 6, 0], [90, 17, 0, 7]];
        for (stem, expected) in PLANS.iter().zip(expected) {
            let Some(plan) = plan(stem) else { continue };
            let outline = grow::outline(&plan.text).expect("it was read");
            let headings = outline.scopes.iter().filter(|s| matches!(s.kind, ScopeKind::Heading(_))).count();
            let blocks = |test: fn(&Kind) -> bool| outline.blocks.iter().filter(|b| test(&b.kind)).count();
            let fences = blocks(|kind| matches!(kind, Kind::Fence { .. }));
            let rows = blocks(|kind| matches!(kind, Kind::Row { .. }));
            let lines = plan.text.lines().count();
            assert_eq!([lines, headings, fences, rows], expected, "{stem}");
        }
    }

    /// No task is lost, and each has one owner.
    #[test]
    fn owners_sum_up() {
        for (stem, all) in PLANS.iter().zip([3, 184, 133, 21, 0]) {
            let Some(plan) = plan(stem) else { continue };
            let lines: HashSet<usize> = tasks(&plan).map(|i| i.line).collect();
            assert_eq!((tasks(&plan).count(), lines.len()), (all, all), "{stem}");
        }
    }

    /// The contradictions of the plans, each where it stands and with where the other side stands.
    #[test]
    fn contradictions_are_found_with_both_lines() {
        let expected: [(&str, usize, &str, usize); 10] = [
            ("churn-saver", 50, "when New York keeps EDT", 4),
            ("churn-saver", 57, "passes only the first variable", 57),
            ("churn-saver", 201, "for the name of an environment", 201),
            ("churn-saver", 286, "P0 after 10 min here, at once on line 88", 88),
            ("churn-saver", 417, "P0 after 15 min here, at once on line 88", 88),
            ("churn-saver", 423, "> 10% here, > 10% for 5 min on line 291", 291),
            ("trial-automation", 22, "commands for 10%, 25%, 100%", 60),
            ("trial-automation", 98, "conversionRateDropped", 98),
            ("billing", 5, "claims done", 6),
            ("merchants", 88, "on line 19", 19),
        ];
        for (stem, line, words, other) in expected {
            let Some(plan) = plan(stem) else { continue };
            let shows = |p: &Problem| p.line == other || p.others.iter().any(|o| o.line == other);
            let found = plan.problems.iter().any(|p| p.line == line && p.message.contains(words) && shows(p));
            assert!(found, "{stem}:{line}: {words}\n{:#?}", plan.problems);
        }
    }
}
