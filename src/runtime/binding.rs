//! What the dialog that binds a metric wants done: the file beside the plan read and written, each on a
//! thread of its own, and sources tried out.
//!
//! A source is tried only as this process was allowed to reach it; whether it may is looked at here
//! again, whatever the dialog believes. In a rehearsal nothing is read and nothing written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::outside::{Came, Outside};
use crate::app::{App, Beside, Change, Heard, Leave, Wish};
use crate::levers::{bound, file};
use crate::plan::binding::{Binding, Source, SourceKind};
use crate::plan::draft;
use crate::sources::preview::{Trial, Trials};
use crate::text::clean;

/// Said of a source that is not reached as it stands in the file.
const NOT_ALLOWED: &str = "not asked before `warroom allow PLAN`";

/// What is open for the dialog.
#[derive(Default)]
pub(super) struct Desk {
    trials: Option<Open>,
}

/// A source being tried.
struct Open {
    trials: Trials,
    leave: Leave,
}

impl Desk {
    /// Does what is wished; what comes of it is reported.
    pub fn perform(&mut self, wish: Wish, app: &App, outside: &Outside) {
        let hear = outside.hear();
        match wish {
            Wish::Read => read(app, outside, hear),
            Wish::Open(name) => self.open(&name, outside, hear),
            Wish::Try { number, query } => self.ask(number, &query, &hear),
            Wish::Leave => self.trials = None,
            Wish::Save(change) => match place(app, outside) {
                Ok(path) => on_a_thread(hear, move || Heard::Saved(save(&path, &change))),
                Err(why) => tell(&hear, Heard::Saved(Err(why))),
            },
        }
    }

    fn open(&mut self, name: &str, outside: &Outside, hear: UnboundedSender<Came>) {
        self.trials = None;
        let binding = outside.binding();
        let Some(source) = binding.source(name).cloned() else { return };
        let leave = leave(&source, binding);
        if let Leave::Nothing(_) = leave {
            return;
        }
        let (named, failed) = (name.to_owned(), hear.clone());
        let told = move |trial| tell(&hear, heard(&named, trial));
        match Trials::start(source, binding.room.cwd.clone(), told) {
            Ok(trials) => self.trials = Some(Open { trials, leave }),
            Err(why) => {
                let names = Err(format!("nothing can be asked: {why}"));
                tell(&failed, Heard::Names { source: name.to_owned(), names });
            }
        }
    }

    fn ask(&self, number: u64, query: &str, hear: &UnboundedSender<Came>) {
        let may = |open: &&Open| match &open.leave {
            Leave::Any => true,
            Leave::Only(allowed) => allowed.iter().any(|q| q == query),
            Leave::Nothing(_) => false,
        };
        match self.trials.as_ref().filter(may) {
            Some(open) => open.trials.ask(number, query),
            None => {
                let outcome = Err(NOT_ALLOWED.to_owned());
                tell(hear, Heard::Tried { number, outcome, warning: None });
            }
        }
    }
}

fn tell(hear: &UnboundedSender<Came>, heard: Heard) {
    // Whoever listened may be gone.
    let _ = hear.send(Came::Binding(heard));
}

fn heard(source: &str, trial: Trial) -> Heard {
    match trial {
        Trial::Names(names) => Heard::Names {
            source: source.to_owned(),
            names: names.map(|names| (names.known.into(), names.more)),
        },
        Trial::Tried { number, outcome, warning } => Heard::Tried { number, outcome, warning },
    }
}

/// Does something that waits for the disk and tells what came of it.
fn on_a_thread(hear: UnboundedSender<Came>, deed: impl FnOnce() -> Heard + Send + 'static) {
    let failed = hear.clone();
    let body = move || tell(&hear, deed());
    if let Err(why) = std::thread::Builder::new().name("binding".into()).spawn(body) {
        tell(&failed, Heard::Saved(Err(format!("nothing was done: {why}"))));
    }
}

/// The file of this room's binding, where it may be written.
fn place(app: &App, outside: &Outside) -> Result<PathBuf, String> {
    if outside.rehearses() || app.rehearses() {
        return Err("a rehearsal writes nothing: in the room itself this would be saved".to_owned());
    }
    app.may_bind()?;
    let plan = Path::new(&app.room.plan_path);
    if plan.parent().is_none() {
        return Err("the file of the plan is not known yet".to_owned());
    }
    Ok(plan.with_file_name(bound::FILE))
}

