//! What PLAN|ROOM names, and how its journal is opened.

use std::path::Path;
use std::sync::Arc;

use chrono::Utc;

use super::args::Place;
use super::beside;
use super::failure::Failure;
use super::file::{self, PlanFile};
use super::reading;
use super::surroundings::Surroundings;
use crate::journal::{
    Edition, Entered, Founding, How, JournalError, MemoryStore, Meta, Open, Opened, REHEARSAL, Read, Rooms,
    Summary, Trouble, Why,
};
use crate::plan::Plan;
use crate::plan::binding::Binding;
use crate::room::{Actor, Intent};

/// The environment of a room where nobody named one: the cautious side.
const ENVIRONMENT: &str = "production";

/// A plan's file with its reading, or a room by name.
#[derive(Clone, Debug)]
pub enum Target {
    /// A file.
    Plan {
        /// Where it lies.
        file: PlanFile,
        /// Its bytes and their reading.
        edition: Edition,
        /// What lies beside it.
        binding: Arc<Binding>,
    },
    /// A room.
    Room {
        /// Its name.
        name: String,
        /// What lies beside its plan, where that is still there.
        binding: Arc<Binding>,
    },
}

impl Target {
    /// Looks for a file first, then for a room.
    ///
    /// # Errors
    /// Neither is there, the file is no plan, or what lies beside it has faults.
    pub fn find(text: &str, rooms: &Rooms) -> Result<Self, Failure> {
        Self::found(text, rooms, beside::beside)
    }

    /// As [`Target::find`], for whoever reaches nothing: faults of what lies beside the plan are said
    /// and nothing of it counts, so that a tick is never held up by a settings file.
    ///
    /// # Errors
    /// Neither is there, or the file is no plan.
    pub fn find_anyway(text: &str, rooms: &Rooms) -> Result<Self, Failure> {
        Self::found(text, rooms, |plan| Ok(beside::beside_or_none(plan)))
    }

    fn found(
        text: &str,
        rooms: &Rooms,
        read: impl Fn(&Path) -> Result<Binding, Failure>,
    ) -> Result<Self, Failure> {
        let path = Path::new(text);
        let is_room = || rooms.path(text).is_ok_and(|p| p.exists());
        if !path.exists() && is_room() {
            let binding = rooms.glance(text).ok().map(|s| read(&s.meta.plan)).transpose()?;
            let binding = binding.unwrap_or_default().into();
            return Ok(Target::Room { name: text.to_owned(), binding });
        }
        let hint = "name a plan's file, or a room; `warroom rooms` lists them";
        let file = file::read(path).map_err(|f| if path.exists() { f } else { f.hint(hint) })?;
        let binding = read(&file.path)?;
        Ok(Self::plan_file(file, binding))
    }

    /// A plan's file, read with what is beside it.
    pub fn plan_file(file: PlanFile, binding: Binding) -> Self {
        let plan = Arc::new(reading::plan(&file.bytes, &file.stem(), &binding));
        let edition = Edition { bytes: file.bytes.clone().into(), plan };
        Target::Plan { file, edition, binding: binding.into() }
    }

    /// A room by name. It reads its plan from the journal, with the corrections that lie beside the
    /// plan's file now. A rehearsal has only those.
    pub fn room(name: &str, rooms: &Rooms) -> Self {
        let home = rooms.glance(name).map(|summary| summary.meta.plan);
        let binding = home.map(|plan| beside::beside_or_none(&plan)).unwrap_or_default();
        Target::Room { name: name.to_owned(), binding: binding.into() }
    }

    /// A room by name as its plan's file where that is still there, so that it is measured, and follows
    /// edits, as if it had been opened by its plan. Never a rehearsal: that must not reach the real
    /// production.
    #[must_use]
    pub fn at_home(self, rooms: &Rooms) -> Self {
        let Target::Room { name, binding } = &self else { return self };
        let Ok(Summary { meta, .. }) = rooms.glance(name) else { return self };
        let file =
            file::read(&meta.plan).ok().filter(|f| meta.environment != REHEARSAL && f.path == meta.plan);
        let Some(file) = file else { return self };
        let target = Self::plan_file(file, Binding::clone(binding));
        if target.lossy().is_some() { self } else { target }
    }

