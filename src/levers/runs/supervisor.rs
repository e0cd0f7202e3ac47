//! The process that owns a step: it claims it, hashes the bytes again, starts the shell or sends the
//! request, keeps the output and writes what became of it. It outlives whoever started it, because half a rollback is worse than
//! one that nobody watches.

use std::io::{PipeReader, Read as _};
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::intent::Intent;
use super::mask::Mask;
use super::process::{Survivor, group_lives, survivors};
use super::ring::Ring;
use super::verdict::{How, Verdict};
use super::{claim, fail, request, spawn};
use crate::levers::curl::Call;
use crate::levers::run::Ending;
use crate::levers::script::Origin;

/// Between two looks for a wish to stop.
const LOOK: Duration = Duration::from_millis(20);

/// What a process that has ended printed is in the pipe already; what is left of it may hold the pipe
/// open for ever.
const DRAIN: Duration = Duration::from_millis(200);

/// How long after KILL something may still be ending.
const GONE: Duration = Duration::from_secs(1);

/// Why a supervisor runs nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The folder has no step.
    #[error("there is no step to run: {0}")]
    NoStep(String),
    /// The bytes are not those that were confirmed.
    #[error("what is to run is not what was confirmed")]
    Changed,
    /// It was claimed before.
    #[error("the step was claimed already")]
    Claimed,
}

impl Refused {
    /// The exit code by which the starter knows it.
    pub fn code(&self) -> u8 {
        match self {
            Refused::NoStep(_) => 1,
            Refused::Changed => 12,
            Refused::Claimed => 14,
        }
    }
}

/// Runs the step of a folder, if it is the one that was confirmed and nobody has claimed it.
///
/// # Errors
/// It was not run by this process, for the reason given.
pub fn supervise(folder: &Path, confirmed: &str) -> Result<(), Refused> {
    let broken = |e: std::io::Error| Refused::NoStep(e.to_string());
    let folder = folder.canonicalize().map_err(broken)?;
    let stop = detach();
    fail::point("before-claim");
    let intent = Intent::read(&folder).map_err(broken)?;
    let intent = intent.ok_or_else(|| Refused::NoStep("it was never begun".to_owned()))?;
    if intent.digest != confirmed || intent.script.digest() != confirmed {
        return Err(Refused::Changed);
    }
    if !claim::make(&folder, false).map_err(broken)? {
        return Err(Refused::Claimed);
    }
    fail::point("after-claim");
    let own = Own { folder: &folder, intent: &intent, stop };
    own.run();
    Ok(())
}

/// Leaves terminal and session of whoever started it, and takes in orphans of what it starts.
fn detach() -> Arc<AtomicBool> {
    // It fails only for who has a session of its own already.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let (stop, ignored) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    // A handler, unlike an ignored signal, is not inherited by the command.
    let _ = signal_hook::flag::register(SIGHUP, ignored);
    for signal in [SIGTERM, SIGINT] {
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    let _ = std::env::set_current_dir("/");
    stop
}

/// A step that this process owns.
struct Own<'a> {
    folder: &'a Path,
    intent: &'a Intent,
    stop: Arc<AtomicBool>,
}

/// What a thread of the supervisor reports.
struct Heard {
    exited: Receiver<()>,
    drained: Receiver<()>,
    printed: Arc<AtomicU64>,
}

