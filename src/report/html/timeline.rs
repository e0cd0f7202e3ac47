//! The launch on one line of time: phases planned and as they were, alerts, ways back, flags, sign-offs.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::account::{Account, PhaseTold};
use super::super::words::{clock, exact, lasting};
use super::esc;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 30.0;
const ROW: f64 = 34.0;
/// So many phases, so many metrics with alerts have a row.
const PHASES: usize = 24;
const METRICS: usize = 10;

/// What a bar of a row is.
struct Bar {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    class: &'static str,
    about: String,
    /// A thin one above the others: what was planned.
    thin: bool,
}

struct Row {
    name: String,
    bars: Vec<Bar>,
}

struct Frame {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Frame {
    fn x(&self, at: DateTime<Utc>) -> f64 {
        let all = (self.to - self.from).num_milliseconds().max(1) as f64;
        let part = (at - self.from).num_milliseconds() as f64 / all;
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }
}

/// The section; nothing where nothing has a time.
pub(super) fn section(account: &Account) -> String {
    let Some(frame) = frame(account) else { return String::new() };
    let rows = rows(account, &frame);
    if rows.is_empty() {
        return String::new();
    }
    let about = format!(
        "Phases, alerts, procedures and flags from {} to {}; the tables below say the same in words.",
        exact(frame.from, account.tz()),
        exact(frame.to, account.tz())
    );
    let height = TOP + ROW * rows.len() as f64 + 8.0;
    let mut svg = format!(
        "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Time line</h2>\n<figure>\n\
         <div class=\"scroll line\" tabindex=\"0\" role=\"group\" aria-label=\"Time line\">\n\
         <svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"timeline-about\">\n\
         <title id=\"timeline-about\">{}</title>\n",
        esc(&about)
    );
    svg += &axis(account, &frame, height);
    for (n, row) in rows.iter().enumerate() {
        svg += &drawn(&frame, row, TOP + ROW * n as f64);
    }
    svg += "</svg>\n</div>\n";
    svg += "<figcaption>Thin bars are what was planned, thick ones what happened. Red is a P0 or P1 alert, \
            amber a lesser one or a hold.</figcaption>\n</figure>\n</section>\n";
    svg
}

/// From the first thing that happened to the last; of a launch that has not begun, its plan.
fn frame(account: &Account) -> Option<Frame> {
    let phases = || account.phases.iter();
    let happened = phases()
        .flat_map(|p| [p.started, p.ended])
        .flatten()
        .chain(account.alerts.iter().flat_map(|a| [Some(a.at), a.ended]).flatten())
        .chain(account.runs.iter().flat_map(|r| [Some(r.at), r.ended]).flatten())
        .chain(account.flags.iter().map(|f| f.at))
        .chain(account.t0.filter(|_| phases().any(|p| p.started.is_some())));
    let running = phases().any(|p| p.started.is_some() && p.ended.is_none());
    let happened: Vec<_> = happened.chain(account.last.filter(|_| running)).collect();
    let planned: Vec<_> = phases().flat_map(|p| [p.planned_start, p.planned_end]).flatten().collect();
    let shown = if happened.is_empty() { planned } else { happened };
    let (from, to) = (*shown.iter().min()?, *shown.iter().max()?);
    let air = ((to - from) / 40).max(TimeDelta::seconds(20));
    Some(Frame { from: from - air, to: to + air })
}

fn rows(account: &Account, frame: &Frame) -> Vec<Row> {
    let mut rows: Vec<Row> = account
        .phases
        .iter()
        .filter(|p| p.depth == 0)
        .take(PHASES)
        .map(|p| phase(account, p, frame))
        .collect();
    rows.extend(alerts(account, frame));
    rows.extend(runs(account, frame));
    rows.extend(flags(account));
    rows.extend(signoffs(account, frame));
    rows
}

fn phase(account: &Account, phase: &PhaseTold, frame: &Frame) -> Row {
    let zone = account.tz();
    let planned = phase.planned_start.map(|from| Bar {
        from,
        to: phase.planned_end.unwrap_or(frame.to),
        class: "fplan",
        about: format!("{} was planned from {}", phase.name, exact(from, zone)),
        thin: true,
    });
    let planned = planned.filter(|bar| bar.from < frame.to && bar.to > frame.from);
    let actual = phase.started.map(|from| {
        let to = phase.ended.or(account.last).unwrap_or(from);
        let took = lasting(to - from);
        let about = format!("{}: {} from {}, {took}", phase.name, phase.state, exact(from, zone));
        Bar { from, to, class: "frun", about, thin: false }
    });
    let holds = phase.holds.iter().map(|hold| Bar {
        from: hold.from,
        to: hold.to.or(account.last).unwrap_or(hold.from),
        class: "fcare",
        about: format!("held: {}", hold.reason),
        thin: false,
    });
    Row { name: phase.name.clone(), bars: planned.into_iter().chain(actual).chain(holds).collect() }
}

/// A row a metric: those with the worst alerts first.
fn alerts(account: &Account, frame: &Frame) -> Vec<Row> {
    let mut rows: Vec<(&str, Row)> = vec![];
    for alert in &account.alerts {
        let bad = alert.rank == "P0" || alert.rank == "P1";
        let bar = Bar {
            from: alert.at,
            to: alert.ended.unwrap_or(frame.to),
            class: if bad { "fbad" } else { "fcare" },
            about: format!(
                "{} {} fired {} for {}, {}",
                alert.rank,
                alert.signal,
                exact(alert.at, account.tz()),
                lasting(TimeDelta::seconds(alert.seconds)),
                alert.end
            ),
            thin: false,
        };
        match rows.iter_mut().find(|(_, row)| row.name == alert.signal) {
            Some((rank, row)) => {
                *rank = (*rank).min(alert.rank.as_str());
                row.bars.push(bar);
            }
            None => rows.push((&alert.rank, Row { name: alert.signal.clone(), bars: vec![bar] })),
        }
    }
    rows.sort_by_key(|(rank, _)| *rank);
    rows.into_iter().take(METRICS).map(|(_, row)| row).collect()
}

fn runs(account: &Account, frame: &Frame) -> Option<Row> {
    let bars = account.runs.iter().map(|run| Bar {
        from: run.at,
        to: run.ended.unwrap_or(frame.to),
        class: if run.outcome == "done" { "fgood" } else { "fbad" },
        about: format!("{}: {}, begun {} by {}", run.title, run.outcome, exact(run.at, account.tz()), run.by),
        thin: false,
    });
    let bars: Vec<_> = bars.collect();
    (!bars.is_empty()).then(|| Row { name: "Procedures".to_owned(), bars })
}

fn flags(account: &Account) -> Option<Row> {
    let bars = account.flags.iter().map(|flag| Bar {
        from: flag.at,
        to: flag.at,
        class: if flag.outcome == "done" || flag.outcome == "by hand" { "fgood" } else { "fbad" },
        about: format!("{} → {}: {}, {}", flag.flag, flag.to, flag.outcome, exact(flag.at, account.tz())),
        thin: false,
    });
    let bars: Vec<_> = bars.collect();
    (!bars.is_empty()).then(|| Row { name: "Flags".to_owned(), bars })
}

fn signoffs(account: &Account, frame: &Frame) -> Option<Row> {
    let bars = account.signoffs.iter().filter_map(|s| {
        let (at, word) = (s.at?, s.decision.as_deref()?);
        let holds = word.starts_with("approved") && s.seal.as_deref() != Some("unverified");
        let class = if holds { "fgood" } else { "fbad" };
        let about = format!("{} {word}, {}, {}", s.role, exact(at, account.tz()), s.verification);
        Some(Bar { from: at, to: at, class, about, thin: false })
    });
    let bars: Vec<_> = bars.filter(|b| b.from >= frame.from && b.from <= frame.to).collect();
    (!bars.is_empty()).then(|| Row { name: "Sign-offs".to_owned(), bars })
}

fn drawn(frame: &Frame, row: &Row, y: f64) -> String {
    const LONGEST: usize = 30;
    let name = crate::text::clean(&row.name);
    let short = crate::text::truncate(&name, LONGEST, "…");
    let mut out = format!(
        "<line class=\"grid\" x1=\"0\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>\n\
         <text class=\"name\" x=\"0\" y=\"{:.1}\">{}</text>\n",
        y + 21.0,
        esc(&short)
    );
    for bar in &row.bars {
        let (from, to) = (frame.x(bar.from), frame.x(bar.to));
        let width = (to - from).max(4.0);
        let (top, height) = if bar.thin { (y + 5.0, 5.0) } else { (y + 12.0, 14.0) };
        let _ = writeln!(
            out,
            "<rect class=\"{}\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" \
             rx=\"2\"><title>{}</title></rect>",
            bar.class,
            esc(&bar.about)
        );
    }
    out
}

/// Moments on round times, with their day where the line is longer than one.
fn axis(account: &Account, frame: &Frame, height: f64) -> String {
    const STEPS: [i64; 14] =
        [10, 30, 60, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 604_800];
    let span = (frame.to - frame.from).num_seconds().max(1);
    let step = STEPS.into_iter().find(|s| span / s <= 8).unwrap_or(span / 6 + 1);
    let zone = account.tz();
    let form = |at: DateTime<Utc>| match step {
        ..60 => at.with_timezone(&zone).format("%H:%M:%S").to_string(),
        86_400.. => at.with_timezone(&zone).format("%-d %b").to_string(),
        _ if span > 86_400 => at.with_timezone(&zone).format("%-d %b %H:%M").to_string(),
        _ => clock(at, zone),
    };
    let offset = i64::from(
        chrono::Offset::fix(chrono::DateTime::offset(&frame.from.with_timezone(&zone))).local_minus_utc(),
    );
    let first = (frame.from.timestamp() + offset).div_euclid(step) * step - offset;
    let mut out = String::new();
    for n in 1..12 {
        let Some(at) = DateTime::from_timestamp(first + step * n, 0).filter(|at| *at < frame.to) else {
            break;
        };
        let x = frame.x(at);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{height}\"/>\n\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            TOP - 10.0,
            esc(&form(at))
        );
    }
    out
}
