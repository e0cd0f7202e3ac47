//! `ack` and `silence`: alerts without the screen.

use chrono::Utc;

use super::acts::tell;
use super::args::Place;
use super::desk::{self, Desk};
use super::failure::Failure;
use crate::plan::ThresholdId;
use crate::plan::binding::normal;
use crate::rehearsal::time;
use crate::room::{Alert, Intent};

/// What to do with an alert.
#[derive(Clone, Debug, clap::Args)]
pub struct Quieting {
    #[command(flatten)]
    pub place: Place,
    /// A metric, with its class behind it where several fire ("Error rate P1"), or :LINE of the plan.
    #[arg(value_name = "ALERT")]
    pub alert: String,
    /// Print what was recorded as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Takes a firing alert in hand.
///
/// # Errors
/// No such alert fires, or somebody has it.
pub fn acknowledge(quieting: &Quieting) -> Result<(), Failure> {
    submit(quieting, |rule| Ok(Intent::Acknowledge(rule)))
}

/// Keeps a firing alert quiet for a while; without a span it is told again.
///
/// # Errors
/// As [`acknowledge`]; the room refuses more than 4 h and an empty reason.
pub fn silence(quieting: &Quieting, span: Option<&str>, reason: &str) -> Result<(), Failure> {
    submit(quieting, |rule| {
        let Some(span) = span else { return Ok(Intent::Unsilence(rule)) };
        let span = time(span).map_err(|why| Failure::usage(why).hint("write 30m, 1h30m or 4h"))?;
        Ok(Intent::Silence { rule, reason: reason.to_owned(), until: Utc::now() + span })
    })
}

fn submit(
    quieting: &Quieting,
    intent: impl FnOnce(ThresholdId) -> Result<Intent, Failure>,
) -> Result<(), Failure> {
    let mut desk = desk::act(&quieting.place)?;
    let rule = find(&desk, &quieting.alert)?;
    let entries = desk.submit(intent(rule)?)?;
    tell(&desk, &entries, quieting.json)?;
    desk.close();
    Ok(())
}

/// The firing alert that is meant.
fn find(desk: &Desk, wanted: &str) -> Result<ThresholdId, Failure> {
    let firing = desk.room.firing();
    let named = |a: &&&Alert| {
        let (metric, wanted) = (normal(&a.signal), normal(wanted));
        metric == wanted || format!("{metric} {}", normal(a.rank.word())) == wanted
    };
    let placed = |a: &&&Alert| wanted.strip_prefix(':').and_then(|l| l.parse().ok()) == Some(a.line);
    let found: Vec<_> = firing.iter().filter(|a| named(a) || placed(a)).collect();
    match found.as_slice() {
        [alert] => Ok(alert.rule.clone()),
        [] => {
            Err(Failure::usage(format!("no alert {wanted:?} fires"))
                .hint("`warroom status` lists what fires"))
        }
        several => {
            let one = |a: &&&Alert| format!("{} {} (:{})", a.signal, a.rank.word(), a.line);
            let some: Vec<_> = several.iter().take(4).map(one).collect();
            let sentence = format!("{wanted:?} could be {} alerts:\n{}", several.len(), some.join("\n"));
            Err(Failure::usage(sentence).hint("name one by its class or :LINE"))
        }
    }
}
