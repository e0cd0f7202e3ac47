//! Keys in, whole screens out.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::*;
use crate::app::stage::Stage;
use crate::app::{Link, Msg};

/// The plan of the README.
const CHECKOUT: &str = include_str!("../../examples/checkout.md");

pub(super) fn draw(app: &App, styles: &Styles, (width, height): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| render(frame, app, styles)).unwrap();
    terminal.backend().buffer().clone()
}

pub(super) fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width.max(1));
    let row = |cells: &[ratatui::buffer::Cell]| {
        cells.iter().map(|c| c.symbol()).collect::<String>().trim_end().to_owned()
    };
    buffer.content.chunks(width).map(row).collect::<Vec<_>>().join("\n")
}

fn screen(keys: &str, size: (u16, u16)) -> String {
    let mut stage = Stage::new(CHECKOUT);
    stage.keys(keys);
    text(&draw(&stage.app, &Styles::standard(Depth::True, false), size))
}

/// A moment of the launch: T0 set, the first phase under way, one item done, one blocked.
const MOMENT: &str = ":t0 2026-11-21 12:30<enter><space>j<space>jbno answer from the bank<enter>j";

#[test]
fn the_board() {
    insta::assert_snapshot!("board_80x24", screen(MOMENT, (80, 24)));
    insta::assert_snapshot!("board_120x40", screen(MOMENT, (120, 40)));
    insta::assert_snapshot!("board_200x60", screen(MOMENT, (200, 60)));
}

#[test]
fn the_checklists() {
    let keys = format!("{MOMENT}2");
    insta::assert_snapshot!("checklists_80x24", screen(&keys, (80, 24)));
    insta::assert_snapshot!("checklists_120x40", screen(&keys, (120, 40)));
    insta::assert_snapshot!("checklists_200x60", screen(&keys, (200, 60)));
}

#[test]
fn small_and_plain() {
    insta::assert_snapshot!("board_40x10", screen(MOMENT, (40, 10)));
    let mut stage = Stage::new(CHECKOUT);
    stage.keys(MOMENT);
    let ascii = text(&draw(&stage.app, &Styles::standard(Depth::None, true), (80, 24)));
    assert!(ascii.is_ascii(), "{ascii}");
    insta::assert_snapshot!("board_ascii_80x24", ascii);
}

#[test]
fn what_lies_over_the_screen() {
    insta::assert_snapshot!("help_120x40", screen("?", (120, 40)));
    insta::assert_snapshot!("phase_80x24", screen("<s-tab>l<enter>", (80, 24)));
    insta::assert_snapshot!("note_80x24", screen("tThe bank does not answer", (80, 24)));
    insta::assert_snapshot!("search_80x24", screen("2/rollback", (80, 24)));
}

/// Every text of this plan tries something.
fn hostile() -> String {
    let evil = "\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[31m\u{9b}2J\u{202e}gpj\u{200b}\u{85}";
    CHECKOUT.lines().map(|line| format!("{line}{evil}\n")).collect()
}

#[test]
fn nothing_of_a_hostile_plan_reaches_a_cell_unsanitised() {
    let mut stage = Stage::new(&hostile());
    stage.send(Msg::Link(Link::Failing("\u{1b}[2Jdisk\u{202e}".into())));
    for keys in ["", "2", "<enter>", "<esc>1<s-tab><enter>", "<esc>?", "<esc>/\u{1b}", "<esc><tab><enter>"] {
        stage.keys(keys);
        let buffer = draw(&stage.app, &Styles::standard(Depth::True, false), (120, 40));
        for cell in &buffer.content {
            let bad = cell.symbol().chars().find(|c| c.is_control() || "\u{202e}\u{200b}".contains(*c));
            assert_eq!(bad, None, "after {keys:?}");
        }
    }
}

#[test]
fn no_size_panics_and_every_row_stays_inside() {
    let mut stage = Stage::new(CHECKOUT);
    let styles = Styles::standard(Depth::True, false);
    for keys in [
        "",
        "?",
        "<esc>2",
        "<enter>",
        "<esc>tnote",
        "<esc>:t0",
        "<esc>1z",
        "<s-tab>z",
        "<esc><tab>",
        "<enter>",
    ] {
        stage.keys(keys);
        for width in [1, 2, 5, 19, 20, 21, 39, 40, 49, 50, 51, 79, 90, 100, 159, 160, 240] {
            for height in [1, 3, 4, 5, 9, 11, 12, 13, 16, 17, 18, 25, 33, 50, 70] {
                draw(&stage.app, &styles, (width, height));
            }
        }
    }
}