fn read(app: &App, outside: &Outside, hear: UnboundedSender<Came>) {
    let allowed = Binding::clone(outside.binding());
    if outside.rehearses() || app.rehearses() {
        let leave = allowed.sources.iter().map(|s| leave(s, &allowed)).collect();
        let file = "the rehearsal".to_owned();
        let beside = Beside { binding: allowed, text: None, file, leave, rehearsed: true };
        return tell(&hear, Heard::Read(Ok(Arc::new(beside))));
    }
    match place(app, outside) {
        Ok(path) => on_a_thread(hear, move || Heard::Read(beside(&path, &allowed).map(Arc::new))),
        Err(why) => tell(&hear, Heard::Read(Err(why))),
    }
}

/// What lies beside the plan now, and what of it may be asked by what this process was allowed.
fn beside(path: &Path, allowed: &Binding) -> Result<Beside, String> {
    let text = file::text(path)?;
    let binding = parse(text.as_deref().unwrap_or_default())?;
    // As it is reached: with every address in its place.
    let reached = binding.reachable();
    let of = |source: &Source| match allowed.source(&source.name) {
        Some(known) if Some(&placeless(known)) == reached.source(&source.name).map(placeless).as_ref() => {
            leave(known, allowed)
        }
        _ => by_kind(source.kind).unwrap_or_else(|| Leave::Nothing(NOT_ALLOWED.to_owned())),
    };
    let leave = binding.sources.iter().map(of).collect();
    Ok(Beside { leave, binding, text, file: bound::FILE.to_owned(), rehearsed: false })
}

/// A source without the file of a log, which is named by its whole path once it is followed.
fn placeless(source: &Source) -> Source {
    Source { file: None, ..source.clone() }
}

/// The reading of a text, or its first fault.
fn parse(text: &str) -> Result<Binding, String> {
    bound::read(text).map_err(|faults| {
        let more = if faults.len() > 1 { format!(", and {} more", faults.len() - 1) } else { String::new() };
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        format!("{} has faults: {first}{more}; put it right first", bound::FILE)
    })
}

/// Kinds that are not asked, whatever is allowed.
fn by_kind(kind: SourceKind) -> Option<Leave> {
    let why = match kind {
        SourceKind::Manual => "a person types its values",
        SourceKind::Log => "a log is followed, not asked: its lines count once the room is open with it",
        _ => return None,
    };
    Some(Leave::Nothing(why.to_owned()))
}

/// What may be asked of a source that this process was allowed to reach. A statement could be costly
/// half written, so only those that are asked anyway; a command is run as it was allowed, and a query
/// only looks at what it prints.
fn leave(source: &Source, allowed: &Binding) -> Leave {
    let asked = || allowed.signals.iter().filter(|s| s.source == source.name).map(|s| s.query.clone());
    by_kind(source.kind).unwrap_or_else(|| match source.kind {
        SourceKind::Sql => Leave::Only(asked().collect()),
        _ => Leave::Any,
    })
}

/// Writes a change into the file, if that is still what was read and what comes out is exactly what was
/// meant.
fn save(path: &Path, change: &Change) -> Result<String, String> {
    let shown = clean(&path.display().to_string()).into_owned();
    if !path.parent().is_some_and(Path::is_dir) {
        return Err(format!("{shown}: its folder is not there any more"));
    }
    if file::text(path)? != change.before {
        return Err(format!("{} was changed meanwhile; leave and begin again", bound::FILE));
    }
    let before = change.before.as_deref().unwrap_or_default();
    let old = parse(before)?;
    let after = draft::bind(before, change.source.as_ref(), &change.signal)
        .map_err(|why| format!("{} {why}", bound::FILE))?;
    let new = bound::read(&after).map_err(|faults| {
        let first = faults.first().map(|f| clean(&f.what).into_owned()).unwrap_or_default();
        format!("nothing was written: {first}")
    })?;
    if new != meant(old, change) {
        return Err(format!("{} is written in a way that cannot be changed from here", bound::FILE));
    }
    let metric = clean(&change.signal.name).into_owned();
    if Some(&after) == change.before.as_ref() {
        return Ok(format!("{} says so already for {metric}: nothing was written", bound::FILE));
    }
    file::replace(path, &after).map_err(|why| format!("{shown}: cannot be written: {why}"))?;
    let next = match new.source(&change.signal.source).map(|s| s.kind) {
        Some(SourceKind::Manual) => "it counts when the room is opened again",
        _ => "what is asked has changed, so `warroom allow PLAN`, then open the room again",
    };
    Ok(format!("{metric} is bound in {}; {next}", bound::FILE))
}

