//! `warroom PLAN|ROOM`: the room on the screen.

use std::io::IsTerminal;

use chrono::Utc;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::args::Open;
use super::failure::Failure;
use super::surroundings::{self, Surroundings};
use super::target::{Target, Wanted, opener, rooms};
use crate::app::{App, Panel};
use crate::config::{Colour, Config};
use crate::identity;
use crate::journal::{Options, Scribe};
use crate::plan;
use crate::room::{Intent, parse_t0};
use crate::runtime::{self, Ended, Fault, Runtime, View};
use crate::terminal::{self, Capabilities, Session};
use crate::ui::{self, Depth, Styles};

/// Opens the room and stays until it is left.
///
/// # Errors
/// Everything that can be known before the screen is taken: bad flags, settings, keys and themes, a
/// file that is no plan, no terminal.
pub fn run(open: &Open) -> Result<Ended, Failure> {
    let around = Surroundings::find(open.hand.state.as_deref())?;
    let keymap = around.keymap()?;
    let theme = Theme::new(open, around.clone())?;
    let target = Target::find(target_of(open)?, &rooms(&around)?)?;
    let config = &around.config;
    let lossy = target.lossy();
    let read_only = open.read_only || lossy.is_some();
    let actor = identity::actor(open.hand.name.as_deref(), &config.name, config.role, read_only);
    let zone = identity::zone();
    let mut app = App::new(target.plan().unwrap_or_default(), actor.clone(), keymap, zone, Utc::now());
    if let Some(text) = &open.t0 {
        let t0 = parse_t0(text, zone, Utc::now()).map_err(|why| Failure::usage(format!("--t0: {why}")))?;
        app.wish(Intent::SetT0 { at: t0.at, zone: t0.zone });
    }
    app.mouse = open.mouse || config.mouse;
    need_terminal(&theme.capabilities)?;
    let wanted = Wanted {
        room: open.hand.room.clone(),
        new: open.new,
        environment: open.environment.clone(),
        read_only,
    };
    let mut options = Options::new(&actor.name);
    (options.watch, options.view_only) = (!read_only, lossy);
    options.plan = target.plan();
    options.founding = target.founding(&wanted, &actor);
    options.commit_delay = faults::commit_delay();
    let stem = target.stem();
    let (sender, reports) = runtime::reports();
    let tmux = theme.capabilities.tmux;
    let screen = terminal::Options { mouse: app.mouse, ..terminal::Options::default() };
    let session = Session::enter(screen).map_err(|e| {
        Failure::new(format!("the terminal cannot be taken: {e}"))
            .hint("`warroom status` prints without a screen")
    })?;
    let scribe = Scribe::start(
        opener(rooms(&around)?, &target, wanted),
        Box::new(move |bytes| plan::read(bytes, &stem)),
        options,
        move |report| drop(sender.send(report)),
    );
    let runtime = Runtime::new(app, Box::new(theme), session, (scribe, reports), faults::wanted(), tmux);
    Ok(runtime.following(target.edition()).run())
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
    fn new(open: &Open, around: Surroundings) -> Result<Self, Failure> {
        let capabilities = Capabilities::detect(&|name| std::env::var(name).ok());
        let config = &around.config;
        let depth = depth(capabilities.depth, surroundings::colour(open.colour.as_deref(), config));
        let ascii = open.ascii || config.ascii || !capabilities.unicode;
        let name = theme_name(open, config);
        let styles = styles(&around, name, depth, ascii)?;
        Ok(Self { styles, depth, ascii, around, capabilities })
    }
}

fn theme_name<'a>(open: &'a Open, config: &'a Config) -> &'a str {
    open.theme.as_deref().unwrap_or(&config.theme)
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
