//! What was measured around an alert, drawn: the band of each part, its curve, the limit, the time in
//! which it fired.

use chrono::{DateTime, Utc};

use super::super::account::{Account, Chart};
use super::super::chart::scale;
use super::super::words::{clock, value};
use super::esc;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 96.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 26.0;

/// A chart to be drawn.
pub(super) struct Asked<'a> {
    /// What it shows, for those who do not see it.
    pub about: &'a str,
    pub chart: &'a Chart,
    pub fired: DateTime<Utc>,
    pub ended: Option<DateTime<Utc>>,
}

struct Frame<'a> {
    chart: &'a Chart,
    low: f64,
    high: f64,
}

impl Frame<'_> {
    fn x(&self, at: DateTime<Utc>) -> f64 {
        let all = (self.chart.to - self.chart.from).num_milliseconds().max(1) as f64;
        let part = (at - self.chart.from).num_milliseconds() as f64 / all;
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    /// The middle of a part.
    fn column(&self, n: usize) -> f64 {
        LEFT + (n as f64 + 0.5) / self.chart.columns.len().max(1) as f64 * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let part = (value - self.low) / (self.high - self.low);
        TOP + (1.0 - part.clamp(0.0, 1.0)) * (HEIGHT - TOP - BOTTOM)
    }
}

/// The chart as a figure; `n` tells it from others of the page.
pub(super) fn figure(account: &Account, asked: &Asked<'_>, n: usize) -> String {
    let (low, high) = scale(asked.chart);
    let frame = Frame { chart: asked.chart, low, high };
    let zone = account.tz();
    let mut svg = format!(
        "<figure class=\"chart\">\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Chart\">\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"chart{n}\">\n\
         <title id=\"chart{n}\">{}</title>\n",
        esc(asked.about)
    );
    svg += &ground(&frame, asked);
    svg += &curve(&frame);
    svg += &limit(&frame);
    svg += &labels(&frame, asked, |at| clock(at, zone));
    svg += "</svg>\n</div>\n";
    svg += &format!("<figcaption>{}</figcaption>\n</figure>\n", esc(asked.about));
    svg
}

fn ground(frame: &Frame<'_>, asked: &Asked<'_>) -> String {
    let (from, to) = (frame.x(asked.fired), frame.x(asked.ended.unwrap_or(asked.chart.to)));
    let (width, height) = ((to - from).max(2.0), HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        "<rect class=\"fired\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height}\"/>\n"
    );
    for y in [TOP, HEIGHT - BOTTOM] {
        let right = WIDTH - RIGHT;
        out += &format!("<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\"/>\n");
    }
    out
}

/// Neighbours are joined, over a gap of at most two parts; what stands alone is a dot.
fn curve(frame: &Frame<'_>) -> String {
    const GAP: usize = 3;
    let known = frame.chart.columns.iter().enumerate().filter_map(|(n, c)| Some((n, (*c)?)));
    let mut pieces: Vec<Vec<(usize, [f64; 3])>> = vec![];
    for (n, column) in known {
        match pieces.last_mut() {
            Some(piece) if piece.last().is_some_and(|(last, _)| n - last <= GAP) => piece.push((n, column)),
            _ => pieces.push(vec![(n, column)]),
        }
    }
    pieces.iter().map(|piece| drawn(frame, piece)).collect()
}

fn drawn(frame: &Frame<'_>, piece: &[(usize, [f64; 3])]) -> String {
    let point = |n: usize, v: f64| format!("{:.1},{:.1}", frame.column(n), frame.y(v));
    if let [(n, [.., last])] = piece {
        let (x, y) = (frame.column(*n), frame.y(*last));
        return format!("<circle class=\"frun\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.2\"/>\n");
    }
    let above = piece.iter().map(|(n, [_, high, _])| point(*n, *high));
    let below = piece.iter().rev().map(|(n, [low, ..])| point(*n, *low));
    let band: Vec<_> = above.chain(below).collect();
    let line: Vec<_> = piece.iter().map(|(n, [.., last])| point(*n, *last)).collect();
    format!(
        "<polygon class=\"band\" points=\"{}\"/>\n<polyline class=\"curve\" points=\"{}\"/>\n",
        band.join(" "),
        line.join(" ")
    )
}

fn limit(frame: &Frame<'_>) -> String {
    let Some(limit) = frame.chart.limit else { return String::new() };
    let (y, right) = (frame.y(limit), WIDTH - RIGHT);
    format!(
        "<line class=\"limit\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\n\
         <text class=\"over\" x=\"{:.1}\" y=\"{:.1}\">limit {}</text>\n",
        right + 6.0,
        y + 4.0,
        esc(&value(limit))
    )
}

fn labels(frame: &Frame<'_>, asked: &Asked<'_>, clock: impl Fn(DateTime<Utc>) -> String) -> String {
    let (chart, bottom) = (frame.chart, HEIGHT - BOTTOM);
    let mut out = String::new();
    for (v, y) in [(frame.high, TOP + 4.0), (frame.low, bottom + 4.0)] {
        out +=
            &format!("<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>\n", LEFT - 8.0, esc(&value(v)));
    }
    let base = HEIGHT - 8.0;
    let fired = frame.x(asked.fired);
    for (x, at, anchor, word) in [
        (LEFT, chart.from, "start", ""),
        (fired, asked.fired, "middle", "fired "),
        (WIDTH - RIGHT, chart.to, "end", ""),
    ] {
        let near = word.is_empty() && (x - fired).abs() < 90.0;
        if !near {
            let at = esc(&clock(at));
            out += &format!("<text x=\"{x:.1}\" y=\"{base}\" text-anchor=\"{anchor}\">{word}{at}</text>\n");
        }
    }
    out
}
