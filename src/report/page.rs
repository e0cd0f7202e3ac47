//! A report as sections of tables and lists, before anybody writes it as Markdown or HTML, so that both
//! say the same. Texts are not yet clean.

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{Account, Chart, PhaseTold, Remark, RunTold};
use super::words::{clock, exact, lasting, moment, seconds, slip, value};

/// A section with a heading.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section<'a> {
    /// For links inside a page.
    pub id: &'static str,
    pub title: &'static str,
    pub blocks: Vec<Block<'a>>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block<'a> {
    Text(String),
    List(Vec<String>),
    Table {
        about: String,
        head: Vec<&'static str>,
        rows: Vec<Vec<Cell>>,
    },
    Chart {
        about: String,
        chart: &'a Chart,
        fired: DateTime<Utc>,
        ended: Option<DateTime<Utc>>,
    },
    /// A heading of the next level.
    Part(String),
}

/// How a cell is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Plain,
    Code,
    Good,
    Care,
    Bad,
    Faint,
}

/// A cell of a table, with smaller lines below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub text: String,
    pub look: Look,
    pub more: Vec<String>,
}

pub(super) fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), ..Cell::default() }
}

pub(super) fn looks(look: Look, text: impl Into<String>) -> Cell {
    Cell { text: text.into(), look, more: vec![] }
}

impl Cell {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.more.is_empty()
    }

    fn with(mut self, more: impl IntoIterator<Item = String>) -> Self {
        self.more.extend(more);
        self
    }
}

/// The sections of a report, without those that have nothing to say.
pub(super) fn sections(account: &Account) -> Vec<Section<'_>> {
    let all = [
        ("phases", "Phases", phases(account)),
        ("gates", "Gates", gates(account)),
        ("signoffs", "Sign-offs", signoffs(account)),
        ("alerts", "Alerts", alerts(account)),
        ("conditions", "Conditions that people saw", conditions(account)),
        ("runs", "Ways back and other procedures", runs(account)),
        ("flags", "Flags", flags(account)),
        ("overrides", "Done over an objection", overrides(account)),
        ("unknown", "What is not known", unknown(account)),
        ("rules", "Silences and baselines", rules(account)),
        ("after", "After the launch", due(account)),
        ("checklists", "Checklists", checklists(account)),
        ("messages", "Messages of the plan", messages(account)),
        ("notes", "Notes", notes(account)),
        ("story", "What happened", story(account)),
        ("about", "About this report", about(account)),
    ];
    let told = all.into_iter().filter(|(.., blocks)| !blocks.is_empty());
    told.map(|(id, title, blocks)| Section { id, title, blocks }).collect()
}

