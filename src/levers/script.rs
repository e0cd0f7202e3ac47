//! What one step hands to a shell: bytes, folder, variables by name, time. Made once from plan and
//! binding, then only looked at: what is shown is what is hashed and what is executed. Pure.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::blanks::{self, NoFill};
use super::curl::{self, Call};
use super::step::{Step, steps};
use super::{hex, programs, resolve, words};
use crate::plan::binding::{Binding, Blank, ProcedureBinding, Secret, normal};
use crate::plan::{self, Procedure};
use crate::text;

/// How a step is run where nobody says otherwise. Nothing runs without an end.
pub const TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// How long an answer is waited for where nobody says otherwise.
const ANSWER: Duration = Duration::from_secs(60);

/// The variables every step gets, where they are set.
pub const ALWAYS: &[&str] = &["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// What the shell sets by itself.
const SHELLS: &[&str] = &["PWD", "PPID", "IFS", "OPTIND", "PS1", "PS2", "PS4"];

/// Variables that tell curl how it reaches somebody.
const OF_CURL: &[&str] = &[
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "curl_home",
    "curl_ca_bundle",
    "ssl_cert_file",
    "ssl_cert_dir",
];

/// In what surroundings a step is prepared.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What fills blanks, names folders and variables.
    pub binding: &'a Binding,
    /// The plan's folder.
    pub folder: &'a Path,
    /// Where commands run if the binding does not say: the plan's git root, else its folder.
    pub root: &'a Path,
    /// Variables that the user's own settings hand to every step, by name.
    pub env: &'a [String],
    /// Whether a variable is set.
    pub is_set: &'a dyn Fn(&str) -> bool,
    /// The longest it may take.
    pub timeout: Duration,
    /// This computer, the room, the digest of the plan: an approval holds for these only.
    pub scope: [&'a str; 3],
}

/// Where a variable's value comes from. Only a plain text of the binding is kept as such.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A variable of this process.
    Env(String),
    /// A file, without the line end behind it.
    File(String),
    /// What a shell line prints, without the line end behind it.
    Cmd(String),
    /// The text itself.
    Text(String),
}

/// A variable that a step gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Variable {
    /// Its name in the script.
    pub name: String,
    /// Where its value is.
    pub from: Origin,
}

/// Everything a shell is given, or the request that is sent in its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Script {
    bytes: String,
    cwd: PathBuf,
    timeout_ms: u64,
    variables: Vec<Variable>,
    scope: [String; 3],
    /// The request that is sent in the shell's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<Call>,
}

/// Why a step cannot be run as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// There is no such step.
    #[error("the plan has no such step")]
    NoStep,
    /// A person does it.
    #[error("the step has no command; do it and tick it")]
    ByHand,
    /// No shell runs it, or it would not understand it.
    #[error("{0}")]
    NoScript(String),
    /// A character in it cannot be seen.
    #[error("the command holds a character that cannot be seen; take it out of the plan")]
    Hidden,
    /// A blank is open.
    #[error("{0} is still to be filled in: [blank] in warroom.toml")]
    Open(String),
    /// A request without a host.
    #[error("{0} names no host: say base_url under [room] in warroom.toml")]
    NoHost(String),
    /// A blank stands where none can be filled.
    #[error(transparent)]
    NoFill(#[from] NoFill),
    /// A variable is read that is not handed over.
    #[error("the variable {0} is not handed over: add it to env of the procedure in warroom.toml")]
    NotHanded(String),
    /// A variable is handed over and not set.
    #[error("the variable {0} is not set")]
    Unset(String),
}

/// A step of a procedure with what a shell is given for it.
///
/// # Errors
/// Everything that speaks against it, at once.
pub fn prepare(procedure: &Procedure, number: usize, scene: &Scene<'_>) -> Result<Step, Vec<NotReady>> {
    let step = procedure.in_order().into_iter().nth(number).ok_or_else(|| vec![NotReady::NoStep])?;
    let shown = steps(procedure).into_iter().nth(number).ok_or_else(|| vec![NotReady::NoStep])?;
    Script::of(procedure, &step, scene).map(|script| shown.with(script))
}

