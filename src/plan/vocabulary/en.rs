//! English.

use super::Row;
use crate::plan::topic::*;

/// The table.
pub(super) const ROWS: &[Row] = &[
    (
        PHASES,
        "rollout steps, how we roll it out, how we roll out, how we ship it, how it rolls out, rollout phases, deployment phases, launch phases, release phases, migration phases, \
        migration steps, phases, phase plan, phased plan, rollout stages, stages, rollout strategy, rollout plan, \
        rollout schedule, rollout sequence, rollout timeline, rollout, roll out, roll out plan, roll out steps, \
        deployment schedule, deployment strategy, deployment plan, deployment stages, deployment timeline, \
        release plan, release strategy, release schedule, release stages, launch plan, launch sequence, \
        launch stages, launch timeline, launch schedule, migration plan, migration strategy, migration timeline, \
        cutover, cutover plan, cutover steps, cutover sequence, cut over, timeline, schedule, phased rollout, \
        phased release, phased deployment, gradual rollout, staged rollout, progressive rollout, canary rollout, \
        canary plan, canary strategy, traffic ramp, ramp plan, ramp up, ramp schedule, rollout ramp, \
        implementation plan, implementation phases, implementation timeline, execution plan, waves, rings, \
        rollout waves, rollout rings, deployment rings, milestones, go live plan, go live sequence, run of show, \
        rollout checklist, launch day, launch day plan, launch day timeline, runsheet, run sheet, schedule of events",
    ),
    (
        PREFLIGHT,
        "pre flight, preflight, pre flight checklist, pre flight checks, pre deployment, predeployment, \
        pre launch, prelaunch, pre rollout, prerollout, pre release, prerelease, pre go live, pre migration, \
        pre cutover, pre production, preproduction, pre deploy, pre requisites, prerequisites, prerequisite, \
        before launch, before you start, before deployment, before deploying, before rollout, before release, \
        before go live, before we start, before the launch, before the rollout, before cutover, entry criteria, \
        entry conditions, preconditions, pre checks, pre check, pre cutover checks, pre migration checks, \
        pre upgrade, pre upgrade checks, pre rollback, pre rollback preparation, pre rollback checklist, \
        pre rollback checks, before rolling back, before rollback, before the rollback, rollback prerequisites, \
        rollback preparation, rollback readiness, rollback testing, rollback test, rollback drill, test rollback",
    ),
    (
        READY,
        "readiness, readiness checklist, launch readiness, production readiness, production readiness checklist, \
        operational readiness, team readiness, preparation, preparations, monitoring setup, alerting setup, \
        dashboard setup, setup, set up, training, dependencies, requirements, go live checklist, launch checklist, \
        definition of ready",
    ),
    (
        VERIFY,
        "verification, verify, verifying, post rollback, after rolling back, after a rollback, after the rollback, after any rollback, after rollback, after rollback check, after rollback checks, after the rollback check, validation, validate, smoke test, smoke tests, smoke testing, \
        sanity checks, sanity check, post deployment checks, post deploy checks, post launch checks, acceptance \
        tests, uat, health verification, post deployment verification, post deployment validation, \
        post launch verification, testing, test plan, checks, how to verify, how to test, canary tests",
    ),
    (
        AFTER,
        "post launch, post rollout, post deployment, post release, post go live, post migration, post cutover, \
        post deploy, post launch tasks, post rollout tasks, after the switch, after the move, after migration, after the migration, \
        after the upgrade, after the cutover, after launch, after the launch, after rollout, after \
        the rollout, after deployment, after release, after go live, after cutover, follow up, follow ups, followup, \
        followups, next steps, cleanup, clean up, future work, future improvements, retrospective, retro, \
        lessons learned, aftercare, hypercare, wrap up, hand over, handover, handoff, action items, \
        long term, post launch review, decommission, decommissioning",
    ),
    (
        RECURRING,
        "maintenance schedule, maintenance, daily, weekly, monthly, quarterly, recurring, recurring tasks, \
        ongoing maintenance, ongoing tasks, ongoing operations, routine, routine tasks, regular tasks, daily tasks, \
        weekly tasks, monthly tasks, daily checks, weekly checks, monthly checks, operational cadence, every day, \
        every week",
    ),
    (
        ROLLBACK,
        "rollback, post rollback, way back, ways back, the way back, going back, how to go back, how we go back, how to undo, roll back, rolling back, rollback plan, rollback procedure, rollback procedures, \
        rollback steps, rollback strategy, rollback runbook, rollback process, rollback instructions, \
        rollback commands, back out, backout, backout plan, back out plan, revert, reverting, reversion, \
        fallback, fallback plan, fall back, contingency plan, abort procedure, abort plan, abort, undo, \
        kill switch, kill switch procedure, emergency procedure, emergency procedures, emergency stop, restore \
        procedure, recovery plan, disaster recovery, backing out",
    ),
    (
        TRIGGER,
        "rollback triggers, stop condition, stop condition thresholds, stop thresholds, halt thresholds, abort thresholds, kill switch criteria, kill switch conditions, kill switch triggers, kill switch thresholds, what would make us stop, what makes us stop, when we stop, what would stop us, stop signs, rollback trigger, rollback criteria, rollback conditions, rollback criterion, \
        rollback thresholds, rollback threshold, rollback decision, rollback decision criteria, rollback decision \
        matrix, rollback signals, rollback if, rollback when, rollback gates, automatic rollback, automated \
        rollback, auto rollback, automatic rollback triggers, automated rollback triggers, automatic rollback \
        conditions, auto rollback triggers, abort criteria, abort conditions, abort triggers, abort if, stop \
        conditions, stop criteria, halt conditions, halt criteria, halt rules, automatic halt rules, pause rules, stop rules, pause if, pause conditions, halt if, stop if, stop the line, when to \
        rollback, when to roll back, when to revert, when to abort, when to back out, roll back if, roll back \
        when, roll back criteria, roll back triggers, roll back conditions, revert if, revert criteria, no go \
        criteria, no go conditions, no go if, no go when, trigger, triggers, trigger conditions, kill criteria, exit conditions, \
        abort condition, abort trigger, auto abort, auto abort condition, auto abort conditions, auto abort criteria, \
        auto stop, auto halt, auto pause, backout criteria, back out criteria, rollback policy, tripwires, point of no return, rollback thresholds \
        and triggers, immediate rollback triggers, immediate rollback if, rollback immediately if",
    ),
    (
        SUCCESS,
        "success criteria, criteria to go on, criteria to proceed, criteria to continue, gate criteria, success criterion, success metrics, success metric, success indicators, success \
        measures, measures of success, metrics of success, success declaration, success targets, success \
        thresholds, success, criteria met, criteria, exit criteria, exit criterion, exit gate, acceptance criteria, \
        acceptance, promotion criteria, promote when, promote if, promotion gate, advance if, advance when, \
        advancement criteria, proceed if, proceed when, proceed criteria, graduation criteria, targets, target \
        metrics, kpi, kpis, key results, okrs, slo, slos, sla, slas, service level objectives, service level \
        indicators, slis, definition of done, done when, completion criteria, expected results, expected \
        outcomes, quality gate, quality gates, performance targets, performance budget, performance budgets, goals \
        and metrics, continue if, continue when, go criteria, bake criteria, soak criteria, hold criteria, exit if, exit when",
    ),
    (
        MONITOR,
        "monitoring, monitor, metrics, key metrics, critical metrics, metrics to monitor, metrics to watch, \
        what to watch, what to monitor, watch, watch for, watchlist, dashboards, dashboard, observability, \
        guardrails, guardrail, guardrail metrics, monitoring guardrails, signals, key signals, golden signals, \
        health checks, health check, health metrics, health indicators, success rate, success rates, telemetry, business metrics, technical \
        metrics, system metrics, connection pool, query performance, baseline, baselines, thresholds, threshold, \
        limits, key indicators, vitals, metric",
    ),
    (
        ALERT,
        "alert, alerts, alerting, alert thresholds, alert rules, alert configuration, alerts configuration, \
        alert conditions, alerting rules, alerting thresholds, alert policy, alert policies, alarms, alarm, \
        paging, pager, page if, page on, page when, scaling thresholds, warning thresholds, critical thresholds, \
        warning signs, alert if, alert when, alert on, red flags, notify if",
    ),
    (
        FLAGS,
        "feature flag, feature flags, feature flagging, runtime flags, flag, flags, feature flag configuration, feature toggles, feature toggle, \
        toggles, toggle, feature gates, feature switches, kill switches, launch darkly, launchdarkly, unleash, \
        flag configuration, flag settings, flag matrix, flag states, initial flags, feature configuration, \
        gates and flags, experiments, dynamic config",
    ),
    (
        CONTACTS,
        "dri, dris, dri list, contacts, contact, emergency contacts, key contacts, contact list, contact information, escalation \
        contacts, escalation path, escalation paths, escalation matrix, escalation chain, escalation list, \
        on call, oncall, on call contacts, on call rotation, on call schedule, on call roster, on call engineers, \
        roles, roles and responsibilities, responsibilities, raci, owners, ownership, team, teams, team \
        contacts, people, stakeholders, key people, rollout team, launch team, points of contact, who to call, \
        support contacts, participants, crew, responsible, war room, war room roster, roster, rollback team, rollback authority",
    ),
    (
        SIGNOFF,
        "sign off, signoff, sign offs, signoffs, sign off and approval, approval, approvals, approved by, \
        approvers, sign off checklist, sign off sheet, signatures, authorization, authorisation, executive \
        approval, final approval, go no go approval, go no go sign off, required approvals, launch approval",
    ),
    (
        COMMS,
        "communication, communications, communication plan, communications plan, comms, comms plan, \
        notifications, notification, stakeholder notifications, stakeholder communication, stakeholder updates, \
        internal updates, announcements, announcement, status updates, updates, messaging, communication \
        schedule, communication timeline, communication cadence, communication channels, channels, customer \
        communication, communication matrix, customer messaging, update frequency, internal communication, \
        external communication, notify, who to notify",
    ),
    (
        TEMPLATE,
        "template, templates, communication templates, message template, message templates, email template, \
        email templates, notification template, notification templates, slack template, status template, \
        announcement template, boilerplate, macro, macros, canned response, canned responses, sample message, \
        draft message, message drafts, incident template, update template, status page template, copy",
    ),
    (
        RISK,
        "risk, risks, risk assessment, risk register, risk matrix, risk mitigation, risk management, risk \
        analysis, risks and mitigations, risks and mitigation, risk items, high risk items, medium risk items, \
        low risk items, known risks, key risks, potential risks, concerns, \
        potential issues, failure modes, risk log",
    ),
    (
        INCIDENT,
        "incident, incidents, incident response, incident response plan, incident management, incident \
        procedures, response procedures, emergency response, response plan, incident playbook, incident runbook, \
        emergency, outage response, on call runbook, incident response procedure, troubleshooting, runbook, \
        runbooks, playbook, playbooks, escalation procedures, escalation procedure, escalation",
    ),
    (
        SCENARIO,
        "scenarios, scenario, common issues, common incidents, common incident scenarios, incident \
        scenarios, failure scenarios, known issues, common problems, common failures, what if, what can go wrong",
    ),
    (
        ENDPOINT,
        "endpoint, endpoints, health endpoints, health endpoint, health check endpoints, monitoring \
        endpoints, api endpoints, status endpoints, health urls, probes, health probes, urls, routes, healthchecks",
    ),
    (
        LOGS,
        "log, logs, log patterns, log alerts, log queries, log monitoring, logging, log messages, log lines, \
        log watch, error logs",
    ),
    (
        DEPLOY,
        "deployment steps, deploy steps, deployment procedure, deployment procedures, deployment process, \
        deployment instructions, deployment commands, deployment execution, release steps, release procedure, \
        release process, rollout commands, rollout procedure, rollout process, deploy procedure, how to deploy, \
        deploy, deployment runbook, release commands, installation, installation steps, commands, migration \
        commands, migration procedure, flag commands, enable commands, upgrade steps, upgrade procedure",
    ),
    (
        DURING,
        "launch day, migration day, cutover day, go live day, upgrade day, on the day, day of launch, during migration, during the migration, during cutover window, during upgrade, during the upgrade, during go live, \
        during the change, during deployment, during rollout, during launch, during the rollout, during the launch, during \
        the deployment, during release, during cutover, deployment day, deployment day checklist, launch day \
        checklist, deployment checklist, release checklist, release day",
    ),
    (
        REFERENCE,
        "references, reference, documentation references, links, related documents, related docs, \
        appendix, resources, further reading, glossary, see also, changelog, revision history, document history, \
        version history, case study, case studies, example, examples, worked example, sample plan, lessons, artifacts, \
        artifacts to collect, table of contents, contents, toc",
    ),
    (
        ESTIMATE,
        "expected load, load estimates, capacity, capacity planning, estimate, estimates, estimated, \
        traffic estimates, sizing, cost, costs, budget, effort, resource requirements, \
        backup strategy, backup policy, backups, backup, retention, data retention, expected traffic, expected \
        impact, assumptions and estimates, current state, estimated duration, time estimates, volume, volumes, \
        audience, target audience, hardware, infrastructure requirements, rate limits, quotas, current baseline, \
        timeline estimate, time estimate, effort estimate, estimated timeline, estimated effort, fixes timeline, \
        monitoring windows, current metrics, current values, current performance, current status, architecture, technical details, specifications",
    ),
    (
        SEVERITY,
        "severity, severities, severity levels, severity level, severity definitions, severity classification, \
        incident classification, incident severity, incident severity levels, incident levels, priority levels, \
        priorities, severity matrix, classification",
    ),
    (
        BRIEF,
        "goal, goals, objective, objectives, key objectives, overview, summary, executive summary, background, \
        introduction, context, purpose, scope, out of scope, in scope, non goals, about, motivation, abstract, tl \
        dr, tldr, problem statement, notes, note, principles, guiding principles, design, what is changing, what \
        changes, whats changing, key features, philosophy, rollback philosophy, rollback overview, \
        rollback principles, rollback objectives, rollback summary, rollback flow, rollback architecture, rollback history",
    ),
    (
        GATE,
        "go no go, go no go criteria, go no go checklist, go no go decision, go nogo, gate, gates, gate criteria, \
        go criteria, decision gate, decision gates, decision criteria, checkpoint, checkpoints, decision point, \
        decision points, promotion checklist, launch gate, launch gates, go live criteria, launch criteria, \
        release criteria, rollout criteria, gate review",
    ),
    (CHECKLIST, "checklist, checklists, tasks, task list, todo, to do, todos"),
    (SYMPTOMS, "symptoms, symptom, signs, how it shows"),
    (
        ACTIONS,
        "actions, action, steps, immediate actions, response, mitigation, mitigation steps, diagnosis, \
        procedure, procedures, immediate response, instructions, what to do, tasks and actions, activities, \
        key activities, investigate, investigation",
    ),
    (
        RECOVER,
        "recovery, resolution, recovery steps, remediation, fix, long term fix, resolution steps, prevention",
    ),
];
