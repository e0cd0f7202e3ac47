//! The Levers screen and its boxes, whole.

use super::tests::{draw, text};
use super::*;
use crate::app::Msg;
use crate::app::deck_tests::{bound, fires, prepare, raise, read};
use crate::app::stage::Stage;
use crate::room::End;

/// A moment: the first rung is watched, the error rate fires, a run is under way.
fn moment() -> Stage {
    let mut stage = bound();
    stage.keys(":t0 now<enter>:start<enter>");
    raise(&mut stage, "5");
    fires(&mut stage);
    stage.keys("R<enter><enter>");
    prepare(&mut stage);
    stage.keys("plan-1<enter><esc>");
    let run = stage.app.room.runs()[0].id;
    stage.send(Msg::Output { run, line: "stopping workers \u{1b}[31m1 of 3".into() });
    stage.send(Msg::Output { run, line: "stopping workers 2 of 3".into() });
    stage.wait(20_000);
    stage.keys("4");
    stage
}

fn drawn(stage: &Stage, size: (u16, u16)) -> String {
    text(&draw(&stage.app, &Styles::standard(Depth::True, false), size))
}

#[test]
fn the_levers_screen() {
    let stage = moment();
    insta::assert_snapshot!("levers_80x24", drawn(&stage, (80, 24)));
    insta::assert_snapshot!("levers_120x40", drawn(&stage, (120, 40)));
    insta::assert_snapshot!("levers_200x60", drawn(&stage, (200, 60)));
    insta::assert_snapshot!("levers_40x10", drawn(&stage, (40, 10)));
}

#[test]
fn every_row_tells_what_it_costs() {
    let mut stage = moment();
    stage.keys("gj");
    let way = drawn(&stage, (120, 40));
    for words in
        ["to fill in: previous-deployment-id", "promised within 5 min", "no return after", "never run"]
    {
        assert!(way.contains(words), "{words}:\n{way}");
    }
    for key in ["j", "j"] {
        stage.keys(key);
    }
    let data = drawn(&stage, (120, 40));
    assert!(data.contains("may lose something: step 1: Restore the backup"), "{data}");
    let mut stage = moment();
    let flag =
        stage.app.lever_rows().iter().position(|r| matches!(r, crate::app::LeverRow::Flag(0))).unwrap();
    stage.keys(&format!("g{}", "j".repeat(flag)));
    let flag = drawn(&stage, (120, 40));
    for words in ["[5]", "watched until", "not up: 5 % is watched for", "not up: Error rate fires"] {
        assert!(flag.contains(words), "{words}:\n{flag}");
    }
    read(&mut stage, "page_percentage", "50");
    let outside = drawn(&stage, (120, 40));
    assert!(outside.contains("changed outside the room"), "{outside}");
}

#[test]
fn a_box_that_asks_keeps_its_question_in_sight_whatever_its_length() {
    use crate::app::approving_tests::{asks, guarded};
    let (mut stage, run) = guarded();
    asks(&mut stage, run);
    stage.keys("4");
    for size in [(80, 24), (120, 40), (200, 60)] {
        let list = drawn(&stage, size);
        assert!(list.contains("A SECOND PERSON") && list.contains("bo asks for a second person"), "{list}");
    }
    stage.keys("A");
    stage.wait(500);
    let asked = drawn(&stage, (120, 40));
    for words in ["systemctl stop workers<U+202E>", "asked by bo", "left", "Type  plan-approve-abcdef"] {
        assert!(asked.contains(words), "{words}:\n{asked}");
    }
    let trust = crate::app::Trust {
        digest: "sha256:aa".into(),
        phrase: Some("allow aaaaaa".into()),
        before: Some("bo allowed it".into()),
        moved: false,
        parts: (0..50)
            .map(|n| crate::app::Reached {
                place: format!("line {n}"),
                lines: vec![format!("command {n}")],
                notes: vec![],
                since: if n == 0 {
                    crate::app::Since::Other(vec!["old 0".into()])
                } else {
                    crate::app::Since::Same
                },
            })
            .collect(),
    };
    stage.keys("<esc>");
    stage.send(Msg::Trust(Box::new(trust)));
    stage.wait(500);
    for size in [(80, 24), (120, 40), (200, 60), (40, 12)] {
        let top = drawn(&stage, size);
        assert!(top.contains("Type  allow aaaaaa") && !top.contains("command 49"), "{top}");
    }
    assert!(drawn(&stage, (80, 24)).contains("- old 0"), "{}", drawn(&stage, (80, 24)));
    for _ in 0..20 {
        stage.send(Msg::Key(crossterm::event::KeyCode::PageDown.into()));
    }
    let end = drawn(&stage, (80, 24));
    assert!(end.contains("command 49") && end.contains("Type  allow aaaaaa"), "{end}");
}