/// A table without the columns that are empty all the way down.
fn table(about: &str, head: &[&'static str], rows: Vec<Vec<Cell>>) -> Vec<Block<'static>> {
    if rows.is_empty() {
        return vec![];
    }
    let told: Vec<bool> =
        (0..head.len()).map(|n| rows.iter().any(|r| r.get(n).is_some_and(|c| !c.is_empty()))).collect();
    let kept =
        |row: Vec<Cell>| row.into_iter().zip(&told).filter(|(_, told)| **told).map(|(c, _)| c).collect();
    let head = head.iter().zip(&told).filter(|(_, told)| **told).map(|(title, _)| *title).collect();
    vec![Block::Table { about: about.to_owned(), head, rows: rows.into_iter().map(kept).collect() }]
}

fn stretch(account: &Account, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> String {
    let zone = account.tz();
    match (from, to) {
        (None, _) => String::new(),
        (Some(from), None) => format!("from {}", moment(from, zone)),
        (Some(from), Some(to)) if same_day(account, from, to) => {
            format!("{} – {}", moment(from, zone), clock(to, zone))
        }
        (Some(from), Some(to)) => format!("{} – {}", moment(from, zone), moment(to, zone)),
    }
}

fn same_day(account: &Account, a: DateTime<Utc>, b: DateTime<Utc>) -> bool {
    let day = |at: DateTime<Utc>| at.with_timezone(&account.tz()).date_naive();
    day(a) == day(b)
}

fn phases(account: &Account) -> Vec<Block<'_>> {
    let row = |p: &PhaseTold| {
        let holds = p.holds.iter().map(|h| {
            let to = h.to.map_or("until now".to_owned(), |to| format!("for {}", lasting(to - h.from)));
            format!("held {} {to} by {}: {}", exact(h.from, account.tz()), h.by, h.reason)
        });
        let name = if p.depth > 0 { format!("· {}", p.name) } else { p.name.clone() };
        let late = match (p.end_slip, p.start_slip) {
            (Some(s), _) => looks(late_look(s), format!("ended {}", slip(s))),
            (None, Some(s)) => looks(late_look(s), format!("began {}", slip(s))),
            _ => cell(""),
        };
        let took = p.seconds.map(|s| lasting(TimeDelta::seconds(s))).unwrap_or_default();
        let items = if p.all == 0 { String::new() } else { format!("{} of {}", p.done, p.all) };
        vec![
            cell(name).with(holds),
            phase_state(&p.state),
            cell(stretch(account, p.planned_start, p.planned_end)),
            cell(stretch(account, p.started, p.ended)),
            cell(took),
            late,
            cell(items),
        ]
    };
    let head = ["Phase", "State", "Planned", "As it was", "Took", "Against plan", "Items"];
    table("Phases, planned and as they were", &head, account.phases.iter().map(row).collect())
}

fn late_look(slip: i64) -> Look {
    if slip >= 60 { Look::Care } else { Look::Good }
}

fn phase_state(state: &str) -> Cell {
    match state {
        "completed" => looks(Look::Good, "✔ completed"),
        "held" => looks(Look::Care, "‖ held"),
        "running" => looks(Look::Plain, "▶ under way"),
        _ => looks(Look::Faint, "○ not begun"),
    }
}

fn gates(account: &Account) -> Vec<Block<'_>> {
    let row = |g: &super::account::GateTold| {
        let word = match g.verdict.as_str() {
            "GO" => looks(Look::Good, "✔ GO"),
            "NO-GO" => looks(Look::Bad, "✖ NO-GO"),
            other => looks(Look::Care, format!("? {other}")),
        };
        let when = match (&g.at, &g.by) {
            (Some(at), Some(by)) => cell(exact(*at, account.tz())).with([format!("by {by}")]),
            _ => looks(Look::Faint, "still ahead"),
        };
        let passed = g.overridden.as_ref().map(|why| looks(Look::Care, format!("overridden: {why}")));
        vec![cell(&g.phase), when, word, cell(g.reasons.join("; ")), passed.unwrap_or_default()]
    };
    let head = ["Gate of", "Passed", "Word", "Why it was not GO", "Passed all the same"];
    table("Gates and what they said", &head, account.gates.iter().map(row).collect())
}

fn signoffs(account: &Account) -> Vec<Block<'_>> {
    let row = |s: &super::account::SignOffTold| {
        let decision = match (s.decision.as_deref(), s.stale) {
            (Some("approved"), false) => looks(Look::Good, "✔ approved"),
            (Some("approved"), true) => looks(Look::Care, "✔ approved an earlier plan"),
            (Some(_), _) => looks(Look::Bad, "✖ rejected"),
            (None, _) => looks(Look::Care, "○ nobody signed"),
        };
        let at = s.at.map(|at| exact(at, account.tz())).unwrap_or_default();
        vec![
            cell(&s.role),
            decision.with(s.comment.clone()),
            cell(s.by.clone().unwrap_or_default()),
            cell(at),
            cell(&s.verification),
        ]
    };
    let head = ["Role", "Decision", "Who", "When", "How sure"];
    table("Who had to sign", &head, account.signoffs.iter().map(row).collect())
}

