//! What may reach outside: which changes revoke it, and how it is remembered.

use std::os::unix::fs::PermissionsExt as _;

use chrono::Utc;

use crate::levers::allow::ExecutableSet;
use crate::levers::{Allowed, allowed, bound, last, remember};
use crate::plan::binding::Binding;
use crate::plan::{self, Plan};

const PLAN: &str = "\
# Launch

## Phase 1: Canary (Day 1)

- [ ] Deploy to canary
- Error rate > 5% for 5 minutes: P1

## Rollback Procedures

### Emergency Rollback (P0)

1. **Switch off**
   ```bash
   vercel env add SCHEDULER false --token $TOKEN
   ```
2. **Tell everybody**

### Partial Rollback (P1)

```bash
curl -X POST https://api.shop.io/throttle
```
";

const BINDING: &str = "\
[[source]]
name = \"prom\"
kind = \"prometheus\"
url = \"http://127.0.0.1:9090\"

[[signal]]
name = \"Error rate\"
source = \"prom\"
query = \"rate(errors[5m])\"

[[flag]]
name = \"pay\"
read = \"http://127.0.0.1:1/pay\"
write = \"http://127.0.0.1:1/pay\"
";

fn set(plan: &str, binding: &str) -> ExecutableSet {
    let binding = bound::read(binding).unwrap();
    ExecutableSet::of(&plan::read(plan.as_bytes(), "launch"), &binding)
}

#[test]
fn a_changed_word_tick_or_limit_does_not_revoke() {
    let digest = set(PLAN, BINDING).digest();
    for (from, to) in [
        ("[ ] Deploy", "[x] Deploy"),
        ("Deploy to canary", "Ship to the first users"),
        ("> 5%", "> 7%"),
        ("# Launch\n", "# Launch of everything\n\nSome words.\n"),
        ("Emergency Rollback (P0)", "Emergency Rollback (P1)"),
        ("Tell everybody", "Tell nobody"),
    ] {
        assert!(PLAN.contains(from));
        assert_eq!(set(&PLAN.replace(from, to), BINDING).digest(), digest, "{from}");
    }
    for (from, to) in
        [("Error rate", "Errors"), ("[[flag]]", "[[flag]]\nrungs = [10]"), ("\"prom\"", "\"p\"")]
    {
        assert_eq!(set(PLAN, &BINDING.replace(from, to)).digest(), digest, "{from}");
    }
}

#[test]
fn a_changed_command_address_or_query_revokes() {
    let digest = set(PLAN, BINDING).digest();
    for (from, to) in [
        ("SCHEDULER false", "SCHEDULER true"),
        ("SCHEDULER false", "SCHEDULER  false"),
        ("api.shop.io", "api.sh\u{3bf}p.io"),
        ("throttle\n```", "throttle\n```\n\n```bash\nkubectl delete ns shop\n```"),
        ("```bash\ncurl", "```sql\ncurl"),
    ] {
        assert_ne!(set(&PLAN.replace(from, to), BINDING).digest(), digest, "{from}");
    }
    for (from, to) in [("9090", "9091"), ("[5m]", "[1m]"), ("\"pay\"", "\"ship\""), ("prometheus", "http")] {
        assert_ne!(set(PLAN, &BINDING.replace(from, to)).digest(), digest, "{from}");
    }
    assert_ne!(set(PLAN, "").digest(), digest);
}

#[test]
fn the_difference_names_what_came_and_went() {
    let old = set(PLAN, BINDING);
    let new = set(&PLAN.replace("throttle", "throttle | sh"), BINDING);
    let shown = |parts: &[&crate::levers::allow::Part]| {
        parts.iter().flat_map(|p| p.shown()).collect::<Vec<_>>().join("\n")
    };
    let difference = new.diff(&old);
    assert_eq!(shown(&difference.added), "curl -X POST https://api.shop.io/throttle | sh");
    assert_eq!(shown(&difference.removed), "curl -X POST https://api.shop.io/throttle");
    assert!(!difference.moved && !difference.is_empty() && old.diff(&old).is_empty());
    let swapped = PLAN.replace("vercel", "X").replace("curl -X POST https://api.shop.io/throttle", "true x");
    let first = set(&swapped.replace("X env add SCHEDULER false --token $TOKEN", "echo one"), "");
    let other = set(
        &swapped.replace("true x", "echo one").replace("X env add SCHEDULER false --token $TOKEN", "true x"),
        "",
    );
    assert!(other.diff(&first).moved, "{first:#?} {other:#?}");
}

