//! Whether limits stand where a drill expects them. Pure.

pub use super::timeline::Stand;
use crate::signal::{RuleState, Standing};

/// Whether the limits that were meant stand there: one of several is enough, but ok and not judged
/// need all. With each comes whether it is silenced.
pub fn holds<'a>(wanted: Stand, mut meant: impl Iterator<Item = (Standing<'a>, bool)>) -> bool {
    match wanted {
        Stand::NotJudged => meant.all(|(s, _)| !is_judged(&s)),
        Stand::Ok => {
            let mut judged = meant.filter(|(s, _)| is_judged(s)).peekable();
            judged.peek().is_some() && judged.all(|(s, _)| is(Stand::Ok, &s))
        }
        Stand::Silenced => meant.any(|(_, silenced)| silenced),
        wanted => meant.any(|(s, _)| is_judged(&s) && is(wanted, &s)),
    }
}

fn is_judged(standing: &Standing<'_>) -> bool {
    standing.armed && standing.open.is_none()
}

fn is(wanted: Stand, standing: &Standing<'_>) -> bool {
    let state = match standing.state {
        RuleState::Idle => Stand::NotJudged,
        RuleState::Ok => Stand::Ok,
        RuleState::Soaking { .. } => Stand::Soaking,
        RuleState::OutOfBounds { .. } => Stand::OutOfBounds,
        RuleState::Inconclusive { .. } => Stand::Inconclusive,
        RuleState::Pending { .. } => Stand::Pending,
        RuleState::Firing { .. } => Stand::Firing,
        RuleState::Recovering { .. } => Stand::Recovering,
        RuleState::Thin { .. } => Stand::Thin,
        RuleState::NoData { .. } | RuleState::Error { .. } => Stand::NoData,
    };
    match wanted {
        Stand::Blind => standing.blind,
        Stand::Flapping => standing.flapping,
        wanted => state == wanted,
    }
}
