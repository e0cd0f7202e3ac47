//! The dialog that binds a metric: choose a source or describe a new one, write the query with a live
//! preview, save. What it wants done outside is a [`Wish`]; what comes of it is [`Heard`].
//!
//! Nothing is asked of a source unless the runtime said that it may be, and an answer counts only for
//! the very text it was asked for.

mod form;
mod wish;
mod writing;

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::{Dialog, Outcome, Prompt, Purpose};
use super::naming::{self, Offered};
use super::{App, Effect, Link, Tone};
use crate::plan::binding::{Binding, Signal, Source, SourceKind};
use crate::room::Role;
use crate::signal::{Sample, Signals, Tile};
pub use form::{Form, KINDS, place_of, query_of, whereabouts};
pub use wish::{Beside, Change, Heard, Leave, Wish};
pub use writing::{Field, Known, Measured, Preview, Writing};

/// The dialog.
#[derive(Clone, Debug)]
pub struct Bind {
    /// The metric.
    pub metric: Arc<str>,
    /// What lies beside the plan, once it is read.
    pub beside: Arc<Beside>,
    /// Where it stands.
    pub step: Step,
}

/// A step of the dialog.
#[derive(Clone, Debug)]
pub enum Step {
    /// The file is being read.
    Reading,
    /// It cannot be used, and why.
    Broken(String),
    /// A source is chosen; behind the last one stands "a new one".
    Choose {
        /// The chosen one.
        at: usize,
    },
    /// A new source is described.
    Describe(Box<Form>),
    /// The query is written.
    Write(Box<Writing>),
    /// It is being written to the disk.
    Saving(Box<Writing>),
}

fn line(text: &str) -> Prompt {
    let mut prompt = Prompt::new(Purpose::Bind, "");
    naming::write(&mut prompt.text, text, text.chars().count());
    prompt
}

impl Bind {
    fn new(metric: Arc<str>) -> Self {
        Self { metric, beside: Arc::default(), step: Step::Reading }
    }

    /// What binds the metric now.
    pub fn signal(&self) -> Option<&Signal> {
        self.beside.binding.signal(&self.metric)
    }

    /// What stands there and is good for a source: of the same name, of the same kind, or not written
    /// for any yet.
    fn known(&self, source: &Source) -> Option<&Signal> {
        let kind = |name: &str| self.beside.binding.source(name).map(|s| s.kind);
        self.signal().filter(|there| {
            there.source == source.name || there.query.is_empty() || kind(&there.source) == Some(source.kind)
        })
    }

    fn first(&self) -> Step {
        if let Some(formula) = self.signal().and_then(|s| s.derive.as_ref()) {
            let why = format!("it is derived ({formula}); take `derive` out of {} first", self.beside.file);
            return Step::Broken(why);
        }
        let named = self.signal().map(|s| s.source.as_str());
        let at = self.beside.binding.sources.iter().position(|s| Some(s.name.as_str()) == named);
        Step::Choose { at: at.unwrap_or(0) }
    }
}

impl App {
    /// `B`: the dialog for the selected metric.
    pub(super) fn open_bind(&mut self) -> Vec<Effect> {
        let Some(metric) = self.tile().filter(|_| self.on_signals()).map(|t| t.name.clone()) else {
            self.say(Tone::Plain, "select a metric first, on Signals");
            return vec![];
        };
        if let Err(why) = self.may_bind() {
            self.say(Tone::Bad, why);
            return vec![];
        }
        self.dialog = Dialog::Bind(Box::new(Bind::new(metric)));
        vec![Effect::Bind(Wish::Read)]
    }

    /// Whether this window may change what is bound.
    ///
    /// # Errors
    /// A sentence.
    pub fn may_bind(&self) -> Result<(), String> {
        match &self.link {
            Link::ViewOnly(why) => Err(format!("nothing is bound here: {why}")),
            Link::Opening => Err("the room is still being opened: in a moment".to_owned()),
            _ if self.actor.role == Role::Observer => Err("an observer binds nothing".to_owned()),
            _ => Ok(()),
        }
    }

    pub(super) fn bind_paste(&mut self, text: &str) -> Vec<Effect> {
        let Dialog::Bind(mut bind) = std::mem::take(&mut self.dialog) else { return vec![] };
        let mut effects = vec![];
        match &mut bind.step {
            Step::Describe(form) => {
                if let Some(Err(why)) = form.text().map(|field| paste(field, text)) {
                    form.problem = Some(why);
                }
            }
            Step::Write(writing) => {
                let before = writing.asked();
                writing.problem = paste(writing.text(), text).err();
                writing.offered = Offered::default();
                effects = self.ask_if_changed(&before, writing, &bind.metric);
            }
            _ => {}
        }
        self.dialog = Dialog::Bind(bind);
        effects
    }

