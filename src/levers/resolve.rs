//! What can be known of a plan's commands without running any: whether their programs are there, what
//! is still to be filled in, which variables are missing, whom a request would reach.
//!
//! Looks along PATH and nowhere else; of a variable only whether it is set. Who calls it: `cli` and
//! `runtime`, for the rehearsal report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::blanks;
use super::curl::{self, Call};
use super::exact::{address, host};
use super::programs::{self, Program, Target};
use super::words::{Script, script};
use crate::plan::binding::{Blank, Secret};
use crate::plan::headline;
use crate::plan::{Command, Plan, Procedure, ProcedureId};
use crate::text;

/// What a command would find.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The folders of PATH, in order.
    pub path: &'a [PathBuf],
    /// Whether a variable is set; its value is nobody's business.
    pub is_set: &'a dyn Fn(&str) -> bool,
    /// What the binding says goes into blanks.
    pub blanks: &'a BTreeMap<String, Blank>,
    /// Where paths without a host are; empty where the binding does not say.
    pub base_url: &'a str,
}

/// What is known of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The procedure it belongs to.
    pub procedure: ProcedureId,
    /// That procedure's heading, cleaned.
    pub title: String,
    /// Its first line in the plan.
    pub line: usize,
    /// What it says of itself: its comment or first line, cleaned.
    pub command: String,
    /// Everything that is known, what is wrong first.
    pub verdicts: Vec<Verdict>,
}

impl Resolution {
    /// Whether nothing speaks against it.
    pub fn resolves(&self) -> bool {
        self.verdicts.iter().all(|v| v.proof() != Proof::Refuted)
    }

    /// The sentences of one worth, for a report.
    pub fn told(&self, proof: Proof) -> Vec<String> {
        self.verdicts.iter().filter(|v| v.proof() == proof).map(ToString::to_string).collect()
    }
}

/// What a verdict is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// As it stands it cannot work.
    Refuted,
    /// It cannot be told from here.
    Open,
    /// This much is in order.
    Proved,
}

/// One thing that is known of a command. Its words are a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum Verdict {
    /// No shell runs this language.
    NotRunnable { language: String },
    /// A shell would not understand it.
    NoShellText { why: String },
    /// No program of this name is on PATH.
    Missing { program: String },
    /// Something is still to be filled in.
    Blank { name: String },
    /// The binding fills it in.
    Filled { name: String, with: String },
    /// A variable that is read is not set.
    Unset { name: String },
    /// A request names no host.
    NoHost { url: String },
    /// A request names a host that stands for another.
    ExampleHost { host: String },
    /// A file of the project; only PATH is looked at.
    OwnFile { program: String },
    /// Which program it is depends on a variable.
    Variable { word: String },
    /// Whom it reaches depends on a variable.
    HostInVariable { word: String },
    /// It is one plain request, so no program is needed for it.
    Sent,
    /// The program is there.
    Found { program: String, at: PathBuf },
    /// The shell itself knows it, or the block defines it.
    Builtin { program: String },
    /// A host is named. Whether it answers is not known: it was not called.
    Host { host: String },
}

