//! Where samples come from: one thread that asks every bound source on its own interval. Edge.
//!
//! What can be asked is asked by `poll` through an `adapter`; logs are listened to by `log`. The caller
//! guarantees that the binding was allowed: it may name commands.
//!
//! It knows a binding and reports samples and failures by the index of a signal; what they mean
//! is for `signal` to say. A source that hangs, lies or floods delays no other and never a key.
//! The runtime starts it after the first frame and stops it with the room.

mod adapter;
pub mod alertmanager;
mod client;
mod command;
mod datadog;
mod fault;
mod join;
mod json;
mod log;
mod poll;
pub mod preview;
mod probe;
mod process;
mod prometheus;
mod question;
mod secret;
mod sql;
mod tail;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use crate::plan::binding::Binding;
use crate::signal::Sample;

/// What came of asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// An answer; without samples it says that there are none.
    Samples {
        /// Index into `binding.signals`.
        signal: usize,
        /// Multiplied with the signal's scale; NaN where the source has no number.
        samples: Vec<Sample>,
    },
    /// No answer, or none that can be used.
    Failed {
        /// Index into `binding.signals`.
        signal: usize,
        /// When that was known.
        at: DateTime<Utc>,
        /// One sentence without any secret.
        why: String,
    },
    /// The source warns beside its answers, or (None) does not any more.
    Warned {
        /// Index into `binding.signals`.
        signal: usize,
        /// Its words.
        warning: Option<String>,
    },
    /// The last lines of a log that were found, the newest last; as people may see them.
    Lines {
        /// Index into `binding.signals`.
        signal: usize,
        /// A few, cut and cleaned.
        lines: Vec<String>,
    },
}

/// Where reports go. Called on the sources' thread, so it must not wait.
type Sink = Arc<dyn Fn(Report) + Send + Sync>;

/// So long [`Sources::stop`] waits for the thread.
const PATIENCE: Duration = Duration::from_millis(200);

/// So long after a secret could not be had it is asked for again.
const REFETCH: Duration = Duration::from_secs(15);

/// The running sources of a binding.
#[derive(Debug)]
pub struct Sources {
    /// Dropped to stop.
    alive: Option<oneshot::Sender<()>>,
    /// Closed by the thread's end.
    ended: mpsc::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Sources {
    /// Asks every source of `binding` from now on and hands what comes of it to `report`, which is
    /// called on the sources' thread and must not wait.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        binding: Arc<Binding>,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> std::io::Result<Sources> {
        Self::resume(binding, vec![], report)
    }

    /// As [`Sources::start`], with the time of the newest sample that is known already for each of
    /// the binding's signals: where a source has history, it is asked for what came after.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn resume(
        binding: Arc<Binding>,
        since: Vec<Option<DateTime<Utc>>>,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> std::io::Result<Sources> {
        let (alive, stop) = oneshot::channel();
        let (end, ended) = mpsc::channel();
        let sink: Sink = Arc::new(report);
        let body = move || {
            run(&binding, &since, &sink, stop);
            drop(end);
        };
        let thread = thread::Builder::new().name("sources".into()).spawn(body)?;
        Ok(Sources { alive: Some(alive), ended, thread: Some(thread) })
    }

    /// Asks no more. Requests under way are dropped; nothing is reported afterwards, unless
    /// `report` itself hangs.
    pub fn stop(&mut self) {
        self.alive = None;
        let Some(thread) = self.thread.take() else { return };
        if self.ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected) {
            // A panic there was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(binding: &Binding, since: &[Option<DateTime<Utc>>], sink: &Sink, stop: oneshot::Receiver<()>) {
    let (places, wrong) = question::places(binding, since);
    let fail = |signal, why: &str| sink(Report::Failed { signal, at: Utc::now(), why: why.to_owned() });
    wrong.iter().for_each(|(signal, why)| fail(*signal, why));
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let why = format!("nothing can be asked: {error}");
            return places.iter().flat_map(|p| p.signals()).for_each(|s| fail(s, &why));
        }
    };
    runtime.block_on(async {
        log::start(binding, sink);
        let clients = Arc::new(client::Clients::default());
        for place in places {
            drop(tokio::spawn(enter(place, clients.clone(), sink.clone())));
        }
        // Its sender is only ever dropped.
        let _ = stop.await;
    });
    // A host name being looked up holds a thread that cannot be interrupted.
    runtime.shutdown_background();
}

/// Asks a place. Its secrets are fetched first, and again after a while where they cannot be had.
async fn enter(place: question::Place, clients: Arc<client::Clients>, sink: Sink) {
    loop {
        let made = secret::fetch(&place).await.and_then(|keys| {
            let adapter = adapter::Adapter::open(&place, &keys, &clients)?;
            Ok((adapter, keys.hidden))
        });
        let why = match made {
            Ok((adapter, hidden)) => return poll::run(place, adapter, hidden, sink).await,
            Err(why) => format!("{}: {why}", place.title),
        };
        let fail = |signal| sink(Report::Failed { signal, at: Utc::now(), why: why.clone() });
        place.signals().for_each(fail);
        tokio::time::sleep(REFETCH).await;
    }
}
