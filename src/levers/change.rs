//! Carries out what the providers say: a reading question by question, and a change once, with what
//! was shown looked at before and read back behind. Called by the levers' desk.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use reqwest::Url;
use tokio::time::{Instant, sleep, timeout};

use uuid::Uuid;

use super::exact::{Act, Edit, Exact};
use super::executor::{Executor, Stop, Task};
use super::file;
use super::flag::{FlagChange, Outcome, same};
use super::providers::{self, Answer, Next, Reading};
use super::run::{Ending, StepOutcome};
use super::script::Script;
use super::wire::{LATE, Limits, Receipt, Sent, Wire, late, seconds};
use crate::plan::binding::FlagBinding;
use crate::text;

/// More questions than any provider has.
const QUESTIONS: usize = 8;

/// How far the acts of a change came.
enum Went {
    All(Receipt),
    /// Not one of them was done.
    None(Outcome),
    /// It is not known, or only some were done.
    Some(String),
}

/// What changes flags.
pub(super) struct Changer {
    wire: Wire,
}

/// What runs commands, where anything does.
pub(super) type Hands<'a> = Option<&'a dyn Executor>;

/// By whom and under which ticket a change is carried out.
pub(super) struct Errand<'a> {
    pub hands: Hands<'a>,
    pub ticket: Uuid,
    pub stop: Stop,
    pub output: &'a dyn Fn(String),
    /// The first act goes out by then, or none does.
    pub by: DateTime<Utc>,
}

/// Said where a command is to run and nothing runs any.
const NO_HANDS: &str = "nothing here runs commands";

impl Changer {
    /// # Errors
    /// A sentence: the system gives no client.
    pub(super) fn new(limits: Limits) -> Result<Self, String> {
        Wire::new(limits).map(|wire| Self { wire })
    }

    /// What a flag reads.
    ///
    /// # Errors
    /// A sentence with the flag.
    pub(super) async fn read(&self, binding: &FlagBinding, hands: Hands<'_>) -> Result<Reading, String> {
        let said = |why: String| format!("{} cannot be read: {why}", text::clean(&binding.name));
        let mut answers = vec![];
        while answers.len() < QUESTIONS {
            let answer = match providers::next(binding, &answers).map_err(said)? {
                Next::Is(reading) => return Ok(reading),
                Next::Ask(question) => self.wire.ask(&question).await.map(Answer::Body),
                Next::Look(path) => look(&path),
                Next::Print(line) => printed(hands, &line).await,
            };
            answers.push(answer.map_err(said)?);
        }
        Err(said("its provider asks without end".to_owned()))
    }

    /// Reads, writes once, and reads back. What was shown before must still be so, where it can be read
    /// at all: a provider whose readings are down must not block a way back.
    pub(super) async fn change(
        &self,
        binding: &FlagBinding,
        change: &FlagChange,
        errand: Errand<'_>,
    ) -> Outcome {
        let hands = errand.hands;
        // Half of the time is for the reading: one that hangs must not use up what the change needs.
        let left = (errand.by - Utc::now()).to_std().unwrap_or_default() / 2;
        let moved = timeout(left, self.moved(binding, change, hands)).await;
        if let Some(why) = moved.unwrap_or_default() {
            return Outcome::Failed(format!("{why}; nothing was sent"));
        }
        match self.carry_out(&change.request, errand).await {
            Went::None(outcome) => outcome,
            Went::All(receipt) => self.read_back(binding, change, receipt, hands).await,
            Went::Some(why) => {
                let reading = self.read(binding, hands).await;
                let reading = reading.map_or_else(|e| e, |now| format!("it reads {}", now.value));
                Outcome::Unknown(format!("{why}; {reading}"))
            }
        }
    }

    /// Why what was shown is not so any more.
    async fn moved(&self, binding: &FlagBinding, change: &FlagChange, hands: Hands<'_>) -> Option<String> {
        let shown = change.reading()?;
        let now = self.read(binding, hands).await.ok()?;
        let flag = text::clean(&change.flag);
        if !same(&shown.value, &now.value) {
            return Some(format!("{flag} reads {} now, not {} as was shown", now.value, shown.value));
        }
        let known = shown.basis != providers::Basis::Nothing && shown.basis != now.basis;
        known.then(|| format!("{flag} was changed at its provider since it was shown"))
    }