    pub(super) fn bind_key(&mut self, key: KeyEvent, mut bind: Box<Bind>) -> Vec<Effect> {
        let step = std::mem::replace(&mut bind.step, Step::Reading);
        let (step, effects) = match step {
            Step::Reading | Step::Broken(_) if leaves(key) => return vec![],
            Step::Saving(_) if leaves(key) => return vec![Effect::Bind(Wish::Leave)],
            Step::Reading | Step::Broken(_) | Step::Saving(_) => (step, vec![]),
            Step::Choose { .. } if super::dialogs::closes(key) => return vec![],
            Step::Choose { at } => self.choose_source(key, at, &bind),
            Step::Describe(form) => self.describe(key, form, &bind),
            Step::Write(writing) => self.write_query(key, writing, &bind),
        };
        bind.step = step;
        self.dialog = Dialog::Bind(bind);
        effects
    }

    fn choose_source(&mut self, key: KeyEvent, at: usize, bind: &Bind) -> (Step, Vec<Effect>) {
        let sources = &bind.beside.binding.sources;
        if key.code != KeyCode::Enter {
            return (Step::Choose { at: super::dialogs::moved(key, at, sources.len() + 1) }, vec![]);
        }
        let Some(source) = sources.get(at) else {
            return (Step::Describe(Box::new(Form::new())), vec![]);
        };
        let none = Leave::Nothing(String::new());
        let leave = bind.beside.leave.get(at).cloned().unwrap_or(none);
        let mut writing = Writing::new(source.clone(), false, leave, bind.known(source));
        let mut effects = match writing.leave {
            Leave::Nothing(_) => vec![],
            _ => vec![Effect::Bind(Wish::Open(source.name.clone()))],
        };
        effects.extend(self.ask_anew(&mut writing));
        (Step::Write(Box::new(writing)), effects)
    }

    fn describe(&mut self, key: KeyEvent, mut form: Box<Form>, bind: &Bind) -> (Step, Vec<Effect>) {
        form.problem = None;
        match (key.code, form.field) {
            (KeyCode::Esc, _) => return (bind.first(), vec![]),
            (KeyCode::Tab | KeyCode::Down, _) => form.go(1),
            (KeyCode::BackTab | KeyCode::Up, _) => form.go(-1),
            (KeyCode::Left, 0) => form.kind = form.kind.checked_sub(1).unwrap_or(KINDS.len() - 1),
            (KeyCode::Right | KeyCode::Char(' '), 0) => form.kind = (form.kind + 1) % KINDS.len(),
            (KeyCode::Enter, _) => match form.source(&bind.beside.binding) {
                Ok(source) => return (self.describes(source, bind), vec![]),
                Err(why) => form.problem = Some(why),
            },
            _ => {
                if form.text().map(|text| text.key(key)) == Some(Outcome::Left) {
                    return (bind.first(), vec![]);
                }
            }
        }
        (Step::Describe(form), vec![])
    }

    /// A new source is asked nothing before somebody allowed it.
    fn describes(&mut self, source: Source, bind: &Bind) -> Step {
        let why = match source.kind {
            SourceKind::Manual => "a person types its values",
            _ => "not asked before `warroom allow PLAN`",
        };
        let leave = Leave::Nothing(why.to_owned());
        let known = bind.known(&source);
        let mut writing = Writing::new(source.clone(), true, leave, known);
        self.ask_anew(&mut writing);
        Step::Write(Box::new(writing))
    }

    fn write_query(&mut self, key: KeyEvent, mut writing: Box<Writing>, bind: &Bind) -> (Step, Vec<Effect>) {
        let before = writing.asked();
        match key.code {
            KeyCode::BackTab => writing.go(),
            KeyCode::Tab if !writing.offered.names.is_empty() => writing.complete(),
            KeyCode::Tab => writing.go(),
            KeyCode::Down => writing.offered.choose(1),
            KeyCode::Up => writing.offered.choose(-1),
            KeyCode::Enter if writing.offered.chosen.is_some() => writing.complete(),
            KeyCode::Esc if !writing.offered.names.is_empty() => writing.offered = Offered::default(),
            _ => {
                writing.problem = None;
                match writing.text().key(key) {
                    Outcome::Left => return (bind.first(), vec![Effect::Bind(Wish::Leave)]),
                    Outcome::Done => return self.save_bind(writing, bind),
                    Outcome::Open => {}
                }
                writing.offer();
            }
        }
        let effects = self.ask_if_changed(&before, &mut writing, &bind.metric);
        (Step::Write(writing), effects)
    }

    fn ask_if_changed(&mut self, before: &str, writing: &mut Writing, metric: &Arc<str>) -> Vec<Effect> {
        if writing.asked() != before {
            return self.ask_anew(writing);
        }
        if let Preview::Measured(measured) = &mut writing.preview {
            let (samples, warning) = (std::mem::take(&mut measured.samples), measured.warning.take());
            writing.preview = self.measured(writing, metric, samples, warning);
        }
        vec![]
    }