#[test]
fn colour_is_by_role_and_absent_without_colour() {
    let mut stage = Stage::new(CHECKOUT);
    stage.keys(MOMENT);
    let coloured = draw(&stage.app, &Styles::standard(Depth::True, false), (120, 40));
    let plain = draw(&stage.app, &Styles::standard(Depth::None, false), (120, 40));
    assert!(coloured.content.iter().any(|c| matches!(c.fg, Color::Rgb(..))));
    assert!(plain.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
    assert_eq!(text(&coloured), text(&plain), "the same signs and words say it without colour");
}

#[test]
fn the_mouse_hits_what_is_drawn() {
    let mut stage = Stage::new(CHECKOUT);
    stage.keys("2");
    let area = Rect::new(0, 0, 120, 40);
    let drawn = text(&draw(&stage.app, &Styles::standard(Depth::True, false), (120, 40)));
    let wanted = stage.app.room.plan.items[3].text.clone();
    let line =
        drawn.lines().position(|l| l.contains(&wanted[..20])).expect("the fourth item is on the screen");
    let (panel, row) = hit(area, &stage.app, 6, line as u16).unwrap();
    stage.send(Msg::Click { panel, row });
    assert_eq!(stage.app.selected_item().map(|i| i.text.clone()), Some(wanted));
}

/// The Signals screen of a room where errors burn, at a size.
fn signals(keys: &str, size: (u16, u16), styles: &Styles) -> String {
    use crate::app::signals_tests::{bound, play};
    let mut stage = bound();
    play(&mut stage, 60, 2.0, 1.2);
    play(&mut stage, 30, 8.0, 3.0);
    stage.keys(keys);
    text(&draw(&stage.app, styles, size))
}

#[test]
fn the_signals_screen_says_what_fires_and_why() {
    let fine = Styles::standard(Depth::True, false);
    for size in [(80, 24), (120, 40), (200, 60)] {
        let drawn = signals("3k", size, &fine);
        for words in
            ["Error rate", "8 %", "FIRING since 12:0", "nobody has it", "P1 ok ≤ 5 %", "line 11", "12:0"]
        {
            assert!(drawn.contains(words), "{words} at {size:?}:\n{drawn}");
        }
        assert!(
            drawn.contains('░') && drawn.contains('▀') && drawn.contains('╌'),
            "shade and strip:\n{drawn}"
        );
        assert!(drawn.contains('·'), "what was not measured is marked:\n{drawn}");
    }
    let small = signals("3k", (40, 10), &fine);
    assert!(small.contains("FIRING") && small.contains("ok ≤ 5 %"), "{small}");
}

#[test]
fn charts_are_drawn_with_what_the_terminal_has() {
    let is_braille = |c: char| ('\u{2801}'..='\u{28ff}').contains(&c);
    let fine = signals("3k", (120, 40), &Styles::standard(Depth::True, false));
    assert!(fine.chars().any(is_braille), "{fine}");
    let blocks = signals("3kc", (120, 40), &Styles::standard(Depth::Sixteen, false));
    assert!(!blocks.chars().any(is_braille) && blocks.contains('▓') && blocks.contains('•'), "{blocks}");
    let ascii = signals("3kch", (120, 40), &Styles::standard(Depth::None, true));
    assert!(ascii.is_ascii() && ascii.contains('*') && ascii.contains(':') && ascii.contains('!'), "{ascii}");
}

#[test]
fn the_cursor_reads_value_time_and_age() {
    let drawn = signals("3k[hhhhh", (120, 40), &Styles::standard(Depth::True, false));
    assert!(drawn.contains("8 %") && drawn.contains(" s ago"), "{drawn}");
    let before = signals(&format!("3k{}", "h".repeat(60)), (120, 40), &Styles::standard(Depth::True, false));
    assert!(before.contains("not measured"), "what is unknown is not zero:\n{before}");
}

#[test]
fn two_metrics_are_compared_by_name_each_with_its_axis() {
    let drawn = signals("3kc", (120, 40), &Styles::standard(Depth::True, false));
    assert!(drawn.contains("Error rate left") && drawn.contains("Response time right"), "{drawn}");
}

#[test]
fn a_silence_is_asked_for_and_shown() {
    let fine = Styles::standard(Depth::True, false);
    let asked = signals("3ks", (80, 24), &fine);
    assert!(asked.contains("SILENCE") && asked.contains("▸30 min") && asked.contains("4 h"), "{asked}");
    let shown = signals("3ksload test<enter>", (200, 60), &fine);
    assert!(shown.contains("silenced by ana until 12:3") && shown.contains("load test"), "{shown}");
    let board = signals("3ksload test<enter>1", (120, 40), &fine);
    assert!(board.contains("silenced until 12:3"), "{board}");
}

#[test]
fn a_metric_without_a_binding_says_what_to_do() {
    let drawn = screen("3", (120, 40));
    assert!(drawn.contains("nothing measures") && drawn.contains("warroom init"), "{drawn}");
}

#[test]
fn a_new_sample_changes_few_cells_of_the_chart() {
    use crate::app::signals_tests::{bound, play};
    let styles = Styles::standard(Depth::True, false);
    let mut stage = bound();
    play(&mut stage, 70, 2.0, 1.2);
    stage.keys("3");
    let mut most = 0;
    let mut before = draw(&stage.app, &styles, (120, 40));
    for _ in 0..8 {
        play(&mut stage, 1, 2.1, 1.2);
        let after = draw(&stage.app, &styles, (120, 40));
        let changed = before.content.iter().zip(&after.content).filter(|(a, b)| a != b).count();
        most = most.max(changed);
        before = after;
    }
    assert!((1..60).contains(&most), "{most} cells changed in a second");
}
