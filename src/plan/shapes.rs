//! Plans of other hands: small documents of many shapes and what must be read from each.

use super::*;

fn plan(text: &str) -> Plan {
    read(text.as_bytes(), "plan")
}

fn phases(text: &str) -> Vec<String> {
    let show = |p: &Phase| match &p.window {
        Some(window) => format!("{} [{}]", p.name, window.text),
        None => p.name.clone(),
    };
    plan(text).top_phases().map(show).collect()
}

/// "metric cmp value unit for role severity" of every limit.
fn limits(text: &str) -> Vec<String> {
    let show = |t: &Threshold| {
        let value = match t.value {
            Some(Value::One(value)) => value.to_string(),
            Some(Value::Range([low, high])) => format!("{low}..{high}"),
            None => "-".to_owned(),
        };
        let unit = t.unit.as_deref().unwrap_or("");
        let hold = t.hold.map_or(String::new(), |s| format!(" for {s}"));
        let severity = t.severity.as_deref().map_or(String::new(), |s| format!(" {s}"));
        format!("{} {} {value}{unit}{hold} {:?}{severity}", t.metric, t.cmp.as_str(), t.role)
    };
    plan(text).thresholds.iter().map(show).collect()
}

fn tasks(text: &str) -> usize {
    plan(text).items.iter().filter(|i| i.kind == ItemKind::Task).count()
}

#[test]
fn phases_as_headings_of_any_level() {
    assert_eq!(
        phases("# P\n## Plan\n#### Phase 1: Canary (Day 1)\n- a\n#### Phase 2 – Rest (Days 2-3)\n- b\n"),
        ["Phase 1: Canary [Day 1]", "Phase 2 – Rest [Days 2-3]"]
    );
    assert_eq!(phases("# Phase 2 launch plan\n## Wave A\n- x\n## Wave B\n- y\n"), ["Wave A", "Wave B"]);
    assert_eq!(
        phases("# P\n## Step 1: Freeze\n- x\n## Step 2: Switch\n- y\n"),
        ["Step 1: Freeze", "Step 2: Switch"]
    );
}

#[test]
fn phases_as_list_items_and_bold_lines() {
    let items =
        "# P\n## Rollout\n1. **Phase 1 – Shadow (Mon)**: mirror\n   - look\n2. **Phase 2 – 5% (Tue)**\n";
    assert_eq!(phases(items), ["Phase 1 – Shadow [Mon]", "Phase 2 – 5% [Tue]"]);
    let bold = "# P\n**Stage 1: Staff**\n\n- a\n\n**Stage 2: All**\n\n- b\n";
    assert_eq!(phases(bold), ["Stage 1: Staff", "Stage 2: All"]);
    let steps = "# P\n## Rollout steps\n1. **Pilot**\n   - a\n2. **Everyone** (after the pilot)\n   - b\n";
    assert_eq!(phases(steps), ["Pilot", "Everyone [after the pilot]"]);
}

#[test]
fn phases_as_table_rows_and_countdowns() {
    let table = "# P\n## Progression\n| Phase | Traffic | Duration |\n|---|---|---|\n| 1 | 5% | 2 hours |\n| 2 | 100% | 1 day |\n";
    assert_eq!(phases(table), ["Phase 1 [2 hours]", "Phase 2 [1 day]"]);
    assert_eq!(plan(table).ramps[0].rungs.len(), 2);
    let blocks = "# P\n## T-24h: Freeze\n- [ ] a\n## T-0: Go\n- [ ] b\n## T+30m: Look\n- [ ] c\n";
    let read = plan(blocks);
    assert_eq!(
        read.phases.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
        ["T-24h: Freeze", "T-0: Go", "T+30m: Look"]
    );
    assert_eq!(read.phases[2].window.as_ref().and_then(|w| w.start), Some(1800));
}

#[test]
fn what_only_speaks_of_phases_is_none() {
    let text = "# P\n## Phase 1: Canary\n- a\n## Success criteria\n### Phase 1 success\n- [ ] error rate < 1%\n\
                ## Rollback\n### Step 1: Off\nx\n### Step 2: Tell\ny\n## After launch\n### Week 1\n- [ ] look\n### Week 2\n- [ ] tidy\n";
    assert_eq!(phases(text), ["Phase 1: Canary"]);
    let read = plan(text);
    assert_eq!(
        read.items.iter().find(|i| i.line == 6).map(|i| i.owner.clone()),
        Some(Owner::Phase(read.phases[0].id.clone()))
    );
    assert_eq!(read.procedures[0].steps.len(), 2);
    assert_eq!(read.followups.len(), 2);
}