impl Own<'_> {
    fn run(&self) {
        if self.is_stopped() {
            return self.end(Verdict::of(self.intent, How::Aborted, None));
        }
        if let Some(call) = self.intent.script.call() {
            return self.send(call);
        }
        match self.start() {
            Err(why) => {
                let ending = Ending::NotStarted(why);
                self.end(Verdict::of(self.intent, How::Finished, Some(ending)));
            }
            Ok((child, output)) => self.own(child, output),
        }
    }

    /// Sends the step's one request and keeps what was answered.
    fn send(&self, call: &Call) {
        let mut ring = Ring::create(self.folder);
        let done = request::send(call, self.intent.script.timeout(), &|| self.is_stopped());
        let struck = |text: &str| {
            let mut mask = self.mask();
            let mut clean = mask.pass(text.as_bytes());
            clean.extend(mask.finish());
            clean
        };
        ring.append(&struck(&done.said));
        let how = if done.ending.is_some() { How::Finished } else { How::Unanswered };
        let ending = done.ending.map(|ending| match ending {
            Ending::NotStarted(why) => Ending::NotStarted(plain(&struck(&why))),
            other => other,
        });
        let mut verdict = Verdict::of(self.intent, how, ending);
        verdict.why = plain(&struck(&done.why));
        verdict.printed = ring.total();
        self.end(verdict);
    }

    fn start(&self) -> Result<(Child, PipeReader), String> {
        let cwd = self.intent.script.cwd();
        if !cwd.is_dir() {
            return Err(format!("the folder {} is not there", cwd.display()));
        }
        let failed = |e: std::io::Error| format!("the shell could not be started: {e}");
        let (reader, writer) = std::io::pipe().map_err(failed)?;
        let child = spawn::shell(self.intent, writer).map_err(failed)?;
        fail::point("after-spawn");
        Ok((child, reader))
    }

    /// Sees a started child to its end.
    fn own(&self, mut child: Child, output: PipeReader) {
        // Without it a crash from here on cannot say which process is left; the mark still can.
        let _ = claim::note_child(self.folder, child.id());
        fail::point("after-child");
        let group = Pid::from_raw(child.id().cast_signed()).expect("a child has an id");
        let heard = self.listen(group, output);
        let how = self.wait(group, &heard);
        let drained = heard.drained.recv_timeout(DRAIN);
        let survivors = self.survivors(child.id());
        let ending = child.wait().map_or_else(|e| Ending::NotStarted(e.to_string()), ended);
        let mut verdict = Verdict::of(self.intent, how, Some(ending));
        verdict.printed = heard.printed.load(Ordering::Relaxed);
        verdict.survivors = survivors;
        self.end(verdict);
        if drained.is_err() {
            // What is left would die of a closed pipe.
            while heard.drained.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                while let Ok(Some(_)) = rustix::process::wait(rustix::process::WaitOptions::NOHANG) {}
            }
        }
    }

    fn listen(&self, child: Pid, output: PipeReader) -> Heard {
        let ((exit, exited), (drain, drained)) = (channel(), channel());
        thread::spawn(move || {
            // Not reaped yet, so that its number stays its own until its group is dealt with.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while matches!(rustix::process::waitid(WaitId::Pid(child), options), Err(rustix::io::Errno::INTR))
            {
            }
            let _ = exit.send(());
        });
        let (ring, mask, printed) = (Ring::create(self.folder), self.mask(), Arc::new(AtomicU64::new(0)));
        let count = Arc::clone(&printed);
        thread::spawn(move || {
            keep(output, ring, mask, &count);
            let _ = drain.send(());
        });
        Heard { exited, drained, printed }
    }

    /// What must not be kept: values of variables, except for those that the binding shows anyway.
    fn mask(&self) -> Mask {
        let hidden = self.intent.script.variables().iter().filter(|v| !matches!(v.from, Origin::Text(_)));
        let values: Vec<_> = hidden.filter_map(|v| std::env::var(&v.name).ok()).collect();
        Mask::new(values.iter().map(String::as_str))
    }

    /// Until the child has ended, or was ended.
    fn wait(&self, group: Pid, heard: &Heard) -> How {
        let due = Instant::now().checked_add(self.intent.script.timeout());
        loop {
            match heard.exited.recv_timeout(LOOK) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return How::Finished,
            }
            let how = match () {
                () if self.is_stopped() => How::Aborted,
                () if due.is_some_and(|due| Instant::now() >= due) => How::TimedOut,
                () => continue,
            };
            // It may have ended while this was found out: then that is what happened.
            if heard.exited.try_recv() != Err(TryRecvError::Empty) {
                return How::Finished;
            }
            self.end_group(group, heard);
            return how;
        }
    }

    /// Asks the group to end, and after a while ends it.
    fn end_group(&self, group: Pid, heard: &Heard) {
        let due = Instant::now() + Duration::from_millis(self.intent.grace_ms);
        let tell = |signal| {
            // It may be gone already.
            let _ = rustix::process::kill_process_group(group, signal);
        };
        tell(Signal::TERM);
        let number = group.as_raw_nonzero().get().cast_unsigned();
        let left = || due.saturating_duration_since(Instant::now());
        let _ = heard.exited.recv_timeout(left());
        while !left().is_zero() && group_lives(number) {
            thread::sleep(LOOK.min(left()));
        }
        tell(Signal::KILL);
        // Killed is gone at once, or stuck in the kernel and then named as left.
        let gone = Instant::now() + GONE;
        while Instant::now() < gone && group_lives(number) {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn survivors(&self, child: u32) -> Vec<Survivor> {
        let (name, value) = self.intent.mark();
        let all = survivors(&format!("{name}={value}"), Some(std::process::id()));
        all.into_iter().filter(|s| s.pid != child).collect()
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.folder.join("abort").exists()
    }

    /// What cannot be written is not known: whoever looks finds a claim without a result.
    fn end(&self, verdict: Verdict) {
        let _ = verdict.write(self.folder);
    }
}

/// Keeps an output until nobody can write to it any more, and counts it.
fn keep(mut output: PipeReader, mut ring: Ring, mut mask: Mask, count: &AtomicU64) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        match output.read(&mut piece) {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Ok(0) | Err(_) => break,
            Ok(n) => ring.append(&mask.pass(&piece[..n])),
        }
        count.store(ring.total(), Ordering::Relaxed);
        fail::point("after-output");
    }
    ring.append(&mask.finish());
    count.store(ring.total(), Ordering::Relaxed);
}

fn plain(bytes: &[u8]) -> String {
    crate::text::clean(&String::from_utf8_lossy(bytes)).into_owned()
}

fn ended(status: std::process::ExitStatus) -> Ending {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exit(code),
        (None, signal) => Ending::Signal(signal.unwrap_or_default()),
    }
}
