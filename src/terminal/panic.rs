//! Panics: on the loop's thread the terminal comes first and the message after; on any other thread or
//! task the screen stays whole and the loop is told.

use std::backtrace::Backtrace;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::{Input, session::Terminal};
use crate::text;

/// Puts the hook in place; before and after the session the one found there speaks.
pub(super) fn install(terminal: Arc<Terminal>, report: Option<PathBuf>) {
    let previous = take_hook();
    set_hook(Box::new(move |info| {
        if !terminal.is_held() {
            return previous(info);
        }
        let message = describe(info);
        let written = report.as_deref().filter(|path| append(path, &message).is_ok());
        match worker(&terminal) {
            Some(thread) => tell(&terminal, thread, message),
            None => last_words(&terminal, &message, written),
        }
    }));
}

/// The panicking thread or task, unless it is the loop itself.
fn worker(terminal: &Terminal) -> Option<String> {
    let current = thread::current();
    match tokio::task::try_id() {
        _ if current.id() != terminal.ui => Some(current.name().unwrap_or("unnamed").to_owned()),
        Some(task) => Some(format!("task {task}")),
        None => None,
    }
}

fn tell(terminal: &Terminal, thread: String, message: String) {
    // Without a loop there is nobody to tell; the report has it.
    let _ = terminal.inputs.send(Input::WorkerPanicked { thread, message });
}

fn last_words(terminal: &Terminal, message: &str, report: Option<&Path>) {
    terminal.end();
    let mut stderr = io::stderr();
    // Standard error may be gone too; a panic in the hook would only hide the first one.
    let _ = writeln!(stderr, "warroom panicked at {message}");
    if let Some(path) = report {
        let _ = writeln!(stderr, "The report is in {}", text::clean(&path.to_string_lossy()));
    }
}

/// Place and message; the message may quote a plan, so it is cleaned.
fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let payload = info.payload();
    let message =
        payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
    format!("{place}: {}", text::clean(message.unwrap_or("no message")))
}

/// Adds the panic to the report: place, message and calls; never the environment.
fn append(path: &Path, message: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let name = thread::current().name().unwrap_or("unnamed").to_owned();
    let version = env!("CARGO_PKG_VERSION");
    writeln!(file, "warroom {version}, thread {name}, panicked at {message}\n{}", Backtrace::force_capture())
}
