//! What an audit can find wrong, each with its sentence and what to do. Only words.

use super::{Compared, Flaw, Origin, Standing};

/// Something wrong with a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A row stands before the first place, where no reader looks.
    Before {
        /// Its place.
        seq: i64,
    },
    /// The chain fails at this event; everything before it is verified.
    Event {
        /// The first bad place.
        seq: u64,
        /// What is wrong there.
        flaw: Flaw,
    },
    /// The room's own row says something else than its first event.
    Row {
        /// Of what.
        field: &'static str,
        /// What stands there.
        found: String,
        /// What the event says.
        told: String,
    },
    /// A kept plan has other bytes than its digest says.
    Plan {
        /// The digest.
        digest: String,
    },
    /// A plan that the room followed is not kept.
    NoPlan {
        /// The digest.
        digest: String,
        /// The event that adopted it.
        seq: u64,
    },
    /// A head from elsewhere is not in it.
    Head(Compared),
}

impl Fault {
    /// Whether the chain ends here.
    pub fn is_break(&self) -> bool {
        matches!(self, Fault::Event { .. })
    }

    /// The first place known to be bad, where there is one.
    pub fn seq(&self) -> Option<u64> {
        match self {
            Fault::Event { seq, .. } | Fault::NoPlan { seq, .. } => Some(*seq),
            Fault::Head(Compared { standing: Standing::Behind { ends }, .. }) => Some(ends + 1),
            Fault::Head(Compared { standing: Standing::Forked { after }, .. }) => Some(after + 1),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Fault::Before { .. } | Fault::Event { .. } => {
                "compare it with a copy, an export or another computer's; \
                 `warroom verify ROOM --accept REASON` moves it aside and goes on with what verifies"
            }
            Fault::Row { .. } => {
                "compare it with a copy; the events are untouched, but a plan finds its room by this row"
            }
            Fault::Plan { .. } | Fault::NoPlan { .. } => {
                "open the room with that plan's file at hand: it is kept again"
            }
            Fault::Head(Compared { standing: Standing::OtherRoom, .. }) => {
                "look for the journal of that room; `warroom rooms` lists them"
            }
            Fault::Head(Compared { standing: Standing::Unreached, .. }) => {
                "see to the first bad event, then verify again"
            }
            Fault::Head(Compared { origin: Origin::SignOff { .. }, .. }) => {
                "what was signed and what stands here are two histories: find the file that was signed for"
            }
            Fault::Head(Compared { standing: Standing::Behind { .. }, .. }) => {
                "put the missing -wal file or the newer copy back; what came later is not in this one"
            }
            Fault::Head(_) => "find the file that was seen then, and ask who exchanged it",
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Before { seq } => write!(f, "a row stands before the first event, at place {seq}"),
            Fault::Event { seq, flaw } => write!(f, "event {seq} does not continue the history: {flaw}"),
            Fault::Row { field, found, told } => {
                write!(f, "the room's row says the {field} is {found:?}, its first event {told:?}")
            }
            Fault::Plan { digest } => write!(f, "the plan {digest} has other bytes than its digest says"),
            Fault::NoPlan { digest, seq } => {
                write!(f, "the plan that event {seq} adopted is gone ({digest})")
            }
            Fault::Head(compared) => write!(f, "{compared}"),
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Machine(file) => write!(f, "this computer remembers ({})", file.display()),
            Origin::SignOff { seq } => write!(f, "the sign-off of event {seq} was given for"),
            Origin::Said => f.write_str("you have"),
        }
    }
}

/// "this computer remembers event 120: the journal went on from there".
impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Compared { origin, head, standing } = self;
        write!(f, "{origin} event {}", head.seq)?;
        match standing {
            Standing::Equal => f.write_str(": the journal ends there"),
            Standing::Ancestor => f.write_str(": the journal went on from there"),
            Standing::Behind { ends } => {
                write!(f, ", and the journal went backwards: it ends at event {ends}")
            }
            Standing::Forked { after: 0 } => {
                write!(f, ", and the journal is another history: it forked at or before event {}", head.seq)
            }
            Standing::Forked { after } => {
                let (first, last) = (after + 1, head.seq);
                write!(f, ", and the journal is another history: it forked between event {first} and {last}")
            }
            Standing::OtherRoom => f.write_str(" of another room"),
            Standing::Unreached => f.write_str(", which lies behind the first bad event"),
        }
    }
}