#[test]
fn tasks_as_rendered() {
    let text = "- [ ] a\n  - [x] b\n1. [ ] c\n\n> - [ ] d\n\n```\n- [ ] no\n```\n\n<!--\n- [ ] no\n-->\n\n    - [ ] no\n\n- [] no\n- [ ]no\n";
    assert_eq!(tasks(text), 4);
    let table = plan("| Task | Done |\n|---|---|\n| Backup | [ ] |\n| Freeze | [x] |\n");
    let kinds: Vec<_> = table.items.iter().map(|i| (i.text.as_str(), i.kind, i.checked)).collect();
    assert_eq!(kinds, [("Backup", ItemKind::Table, false), ("Freeze", ItemKind::Table, true)]);
}

#[test]
fn limits_in_many_words() {
    let text = "# P\n## Rollback triggers\n- Success rate drops below 85%\n- Error rate exceeds 2% for 10 minutes\n- p95 over 800 ms\n\
                - Health check fails 3 times in a row\n- >10% error rate in checkout\n- Data lost\n";
    assert_eq!(
        limits(text),
        [
            "Success rate < 85% Rollback",
            "Error rate > 2% for 600 Rollback",
            "p95 > 800ms Rollback",
            "Health check fails >= 3in a row Rollback",
            "error rate > 10% Rollback",
        ]
    );
    assert_eq!(plan(text).triggers.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["Data lost"]);
    let good = "# P\n## Success criteria\n- Error rate under 5%\n- Lag: no more than 2 seconds\n- Zero data loss\n- Orders within 90-110% of baseline\n\
                - Availability: 99.9%\n- Duplicate charges = 0\n";
    assert_eq!(
        limits(good),
        [
            "Error rate < 5% Success",
            "Lag <= 2seconds Success",
            "data loss = 0 Success",
            "Orders between 90..110% of baseline Success",
            "Availability threshold 99.9% Success",
            "Duplicate charges = 0 Success",
        ]
    );
}

#[test]
fn limits_in_tables() {
    let text = "# P\n## Metrics\n| Metric | Target | Warning | Critical |\n|---|---|---|---|\n| Error rate | < 0.5% | > 1% | > 2% |\n| p95 latency | 200ms | 400ms | 800ms |\n";
    assert_eq!(
        limits(text),
        [
            "Error rate < 0.5% Success",
            "Error rate > 1% Alert Warning",
            "Error rate > 2% Alert Critical",
            "p95 latency threshold 200ms Success",
            "p95 latency threshold 400ms Alert Warning",
            "p95 latency threshold 800ms Alert Critical",
        ]
    );
    let rules = "# P\n## Alerts\n| Alert | Condition | Severity | Duration | Action |\n|---|---|---|---|---|\n| High errors | error rate > 5% | P1 | 5 min | Roll back |\n";
    assert_eq!(limits(rules), ["error rate > 5% for 300 Rollback P1"]);
}

#[test]
fn limits_in_alert_rules() {
    let text = "# P\n## Alerts\n```yaml\ngroups:\n  - name: web\n    rules:\n      - alert: HighErrors\n        expr: rate(errors[5m]) > 0.05\n        for: 5m\n        labels:\n          severity: critical\n      - alert: Slow\n        expr: p95 > 2\n        for: 10m\n        labels:\n          severity: warning\n```\n";
    assert_eq!(limits(text), ["HighErrors > 0.05 for 300 Alert critical", "Slow > 2 for 600 Alert warning"]);
}

