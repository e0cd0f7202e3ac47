//! The house rules that a compiler does not know: which module may know which, and what the pure
//! ones must not touch. ARCHITECTURE.md says why.

use std::fs;
use std::path::{Path, PathBuf};

/// Module, the modules it may know. `text` may be known by all.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("plan", &[]),
    ("signal", &["plan"]),
    ("signing", &[]),
    ("room", &["plan", "signal", "signing"]),
    ("app", &["plan", "signal", "room", "signing"]),
    ("ui", &["plan", "signal", "room", "app"]),
    ("config", &["plan", "signal", "room"]),
    ("identity", &["room", "config", "signing"]),
    ("journal", &["plan", "signal", "room", "config"]),
    ("secret", &["plan"]),
    ("levers", &["plan", "signal", "room", "config", "secret"]),
    ("terminal", &["config"]),
    ("rehearsal", &["plan", "signal", "room", "config"]),
    ("report", &["plan", "signal", "room"]),
    ("sources", &["plan", "signal", "config", "secret"]),
    (
        "runtime",
        &[
            "plan",
            "signal",
            "room",
            "config",
            "app",
            "journal",
            "terminal",
            "identity",
            "levers",
            "sources",
            "rehearsal",
            "report",
            "signing",
        ],
    ),
    (
        "cli",
        &[
            "plan",
            "signal",
            "room",
            "config",
            "app",
            "ui",
            "journal",
            "terminal",
            "identity",
            "runtime",
            "rehearsal",
            "levers",
            "sources",
            "report",
            "signing",
        ],
    ),
];

/// Modules without IO, clock or chance.
const PURE: &[&str] = &["text", "plan", "signal", "room", "app", "ui", "config", "report", "signing"];

/// What a pure module must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::thread",
    "tokio",
    "Instant::now",
    "SystemTime::now",
    "Utc::now",
    "Local::now",
    "Uuid::now",
    "rusqlite",
    "rustix",
];

struct Source {
    module: String,
    path: PathBuf,
    /// Without tests and comments.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![];
    collect(&root, &mut found);
    let source = |path: PathBuf| {
        let inner = path.strip_prefix(&root).expect("it was found there");
        let first =
            inner.components().next().expect("a file has a name").as_os_str().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("sources can be read");
        Source { module: first.trim_end_matches(".rs").to_owned(), code: code_of(&text), path }
    };
    found.into_iter().map(source).filter(|s| !["lib", "main"].contains(&s.module.as_str())).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is there").flatten() {
        let path = entry.path();
        let test = path
            .file_stem()
            .is_some_and(|s| ["tests", "watch_tests", "states", "stage", "edits"].iter().any(|t| s == *t));
        match path.is_dir() {
            true => collect(&path, found),
            false if path.extension().is_some_and(|e| e == "rs") && !test => found.push(path),
            false => {}
        }
    }
}

fn code_of(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules named behind `crate::`, in a path or in the braces of a `use crate::{…}`.
fn named(code: &str) -> Vec<String> {
    let mut names = vec![];
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let list = rest.strip_prefix('{').and_then(|r| r.split_once('}')).map_or(rest, |(inside, _)| inside);
        let heads = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        for head in heads {
            let word: String = head.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            names.push(word);
        }
    }
    names
}

#[test]
fn modules_know_only_what_the_table_allows() {
    let mut wrong = vec![];
    let sources = sources();
    assert!(sources.len() > 20, "the sources were found");
    for source in &sources {
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(m, _)| *m == source.module) else {
            wrong.push(format!("{}: module {} is not in the table", source.path.display(), source.module));
            continue;
        };
        for name in named(&source.code) {
            let known = MAY_KNOW.iter().any(|(m, _)| *m == name);
            let fine = name == source.module || name == "text" || allowed.contains(&name.as_str());
            if known && !fine {
                wrong.push(format!("{}: {} must not know {name}", source.path.display(), source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_touch_nothing() {
    let mut wrong = vec![];
    for source in sources().iter().filter(|s| PURE.contains(&s.module.as_str())) {
        for word in IMPURE.iter().filter(|w| source.code.contains(**w)) {
            wrong.push(format!("{}: names {word}", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|s| !fs::read_to_string(&s.path).is_ok_and(|t| t.starts_with("//!")))
        .map(|s| s.path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no module doc in {silent:?}");
}

#[test]
fn the_test_can_see_a_wrong_dependency() {
    assert_eq!(named("use crate::ui::Styles;\nlet x = crate::app::App;"), ["ui", "app"]);
    assert_eq!(named("use crate::{plan::Plan, journal};"), ["plan", "journal"]);
    assert_eq!(
        code_of("// crate::ui\nfn a() {}\n#[cfg(test)]\nmod tests {\n use crate::ui;\n}"),
        "fn a() {}"
    );
}