#[test]
fn what_is_shown_names_hosts_and_variables_and_hides_nothing() {
    let set = set(&PLAN.replace("throttle", "thr\u{200b}ottle"), BINDING);
    let commands: Vec<_> = set.parts().iter().filter(|p| p.line > 0).collect();
    assert_eq!(commands[0].variables().into_iter().collect::<Vec<_>>(), ["TOKEN"]);
    assert_eq!(commands[1].hosts().into_iter().collect::<Vec<_>>(), ["api.shop.io"]);
    assert_eq!(commands.iter().map(|p| p.has_hidden()).collect::<Vec<_>>(), [false, true]);
    assert!(commands[1].shown()[0].contains("thr<U+200B>ottle"));
    let bound: Vec<_> = set.parts().iter().filter(|p| p.line == 0).collect();
    assert_eq!(bound.len(), 2);
    assert!(bound.iter().all(|p| p.hosts().len() == 1));
}

#[test]
fn where_requests_without_a_host_go_counts() {
    let plan = PLAN.replace("https://api.shop.io/throttle", "/throttle");
    let room = |url: &str| format!("room = {{ base_url = \"{url}\" }}\n");
    let digest = |plan: &str, binding: &str| set(plan, binding).digest();
    assert_ne!(digest(&plan, &room("https://a.test")), digest(&plan, &room("https://b.test")));
    assert_eq!(digest(PLAN, &room("https://a.test")), digest(PLAN, &room("https://b.test")), "none needs it");
    let told = set(&plan, &room("https://a.test"));
    let base = told.parts().iter().find(|p| p.line == 0).unwrap();
    assert_eq!(base.shown(), ["requests without a host go to https://a.test"]);
    assert_eq!(base.hosts().into_iter().collect::<Vec<_>>(), ["a.test"]);
}

fn word(set: &ExecutableSet) -> Allowed {
    Allowed { plan: "/plans/launch.md".to_owned(), at: Utc::now(), by: "ana".to_owned(), set: set.clone() }
}

#[test]
fn what_was_allowed_is_remembered_privately_and_for_this_set_only() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let (old, new) = (set(PLAN, BINDING), set(&PLAN.replace("SCHEDULER", "ALL"), BINDING));
    assert!(!allowed(&state, &old));
    let file = remember(&state, &word(&old)).unwrap();
    assert!(allowed(&state, &old) && !allowed(&state, &new));
    assert_eq!(last(&state, "/plans/launch.md").map(|a| a.set), Some(old.clone()));
    assert_eq!(last(&state, "/plans/other.md"), None);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    remember(&state, &word(&old)).unwrap();
    assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn a_file_that_could_be_somebody_elses_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let (state, set) = (folder.path(), set(PLAN, BINDING));
    let file = remember(state, &word(&set)).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("SCHEDULER", "SCHEDULES")).unwrap();
    assert!(!allowed(state, &set), "another set under this name");
    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    assert!(!allowed(state, &set), "cut off");
    std::fs::write(&file, &text).unwrap();
    assert!(allowed(state, &set));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(!allowed(state, &set), "others can write it");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let aside = state.join("aside.json");
    std::fs::rename(&file, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &file).unwrap();
    assert!(!allowed(state, &set), "a link");
}

#[test]
fn nothing_executable_needs_nobodys_word() {
    let empty = ExecutableSet::of(&Plan::default(), &Binding::default());
    assert!(allowed(std::path::Path::new("/nowhere"), &empty));
}
