//! A report as Markdown: readable as it is, in a mail or a pull request, and as it is rendered.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::account::{Account, Chart, Tone};
use super::chart;
use super::markdown::{code, escaped, table};
use super::page::{Block, Cell, Look, Section, sections};
use super::words::{clock, moment, value};

/// So many rows has a chart.
const ROWS: usize = 5;

/// The report as Markdown.
pub fn markdown(account: &Account) -> String {
    let kind = if account.rehearsal { "Rehearsal report" } else { "Launch report" };
    let mut page = format!("# {kind}: {}\n\n", escaped(&account.title));
    page += &head(account);
    for section in sections(account) {
        page += &written(account.tz(), &section);
    }
    page
}

fn head(account: &Account) -> String {
    let zone = account.tz();
    let summary = &account.summary;
    let t0 = account.t0.map_or("not set".to_owned(), |t0| moment(t0, zone));
    let mut out = format!("**{}**\n\n", escaped(&summary.sentence));
    out += &format!(
        "Room {} ({}), T0 {}, all times in {}. Made {}.\n\n",
        escaped(&account.room),
        escaped(&account.environment),
        escaped(&t0),
        escaped(&account.zone),
        escaped(&moment(account.made, zone))
    );
    let row = |f: &super::account::Figure| {
        vec![escaped(&f.label), format!("{}{}", sign(f.tone), escaped(&f.value)), escaped(&f.detail)]
    };
    out += &table(&["Figure", "Value", ""], &summary.figures.iter().map(row).collect::<Vec<_>>());
    if !summary.attention.is_empty() {
        out += "\n**To look at**\n\n";
        out += &list(&summary.attention);
    }
    out
}

fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "✔ ",
        Tone::Care => "! ",
        Tone::Bad => "✖ ",
        Tone::Plain => "",
    }
}

fn list(points: &[String]) -> String {
    points.iter().map(|p| format!("- {}\n", escaped(p))).collect()
}

/// A section as Markdown.
pub(super) fn written(zone: Tz, section: &Section<'_>) -> String {
    let mut out = format!("\n## {}\n", section.title);
    for block in &section.blocks {
        out += &match block {
            Block::Text(text) => format!("\n{}\n", escaped(text)),
            Block::List(points) => format!("\n{}", list(points)),
            Block::Part(title) => format!("\n### {}\n", escaped(title)),
            Block::Table { head, rows, .. } => {
                let rows: Vec<_> = rows.iter().map(|r| r.iter().map(told).collect()).collect();
                format!("\n{}", table(head, &rows))
            }
            Block::Chart { about, chart, fired, .. } => {
                format!("\n{}\n\n{}", escaped(about), drawn(zone, chart, *fired))
            }
        };
    }
    out
}

fn told(cell: &Cell) -> String {
    let text = match cell.look {
        // What could be a tag stays text with a backslash, for readers that know no code in a table.
        Look::Code if !cell.text.trim().is_empty() && !cell.text.contains('<') => code(&cell.text),
        _ => escaped(&cell.text),
    };
    let more: Vec<_> = cell.more.iter().map(|line| escaped(line)).collect();
    match (text.is_empty(), more.is_empty()) {
        (_, true) => text,
        (true, false) => more.join("; "),
        (false, false) => format!("{text} ({})", more.join("; ")),
    }
}

/// A chart of block characters, with its scale, its limit and the moment it fired.
fn drawn(zone: Tz, chart: &Chart, fired: DateTime<Utc>) -> String {
    let (low, high) = chart::scale(chart);
    let rows = chart::blocks(chart, ROWS);
    let width = rows.first().map_or(0, |row| row.chars().count());
    let (top, bottom) = (value(high), value(low));
    let room = top.chars().count().max(bottom.chars().count());
    let mut out = "```text\n".to_owned();
    for (n, row) in rows.iter().enumerate() {
        let label = match n {
            0 => top.as_str(),
            n if n + 1 == rows.len() => bottom.as_str(),
            _ => "",
        };
        out += &format!("{label:>room$} │{}\n", row.trim_end());
    }
    let span = (chart.to - chart.from).num_milliseconds().max(1);
    let at = ((fired - chart.from).num_milliseconds() * width as i64 / span).clamp(0, width as i64 - 1);
    out += &format!("{:>room$} {:>at$}▲ fired {}\n", "", "", clock(fired, zone), at = at as usize + 1);
    let limit = chart.limit.map(|l| format!(", ╌ limit {}", value(l))).unwrap_or_default();
    out += &format!("{:>room$}  {} to {}{limit}\n```\n", "", clock(chart.from, zone), clock(chart.to, zone));
    out
}