    /// What lies beside the plan.
    pub fn binding(&self) -> &Arc<Binding> {
        match self {
            Target::Plan { binding, .. } | Target::Room { binding, .. } => binding,
        }
    }

    /// Reads plans as this one was read. The journal follows bytes; both the scribe's fold of the room
    /// and the app's look at them through this.
    pub fn reader(&self) -> Read {
        let (stem, binding) = (self.stem(), Arc::clone(self.binding()));
        Box::new(move |bytes| reading::plan(bytes, &stem, &binding))
    }

    /// The environment of rooms made now: the one asked for, else the binding's.
    fn environment<'a>(&'a self, wanted: &'a Wanted) -> Option<&'a str> {
        let bound = Some(self.binding().room.environment.as_str()).filter(|e| !e.is_empty());
        wanted.environment.as_deref().or(bound)
    }

    /// The name of a room that was named.
    pub fn room_name(&self) -> Option<String> {
        match self {
            Target::Plan { .. } => None,
            Target::Room { name, .. } => Some(name.clone()),
        }
    }

    /// The reading made already.
    pub fn plan(&self) -> Option<Arc<Plan>> {
        match self {
            Target::Plan { edition, .. } => Some(Arc::clone(&edition.plan)),
            Target::Room { .. } => None,
        }
    }

    /// The edition of the file.
    pub fn edition(&self) -> Option<Edition> {
        match self {
            Target::Plan { edition, .. } => Some(edition.clone()),
            Target::Room { .. } => None,
        }
    }

    /// The name that a title falls back to.
    pub fn stem(&self) -> String {
        match self {
            Target::Plan { file, .. } => file.stem(),
            Target::Room { name, .. } => name.clone(),
        }
    }

    /// Why nothing can be done by this plan: its bytes are no text.
    pub fn lossy(&self) -> Option<Trouble> {
        let Target::Plan { file, edition, .. } = self else { return None };
        let line = edition.plan.lossy?;
        let why = format!("{}:{line}: the plan is not valid UTF-8", file.path.display());
        Some(Trouble::new(why, "save it as UTF-8; until then it can only be looked at"))
    }

    /// What a new room begins with.
    pub fn founding(&self, wanted: &Wanted, actor: &Actor) -> Option<Founding> {
        let Target::Plan { file, edition, .. } = self else { return None };
        let open = Intent::OpenRoom {
            room: wanted.room.clone().unwrap_or_else(|| file.stem()),
            plan_path: file.path.display().to_string(),
            environment: self.environment(wanted).unwrap_or(ENVIRONMENT).to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Some(Founding { open, edition: edition.clone(), actor: actor.clone(), signers: None })
    }
}

/// Which room of a target, and whether it may be made.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// This one, by name.
    pub room: Option<String>,
    /// A new one.
    pub new: bool,
    /// The environment.
    pub environment: Option<String>,
    /// Only look: nothing is made and nothing written.
    pub read_only: bool,
}

/// The folder of rooms.
///
/// # Errors
/// The system gives no home and no flag says where.
pub fn rooms(around: &Surroundings) -> Result<Rooms, Failure> {
    let state = around.state.as_deref().ok_or_else(|| {
        Failure::new("no place for the rooms: this system gives no home folder")
            .hint("say where with --state DIR")
    })?;
    Ok(Rooms::at(state))
}

/// The name of a room that is there already, for whoever only looks.
///
/// # Errors
/// The plan has no room yet, or there is no such room.
pub fn existing(place: &Place, rooms: &Rooms) -> Result<String, Failure> {
    match (Target::find_anyway(&place.target, rooms)?, &place.hand.room) {
        (_, Some(name)) => Ok(name.clone()),
        (Target::Room { name, .. }, None) => Ok(name),
        (target @ Target::Plan { .. }, None) => {
            let Target::Plan { file, .. } = &target else { unreachable!("matched above") };
            let found = rooms
                .find(&file.path, target.environment(&Wanted::default()))
                .map_err(|e| super::desk::failure(&e))?;
            found.ok_or_else(|| {
                let sentence = format!("{}: no room was opened for this plan yet", file.path.display());
                Failure::new(sentence).hint("`warroom PLAN` opens one")
            })
        }
    }
}

