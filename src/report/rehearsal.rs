//! The report of a rehearsal: which triggers can fire, which commands resolve, how long each way back
//! takes. The evidence for "rollback procedures tested", and no more than that: it says what a
//! rehearsal cannot prove.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::markdown::{code, escaped, table};

/// What a rehearsal found out. Texts are the plan's and need not be clean.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// The plan's title.
    pub title: String,
    /// The digest of the plan's bytes, `sha256:…`.
    pub digest: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// The zone times are written in.
    pub zone: Tz,
    /// How much faster than real the clock ran.
    pub speed: f64,
    /// Every trigger of the plan, fired or not.
    pub triggers: Vec<TriggerFound>,
    /// Every command of the plan.
    pub commands: Vec<CommandFound>,
    /// Every way back of the plan.
    pub ways: Vec<WayBack>,
    /// Flags that were changed.
    pub flags: Vec<FlagMoved>,
    /// What was ticked.
    pub ticks: Vec<Ticked>,
}

/// A limit or sentence that calls for something.
#[derive(Clone, Debug, PartialEq)]
pub struct TriggerFound {
    /// "Error rate".
    pub name: String,
    /// "> 10 % for 5 min"; empty where it has no number.
    pub limit: String,
    /// Its line.
    pub line: usize,
    /// When it fired first; none where it never did.
    pub fired: Option<Fired>,
}

/// A trigger that fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    /// When.
    pub at: DateTime<Utc>,
    /// What was measured, with its unit, or who said it happened.
    pub evidence: String,
}

/// A command and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandFound {
    /// The procedure's heading.
    pub procedure: String,
    /// What it says of itself.
    pub text: String,
    /// Its line.
    pub line: usize,
    /// Why it cannot work as it stands; empty where nothing speaks against it.
    pub problems: Vec<String>,
    /// What could not be told.
    pub open: Vec<String>,
}

/// A way back, walked or not.
#[derive(Clone, Debug, PartialEq)]
pub struct WayBack {
    /// Its heading.
    pub title: String,
    /// Its line.
    pub line: usize,
    /// Seconds the plan promises.
    pub promised: Option<f64>,
    /// Its steps in order.
    pub steps: Vec<StepDone>,
    /// When its run began; none where it was never walked.
    pub started: Option<DateTime<Utc>>,
    /// When its run came to its end; none where it did not.
    pub ended: Option<DateTime<Utc>>,
}

/// A step of a way back.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDone {
    /// What to do.
    pub text: String,
    /// Whether it was done.
    pub done: bool,
    /// "shown, not executed", "ticked by ana", "skipped", "not begun".
    pub how: String,
}

/// A flag that was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagMoved {
    /// When.
    pub at: DateTime<Utc>,
    /// The flag.
    pub flag: String,
    /// What it was; empty where that was not known.
    pub from: String,
    /// What it was to become.
    pub to: String,
    /// "read back", "unknown: …", "refused: …".
    pub outcome: String,
}

/// Something that was ticked.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticked {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
    /// Its line.
    pub line: usize,
}

impl WayBack {
    /// Whether it was walked to its end with every step done.
    pub fn is_walked(&self) -> bool {
        self.took().is_some() && !self.steps.is_empty() && self.steps.iter().all(|s| s.done)
    }

    fn took(&self) -> Option<TimeDelta> {
        Some(self.ended? - self.started?)
    }
}

impl Rehearsal {
    /// The time in the rehearsal's zone.
    fn at(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M:%S").to_string()
    }
}

/// The report as Markdown.
pub fn rehearsal(found: &Rehearsal) -> String {
    let mut page = format!("# Rehearsal of {}\n\n", escaped(&found.title));
    page += &head(found);
    for part in [triggers(found), commands(found), ways(found), flags(found), ticks(found)] {
        page += &part;
    }
    page
}

