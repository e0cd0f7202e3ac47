//! `warroom whatif`: recorded samples against another limit.
//!
//! Samples are those kept beside the room's journal, or a file's: [`samples`] is the one place that
//! knows where they come from. What was really called an alert comes from the journal where a room is named.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use super::args::Hand;
use super::failure::Failure;
use super::surroundings::Surroundings;
use super::target::{self, Target};
use super::{desk, print};
use crate::journal::{Asked, How, Past, Rooms, Store};
use crate::plan::binding::{Binding, normal};
use crate::plan::{Threshold, spoken};
use crate::rehearsal;
use crate::room::{Entry, Event};
use crate::signal::{Hindsight, Open, Rule, Sample, Spell, bare_side, number, spacing, whatif};
use crate::text::clean;

/// The largest file of samples: a week of one a second is half of it.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What is asked.
#[derive(Clone, Debug, clap::Args)]
pub struct Asking {
    /// A plan's file or a room's name; its recorded alerts tell a false alarm from a true one.
    #[arg(value_name = "PLAN|ROOM", required_unless_present = "samples")]
    pub target: Option<String>,
    #[command(flatten)]
    pub hand: Hand,
    /// The limit, in a plan's words: "error_rate > 3% for 5m".
    #[arg(long, value_name = "LIMIT")]
    pub rule: String,
    /// Other samples than the room's: a line each, "time,value"; the time in RFC 3339 or seconds
    /// since 1970.
    #[arg(long, value_name = "FILE")]
    pub samples: Option<PathBuf>,
    /// Only samples since then: a time before now ("6h") or a moment in RFC 3339.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Prints when the limit would have fired.
///
/// # Errors
/// The words are no limit, or one that cannot be judged; there are no samples.
pub fn run(asking: &Asking) -> Result<(), Failure> {
    let limit = spoken::limit(&asking.rule).map_err(Failure::usage)?;
    let since = asking.since.as_deref().map(|text| since(text, Utc::now())).transpose()?;
    let judged = |unit: Option<&str>| {
        let rule = Rule::new(0, &limit, unit);
        rule.open().map_or(Ok(()), |open| Err(never(&asking.rule, open))).map(|()| rule)
    };
    judged(limit.unit.as_deref())?;
    let room = asking.target.as_deref().map(|target| Room::find(target, &asking.hand)).transpose()?;
    let mut measured = samples(asking, room.as_ref(), &limit.metric)?;
    measured.samples.retain(|s| since.is_none_or(|since| s.at >= since));
    if measured.samples.is_empty() {
        return Err(Failure::new("no sample is as new as --since asks for"));
    }
    let rule = judged(measured.unit.as_deref().or(limit.unit.as_deref()))?;
    let samples = measured.samples;
    let recorded = room.map(|room| recorded(&room, &limit.metric)).transpose()?;
    let every = spacing(&samples).unwrap_or(TimeDelta::seconds(1));
    let seen = whatif(&samples, &rule, every, recorded.as_deref().unwrap_or_default());
    match asking.json {
        true => print::json(&as_json(&limit, &seen, recorded.is_some()).to_string()),
        false => print::text(&told(&limit, &rule, &seen, recorded.is_some())),
    }
}

fn never(rule: &str, why: &Open) -> Failure {
    let failure = Failure::usage(format!("{rule:?} would never be judged: {why}"));
    match why {
        Open::Side => failure.hint("say which side is bad: \"error rate > 3%\""),
        Open::Baseline => failure.hint("give the value itself: \"latency > 300 ms\""),
        _ => failure,
    }
}

/// A moment, or how long before `now` it was.
fn since(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let span = rehearsal::time(text).ok().and_then(|span| TimeDelta::from_std(span).ok());
    let wrong = || Failure::usage(format!("--since: {text:?} is neither \"6h\" nor 2026-01-31T12:00:00Z"));
    span.map(|span| now - span).ok_or_else(wrong)
}

/// A room whose journal is looked at.
struct Room {
    name: String,
    rooms: Rooms,
    binding: Arc<Binding>,
}

impl Room {
    fn find(target: &str, hand: &Hand) -> Result<Self, Failure> {
        let around = Surroundings::find(hand.state.as_deref())?;
        let rooms = target::rooms(&around)?;
        let place = super::args::Place { target: target.to_owned(), hand: hand.clone() };
        let name = target::existing(&place, &rooms)?;
        let binding = Arc::clone(Target::find_anyway(target, &rooms)?.binding());
        Ok(Self { name, rooms, binding })
    }
}

/// What was measured, and in which unit where that is not the limit's.
struct Measured {
    samples: Vec<Sample>,
    unit: Option<String>,
}

/// Where samples come from: a file that was named, else what is kept of the room.
fn samples(asking: &Asking, room: Option<&Room>, metric: &str) -> Result<Measured, Failure> {
    match (&asking.samples, room) {
        (Some(path), _) => Ok(Measured { samples: written(path)?, unit: None }),
        (None, Some(room)) => kept(room, metric),
        (None, None) => Err(Failure::usage("neither a room nor --samples FILE is named")),
    }
}

/// The samples of the signal that the binding measures the metric by, else of the last one that went
/// by its name.
fn kept(room: &Room, metric: &str) -> Result<Measured, Failure> {
    let path = room.rooms.path(&room.name).map_err(|e| desk::failure(&e))?;
    let reader = Past::at(&path).open().map_err(|e| desk::failure(&e))?;
    let reader = reader.ok_or_else(|| none_kept(room, metric, &[]))?;
    let series = reader.series().map_err(|e| desk::failure(&e))?;
    let bound = room.binding.signal(metric);
    let exact = bound.map(Asked::of).and_then(|asked| series.iter().find(|(_, a)| *a == asked));
    let named = || series.iter().rfind(|(_, asked)| normal(&asked.name) == normal(metric));
    let (id, _) = exact.or_else(named).ok_or_else(|| none_kept(room, metric, &series))?;
    let all = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
    let samples = reader.samples(*id, all.0, all.1).map_err(|e| desk::failure(&e))?;
    let unit = bound.filter(|s| s.scale == 1.0).and_then(|s| s.unit.clone());
    match samples.is_empty() {
        true => Err(none_kept(room, metric, &[])),
        false => Ok(Measured { samples, unit }),
    }
}

fn none_kept(room: &Room, metric: &str, series: &[(i64, Asked)]) -> Failure {
    let mut names: Vec<String> = series.iter().map(|(_, asked)| clean(&asked.name).into_owned()).collect();
    names.dedup();
    let sentence = format!("the room {} keeps no samples of {metric}", room.name);
    Failure::new(sentence).hint(match names.is_empty() {
        true => "they are kept while somebody has the watch; else add --samples FILE.csv".to_owned(),
        false => format!("it has some of {}; else add --samples FILE.csv", names.join(", ")),
    })
}

/// A file's samples, in the order of time.
fn written(path: &Path) -> Result<Vec<Sample>, Failure> {
    let mut samples = parse(&text(path)?).map_err(|why| Failure::new(format!("{}:{why}", path.display())))?;
    samples.sort_by_key(|s| s.at);
    match samples.is_empty() {
        true => Err(Failure::new(format!("{}: holds no sample", path.display()))),
        false => Ok(samples),
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let unread = |e: std::io::Error| Failure::new(format!("{shown}: cannot be read: {e}"));
    let mut text = String::new();
    File::open(path).map_err(unread)?.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unread)?;
    match text.len() as u64 > MAX_BYTES {
        true => Err(Failure::new(format!("{shown}: is larger than 64 MiB")).hint("split it by time")),
        false => Ok(text),
    }
}

/// A sample a line; a first line that is none is a heading.
fn parse(text: &str) -> Result<Vec<Sample>, String> {
    let mut samples = vec![];
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match sample(line) {
            Some(sample) => samples.push(sample),
            None if index == 0 => {}
            None => return Err(format!("{}: {line:?} is no sample; write \"time,value\"", index + 1)),
        }
    }
    Ok(samples)
}

