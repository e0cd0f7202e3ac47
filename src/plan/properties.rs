//! What must hold for any document: reading is total, ids are unique, every item has one owner.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// Lines as plans have them, and some that no plan has.
fn line() -> impl Strategy<Value = String> {
    let shapes = prop::sample::select(vec![
        "# ",
        "## Phase 1: ",
        "### 1.1 ",
        "## Rollback ",
        "### Step 2: ",
        "- [ ] ",
        "  - [x] ",
        "- ",
        "1. **A:** ",
        "   - [ ] ",
        "**Success criteria:**",
        "| a | b |",
        "|---|---|",
        "| [ ] | < 5% |",
        "```bash",
        "```",
        "> ",
        "## Sign-off",
        "**CTO:** ____",
        "## Feature flags",
        "- `a_b` = ",
        "## Alerts",
        "- P1: ",
        "## Contacts",
        "- **X**: ",
        "",
        "## Communication",
        "- **10:00 AM:** ",
        "## Risks",
        "## After launch",
        "### Week 1",
        "---",
        "<!-- ",
        "-->",
        "{#id}",
        "## Phase 2 (Day 1-2, 5%)",
        "    ",
        "\t- [ ] ",
    ]);
    let tails = prop::sample::select(vec![
        "error rate > 5% for 5 minutes",
        "x",
        "İ 5%",
        "T-24h",
        "100%",
        "`GET /health`",
        "[x](y)",
        "<a>",
        "é≥3",
        "5分以上",
        "{#same}",
        "every 5 min",
        "1,000 or 2",
        "€ $x `a",
        "",
    ]);
    (shapes, tails).prop_map(|(shape, tail)| format!("{shape}{tail}"))
}

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..60).prop_map(|lines| lines.join("\n"))
}

fn holds(plan: &Plan) {
    let mut ids = HashSet::new();
    assert!(plan.items.iter().all(|i| ids.insert(i.id.as_str())), "item ids are unique");
    let mut ids = HashSet::new();
    assert!(plan.phases.iter().all(|p| ids.insert(p.id.as_str())), "phase ids are unique");
    let groups = groups(plan);
    let mut grouped: Vec<usize> = groups.iter().flat_map(|g| g.items.iter().copied()).collect();
    grouped.sort_unstable();
    assert_eq!(grouped, (0..plan.items.len()).collect::<Vec<_>>(), "every item in exactly one group");
    let phases = groups.iter().filter(|g| matches!(g.owner, Owner::Phase(_))).count();
    assert_eq!(phases, plan.phases.len(), "every phase has a group");
    assert!(plan.unread.iter().all(|[first, last]| first <= last));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        holds(&read(&bytes, "x"));
        lines(&bytes);
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,300}") {
        holds(&read(text.as_bytes(), "x"));
    }

    #[test]
    fn any_markdown_is_read(text in document()) {
        holds(&read(text.as_bytes(), "x"));
    }

    #[test]
    fn an_edit_elsewhere_moves_no_id(text in document()) {
        let open = ["```", "<!--", "{#"];
        let text: Vec<&str> = text.lines().filter(|line| !open.iter().any(|o| line.contains(o))).collect();
        let text = text.join("\n");
        let ids = |text: &str| read(text.as_bytes(), "x").items.into_iter().map(|i| i.id).collect::<Vec<_>>();
        prop_assert_eq!(ids(&text), ids(&format!("{text}\n\n###### An appendix\n\nWords.\n")));
    }
}
