//! What a shell line prints: asked of flags that commands keep. Such a line changes nothing, so nothing
//! is written down of it and it is ended with its whole group when it takes too long. May wait.

use std::io::Read;
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::follow::{hidden, values};
use super::mask::Mask;
use super::spawn;
use crate::levers::script::Script;
use crate::text;

/// So much of each output is kept.
const KEPT: u64 = 16 * 1024;

/// Between two looks whether it has ended.
const LOOK: Duration = Duration::from_millis(2);

/// What has ended printed all it had; what it left behind may hold its outputs open for ever.
const DRAIN: Duration = Duration::from_millis(200);

/// Between TERM and KILL.
const GRACE: Duration = Duration::from_millis(500);

/// So much of a complaint is repeated, in columns.
const WORDS: usize = 200;

/// What a line prints, without the values of its variables.
///
/// # Errors
/// A sentence: it could not be started, took too long, or did not end with 0.
pub(super) fn printed(script: &Script) -> Result<String, String> {
    let values = values(script)?;
    let cwd = script.cwd();
    if !cwd.is_dir() {
        return Err(format!("the folder {} is not there", cwd.display()));
    }
    let mut child =
        spawn::line(script, &values).map_err(|e| format!("its command cannot be started: {e}"))?;
    let secrets = hidden(script, &values);
    let (out, err) = (drained(child.stdout.take()), drained(child.stderr.take()));
    let ended = ended(&mut child, script.timeout());
    let struck = |from: &Receiver<Vec<u8>>| {
        let mut mask = Mask::new(secrets.iter().map(String::as_str));
        let mut text = mask.pass(&from.recv_timeout(DRAIN).unwrap_or_default());
        text.extend(mask.finish());
        String::from_utf8_lossy(&text).into_owned()
    };
    match ended? {
        status if status.success() => Ok(struck(&out)),
        status => Err(format!("its command ended with {status}{}", complaint(&struck(&err)))),
    }
}

/// The last thing that it said of why.
fn complaint(said: &str) -> String {
    let last = said.lines().rev().map(str::trim).find(|l| !l.is_empty());
    let told = |line: &str| format!(": {}", text::truncate(&text::clean(line), WORDS, "…"));
    last.map(told).unwrap_or_default()
}

/// The beginning of an output, once it is closed. The rest is read, so that nobody waits to write it.
fn drained(from: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (say, drained) = channel();
    thread::spawn(move || {
        let (Some(mut from), mut kept) = (from, vec![]) else { return };
        let _ = from.by_ref().take(KEPT).read_to_end(&mut kept);
        let _ = std::io::copy(&mut from, &mut std::io::sink());
        let _ = say.send(kept);
    });
    drained
}

/// How it ended; then nothing of its group is left.
fn ended(child: &mut Child, within: Duration) -> Result<std::process::ExitStatus, String> {
    let group = Pid::from_raw(child.id().cast_signed()).expect("a child has an id");
    let tell = |signal| {
        // It may be gone already.
        let _ = rustix::process::kill_process_group(group, signal);
    };
    let in_time = over(group, Instant::now() + within);
    if !in_time {
        tell(Signal::TERM);
        over(group, Instant::now() + GRACE);
    }
    // It is not reaped yet, so its number is still its own.
    tell(Signal::KILL);
    let status = child.wait().map_err(|e| format!("its command cannot be waited for: {e}"))?;
    match in_time {
        true => Ok(status),
        false => Err(format!("its command took more than {} s and was ended", within.as_secs_f64())),
    }
}

/// Whether it has ended by then; it is not reaped.
fn over(child: Pid, due: Instant) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    loop {
        match rustix::process::waitid(WaitId::Pid(child), options) {
            Ok(None) | Err(rustix::io::Errno::INTR) if Instant::now() < due => thread::sleep(LOOK),
            Ok(None) | Err(rustix::io::Errno::INTR) => return false,
            Ok(Some(_)) | Err(_) => return true,
        }
    }
}