fn sample(line: &str) -> Option<Sample> {
    let (time, value) = line.split_once([',', ';', '\t'])?;
    let value = value.trim().trim_matches('"');
    let value = if value.is_empty() { f64::NAN } else { value.parse().ok()? };
    Some(Sample { at: moment(time.trim().trim_matches('"'))?, value })
}

/// RFC 3339, else seconds or milliseconds since 1970.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite() && n.abs() < 1e14)?;
    let millis = if number.abs() > 1e11 { number } else { number * 1e3 };
    DateTime::from_timestamp_millis(millis.round() as i64)
}

/// The alerts and rollbacks of a metric that the room recorded.
fn recorded(room: &Room, metric: &str) -> Result<Vec<Spell>, Failure> {
    let how = How { read_only: true, ..How::default() };
    let mut store = room.rooms.open(&room.name, &how).map_err(|e| desk::failure(&e))?;
    let mut spells = vec![];
    loop {
        let seq = store.head().seq;
        let records = store.after(seq).map_err(|e| desk::failure(&e))?;
        if records.is_empty() {
            return Ok(spells);
        }
        records.iter().for_each(|r| note(&r.entry(), metric, &mut spells));
    }
}

fn note(entry: &Entry, metric: &str, spells: &mut Vec<Spell>) {
    let same = |signal: &str| normal(signal) == normal(metric);
    match &entry.event {
        Event::AlertFired { signal, .. } if same(signal) => spells.push((entry.at, None)),
        Event::ProcedureSuggested { signal, .. } if same(signal) => spells.push((entry.at, Some(entry.at))),
        Event::AlertResolved { signal, .. } | Event::AlertSuperseded { signal, .. } if same(signal) => {
            let open = spells.iter_mut().rev().find(|(_, to)| to.is_none());
            open.into_iter().for_each(|(_, to)| *to = Some(entry.at));
        }
        _ => {}
    }
}

