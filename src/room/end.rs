//! How something that ran came to its end, told apart by type: no screen and no program has to read a
//! sentence for it. Pure.

use serde::{Deserialize, Serialize};

use super::event::Outcome;

/// The end of a step that was run from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum End {
    /// Its process ended with this code.
    Exit {
        /// 0 for success.
        code: i32,
    },
    /// Its process was ended by this signal.
    Signal {
        /// As the system numbers it.
        number: i32,
    },
    /// It was one request, and somebody answered.
    Answered {
        /// The HTTP status.
        status: u16,
    },
    /// It could not be started; nothing ran.
    NotStarted,
    /// It took too long and was ended.
    TimedOut,
    /// Somebody stopped it.
    Aborted,
    /// A rehearsal showed it; nothing ran.
    Rehearsed,
    /// Nobody knows; never a success.
    Unknown,
}

impl End {
    /// What that comes to.
    pub fn outcome(self) -> Outcome {
        match self {
            End::Exit { code: 0 } | End::Answered { status: 200..=299 } | End::Rehearsed => Outcome::Done,
            End::Exit { .. } | End::Signal { .. } | End::Answered { .. } | End::TimedOut => Outcome::Failed,
            End::NotStarted => Outcome::Refused,
            End::Aborted => Outcome::Aborted,
            End::Unknown => Outcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_a_word_of_its_own_and_one_outcome() {
        for (end, text, outcome) in [
            (End::Exit { code: 0 }, r#"{"kind":"exit","code":0}"#, Outcome::Done),
            (End::Exit { code: 3 }, r#"{"kind":"exit","code":3}"#, Outcome::Failed),
            (End::Signal { number: 9 }, r#"{"kind":"signal","number":9}"#, Outcome::Failed),
            (End::Answered { status: 204 }, r#"{"kind":"answered","status":204}"#, Outcome::Done),
            (End::Answered { status: 302 }, r#"{"kind":"answered","status":302}"#, Outcome::Failed),
            (End::NotStarted, r#"{"kind":"not_started"}"#, Outcome::Refused),
            (End::TimedOut, r#"{"kind":"timed_out"}"#, Outcome::Failed),
            (End::Aborted, r#"{"kind":"aborted"}"#, Outcome::Aborted),
            (End::Rehearsed, r#"{"kind":"rehearsed"}"#, Outcome::Done),
            (End::Unknown, r#"{"kind":"unknown"}"#, Outcome::Unknown),
        ] {
            assert_eq!(serde_json::to_string(&end).unwrap(), text);
            assert_eq!((serde_json::from_str::<End>(text).unwrap(), end.outcome()), (end, outcome));
        }
    }
}
