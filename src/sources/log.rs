//! Log lines that are watched for: a file's tail through rotation and truncation, or what a command
//! keeps printing. Its value is how many lines were found within the last minute; the last ones are
//! kept for people.
//!
//! It runs beside the rounds of [`super::poll`], since it listens where they ask.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use chrono::Utc;
use regex::{Regex, RegexBuilder};
use tokio::io::AsyncReadExt as _;
use tokio::time::MissedTickBehavior;

use super::fault::{Fault, words};
use super::process::{Shell, ended, keep_end};
use super::tail::Tail;
use super::{Report, Sink};
use crate::plan::binding::{Binding, SourceKind};
use crate::signal::{Sample, interval};
use crate::text::clean;

/// Lines are counted over so long.
const WINDOW: Duration = Duration::from_secs(60);

/// A line is searched up to here.
const LONGEST: usize = 64 * 1024;

/// So many of the lines that were found are kept, each cut to a row of a large screen.
const KEPT: usize = 20;
const ROW: usize = 400;

/// The longest pause before a command is started again.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// Where lines come from.
enum Origin {
    File(Tail),
    Command(Shell),
}

/// A log and what is watched for in it.
struct Log {
    /// The source, for sentences.
    pub title: String,
    pub every: Duration,
    pub origin: Origin,
    pub watches: Vec<Watch>,
}

/// One pattern and who wants to know.
struct Watch {
    /// Index into `binding.signals`.
    pub signal: usize,
    pub scale: f64,
    pattern: Pattern,
    found: VecDeque<(Instant, u32)>,
    last: VecDeque<String>,
    /// There are lines that were not told yet.
    news: bool,
}

enum Pattern {
    Plain(String),
    Regex(Regex),
}

impl Watch {
    /// Watches for a text, or for `/a regular expression/`.
    ///
    /// # Errors
    /// It is empty, or no regular expression.
    pub fn new(signal: usize, scale: f64, query: &str) -> Result<Self, String> {
        let inner = query.strip_prefix('/').and_then(|q| q.strip_suffix('/')).filter(|q| !q.is_empty());
        let pattern = match inner {
            Some(inner) => {
                Pattern::Regex(RegexBuilder::new(inner).size_limit(1 << 20).build().map_err(|e| {
                    format!("{query} is no regular expression: {}", last_line(&e.to_string()))
                })?)
            }
            None if query.is_empty() => return Err("there is nothing to look for in the log".to_owned()),
            None => Pattern::Plain(query.to_owned()),
        };
        Ok(Self { signal, scale, pattern, found: VecDeque::new(), last: VecDeque::new(), news: false })
    }

    /// Looks at a line that was read at `now`.
    fn look(&mut self, line: &str, now: Instant, hidden: &[String]) {
        let matches = match &self.pattern {
            Pattern::Plain(text) => line.contains(text.as_str()),
            Pattern::Regex(regex) => regex.is_match(line),
        };
        if !matches {
            return;
        }
        match self.found.back_mut() {
            // As fine as is needed, and never more than a few hundred entries.
            Some((at, count)) if now - *at < Duration::from_millis(200) => *count = count.saturating_add(1),
            _ => self.found.push_back((now, 1)),
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(row(line, hidden));
        self.news = true;
    }

    /// How many were found within the last minute.
    fn count(&mut self, now: Instant) -> f64 {
        while self.found.front().is_some_and(|(at, _)| now - *at >= WINDOW) {
            self.found.pop_front();
        }
        self.found.iter().map(|(_, count)| f64::from(*count)).sum()
    }
}

fn last_line(text: &str) -> String {
    words(text.lines().last().unwrap_or_default())
}

/// A line as people may see it.
fn row(line: &str, hidden: &[String]) -> String {
    let shown = super::secret::struck(hidden, line);
    let cut = shown.char_indices().nth(ROW).map_or(shown.as_str(), |(at, _)| &shown[..at]);
    clean(cut).into_owned()
}

/// Bytes as lines: whatever a line holds, and however long it is.
#[derive(Default)]
struct Lines {
    part: Vec<u8>,
    /// The rest of an overlong line is passed over.
    skipping: bool,
}

impl Lines {
    fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            let (text, ends) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
            if !self.skipping {
                let room = LONGEST - self.part.len();
                self.part.extend_from_slice(&text[..text.len().min(room)]);
                if ends || self.part.len() == LONGEST {
                    each(String::from_utf8_lossy(&self.part).trim_end_matches('\r'));
                    self.part.clear();
                    self.skipping = !ends;
                }
            } else if ends {
                self.skipping = false;
            }
        }
    }
}

/// Follows every log of a binding; to be called within the sources' runtime.
pub(super) fn start(binding: &Binding, sink: &Sink) {
    for source in binding.sources.iter().filter(|s| s.kind == SourceKind::Log) {
        let mut watches = vec![];
        for (signal, bound) in binding.signals.iter().enumerate().filter(|(_, s)| s.source == source.name) {
            match Watch::new(signal, bound.scale, bound.query.trim()) {
                Ok(watch) => watches.push(watch),
                Err(why) => sink(Report::Failed { signal, at: Utc::now(), why }),
            }
        }
        let origin = match &source.command {
            Some(_) => Origin::Command(Shell::of(source, &binding.room.cwd)),
            None => Origin::File(Tail::new(source.file.clone().unwrap_or_default().into())),
        };
        if !watches.is_empty() {
            let every = interval(source.every);
            drop(tokio::spawn(run(Log { title: source.name.clone(), every, origin, watches }, sink.clone())));
        }
    }
}

