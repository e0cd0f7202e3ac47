//! Why a gate does not say GO, one cause a line: what kind of thing, which one, where the plan speaks
//! of it. `gate` gathers and orders them; everybody else shows them.

/// What kind of thing keeps a gate from GO. The order is that of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// Something is going wrong and people are at it.
    Incident,
    /// A limit of a blocking severity is breached.
    Alert,
    /// Somebody saw a condition that the plan goes back for.
    Happening,
    /// Items cannot go on.
    Blocked,
    /// Items are open.
    Open,
    /// A role has not signed, said no, or has open items of its own list.
    SignOff,
    /// The poll of roles did not end with GO, or is still asked.
    Poll,
    /// A criterion is not met, or cannot be judged.
    Criterion,
    /// What was ticked reads otherwise.
    Claim,
    /// A person has to judge.
    Judge,
    /// A limit cannot be judged.
    Blind,
    /// There is nothing to go by.
    Nothing,
}

impl CauseKind {
    /// The word of machines.
    pub fn as_str(self) -> &'static str {
        match self {
            CauseKind::Incident => "incident",
            CauseKind::Alert => "alert",
            CauseKind::Happening => "happening",
            CauseKind::Blocked => "blocked",
            CauseKind::Open => "open",
            CauseKind::SignOff => "signoff",
            CauseKind::Poll => "poll",
            CauseKind::Criterion => "criterion",
            CauseKind::Claim => "claim",
            CauseKind::Judge => "judge",
            CauseKind::Blind => "blind",
            CauseKind::Nothing => "nothing",
        }
    }
}

/// One thing that keeps a gate from GO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What kind of thing.
    pub kind: CauseKind,
    /// Whether it says NO-GO; else it only leaves the answer in doubt.
    pub shuts: bool,
    /// Which one: the id of a limit, a sign-off, a phase, a poll.
    pub subject: String,
    /// The line of the plan that speaks of it.
    pub line: Option<usize>,
    /// In words.
    pub words: String,
}

impl Cause {
    /// What says NO-GO.
    pub fn shut(kind: CauseKind, subject: impl ToString, words: impl Into<String>) -> Self {
        Self { kind, shuts: true, subject: subject.to_string(), line: None, words: words.into() }
    }

    /// What leaves the answer in doubt.
    pub fn doubt(kind: CauseKind, subject: impl ToString, words: impl Into<String>) -> Self {
        Self { shuts: false, ..Self::shut(kind, subject, words) }
    }

    /// With its place in the plan, where it has one.
    #[must_use]
    pub fn at(self, line: usize) -> Self {
        Self { line: Some(line).filter(|line| *line > 0), ..self }
    }
}
