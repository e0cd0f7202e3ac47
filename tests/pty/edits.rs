//! The plan's file is edited while its room is open: saved as editors do, broken, and gone.

use super::{PLAN, TITLE, War};

/// Replaces the plan as an editor does: another file takes its name.
fn save(war: &War, text: &str) {
    let (plan, beside) = (war.home.path().join("checkout.md"), war.home.path().join(".checkout.md.swp"));
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(&beside, &plan).unwrap();
}

#[test]
fn an_edit_on_disk_comes_to_the_screen_with_every_tick_kept() {
    let mut war = War::ready();
    war.pty.wait_for("saved");
    war.pty.keys("2<space>");
    war.pty.wait_for("1/2");
    let edited = PLAN.replace("- [ ] Deploy", "- [ ] Tell support first\n- [ ] Deploy");
    save(&war, &edited);
    war.pty.wait_for("Tell support first");
    war.pty.wait_for("plan changed: 1 item new");
    war.pty.wait_for("1/3");
    let screen = war.pty.screen();
    let line = |text: &str| screen.lines().find(|l| l.contains(text)).unwrap_or_default().to_owned();
    assert!(line("Deploy the canary").contains('✓'), "{screen}");
    assert!(!line("Tell support first").contains('✓'), "{screen}");
    save(&war, "");
    war.pty.wait_for("cannot be followed");
    war.pty.wait_for("still following");
    assert!(war.pty.screen().contains("Tell support first"));
    save(&war, &edited.replace("- [ ] Deploy the canary\n", "- [ ] Do not deploy the canary\n"));
    war.pty.wait_for("No longer in the plan");
    war.pty.wait_gone("still following");
    war.pty.keys("G<enter>");
    war.pty.wait_for("x put away");
    war.pty.keys("<esc>");
    std::fs::remove_file(war.home.path().join("checkout.md")).unwrap();
    war.pty.wait_for("is not there any more");
    war.pty.keys("q");
    war.ends_with(0);
}

#[test]
fn whoever_has_not_the_watch_follows_the_journal() {
    let mut first = War::ready();
    first.pty.wait_for("saved");
    let mut second = War::beside(&first);
    second.wait_for(TITLE);
    second.wait_for("saved");
    save(&first, &PLAN.replace("- [ ] Deploy", "- [ ] Tell support first\n- [ ] Deploy"));
    second.wait_for("Tell support first");
    first.pty.wait_for("Tell support first");
    second.keys("q");
    second.wait_exit();
    first.pty.keys("q");
    first.ends_with(0);
}