fn alerts(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let row = |a: &super::account::AlertTold| {
        let end = if a.ended.is_some() { cell(&a.end) } else { looks(Look::Bad, "✖ still fires") };
        let hand =
            a.acknowledged.as_ref().map(|w| cell(&w.by).with([format!("after {}", lasting(w.at - a.at))]));
        let rank = if a.rank == "P0" || a.rank == "P1" { Look::Bad } else { Look::Care };
        vec![
            cell(exact(a.at, zone)),
            looks(rank, &a.rank),
            cell(&a.signal).with([format!("{} (line {})", a.limit, a.line)]),
            cell(a.value.map(value).unwrap_or_default()),
            cell(lasting(TimeDelta::seconds(a.seconds))),
            hand.unwrap_or_else(|| looks(Look::Faint, "nobody")),
            end,
        ]
    };
    let head = ["Fired", "Class", "Metric", "Value", "Lasted", "In hand", "End"];
    let mut blocks =
        table("Alerts, in the order in which they fired", &head, account.alerts.iter().map(row).collect());
    if account.alerts_left_out > 0 {
        blocks.push(Block::Text(format!("{} more alerts are left out here.", account.alerts_left_out)));
    }
    for alert in &account.alerts {
        let Some(chart) = &alert.chart else { continue };
        blocks.push(Block::Part(format!("{} {}, {}", alert.rank, alert.signal, exact(alert.at, zone))));
        let unit = chart.unit.as_deref().map(|u| format!(" in {u}")).unwrap_or_default();
        let about = format!(
            "{}{unit} around the alert of {}: {}, fired at {}, {}",
            alert.signal,
            exact(alert.at, zone),
            alert.limit,
            alert.value.map_or("no value".to_owned(), value),
            alert.end
        );
        blocks.push(Block::Chart { about, chart, fired: alert.at, ended: alert.ended });
    }
    blocks.extend(blind(account));
    blocks
}

fn blind(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let row = |b: &super::account::Blind| {
        let to = b.to.map_or(looks(Look::Care, "it lasts"), |to| cell(lasting(to - b.from)));
        vec![cell(&b.signal), cell(exact(b.from, zone)), to, cell(&b.why)]
    };
    let rows: Vec<_> = account.blind.iter().take(200).map(row).collect();
    let mut blocks = table("When limits could not be judged", &["Metric", "Since", "For", "Why"], rows);
    if !blocks.is_empty() {
        blocks.insert(0, Block::Part("When limits could not be judged".to_owned()));
    }
    blocks
}

fn conditions(account: &Account) -> Vec<Block<'_>> {
    let row = |c: &super::account::Condition| {
        let over = match (&c.ended, &c.end) {
            (Some(at), Some(why)) => cell(exact(*at, account.tz())).with([why.clone()]),
            _ => looks(Look::Bad, "✖ not over"),
        };
        vec![
            cell(exact(c.at, account.tz())).with([format!("by {}", c.by)]),
            cell(&c.rank),
            cell(&c.text),
            cell(&c.reason),
            over,
        ]
    };
    let head = ["Seen", "Class", "Condition", "What was seen", "Over"];
    table("Conditions that people saw", &head, account.conditions.iter().map(row).collect())
}

fn runs(account: &Account) -> Vec<Block<'_>> {
    account.runs.iter().flat_map(|r| run(account, r)).collect()
}

fn run<'a>(account: &Account, run: &RunTold) -> Vec<Block<'a>> {
    let took = match (run.seconds, run.target, run.is_late()) {
        (Some(took), Some(target), late) => {
            let word = if late == Some(true) { "longer than" } else { "within" };
            format!(" It took {}, {word} the promised {}.", lasting(seconds(took)), lasting(seconds(target)))
        }
        (Some(took), None, _) => format!(" It took {}; nothing was promised.", lasting(seconds(took))),
        (None, ..) => String::new(),
    };
    let detail = if run.detail.is_empty() { String::new() } else { format!(": {}", run.detail) };
    let begun = format!("Begun {} by {}", exact(run.at, account.tz()), run.by);
    let text = format!("{begun}; {}{}.{took}", run.outcome, detail.trim_end_matches('.'));
    let kind = if run.way_back { "Way back: " } else { "" };
    let mut blocks = vec![Block::Part(format!("{kind}{}", run.title)), Block::Text(text)];
    let row = |(n, s): (usize, &super::account::StepTold)| {
        let took = s.seconds.map(|s| lasting(seconds(s))).unwrap_or_default();
        vec![
            cell((n + 1).to_string()),
            cell(&s.text),
            outcome(&s.outcome).with(nonempty(&s.detail)),
            cell(took),
        ]
    };
    let rows = run.steps.iter().enumerate().map(row).collect();
    blocks.extend(table(&format!("Steps of {}", run.title), &["No.", "Step", "Outcome", "Took"], rows));
    blocks
}

fn nonempty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn outcome(word: &str) -> Cell {
    match word {
        "done" => looks(Look::Good, "✔ done"),
        "failed" => looks(Look::Bad, "✖ failed"),
        "unknown" => looks(Look::Bad, "? unknown"),
        "not begun" => looks(Look::Faint, "○ not begun"),
        "by hand" => looks(Look::Plain, "by hand"),
        other => looks(Look::Care, format!("– {other}")),
    }
}

