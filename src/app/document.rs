//! The plan line by line, each with what it was read as: the Plan screen.

use super::{App, Tone};
use crate::plan::{Item, Plan};

/// What a line of the plan is; indices point into the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Part {
    Phase(usize),
    Item(usize),
    Limit(usize),
    Flag(usize),
    Procedure(usize),
    SignOff(usize),
    Message(usize),
    Endpoint(usize),
    Contact(usize),
    Problem(usize),
    /// Stayed prose.
    Unread,
}

/// The plan's lines with a cursor.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The text of each line.
    pub lines: Vec<String>,
    /// The line under the cursor, counted from 0.
    pub at: usize,
    parts: Vec<Vec<Part>>,
}

impl Document {
    /// The lines of a plan.
    pub fn new(plan: &Plan) -> Self {
        let lines: Vec<String> = plan.text.lines().map(str::to_owned).collect();
        let mut document = Self { parts: vec![vec![]; lines.len()], lines, at: 0 };
        document.mark(plan);
        document
    }

    /// What a line was read as.
    pub fn parts(&self, line: usize) -> &[Part] {
        self.parts.get(line).map_or(&[], Vec::as_slice)
    }

    fn mark(&mut self, plan: &Plan) {
        fn each<'a, T: 'a>(
            of: &'a [T],
            line: impl Fn(&T) -> usize + 'a,
        ) -> impl Iterator<Item = (usize, usize)> + 'a {
            of.iter().enumerate().map(move |(n, x)| (n, line(x)))
        }
        let all = each(&plan.phases, |p| p.line).map(|(n, l)| (Part::Phase(n), l));
        let all = all.chain(each(&plan.items, |i| i.line).map(|(n, l)| (Part::Item(n), l)));
        let all = all.chain(each(&plan.thresholds, |t| t.line).map(|(n, l)| (Part::Limit(n), l)));
        let all = all.chain(each(&plan.flags, |f| f.line).map(|(n, l)| (Part::Flag(n), l)));
        let all = all.chain(each(&plan.procedures, |p| p.line).map(|(n, l)| (Part::Procedure(n), l)));
        let all = all.chain(each(&plan.signoffs, |s| s.line).map(|(n, l)| (Part::SignOff(n), l)));
        let all = all.chain(each(&plan.messages, |m| m.line).map(|(n, l)| (Part::Message(n), l)));
        let all = all.chain(each(&plan.endpoints, |e| e.line).map(|(n, l)| (Part::Endpoint(n), l)));
        let all = all.chain(each(&plan.contacts, |c| c.line).map(|(n, l)| (Part::Contact(n), l)));
        let all = all.chain(each(&plan.problems, |p| p.line).map(|(n, l)| (Part::Problem(n), l)));
        let unread = plan.unread.iter().flat_map(|[from, to]| (*from..=*to).map(|l| (Part::Unread, l)));
        for (part, line) in all.chain(unread) {
            if let Some(parts) = line.checked_sub(1).and_then(|l| self.parts.get_mut(l)) {
                parts.push(part);
            }
        }
    }
}

impl App {
    /// The plan screen's document, made when it is first looked at.
    pub(super) fn look_at_document(&mut self) {
        if self.document.is_none() {
            let mut document = Document::new(&self.room.plan);
            let first = self.room.plan.items.iter().find(|i| !self.room.mark(i).settled());
            document.at = first.map_or(0, |i| i.line.saturating_sub(1));
            self.document = Some(document);
        }
    }

    /// The item on the document's line under the cursor.
    pub(super) fn document_item(&self) -> Option<&Item> {
        let document = self.document.as_ref()?;
        document.parts(document.at).iter().find_map(|part| match part {
            Part::Item(i) => self.room.plan.items.get(*i),
            _ => None,
        })
    }

    pub(super) fn move_in_document(&mut self, rows: isize) {
        if let Some(document) = &mut self.document {
            let last = document.lines.len().saturating_sub(1);
            document.at = document.at.saturating_add_signed(rows).min(last);
        }
    }

    /// To the next line with an open item.
    pub(super) fn next_open_line(&mut self) {
        let Some(document) = &self.document else { return };
        let open = |line: &usize| {
            document.parts(*line).iter().any(|part| match part {
                Part::Item(i) => !self.room.mark(&self.room.plan.items[*i]).settled(),
                _ => false,
            })
        };
        let at = document.at;
        let next = (at + 1..document.lines.len()).chain(0..=at).find(open);
        match (next, &mut self.document) {
            (Some(next), Some(document)) => document.at = next,
            _ => self.say(Tone::Good, "nothing open in this plan"),
        }
    }
}
