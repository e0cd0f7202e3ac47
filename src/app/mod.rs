//! What the program is doing, as data: messages in, effects out. Pure.
//!
//! [`App::update`] never waits and never does IO. A key becomes an [`Action`] by keymap and
//! selection, then an [`Intent`]; the runtime hands it to the journal, and only what the journal
//! has stored comes back as [`Msg::Recorded`] and is applied. Screens look at the app and change
//! nothing.

mod act;
mod advice;
mod approving;
#[cfg(test)]
pub(crate) mod approving_tests;
mod baselining;
mod bind;
#[cfg(test)]
mod bind_tests;
mod calls;
#[cfg(test)]
pub(crate) mod calls_tests;
mod claiming;
mod deck;
#[cfg(test)]
pub(crate) mod deck_tests;
mod dialog;
mod dialogs;
mod document;
mod edited;
mod flag_step;
mod gauges;
#[cfg(test)]
mod gauges_tests;
mod keymap;
mod levers;
#[cfg(test)]
mod levers_tests;
#[cfg(test)]
mod looking_tests;
mod measured;
mod moot;
mod naming;
mod palette;
mod phrase;
mod polling;
mod rehearsed;
mod search;
mod settling;
#[cfg(test)]
mod settling_tests;
mod sign;
mod signals;
#[cfg(test)]
pub(crate) mod signals_tests;
mod silencing;
#[cfg(test)]
pub(crate) mod stage;
#[cfg(test)]
mod storm_tests;
#[cfg(test)]
mod tests;
mod timeline;
mod timeline_past;
mod timeline_play;
#[cfg(test)]
pub(crate) mod timeline_tests;
mod tree;
mod trust;
mod view;
mod watch;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use crossterm::event::KeyEvent;
use uuid::Uuid;

use crate::plan::binding;
use crate::plan::{Item, Plan, ProcedureId};
use crate::room::{Actor, End, Entry, Event, Intent, Mark, Outcome, Refusal, Room, decide};
use crate::signal::{Crossing, Memory, Sample, Series, Signals, Tile};

pub use advice::Advice;
pub use approving::Approving;
pub use baselining::{BASES, Baselining};
pub use bind::{
    Beside, Bind, Change, Field, Form, Heard, KINDS, Known, Leave, Measured, Preview, Step, Wish, Writing,
    place_of, query_of, whereabouts,
};
pub use calls::Condition;
pub use claiming::Sight;
pub use deck::LeverRow;
pub use dialog::{Dialog, Prompt, Purpose};
pub use document::{Document, Part};
pub use keymap::{Action, Binding, Keymap, On};
pub use levers::{Confirm, Deed, Levers, Prepared, REHEARSAL, Read};
pub use naming::Offered;
pub use palette::{COMMANDS, Entry as CommandEntry};
pub use phrase::Phrase;
pub use polling::{Choice, Polling};
pub use rehearsed::Rehearsed;
pub use sign::{KeyChoice, SignBox, SignField, SignStage, SignWish, Signed};
pub use signals::{Look, WINDOWS, Window};
pub use silencing::{SPANS, Silencing};
pub use timeline::{Loaded, Moment, PastAsk, PastTold, Place, Timeline};
pub use timeline_past::{Past, Replay};
pub use timeline_play::{Play, SPEEDS};
pub use tree::{Outline, Row, Show, Tree};
pub use trust::{Allowing, Reached, Since, Trust};
pub use view::{Offer, shown};