#[test]
fn ends_are_told_apart() {
    for (end, detail) in [
        (End::Exit { code: 0 }, "exit 0"),
        (End::Exit { code: 3 }, "exit 3"),
        (End::Signal { number: 9 }, "signal 9"),
        (End::TimedOut, "took too long"),
        (End::NotStarted, "no such program"),
        (End::Aborted, "stopped"),
    ] {
        let outcome = end.outcome();
        let mut stage = moment();
        let run = stage.app.room.runs()[0].id;
        stage.send(Msg::StepEnded { run, step: 0, end, detail: detail.into() });
        stage.keys("<esc>4");
        let at =
            stage.app.lever_rows().iter().position(|r| matches!(r, crate::app::LeverRow::Run(_))).unwrap();
        stage.keys(&format!("g{}", "j".repeat(at)));
        let shown = drawn(&stage, (120, 40));
        assert!(shown.contains(&format!("{} {detail}", outcome.as_str())), "{detail}:\n{shown}");
    }
    let mut stage = moment();
    let run = stage.app.room.runs()[0].id;
    stage.send(Msg::StepEnded { run, step: 0, end: End::Unknown, detail: "lost".into() });
    let shown = drawn(&stage, (120, 40));
    assert!(shown.contains("UNKNOWN") && shown.contains("d: it happened, n: it did not"), "{shown}");
}

#[test]
fn the_boxes_of_the_ladder() {
    let mut stage = bound();
    fires(&mut stage);
    stage.keys("R");
    insta::assert_snapshot!("ways_80x24", drawn(&stage, (80, 24)));
    let ways = drawn(&stage, (120, 40));
    assert!(ways.contains("because Error rate 9 %") && ways.contains("! STOP"), "{ways}");
    stage.keys("<esc>");
    stage.keys(":t0 now<enter>:start<enter>");
    raise(&mut stage, "5");
    stage.wait(2 * 3600 * 1000);
    let board = drawn(&stage, (120, 40));
    assert!(board.contains("C continue?"), "{board}");
    stage.keys("C");
    insta::assert_snapshot!("review_80x24", drawn(&stage, (80, 24)));
}

#[test]
fn it_is_drawn_with_what_the_terminal_has_at_every_size_in_every_theme() {
    let mut stage = moment();
    let ascii = text(&draw(&stage.app, &Styles::standard(Depth::None, true), (80, 24)));
    assert!(ascii.is_ascii() && ascii.contains("STOP"), "{ascii}");
    let plain = draw(&stage.app, &Styles::standard(Depth::None, false), (80, 24));
    assert!(plain.content.iter().all(|c| c.fg == ratatui::style::Color::Reset));
    for keys in ["", "G", "R", "<esc>gjj<enter>", "<esc>GC"] {
        stage.keys(keys);
        for width in [1, 20, 21, 39, 40, 50, 80, 99, 100, 160, 240] {
            for height in [1, 4, 5, 9, 10, 12, 13, 17, 24, 40, 70] {
                draw(&stage.app, &Styles::standard(Depth::True, false), (width, height));
            }
        }
        for cell in &draw(&stage.app, &Styles::standard(Depth::True, false), (120, 40)).content {
            assert!(!cell.symbol().chars().any(char::is_control));
        }
    }
    for size in [(80, 24), (120, 40), (200, 60), (40, 10)] {
        assert!(drawn(&moment(), size).contains("STOP"), "{size:?}");
    }
}

#[test]
fn the_mouse_hits_the_row_that_is_drawn() {
    let mut stage = moment();
    for size in [(80, 24), (120, 40)] {
        let shown = drawn(&stage, size);
        let y = shown.lines().position(|l| l.contains("Data rollback")).unwrap() as u16;
        let (panel, row) = hit(Rect::new(0, 0, size.0, size.1), &stage.app, 6, y).unwrap();
        stage.send(Msg::Click { panel, row });
        let Some(crate::app::LeverRow::Way(at)) = stage.app.lever_row() else { panic!("{row:?}") };
        assert!(stage.app.ways()[at].title.contains("Data"));
    }
}
