//! Damaged documents, each with what a person is told and what is left of the plan.

use crate::invariants;
use crate::plan::{Level, Plan, read};

fn told<'a>(plan: &'a Plan, word: &str) -> Option<&'a Level> {
    plan.problems.iter().find(|p| p.message.contains(word)).map(|p| &p.level)
}

#[test]
fn nesting_without_end_is_shown_as_plain_text() {
    let deep = |marker: &str| format!("{}x\n", marker.repeat(10_000));
    for text in [deep(">"), deep("> "), deep("- "), deep("1. ")] {
        let plan = read(text.as_bytes(), "p");
        assert_eq!(told(&plan, "deep"), Some(&Level::Error), "{:?}", plan.problems);
        assert!(plan.items.is_empty() && plan.text == text);
    }
    for marker in ["[", "`", "*", "_", "[^", "![", "<"] {
        invariants::hold(deep(marker).as_bytes());
    }
}

#[test]
fn every_encoding_gives_the_same_items() {
    let text = "# P\n\n- [ ] a – b\n- [ ] c\n";
    let utf16 = |bom: [u8; 2], unit: fn(u16) -> [u8; 2]| {
        bom.into_iter().chain(text.encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
    };
    let items = |bytes: &[u8]| read(bytes, "p").items;
    for (bytes, word) in [
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "byte order mark"),
        (utf16([0xff, 0xfe], u16::to_le_bytes), "UTF-16"),
        (utf16([0xfe, 0xff], u16::to_be_bytes), "UTF-16"),
        (text.replace('\n', "\r\n").into_bytes(), "CRLF"),
        (text.replace('\n', "\r").into_bytes(), "lone CR"),
    ] {
        assert_eq!(items(&bytes), items(text.as_bytes()), "{word}");
        assert!(told(&read(&bytes, "p"), word).is_some(), "{word}");
    }
}

#[test]
fn lost_bytes_are_said_by_line() {
    for (bytes, line) in
        [(&b"# P\n\n- [ ] a\xff\n"[..], 3), (b"# P\n- [ ] a\0\n", 2), (b"\xff\xfe\0\xd8#\0", 1)]
    {
        assert_eq!(read(bytes, "p").lossy, Some(line));
    }
    assert_eq!(read("# P\n\u{fffd}\n".as_bytes(), "p").lossy, None, "written so");
}

#[test]
fn equal_headings_and_items_are_told_apart() {
    let plan = read(b"## Rollback Plan\n- [ ] a\n- [ ] a\n## Rollback Plan\n- [ ] a\n", "p");
    let mut ids: Vec<_> = plan.items.iter().map(|i| &i.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[test]
fn a_mark_in_a_heading_ticks_nothing() {
    let plan = read("# P\n### Tests ✅\n- [ ] a\n- [ ] b\n".as_bytes(), "p");
    assert!(plan.items.iter().all(|i| !i.checked) && told(&plan, "claims done").is_some());
}

#[test]
fn what_is_not_rendered_is_no_task_and_no_command() {
    for text in [
        "<!--\n- [ ] a\n-->\n",
        "```\n- [ ] a\n```\n",
        "    - [ ] a\n",
        "````\n```\n- [ ] a\n```\n````\n",
        "```\n- [ ] a\n",
    ] {
        assert!(read(text.as_bytes(), "p").items.is_empty(), "{text}");
    }
    let plan = read(b"## Rollback\n<!--\n```bash\ngit revert HEAD\n```\n-->\n", "p");
    assert!(plan.procedures.iter().all(|p| p.commands.is_empty() && p.steps.is_empty()));
    let open = read(b"## Rollback\n```bash\ngit revert HEAD\n", "p");
    assert_eq!(told(&open, "never closed"), Some(&Level::Warning));
}

#[test]
fn a_command_has_the_line_it_stands_on() {
    for (text, line) in
        [("## Rollback\n```bash\ngit revert HEAD\n```\n", 3), ("## Rollback\n\n    git revert HEAD\n", 3)]
    {
        let plan = read(text.as_bytes(), "p");
        let commands = plan.procedures.iter().flat_map(|p| &p.commands);
        assert_eq!(commands.map(|c| c.line).collect::<Vec<_>>(), [line], "{text}");
    }
}

#[test]
fn a_long_line_is_read_at_its_beginning_and_said() {
    let text = format!("# P\n\n- [ ] {}\n- [ ] next\n", "word ".repeat(3000));
    let plan = read(text.as_bytes(), "p");
    assert_eq!(plan.items.len(), 2);
    assert_eq!(told(&plan, "more than 4096 bytes"), Some(&Level::Note));
    assert!(plan.items[0].text.len() <= 4096 && plan.text == text);
}
