//! A tick written into the plan's own bytes: exactly one byte, in exactly the box of one item, or
//! nothing. Pure; `cli` writes the file.
//!
//! Where the box is, is not worked out by rules of our own: each bracket pair of the line that could
//! be one is turned, the result is read again, and only if this very item and nothing else changed
//! was it the right one. So BOM, CRLF, mojibake and a missing last newline stay as they are.

use thiserror::Error;

use super::{ItemId, ItemKind, Plan, read};

/// So many bracket pairs of a line are tried.
const TRIES: usize = 16;

/// Why no box is written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoBox {
    /// The reading is of other bytes.
    #[error("the plan's file changed meanwhile")]
    Changed,
    /// Not every byte of it has a meaning.
    #[error("the plan is not valid UTF-8")]
    Lossy,
    /// The plan has no such item.
    #[error("the plan has no item {0}")]
    Unknown(String),
    /// The item is no task with a box of its own.
    #[error("line {0} has no box of this item alone")]
    None(usize),
}

/// Where the byte of a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoxByte {
    /// Offset in the file.
    pub at: usize,
    /// What belongs there.
    pub byte: u8,
}

/// The byte that ticks or unticks `item` in `bytes`, of which `plan` is the reading; none where it
/// says so already.
///
/// # Errors
/// Why not.
///
/// ```
/// use warroom::plan::{read, write_back::box_byte};
/// let bytes = b"# Go\r\n\r\n- [ ] Deploy";
/// let plan = read(bytes, "p");
/// assert_eq!(box_byte(bytes, &plan, &plan.items[0].id, true).unwrap().unwrap().at, 11);
/// ```
pub fn box_byte(bytes: &[u8], plan: &Plan, item: &ItemId, ticked: bool) -> Result<Option<BoxByte>, NoBox> {
    if plan.lossy.is_some() || matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(NoBox::Lossy);
    }
    let again = read(bytes, "");
    if again.digest != plan.digest {
        return Err(NoBox::Changed);
    }
    let place = again.items.iter().position(|i| &i.id == item);
    let place = place.ok_or_else(|| NoBox::Unknown(item.to_string()))?;
    let wanted = &again.items[place];
    if !matches!(wanted.kind, ItemKind::Task | ItemKind::Table) {
        return Err(NoBox::None(wanted.line));
    }
    if wanted.checked == ticked {
        return Ok(None);
    }
    let byte = if ticked { b'x' } else { b' ' };
    let range = line_range(bytes, wanted.line).ok_or(NoBox::None(wanted.line))?;
    let mut changed = bytes.to_vec();
    for at in boxes(&bytes[range.clone()]).take(TRIES).map(|at| range.start + at) {
        let before = std::mem::replace(&mut changed[at], byte);
        if turns_only(&again, &read(&changed, ""), place, ticked) {
            return Ok(Some(BoxByte { at, byte }));
        }
        changed[at] = before;
    }
    Err(NoBox::None(wanted.line))
}

/// Where the middle of a `[ ]`, `[x]` or `[X]` is.
fn boxes(line: &[u8]) -> impl Iterator<Item = usize> + '_ {
    line.windows(3).enumerate().filter_map(|(at, w)| matches!(w, b"[ ]" | b"[x]" | b"[X]").then_some(at + 1))
}

/// Whether the second reading has the same items, and only the one at `place` turned.
fn turns_only(old: &Plan, new: &Plan, place: usize, ticked: bool) -> bool {
    old.items.len() == new.items.len()
        && old.items.iter().zip(&new.items).enumerate().all(|(at, (a, b))| {
            let checked = if at == place { ticked } else { a.checked };
            (&a.id, &a.text, a.line, a.kind) == (&b.id, &b.text, b.line, b.kind) && b.checked == checked
        })
}

/// The bytes of a line; lines end in LF, CRLF or a lone CR.
fn line_range(bytes: &[u8], line: usize) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for _ in 1..line {
        let end = start + bytes[start..].iter().position(|b| matches!(b, b'\n' | b'\r'))?;
        start = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    let rest = bytes.get(start..)?;
    Some(start..start + rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with the item at `place` ticked or unticked.
    fn turned(text: &[u8], place: usize, ticked: bool) -> Result<Vec<u8>, NoBox> {
        let plan = read(text, "p");
        let found = box_byte(text, &plan, &plan.items[place].id, ticked)?;
        let mut bytes = text.to_vec();
        if let Some(found) = found {
            bytes[found.at] = found.byte;
        }
        Ok(bytes)
    }

    #[test]
    fn one_byte_changes_and_nothing_else() {
        for (before, after) in [
            (&b"- [ ] a"[..], &b"- [x] a"[..]),
            (b"\xef\xbb\xbf# T\r\n\r\n* [ ] a [ ] b\r\n", b"\xef\xbb\xbf# T\r\n\r\n* [x] a [ ] b\r\n"),
            (b"# T\r\r1. [ ] a", b"# T\r\r1. [x] a"),
            (b"> - [ ] a\n", b"> - [x] a\n"),
            (b"- - [ ] a\n", b"- - [x] a\n"),
            (
                "# T\n- [ ] a \u{e2}\u{153}\u{2026} b\n".as_bytes(),
                "# T\n- [x] a \u{e2}\u{153}\u{2026} b\n".as_bytes(),
            ),
            (
                b"# T\n\n| Task | Done |\n|---|---|\n| a | [ ] |\n",
                b"# T\n\n| Task | Done |\n|---|---|\n| a | [x] |\n",
            ),
        ] {
            let shown = String::from_utf8_lossy(before);
            assert_eq!(turned(before, 0, true).as_deref(), Ok(after), "{shown}");
            assert_eq!(turned(after, 0, false).as_deref(), Ok(before), "{shown}");
            assert_eq!(turned(after, 0, true).as_deref(), Ok(after), "{shown}: it says so already");
        }
    }

    #[test]
    fn without_a_box_nothing_is_written() {
        let action = b"# T\n\n## Phase 1: Canary (Day 1)\n\n- Deploy it\n- Watch it\n";
        assert_eq!(turned(action, 0, true), Err(NoBox::None(5)));
        let words = b"# T\n\n| Task | Done |\n|---|---|\n| a | no |\n";
        assert_eq!(turned(words, 0, true), Err(NoBox::None(5)));
        let lossy = b"# T\n- [ ] a \xff\n";
        assert_eq!(turned(lossy, 0, true), Err(NoBox::Lossy));
        let plan = read(b"- [ ] a", "p");
        assert_eq!(box_byte(b"- [ ] b", &plan, &plan.items[0].id, true), Err(NoBox::Changed));
    }

    #[test]
    fn every_box_of_a_plan_can_be_turned() {
        let text = b"# T\n\n## Before\n- [ ] a\n  - [ ] b\n- [x] a\n\n| w | x | y |\n|---|---|---|\n| c | [ ] | [ ] |\n";
        let plan = read(text, "p");
        assert!(plan.items.len() >= 3);
        for place in 0..plan.items.len() {
            let wanted = !plan.items[place].checked;
            let bytes = turned(text, place, wanted).unwrap();
            assert_eq!(bytes.iter().zip(text).filter(|(a, b)| a != b).count(), 1);
            assert_eq!(read(&bytes, "p").items[place].checked, wanted);
        }
    }
}