    /// Does one act after the other, and none behind one that was not taken.
    async fn carry_out(&self, exact: &Exact, mut errand: Errand<'_>) -> Went {
        let mut last = Receipt::default();
        let mut done = vec![];
        for act in exact.acts() {
            let by = done.is_empty().then_some(errand.by);
            let (sent, told) = match act {
                Act::Send(request) => (self.wire.send(request, by).await, request.told()),
                Act::Edit(edit) if late(by) => {
                    (Sent::Not(LATE.to_owned()), text::clean(&edit.path).into_owned())
                }
                Act::Edit(edit) => (write(edit), format!("edit of {}", text::clean(&edit.path))),
                Act::Run(script) => (run(script, &mut errand).await, "its command".to_owned()),
            };
            match sent {
                Sent::Taken(receipt) => last = receipt,
                Sent::Unclear(why) => return Went::Some(partly(&done, why)),
                Sent::Not(why) if done.is_empty() => {
                    return Went::None(Outcome::Failed(format!("{why}; nothing was sent")));
                }
                Sent::Refused(outcome) if done.is_empty() => return Went::None(outcome),
                Sent::Not(why) => return Went::Some(partly(&done, format!("{told}: {why}"))),
                Sent::Refused(outcome) => {
                    return Went::Some(partly(&done, format!("{told}: {}", refusal(&outcome))));
                }
            }
            done.push(told);
        }
        Went::All(last)
    }

    async fn read_back(
        &self,
        binding: &FlagBinding,
        change: &FlagChange,
        receipt: Receipt,
        hands: Hands<'_>,
    ) -> Outcome {
        let Limits { back, every, .. } = self.wire.limits();
        let least = Instant::now() + back;
        let read_back = loop {
            let reading = self.read(binding, hands).await;
            if let Ok(read) = &reading
                && same(&read.value, &change.to)
            {
                break read.value.clone();
            }
            if Instant::now() >= least {
                let reading = reading.map_or_else(|e| e, |now| format!("it still reads {}", now.value));
                return Outcome::Unknown(format!("the provider took the change, but {reading}"));
            }
            sleep(every).await;
        };
        match self.second(binding, change).await {
            Ok(note) => {
                let Receipt { status, request_id } = receipt;
                Outcome::Done { read_back, request_id, status, note }
            }
            Err(why) => Outcome::Unknown(format!("it reads {read_back} at the provider, but {why}")),
        }
    }

    /// Asks whoever else the binding names, for as long as a reading back; what comes of it in words.
    async fn second(&self, binding: &FlagBinding, change: &FlagChange) -> Result<String, String> {
        let Some(question) = providers::opinion(binding, &change.to) else {
            let unseen = "OFREP not asked: one answer says nothing of a share";
            return Ok(if binding.verify.is_some() { unseen.to_owned() } else { String::new() });
        };
        let (question, wanted) = question.map_err(|why| format!("OFREP cannot be asked: {why}"))?;
        let host = Url::parse(question.url()).ok().and_then(|u| u.host_str().map(str::to_owned));
        let host = host.unwrap_or_default();
        let Limits { back, every, .. } = self.wire.limits();
        let least = Instant::now() + back;
        loop {
            let given = self.wire.ask(&question).await.and_then(|answer| providers::gives(&answer));
            match given {
                Ok(given) if given == wanted => return Ok(format!("OFREP at {host} gives {given}")),
                _ if Instant::now() < least => sleep(every).await,
                Ok(given) => {
                    return Err(format!("OFREP at {host} still gives {given} after {}", seconds(back)));
                }
                Err(why) => return Err(format!("OFREP at {host} cannot be asked: {why}")),
            }
        }
    }
}