impl Script {
    fn of(procedure: &Procedure, step: &plan::Step, scene: &Scene<'_>) -> Result<Self, Vec<NotReady>> {
        if step.commands.is_empty() {
            return Err(vec![NotReady::ByHand]);
        }
        let wanted = normal(&procedure.title);
        let bound = scene.binding.procedures.iter().find(|p| normal(&p.title) == wanted);
        let mut wrong = vec![];
        let (bytes, mut variables) = filled(step, scene, &mut wrong);
        let mut names: BTreeSet<&String> = scene.env.iter().collect();
        names.extend(bound.into_iter().flat_map(|b| &b.env));
        let handed = |name: &String| Variable { name: name.clone(), from: Origin::Env(name.clone()) };
        variables.extend(names.iter().map(|name| handed(name)));
        wrong.extend(variables.iter().filter_map(|v| unset(v, scene)));
        wrong.extend(unhanded(&bytes, step, &variables, scene));
        if text::has_hidden(&bytes) || bytes.contains('\u{fffd}') {
            wrong.push(NotReady::Hidden);
        }
        // Where curl itself is told how to reach somebody, it is curl that has to do it.
        let plain = !names.iter().any(|name| OF_CURL.contains(&name.to_lowercase().as_str()));
        let call = plain.then(|| curl::request(&bytes, &scene.binding.room.base_url)).flatten();
        let call = call.transpose().unwrap_or_else(|path| {
            wrong.push(NotReady::NoHost(path));
            None
        });
        if let Some(call) = &call {
            variables.retain(|v| call.reads(&v.name));
        }
        let usual = if call.is_some() { scene.timeout.min(ANSWER) } else { scene.timeout };
        let timeout = bound.and_then(|b| b.timeout).and_then(limited).unwrap_or(usual);
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let (cwd, scope) = (folder(bound, scene), scene.scope.map(str::to_owned));
        let script = Self { bytes, cwd, timeout_ms, variables, scope, call };
        if wrong.is_empty() { Ok(script) } else { Err(wrong) }
    }

    /// A single line that no plan has: `variables` are all it gets, and all it may read.
    ///
    /// # Errors
    /// A sentence: no shell would read it, a character hides in it, or it reads another variable.
    pub(super) fn line(
        line: &str,
        cwd: &Path,
        timeout: Duration,
        variables: Vec<Variable>,
    ) -> Result<Self, String> {
        let read = words::script(line);
        if let Some(why) = read.fault {
            return Err(format!("a shell would not read its command: {why}"));
        }
        if text::has_hidden(line) {
            return Err("its command holds a character that cannot be seen".to_owned());
        }
        let sets = programs::read(&words::script(line)).sets;
        let known = |name: &String| {
            let usual = ALWAYS.contains(&name.as_str()) || SHELLS.contains(&name.as_str());
            usual || sets.contains(name) || variables.iter().any(|v| v.name == *name)
        };
        if let Some(name) = read.reads.iter().find(|name| !known(name)) {
            return Err(format!("its command reads the variable {name}: add it to env of the flag"));
        }
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let (bytes, cwd, scope) = (format!("{line}\n"), cwd.to_owned(), Default::default());
        Ok(Self { bytes, cwd, timeout_ms, variables, scope, call: None })
    }

    /// What the shell reads.
    pub fn bytes(&self) -> &str {
        &self.bytes
    }

    /// Where it runs.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The longest it may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// What it gets beside the usual variables.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The request that is sent; none where a shell runs it.
    pub fn call(&self) -> Option<&Call> {
        self.call.as_ref()
    }

    /// Bytes, folder, variables and time in a form in which no character hides; of a request what is
    /// sent.
    pub fn shown(&self) -> Vec<String> {
        let minutes = self.timeout().as_secs_f64() / 60.0;
        let (mut lines, mut about) = match &self.call {
            None => {
                let about = format!("# sh -eu in {}, at most {minutes:.1} min", self.cwd.display());
                (text::exact(&self.bytes), about)
            }
            Some(call) => {
                let follows = if call.follows() { ", redirects followed" } else { "" };
                let about =
                    format!("# sent as HTTP, once; done by an answer 2xx, at most {minutes:.1} min{follows}");
                (text::exact(&call.shown()), about)
            }
        };
        for variable in &self.variables {
            let _ = match &variable.from {
                Origin::Env(name) if *name == variable.name => write!(about, "\n# with ${name}"),
                Origin::Env(name) => write!(about, "\n# {} is env:{name}", variable.name),
                Origin::File(path) => write!(about, "\n# {} is file:{path}", variable.name),
                Origin::Cmd(line) => write!(about, "\n# {} is cmd:{line}", variable.name),
                Origin::Text(text) => write!(about, "\n# {} is {text:?}", variable.name),
            };
        }
        lines.extend(text::exact(&about));
        lines
    }