/// The binding that a change asks for.
fn meant(mut binding: Binding, change: &Change) -> Binding {
    binding.sources.extend(change.source.clone());
    let wanted = &change.signal;
    let known = binding.signal(&wanted.name).map(|s| s.name.clone());
    match known.and_then(|name| binding.signals.iter_mut().find(|s| s.name == name)) {
        None => binding.signals.push(wanted.clone()),
        Some(there) => {
            there.source.clone_from(&wanted.source);
            there.query.clone_from(&wanted.query);
            there.scale = wanted.scale;
            // An empty unit stays as a key where one stood.
            let stood = there.unit.is_some();
            there.unit = wanted.unit.clone().or(stood.then(String::new));
        }
    }
    binding
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::plan::binding::Signal;

    const FILE: &str = "# mine\n[[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:9\"\n\n\
                        [[signal]] # s\nname = \"Error rate\"\nsource = \"\"\nquery = \"\" # q\n";

    fn change(before: Option<&str>, query: &str) -> Change {
        let (name, source) = ("Error rate".to_owned(), "prom".to_owned());
        let signal = Signal { name, source, query: query.to_owned(), scale: 1.0, ..Signal::default() };
        Change { before: before.map(str::to_owned), source: None, signal }
    }

    #[test]
    fn only_what_was_read_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warroom.toml");
        std::fs::write(&path, FILE).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let said = save(&path, &change(Some(FILE), "up")).unwrap();
        assert!(said.contains("Error rate is bound") && said.contains("warroom allow"), "{said}");
        let text = std::fs::read_to_string(&path).unwrap();
        let wanted = FILE.replace("source = \"\"", "source = \"prom\"").replace("\"\" # q", "\"up\" # q");
        assert_eq!(text, wanted);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        let why = save(&path, &change(Some(FILE), "up")).unwrap_err();
        assert!(why.contains("changed meanwhile"), "{why}");
        let said = save(&path, &change(Some(&text), "up")).unwrap();
        assert!(said.contains("says so already"), "{said}");
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn what_cannot_be_written_says_why_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warroom.toml");
        symlink("nowhere", &path).unwrap();
        let fresh = Change {
            source: Some(Source::new("prom", SourceKind::Prometheus, "http://h", 5.0)),
            ..change(None, "up")
        };
        let why = save(&path, &fresh).unwrap_err();
        assert!(why.contains("a link that leads nowhere"), "{why}");
        std::fs::remove_file(&path).unwrap();
        symlink("/proc/version", &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(file::text(&path).unwrap().is_some());
        let why = save(&path, &change(Some(&text), "up")).unwrap_err();
        assert!(why.contains("faults"), "{why}");
        std::fs::remove_file(&path).unwrap();
        let why = save(&path, &change(None, "up")).unwrap_err();
        assert!(why.contains("there is no source prom"), "{why}");
        let secret = Source::new("x", SourceKind::Prometheus, "http://a:hunter2@h", 5.0);
        let why = save(&path, &Change { source: Some(secret), ..change(None, "up") }).unwrap_err();
        assert!(!why.contains("hunter2"), "{why}");
        assert!(!path.exists());
        let real = folder.path().join("real.toml");
        std::fs::write(&real, FILE).unwrap();
        symlink("real.toml", &path).unwrap();
        save(&path, &change(Some(FILE), "up")).unwrap();
        assert!(std::fs::read_to_string(&real).unwrap().contains("\"up\" # q"));
        assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());
        let why = save(&folder.path().join("gone/warroom.toml"), &fresh).unwrap_err();
        assert!(why.contains("not there any more"), "{why}");
    }

    #[test]
    fn only_a_source_that_is_reached_as_it_stands_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warroom.toml");
        let text = "room = { base_url = 'http://shop' }\n\
            source = [\n\
            { name = 'same', kind = 'prometheus', url = 'http://a' },\n\
            { name = 'other', kind = 'prometheus', url = 'http://b' },\n\
            { name = 'web', kind = 'http' },\n\
            { name = 'db', kind = 'sql', url = 'postgres://db/x' },\n\
            { name = 'sh', kind = 'command', command = 'echo 2' },\n\
            { name = 'run', kind = 'command', command = 'echo 1' },\n\
            { name = 'log', kind = 'log', file = 'a.log' },\n\
            { name = 'hand', kind = 'manual' },\n]\n\
            signal = [{ name = 'n', source = 'db', query = 'SELECT 1' }]\n";
        std::fs::write(&path, text).unwrap();
        let changed = text.replace("http://b", "http://c").replace("echo 2", "echo 3");
        let allowed = bound::read(&changed).unwrap().reachable();
        let beside = beside(&path, &allowed).unwrap();
        let words: Vec<String> = beside.leave.iter().map(|l| format!("{l:?}")).collect();
        let wanted = ["Any", "allow", "Any", "Only([\"SELECT 1\"])", "allow", "Any", "a log is", "a person"];
        for (word, wanted) in words.iter().zip(wanted) {
            assert!(word.contains(wanted), "{wanted} in {words:?}");
        }
        let nothing = super::beside(&path, &Binding::default()).unwrap();
        assert!(nothing.leave.iter().all(|l| matches!(l, Leave::Nothing(_))));
    }
}
