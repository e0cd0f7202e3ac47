//! Shell lines of a binding as processes: a group of their own, a small environment, and nothing left
//! of them afterwards.
//!
//! Only a binding that somebody allowed may come here: whoever starts [`super::Sources`] sees to
//! that. A rehearsal's binding is made in memory and names no command.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

use super::fault::{Fault, Kind};
use crate::plan::binding::Source;

/// The variables every command gets, where they are set: enough to find programs and a home, and no
/// token that happens to lie about.
const ALWAYS: &[&str] = &["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// Between asking a group to end and ending it.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// After a kill a process is gone at once, or stuck in the kernel.
const REAP: u32 = 200;

/// A shell line and in which surroundings it runs.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    line: String,
    cwd: Option<PathBuf>,
    /// The names of the variables it gets beside the usual ones.
    env: BTreeSet<String>,
}

impl Shell {
    /// The command of a source; `cwd` is the room's, or empty for where this process is.
    pub fn of(source: &Source, cwd: &str) -> Self {
        Self {
            line: source.command.clone().unwrap_or_default(),
            cwd: (!cwd.is_empty()).then(|| PathBuf::from(cwd)),
            env: source.env.iter().cloned().collect(),
        }
    }

    /// What the variables hold that were handed over by name: it may be a secret, so nothing that
    /// the command says is shown with it.
    pub fn hidden(&self) -> Vec<String> {
        let held = self.env.iter().filter_map(|name| std::env::var(name).ok()).filter(|v| v.len() >= 4);
        super::secret::forms(&held.collect::<Vec<_>>())
    }

    /// Starts it. Nothing is read from a terminal, both outputs are pipes.
    pub fn start(&self) -> Result<Group, Fault> {
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", &self.line]).env_clear().process_group(0);
        let names = ALWAYS.iter().copied().chain(self.env.iter().map(String::as_str));
        shell.envs(names.filter_map(|name| Some((name, std::env::var_os(name)?))));
        if let Some(cwd) = &self.cwd {
            shell.current_dir(cwd);
        }
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = shell.spawn().map_err(|e| {
            let cwd = self.cwd.as_ref().map(|c| format!(" in {}", c.display())).unwrap_or_default();
            Fault::new(Kind::Unreachable, format!("cannot be started{cwd}: {e}"))
        })?;
        let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Group { child, id: id.expect("a child that was just started has an id") })
    }
}

/// A running process group. Dropped, all of it is killed, and its leader reaped.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    id: Pid,
}

impl Group {
    /// Both outputs; to be taken once.
    pub fn outputs(&mut self) -> (ChildStdout, ChildStderr) {
        let out = self.child.stdout.take().expect("it is piped and taken once");
        (out, self.child.stderr.take().expect("it is piped and taken once"))
    }

    /// Waits for the leader, then ends what it left behind, so that both outputs end.
    pub async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait().await;
        self.signal(Signal::KILL);
        status
    }

    /// Asks all of it to end, and after a moment ends it.
    pub async fn end(mut self) {
        self.signal(Signal::TERM);
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        // What is left of the group goes with the drop.
    }

    fn signal(&self, signal: Signal) {
        // It may be gone already.
        let _ = kill_process_group(self.id, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        for _ in 0..REAP {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(1));
        }
    }
}

/// How a command ended, with the last line it complained in.
pub(super) fn ended(status: ExitStatus, complaint: &[u8]) -> String {
    let said = String::from_utf8_lossy(complaint);
    let last = said.lines().rev().map(str::trim).find(|l| !l.is_empty());
    let last = last.map(|l| format!(": {}", super::fault::words(&crate::text::clean(l)))).unwrap_or_default();
    format!("ended with {status}{last}")
}

/// Appends, and keeps the last 4 KiB.
pub(super) fn keep_end(kept: &mut Vec<u8>, more: &[u8]) {
    const KEPT: usize = 4 * 1024;
    kept.extend_from_slice(more);
    if kept.len() > KEPT {
        kept.drain(..kept.len() - KEPT);
    }
}
