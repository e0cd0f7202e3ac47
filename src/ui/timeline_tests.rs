//! The Timeline screen and the past, drawn at the sizes people have.

use super::tests::{draw, text};
use super::*;
use crate::app::timeline_tests::{Back, back_alert, note};

fn frame(back: &Back, size: (u16, u16)) -> String {
    text(&draw(back.app(), &Styles::standard(Depth::True, false), size))
}

fn says(back: &Back, words: &[&str]) {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let drawn = frame(back, size);
        for word in words {
            assert!(drawn.contains(word), "{word:?} at {size:?}:\n{drawn}");
        }
    }
}

#[test]
fn the_list_has_days_kinds_and_all_of_the_chosen_event() {
    let mut back = Back::new();
    back.wait(13 * 3_600_000);
    back.happens(note("after midnight"));
    back.keys("6kkk");
    says(
        &back,
        &["TIMELINE", "event 6 of 9", "all", "alerts", "ticks 2", "Sat 21 Nov 2026", "Sun 22 Nov 2026"],
    );
    says(&back, &["6.5", "Error rate P1", "rank       P1", "began Rollback Plan", "after midnight"]);
    assert!(!frame(&back, (120, 40)).contains('\u{1b}'));
    back.keys("o");
    says(&back, &["event 6 of 9"]);
    assert!(!frame(&back, (120, 40)).contains("after midnight"));
}

#[test]
fn the_past_is_under_a_band_on_every_screen() {
    let mut back = Back::new();
    back.wait(2 * 3_600_000);
    back.keys("<");
    for key in ["0", "1", "2", "3", "4", "6", "7"] {
        back.keys(key);
        says(&back, &["AS IT WAS 12:0", "(2 h 00 min ago)", "esc", "p play", "< > event"]);
    }
    back.keys("1p");
    says(&back, &["1x"]);
    back.happens(back_alert("P0"));
    says(&back, &["P0 NOW: Error rate P0", "esc back to now"]);
    back.keys("<esc>");
    assert!(!frame(&back, (120, 40)).contains("AS IT WAS"));
}

#[test]
fn what_is_not_there_yet_is_loading() {
    let mut back = Back::new();
    back.answers = false;
    back.keys("<");
    says(&back, &["loading", "AS IT WAS"]);
    let drawn = frame(&back, (120, 40));
    assert!(!drawn.contains("Error rate P1"), "nothing of now under the band:\n{drawn}");
}

#[test]
fn no_size_panics() {
    let mut back = Back::new();
    let styles = Styles::standard(Depth::None, true);
    for keys in ["6", "g", "z", "<enter>", "6", "/bank<enter>", "?"] {
        back.keys(keys);
        for width in [1, 19, 20, 40, 51, 80, 119, 120, 160, 240] {
            for height in [1, 4, 5, 6, 9, 12, 16, 17, 24, 50] {
                let drawn = text(&draw(back.app(), &styles, (width, height)));
                assert!(drawn.is_ascii(), "{keys}: {drawn}");
            }
        }
    }
}

#[test]
fn a_click_chooses_the_row_that_is_drawn_there() {
    let mut back = Back::new();
    back.keys("6");
    for past in [false, true] {
        if past {
            back.keys("<6G");
        }
        let drawn = frame(&back, (80, 24));
        let y = drawn.lines().position(|l| l.contains("began Rollback Plan")).unwrap() as u16;
        let (panel, row) = hit(Rect::new(0, 0, 80, 24), back.app(), 20, y).unwrap();
        back.stage.send(crate::app::Msg::Click { panel, row });
        assert_eq!(back.app().timeline().chosen(), 7, "{drawn}");
    }
}
