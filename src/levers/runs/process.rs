//! Which process is meant, and whether it lives: pid, start time and boot, so that neither a reused pid
//! nor another boot is taken for it.

use std::fs;

use serde::{Deserialize, Serialize};

/// A process of this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Start time in clock ticks since boot; 0 where unknown.
    pub started: u64,
    /// Boot id and pid namespace; empty where unknown.
    pub boot: String,
}

/// A process that is left of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survivor {
    /// Process id.
    pub pid: u32,
    /// Its program. Not its arguments: a shell puts the values of variables there.
    pub command: String,
}

impl Process {
    /// This one.
    pub fn this() -> Self {
        Self::of(std::process::id())
    }

    /// The one that has this pid now.
    pub fn of(pid: u32) -> Self {
        Self { pid, started: Stat::read(pid).map_or(0, |s| s.started), boot: boot() }
    }

    /// Whether it runs. Where the system does not tell, any process of its pid counts.
    pub fn lives(&self) -> bool {
        if self.boot.is_empty() {
            let pid = rustix::process::Pid::from_raw(self.pid.cast_signed());
            return pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok());
        }
        self.boot == boot() && Stat::read(self.pid).is_some_and(|s| s.started == self.started)
    }
}

/// What `/proc/<pid>/stat` says of a process that is no zombie.
struct Stat {
    parent: u32,
    group: u32,
    started: u64,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        if matches!(fields.next()?, "Z" | "X") {
            return None;
        }
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Self { parent, group, started: fields.nth(16)?.parse().ok()? })
    }
}

/// Whether anything of a process group lives.
pub(super) fn group_lives(group: u32) -> bool {
    pids().any(|pid| Stat::read(pid).is_some_and(|s| s.group == group))
}

/// What is left of a step: what carries its mark, and what has become a child of its supervisor, which
/// takes in orphans.
pub(super) fn survivors(mark: &str, supervisor: Option<u32>) -> Vec<Survivor> {
    let is_left = |pid: &u32| {
        let adopted = |stat: &Stat| supervisor == Some(stat.parent);
        Stat::read(*pid).is_some_and(|stat| adopted(&stat) || marked(*pid, mark))
    };
    pids().filter(is_left).map(|pid| Survivor { pid, command: command(pid) }).collect()
}

fn marked(pid: u32, mark: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|b| *b == 0).any(|variable| variable == mark.as_bytes())
}

fn command(pid: u32) -> String {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let program = String::from_utf8_lossy(words.split(|b| *b == 0).next().unwrap_or_default()).into_owned();
    let name = program.rsplit('/').next().unwrap_or_default();
    crate::text::truncate(&crate::text::clean(name), 60, "…").into_owned()
}

fn pids() -> impl Iterator<Item = u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    if id.is_empty() { id } else { format!("{} {}", id.trim(), space.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_start_or_boot_is_another_process() {
        let me = Process::this();
        assert!(me.lives());
        if me.boot.is_empty() {
            return eprintln!("SKIPPED: this system does not tell which processes live");
        }
        assert!(!Process { started: me.started + 1, ..me.clone() }.lives());
        assert!(!Process { boot: "another boot".to_owned(), ..me.clone() }.lives());
    }
}