/// Something that happened.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// A row of a panel was clicked; its place on that panel's list.
    Click { panel: Panel, row: Option<usize> },
    /// The wheel turned over the list: so many rows down.
    Wheel(isize),
    /// The terminal has another size.
    Resize(u16, u16),
    /// The clock shows another second.
    Clock,
    /// The journal is open; `fresh` where the room was made just now.
    Opened { room: Box<Room>, fresh: bool },
    /// The room as it was kept, to be looked at until the journal is open.
    Glimpsed(Box<Room>),
    /// The journal stored these. `plan` comes with an adopted plan, `ticket` with one's own.
    Recorded { entries: Vec<Entry>, plan: Option<Arc<Plan>>, ticket: Option<u64> },
    /// The intent was judged and refused.
    Refused { ticket: u64, refusal: Refusal },
    /// The intent could not be stored; nothing was recorded.
    NotSaved { ticket: u64, why: String },
    /// What the journal can do has changed.
    Link(Link),
    /// Somebody else, or we, have the watch.
    Watch(Option<Watch>),
    /// Something the person should read.
    Say(Notice),
    /// The plan's file cannot be followed, and why; none when it can again.
    PlanFile(Option<String>),
    /// What is bound to real systems, or to a rehearsal.
    Bound(Arc<binding::Binding>),
    /// A signal was measured; its place in the binding.
    Samples { signal: usize, samples: Vec<Sample> },
    /// What the rules knew when this room was last watched.
    Recalled(Box<Memory>),
    /// What a signal measured before this process; its place in the binding.
    Past { signal: usize, series: Box<Series> },
    /// A signal could not be measured, and why.
    NotSampled { signal: usize, why: String },
    /// A source has something to say beside its answers, or not any more.
    Warned { signal: usize, warning: Option<String> },
    /// The last lines of a log that were found for a signal.
    Lines { signal: usize, lines: Vec<String> },
    /// What an Alertmanager's silences mean for this room; for whoever has the watch.
    Elsewhere(Vec<Intent>),
    /// A flag was read, asked `at` that moment; `outside` is what this room last knew of it, where that is
    /// another value.
    FlagRead { flag: String, value: Result<String, String>, at: DateTime<Utc>, outside: Option<String> },
    /// The bytes of a deed.
    Prepared(Prepared),
    /// A flag's change came to an end.
    FlagChanged { change: Uuid, outcome: Outcome, detail: String },
    /// A rehearsal's report.
    Reported { report: String },
    /// A run said something.
    Output { run: Uuid, line: String },
    /// What the dialog that binds a metric waits for.
    Binding(Heard),
    /// What the box that signs waits for.
    Signed(Box<Signed>),
    /// What the plan can reach.
    Trust(Box<Trust>),
    /// Somebody allowed it from here.
    Trusted,
    /// What earlier rehearsals of this plan went through well, the newest first.
    Rehearsed(Vec<Rehearsed>),
    /// A step came to an end.
    StepEnded { run: Uuid, step: usize, end: End, detail: String },
    /// What the reader of the past found.
    PastTold(PastTold),
}

/// Something for the runtime to do.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "field names say it; each variant is documented")]
pub enum Effect {
    /// Have the journal judge and store an intent.
    Submit { ticket: u64, intent: Intent },
    /// Put text on the clipboard.
    Copy(String),
    /// Take another theme.
    UseTheme(String),
    /// Mouse reports on or off.
    Mouse(bool),
    /// Draw everything afresh.
    Repaint,
    /// Stop, and let the shell go on.
    Suspend,
    /// Leave.
    Quit,
    /// Ask a flag for its value.
    ReadFlag(String),
    /// Make the bytes of a deed, for the box that asks.
    Prepare(Deed),
    /// Do what was confirmed and stored, under an id.
    Do { id: Uuid, prepared: Prepared },
    /// Look what became of a step that another process began, and follow it where it runs.
    Follow { run: Uuid, step: usize },
    /// Go on with a procedure; never leaves the app.
    NextStep(ProcedureId),
    /// A procedure was run to its end.
    Finished(ProcedureId),
    /// Stop whatever runs.
    Stop,
    /// Write a rehearsal's report.
    Report,
    /// For the dialog that binds a metric.
    Bind(Wish),
    /// For the box that signs.
    Sign(SignWish),
    /// For whoever looks back: read something of the journal again.
    AskPast(PastAsk),
    /// Look up what the plan can reach, and what was allowed of it.
    LookAtTrust,
    /// Remember that what was shown under this digest is allowed.
    Allow { digest: String },
}

/// What the journal can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// It is being opened; what it holds is not known yet.
    #[default]
    Opening,
    /// It stores.
    Live,
    /// The room can be looked at only, and why.
    ViewOnly(String),
    /// It does not store at present, and why.
    Failing(String),
}

/// Who has the watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Their name.
    pub name: String,
    /// Whether that is this process.
    pub mine: bool,
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Plain,
    /// It went well.
    Good,
    /// It did not.
    Bad,
}