fn flags(account: &Account) -> Vec<Block<'_>> {
    let row = |f: &super::account::FlagTold| {
        let took = f.seconds.map(|s| lasting(seconds(s))).unwrap_or_default();
        let from = f.from.clone().unwrap_or_else(|| "?".to_owned());
        vec![
            cell(exact(f.at, account.tz())).with([format!("by {}", f.by)]),
            looks(Look::Code, &f.flag),
            cell(format!("{from} → {}", f.to)),
            outcome(&f.outcome).with(nonempty(&f.detail)),
            cell(took),
        ]
    };
    let head = ["When", "Flag", "Change", "Outcome", "Took"];
    table("Flags that were changed", &head, account.flags.iter().map(row).collect())
}

fn overrides(account: &Account) -> Vec<Block<'_>> {
    let row = |o: &super::account::Override| {
        vec![
            cell(exact(o.at, account.tz())).with([format!("by {}", o.by)]),
            cell(&o.what),
            cell(o.against.join("; ")),
            cell(&o.reason),
        ]
    };
    let head = ["When", "What", "What stood against it", "Why"];
    table("Done over an objection", &head, account.overrides.iter().map(row).collect())
}

fn unknown(account: &Account) -> Vec<Block<'_>> {
    match account.unknown.is_empty() {
        true => vec![],
        false => vec![Block::List(account.unknown.clone())],
    }
}

fn rules(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let silence = |s: &super::account::SilenceTold| {
        let until = s.ended.map_or(exact(s.until, zone), |at| format!("{}, ended early", exact(at, zone)));
        vec![
            cell(&s.signal),
            cell(exact(s.at, zone)).with([format!("by {}", s.by)]),
            cell(until),
            cell(&s.reason),
        ]
    };
    let rows = account.silences.iter().map(silence).collect();
    let mut blocks = table("Alerts that were kept quiet", &["Metric", "Since", "Until", "Why"], rows);
    let baseline = |b: &super::account::BaselineTold| {
        let end = if b.withdrawn { looks(Look::Faint, "taken back") } else { cell("in force") };
        let when = cell(exact(b.at, zone)).with([format!("by {}", b.by)]);
        vec![cell(&b.metric), cell(value(b.value)), cell(&b.from), when, end]
    };
    let rows = account.baselines.iter().map(baseline).collect();
    let head = ["Metric", "Value", "How it came about", "Captured", "State"];
    blocks.extend(table("Baselines of relative limits", &head, rows));
    blocks
}

fn due(account: &Account) -> Vec<Block<'_>> {
    let row = |d: &super::account::DueTold| {
        let state = match d.state.as_str() {
            "done" => looks(Look::Good, "✔ done"),
            "overdue" => looks(Look::Bad, "✖ overdue"),
            "due" => looks(Look::Care, "▶ due"),
            "ahead" => cell("ahead"),
            other => looks(Look::Faint, other),
        };
        let when = [d.every.clone(), d.when.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let who = d.assignee.clone().map(|who| format!("for {who}"));
        let dates = days(account, d);
        vec![cell(&d.text).with(who), state, cell(when), cell(dates), cell(d.by.clone().unwrap_or_default())]
    };
    let head = ["What", "State", "The plan says", "Dates", "Last said by"];
    table("What is due after the launch", &head, account.due.iter().map(row).collect())
}

/// From which day to which; the last one is the one before the end.
fn days(account: &Account, due: &super::account::DueTold) -> String {
    let day = |at: DateTime<Utc>| super::words::day(at, account.tz());
    match (due.from, due.to) {
        (None, _) => String::new(),
        (Some(from), None) => format!("from {}", day(from)),
        (Some(from), Some(to)) => {
            let last = day(to - TimeDelta::seconds(1));
            if day(from) == last { last } else { format!("{} – {last}", day(from)) }
        }
    }
}

