//! How long the ways back took in earlier rehearsals of the same plan; found outside, shown here.

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use crate::plan::binding::normal;
use crate::plan::{Procedure, ProcedureId};

/// A procedure that was rehearsed to its end, and went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// The rehearsal's room.
    pub room: String,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// The procedure, as that plan had it.
    pub procedure: ProcedureId,
    /// Its title then.
    pub title: String,
    /// How long it took.
    pub took: TimeDelta,
}

impl App {
    /// The last rehearsal of a procedure, by its id, else by its title.
    pub fn rehearsed(&self, procedure: &Procedure) -> Option<&Rehearsed> {
        let all = &self.levers.rehearsed;
        let same = |r: &&Rehearsed| r.procedure == procedure.id;
        let named = |r: &&Rehearsed| normal(&r.title) == normal(&procedure.title);
        all.iter().find(same).or_else(|| all.iter().find(named))
    }
}
