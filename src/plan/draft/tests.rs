//! Drafts of every plan there is: read back, idempotent, what was filled in kept.

use std::fs;
use std::path::Path;

use super::*;
use crate::levers::bound;
use crate::plan;

const PLAN: &str = "\
# Checkout

## Phase 1: Canary (Day 1, 10:00 AM EST)

- [ ] `new_checkout` = false

## Alerts

- P1: Error rate > 5% for 5 minutes
- P2: 5xx rate > 2%
- P2: API error rate > 3%
- Uptime: 99.9%

## Health Checks

- `GET /api/health` - Overall health

## Rollback

### Emergency Rollback

```bash
curl -X POST https://api.shop.io/down -H \"Authorization: Bearer $TOKEN\"
vercel rollback [previous-deployment-id]
```

## Contacts

- **Primary**: CTO
";

/// The file for a plan, and its second writing.
fn init(text: &str, before: &str) -> Draft {
    let binding = bound::read(before).unwrap_or_else(|faults| panic!("{faults:#?}\n{before}"));
    write(&plan::read(text.as_bytes(), "p"), before, &binding).unwrap()
}

#[test]
fn a_fresh_file_has_everything_and_binds_nothing() {
    let draft = init(PLAN, "");
    let binding = bound::read(&draft.text).unwrap_or_else(|f| panic!("{f:#?}\n{}", draft.text));
    assert!(binding.reaches_nothing(), "{}", draft.text);
    let signals: Vec<_> = binding.signals.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(signals, ["Error rate", "API error rate", "Uptime", "/api/health"]);
    assert_eq!(binding.signal("5xx rate").unwrap().name, "Error rate");
    assert_eq!(binding.flags[0].name, "new_checkout");
    assert_eq!(binding.procedures[0].env, ["TOKEN"]);
    assert!(binding.blanks.contains_key("previous-deployment-id"), "{}", draft.text);
    for part in [
        "# plan: line 9 alerts P1 > 5 % for 5 min; 10 alerts P2 > 2 %",
        "# a guess: sum(rate(http_requests_total",
        "EST; a guess: \"America/New_York\"",
        "direction = \"\"  # a guess: \"below\"",
    ] {
        assert!(draft.text.contains(part), "{part} in\n{}", draft.text);
    }
}

#[test]
fn the_second_time_no_byte_changes_for_any_plan() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests/plans", "examples", "../shared/plans"].map(|f| root.join(f));
    let files = folders.iter().filter_map(|f| fs::read_dir(f).ok()).flatten().flatten();
    let mut plans = 0;
    for path in files.map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let reading = plan::read(&fs::read(&path).unwrap(), "p");
        let fresh = write(&reading, "", &Binding::default()).unwrap();
        let shown = path.display();
        let binding = bound::read(&fresh.text).unwrap_or_else(|f| panic!("{shown}: {f:#?}\n{}", fresh.text));
        let again = write(&reading, &fresh.text, &binding).unwrap();
        assert_eq!(again.text, fresh.text, "{shown}");
        assert_eq!((again.added.len(), again.gone.len()), (0, 0), "{shown}: {again:#?}");
        for metric in reading.metrics.iter().flat_map(|m| std::iter::once(&m.name).chain(&m.aliases)) {
            assert!(binding.signal(metric).is_some(), "{shown}: {metric}");
        }
        assert!(reading.flags.iter().all(|f| binding.flag(&f.name).is_some()), "{shown}");
        plans += 1;
    }
    assert!(plans > 40, "{plans}");
}

#[test]
fn what_was_filled_in_stays_and_only_what_is_new_comes() {
    let mine = "# mine\n[people]   # us\nCTO = [\"ana\"]\n\n[[signal]]\nname = 'error rates' # kept\nsource = \"prom\"\n\
                query = \"up\"\n\n[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://p\"\n\n# the end\n";
    let draft = init(PLAN, mine);
    for line in mine.lines() {
        assert!(draft.text.contains(line), "{line} in\n{}", draft.text);
    }
    let binding = bound::read(&draft.text).unwrap();
    assert_eq!(binding.signals[0].query, "up");
    assert!(binding.signals.iter().skip(1).take(2).all(|s| s.source == "prom"), "{}", draft.text);
    assert_eq!((binding.people["CTO"].len(), binding.people.len()), (1, 1));
    assert_eq!(init(PLAN, &draft.text).text, draft.text);
    let names = |d: &Draft, section: &str| d.added.get(section).cloned().unwrap_or_default();
    assert_eq!(names(&draft, "signal"), ["5xx rate", "API error rate", "Uptime", "/api/health"]);
}

#[test]
fn what_the_plan_no_longer_has_is_marked_once_and_never_deleted() {
    let fresh = init(PLAN, "").text;
    let own = format!("{fresh}\n[[signal]]\nname = \"Mine\"\nsource = \"metrics\"\nquery = \"up\"\n");
    let shorter = PLAN.replace("- P2: API error rate > 3%\n", "").replace("`new_checkout` = false", "Go");
    let draft = init(&shorter, &own);
    assert_eq!(draft.gone["signal"], ["API error rate"]);
    assert_eq!(draft.gone["flag"], ["new_checkout"]);
    assert_eq!(draft.text.matches("# no longer in the plan\n[[").count(), 2, "{}", draft.text);
    let again = init(&shorter, &draft.text);
    assert_eq!(again.text, draft.text);
    assert_eq!(init(PLAN, &draft.text).text, own, "and the mark goes when it is back");
}

#[test]
fn lists_on_one_line_are_kept_so() {
    let mine = "signal = [{ name = \"Uptime\" }]\npeople = { Ops = [] }\nblank = {}\n";
    let draft = init(PLAN, mine);
    let binding = bound::read(&draft.text).unwrap_or_else(|f| panic!("{f:#?}\n{}", draft.text));
    assert!(binding.signals.len() >= 4 && binding.people.len() == 2, "{}", draft.text);
    assert_eq!(init(PLAN, &draft.text).text, draft.text);
}

#[test]
fn names_that_could_break_the_file_do_not() {
    let evil = PLAN
        .replace("Overall health", "x\u{7f}\u{1b}[2J\u{202e} \"\"\" y")
        .replace("new_checkout", "a\"b\\c");
    let draft = init(&evil, "");
    assert!(bound::read(&draft.text).is_ok(), "{}", draft.text);
    assert!(!draft.text.chars().any(|c| c.is_control() && c != '\n'), "{:?}", draft.text);
}