/// A line for the person, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// The screens there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// The launch at a glance.
    #[default]
    Board,
    /// Every item.
    Checklists,
    /// The one next thing.
    Now,
    /// One metric large, its rules, and the others beside it.
    Signals,
    /// Flags, ways back, runs.
    Levers,
    /// The document with its state in place.
    Plan,
    /// Everything that happened.
    Timeline,
}

/// The panels of the Board that take the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// The time line of phases.
    Phases,
    /// The items of the phase in view.
    #[default]
    Checklist,
    /// Limits and what is measured.
    Signals,
}

/// What is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A row of a checklist.
    Row(Row),
    /// A watched metric.
    Signal(usize),
    /// Nothing.
    Nothing,
}

/// How soon a changed screen is to be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirty {
    /// Nothing changed.
    #[default]
    Clean,
    /// Data changed: at the next frame.
    Soon,
    /// A key was pressed: at once.
    Now,
}

/// First measurements that come within so long are judged, and so seen, together: what a source
/// answers to one round comes in pieces.
const TOGETHER: TimeDelta = TimeDelta::milliseconds(12);

/// A found text.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What was looked for; empty for nothing.
    pub text: String,
}

/// Everything a screen shows.
pub struct App {
    /// The fold of the journal.
    pub room: Room,
    /// Who acts here.
    pub actor: Actor,
    /// What the journal can do.
    pub link: Link,
    /// Who has the watch.
    pub watch: Option<Watch>,
    /// The screen shown.
    pub screen: Screen,
    /// The panel of the Board that has the cursor.
    pub panel: Panel,
    /// Whether that panel has the screen for itself.
    pub zoomed: bool,
    /// What lies over the screen.
    pub dialog: Dialog,
    /// A line for the person.
    pub notice: Option<Notice>,
    /// What is wrong with the plan's file, as long as it is.
    pub stale: Option<String>,
    /// What was searched for.
    pub search: Search,
    /// The keys.
    pub keymap: Keymap,
    /// The time; set by every update.
    pub now: DateTime<Utc>,
    /// The zone of the machine, where T0 has none.
    pub local_zone: Tz,
    /// Whether the mouse is reported.
    pub mouse: bool,
    /// The plan's groups.
    pub outline: Outline,
    /// The metrics with limits, the most troubling first.
    pub tiles: Vec<Tile>,
    /// What judges them.
    pub gauges: Signals,
    /// What the rules knew before, until the binding is known.
    memory: Option<Memory>,
    /// What was over because a plan changed, until it is recorded.
    over: Vec<Crossing>,
    /// Since when something measured for the first time waits to be judged.
    unseen: Option<DateTime<Utc>>,
    /// Which items are shown.
    pub show: Show,
    /// Flags and runbooks.
    pub levers: Levers,
    /// The plan line by line, once somebody looks at it.
    pub document: Option<Document>,
    /// Everything that happened; while the past is looked at that one has it.
    timeline: Timeline,
    past: Option<Box<Past>>,
    /// The last turn of the visits to the past so far.
    past_turn: u64,
    /// Whether the journal was read and verified; what is shown before is only what was kept of it.
    verified: bool,
    /// Whether this is a replay, and from where.
    replay: Option<Replay>,
    /// Whether this is the app of a moment that was.
    was: bool,
    board: Tree,
    lists: Tree,
    folded: HashSet<usize>,
    /// The cell of the time line that was chosen by hand.
    cell: Option<usize>,
    signal: usize,
    /// The metric somebody put the cursor on.
    chosen: Option<Arc<str>>,
    look: Look,
    saving: BTreeMap<u64, Intent>,
    undo: Vec<Intent>,
    undoing: HashSet<u64>,
    wishes: Vec<Intent>,
    next_ticket: u64,
    /// A key was pressed: the cursor is somebody's.
    touched: bool,
    size: (u16, u16),
    dirty: Dirty,
}