fn checklists(account: &Account) -> Vec<Block<'_>> {
    let mut blocks = vec![];
    for list in &account.checklists {
        blocks.push(Block::Part(format!("{} ({} of {})", list.title, list.done, list.all)));
        let rows = list.items.iter().map(|i| item(account, i)).collect();
        blocks.extend(table(
            &format!("Checklist of {}", list.title),
            &["State", "Item", "Who", "When"],
            rows,
        ));
    }
    if !account.orphans.is_empty() {
        blocks.push(Block::Part("No longer in the plan".to_owned()));
        let rows = account.orphans.iter().map(|i| item(account, i)).collect();
        blocks.extend(table("Items that left the plan", &["State", "Item", "Who", "When"], rows));
    }
    blocks
}

fn item(account: &Account, item: &super::account::ItemTold) -> Vec<Cell> {
    let zone = account.tz();
    let state = match item.state.as_str() {
        "done" => looks(Look::Good, "✔ done"),
        "blocked" => looks(Look::Bad, "✖ blocked"),
        "na" => looks(Look::Faint, "– not applicable"),
        _ => looks(Look::Plain, "○ open"),
    };
    let said = |word: &str, r: &Remark| format!("{word}, {} at {}: {}", r.by, exact(r.at, zone), r.text);
    let reason = item.reason.iter().map(|why| format!("because: {why}"));
    let assigned = item.assignee.iter().map(|who| format!("given to {who}"));
    let evidence = item.evidence.iter().map(|r| said("evidence", r));
    let notes = item.notes.iter().map(|r| said("note", r));
    let own = if item.state == "done" { "ticked in the plan" } else { "" };
    vec![
        state,
        cell(&item.text).with(reason.chain(assigned).chain(evidence).chain(notes)),
        item.by.as_ref().map_or(looks(Look::Faint, own), cell),
        cell(item.at.map(|at| exact(at, zone)).unwrap_or_default()),
    ]
}

fn messages(account: &Account) -> Vec<Block<'_>> {
    let row = |m: &super::account::MessageTold| {
        let due = m.due.map(|at| moment(at, account.tz()));
        vec![
            cell(&m.when),
            due.map_or(looks(Look::Faint, "no time can be told"), cell),
            cell(&m.text),
            cell(m.audience.clone().unwrap_or_default()),
        ]
    };
    let head = ["The plan says", "Due", "Message", "To"];
    table("Messages of the plan", &head, account.messages.iter().map(row).collect())
}

fn notes(account: &Account) -> Vec<Block<'_>> {
    let row = |n: &Remark| {
        let on = n.on.clone().map(|on| format!("on {on}"));
        vec![cell(exact(n.at, account.tz())), cell(&n.by), cell(&n.text).with(on)]
    };
    table("Notes", &["When", "Who", "Note"], account.notes.iter().map(row).collect())
}

fn story(account: &Account) -> Vec<Block<'_>> {
    let row = |t: &super::account::Told| {
        vec![cell(exact(t.at, account.tz())), looks(Look::Faint, t.kind.word()), cell(&t.by), cell(&t.text)]
    };
    let mut blocks = table(
        "What happened, oldest first, without ticks",
        &["When", "About", "Who", "What"],
        account.story.iter().map(row).collect(),
    );
    if account.story_left_out > 0 {
        let left = account.story_left_out;
        blocks.push(Block::Text(format!(
            "{left} events in the middle are left out here; the CSV has every one of them."
        )));
    }
    blocks
}

fn about(account: &Account) -> Vec<Block<'_>> {
    let zone = account.tz();
    let mut rows = vec![
        vec![cell("Room"), cell(format!("{} ({})", account.room, account.environment))],
        vec![cell("Plan"), cell(&account.plan)],
        vec![cell("Digest of the plan"), looks(Look::Code, &account.digest)],
        vec![cell("Times"), cell(format!("in {}", account.zone))],
        vec![cell("Made"), cell(exact(account.made, zone))],
        vec![cell("Events"), cell(account.events.to_string())],
    ];
    rows.extend(account.t0_set.iter().map(|t| {
        let said = format!("{} (said {} by {})", exact(t.t0, zone), exact(t.at, zone), t.by);
        vec![cell("T0"), cell(said)]
    }));
    rows.extend(account.editions.iter().skip(1).map(|e| {
        let change = e.change.as_deref().unwrap_or("another plan");
        vec![cell("The plan was edited"), cell(format!("{} by {}: {change}", exact(e.at, zone), e.by))]
    }));
    table("About this report", &["What", "Value"], rows)
}
