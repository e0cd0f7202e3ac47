//! `warroom verify`: whether a journal is whole, and the one that was seen before. Opens nothing that
//! could write; only `--accept` does, and says what it did.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::{Place, Verifying};
use super::failure::Failure;
use super::surroundings::Surroundings;
use super::{accept, desk, print, target};
use crate::journal::audit::heads::{self, Kept};
use crate::journal::audit::{self, Audit, Origin};
use crate::journal::{Record, chain};
use crate::room::{Decision, Entry, Event, Room, Seal};
use crate::text::clean;

/// So many bytes of a file with heads are read.
const LIMIT: u64 = 16 << 20;

/// Verifies, prints what was found, and fails where something is wrong.
///
/// # Errors
/// There is no such journal, or it is not whole, or not the one that was seen before.
pub fn run(wanted: &Verifying) -> Result<(), Failure> {
    let said = wanted.against.as_deref().map(said).transpose()?.unwrap_or_default();
    let journal = Journal::find(wanted)?;
    let mut told = Told::default();
    let folders: Vec<PathBuf> = journal.folder.iter().cloned().collect();
    let audit = audit::audit(&journal.file, &said, &folders, &mut |record| told.look(record));
    let audit = audit.map_err(|error| desk::failure(&error))?;
    if let Some(reason) = &wanted.accept {
        return accept::run(wanted, &journal, &audit, reason);
    }
    let name = &journal.name;
    if wanted.json {
        print::json(&format!("{:#}", as_json(&journal, &audit, &told)))?;
    } else {
        print::text(&as_text(name, &audit, &told))?;
    }
    audit.faults.first().map_or(Ok(()), |fault| Err(unsound(name, &audit, fault)))
}

fn unsound(name: &str, audit: &Audit, fault: &audit::Fault) -> Failure {
    let more = match audit.faults.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    Failure::new(format!("{name} does not verify: {fault}{more}")).hint(fault.hint())
}

/// A journal and what it is called here.
pub(super) struct Journal {
    /// The room's name, or the file's.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// Whether it is a room of this computer and not only a file.
    pub is_room: bool,
    /// Where this computer's rooms lie; none where the system gives no home.
    folder: Option<PathBuf>,
}

impl Journal {
    fn find(wanted: &Verifying) -> Result<Self, Failure> {
        let around = Surroundings::find(wanted.hand.state.as_deref())?;
        let rooms = target::rooms(&around);
        let file = Path::new(&wanted.target);
        if is_journal(file) {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
            let folder = rooms.ok().map(|rooms| rooms.folder().to_owned());
            return Ok(Self { name, file, is_room: false, folder });
        }
        let rooms = rooms?;
        let place = Place { target: wanted.target.clone(), hand: wanted.hand.clone() };
        let name = target::existing(&place, &rooms)?;
        let file = rooms.path(&name).map_err(|error| desk::failure(&error))?;
        Ok(Self { name, file, is_room: true, folder: Some(rooms.folder().to_owned()) })
    }
}

/// A file by the ending of journals, or with a database's first bytes.
fn is_journal(file: &Path) -> bool {
    let begins = || {
        let mut first = [0; 15];
        let read = std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut first));
        read.is_ok() && &first == b"SQLite format 3"
    };
    file.is_file() && (file.extension().is_some_and(|ending| ending == "db") || begins())
}

/// The heads in a line, a file, or standard input.
fn said(against: &str) -> Result<Vec<Kept>, Failure> {
    let (text, place) = if against == "-" {
        (take(std::io::stdin().lock(), "standard input")?, "standard input".to_owned())
    } else if against.contains("warroom-head") || against.contains("journal-head") {
        (against.to_owned(), "--against".to_owned())
    } else {
        let file = std::fs::File::open(against).map_err(|error| {
            let hint = "give a line that `warroom log --head` printed, or a file with such lines";
            Failure::new(format!("--against {against}: {error}")).hint(hint)
        })?;
        (take(file, against)?, against.to_owned())
    };
    let heads = heads::read(&text).map_err(|error| {
        Failure::new(format!("{place}: {error}")).hint("copy the whole line again; it ends with 64 digits")
    })?;
    if heads.is_empty() {
        let hint = "`warroom log ROOM --head` prints one to keep";
        return Err(Failure::new(format!("{place}: there is no journal's head in it")).hint(hint));
    }
    Ok(heads)
}

