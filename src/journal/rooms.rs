//! The folder of rooms: one journal file a room, found by plan or opened by name. There is no
//! index; each file's own row says what it is. Nothing here reads an event.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::opening::{self, How};
use super::{Head, JournalError, Meta, SqliteStore, disk};

/// Rooms of this environment are never found by their plan, only opened by name.
pub const REHEARSAL: &str = "rehearsal";

/// A name is cut at this many bytes, which leaves room for endings on every file system.
const LONGEST: usize = 120;

/// The rooms under one data folder.
#[derive(Clone, Debug)]
pub struct Rooms {
    folder: PathBuf,
}

/// What a list shows of one room.
#[derive(Debug)]
pub struct Listed {
    /// The name it opens by.
    pub name: String,
    /// Its journal.
    pub path: PathBuf,
    /// What its file says, or why it cannot be read.
    pub summary: Result<Summary, JournalError>,
}

/// What is known of a room without reading its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The room's own row.
    pub meta: Meta,
    /// Its last event as stored, unverified.
    pub head: Head,
}

/// A room that was entered, and whether that made it.
#[derive(Debug)]
pub struct Entered {
    /// The name it opens by from now on.
    pub name: String,
    /// Its journal.
    pub store: SqliteStore,
    /// It did not exist before.
    pub created: bool,
}

impl Rooms {
    /// The rooms of a data folder, which need not exist yet.
    pub fn at(data: &Path) -> Self {
        Self { folder: data.join("rooms") }
    }

    /// Where the journals lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a room's journal lies.
    ///
    /// # Errors
    /// [`JournalError::Name`] for what could not have come from [`Rooms::create`].
    pub fn path(&self, name: &str) -> Result<PathBuf, JournalError> {
        if safe_name(name) == name {
            return Ok(self.folder.join(format!("{name}.db")));
        }
        Err(JournalError::Name { name: name.to_owned() })
    }

    /// Opens a room by name.
    ///
    /// # Errors
    /// [`JournalError::NoRoom`], or what opening finds.
    pub fn open(&self, name: &str, how: &How) -> Result<SqliteStore, JournalError> {
        match SqliteStore::open(&self.path(name)?, how) {
            Err(JournalError::Gone { .. }) => Err(JournalError::NoRoom { name: name.to_owned() }),
            opened => opened,
        }
    }

    /// The newest open room of a plan, given by its canonical path; of one environment, or of any
    /// but a rehearsal. Rooms named after the plan are looked at first, and others only if
    /// none of those fits.
    ///
    /// # Errors
    /// The folder cannot be read, or a room named after the plan cannot.
    pub fn find(&self, plan: &Path, environment: Option<&str>) -> Result<Option<String>, JournalError> {
        let stem = stem_of(plan);
        let (named, others): (Vec<_>, Vec<_>) =
            self.names()?.into_iter().partition(|name| is_named_after(name, &stem));
        let fits = |meta: &Meta| {
            let fitting =
                environment.map_or(meta.environment != REHEARSAL, |wanted| meta.environment == wanted);
            meta.plan == plan && meta.closed_ms.is_none() && fitting
        };
        let mut found = Vec::new();
        for name in named {
            match self.glance(&name) {
                Err(JournalError::Unfinished { .. } | JournalError::Foreign { .. }) => {}
                glance => found.push((glance?.meta, name)),
            }
        }
        if !found.iter().any(|(meta, _)| fits(meta)) {
            let glance = |name: String| Some((self.glance(&name).ok()?.meta, name));
            found = others.into_iter().filter_map(glance).collect();
        }
        let age = |(meta, name): &(Meta, String)| (meta.created_ms, name.len(), name.clone());
        let fitting = found.into_iter().filter(|(meta, _)| fits(meta));
        Ok(fitting.max_by_key(age).map(|(_, name)| name))
    }

    /// Creates a room named `stem`, or `stem~2`, `stem~3`, … where that is taken.
    ///
    /// # Errors
    /// The folder or disk does not take it.
    pub fn create(
        &self,
        stem: &str,
        plan: &Path,
        environment: &str,
        now_ms: i64,
    ) -> Result<Entered, JournalError> {
        disk::create_private_folder(&self.folder)?;
        let meta = Meta {
            id: uuid::Uuid::now_v7().to_string(),
            plan: plan.to_owned(),
            environment: environment.to_owned(),
            created_ms: now_ms,
            closed_ms: None,
        };
        let stem = safe_name(stem);
        let names = (2..).map(|n| format!("{stem}~{n}"));
        for name in std::iter::once(stem.clone()).chain(names) {
            let path = self.folder.join(format!("{name}.db"));
            if let Some(store) = SqliteStore::create(&path, &How::default(), &meta)? {
                return Ok(Entered { name, store, created: true });
            }
        }
        unreachable!("one of endlessly many names is free")
    }

