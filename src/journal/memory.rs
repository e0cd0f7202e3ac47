//! A journal in memory: for tests, and for looking at a plan where nothing may be written.
//! Clones share the same events, as processes share a file; it follows the contract of [`Store`].

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::chain::{self, Head, Record};
use super::lease::{self, Kept};
use super::{AppendError, Holder, JournalError, Lease, Meta, OpenedAs, PAGE, Store, Why};

#[derive(Debug)]
struct Shared {
    records: Vec<Record>,
    plans: HashMap<String, Vec<u8>>,
    lease: Option<Kept>,
    meta: Meta,
}

/// A journal that ends with its last handle.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    shared: Arc<Mutex<Shared>>,
    head: Head,
    opened: OpenedAs,
}

impl MemoryStore {
    /// An empty journal of a room.
    pub fn new(meta: Meta) -> Self {
        let shared = Shared { records: Vec::new(), plans: HashMap::new(), lease: None, meta };
        Self { shared: Arc::new(Mutex::new(shared)), head: Head::default(), opened: OpenedAs::Writable }
    }

    /// The same, only to be looked at.
    pub fn view_only(meta: Meta, why: Why) -> Self {
        Self { opened: OpenedAs::ReadOnly(why), ..Self::new(meta) }
    }

    /// Another handle on the same journal that has read nothing yet.
    pub fn another(&self) -> Self {
        Self { head: Head::default(), ..self.clone() }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writable(&self) -> Result<(), JournalError> {
        match &self.opened {
            OpenedAs::Writable => Ok(()),
            OpenedAs::ReadOnly(why) => Err(JournalError::ViewOnly { file: file(), why: why.clone() }),
        }
    }
}

fn file() -> PathBuf {
    PathBuf::from("(memory)")
}

impl Store for MemoryStore {
    fn after(&mut self, seq: u64) -> Result<Vec<Record>, JournalError> {
        if seq > self.head.seq {
            return Err(JournalError::Backwards { file: file(), seq });
        }
        let skip = usize::try_from(seq).expect("a place in a Vec");
        let page: Vec<Record> = self.shared().records.iter().skip(skip).take(PAGE).cloned().collect();
        if let Some(last) = page.last().filter(|last| last.seq > self.head.seq) {
            self.head = last.head();
        }
        Ok(page)
    }

    fn append(&mut self, after: u64, texts: &[String]) -> Result<Vec<Record>, AppendError> {
        self.writable()?;
        let mut shared = self.shared();
        let end = shared.records.last().map(Record::head).unwrap_or_default();
        if after != self.head.seq || end != self.head {
            return Err(AppendError::Moved { known: self.head });
        }
        let records = chain::extend(end, texts);
        shared.records.extend(records.iter().cloned());
        drop(shared);
        self.head = records.last().map_or(end, Record::head);
        Ok(records)
    }

    fn changed(&mut self) -> Result<bool, JournalError> {
        Ok(self.shared().records.len() as u64 != self.head.seq)
    }

    fn head(&self) -> Head {
        self.head
    }

    fn opened_as(&self) -> &OpenedAs {
        &self.opened
    }

    fn keep_plan(&mut self, digest: &str, bytes: &[u8]) -> Result<(), JournalError> {
        self.writable()?;
        if chain::digest(bytes) != digest {
            return Err(JournalError::PlanBytes { file: file(), digest: digest.to_owned() });
        }
        self.shared().plans.insert(digest.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.shared().plans.get(digest).cloned())
    }

    fn renew_lease(&mut self, me: &Holder, now_ms: i64) -> Result<Lease, JournalError> {
        let mut shared = self.shared();
        if self.opened != OpenedAs::Writable {
            return Ok(lease::watch(shared.lease.clone(), me, now_ms));
        }
        let lease = lease::judge(shared.lease.clone(), me, now_ms);
        if matches!(lease, Lease::Mine { .. }) {
            shared.lease = Some((me.clone(), now_ms));
        }
        Ok(lease)
    }

    fn release_lease(&mut self, me: &Holder) -> Result<(), JournalError> {
        self.shared().lease.take_if(|(holder, _)| holder.is(me));
        Ok(())
    }

    fn meta(&mut self) -> Result<Meta, JournalError> {
        Ok(self.shared().meta.clone())
    }

    fn mark_closed(&mut self, at_ms: Option<i64>) -> Result<(), JournalError> {
        self.writable()?;
        self.shared().meta.closed_ms = at_ms;
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
}