#[test]
fn what_looks_like_a_limit_and_is_none() {
    for line in [
        "We respond within 30 minutes",
        "Estimated time: < 1 hour",
        "Duration: 2 hours",
        "Deploy to 10% of users",
        "10% of traffic",
        "At least 2 engineers are online",
        "Expected: 10-50 per day",
        "Keep the old cluster for at least 7 days",
        "Node >= 18",
        "5 hand-picked merchants",
        "Monitor for 30 minutes",
        "Response: <2 hours",
        "See step 3 and phase 2",
        "Version 2.1 -> 3.0",
    ] {
        assert_eq!(limits(&format!("# P\n## Phase 1: Canary (< 5 min)\n- {line}\n")), [""; 0], "{line}");
    }
    for heading in ["### Quick rollback (< 5 min)", "#### P1 (Response within 30 minutes)"] {
        assert_eq!(limits(&format!("# P\n{heading}\n- Do it\n")), [""; 0], "{heading}");
    }
}

#[test]
fn metric_sections_inside_sharper_ones() {
    assert_eq!(
        limits("# P\n## Success metrics\n### Technical metrics\n- Uptime > 99%\n"),
        ["Uptime > 99% Success"]
    );
    assert_eq!(
        limits("# P\n## Rollback triggers\n### System metrics\n- CPU usage > 90%\n"),
        ["CPU usage > 90% Rollback"]
    );
    assert_eq!(
        limits("# P\n## Monitoring\n- Error rate > 5%\n- Latency < 2s\n"),
        ["Error rate > 5% Alert", "Latency < 2s Monitor"]
    );
}

#[test]
fn flags_from_every_corner() {
    let text = "# P\n## Phase 1: Staff\n- [ ] Set `new_cart` flag to on\n- [ ] `NODE_ENV=production`\n- [ ] Edit `config/app.yaml`\n\
                ## Feature flags\n- `cart_percent`: 0 - share of users\n- **old.cart.fallback**: on\n\
                ```yaml\nfeatureFlags:\n  wallet:\n    enabled: false\n```\n";
    let read = plan(text);
    let flags: Vec<_> =
        read.flags.iter().map(|f| format!("{}={}", f.name, f.value.clone().unwrap_or_default())).collect();
    assert_eq!(flags, ["new_cart=on", "cart_percent=0", "old.cart.fallback=on", "wallet.enabled=false"]);
    assert_eq!(read.flags[0].stages.len(), 1);
    assert_eq!(read.items[0].flag, Some(FlagSetting { name: "new_cart".to_owned(), value: "on".to_owned() }));
}

#[test]
fn ways_back_of_every_shape() {
    let titles = |text: &str| {
        let read = plan(text).procedures.into_iter().filter(|p| p.kind == ProcedureKind::Rollback);
        read.map(|p| format!("{} {}/{}", p.title, p.steps.len(), p.commands.len())).collect::<Vec<_>>()
    };
    assert_eq!(titles("# P\n## Rollback\n1. a\n2. b\n"), ["Rollback 2/0"]);
    assert_eq!(titles("# P\n## Back-out plan\n- a\n- b `git revert HEAD`\n"), ["Back-out plan 2/0"]);
    assert_eq!(
        titles("# P\n## Rollback plan\n### Fast (< 5 min)\n1. a\n### Full\n1. b\n"),
        ["Fast (< 5 min) 1/0", "Full 1/0"]
    );
    assert_eq!(
        titles("# P\n## Rollback plan\n### 1. Off\nx\n```sh\na b\n```\n### 2. Tell\n- y\n"),
        ["Rollback plan 2/0"]
    );
    assert_eq!(
        titles("# P\n## Rollback triggers\n- bad\n\n**Rollback procedure:**\n```sh\ngit revert x\n```\n"),
        ["Rollback procedure 0/1"]
    );
    assert_eq!(
        titles(
            "# P\n## Rollback\n### Rollback steps\n| Step | Action |\n|---|---|\n| 1 | Stop |\n| 2 | Revert |\n"
        ),
        ["Rollback steps 2/0"]
    );
    assert_eq!(titles("# P\n## Rollback criteria\n- a\n## Rollback communication\n- b\n"), [""; 0]);
}

#[test]
fn endpoints_once_each() {
    let text = "# P\n## Health\n- GET https://x.example/healthz\n- `/metrics` for Prometheus\n- `/etc/nginx.conf`\n```bash\ncurl -f https://x.example/healthz\n\
                curl -s $HOST/api/status | jq .\ncurl -X POST https://x.example/api/flags\n```\n";
    let paths: Vec<_> =
        plan(text).endpoints.into_iter().map(|e| format!("{} {}", e.method, e.path)).collect();
    assert_eq!(paths, ["GET /healthz", "GET /metrics", "GET /api/status"]);
}