fn told(limit: &Threshold, rule: &Rule, seen: &Hindsight, compared: bool) -> String {
    let mut page = String::new();
    let patience = Some(rule.patience()).filter(|p| !p.is_empty()).map(|p| format!(", {p}"));
    let _ = writeln!(page, "{}  {}{}", clean(&limit.metric), bare_side(limit), patience.unwrap_or_default());
    let Some((from, to)) = seen.span else { return page };
    for firing in &seen.firings {
        let end = firing.to.map_or("not over at the end".to_owned(), |_| length(firing.lasted(to)));
        let word = match (compared, firing.recorded) {
            (false, _) => "",
            (true, true) => "  recorded",
            (true, false) => "  nothing recorded",
        };
        let worst = number(crate::plan::Value::One(firing.worst));
        let at = firing.from.format("%Y-%m-%d %H:%M:%S");
        let _ = writeln!(page, "{at} UTC  {end:<20} worst {worst}{word}");
    }
    let count = match seen.firings.len() {
        0 => "would not have fired".to_owned(),
        1 => "would have fired once".to_owned(),
        n => format!("would have fired {n} times"),
    };
    let unknown = match seen.unknown.is_zero() {
        true => String::new(),
        false => format!("; nothing known for {}", length(seen.unknown)),
    };
    let _ = writeln!(page, "{count} in {} ({} evaluations){unknown}", length(to - from), seen.evaluations);
    if compared && !seen.firings.is_empty() {
        let _ = writeln!(page, "{} of {} with nothing recorded", seen.unrecorded(), seen.firings.len());
    }
    page
}

fn length(span: TimeDelta) -> String {
    rehearsal::told(span.to_std().unwrap_or_default())
}

fn as_json(limit: &Threshold, seen: &Hindsight, compared: bool) -> Json {
    let firing = |f: &crate::signal::Firing| {
        let recorded = compared.then_some(f.recorded);
        json!({ "since": f.since, "from": f.from, "to": f.to, "worst": f.worst, "recorded": recorded })
    };
    json!({
        "metric": limit.metric, "limit": bare_side(limit), "for": limit.hold,
        "span": seen.span, "evaluations": seen.evaluations,
        "unknown": seen.unknown.num_milliseconds() as f64 / 1e3,
        "firings": seen.firings.iter().map(firing).collect::<Vec<_>>(),
        "unrecorded": compared.then(|| seen.unrecorded()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_and_what_is_none_is_named() {
        let text =
            "time,value\n2026-11-21T10:00:00Z,1.5\n1795255201,2\n1795255202000;NaN\n# x\n1795255203,\n";
        let values: Vec<_> = parse(text).unwrap().iter().map(|s| (s.at.timestamp(), s.value)).collect();
        assert_eq!(values[..2], [(1_795_255_200, 1.5), (1_795_255_201, 2.0)]);
        assert_eq!((values[2].0, values[3].0), (1_795_255_202, 1_795_255_203));
        assert!(values[2].1.is_nan() && values[3].1.is_nan());
        for (text, place) in
            [("1,2\nx,3\n", "2: \"x,3\""), ("1,2\n3 4\n", "2: \"3 4\""), ("1,1\n1e99,1\n", "2: ")]
        {
            assert!(parse(text).unwrap_err().starts_with(place), "{text}: {:?}", parse(text));
        }
    }
}