    /// Opens the plan's newest open room or creates one named after it. Two processes that do so
    /// at once enter the same room.
    ///
    /// # Errors
    /// As [`Rooms::find`], [`Rooms::open`] and [`Rooms::create`].
    pub fn enter(
        &self,
        plan: &Path,
        environment: Option<&str>,
        how: &How,
        now_ms: i64,
    ) -> Result<Entered, JournalError> {
        if let Some(entered) = self.enter_existing(plan, environment, how)? {
            return Ok(entered);
        }
        disk::create_private_folder(&self.folder)?;
        let _turn = disk::lock_folder(&self.folder)?;
        match self.enter_existing(plan, environment, how)? {
            Some(entered) => Ok(entered),
            None => self.create(&stem_of(plan), plan, environment.unwrap_or_default(), now_ms),
        }
    }

    /// Every room, by name; a file that cannot be read is listed with its reason.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, JournalError> {
        let listed = |name: String| {
            let path = self.folder.join(format!("{name}.db"));
            let summary = self.glance(&name);
            Listed { name, path, summary }
        };
        let mut list: Vec<Listed> = self.names()?.into_iter().map(listed).collect();
        list.retain(|listed| !matches!(listed.summary, Err(JournalError::Unfinished { .. })));
        Ok(list)
    }

    fn enter_existing(
        &self,
        plan: &Path,
        environment: Option<&str>,
        how: &How,
    ) -> Result<Option<Entered>, JournalError> {
        let Some(name) = self.find(plan, environment)? else { return Ok(None) };
        let store = self.open(&name, how)?;
        Ok(Some(Entered { name, store, created: false }))
    }

    /// Names of the journal files that were not left empty by a creation cut short.
    fn names(&self) -> Result<Vec<String>, JournalError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(disk::failed(&self.folder, "reading the folder"))?,
        };
        let name = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".db").map(str::to_owned);
        let mut names: Vec<String> = entries.filter_map(|entry| name(entry.ok()?)).collect();
        names.retain(|name| self.path(name).is_ok_and(|path| holds_something(&path)));
        names.sort();
        Ok(names)
    }

    /// Looks at a room's own row, without waiting long for anybody.
    /// What a room's own file says of it, without its events.
    ///
    /// # Errors
    /// There is no such room, or its file cannot be read.
    pub fn glance(&self, name: &str) -> Result<Summary, JournalError> {
        let how = How { patience: Duration::from_millis(200), ..How::default() };
        let (meta, head) = opening::glance(&self.path(name)?, &how)?;
        Ok(Summary { meta, head })
    }
}

fn holds_something(path: &Path) -> bool {
    disk::length(path) > 0 || disk::length(&disk::beside(path, "-wal")) > 0
}

/// `checkout` for `/plans/checkout.md`.
fn stem_of(plan: &Path) -> String {
    safe_name(&plan.file_stem().unwrap_or_default().to_string_lossy())
}

