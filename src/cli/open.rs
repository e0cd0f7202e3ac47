//! `warroom PLAN|ROOM`: the room on the screen.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::args::{Look, Open};
use super::failure::Failure;
use super::surroundings::{self, Surroundings};
use super::target::{Target, Wanted, opener, rooms};
use crate::app::{App, Keymap, Notice, Panel, Tone};
use crate::config::{Colour, Config};
use crate::identity;
use crate::journal::{Clock, Options, Scribe, Trouble};
use crate::levers::allow::{ExecutableSet, Part};
use crate::levers::run::Step;
use crate::levers::{self, Grounds, Leave};
use crate::plan::binding::{Binding, Provider};
use crate::plan::{Plan, Procedure};
use crate::room::{Actor, Intent, Role, T0, parse_t0};
use crate::runtime::{self, Archive, Ended, Fault, Reach, Runtime, Terms, View};
use crate::terminal::{self, Capabilities, Session};
use crate::ui::{self, Depth, Styles};

/// Opens the room and stays until it is left.
///
/// # Errors
/// Everything that can be known before the screen is taken: bad flags, settings, keys and themes, a
/// file that is no plan, no terminal.
pub fn run(open: &Open) -> Result<Ended, Failure> {
    let around = Surroundings::find(open.hand.state.as_deref())?;
    let found = Target::find(target_of(open)?, &rooms(&around)?)?;
    let room = open.hand.room.clone().or_else(|| found.room_name());
    let target = found.at_home(&rooms(&around)?);
    let lossy = target.lossy();
    let zone = zone(&target);
    let wanted = Wanted {
        room,
        new: open.new,
        environment: open.environment.clone(),
        read_only: open.read_only || lossy.is_some(),
    };
    let t0 = open.t0.as_ref().map(|text| {
        let t0 = parse_t0(text, zone, Utc::now());
        t0.map_err(|why| Failure::usage(format!("--t0: {why}")))
    });
    let name = open.hand.name.clone();
    let t0 = t0.transpose()?;
    let (mut reach, notice) = reach(&around, &target);
    if open.read_only || around.config.role == Role::Observer {
        // Whoever only looks has nothing in the house that could change something.
        reach = reach.map(Reach::looking);
    }
    enter(around, &open.look, Opening { target, wanted, name, view_only: lossy, t0, reach, notice })
}

/// What the plan's binding reaches, where somebody allowed it; else what to say.
pub fn reach(around: &Surroundings, target: &Target) -> (Option<Reach>, Option<Notice>) {
    let (Target::Plan { file, edition, binding }, Some(state)) = (target, &around.state) else {
        return (None, None);
    };
    let leave = leave(around, target);
    let runs = Some(levers::Runs::below(state));
    let keep = (around.config.keep_days > 0).then(|| TimeDelta::days(around.config.keep_days.into()));
    let terms = Some(terms(around, state, &file.path, binding));
    let archive = Some(Archive { state: state.clone(), plan: file.path.clone() });
    let reach = |binding: Binding| {
        let (leave, runs, terms, archive) = (leave.clone(), runs.clone(), terms.clone(), archive.clone());
        Some(Reach { binding, leave, runs, keep, terms, archive, ..Reach::default() })
    };
    let by_hand = || Some(binding.by_hand()).filter(|b| !b.signals.is_empty());
    let allowed = levers::allowed(state, &ExecutableSet::of(&edition.plan, binding));
    if binding.reaches_nothing() {
        // A source that nothing asks yet can be tried out, where it was allowed.
        let idle = Some(binding.reachable()).filter(|b| allowed && !b.sources.is_empty());
        let reached = idle.map(|b| placed(b, &file.path)).or_else(by_hand).unwrap_or_default();
        let notice = if allowed { None } else { revoked(state, &file.path, &edition.plan, binding) };
        return (reach(reached), notice.map(|text| Notice { text, tone: Tone::Bad }));
    }
    if !allowed {
        let why = revoked(state, &file.path, &edition.plan, binding);
        let why = why.as_deref().unwrap_or("T, or `warroom allow PLAN`, shows what would be reached");
        let text = format!("nothing is measured or changed: {why}");
        // What another process measures, where somebody allowed it, may be looked at.
        let mut beheld = placed(binding.reachable(), &file.path);
        beheld.flags.clear();
        let binding = by_hand().unwrap_or_default();
        let reach = Reach { binding, beheld: Some(beheld), runs, keep, terms, archive, ..Reach::default() };
        return (Some(reach), Some(Notice { text, tone: Tone::Bad }));
    }
    let idle = binding.idle().into_iter().next();
    let notice = idle.map(|text| Notice { text, tone: Tone::Plain });
    (reach(placed(binding.reachable(), &file.path)), notice)
}