impl App {
    /// An app over a plan whose journal is still being opened.
    pub fn new(plan: Arc<Plan>, actor: Actor, keymap: Keymap, local_zone: Tz, now: DateTime<Utc>) -> Self {
        let mut app = Self {
            room: Room::new(plan),
            actor,
            link: Link::Opening,
            watch: None,
            screen: Screen::Board,
            panel: Panel::Checklist,
            zoomed: false,
            dialog: Dialog::None,
            notice: None,
            stale: None,
            search: Search::default(),
            keymap,
            now,
            local_zone,
            mouse: false,
            outline: Outline::default(),
            tiles: vec![],
            gauges: Signals::default(),
            memory: None,
            over: vec![],
            unseen: None,
            show: Show::All,
            levers: Levers::default(),
            document: None,
            timeline: Timeline::default(),
            past: None,
            past_turn: 0,
            verified: false,
            replay: None,
            was: false,
            board: Tree::default(),
            lists: Tree::default(),
            folded: HashSet::new(),
            cell: None,
            signal: 0,
            chosen: None,
            look: Look::default(),
            saving: BTreeMap::new(),
            undo: vec![],
            undoing: HashSet::new(),
            wishes: vec![],
            next_ticket: 1,
            touched: false,
            size: (80, 24),
            dirty: Dirty::Now,
        };
        app.look_at_limits();
        app.look_at_plan();
        app
    }

    /// Takes one message in; what comes out is for the runtime to do.
    pub fn update(&mut self, now: DateTime<Utc>, msg: Msg) -> Vec<Effect> {
        let mut effects = self.take_in(now, msg);
        self.clear_boxes();
        effects.extend(match &mut self.past {
            Some(past) => past.app.timeline_wants(),
            None => self.timeline_wants(),
        });
        effects
    }

