//! What is asked of the journal: judged in batches against the room, and stored in one commit each.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use chrono::DateTime;
use uuid::Uuid;

use super::{LIVELY, Writer};
use crate::journal::scribe::{Ask, Edition, Health, Report, Trouble};
use crate::journal::{AppendError, JournalError};
use crate::room::{Actor, Entry, Fact, Intent, Refusal, Room, decide};

/// At most so many intents share one commit.
pub(super) const BATCH: usize = 256;

/// An intent on its way, with the ticket of whoever waits for it.
pub(super) struct Job {
    pub ticket: Option<u64>,
    pub intent: Intent,
    pub actor: Actor,
}

/// What became of one intent, with the ticket of whoever waits for it.
pub(super) type Verdict = (Option<u64>, Result<Vec<Entry>, Refusal>);

/// What a batch of intents was judged to be, against one end of the journal.
#[derive(Default)]
pub(super) struct Draft {
    pub texts: Vec<String>,
    pub verdicts: Vec<Verdict>,
}

impl Writer {
    pub(super) fn take(&mut self, asks: Vec<Ask>) {
        self.lively_until = Instant::now() + LIVELY;
        let mut jobs = Vec::with_capacity(asks.len());
        for ask in asks {
            let ticket = Some(ask.ticket());
            match ask {
                Ask::Submit { intent, actor, .. } => jobs.push(Job { ticket, intent, actor }),
                Ask::Adopt { ticket, edition, actor } => match self.keep(&edition) {
                    Ok(()) => jobs.push(Job { ticket: Some(ticket), intent: adoption(&edition), actor }),
                    Err(error) => self.turn_away(ticket, &error),
                },
            }
        }
        self.commit(&jobs);
    }

    fn keep(&mut self, edition: &Edition) -> Result<(), JournalError> {
        self.store.keep_plan(&edition.plan.digest, &edition.bytes)?;
        self.options.plan = Some(Arc::clone(&edition.plan));
        Ok(())
    }

    /// Judges and stores a batch; everybody gets an answer, or stays unsure until the disk is mended.
    fn commit(&mut self, jobs: &[Job]) {
        if let Some(trouble) = self.hopeless() {
            let tickets = jobs.iter().filter_map(|job| job.ticket);
            tickets.for_each(|ticket| (self.report)(Report::Failed { ticket, trouble: trouble.clone() }));
            return;
        }
        loop {
            if let Err(error) = self.follow() {
                self.failed(&error);
                jobs.iter().filter_map(|job| job.ticket).for_each(|ticket| self.turn_away(ticket, &error));
                return;
            }
            let draft = self.judge(jobs);
            match self.append(&draft.texts) {
                Err(AppendError::Moved { .. }) => {}
                Ok(()) => return self.tell(draft),
                Err(AppendError::Failed(error)) => return self.not_stored(draft, &error),
            }
        }
    }

    fn append(&mut self, texts: &[String]) -> Result<(), AppendError> {
        if texts.is_empty() {
            return Ok(());
        }
        if let Some(delay) = self.options.commit_delay {
            thread::sleep(delay);
        }
        self.store.append(self.room.seq, texts)?;
        self.works_again();
        Ok(())
    }

    /// Why nothing can be stored now whatever is tried.
    fn hopeless(&self) -> Option<Trouble> {
        match &self.health {
            Health::ViewOnly(trouble) => Some(trouble.clone()),
            Health::Failing(trouble) if self.severed => Some(trouble.clone()),
            _ => None,
        }
    }

    /// Judges a batch in order, each against the room as the ones before it leave it.
    pub(super) fn judge(&self, jobs: &[Job]) -> Draft {
        let at =
            DateTime::from_timestamp_millis((self.options.clock)().timestamp_millis()).unwrap_or_default();
        let mut draft = Draft::default();
        let mut ahead: Option<Room> = None;
        // What is judged is appended to this end and no other.
        let mut head = self.store.head();
        for job in jobs {
            let room = ahead.as_ref().unwrap_or(&self.room);
            let mut seq = room.seq;
            let chain = &mut head;
            let mut place = |event| {
                let fact = Fact::new(Uuid::now_v7(), at, &job.actor.name, event);
                let text = fact.to_text();
                *chain = chain.next(&text);
                draft.texts.push(text);
                seq += 1;
                Entry { seq, id: fact.id, at, by: fact.by, event: fact.event, hash: Some(chain.hash) }
            };
            let verdict = decide(room, &job.intent, &job.actor, at);
            // Some refusals leave a trace of their own.
            let trace = verdict.as_ref().err().and_then(Refusal::record).map(|event| vec![place(event)]);
            let verdict = verdict.map(|events| events.into_iter().map(&mut place).collect::<Vec<_>>());
            if let (Some(entries), true) = (trace.as_ref().or(verdict.as_ref().ok()), jobs.len() > 1) {
                let ahead = ahead.get_or_insert_with(|| self.room.clone());
                entries.iter().for_each(|entry| ahead.apply(entry));
                if let Intent::AdoptPlan { plan } = &job.intent {
                    ahead.follow(Arc::clone(plan));
                }
            }
            draft.verdicts.extend(trace.map(|entries| (None, Ok(entries))));
            draft.verdicts.push((job.ticket, verdict));
        }
        draft
    }

    /// Applies and reports what was stored, each to whoever asked.
    fn tell(&mut self, draft: Draft) {
        for (ticket, verdict) in draft.verdicts {
            match (verdict, ticket) {
                (Ok(entries), ticket) => {
                    let before = Arc::clone(&self.room.plan);
                    self.apply(&entries);
                    let plan = self.new_plan(&before);
                    (self.report)(Report::Recorded { entries, plan, ticket });
                }
                (Err(refusal), Some(ticket)) => (self.report)(Report::Refused { ticket, refusal }),
                (Err(_), None) => {}
            }
        }
    }

    /// A commit failed. Where it is not known whether it arrived, nobody is told anything until
    /// the journal has been read again.
    fn not_stored(&mut self, draft: Draft, error: &JournalError) {
        let unknown = matches!(error, JournalError::Storage { .. });
        for (ticket, verdict) in draft.verdicts {
            match (verdict, ticket) {
                (Ok(entries), ticket) if unknown => {
                    self.unsure.extend(entries.iter().map(|entry| (entry.id, ticket)));
                }
                (Ok(_), Some(ticket)) => self.turn_away(ticket, error),
                (Err(refusal), Some(ticket)) => (self.report)(Report::Refused { ticket, refusal }),
                (_, None) => {}
            }
        }
        // What must not be stored says nothing of the journal.
        if !matches!(error, JournalError::Estranged { .. }) {
            self.failed(error);
        }
    }

    fn turn_away(&mut self, ticket: u64, error: &JournalError) {
        (self.report)(Report::Failed { ticket, trouble: Trouble::from(error) });
    }
}

/// The intent that makes the room follow an edition.
pub(super) fn adoption(edition: &Edition) -> Intent {
    Intent::AdoptPlan { plan: Arc::clone(&edition.plan) }
}