/// Where what a plan reaches is looked up and allowed from the screen.
fn terms(around: &Surroundings, state: &Path, plan: &Path, binding: &Arc<Binding>) -> Terms {
    Terms {
        state: state.to_owned(),
        plan: plan.to_owned(),
        binding: Arc::clone(binding),
        env: around.config.env.clone(),
        host: identity::host(),
    }
}

/// Somebody's leave to run the commands of a plan's file.
pub fn leave(around: &Surroundings, target: &Target) -> Option<Leave> {
    let (Target::Plan { file, edition, binding }, Some(state)) = (target, &around.state) else { return None };
    let (env, host) = (&around.config.env, &identity::host());
    let grounds = Grounds { state, plan: &file.path, env, host };
    Leave::find(&edition.plan, binding, &grounds)
}

/// A step of a plan's file as it would be run if somebody allowed it.
///
/// # Errors
/// Everything that is against it.
pub fn draft(
    around: &Surroundings,
    target: &Target,
    step: (&Procedure, usize),
    room: &str,
) -> Result<Step, String> {
    let (Target::Plan { file, edition, binding }, Some(state)) = (target, &around.state) else {
        return Err("the plan's file is not there".to_owned());
    };
    let (env, host) = (&around.config.env, &identity::host());
    let grounds = Grounds { state, plan: &file.path, env, host };
    Leave::draft(&edition.plan, binding, &grounds, step, room)
}

/// What of an allowed plan is another now, in a sentence; none where nobody allowed it before.
fn revoked(state: &Path, path: &Path, plan: &Plan, binding: &Binding) -> Option<String> {
    let before = levers::last(state, &path.display().to_string())?;
    let set = ExecutableSet::of(plan, binding);
    let difference = set.diff(&before.set);
    let signs = difference.added.iter().map(|p| ("+", p)).chain(difference.removed.iter().map(|p| ("-", p)));
    let told = |(sign, part): (&str, &&Part)| {
        let place = if part.line == 0 { "warroom.toml".to_owned() } else { format!("line {}", part.line) };
        let first = part.shown().into_iter().next().unwrap_or_default();
        format!("{sign} {place} {}: {first}", part.place)
    };
    let parts: Vec<String> = signs.map(told).collect();
    let what = match parts.as_slice() {
        [] => "the commands stand in another order".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    };
    let by = &before.by;
    Some(format!(
        "{what}: not what {by} allowed; view and tick only until T, or `warroom allow PLAN`, has shown it"
    ))
}

/// With the folders of a plan's file: commands run in the binding's `cwd`, else in the plan's git
/// root, else beside the plan, a flag's too; a log's and a flag's file is looked for beside the plan.
pub(super) fn placed(mut binding: Binding, plan: &Path) -> Binding {
    let beside = plan.parent().unwrap_or(Path::new(""));
    let root = || beside.ancestors().find(|f| f.join(".git").exists()).unwrap_or(beside);
    let cwd = match binding.room.cwd.as_str() {
        "" => root().to_owned(),
        cwd => beside.join(cwd),
    };
    for flag in binding.flags.iter_mut().filter(|f| f.provider == Provider::Command) {
        let own = if flag.cwd.is_empty() { cwd.clone() } else { beside.join(&flag.cwd) };
        flag.cwd = own.display().to_string();
    }
    binding.room.cwd = cwd.display().to_string();
    for file in binding.sources.iter_mut().filter_map(|s| s.file.as_mut()) {
        *file = beside.join(&*file).display().to_string();
    }
    for file in binding.flags.iter_mut().filter_map(|f| f.file.as_mut()) {
        *file = beside.join(&*file).display().to_string();
    }
    binding
}

