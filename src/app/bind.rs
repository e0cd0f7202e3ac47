//! The dialog that binds a metric: choose a source or describe a new one, write the query with a live
//! preview, save. What it wants done outside is a [`Wish`]; what comes of it is [`Heard`].
//!
//! Nothing is asked of a source unless the runtime said that it may be, and an answer counts only for
//! the very text it was asked for.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::{Dialog, Outcome, Prompt, Purpose};
use super::naming::{self, Offered};
use super::{App, Effect, Link, Tone};
use crate::plan::binding::{Binding, Signal, Source, SourceKind};
use crate::room::Role;
use crate::signal::{Sample, Series, Signals, Tile};

/// What lies beside the plan, as the dialog needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Its reading; in a rehearsal what that made.
    pub binding: Binding,
    /// Its text, which has to be the same when it is written; none where there is no file yet.
    pub text: Option<String>,
    /// Its file, as people name it.
    pub file: String,
    /// For each source what may be asked of it.
    pub leave: Vec<Leave>,
    /// Whether this is a rehearsal: nothing is written.
    pub rehearsed: bool,
}

/// What may be asked of a source for a preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Any query.
    Any,
    /// These, because somebody allowed exactly them.
    Only(Vec<String>),
    /// Nothing, and why.
    Nothing(String),
}

impl Leave {
    /// Why a query is not asked.
    fn refusal(&self, query: &str) -> Option<String> {
        match self {
            Leave::Any => None,
            Leave::Only(allowed) if allowed.iter().any(|q| q == query) => None,
            Leave::Only(_) => Some("a statement is not tried out before `warroom allow PLAN`".to_owned()),
            Leave::Nothing(why) => Some(why.clone()),
        }
    }
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Read what lies beside the plan.
    Read,
    /// Make ready to ask a source, and tell the names it knows.
    Open(String),
    /// Ask it, in place of what was asked before.
    Try {
        /// By which the answer is known.
        number: u64,
        /// What.
        query: String,
    },
    /// Ask no more.
    Leave,
    /// Write it into the file.
    Save(Box<Change>),
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The text that was read; another one is not written over.
    pub before: Option<String>,
    /// A source that is new.
    pub source: Option<Source>,
    /// The metric's signal.
    pub signal: Signal,
}

/// What came of a wish.
#[derive(Clone, Debug)]
pub enum Heard {
    /// What lies beside the plan, or why it cannot be used.
    Read(Result<Arc<Beside>, String>),
    /// The names that a source knows.
    Names {
        /// The source.
        source: String,
        /// Its names, and whether there are more; or a sentence.
        names: Result<(Arc<[String]>, bool), String>,
    },
    /// What a query gives, unscaled.
    Tried {
        /// Its number.
        number: u64,
        /// Oldest first, or a sentence.
        outcome: Result<Vec<Sample>, String>,
        /// What the source says beside it.
        warning: Option<String>,
    },
    /// It stands in the file; a sentence each.
    Saved(Result<String, String>),
}

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

/// The kinds that a new source can have.
pub const KINDS: [SourceKind; 8] = [
    SourceKind::Prometheus,
    SourceKind::Http,
    SourceKind::Json,
    SourceKind::Sql,
    SourceKind::Command,
    SourceKind::Log,
    SourceKind::Alertmanager,
    SourceKind::Manual,
];

/// A new source being described.
#[derive(Clone, Debug)]
pub struct Form {
    /// The chosen one of [`KINDS`].
    pub kind: usize,
    /// Its name.
    pub name: Prompt,
    /// Where it is.
    pub place: Prompt,
    /// Where its secret is kept.
    pub auth: Prompt,
    /// The field that takes the keys: 0 the kind, then the texts in order.
    pub field: usize,
    /// Why it was not taken.
    pub problem: Option<String>,
}

/// A field of [`Writing`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Field {
    #[default]
    Query,
    Scale,
    Unit,
}