fn take(from: impl std::io::Read, place: &str) -> Result<String, Failure> {
    let mut bytes = vec![];
    let read = from.take(LIMIT).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(format!("{place}: cannot be read: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What the events say that is told: the room as their fold, and its sign-offs.
#[derive(Default)]
struct Told {
    room: Room,
    signoffs: Vec<SignOff>,
}

/// A sign-off and what the fold said of it when it came.
struct SignOff {
    entry: Entry,
    role: String,
    decision: Decision,
    /// In words; a signature that holds says whose it is.
    seal: String,
    /// Whether it took its place; what does not hold never does where another one holds.
    stood: bool,
}

impl Told {
    fn look(&mut self, record: &Record) {
        let entry = record.entry();
        self.room.apply(&entry);
        let Event::SignedOff { signoff, role, decision, .. } = &entry.event else { return };
        // Its own seal, as of this entry: it stands now, or it is the doubt about the one that stays.
        let (seal, stood) = match self.room.signature(signoff) {
            Some(standing) if standing.seq == entry.seq => (standing.seal.told(), true),
            Some(standing) => (standing.doubt.as_ref().map_or_else(String::new, |d| d.2.clone()), false),
            None => (Seal::Unsigned.told(), false),
        };
        let (role, decision) = (role.clone(), *decision);
        self.signoffs.push(SignOff { entry, role, decision, seal, stood });
    }

    /// Each sign-off with what is to be said of it: its seal, and what became of it since.
    fn signed(&self) -> impl Iterator<Item = (&SignOff, String)> {
        self.signoffs.iter().map(|signed| {
            let since = match self.room.signature_at(signed.entry.seq) {
                Some(standing) if self.room.stale(standing) => ", stale: given for another plan",
                Some(_) => "",
                None if signed.stood => ", replaced by a later one",
                None => "; the one before it stands",
            };
            (signed, format!("{}{since}", signed.seal))
        })
    }
}

fn as_text(name: &str, audit: &Audit, told: &Told) -> String {
    let mut text = format!("{} ({})\n", clean(name), clean(&audit.meta.environment));
    let mut row = |what: &str, words: &str| text.push_str(&format!("  {what:<10} {}\n", clean(words)));
    let broken = audit.faults.iter().find(|fault| fault.is_break());
    match broken {
        None => row("chain", &format!("✓ all {} events follow one another", audit.head.seq)),
        Some(fault) => {
            row("chain", &format!("✗ {fault}"));
            row("", &format!("the {} before it verify", audit.head.seq));
        }
    }
    for fault in audit.faults.iter().filter(|f| !f.is_break() && !matches!(f, audit::Fault::Head(_))) {
        row("", &format!("✗ {fault}"));
    }
    row("plans", &format!("{} kept", audit.plans));
    for (SignOff { entry, role, decision, .. }, verdict) in told.signed() {
        let (seq, verb, by) = (entry.seq, decision.verb(), &entry.by);
        row("sign-off", &format!("event {seq}: {verb} as {role} by {by}: {verdict}"));
    }
    for compared in &audit.compared {
        let sign = if compared.standing.holds() { "✓" } else { "✗" };
        row("head", &format!("{sign} {compared}"));
    }
    if audit.compared.is_empty() {
        row("head", "nothing outside of this file says how long it was: an end that was cut off");
        row("", "could not be seen. Keep what `warroom log --head` prints somewhere else.");
    }
    if broken.is_none() {
        row("ends", &heads::line(name, &audit.meta.id, &audit.head));
    }
    text
}

fn as_json(journal: &Journal, audit: &Audit, told: &Told) -> Value {
    let head = |head: &chain::Head| json!({ "seq": head.seq, "hash": chain::hex(&head.hash) });
    let compared = audit.compared.iter().map(|c| {
        let from = match &c.origin {
            Origin::Machine(_) => "machine",
            Origin::SignOff { .. } => "sign-off",
            Origin::Said => "said",
        };
        json!({ "from": from, "head": head(&c.head), "standing": c.standing.word(), "text": c.to_string() })
    });
    let faults = audit
        .faults
        .iter()
        .map(|fault| json!({ "seq": fault.seq(), "text": fault.to_string(), "hint": fault.hint() }));
    let signed = told.signed().map(|(SignOff { entry, role, decision, .. }, verdict)| {
        json!({ "seq": entry.seq, "role": role, "by": entry.by, "decision": decision, "verdict": verdict })
    });
    json!({
        "schema": "warroom.verify/1",
        "room": journal.name,
        "id": audit.meta.id,
        "file": journal.file.display().to_string(),
        "sound": audit.is_sound(),
        "head": head(&audit.head),
        "plans": audit.plans,
        "faults": faults.collect::<Vec<_>>(),
        "compared": compared.collect::<Vec<_>>(),
        "signoffs": signed.collect::<Vec<_>>(),
    })
}