/// A room about to be opened.
pub struct Opening {
    /// The plan or room.
    pub target: Target,
    /// Which room of it.
    pub wanted: Wanted,
    /// Under whose name.
    pub name: Option<String>,
    /// Why nothing is to be recorded.
    pub view_only: Option<Trouble>,
    /// Set on opening.
    pub t0: Option<T0>,
    /// What is measured and changed.
    pub reach: Option<Reach>,
    /// Said at the start.
    pub notice: Option<Notice>,
}

/// Takes the screen and stays until the room is left.
///
/// # Errors
/// As [`run`].
pub fn enter(around: Surroundings, look: &Look, opening: Opening) -> Result<Ended, Failure> {
    let Opening { target, wanted, name, view_only, t0, reach, notice } = opening;
    let keymap = around.keymap()?;
    let theme = Theme::new(look, around.clone())?;
    let config = &around.config;
    let actor = identity::actor(name.as_deref(), &config.name, config.role, wanted.read_only);
    let clock = clock(reach.as_ref());
    let mut app = App::new(target.plan().unwrap_or_default(), actor.clone(), keymap, zone(&target), clock());
    if let Some(t0) = t0 {
        app.wish(Intent::SetT0 { at: t0.at, zone: t0.zone });
    }
    app.notice = notice;
    app.mouse = look.mouse || config.mouse;
    need_terminal(&theme.capabilities)?;
    let mut options = Options::new(&actor.name);
    (options.watch, options.view_only) = (!wanted.read_only, view_only);
    options.measures = reach.as_ref().is_none_or(Reach::may_measure);
    options.plan = target.plan();
    let signers = super::signers::configured(config)?;
    options.founding = target.founding(&wanted, &actor).map(|f| f.signed_by(signers));
    options.keep = chrono::TimeDelta::hours(config.keep_hours.into());
    options.glimpse = true;
    options.commit_delay = faults::commit_delay();
    options.clock = clock;
    let reader = target.reader();
    let (sender, reports) = runtime::reports();
    let tmux = theme.capabilities.tmux;
    let screen = terminal::Options { mouse: app.mouse, ..terminal::Options::default() };
    let session = Session::enter(screen).map_err(|e| {
        Failure::new(format!("the terminal cannot be taken: {e}"))
            .hint("`warroom status` prints without a screen")
    })?;
    let scribe = Scribe::start(opener(rooms(&around)?, &target, wanted), reader, options, move |report| {
        drop(sender.send(report))
    });
    let runtime = Runtime::new(app, Box::new(theme), session, (scribe, reports), faults::wanted(), tmux);
    let watched = reach.as_ref().is_none_or(|r| r.production.is_none()).then(|| target.reader());
    let key = Some(super::sign_key::home(&config.key)).filter(|_| !config.key.is_empty());
    let runtime = runtime.following(target.edition(), watched).recalling(target.reader());
    Ok(runtime.reaching(reach).signing_with(key).run())
}

/// Takes the screen for whoever looks back: nothing is stored, measured, changed or held. `app` is made
/// of the keys and of who looks, `read` reads plans of before.
///
/// # Errors
/// As [`run`].
pub fn look_back(
    around: Surroundings,
    look: &Look,
    open: crate::journal::Open,
    app: impl FnOnce(Keymap, Actor) -> App,
    read: impl Fn() -> crate::journal::Read,
) -> Result<Ended, Failure> {
    let keymap = around.keymap()?;
    let theme = Theme::new(look, around.clone())?;
    let actor = identity::actor(None, &around.config.name, Role::Observer, true);
    need_terminal(&theme.capabilities)?;
    let mut options = Options::new(&actor.name);
    (options.watch, options.recover) = (false, false);
    let mut app = app(keymap, actor);
    app.mouse = look.mouse || around.config.mouse;
    let (sender, reports) = runtime::reports();
    let tmux = theme.capabilities.tmux;
    let screen = terminal::Options { mouse: app.mouse, ..terminal::Options::default() };
    let session = Session::enter(screen).map_err(|e| {
        Failure::new(format!("the terminal cannot be taken: {e}"))
            .hint("`warroom replay --plain` prints without a screen")
    })?;
    let scribe = Scribe::start(open, read(), options, move |report| drop(sender.send(report)));
    let runtime = Runtime::new(app, Box::new(theme), session, (scribe, reports), None, tmux);
    Ok(runtime.recalling(read()).run())
}

