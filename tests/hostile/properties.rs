//! The invariants over made-up documents: any bytes, any text, lines as plans have them.

use proptest::prelude::*;

use crate::invariants;
use crate::plan::read;

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        invariants::hold(&bytes);
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,300}") {
        invariants::hold(text.as_bytes());
    }

    #[test]
    fn any_markdown_is_read(text in document()) {
        invariants::hold(text.as_bytes());
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