fn partly(done: &[String], why: String) -> String {
    if done.is_empty() { why } else { format!("{} was taken, then {why}", done.join(" and ")) }
}

fn refusal(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused { status, why } => format!("{status} {why}"),
        Outcome::NeedsApproval { status } => format!("{status}: has to be approved at the provider"),
        Outcome::Failed(why) | Outcome::Unknown(why) => why.clone(),
        Outcome::Done { .. } => String::new(),
    }
}

/// What a line prints.
async fn printed(hands: Hands<'_>, line: &Script) -> Result<Answer, String> {
    hands.ok_or(NO_HANDS)?.ask(line).await.map(Answer::Printed)
}

/// Runs the line of a change. An exit code of its own does not say how far it came, so whatever began
/// and did not end with 0 is unclear.
async fn run(script: &Script, errand: &mut Errand<'_>) -> Sent {
    let Some(hands) = errand.hands else { return Sent::Not(NO_HANDS.to_owned()) };
    let stop = std::mem::replace(&mut errand.stop, Stop::never());
    let task = Task { ticket: errand.ticket, stop, output: errand.output, by: errand.by };
    match hands.run(script, task).await {
        StepOutcome::Finished(Ending::Exit(0)) => Sent::Taken(Receipt::default()),
        StepOutcome::Finished(Ending::NotStarted(why)) => Sent::Not(why),
        StepOutcome::Finished(Ending::Rehearsed) => Sent::Not(NO_HANDS.to_owned()),
        StepOutcome::Finished(Ending::Answered(status)) => Sent::Unclear(format!("it was answered {status}")),
        StepOutcome::Finished(Ending::Exit(code)) => {
            Sent::Unclear(format!("its command ended with exit {code}"))
        }
        StepOutcome::Finished(Ending::Signal(signal)) => {
            Sent::Unclear(format!("its command was ended by signal {signal}"))
        }
        StepOutcome::TimedOut => Sent::Unclear("its command took too long and was ended".to_owned()),
        StepOutcome::Aborted => Sent::Unclear("its command was stopped".to_owned()),
        StepOutcome::Unknown(why) => Sent::Unclear(why),
    }
}

/// A file as it is, and where its path leads.
fn look(path: &str) -> Result<Answer, String> {
    let text = file::text(Path::new(path))?.ok_or_else(|| format!("{}: is not there", text::clean(path)))?;
    Ok(Answer::File { text, real: real(path)? })
}

fn real(path: &str) -> Result<String, String> {
    let real = fs::canonicalize(path).map_err(|e| format!("{}: {e}", text::clean(path)))?;
    let Ok(real) = real.into_os_string().into_string() else {
        return Err(format!("{}: leads to a name that is no text", text::clean(path)));
    };
    // What only is not absolute is no link.
    let plain = Path::new(&real) == std::path::absolute(path).unwrap_or_default();
    Ok(if plain { path.to_owned() } else { real })
}

/// Writes an edit, if the file is still what was shown.
fn write(edit: &Edit) -> Sent {
    let after = match edited(edit) {
        Ok(after) => after,
        Err(why) => return Sent::Not(why),
    };
    let path = text::clean(&edit.path);
    match file::replace(Path::new(&edit.real), &after) {
        Ok(()) => Sent::Taken(Receipt::default()),
        Err(e) if edited(edit).is_ok() => Sent::Not(format!("{path}: cannot be written: {e}")),
        Err(e) => Sent::Unclear(format!("{path}: may be written or not: {e}")),
    }
}

/// The whole file as it is to be.
fn edited(edit: &Edit) -> Result<String, String> {
    let path = text::clean(&edit.path);
    let Answer::File { mut text, real } = look(&edit.path)? else {
        return Err(format!("{path}: is no file"));
    };
    let end = edit.at + edit.old.len();
    let whole = providers::digest(&text) == edit.before && text.get(edit.at..end) == Some(&edit.old);
    if real != edit.real || !whole {
        return Err(format!("{path}: changed since it was shown"));
    }
    text.replace_range(edit.at..end, &edit.new);
    Ok(text)
}