impl Verdict {
    /// What it is worth.
    pub fn proof(&self) -> Proof {
        use Verdict as V;
        match self {
            V::NotRunnable { .. } | V::NoShellText { .. } | V::Missing { .. } | V::Blank { .. } => {
                Proof::Refuted
            }
            V::Unset { .. } | V::NoHost { .. } | V::ExampleHost { .. } => Proof::Refuted,
            V::OwnFile { .. } | V::Variable { .. } | V::HostInVariable { .. } => Proof::Open,
            V::Found { .. } | V::Builtin { .. } | V::Host { .. } | V::Filled { .. } | V::Sent => {
                Proof::Proved
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Verdict as V;
        let c = text::clean;
        match self {
            V::NotRunnable { language } => {
                write!(f, "{} is nothing a shell runs; the plan names no program for it", c(language))
            }
            V::NoShellText { why } => write!(f, "a shell would not understand it: {}", c(why)),
            V::Missing { program } => write!(f, "the program {} is not on PATH", c(program)),
            V::Blank { name } => write!(f, "{} is still to be filled in", c(name)),
            V::Filled { name, with } => write!(f, "{} is {}", c(name), c(with)),
            V::Unset { name } => write!(f, "the variable {} is not set", c(name)),
            V::NoHost { url } => write!(f, "{} names no host", c(url)),
            V::ExampleHost { host } => write!(f, "the host {} is a placeholder", c(host)),
            V::OwnFile { program } => write!(f, "{} is a file; only PATH is looked at", c(program)),
            V::Variable { word } => write!(f, "which program {} is depends on the variable", c(word)),
            V::HostInVariable { word } => write!(f, "whom {} reaches depends on the variable", c(word)),
            V::Found { program, at } => {
                write!(f, "the program {} is {}", c(program), c(&at.display().to_string()))
            }
            V::Sent => write!(f, "it is sent as HTTP from here and needs no program"),
            V::Builtin { program } => write!(f, "{} is the shell's own", c(program)),
            V::Host { host } => write!(f, "the host {} is named; it was not called", c(host)),
        }
    }
}

/// What is known of every command of every procedure, in the order of the plan.
pub fn resolve(plan: &Plan, world: &World<'_>) -> Vec<Resolution> {
    plan.procedures.iter().flat_map(|p| of_procedure(p, world)).collect()
}

/// Each step is a process of its own: what one sets, only its own later commands read.
fn of_procedure(procedure: &Procedure, world: &World<'_>) -> Vec<Resolution> {
    let loose = procedure.commands.iter().map(std::slice::from_ref);
    let steps = procedure.steps.iter().map(|s| s.commands.as_slice()).chain(loose);
    let mut found: Vec<Resolution> = steps
        .flat_map(|commands| {
            let mut set = BTreeSet::new();
            let known = commands.iter().map(|command| Resolution {
                procedure: procedure.id.clone(),
                title: text::clean(&procedure.title).into_owned(),
                line: command.line,
                command: text::clean(headline(&command.text)).into_owned(),
                verdicts: verdicts(command, world, &mut set),
            });
            known.collect::<Vec<_>>()
        })
        .collect();
    found.sort_by_key(|r| r.line);
    found
}

/// What is known of one command; `set` are the variables that commands before it set.
fn verdicts(command: &Command, world: &World<'_>, set: &mut BTreeSet<String>) -> Vec<Verdict> {
    if let Some(verdict) = unrunnable(command) {
        return vec![verdict];
    }
    let script = script(&filled(command));
    let read = programs::read(&script);
    let mut found: Vec<Verdict> = vec![];
    found.extend(script.fault.clone().map(|why| Verdict::NoShellText { why }));
    let defined = |name: &str| read.functions.contains(name);
    let request = request(command, world);
    found.extend(request.is_some().then_some(Verdict::Sent));
    let programs = read.programs.iter().filter(|_| request.is_none());
    found.extend(programs.map(|program| match program {
        Program::Named(name) if defined(name) => Verdict::Builtin { program: name.clone() },
        Program::Named(name) => located(name, world.path),
        Program::Variable(word) => Verdict::Variable { word: word.clone() },
    }));
    let based = host_of_base(world).filter(|_| request.is_some());
    found.extend(read.targets.iter().map(|target| match (target, &based) {
        (Target::NoHost(_), Some(host)) => reached(&Target::Host(host.clone()), world),
        (target, _) => reached(target, world),
    }));
    set.extend(read.sets);
    found.extend(unset(&script, world, set));
    let blanks: Vec<_> = command.placeholders.iter().filter(|name| !is_host(name, &found)).collect();
    found.extend(blanks.into_iter().map(|name| blank(name, world)));
    let mut seen = vec![];
    found.retain(|v| {
        !seen.contains(v) && {
            seen.push(v.clone());
            true
        }
    });
    found.sort_by_key(Verdict::proof);
    found
}

/// The request that a command is sent as, as [`super::script`] makes it.
fn request(command: &Command, world: &World<'_>) -> Option<Call> {
    let (text, _) = blanks::fill(&command.text, &command.placeholders).ok()?;
    curl::request(&text, world.base_url)?.ok()
}

fn host_of_base(world: &World<'_>) -> Option<String> {
    host(&address(world.base_url).ok()?)
}

/// Whether a blank is filled in. Of a variable only whether it is set is looked at; what else keeps
/// a secret is not opened.
fn blank(name: &str, world: &World<'_>) -> Verdict {
    let name = name.to_owned();
    match world.blanks.get(&name) {
        None | Some(Blank::Open) => Verdict::Blank { name },
        Some(Blank::Kept(Secret::Env(variable))) if !(world.is_set)(variable) => {
            Verdict::Unset { name: variable.clone() }
        }
        Some(Blank::Kept(kept)) => Verdict::Filled { name, with: kept.to_string() },
        Some(Blank::Text(text)) => Verdict::Filled { name, with: text.clone() },
    }
}

/// A language that `sh` does not read, or a recorded session instead of a script.
pub(super) fn unrunnable(command: &Command) -> Option<Verdict> {
    let language = command.language.to_lowercase();
    let shell =
        ["", "inline", "bash", "sh", "shell", "zsh", "console", "shellsession", "terminal", "shell-session"];
    if !shell.contains(&language.as_str()) {
        return Some(Verdict::NotRunnable { language });
    }
    let prompts = command.text.lines().any(|l| l.trim_start().starts_with("$ "));
    let why = "it shows a session with prompts, not a script".to_owned();
    prompts.then_some(Verdict::NoShellText { why })
}

/// The text with a plain word in each blank, so that brackets of a blank are not taken for the shell's.
fn filled(command: &Command) -> String {
    let forms = |name: &String| {
        [format!("[{name}]"), format!("<{name}>"), format!("{{{{{name}}}}}"), format!("{{{{ {name} }}}}")]
    };
    let blanks = command.placeholders.iter().flat_map(forms);
    blanks.fold(command.text.clone(), |text, blank| text.replace(&blank, "BLANK"))
}

fn located(program: &str, path: &[PathBuf]) -> Verdict {
    let program = program.to_owned();
    if programs::is_builtin(&program) {
        return Verdict::Builtin { program };
    }
    if program.contains('/') {
        return Verdict::OwnFile { program };
    }
    if program == "BLANK" {
        return Verdict::Variable { word: program };
    }
    let folders = path.iter().filter(|folder| folder.is_absolute());
    match folders.map(|folder| folder.join(&program)).find(|at| is_executable(at)) {
        Some(at) => Verdict::Found { program, at },
        None => Verdict::Missing { program },
    }
}

fn is_executable(at: &Path) -> bool {
    std::fs::metadata(at).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

fn reached(target: &Target, world: &World<'_>) -> Verdict {
    let filled = |host: &str| {
        world.blanks.get(host.split(':').next().unwrap_or(host)).is_some_and(|b| *b != Blank::Open)
    };
    match target {
        Target::Host(host) if filled(host) => blank(host.split(':').next().unwrap_or(host), world),
        Target::NoHost(url) => Verdict::NoHost { url: url.clone() },
        Target::Variable(word) => Verdict::HostInVariable { word: word.clone() },
        Target::Host(host) if programs::is_example(host) => Verdict::ExampleHost { host: host.clone() },
        Target::Host(host) => Verdict::Host { host: host.clone() },
    }
}

fn unset(script: &Script, world: &World<'_>, set: &BTreeSet<String>) -> Vec<Verdict> {
    let missing = script.reads.iter().filter(|name| !set.contains(*name) && !(world.is_set)(name));
    missing.map(|name| Verdict::Unset { name: name.clone() }).collect()
}

/// Whether a blank was already told as a host.
fn is_host(name: &str, found: &[Verdict]) -> bool {
    found.iter().any(|v| matches!(v, Verdict::ExampleHost { host } if host.split(':').next() == Some(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the programs that these tests know.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("curl", 0o755), ("kubectl", 0o755), ("sudo", 0o755), ("notes", 0o644)] {
            let at = folder.path().join(name);
            std::fs::write(&at, "").unwrap();
            std::fs::set_permissions(&at, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        folder
    }

    /// What is wrong or open, as sentences, of a block in a procedure of a plan.
    fn told(language: &str, block: &str) -> Vec<String> {
        told_with(language, block, &BTreeMap::new())
    }

    fn told_with(language: &str, block: &str, blanks: &BTreeMap<String, Blank>) -> Vec<String> {
        let text = format!("# P\n\n## Rollback\n\n### Emergency Rollback\n\n```{language}\n{block}\n```\n");
        let plan = crate::plan::read(text.as_bytes(), "p");
        let (folder, set) = (folder(), |name: &str| name == "HOME");
        let path = [PathBuf::from("relative"), folder.path().to_owned()];
        let found = resolve(&plan, &World { path: &path, is_set: &set, blanks, base_url: "" });
        assert!(!found.is_empty(), "{block} is no command: {plan:#?}");
        let bad = found.iter().flat_map(|r| &r.verdicts).filter(|v| v.proof() != Proof::Proved);
        bad.map(ToString::to_string).collect()
    }

    #[test]
    fn each_thing_that_is_wrong_is_told() {
        let one = |s: &str| vec![s.to_owned()];
        for (language, block, wanted) in [
            ("bash", "kubectl rollout undo deploy/web", vec![]),
            ("bash", "cd $HOME && kubectl get pods | kubectl apply -f -", vec![]),
            ("bash", "vercel rollback", one("the program vercel is not on PATH")),
            ("bash", "notes x", one("the program notes is not on PATH")),
            ("bash", "sudo systemctl stop web", one("the program systemctl is not on PATH")),
            (
                "bash",
                "kubectl rollout undo [previous-deployment-id]",
                one("previous-deployment-id is still to be filled in"),
            ),
            ("bash", "kubectl rollout undo deploy/<name>", one("name is still to be filled in")),
            ("bash", "curl -H \"X: $TOKEN\" https://api.shop.io/x", one("the variable TOKEN is not set")),
            ("bash", "TOKEN=1\ncurl -H \"X: $TOKEN\" https://api.shop.io/x", vec![]),
            ("bash", "curl -o /dev/null -X POST /api/flags", one("/api/flags names no host")),
            ("bash", "curl -f /api/x | kubectl apply -f -", one("/api/x names no host")),
            (
                "bash",
                "curl -f https://your-domain.com/api/health",
                one("the host your-domain.com is a placeholder"),
            ),
            (
                "bash",
                "curl https://api.example.com:8443/x",
                one("the host api.example.com:8443 is a placeholder"),
            ),
            ("bash", "curl $HOME/x", one("whom $HOME/x reaches depends on the variable")),
            ("bash", "./deploy.sh now", one("./deploy.sh is a file; only PATH is looked at")),
            ("bash", "$HOME/bin/x y", one("which program $HOME/bin/x is depends on the variable")),
            ("sql", "DELETE FROM a;", one("sql is nothing a shell runs; the plan names no program for it")),
            (
                "bash",
                "$ kubectl get pods\nweb-1 Running",
                one("a shell would not understand it: it shows a session with prompts, not a script"),
            ),
        ] {
            assert_eq!(told(language, block), wanted, "{block}");
        }
    }

    #[test]
    fn what_is_in_order_is_told_too_and_no_value_is_read() {
        let command = Command { text: "curl https://api.shop.io/x; true".to_owned(), ..Command::default() };
        let folder = folder();
        let world = World {
            path: &[folder.path().to_owned()],
            is_set: &|_| panic!("no variable is named"),
            blanks: &BTreeMap::new(),
            base_url: "",
        };
        let found = verdicts(&command, &world, &mut BTreeSet::new());
        let told: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(told[0].starts_with("the program curl is /"), "{told:?}");
        assert!(told.contains(&"true is the shell's own".to_owned()), "{told:?}");
        assert!(told.contains(&"the host api.shop.io is named; it was not called".to_owned()), "{told:?}");
    }

    #[test]
    fn a_blank_is_filled_by_the_binding() {
        let blanks = |text: &str| toml::from_str::<crate::plan::binding::Binding>(text).unwrap().blanks;
        let back = "kubectl rollout undo [previous-deployment-id]";
        for (binding, wanted) in [
            (
                "[blank]\n'previous-deployment-id' = ''",
                vec!["previous-deployment-id is still to be filled in"],
            ),
            ("[blank]\n'previous-deployment-id' = 'env:HOME'", vec![]),
            ("[blank]\n'previous-deployment-id' = 'web-41'", vec![]),
            ("[blank]\n'previous-deployment-id' = 'env:PREVIOUS'", vec!["the variable PREVIOUS is not set"]),
        ] {
            assert_eq!(told_with("bash", back, &blanks(binding)), wanted, "{binding}");
        }
        let host = "curl -f https://your-domain.com/api/health";
        assert_eq!(told_with("bash", host, &blanks("[blank]\n'your-domain.com' = 'shop.io'")), [""; 0]);
    }

    #[test]
    fn a_step_is_a_process_of_its_own() {
        let text = "# P\n\n## Rollback\n\n### Emergency Rollback\n\n1. **Set**\n   ```bash\n   export A=1\n   ```\n\
                    2. **Use**\n   ```bash\n   kubectl get $A\n   ```\n";
        let plan = crate::plan::read(text.as_bytes(), "p");
        let folder = folder();
        let world = World {
            path: &[folder.path().to_owned()],
            is_set: &|_| false,
            blanks: &BTreeMap::new(),
            base_url: "",
        };
        let found = resolve(&plan, &world);
        assert_eq!(found.iter().map(Resolution::resolves).collect::<Vec<_>>(), [true, false], "{found:#?}");
    }

    #[test]
    fn a_plain_request_needs_no_program_and_finds_its_host_in_the_binding() {
        let text =
            "# P\n\n## Rollback\n\n### Emergency Rollback\n\n```bash\ncurl -X POST /api/off -d 'a'\n```\n";
        let plan = crate::plan::read(text.as_bytes(), "p");
        let told = |base_url: &str| {
            let world = World { path: &[], is_set: &|_| false, blanks: &BTreeMap::new(), base_url };
            let found = resolve(&plan, &world);
            found[0].verdicts.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            told("https://shop.io"),
            [
                "it is sent as HTTP from here and needs no program",
                "the host shop.io is named; it was not called"
            ]
        );
        assert_eq!(told(""), ["the program curl is not on PATH", "/api/off names no host"]);
    }
}
