//! What the scribe reports, as messages to the app.

use crate::app::{Link, Msg, Notice, Tone, Watch};
use crate::journal::{Health, Lease, Recovery, Report, Trouble};

/// The messages of a report.
pub(super) fn messages(report: Report) -> Vec<Msg> {
    match report {
        Report::Opened { room, fresh } => vec![Msg::Opened { room, fresh }],
        Report::Glimpsed(room) => vec![Msg::Glimpsed(room)],
        Report::Recorded { entries, plan, ticket } => vec![Msg::Recorded { entries, plan, ticket }],
        Report::Refused { ticket, refusal } => vec![Msg::Refused { ticket, refusal }],
        Report::Failed { ticket, trouble } => vec![Msg::NotSaved { ticket, why: told(&trouble) }],
        Report::Health(health) => vec![Msg::Link(link(&health))],
        Report::Watch(lease) => vec![Msg::Watch(watch(lease))],
        Report::NotOpened(trouble) => {
            let why = told(&trouble);
            vec![Msg::Link(Link::ViewOnly(why.clone())), bad(why)]
        }
        Report::Recovered(recovery) => vec![bad(recovered(&recovery))],
        Report::PlanMissing(trouble) => vec![bad(told(&trouble))],
        Report::NotKept(trouble) => vec![bad(format!("samples are not kept: {}", told(&trouble)))],
        Report::Past { memory, .. } => memory.into_iter().map(|m| Msg::Recalled(Box::new(m))).collect(),
    }
}

fn bad(text: String) -> Msg {
    Msg::Say(Notice { text, tone: Tone::Bad })
}

fn recovered(recovery: &Recovery) -> String {
    let lost = match recovery.lost_from {
        Some(seq) => format!(", from event {seq} on it could not be read"),
        None => String::new(),
    };
    let (moved, kept) = (recovery.moved_to.display(), recovery.salvaged);
    format!("the journal was damaged: {kept} events verified and kept{lost}; the file lies at {moved}")
}

fn told(trouble: &Trouble) -> String {
    format!("{}; {}", trouble.why, trouble.hint)
}

fn link(health: &Health) -> Link {
    match health {
        Health::Live => Link::Live,
        Health::ViewOnly(trouble) => Link::ViewOnly(told(trouble)),
        Health::Failing(trouble) => Link::Failing(told(trouble)),
    }
}

fn watch(lease: Lease) -> Option<Watch> {
    match lease {
        Lease::Mine { .. } => Some(Watch { name: String::new(), mine: true }),
        Lease::Theirs { holder, .. } => Some(Watch { name: holder.name, mine: false }),
        Lease::Free => None,
    }
}