/// A query being written.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Who is asked.
    pub source: Source,
    /// Whether the file does not have it yet.
    pub is_new: bool,
    /// What may be asked of it.
    pub leave: Leave,
    /// The query.
    pub query: Prompt,
    /// What a value is multiplied with.
    pub scale: Prompt,
    /// The unit; empty for the plan's.
    pub unit: Prompt,
    /// The field that takes the keys.
    pub field: Field,
    /// What it gives.
    pub preview: Preview,
    /// The names that the source knows.
    pub names: Known,
    /// Those that complete the word at the cursor.
    pub offered: Offered,
    /// The question under way.
    number: u64,
    /// Why it was not taken.
    pub problem: Option<String>,
}

/// Names of metrics.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// The source has none to tell.
    None,
    /// They were asked for.
    Coming,
    /// These, and whether there are more.
    These(Arc<[String]>, bool),
    /// They cannot be had, and why.
    Failed(String),
}

/// What a query gives.
#[derive(Clone, Debug)]
pub enum Preview {
    /// Nothing is written.
    Empty,
    /// It is not asked, and why.
    NotAsked(String),
    /// The answer is awaited.
    Asking,
    /// There is none, and why.
    Failed(String),
    /// It answered.
    Measured(Box<Measured>),
}

/// An answer, as the metric's tile would show it.
#[derive(Clone, Debug)]
pub struct Measured {
    /// As it came, oldest first.
    samples: Vec<Sample>,
    /// With scale and unit, as the rules see it.
    pub tile: Tile,
    /// Its last minutes.
    pub series: Series,
    /// What the source says beside it.
    pub warning: Option<String>,
}

/// Where a source is, without whoever is named in front of a host.
pub fn whereabouts(source: &Source) -> String {
    let own = match source.kind {
        SourceKind::Command => source.command.as_deref(),
        SourceKind::Log => source.file.as_deref().or(source.command.as_deref()),
        SourceKind::Manual => Some("typed by people"),
        _ => None,
    };
    own.map_or_else(|| without_user(&source.url), str::to_owned)
}

fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{path}", host.rsplit_once('@').map_or(host, |(_, host)| host))
}

/// What the field for the place of a kind is called, and an example; none where it has no place.
pub fn place_of(kind: SourceKind) -> Option<(&'static str, &'static str)> {
    match kind {
        SourceKind::Manual => None,
        SourceKind::Command => Some(("command", "a shell line that prints a number")),
        SourceKind::Log => Some(("file", "/var/log/app.log")),
        SourceKind::Sql => Some(("url", "postgres://reader@host/db")),
        SourceKind::Prometheus => Some(("url", "https://prometheus.example.com")),
        _ => Some(("url", "https://shop.example.com")),
    }
}

/// What a query of a kind is called, and an example; none where there is none to write.
pub fn query_of(kind: SourceKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        SourceKind::Prometheus => ("query", "sum(rate(errors_total[5m]))"),
        SourceKind::Http => ("path", "/health, with #up #status or #latency behind it"),
        SourceKind::Json => ("field", "$.queue.depth"),
        SourceKind::Sql => ("query", "SELECT one number"),
        SourceKind::Command => ("field", "empty: the number that is printed"),
        SourceKind::Log => ("text", "what its lines are searched for, or /an expression/"),
        SourceKind::Datadog => ("query", "avg:system.load.1{*}"),
        SourceKind::Alertmanager => ("match", "severity=\"page\", or * for all"),
        SourceKind::Manual => return None,
    })
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

impl Form {
    fn new() -> Self {
        let [name, place, auth] = ["", "", ""].map(line);
        Self { kind: 0, name, place, auth, field: 0, problem: None }
    }

    /// The chosen kind.
    pub fn kind(&self) -> SourceKind {
        KINDS[self.kind]
    }

    fn text(&mut self) -> Option<&mut Prompt> {
        match self.field {
            1 => Some(&mut self.name),
            2 => Some(&mut self.place),
            3 => Some(&mut self.auth),
            _ => None,
        }
    }

    fn go(&mut self, by: isize) {
        self.field = (self.field as isize + by).rem_euclid(4) as usize;
    }