/// Follows a log until the runtime ends.
async fn run(log: Log, sink: Sink) {
    let Log { title, every, origin, watches } = log;
    let listener = Listener { title, every, watches, lines: Lines::default(), hidden: vec![], sink };
    match origin {
        Origin::File(tail) => listener.follow(tail).await,
        Origin::Command(shell) => listener.listen(shell).await,
    }
}

struct Listener {
    title: String,
    every: Duration,
    watches: Vec<Watch>,
    lines: Lines,
    /// What no line is shown with.
    hidden: Vec<String>,
    sink: Sink,
}

impl Listener {
    /// Reads a file's end again and again. A file system that hangs holds up nobody else.
    async fn follow(mut self, mut tail: Tail) {
        let mut tick = ticks(self.every);
        loop {
            tick.tick().await;
            let mut work = tokio::task::spawn_blocking(move || {
                let read = tail.read();
                (tail, read)
            });
            let done = loop {
                tokio::select! {
                    done = &mut work => break done,
                    _ = tick.tick() => self.fail("cannot be read: its file system does not answer"),
                }
            };
            let Ok((back, read)) = done else { return self.fail("cannot be read any more") };
            tail = back;
            self.took(read);
        }
    }

    fn took(&mut self, read: super::tail::Read) {
        self.hear(&read.bytes);
        match read.trouble {
            None => self.tell(),
            Some(why) => self.fail(&why),
        }
    }

    /// Keeps a command running and listens.
    async fn listen(mut self, shell: Shell) {
        self.hidden = shell.hidden();
        let mut failures = 0;
        loop {
            let began = Instant::now();
            let fault = self.hear_out(&shell).await;
            failures = if began.elapsed() > MAX_PAUSE { 1 } else { failures + 1 };
            let pause = Duration::from_secs(1).saturating_mul(1 << (failures - 1).min(6)).min(MAX_PAUSE);
            let until = tokio::time::Instant::now() + pause;
            let mut tick = ticks(self.every);
            while tokio::time::timeout_at(until, tick.tick()).await.is_ok() {
                self.fail(&fault.what);
            }
        }
    }

    /// One run of the command, and how it ended.
    async fn hear_out(&mut self, shell: &Shell) -> Fault {
        let mut group = match shell.start() {
            Ok(group) => group,
            Err(fault) => return fault,
        };
        let (mut out, mut err) = group.outputs();
        let (mut piece, mut said, mut complaint) = (vec![0; 16 * 1024], vec![0; 4096], vec![]);
        let (mut open, mut complains) = (true, true);
        let mut tick = ticks(self.every);
        while open {
            tokio::select! {
                read = out.read(&mut piece) => match read {
                    Ok(n) if n > 0 => self.hear(&piece[..n]),
                    _ => open = false,
                },
                read = err.read(&mut said), if complains => match read {
                    Ok(n) if n > 0 => keep_end(&mut complaint, &said[..n]),
                    _ => complains = false,
                },
                _ = tick.tick() => self.tell(),
            }
        }
        // It closed its output: what it does beyond that is nobody's business here.
        match tokio::time::timeout(Duration::from_secs(1), group.wait()).await {
            Ok(Ok(status)) => {
                while let Ok(Ok(n @ 1..)) =
                    tokio::time::timeout(Duration::from_millis(50), err.read(&mut said)).await
                {
                    keep_end(&mut complaint, &said[..n]);
                }
                Fault::answer(ended(status, &complaint))
            }
            _ => Fault::answer("closed its output"),
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        let Self { watches, lines, hidden, .. } = self;
        lines.feed(bytes, |line| watches.iter_mut().for_each(|w| w.look(line, now, hidden)));
    }

    fn tell(&mut self) {
        let now = Instant::now();
        for watch in &mut self.watches {
            let sample = Sample { at: Utc::now(), value: watch.count(now) * watch.scale };
            (self.sink)(Report::Samples { signal: watch.signal, samples: vec![sample] });
            if std::mem::take(&mut watch.news) {
                let lines = watch.last.iter().cloned().collect();
                (self.sink)(Report::Lines { signal: watch.signal, lines });
            }
        }
    }

    fn fail(&self, why: &str) {
        let clean = super::secret::struck(&self.hidden, why);
        let why = format!("{} {clean}", self.title);
        for watch in &self.watches {
            (self.sink)(Report::Failed { signal: watch.signal, at: Utc::now(), why: why.clone() });
        }
    }
}

fn ticks(every: Duration) -> tokio::time::Interval {
    // A seldom told count would pass over most minutes.
    let mut ticks = tokio::time::interval(every.min(Duration::from_secs(15)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
