//! The only file of `levers` that starts processes: the supervisor, a supervisor's shell, and the shell
//! of a line that only prints. A test sees to that.

use std::ffi::OsString;
use std::io::{self, PipeWriter};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::fail;
use super::intent::Intent;
use crate::levers::script::{ALWAYS, Script};

/// The shell of every script; its path does not depend on variables of a step.
const SHELL: &str = "/bin/sh";

/// Starts a supervisor for a step's folder. It holds no file, terminal or folder of ours; values go
/// through its environment, never its arguments.
pub(super) fn supervisor(
    program: &Path,
    folder: &Path,
    digest: &str,
    values: &[(String, OsString)],
) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.arg0("warroom").arg("supervise").arg(folder).arg(digest).env_clear();
    command.envs(usual()).envs(values.iter().map(|(name, value)| (name, value)));
    if cfg!(debug_assertions) {
        command.envs(std::env::var_os(fail::VARIABLE).map(|wanted| (fail::VARIABLE, wanted)));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn()
}

/// Starts a step's shell in a process group of its own, without terminal and input. Both outputs are
/// one stream, so that their order stays.
pub(super) fn shell(intent: &Intent, output: PipeWriter) -> io::Result<Child> {
    let mut shell = Command::new(SHELL);
    shell.args(["-eu", "-c", "--", intent.script.bytes()]).env_clear().envs(usual());
    let names = intent.script.variables().iter().map(|v| v.name.as_str());
    shell.envs(names.filter_map(|name| Some((name, std::env::var_os(name)?))));
    let (mark, value) = intent.mark();
    shell.env(mark, value).current_dir(intent.script.cwd()).process_group(0);
    shell.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    shell.spawn()
}

/// Starts the shell of a line that changes nothing, in a process group of its own, with both outputs
/// apart.
pub(super) fn line(script: &Script, values: &[(String, OsString)]) -> io::Result<Child> {
    let mut shell = Command::new(SHELL);
    shell.args(["-eu", "-c", "--", script.bytes()]).env_clear().envs(usual());
    shell.envs(values.iter().map(|(name, value)| (name, value)));
    shell.current_dir(script.cwd()).process_group(0);
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.spawn()
}

fn usual() -> impl Iterator<Item = (&'static str, OsString)> {
    ALWAYS.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)))
}