    fn take_in(&mut self, now: DateTime<Utc>, msg: Msg) -> Vec<Effect> {
        self.now = now;
        let haste = if matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Click { .. } | Msg::Wheel(_)) {
            Dirty::Now
        } else if matches!(msg, Msg::Samples { .. } | Msg::NotSampled { .. } | Msg::Past { .. }) {
            // Seen when they are judged: with the next second, or at once what is measured for the
            // first time.
            Dirty::Clean
        } else {
            Dirty::Soon
        };
        self.dirty = self.dirty.max(haste);
        match msg {
            Msg::Key(key) => {
                self.touched = true;
                return self.key(key);
            }
            Msg::Paste(text) => return self.paste(&text),
            Msg::Click { .. } | Msg::Wheel(_) if self.past.is_some() => return self.past_mouse(msg),
            Msg::Click { panel, row } => self.click(panel, row),
            Msg::Wheel(rows) => self.scroll(rows),
            Msg::Resize(width, height) => self.resize(width, height),
            Msg::Clock => {
                // What was proposed does not wait for ever.
                if !self.room.proposals().is_empty() {
                    self.list_levers();
                }
                return self.clocked();
            }
            Msg::PastTold(told) => return self.past_told(told),
            Msg::Samples { signal, samples } => self.sampled(signal, &samples),
            Msg::NotSampled { signal, why } => self.not_sampled(signal, &why),
            Msg::Recalled(memory) => self.recall(*memory),
            Msg::Past { signal, series } => self.gauges.remember(signal, *series),
            Msg::Warned { signal, warning } => self.gauges.warn(signal, warning.as_deref()),
            Msg::Elsewhere(intents) => return self.found_elsewhere(intents),
            Msg::Lines { signal, lines } => self.gauges.keep_lines(signal, &lines),
            Msg::Opened { room, fresh } => return self.opened(*room, fresh),
            Msg::Glimpsed(room) => self.show(*room),
            Msg::Recorded { entries, plan, ticket } => return self.recorded(&entries, plan, ticket),
            Msg::Refused { ticket, refusal } => self.refused(ticket, &refusal),
            Msg::NotSaved { ticket, why } => self.not_saved(ticket, why),
            Msg::Link(link) => self.link = link,
            Msg::Watch(watch) => self.watched_by(watch),
            Msg::Say(notice) => {
                // Also the answer about bytes that could not be made.
                self.levers.preparing = None;
                self.notice = Some(notice);
            }
            Msg::PlanFile(why) => self.plan_file(why),
            Msg::Binding(heard) => return self.heard(heard),
            Msg::Signed(signed) => return self.sign_heard(*signed),
            Msg::Trust(trust) => self.trusts(*trust),
            Msg::Rehearsed(runs) => self.levers.rehearsed = runs,
            Msg::Trusted => self.levers.unallowed = false,
            Msg::Reported { report } => return self.submit(Intent::EndRehearsal { report }),
            Msg::Bound(_)
            | Msg::FlagRead { .. }
            | Msg::Prepared(_)
            | Msg::FlagChanged { .. }
            | Msg::Output { .. }
            | Msg::StepEnded { .. } => return self.outside(msg),
        }
        vec![]
    }

    /// What came back from outside.
    fn outside(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Bound(binding) => {
                self.bind(binding);
                let flags = self.room.plan.flags.iter();
                return flags.map(|f| Effect::ReadFlag(f.name.clone())).collect();
            }
            Msg::FlagRead { flag, value, at, outside } => {
                self.moved_outside(&flag, value.as_ref().ok(), outside.as_ref());
                self.levers.read.insert(flag.clone(), Read { value, at, outside });
                return self.read_again(&flag);
            }
            Msg::Prepared(prepared) => self.prepared(prepared),
            Msg::Output { run, line } => self.output(run, line),
            Msg::FlagChanged { change, outcome, detail } => {
                self.levers.mine.remove(&change);
                return self.submit(Intent::EndFlagChange { change, outcome, detail });
            }
            Msg::StepEnded { run, step, end, detail } => {
                self.levers.mine.remove(&run);
                return self.step_ended(run, step, end, detail);
            }
            _ => {}
        }
        vec![]
    }

    /// How soon a frame is wanted.
    pub fn dirty(&self) -> Dirty {
        self.dirty
    }

    /// A frame was made of the app as it is.
    pub fn drawn(&mut self) {
        self.dirty = Dirty::Clean;
    }

    /// When the screen changes by itself: the next second once a clock runs or something is measured,
    /// earlier where something was measured for the first time, else never.
    pub fn next_clock(&self) -> Option<DateTime<Utc>> {
        if self.room.t0.is_none() && !self.measures() && !self.levers_move() && self.past.is_none() {
            return None;
        }
        if let Some(step) = self.next_moment() {
            return Some(step);
        }
        let second = DateTime::from_timestamp(self.now.timestamp() + 1, 0)?;
        Some(self.unseen.map_or(second, |since| second.min(since + TOGETHER)))
    }

    /// Width and height of the terminal.
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Intents that the journal has not answered yet.
    pub fn unsaved(&self) -> usize {
        self.saving.len()
    }

    /// Whether something about this item is on its way to the disk.
    pub fn is_saving(&self, item: &Item) -> bool {
        self.saving.values().any(|intent| intent.item() == Some(&item.id))
    }

    /// Where an item will stand once everything on its way is stored.
    fn expected(&self, item: &Item) -> Mark {
        let about = |intent: &&Intent| intent.item() == Some(&item.id);
        let after = |intent: &Intent| match intent {
            Intent::Tick(_) => Some(Mark::Done),
            Intent::Untick(_) | Intent::Reopen(_) => Some(Mark::Open),
            Intent::Exclude { .. } => Some(Mark::NotApplicable),
            Intent::Block { .. } => Some(Mark::Blocked),
            _ => None,
        };
        self.saving.values().rev().filter(about).find_map(after).unwrap_or_else(|| self.room.mark(item))
    }

    #[cfg(test)]
    fn lists_len(&self) -> usize {
        self.lists.rows().len()
    }

    fn look_at_plan(&mut self) {
        self.outline = Outline::new(&self.room.plan);
        self.document = None;
        self.folded.clear();
        self.cell = None;
        self.rebuild();
        self.board.select_work(&self.room);
        self.lists.select_work(&self.room);
    }

    fn opened(&mut self, room: Room, fresh: bool) -> Vec<Effect> {
        if self.link == Link::Opening {
            self.link = Link::Live;
        }
        self.verified = true;
        self.show(room);
        if fresh && self.notice.is_none() && self.link == Link::Live {
            let summary = crate::plan::summary(&self.room.plan);
            self.say(Tone::Plain, format!("Read {summary}{}", self.offer_trust(". ")));
        } else if self.notice.is_none() && self.levers.unallowed && self.link == Link::Live {
            self.say(Tone::Plain, self.offer_trust(""));
        }
        self.look_at_journal();
        let wishes = std::mem::take(&mut self.wishes);
        let mut effects: Vec<_> = wishes.into_iter().flat_map(|intent| self.submit(intent)).collect();
        effects.extend(self.begin_replay());
        effects
    }

    /// Looks at a room from here on.
    fn show(&mut self, room: Room) {
        let same = Arc::ptr_eq(&room.plan, &self.room.plan);
        self.room = room;
        self.look_at_limits();
        if same && self.touched {
            self.rebuild();
            self.take_typed();
        } else {
            self.look_at_plan()
        }
    }

    /// Wants something done as soon as the journal is open.
    pub fn wish(&mut self, intent: Intent) {
        self.wishes.push(intent);
    }

    fn recorded(&mut self, entries: &[Entry], plan: Option<Arc<Plan>>, ticket: Option<u64>) -> Vec<Effect> {
        let mine = ticket.is_some_and(|t| self.saving.remove(&t).is_some());
        let back = ticket.is_some_and(|t| self.undoing.remove(&t));
        for entry in entries {
            self.room.apply(entry);
            if mine && !back {
                self.undo.extend(inverse(entry));
            }
        }
        self.chronicle(entries);
        let edited = plan.is_some();
        match plan {
            Some(plan) => self.edited(entries, plan),
            None => self.rebuild(),
        }
        self.close_moot(entries, edited);
        if entries.iter().any(|e| matches!(e.event, Event::PollOpened { .. } | Event::Voted { .. })) {
            self.follow_poll();
        }
        self.heard_of_proposals(entries);
        if entries.iter().any(|e| matches!(e.event, Event::ValueTyped { .. })) {
            self.take_typed();
        }
        let mut effects = ticket.map(|t| self.followed(t)).unwrap_or_default();
        effects.extend(ticket.map(|t| self.sign_asked(t, entries)).unwrap_or_default());
        for entry in entries {
            self.ran(entry, mine);
        }
        for entry in entries.iter().filter(|_| mine) {
            match &entry.event {
                Event::StepEnded { run, .. } => effects.extend(self.close_run(*run)),
                Event::FlagChangeEnded { change, flag, outcome, .. } => {
                    effects.push(Effect::ReadFlag(flag.clone()));
                    effects.extend(self.flag_step_ended(*change, *outcome));
                }
                Event::RunResolved { .. } | Event::FlagResolved { .. } => {
                    effects.extend(self.resolved(&entry.event));
                }
                _ => {}
            }
        }
        if matches!(self.dialog, Dialog::Leaving) && self.unsaved() == 0 {
            // Whoever wanted to leave waited for this only.
            self.dialog = Dialog::None;
            effects.extend(self.going());
        }
        effects
    }

    fn refused(&mut self, ticket: u64, refusal: &Refusal) {
        self.saving.remove(&ticket);
        self.undoing.remove(&ticket);
        self.forget(ticket);
        self.sign_refused(ticket, &refusal.to_string());
        self.say(Tone::Bad, refusal.to_string());
    }

    fn not_saved(&mut self, ticket: u64, why: String) {
        self.saving.remove(&ticket);
        self.undoing.remove(&ticket);
        self.forget(ticket);
        self.sign_refused(ticket, &why);
        self.say(Tone::Bad, why);
    }

    /// Sends an intent on its way, or says at once why not.
    fn submit(&mut self, intent: Intent) -> Vec<Effect> {
        if let Link::ViewOnly(why) = &self.link {
            let why = format!("not recorded: {why}");
            self.say(Tone::Bad, why);
            return vec![];
        }
        let pending = intent.item().is_some_and(|id| self.saving.values().any(|i| i.item() == Some(id)));
        if self.link == Link::Live
            && !pending
            && let Err(refusal) = decide(&self.room, &intent, &self.actor, self.now)
            && refusal.record().is_none()
        {
            self.say(Tone::Bad, refusal.to_string());
            return vec![];
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.saving.insert(ticket, intent.clone());
        vec![Effect::Submit { ticket, intent }]
    }

    fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone });
    }
}

/// What would take an entry back, for those that can be.
fn inverse(entry: &Entry) -> Option<Intent> {
    match &entry.event {
        Event::ItemTicked { item, .. } => Some(Intent::Untick(item.clone())),
        Event::ItemUnticked { item, .. } => Some(Intent::Tick(item.clone())),
        Event::ItemExcluded { item, .. } | Event::ItemBlocked { item, .. } => {
            Some(Intent::Reopen(item.clone()))
        }
        Event::NoteAdded { .. } => Some(Intent::WithdrawNote(entry.id)),
        Event::BaselineCaptured { metric, .. } => Some(Intent::WithdrawBaseline { metric: metric.clone() }),
        _ => None,
    }
}
