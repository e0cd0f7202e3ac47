//! A query as it is written: its fields, the names that complete it, and what it gives.

use std::sync::Arc;

use super::{Leave, line};
use crate::app::dialog::Prompt;
use crate::app::naming::Offered;
use crate::plan::binding::{Signal, Source, SourceKind};
use crate::signal::{Sample, Series, Tile};

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
    pub(super) number: u64,
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
    pub(super) samples: Vec<Sample>,
    /// With scale and unit, as the rules see it.
    pub tile: Tile,
    /// Its last minutes.
    pub series: Series,
    /// What the source says beside it.
    pub warning: Option<String>,
}

impl Writing {
    pub(super) fn new(source: Source, is_new: bool, leave: Leave, there: Option<&Signal>) -> Self {
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
    pub(super) fn text(&mut self) -> &mut Prompt {
        match self.field {
            Field::Query => &mut self.query,
            Field::Scale => &mut self.scale,
            Field::Unit => &mut self.unit,
        }
    }

    pub(super) fn go(&mut self) {
        self.field = match self.field {
            Field::Query => Field::Scale,
            Field::Scale => Field::Unit,
            Field::Unit => Field::Query,
        };
        self.offered = Offered::default();
    }

    pub(super) fn asked(&self) -> String {
        self.query.value().trim().to_owned()
    }

    pub(super) fn scaled(&self) -> Option<f64> {
        self.scale.value().trim().parse().ok().filter(|s: &f64| s.is_finite() && *s != 0.0)
    }

    pub(super) fn unit(&self) -> Option<String> {
        Some(self.unit.value().trim().to_owned()).filter(|u| !u.is_empty())
    }

    /// The signal as written.
    pub(super) fn signal(&self, metric: &str) -> Result<Signal, String> {
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

    pub(super) fn offer(&mut self) {
        self.offered = match (&self.names, self.field) {
            (Known::These(names, _), Field::Query) => {
                Offered::at(&self.query.value(), self.query.text.cursor().1, names)
            }
            _ => Offered::default(),
        };
    }

    pub(super) fn complete(&mut self) {
        self.offered.take(&mut self.query.text);
        self.offered = Offered::default();
    }
}