fn head(found: &Rehearsal) -> String {
    let time = |at: DateTime<Utc>| at.with_timezone(&found.zone).format("%Y-%m-%d %H:%M:%S %Z").to_string();
    let took = lasting(found.ended - found.started);
    let mut out = format!("- plan: {}\n", code(&found.digest));
    let _ = writeln!(out, "- from {} to {} ({took})", time(found.started), time(found.ended));
    let _ = match found.speed {
        1.0 => writeln!(out, "- clock: as in earnest"),
        speed => writeln!(out, "- clock: {speed} times as fast as in earnest"),
    };
    out += &sums(found);
    out += "\nA rehearsal runs none of the plan's commands and calls none of its hosts: signals and flags \
            are those of a simulated production. It shows that triggers can fire and that people can walk \
            the ways back. It does not show that a command does what its text says, that a host answers \
            or how long the real thing takes.\n";
    out
}

fn sums(found: &Rehearsal) -> String {
    let of = |many: usize, all: usize| format!("{many} of {all}");
    let fired = found.triggers.iter().filter(|t| t.fired.is_some()).count();
    let sound = found.commands.iter().filter(|c| c.problems.is_empty()).count();
    let walked = found.ways.iter().filter(|w| w.is_walked()).count();
    let mut out = String::new();
    let _ = writeln!(out, "- triggers that fired: {}", of(fired, found.triggers.len()));
    let _ = writeln!(out, "- commands that nothing speaks against: {}", of(sound, found.commands.len()));
    let _ = writeln!(out, "- ways back walked to the end: {}", of(walked, found.ways.len()));
    out
}

fn triggers(found: &Rehearsal) -> String {
    let (fired, never): (Vec<_>, Vec<_>) = found.triggers.iter().partition(|t| t.fired.is_some());
    let row = |t: &&TriggerFound| {
        let at = t.fired.as_ref().map(|f| found.at(f.at)).unwrap_or_default();
        let evidence = t.fired.as_ref().map_or("", |f| f.evidence.as_str());
        vec![at, escaped(&t.name), escaped(&t.limit), t.line.to_string(), escaped(evidence)]
    };
    let rows: Vec<_> = fired.iter().map(row).collect();
    let mut out =
        section("Triggers that fired", &table(&["when", "what", "limit", "line", "evidence"], &rows));
    let row = |t: &&TriggerFound| vec![escaped(&t.name), escaped(&t.limit), t.line.to_string()];
    let rows: Vec<_> = never.iter().map(row).collect();
    out += &section("Triggers that never fired", &table(&["what", "limit", "line"], &rows));
    out
}

fn commands(found: &Rehearsal) -> String {
    let row = |c: &CommandFound| {
        let word = match (c.problems.is_empty(), c.open.is_empty()) {
            (false, _) => "no",
            (true, false) => "not all can be told",
            (true, true) => "yes",
        };
        let why: Vec<_> = c.problems.iter().chain(&c.open).map(|w| escaped(w)).collect();
        vec![c.line.to_string(), escaped(&c.procedure), code(&c.text), word.to_owned(), why.join("; ")]
    };
    let rows: Vec<_> = found.commands.iter().map(row).collect();
    section("Commands", &table(&["line", "procedure", "command", "resolves", "why"], &rows))
}

fn ways(found: &Rehearsal) -> String {
    let all: String = found.ways.iter().map(|w| way(found, w)).collect();
    section("Ways back", &all)
}

fn way(found: &Rehearsal, way: &WayBack) -> String {
    let mut out = format!("### {} (line {})\n\n", escaped(&way.title), way.line);
    let promised = way.promised.map(|s| format!(", promised in {}", lasting(seconds(s)))).unwrap_or_default();
    let _ = match (way.started, way.took()) {
        (None, _) => writeln!(out, "Not walked{promised}."),
        (Some(at), None) => writeln!(out, "Begun {} and not ended{promised}.", found.at(at)),
        (Some(at), Some(took)) => {
            let word = if way.is_walked() { "Walked" } else { "Ended with steps left out" };
            let late = way.promised.is_some_and(|s| took > seconds(s));
            let late = if late { "; **longer than promised**" } else { "" };
            writeln!(out, "{word}, begun {}, in {}{promised}{late}.", found.at(at), lasting(took))
        }
    };
    if way.steps.is_empty() {
        out += "\nThe plan gives it no step.\n";
    }
    for (n, step) in way.steps.iter().enumerate() {
        let lead = if n == 0 { "\n" } else { "" };
        let sign = if step.done { 'x' } else { ' ' };
        let _ = writeln!(out, "{lead}{}. [{sign}] {}: {}", n + 1, escaped(&step.text), escaped(&step.how));
    }
    out.push('\n');
    out
}