/// Opens the journal of a target when called; made on the caller's thread, called on the scribe's.
pub fn opener(rooms: Rooms, target: &Target, mut wanted: Wanted) -> Open {
    wanted.environment = target.environment(&wanted).map(str::to_owned);
    let plan = match target {
        Target::Plan { file, .. } => Some((file.path.clone(), file.stem())),
        Target::Room { .. } => None,
    };
    let named = match (&wanted.room, target) {
        (Some(name), _) => Some(name.clone()),
        (None, Target::Room { name, .. }) => Some(name.clone()),
        (None, Target::Plan { .. }) => None,
    };
    let mut made: Option<String> = None;
    Box::new(move || {
        let how = How { read_only: wanted.read_only, ..How::default() };
        let known = made.clone().or_else(|| named.clone());
        if let Some(name) = &known {
            match (rooms.open(name, &how), &plan) {
                (Err(JournalError::NoRoom { .. }), Some(_)) if !wanted.read_only => {}
                (opened, _) => return Ok((Box::new(opened?), name.clone())),
            }
        }
        let (path, stem) = plan.as_ref().expect("a room without a plan was opened by name above");
        if wanted.read_only {
            return read_only(&rooms, (path, stem), &wanted, &how);
        }
        let entered = enter(&rooms, (path, stem), known.as_deref(), &wanted)?;
        made = Some(entered.name.clone());
        Ok((Box::new(entered.store), entered.name))
    })
}

/// The room wanted: this name, a new one, or the plan's newest open one.
fn enter(
    rooms: &Rooms,
    (path, stem): (&Path, &str),
    name: Option<&str>,
    wanted: &Wanted,
) -> Result<Entered, JournalError> {
    let environment = wanted.environment.as_deref();
    let (founded, now) = (environment.unwrap_or(ENVIRONMENT), Utc::now().timestamp_millis());
    if let Some(name) = name.or(wanted.new.then_some(stem)) {
        return rooms.create(name, path, founded, now);
    }
    match rooms.find(path, environment)? {
        Some(name) => {
            let store = rooms.open(&name, &How::default())?;
            Ok(Entered { name, store, created: false })
        }
        None => rooms.enter(path, Some(founded), &How::default(), now),
    }
}

/// The plan's room where there is one; else one in memory, since looking makes nothing.
fn read_only(
    rooms: &Rooms,
    (path, stem): (&Path, &str),
    wanted: &Wanted,
    how: &How,
) -> Result<Opened, JournalError> {
    match rooms.find(path, wanted.environment.as_deref())? {
        Some(name) => Ok((Box::new(rooms.open(&name, how)?), name)),
        None => {
            let environment = wanted.environment.clone().unwrap_or_else(|| ENVIRONMENT.to_owned());
            let meta = Meta {
                id: String::new(),
                plan: path.to_owned(),
                environment,
                created_ms: 0,
                closed_ms: None,
            };
            Ok((Box::new(MemoryStore::view_only(meta, Why::Asked)), stem.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_opened_by_name_finds_its_plan_and_a_rehearsal_never_the_real_production() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        let (plan, rooms) = (at.join("p.md"), Rooms::at(&at.join("state")));
        std::fs::write(&plan, "# P\n\n- [ ] a\n- [ ] b\n").unwrap();
        std::fs::write(at.join("warroom.toml"), "correct = [{ line = 4, drop = true }]").unwrap();
        let at_home = |environment: &str| {
            let name = rooms.create("p", &plan, environment, 0).unwrap().name;
            (Target::find(&name, &rooms).unwrap().at_home(&rooms), name)
        };
        let (target, name) = at_home("production");
        assert!(matches!(&target, Target::Plan { file, .. } if file.path == plan), "{target:?}");
        assert_eq!(target.plan().unwrap().items.len(), 1, "corrected");
        let (target, _) = at_home(REHEARSAL);
        assert!(matches!(target, Target::Room { .. }), "{target:?}");
        assert_eq!(target.reader()(b"# P\n\n- [ ] a\n- [ ] b\n").items.len(), 1, "corrected all the same");
        std::fs::write(at.join("warroom.toml"), "oops").unwrap();
        assert!(Target::find(&name, &rooms).is_err() && Target::find_anyway(&name, &rooms).is_ok());
        std::fs::remove_file(&plan).unwrap();
        let target = Target::find_anyway(&name, &rooms).unwrap().at_home(&rooms);
        assert!(matches!(target, Target::Room { .. }), "{target:?}");
    }
}
