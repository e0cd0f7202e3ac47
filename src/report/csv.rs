//! A report as a table for a spreadsheet (RFC 4180): events, or items. A cell that a spreadsheet would
//! take for a formula gets an apostrophe in front.

use super::account::{Account, ItemTold};
use crate::room::Entry;
use crate::text::clean;

/// The heading of events.
pub const EVENT_HEAD: &str = "seq,time,who,about,item,what\r\n";

/// An event as a row; times are RFC 3339 in UTC.
pub fn event(entry: &Entry) -> String {
    let about = super::kinds::kind_of(&entry.event).word();
    let item = entry.event.item().map(|id| id.to_string()).unwrap_or_default();
    row(&[&entry.seq.to_string(), &time(entry.at), &entry.by, about, &item, &entry.event.sentence()])
}

/// Every item with where it stands.
pub fn items(account: &Account) -> String {
    let mut out = row(&[
        "id", "line", "part", "item", "kind", "state", "who", "time", "reason", "assignee", "evidence",
        "notes",
    ]);
    for list in &account.checklists {
        list.items.iter().for_each(|i| out += &item(&list.title, i));
    }
    account.orphans.iter().for_each(|i| out += &item("no longer in the plan", i));
    out
}

fn item(part: &str, item: &ItemTold) -> String {
    let said = |all: &[super::account::Remark]| {
        all.iter().map(|r| format!("{}: {}", r.by, r.text)).collect::<Vec<_>>().join("; ")
    };
    row(&[
        &item.id,
        &item.line.to_string(),
        part,
        &item.text,
        &item.kind,
        &item.state,
        item.by.as_deref().unwrap_or_default(),
        &item.at.map(time).unwrap_or_default(),
        item.reason.as_deref().unwrap_or_default(),
        item.assignee.as_deref().unwrap_or_default(),
        &said(&item.evidence),
        &said(&item.notes),
    ])
}

fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn row(cells: &[&str]) -> String {
    cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell that is only ever text: nothing hidden, nothing that is worked out.
fn cell(text: &str) -> String {
    let text = clean(text);
    let acts = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let guard = if acts { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\'', ';']) && text.trim() == text {
        return text.into_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The cells of a row, as RFC 4180 reads it.
    fn read(row: &str) -> Vec<String> {
        let (mut cells, mut now, mut quoted) = (vec![], String::new(), false);
        let mut chars = row.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(c) = chars.next() {
            match (c, quoted) {
                ('"', true) if chars.peek() == Some(&'"') => now.push(chars.next().unwrap()),
                ('"', _) => quoted = !quoted,
                (',', false) => cells.push(std::mem::take(&mut now)),
                (c, _) => now.push(c),
            }
        }
        assert!(!quoted, "{row:?}");
        cells.push(now);
        cells
    }

    #[test]
    fn what_would_be_a_formula_is_text() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", " =cmd|' /C calc'!A0", "\t=1", "＝1"] {
            let found = read(&row(&["a", evil]));
            assert_eq!(found[1], format!("'{}", clean(evil)), "{evil:?}");
        }
        assert_eq!(row(&["a", "b, c", "d \"e\""]), "a,\"b, c\",\"d \"\"e\"\"\"\r\n");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(texts in prop::collection::vec("[ a-b\"',;=+@\\-\r\n\t\\x1b\u{202e}<>]{0,12}", 1..5)) {
            let cells: Vec<&str> = texts.iter().map(String::as_str).collect();
            let found = read(&row(&cells));
            prop_assert_eq!(found.len(), cells.len());
            for (found, text) in found.iter().zip(&cells) {
                let plain = clean(text).into_owned();
                prop_assert!(*found == plain || *found == format!("'{plain}"), "{found:?} of {text:?}");
                let first = found.trim_start().chars().next();
                prop_assert!(!first.is_some_and(|c| "=+-@".contains(c)), "{found:?}");
                prop_assert!(!found.chars().any(char::is_control));
            }
        }
    }
}