fn flags(found: &Rehearsal) -> String {
    let row = |f: &FlagMoved| {
        let from = if f.from.is_empty() { "not known".to_owned() } else { escaped(&f.from) };
        vec![found.at(f.at), code(&f.flag), from, escaped(&f.to), escaped(&f.outcome)]
    };
    let rows: Vec<_> = found.flags.iter().map(row).collect();
    section("Flags", &table(&["when", "flag", "from", "to", "outcome"], &rows))
}

fn ticks(found: &Rehearsal) -> String {
    let row = |t: &Ticked| vec![found.at(t.at), escaped(&t.by), escaped(&t.text), t.line.to_string()];
    let rows: Vec<_> = found.ticks.iter().map(row).collect();
    section("Ticked", &table(&["when", "who", "what", "line"], &rows))
}

/// A heading above something; nothing above nothing.
fn section(title: &str, body: &str) -> String {
    match body.trim_end() {
        "" => String::new(),
        body => format!("\n## {title}\n\n{body}\n"),
    }
}

/// Seconds of a plan, which can be any number.
fn seconds(seconds: f64) -> TimeDelta {
    const YEAR: f64 = 366.0 * 86_400.0;
    TimeDelta::milliseconds((seconds.clamp(0.0, YEAR) * 1000.0) as i64)
}

