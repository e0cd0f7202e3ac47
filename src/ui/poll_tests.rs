//! A gate's row, its poll and the count on whole screens.

use super::tests::{draw, text};
use super::*;
use crate::app::stage::Stage;
use crate::plan::binding::Binding;
use crate::room::Event;

const PLAN: &str = "# Launch\n\n## Phase 1: Dark launch (Hour 0-2)\n\n- [ ] Switch on\n- [ ] Look at the logs\n\n\
    ## Phase 2: Full (Hour 2-4)\n\n- [ ] Go on\n\n## Sign-offs\n\n- Engineering Lead: ____________\n\
    - Product Owner: ____________\n- CTO: ____________\n";

/// The first role said GO, somebody ticked an item since, the last one said NO-GO early.
fn moment() -> Stage {
    let binding: Binding = toml::from_str("people = { CTO = ['ana@host'] }").unwrap();
    let mut stage = Stage::over(crate::plan::read_with(PLAN.as_bytes(), "plan", &binding));
    stage.keys(":t0 2026-11-21 12:30<enter>v<enter>kkg<enter>");
    let item = stage.app.room.plan.items[0].clone();
    stage.happened(Event::ItemTicked { item: item.id, text: item.text });
    stage.keys("jjn<enter>no backup yet<enter>");
    stage
}

fn drawn(stage: &Stage, size: (u16, u16)) -> String {
    text(&draw(&stage.app, &Styles::standard(Depth::True, false), size))
}

#[test]
fn a_poll_shows_who_said_what_and_what_changed_since() {
    let mut stage = moment();
    stage.keys("v");
    insta::assert_snapshot!("poll_80x24", drawn(&stage, (80, 24)));
    insta::assert_snapshot!("poll_120x40", drawn(&stage, (120, 40)));
    for size in [(20, 4), (40, 10), (50, 12), (200, 60)] {
        drawn(&stage, size);
    }
    stage.keys("<esc>2");
    let lists = drawn(&stage, (120, 40));
    for words in ["POLL: Engineering Lead", "poll ? Engineering Lead: asked again", "✗ CTO"] {
        assert!(lists.contains(words), "{words}\n{lists}");
    }
}

#[test]
fn the_header_says_that_the_count_stands_and_the_board_by_how_much_a_phase_is_late() {
    let mut stage = moment();
    stage.keys(":clock hold waiting for the bank<enter>");
    stage.wait(65_000);
    let held = drawn(&stage, (120, 40));
    assert!(held.contains("T-00:29:") && held.contains("HOLD 1m05s"), "{held}");
    stage.keys(":clock go<enter>:hold T-10m 15m built in<enter>:start<enter>");
    stage.wait(60 * 60_000);
    let late = drawn(&stage, (160, 50));
    assert!(late.contains("phase 1h00m") && late.contains("T+"), "{late}");
    assert_eq!(stage.app.room.pauses().len(), 2);
}

#[test]
fn a_planned_hold_and_what_is_due_after_the_launch_are_said() {
    let mut stage = moment();
    stage.keys(":hold T-10m 15m built in<enter>");
    for screen in ["0", "1"] {
        stage.keys(screen);
        let now = drawn(&stage, (120, 40));
        assert!(
            now.contains("HOLD ") && now.contains("T-00:10:00 for 15 min, about 12:20: built in"),
            "{now}"
        );
    }
    let plan = "# L\n\n## Phase 1: On (Hours 0-2)\n\n- [ ] Switch on\n\n## After the launch\n\n### Daily\n\
        - [ ] Look at the errors\n- [ ] Compare the revenue\n";
    let mut stage = Stage::over(crate::plan::read_with(plan.as_bytes(), "plan", &Binding::default()));
    assert!(!drawn(&stage, (80, 24)).contains("DUE"), "nothing is due before the launch");
    stage.keys(":t0 2026-11-21 12:30<enter>:start<enter>:complete all is well<enter>");
    for screen in ["0", "1"] {
        stage.keys(screen);
        let now = drawn(&stage, (120, 40));
        assert!(now.contains("DUE ") && now.contains("Look at the errors (line 10)"), "{now}");
        assert!(now.contains("1 more is due"), "{now}");
    }
}

#[test]
fn why_somebody_said_no_is_read_at_every_width() {
    let mut stage = moment();
    let why = "the export of invoices breaks for every tenant whose currency has no cents";
    stage.keys(&format!("vn<enter>{why}<enter>v"));
    let shown = drawn(&stage, (80, 24));
    for part in ["NO-GO: the export of invoices breaks for every", "tenant whose currency has no cents"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(shown.contains("NO-GO, ana 12:00"), "{shown}");
}