#[test]
fn people_who_sign_and_who_are_called() {
    let text = "# P\n## Sign-off\n- [ ] Engineering Lead approval\n- [ ] Product Owner: ________\n## Contacts\n| Role | Name | Phone |\n|---|---|---|\n| DBA | Ada | 555 |\n\
                ## On-call\n- Primary: Bob (@bob)\n";
    let read = plan(text);
    assert_eq!(
        read.signoffs.iter().map(|s| s.role.as_str()).collect::<Vec<_>>(),
        ["Engineering Lead", "Product Owner"]
    );
    assert!(read.signoffs.iter().all(|s| s.items.len() == 1));
    assert_eq!(read.contacts.iter().map(|c| c.role.as_str()).collect::<Vec<_>>(), ["DBA", "Bob (@bob)"]);
}

#[test]
fn plans_in_other_languages() {
    let german = "# P\n## Vorbereitung\n- [ ] a\n## Ablauf\n### Phase 1: Test (Tag 1)\n- [ ] b\n## Alarme\n- P1: Fehlerrate über 5 % für 10 Minuten\n## Rückfallplan\n1. c\n";
    let read = plan(german);
    assert_eq!((read.items[0].owner.clone(), read.procedures.len()), (Owner::Before, 1));
    assert_eq!(limits(german), ["Fehlerrate > 5% for 600 Alert P1"]);
    let portuguese = "# P\n## Gatilhos de rollback\n- Taxa de erro acima de 5% por 10 minutos\n## Plano de rollback\n1. x\n## Pós-lançamento\n- [ ] y\n";
    assert_eq!(limits(portuguese), ["Taxa de erro > 5% for 600 Rollback"]);
    assert_eq!(plan(portuguese).followups.len(), 1);
    let japanese = "# P\n## リリース手順\n### フェーズ1：社内（1日目）\n- [ ] a\n## アラート\n- エラー率が5%以上で5分間継続\n## ロールバック手順\n1. b\n";
    assert_eq!(phases(japanese), ["フェーズ1：社内 [1日目]"]);
    assert_eq!(limits(japanese), ["エラー率 >= 5% for 300 Alert"]);
    assert_eq!(plan(japanese).procedures.len(), 1);
}

#[test]
fn lint_is_quiet_on_a_clean_plan_and_speaks_once_on_a_bad_one() {
    let clean = include_str!("../../examples/checkout.md");
    assert_eq!(plan(clean).problems, []);
    for (text, said) in [
        ("# P\n## Testing ✅\n- [ ] a\n", "claims done"),
        ("# P\n## Alerts\n- P1: Error rate > 5%\n- P1: Error rate > 7%\n", "two limits"),
        ("# P\n## Communication\n- **9:00 AM:** start\n", "without a time zone"),
        ("# P\n## Rollback\n1. `git checkout <commit-id>`\n", "blanks to fill"),
        ("# P\n```sh\nx\n", "never closed"),
        ("# P\r\n", "CRLF"),
    ] {
        let problems = plan(text).problems;
        assert_eq!(problems.len(), 1, "{said}: {problems:?}");
        assert!(problems[0].message.contains(said), "{problems:?}");
    }
}

#[test]
fn too_much_is_shown_as_plain_text() {
    for text in [format!("{} x", ">".repeat(10_000)), "- ".repeat(500), "x".repeat(70_000)] {
        let read = plan(&text);
        assert!(read.items.is_empty() && read.problems.iter().any(|p| p.level == Level::Error));
        assert!(!lines(text.as_bytes()).is_empty());
    }
    let large = vec![b'a'; MAX_BYTES + 1];
    assert_eq!(read(&large, "x").problems[0].level, Level::Error);
}

#[test]
fn the_opening_sentence() {
    let text = "# P\n\nSome words.\n\n## Phase 1: x\n- [ ] a\n## Rollback\n1. b\n";
    assert_eq!(
        summary(&plan(text)).to_string(),
        "1 phase, 1 task, 0 flags, 1 way back, 1 line not understood"
    );
}