/// "0:48", "12:05", "1:02:05"; below 10 seconds with tenths.
fn lasting(time: TimeDelta) -> String {
    let millis = time.num_milliseconds().max(0);
    let all = millis / 1000;
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    match (hours, all) {
        (0, 0..10) => format!("{seconds}.{} s", millis % 1000 / 100),
        (0, _) => format!("{minutes}:{seconds:02} min"),
        _ => format!("{hours}:{minutes:02}:{seconds:02} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn step(text: &str, done: bool, how: &str) -> StepDone {
        StepDone { text: text.to_owned(), done, how: how.to_owned() }
    }

    fn trigger(name: &str, limit: &str, line: usize, fired: Option<(i64, &str)>) -> TriggerFound {
        let fired = fired.map(|(s, evidence)| Fired { at: at(s), evidence: evidence.to_owned() });
        TriggerFound { name: name.to_owned(), limit: limit.to_owned(), line, fired }
    }

    fn command(text: &str, line: usize, problems: &[&str], open: &[&str]) -> CommandFound {
        let all = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        CommandFound {
            procedure: "Emergency Rollback".to_owned(),
            text: text.to_owned(),
            line,
            problems: all(problems),
            open: all(open),
        }
    }

    fn way(
        title: &str,
        promised: Option<f64>,
        steps: Vec<StepDone>,
        span: (Option<i64>, Option<i64>),
    ) -> WayBack {
        let (started, ended) = (span.0.map(at), span.1.map(at));
        WayBack { title: title.to_owned(), line: 40, promised, steps, started, ended }
    }

    fn full() -> Rehearsal {
        Rehearsal {
            title: "Checkout 2 <b>".to_owned(),
            digest: "sha256:9f2c41".to_owned(),
            started: at(0),
            ended: at(754),
            zone: chrono_tz::Europe::Berlin,
            speed: 10.0,
            triggers: vec![
                trigger("Error rate", "> 5 % for 5 min", 31, Some((125, "6.2 %"))),
                trigger("Data corruption | detected", "", 36, Some((300, "ana said it happened"))),
                trigger("Queue depth", "> 100", 33, None),
            ],
            commands: vec![
                command("kubectl rollout undo deploy/checkout", 42, &[], &[]),
                command(
                    "vercel rollback [id]",
                    47,
                    &["the program vercel is not on PATH", "id is still to be filled in"],
                    &[],
                ),
                command("./deploy.sh | tee log", 50, &[], &["./deploy.sh is a file; only PATH is looked at"]),
            ],
            ways: vec![
                way(
                    "Emergency Rollback",
                    Some(30.0),
                    vec![
                        step("Switch off", true, "shown, not executed"),
                        step("Tell everybody", true, "ticked by ana"),
                    ],
                    (Some(310), Some(358)),
                ),
                way(
                    "Partial Rollback",
                    Some(300.0),
                    vec![step("Throttle", false, "skipped")],
                    (Some(400), Some(404)),
                ),
                way("Data Rollback", None, vec![step("Restore", false, "not begun")], (Some(500), None)),
                way("Last Resort", None, vec![], (None, None)),
            ],
            flags: vec![FlagMoved {
                at: at(60),
                flag: "checkout_v2".to_owned(),
                from: "10".to_owned(),
                to: "25".to_owned(),
                outcome: "read back".to_owned(),
            }],
            ticks: vec![Ticked {
                at: at(61),
                by: "ana".to_owned(),
                text: "Ramp to 25 %".to_owned(),
                line: 20,
            }],
        }
    }

    #[test]
    fn the_whole_report() {
        insta::assert_snapshot!(rehearsal(&full()));
    }

    #[test]
    fn an_empty_rehearsal_proves_nothing_and_says_so() {
        let empty = Rehearsal {
            triggers: vec![],
            commands: vec![],
            ways: vec![],
            flags: vec![],
            ticks: vec![],
            ..full()
        };
        let page = rehearsal(&empty);
        assert!(page.contains("ways back walked to the end: 0 of 0") && !page.contains("##"), "{page}");
    }

    #[test]
    fn a_way_counts_as_walked_only_when_every_step_was_done_and_it_ended() {
        let done = || vec![step("a", true, "")];
        let walked = |steps, span| way("w", None, steps, span).is_walked();
        assert!(walked(done(), (Some(0), Some(1))));
        assert!(!walked(done(), (Some(0), None)) && !walked(vec![], (Some(0), Some(1))));
        assert!(!walked([done(), vec![step("b", false, "")]].concat(), (Some(0), Some(1))));
    }

    #[test]
    fn nothing_untrusted_acts() {
        let evil = "\u{1b}]52;c;eA==\u{7}<script>|\n# h\u{202e}[x](http://evil)";
        let mut found = full();
        found.title = evil.to_owned();
        found.triggers[0].name = evil.to_owned();
        found.commands[0].text = evil.to_owned();
        found.ways[0].steps[0].text = evil.to_owned();
        found.flags[0].flag = evil.to_owned();
        found.ticks[0].by = evil.to_owned();
        let (page, clean) = (rehearsal(&found), rehearsal(&full()));
        let bad = page.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(bad, None);
        let arena = comrak::Arena::new();
        let mut options = comrak::Options::default();
        (options.extension.table, options.extension.autolink) = (true, true);
        for node in comrak::parse_document(&arena, &page, &options).descendants() {
            use comrak::nodes::NodeValue as N;
            let value = &node.data().value;
            assert!(
                !matches!(value, N::Link(_) | N::Image(_) | N::HtmlInline(_) | N::HtmlBlock(_)),
                "{value:?}"
            );
        }
        assert_eq!(page.lines().count(), clean.lines().count(), "no line was added");
    }

    #[test]
    fn times_are_read_at_a_glance() {
        for (millis, told) in [(0, "0.0 s"), (9_960, "9.9 s"), (48_000, "0:48 min"), (3_725_000, "1:02:05 h")]
        {
            assert_eq!(lasting(TimeDelta::milliseconds(millis)), told);
        }
        assert_eq!(seconds(f64::NAN), TimeDelta::zero());
    }
}
