//! A command that prints a value: run once a question, ended with its whole group when it takes too
//! long, and its output read as a number, as lines of `NAME NUMBER`, or as JSON by an RFC 9535 path.

#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use chrono::Utc;
use serde_json::Value;
use serde_json_path::JsonPath;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::time::timeout;

use super::adapter::Answer;
use super::fault::{Fault, Kind, words};
use super::process::{GRACE, Group, Shell, ended, keep_end};
use super::question::{Aspect, Place, Question};
use crate::signal::Sample;

/// What is read of an output.
const LONGEST: usize = 64 * 1024;

/// A command that is asked.
#[derive(Debug)]
pub(super) struct Printer {
    shell: Shell,
    within: Duration,
    /// What no sentence is shown with.
    hidden: Vec<String>,
}

impl Printer {
    /// The command of a source; it does not run yet.
    pub fn open(place: &Place) -> Self {
        let shell = Shell::of(&place.source, &place.cwd);
        Self { hidden: shell.hidden(), within: place.deadline(), shell }
    }

    /// One run answers everybody who wants to know.
    pub async fn ask(&self, question: &Question) -> Result<Answer, Fault> {
        let text = run(&self.shell, self.within).await.map_err(|fault| self.clean(fault))?;
        let given = question.wanted.iter().map(|wanted| {
            let query = if let Aspect::Named(query) = &wanted.aspect { query } else { "" };
            read(&text, query).map_err(|fault| self.clean(fault))
        });
        Ok(Answer { given: given.collect(), ..Answer::default() })
    }

    fn clean(&self, fault: Fault) -> Fault {
        let what = super::secret::struck(&self.hidden, &fault.what);
        Fault { what, ..fault }
    }
}

/// What `query` asks for in an output; an output without it is no sample.
fn read(text: &str, query: &str) -> Result<Vec<Sample>, Fault> {
    let at = Utc::now();
    Ok(value(text, query)?.map(|value| Sample { at, value }).into_iter().collect())
}

/// What a command prints. It has ended when this returns, or when the future is dropped.
async fn run(shell: &Shell, within: Duration) -> Result<String, Fault> {
    let mut group = shell.start()?;
    // Both stay open until it has ended: who tidies up may want to say so.
    let (mut out, mut err) = group.outputs();
    // It is asked to end a little before the answer is due, so that it can tidy up.
    let patience = within - GRACE.min(within / 5);
    match timeout(patience, output(&mut group, &mut out, &mut err)).await {
        Ok(told) => told,
        Err(_) => {
            let _ = timeout(within - patience, group.end()).await;
            let why = format!("took more than {:.1} s and was ended", patience.as_secs_f64());
            Err(Fault::new(Kind::Silent, why))
        }
    }
}

async fn output(group: &mut Group, out: &mut ChildStdout, err: &mut ChildStderr) -> Result<String, Fault> {
    let status = async { group.wait().await.map_err(broken) };
    let (status, out, err) = tokio::try_join!(status, whole(out), end(err))?;
    if !status.success() {
        return Err(Fault::answer(ended(status, &err)));
    }
    String::from_utf8(out).map_err(|_| Fault::answer("prints no text"))
}

async fn whole(from: impl AsyncRead + Unpin) -> Result<Vec<u8>, Fault> {
    let mut text = vec![];
    from.take(LONGEST as u64 + 1).read_to_end(&mut text).await.map_err(broken)?;
    if text.len() > LONGEST {
        return Err(Fault::answer("prints more than 64 KiB"));
    }
    Ok(text)
}

async fn end(mut from: impl AsyncRead + Unpin) -> Result<Vec<u8>, Fault> {
    let (mut kept, mut piece) = (vec![], [0; 4096]);
    loop {
        match from.read(&mut piece).await.map_err(broken)? {
            0 => return Ok(kept),
            n => keep_end(&mut kept, &piece[..n]),
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn broken(error: io::Error) -> Fault {
    Fault::answer(format!("cannot be read: {error}"))
}

/// The number that a query names in an output: `$…` is a path into JSON, another text the name in
/// front of a number on a line, and an empty one means that the number is all there is.
fn value(text: &str, query: &str) -> Result<Option<f64>, Fault> {
    match (text.trim(), query.trim()) {
        ("", _) => Ok(None),
        (text, query) if query.starts_with('$') => at_path(text, query),
        (text, "") => number(text).map(Some),
        (text, query) => match text.lines().find_map(|line| named(line, query)) {
            Some(value) => number(value).map(Some),
            None => Err(Fault::answer(format!("prints no line that begins with {}", words(query)))),
        },
    }
}

/// The number behind a name.
fn named<'t>(line: &'t str, name: &str) -> Option<&'t str> {
    let (before, value) = line.trim().rsplit_once(char::is_whitespace)?;
    (before.trim_end().trim_end_matches([':', '=']).trim_end() == name).then_some(value)
}

fn number(text: &str) -> Result<f64, Fault> {
    text.parse().map_err(|_| Fault::answer(format!("prints no number but {}", words(text))))
}

fn at_path(text: &str, path: &str) -> Result<Option<f64>, Fault> {
    let parsed = JsonPath::parse(path).map_err(|e| {
        Fault::answer(format!("cannot be read by {}: {}", words(path), words(&e.to_string())))
    })?;
    let json: Value =
        serde_json::from_str(text).map_err(|e| Fault::answer(format!("prints no JSON: {e}")))?;
    let found = parsed.query(&json).all();
    match found[..] {
        [] | [Value::Null] => Ok(None),
        [Value::Bool(is)] => Ok(Some(f64::from(u8::from(*is)))),
        [Value::Number(value)] => Ok(value.as_f64()),
        [Value::String(text)] => number(text.trim()).map(Some),
        [_] => Err(Fault::answer(format!("has no number at {}", words(path)))),
        _ => Err(Fault::answer(format!("has {} values at {}", found.len(), words(path)))),
    }
}