    /// The source as described.
    fn source(&self, known: &Binding) -> Result<Source, String> {
        let name = self.name.value().trim().to_owned();
        let (kind, place) = (self.kind(), self.place.value().trim().to_owned());
        if name.is_empty() {
            return Err("it needs a name".to_owned());
        }
        if known.source(&name).is_some() {
            return Err(format!("there is a source called {name} already"));
        }
        if without_user(&place) != place && kind != SourceKind::Sql {
            return Err("an address carries no user: its secret goes by reference".to_owned());
        }
        let mut source = Source { name, kind, every: 5.0, ..Source::default() };
        match (kind, place.is_empty()) {
            (SourceKind::Manual, _) => source.every = 3_600.0,
            (SourceKind::Http, true) if !known.room.base_url.is_empty() => {}
            (_, true) => return Err("say where it is".to_owned()),
            (SourceKind::Command, false) => source.command = Some(place),
            (SourceKind::Log, false) => source.file = Some(place),
            (_, false) => source.url = place,
        }
        let auth = self.auth.value();
        if !auth.trim().is_empty() {
            let secret = auth.trim().parse().map_err(|why: &str| format!("the secret {why}"))?;
            source.auth = Some(secret);
        }
        Ok(source)
    }
}

impl Writing {
    fn new(source: Source, is_new: bool, leave: Leave, there: Option<&Signal>) -> Self {
        let query = there.map(|s| s.query.as_str()).unwrap_or_default();
        let seen = !query.chars().any(char::is_control) && !crate::text::has_hidden(query);
        let scale = there.map_or(1.0, |s| s.scale);
        let unit = there.and_then(|s| s.unit.as_deref()).unwrap_or_default();
        let asks = matches!(leave, Leave::Any) && source.kind == SourceKind::Prometheus;
        Self {
            query: line(if seen { query } else { "" }),
            scale: line(&scale.to_string()),
            unit: line(unit),
            field: Field::Query,
            preview: Preview::Empty,
            names: if asks { Known::Coming } else { Known::None },
            offered: Offered::default(),
            number: 0,
            problem: (!seen).then(|| "the query there has several lines or hidden characters".to_owned()),
            source,
            is_new,
            leave,
        }
    }

    /// The editor that takes the keys.
    fn text(&mut self) -> &mut Prompt {
        match self.field {
            Field::Query => &mut self.query,
            Field::Scale => &mut self.scale,
            Field::Unit => &mut self.unit,
        }
    }

    fn go(&mut self) {
        self.field = match self.field {
            Field::Query => Field::Scale,
            Field::Scale => Field::Unit,
            Field::Unit => Field::Query,
        };
        self.offered = Offered::default();
    }

    fn asked(&self) -> String {
        self.query.value().trim().to_owned()
    }

    fn scaled(&self) -> Option<f64> {
        self.scale.value().trim().parse().ok().filter(|s: &f64| s.is_finite() && *s != 0.0)
    }

    fn unit(&self) -> Option<String> {
        Some(self.unit.value().trim().to_owned()).filter(|u| !u.is_empty())
    }

    /// The signal as written.
    fn signal(&self, metric: &str) -> Result<Signal, String> {
        let scale = self.scaled().ok_or("the scale is no number other than 0")?;
        let signal = Signal {
            name: metric.to_owned(),
            source: self.source.name.clone(),
            query: self.asked(),
            unit: self.unit(),
            scale,
            ..Signal::default()
        };
        match signal.is_filled(Some(&self.source)) {
            true => Ok(signal),
            false => Err("write what is to be asked first".to_owned()),
        }
    }

    fn offer(&mut self) {
        self.offered = match (&self.names, self.field) {
            (Known::These(names, _), Field::Query) => {
                Offered::at(&self.query.value(), self.query.text.cursor().1, names)
            }
            _ => Offered::default(),
        };
    }

    fn complete(&mut self) {
        self.offered.take(&mut self.query.text);
        self.offered = Offered::default();
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
            return self.heard_late(heard);
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
            (_, step) => bind.step = step,
        }
        self.dialog = Dialog::Bind(bind);
        vec![]
    }

    fn heard_late(&mut self, heard: Heard) -> Vec<Effect> {
        match heard {
            Heard::Saved(Ok(said)) => self.say(Tone::Good, said),
            Heard::Saved(Err(why)) => self.say(Tone::Bad, format!("not bound: {why}")),
            _ => {}
        }
        vec![]
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