/// The machine's time, or the rehearsal's.
fn clock(reach: Option<&Reach>) -> Clock {
    match reach.and_then(|r| r.production.as_ref()) {
        Some(production) => production.clock(),
        None => Arc::new(Utc::now),
    }
}

/// The launch's zone: the binding's, else this machine's.
pub fn zone(target: &Target) -> chrono_tz::Tz {
    target.binding().room.zone.parse().unwrap_or_else(|_| identity::zone())
}

fn target_of(open: &Open) -> Result<&str, Failure> {
    let missing = || {
        Failure::usage("no plan and no room named")
            .hint("`warroom PLAN.md` opens a plan; `warroom --help` has the rest")
    };
    open.target.as_deref().ok_or_else(missing)
}

fn need_terminal(capabilities: &Capabilities) -> Result<(), Failure> {
    let hint = "`warroom status`, `tick`, `note` and `log --follow` work without a screen";
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage("a room opens on a terminal, and this is none").hint(hint));
    }
    if !capabilities.screen {
        return Err(Failure::usage("this terminal has no screen (TERM is dumb or not set)").hint(hint));
    }
    Ok(())
}

/// The styles, and where others come from.
struct Theme {
    styles: Styles,
    depth: Depth,
    ascii: bool,
    around: Surroundings,
    capabilities: Capabilities,
}

impl Theme {
    fn new(look: &Look, around: Surroundings) -> Result<Self, Failure> {
        let capabilities = Capabilities::detect(&|name| std::env::var(name).ok());
        let config = &around.config;
        let depth = depth(capabilities.depth, surroundings::colour(look.colour.as_deref(), config));
        let ascii = look.ascii || config.ascii || !capabilities.unicode;
        let name = theme_name(look, config);
        let styles = styles(&around, name, depth, ascii)?;
        Ok(Self { styles, depth, ascii, around, capabilities })
    }
}

fn theme_name<'a>(look: &'a Look, config: &'a Config) -> &'a str {
    look.theme.as_deref().unwrap_or(&config.theme)
}

fn styles(around: &Surroundings, name: &str, depth: Depth, ascii: bool) -> Result<Styles, Failure> {
    let (path, text) = around.theme(name)?;
    Styles::parse(&text, depth, ascii).map_err(|why| {
        Failure::usage(format!("theme {path}: {why}"))
            .hint("themes/dark.toml in warroom's source names every role")
    })
}

fn depth(shown: terminal::Depth, wanted: Colour) -> Depth {
    let shown = match shown {
        terminal::Depth::None => Depth::None,
        terminal::Depth::Sixteen => Depth::Sixteen,
        terminal::Depth::Indexed => Depth::Many,
        terminal::Depth::True => Depth::True,
    };
    match wanted {
        Colour::Auto => shown,
        Colour::Never => Depth::None,
        Colour::Always if shown == Depth::None => Depth::Sixteen,
        Colour::Always => shown,
    }
}

impl View for Theme {
    fn draw(&mut self, frame: &mut Frame<'_>, app: &App) {
        ui::render(frame, app, &self.styles);
    }

    fn hit(&self, area: Rect, app: &App, x: u16, y: u16) -> Option<(Panel, Option<usize>)> {
        ui::hit(area, app, x, y)
    }

    fn use_theme(&mut self, name: &str) -> Result<(), String> {
        self.styles = styles(&self.around, name, self.depth, self.ascii).map_err(|f| match f.hint {
            Some(hint) => format!("{}; {hint}", f.sentence),
            None => f.sentence,
        })?;
        Ok(())
    }
}

/// Faults that tests ask for through the environment; a release build has none.
mod faults {
    use std::time::Duration;

    use super::Fault;

    fn asked() -> Option<String> {
        if cfg!(debug_assertions) { std::env::var("WARROOM_FAILPOINT").ok() } else { None }
    }

    pub fn wanted() -> Option<Fault> {
        match asked()?.as_str() {
            "panic-ui" => Some(Fault::PanicUi),
            "panic-worker" => Some(Fault::PanicWorker),
            "stuck-ui" => Some(Fault::StuckUi),
            _ => None,
        }
    }

    /// `slow-commit:50`, in milliseconds.
    pub fn commit_delay() -> Option<Duration> {
        let text = asked()?;
        text.strip_prefix("slow-commit:")?.parse().ok().map(Duration::from_millis)
    }
}