    /// Asks for the query as it is now; what is under way is for another text and counts no more.
    fn ask_anew(&mut self, writing: &mut Writing) -> Vec<Effect> {
        let query = writing.asked();
        writing.number = self.next_ticket;
        self.next_ticket += 1;
        let empty = query.is_empty() && writing.source.kind != SourceKind::Command;
        writing.preview = match writing.leave.refusal(&query) {
            Some(why) => Preview::NotAsked(why),
            None if empty => Preview::Empty,
            None => Preview::Asking,
        };
        match writing.preview {
            Preview::Asking => vec![Effect::Bind(Wish::Try { number: writing.number, query })],
            _ => vec![],
        }
    }

    fn save_bind(&mut self, mut writing: Box<Writing>, bind: &Bind) -> (Step, Vec<Effect>) {
        let signal = match writing.signal(&bind.metric) {
            Ok(signal) => signal,
            Err(why) => {
                writing.problem = Some(why);
                return (Step::Write(writing), vec![]);
            }
        };
        let source = writing.is_new.then(|| writing.source.clone());
        let change = Change { before: bind.beside.text.clone(), source, signal };
        (Step::Saving(writing), vec![Effect::Bind(Wish::Save(Box::new(change)))])
    }

    /// What came of a wish. What is for a dialog that is not open any more is nobody's, but for what
    /// was written.
    pub(super) fn heard(&mut self, heard: Heard) -> Vec<Effect> {
        let Dialog::Bind(mut bind) = std::mem::take(&mut self.dialog) else {
            self.heard_late(heard);
            return vec![];
        };
        match (heard, std::mem::replace(&mut bind.step, Step::Reading)) {
            (Heard::Read(Ok(beside)), Step::Reading) => {
                bind.beside = beside;
                bind.step = bind.first();
            }
            (Heard::Read(Err(why)), Step::Reading) => bind.step = Step::Broken(why),
            (Heard::Saved(Ok(said)), Step::Saving(_)) => {
                self.say(Tone::Good, said);
                return vec![Effect::Bind(Wish::Leave)];
            }
            (Heard::Saved(Err(why)), Step::Saving(mut writing)) => {
                writing.problem = Some(why);
                bind.step = Step::Write(writing);
            }
            (Heard::Names { source, names }, Step::Write(mut writing)) if source == writing.source.name => {
                writing.names = names.map_or_else(Known::Failed, |(names, more)| Known::These(names, more));
                writing.offer();
                bind.step = Step::Write(writing);
            }
            (Heard::Tried { number, outcome, warning }, Step::Write(mut writing))
                if number == writing.number && matches!(writing.preview, Preview::Asking) =>
            {
                writing.preview = match outcome {
                    Ok(samples) => self.measured(&writing, &bind.metric, samples, warning),
                    Err(why) => Preview::Failed(why),
                };
                bind.step = Step::Write(writing);
            }
            (late, step) => {
                bind.step = step;
                self.heard_late(late);
            }
        }
        self.dialog = Dialog::Bind(bind);
        vec![]
    }

    /// What was written is said, wherever somebody has gone meanwhile.
    fn heard_late(&mut self, heard: Heard) {
        match heard {
            Heard::Saved(Ok(said)) => self.say(Tone::Good, said),
            Heard::Saved(Err(why)) => self.say(Tone::Bad, format!("not bound: {why}")),
            _ => {}
        }
    }

    /// An answer as the metric's tile would show it: the same rules, scale and unit.
    fn measured(
        &self,
        writing: &Writing,
        metric: &Arc<str>,
        samples: Vec<Sample>,
        warning: Option<String>,
    ) -> Preview {
        let scale = writing.scaled().unwrap_or(1.0);
        let signal = Signal {
            name: metric.to_string(),
            source: writing.source.name.clone(),
            unit: writing.unit(),
            scale,
            ..Signal::default()
        };
        let binding =
            Binding { sources: vec![writing.source.clone()], signals: vec![signal], ..Binding::default() };
        let mut gauges = Signals::new(&self.room.plan, &binding);
        let scaled: Vec<Sample> = samples.iter().map(|s| Sample { value: s.value * scale, ..*s }).collect();
        gauges.take(0, &scaled);
        gauges.evaluate(self.now, &|_| true);
        let tile = gauges.tiles(self.now).into_iter().find(|t| t.signal == Some(0));
        match (tile, gauges.series(0)) {
            (Some(tile), Some(series)) if tile.value.is_some() => Preview::Measured(Box::new(Measured {
                tile: Tile { signal: None, ..tile },
                series: series.clone(),
                samples,
                warning,
            })),
            _ => Preview::Failed(format!("{} has no number for it", writing.source.name)),
        }
    }
}

/// What cannot be seen does not come in unseen.
fn paste(field: &mut Prompt, text: &str) -> Result<(), String> {
    if crate::text::has_hidden(text.trim_end()) {
        return Err("the paste holds characters that cannot be seen".to_owned());
    }
    field.problem = None;
    field.paste(text.trim_end());
    field.problem.take().map_or(Ok(()), Err)
}

/// Esc and Ctrl-C.
fn leaves(key: KeyEvent) -> bool {
    key.code == KeyCode::Esc
        || key.code == KeyCode::Char('c') && key.modifiers.contains(crossterm::event::KeyModifiers::CONTROL)
}