    /// `sha256:` and the digest of all of it, with computer, room and plan.
    pub fn digest(&self) -> String {
        let how = if self.call.is_some() { "http" } else { "sh -eu -c" };
        let whole = serde_json::to_vec(&("warroom-step-v1", how, self)).expect("plain data");
        format!("sha256:{}", hex(&Sha256::digest(whole)))
    }
}

/// A binding's time, where it is one: more than nothing, at most a day.
fn limited(seconds: f64) -> Option<Duration> {
    const DAY: f64 = 86_400.0;
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(DAY)))
}

/// All commands of a step as one script, with variables in its blanks.
fn filled(step: &plan::Step, scene: &Scene<'_>, wrong: &mut Vec<NotReady>) -> (String, Vec<Variable>) {
    let (mut bytes, mut variables) = (String::new(), vec![]);
    for command in &step.commands {
        wrong.extend(resolve::unrunnable(command).map(|why| NotReady::NoScript(why.to_string())));
        let text = match blanks::fill(&command.text, &command.placeholders) {
            Ok((text, blanks)) => {
                for (name, blank) in blanks {
                    match origin(&blank, scene) {
                        Ok(from) => variables.push(Variable { name, from }),
                        Err(why) => wrong.push(why),
                    }
                }
                text
            }
            Err(why) => {
                wrong.push(why.into());
                command.text.clone()
            }
        };
        bytes.push_str(text.trim_end_matches('\n'));
        bytes.push('\n');
    }
    variables.sort_by(|a, b| a.name.cmp(&b.name));
    variables.dedup();
    (bytes, variables)
}

fn origin(blank: &str, scene: &Scene<'_>) -> Result<Origin, NotReady> {
    match scene.binding.blanks.get(blank) {
        None | Some(Blank::Open) => Err(NotReady::Open(blank.to_owned())),
        Some(Blank::Text(text)) => Ok(Origin::Text(text.clone())),
        Some(Blank::Kept(Secret::Env(name))) => Ok(Origin::Env(name.clone())),
        Some(Blank::Kept(Secret::File(path))) => Ok(Origin::File(path.clone())),
        Some(Blank::Kept(Secret::Cmd(line))) => Ok(Origin::Cmd(line.clone())),
    }
}

fn unset(variable: &Variable, scene: &Scene<'_>) -> Option<NotReady> {
    match &variable.from {
        Origin::Env(name) if !(scene.is_set)(name) => Some(NotReady::Unset(name.clone())),
        _ => None,
    }
}

/// What the script reads and neither gets nor sets.
fn unhanded(bytes: &str, step: &plan::Step, variables: &[Variable], scene: &Scene<'_>) -> Vec<NotReady> {
    let script = words::script(bytes);
    let faults =
        script.fault.clone().map(|why| NotReady::NoScript(format!("a shell would not read it: {why}")));
    let sets = programs::read(&script).sets;
    let blanks: Vec<_> =
        step.commands.iter().flat_map(|c| &c.placeholders).map(|b| blanks::variable(b)).collect();
    let known = |name: &String| {
        let given = variables.iter().any(|v| v.name == *name) || blanks.contains(name);
        given || sets.contains(name) || SHELLS.contains(&name.as_str())
    };
    let missing = script.reads.iter().filter(|name| !known(name)).filter_map(|name| {
        match ALWAYS.contains(&name.as_str()) {
            true if (scene.is_set)(name) => None,
            true => Some(NotReady::Unset(name.clone())),
            false => Some(NotReady::NotHanded(name.clone())),
        }
    });
    faults.into_iter().chain(missing).collect()
}

