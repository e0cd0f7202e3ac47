//! What the real Vercel CLI takes, asked of its own help: what `check` says of plans that call it stands
//! on this grammar. Fetched once into `target/` by npm and never logged in; said loudly where it is not to
//! be had.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version whose grammar was read.
const VERSION: &str = "50.44.0";

/// The program.
fn vercel() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/vercel-{VERSION}"));
    let program = folder.join("node_modules/.bin/vercel");
    if !program.is_file() {
        std::fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        let done = npm.arg(format!("vercel@{VERSION}")).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !done.is_ok_and(|s| s.success()) || !program.is_file() {
            eprintln!("SKIPPED: npm could not fetch vercel@{VERSION}");
            return None;
        }
    }
    Some(program)
}

/// The line of its help that says what a command takes: "vercel rollback url|deploymentId [options]".
fn usage(program: &Path, home: &Path, command: &[&str]) -> String {
    let mut help = Command::new(program);
    help.args(command).arg("--help").env("HOME", home).env("XDG_DATA_HOME", home);
    help.env("VERCEL_TELEMETRY_DISABLED", "1").env("NO_UPDATE_NOTIFIER", "1").env("NO_COLOR", "1");
    let out = help.stdin(Stdio::null()).output().unwrap();
    let text = [out.stdout, out.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find_map(|line| line.split_once('▲')).map(|(_, line)| line.trim().to_owned());
    line.unwrap_or_else(|| panic!("no usage of {command:?}: {text}"))
}

#[test]
fn the_commands_of_plans_are_read_by_the_grammar_of_the_real_one() {
    let Some(program) = vercel() else { return };
    let home = tempfile::tempdir().unwrap();
    let usage = |command: &[&str]| usage(&program, home.path(), command);
    assert!(usage(&["rollback"]).starts_with("vercel rollback url|deploymentId"));
    // The second word is an environment: a value there is none, and `check` warns of it.
    assert!(usage(&["env", "add"]).starts_with("vercel env add name [environment]"));
    let warned = |command: &str| {
        let text = format!("# P\n\n## Rollback\n\n```bash\n{command}\n```\n");
        let plan = crate::plan::read(text.as_bytes(), "p");
        plan.problems.iter().any(|p| p.message.contains("name of an environment"))
    };
    assert!(warned("vercel env add SCHEDULER_ENABLED false"));
    assert!(!warned("vercel env add SCHEDULER_ENABLED production"));
}
