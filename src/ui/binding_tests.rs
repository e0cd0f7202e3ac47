//! The box that binds a metric, drawn: at every size, in ASCII, with hostile words in it.

use chrono::TimeDelta;

use super::tests::{draw, text};
use super::*;
use crate::app::signals_tests::PLAN;
use crate::app::stage::Stage;
use crate::app::{Beside, Dialog, Effect, Heard, Leave, Msg, Wish};
use crate::plan::binding::{Binding, Signal, Source, SourceKind};
use crate::signal::Sample;

const EVIL: &str = "\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[31m\u{9b}2J\u{202e}gpj\u{200b}";

fn beside(more: &str) -> Beside {
    let source = |name: &str, url: &str| Source::new(name, SourceKind::Prometheus, url, 5.0);
    let sources =
        vec![source("metrics", "http://prom:9090"), source(&format!("web{more}"), "https://shop.test")];
    let signal = Signal { name: "Error rate".into(), query: format!("errors{more}"), ..Signal::default() };
    let signals = vec![Signal { source: "metrics".into(), scale: 100.0, ..signal }];
    let leave = vec![Leave::Any, Leave::Nothing(format!("not asked{more}"))];
    let binding = Binding { sources, signals, ..Binding::default() };
    Beside { binding, text: None, file: "warroom.toml".into(), leave, rehearsed: false }
}

/// The box with its sources; `more` stands in all words of others.
fn choosing(more: &str) -> Stage {
    let mut stage = Stage::new(PLAN);
    stage.keys("3B");
    stage.send(Msg::Binding(Heard::Read(Ok(beside(more).into()))));
    stage
}

/// The query, with names and a value.
fn writing(more: &str) -> Stage {
    let mut stage = choosing(more);
    stage.keys("<enter>");
    let names = ["errors_total", "http_errors", &format!("errors{more}")].map(str::to_owned);
    stage.send(Msg::Binding(Heard::Names { source: "metrics".into(), names: Ok((names.into(), true)) }));
    stage.keys(" + err");
    let number = stage.effects.iter().rev().find_map(|e| match e {
        Effect::Bind(Wish::Try { number, .. }) => Some(*number),
        _ => None,
    });
    let sample = |n: i32| Sample {
        at: stage.app.now - TimeDelta::seconds(900 - 5 * i64::from(n)),
        value: f64::from(n % 40) / 1e3,
    };
    let outcome = Ok((0..180).map(sample).collect());
    let warning = (!more.is_empty()).then(|| more.to_owned());
    let number = number.expect("it was asked");
    stage.send(Msg::Binding(Heard::Tried { number, outcome, warning }));
    stage
}

fn shown(stage: &Stage, size: (u16, u16)) -> String {
    text(&draw(&stage.app, &Styles::standard(Depth::True, false), size))
}

#[test]
fn the_box() {
    insta::assert_snapshot!("bind_choose_80x24", shown(&choosing(""), (80, 24)));
    insta::assert_snapshot!("bind_query_80x24", shown(&writing(""), (80, 24)));
    insta::assert_snapshot!("bind_query_40x10", shown(&writing(""), (40, 10)));
    let mut stage = choosing("");
    stage.keys("G<enter><tab>new");
    insta::assert_snapshot!("bind_new_80x24", shown(&stage, (80, 24)));
}

#[test]
fn it_is_whole_at_every_size_and_in_ascii() {
    for stage in [choosing(""), writing(""), choosing(EVIL), writing(EVIL)] {
        for width in [20, 21, 39, 40, 41, 60, 80, 120, 200] {
            for height in [4, 5, 6, 8, 10, 12, 24, 60] {
                for ascii in [false, true] {
                    let buffer = draw(&stage.app, &Styles::standard(Depth::None, ascii), (width, height));
                    let shown = text(&buffer);
                    let odd = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}".contains(c));
                    assert!(!shown.chars().any(odd), "{shown:?}");
                    assert!(!ascii || shown.is_ascii(), "{shown}");
                }
            }
        }
    }
}

#[test]
fn the_cursor_is_always_to_be_seen() {
    let mut stage = writing("");
    stage.keys(&"x".repeat(300)).keys("<c-a>");
    assert!(matches!(stage.app.dialog, Dialog::Bind(_)));
    assert!(shown(&stage, (40, 10)).contains("errors + err"), "{}", shown(&stage, (40, 10)));
    stage.keys("<c-e>END");
    assert!(shown(&stage, (40, 10)).contains("xEND"));
}