fn folder(bound: Option<&ProcedureBinding>, scene: &Scene<'_>) -> PathBuf {
    let said = [bound.map_or("", |b| b.cwd.as_str()), scene.binding.room.cwd.as_str()];
    let said = said.into_iter().find(|cwd| !cwd.is_empty());
    said.map_or_else(|| scene.root.to_owned(), |cwd| scene.folder.join(cwd))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(block: &str, binding: &str) -> Result<Step, Vec<NotReady>> {
        let text = format!("# P\n\n## Rollback\n\n### Emergency Rollback\n\n```bash\n{block}\n```\n");
        let plan = plan::read(text.as_bytes(), "p");
        let binding: Binding = toml::from_str(binding).unwrap();
        let scene = Scene {
            binding: &binding,
            folder: Path::new("/plans"),
            root: Path::new("/repo"),
            env: &[],
            is_set: &|name| ["PATH", "HOME", "TOKEN"].contains(&name),
            timeout: TIMEOUT,
            scope: ["host", "room", "digest"],
        };
        prepare(&plan.procedures[0], 0, &scene)
    }

    #[test]
    fn what_is_shown_is_what_the_shell_gets() {
        let binding = "blank = { prev-id = \"dpl_1; x\" }\n\
                       procedure = [{ title = \"Emergency Rollback\", cwd = \"ops\", env = [\"TOKEN\"], timeout = \"90s\" }]";
        let step = prepared("vercel rollback [prev-id] --token $TOKEN", binding).unwrap();
        let script = step.script().unwrap();
        assert_eq!(script.bytes(), "vercel rollback \"$W_prev_id\" --token $TOKEN\n");
        assert_eq!(script.cwd(), Path::new("/plans/ops"));
        let shown = script.shown().join("\n");
        for part in [
            "\"$W_prev_id\" --token",
            "in /plans/ops, at most 1.5",
            "W_prev_id is \"dpl_1; x\"",
            "with $TOKEN",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }

    #[test]
    fn a_plain_request_is_sent_and_a_proxy_is_for_curl() {
        let text = "curl -X POST /off -H \"Authorization: Bearer $TOKEN\"";
        let bound = |env: &str| {
            let procedure = format!("procedure = [{{ title = \"Emergency Rollback\", env = [{env}] }}]");
            prepared(text, &format!("room = {{ base_url = \"https://a.test\" }}\n{procedure}"))
        };
        let sent = bound("\"TOKEN\", \"PATH\"").unwrap();
        let script = sent.script().unwrap();
        assert!(script.call().is_some_and(|call| call.method() == "POST"));
        assert_eq!(script.variables().len(), 1, "what the request does not hold is not fetched for it");
        let shown = script.shown();
        assert_eq!(shown[0], "POST https://a.test/off");
        assert!(shown.iter().any(|l| l.starts_with("# sent as HTTP, once")), "{shown:?}");
        assert!(prepared(text, "").unwrap_err().contains(&NotReady::NoHost("/off".into())));
        let wrong = bound("\"TOKEN\", \"HTTPS_PROXY\"").unwrap_err();
        assert_eq!(wrong, [NotReady::Unset("HTTPS_PROXY".into())], "that is the shell's again");
    }

    #[test]
    fn everything_that_counts_is_in_the_digest() {
        let digest =
            |block: &str, binding: &str| prepared(block, binding).unwrap().script().unwrap().digest();
        let blank = |value: &str| format!("blank = {{ id = \"{value}\" }}");
        let base = digest("a [id]", &blank("1"));
        assert_eq!(base, digest("a [id]", &blank("1")));
        assert_ne!(base, digest("b [id]", &blank("1")));
        assert_ne!(base, digest("a [id]", &blank("2")));
        assert_ne!(base, digest("a [id]", &format!("room = {{ cwd = \"x\" }}\n{}", blank("1"))));
    }

    #[test]
    fn what_cannot_run_is_refused_before_anybody_approves() {
        for (block, binding, wanted) in [
            ("a $ADMIN_TOKEN", "", NotReady::NotHanded("ADMIN_TOKEN".into())),
            ("a [id]", "", NotReady::Open("id".into())),
            ("a [id]", "blank = { id = \"env:NOWHERE\" }", NotReady::Unset("NOWHERE".into())),
            ("a \u{202e}b", "", NotReady::Hidden),
            ("a '[id]'", "blank = { id = \"1\" }", NoFill::Inside("id".into(), "quotes").into()),
        ] {
            let wrong = prepared(block, binding).unwrap_err();
            assert!(wrong.contains(&wanted), "{block}: {wrong:?}");
        }
        let fine = ["x=1; a $x", "for f in a b; do c $f; done", "cd $HOME", "echo ${X:-y} $PWD"];
        fine.iter()
            .for_each(|block| assert!(prepared(block, "").is_ok(), "{block}: {:?}", prepared(block, "")));
    }
}