fn is_named_after(name: &str, stem: &str) -> bool {
    let rest = name.strip_prefix(stem);
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('~').is_some_and(is_number))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A name that is one plain file name everywhere: letters and digits of any script, `-_.~`, not
/// starting with a dot or dash, of bounded length. Applying it twice changes nothing more.
pub fn safe_name(text: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.~".contains(letter) { letter } else { '-' };
    let text: String = text.chars().map(plain).collect();
    let mut name = text.trim_start_matches(['.', '-', '~']);
    while name.len() > LONGEST {
        name = &name[..name.char_indices().next_back().map_or(0, |(at, _)| at)];
    }
    if name.is_empty() { "room".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{OpenedAs, Store as _};
    use std::thread;

    fn rooms() -> (tempfile::TempDir, Rooms) {
        let data = tempfile::tempdir().unwrap();
        let rooms = Rooms::at(&data.path().join("warroom"));
        (data, rooms)
    }

    fn make(rooms: &Rooms, stem: &str, plan: &str, environment: &str, now_ms: i64) -> String {
        rooms.create(stem, Path::new(plan), environment, now_ms).unwrap().name
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let (_data, rooms) = rooms();
        let names = [1, 2, 3].map(|now| make(&rooms, "checkout", "/p/checkout.md", "", now));
        assert_eq!(names, ["checkout", "checkout~2", "checkout~3"]);
        let store = rooms.open("checkout~2", &How::default()).unwrap();
        assert_eq!(store.opened_as(), &OpenedAs::Writable);
    }

    #[test]
    fn a_plan_leads_to_its_newest_open_room() {
        let (_data, rooms) = rooms();
        let (plan, other) = ("/p/checkout.md", "/q/checkout.md");
        let find = |environment| rooms.find(Path::new(plan), environment).unwrap();
        assert_eq!(find(None), None, "no folder yet");
        make(&rooms, "checkout", plan, "staging", 1);
        make(&rooms, "checkout", plan, "production", 2);
        make(&rooms, "checkout", other, "", 3);
        make(&rooms, "checkout-rehearsal-1", plan, REHEARSAL, 4);
        assert_eq!(find(None).as_deref(), Some("checkout~2"));
        assert_eq!(find(Some("staging")).as_deref(), Some("checkout"));
        assert_eq!(find(Some(REHEARSAL)).as_deref(), Some("checkout-rehearsal-1"));
        rooms.open("checkout~2", &How::default()).unwrap().mark_closed(Some(5)).unwrap();
        assert_eq!(find(None).as_deref(), Some("checkout"), "a closed room is left alone");
        assert_eq!(find(Some("production")), None);
    }

    #[test]
    fn a_room_named_otherwise_is_found_when_none_bears_the_plans_name() {
        let (_data, rooms) = rooms();
        make(&rooms, "friday night", "/p/checkout.md", "", 1);
        let found = rooms.find(Path::new("/p/checkout.md"), None).unwrap();
        assert_eq!(found.as_deref(), Some("friday-night"));
    }

    #[test]
    fn two_processes_that_enter_at_once_meet() {
        let (_data, rooms) = rooms();
        let enter = || rooms.enter(Path::new("/p/checkout.md"), None, &How::default(), 1).unwrap();
        let entered: Vec<Entered> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(enter)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(entered.iter().all(|entered| entered.name == "checkout"));
        assert_eq!(entered.iter().filter(|entered| entered.created).count(), 1);
    }

    #[test]
    fn the_list_shows_every_room_and_what_is_wrong_with_one() {
        let (_data, rooms) = rooms();
        assert!(rooms.list().unwrap().is_empty());
        let mut entered = rooms.create("b", Path::new("/p/b.md"), "staging", 7).unwrap();
        entered.store.append(0, &["x".into(), "y".into()]).unwrap();
        let folder = rooms.path("b").unwrap().parent().unwrap().to_owned();
        fs::write(folder.join("a.db"), "junk").unwrap();
        fs::write(folder.join("never-finished.db"), "").unwrap();
        fs::write(folder.join("b.db.corrupt-20260101T000000Z"), "junk").unwrap();
        let list = rooms.list().unwrap();
        assert_eq!(list.iter().map(|listed| listed.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(matches!(list[0].summary, Err(JournalError::Corrupt { .. })));
        let summary = list[1].summary.as_ref().unwrap();
        assert_eq!((summary.head, summary.meta.environment.as_str()), (entered.store.head(), "staging"));
        assert_eq!(make(&rooms, "never-finished", "/p", "", 1), "never-finished", "finished now");
    }

    #[test]
    fn listing_leaves_no_trace() {
        let (_data, rooms) = rooms();
        make(&rooms, "a", "/p/a.md", "", 1);
        let folder = rooms.path("a").unwrap().parent().unwrap().to_owned();
        let files = || fs::read_dir(&folder).unwrap().count();
        let before = files();
        rooms.list().unwrap();
        assert_eq!(files(), before);
    }

    #[test]
    fn a_name_stays_in_its_folder() {
        let table = [
            ("checkout", "checkout"),
            ("Größe 2.0", "Größe-2.0"),
            ("../../etc/passwd", "etc-passwd"),
            (".hidden", "hidden"),
            ("a\u{1b}[31m\u{202e}b", "a--31m-b"),
            ("", "room"),
            ("...", "room"),
            ("会計/計画", "会計-計画"),
        ];
        let (_data, rooms) = rooms();
        for (text, name) in table {
            assert_eq!(safe_name(text), name);
            assert_eq!(safe_name(name), name, "{name} is stable");
            assert_eq!(rooms.path(text).is_ok(), text == name, "{text}");
        }
        let long = safe_name(&"é".repeat(500));
        assert!(long.len() <= LONGEST && long.len() > LONGEST - 4);
    }

    #[test]
    fn a_name_without_a_room_says_so() {
        let (_data, rooms) = rooms();
        let error = rooms.open("nowhere", &How::default()).unwrap_err();
        assert_eq!(error.to_string(), "there is no room \"nowhere\"");
        assert!(matches!(rooms.open("a/b", &How::default()), Err(JournalError::Name { .. })));
    }
}
