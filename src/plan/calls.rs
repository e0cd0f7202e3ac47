//! Ways back by their names: which of them a sentence calls for.
//!
//! Called by `triggers` and by `plan` for limits that call for a way back.

use std::collections::{HashMap, HashSet};

use super::words::fold;
use super::{Procedure, ProcedureId, ProcedureKind};

/// Ways back by the words of their titles.
pub(crate) struct Calls<'a> {
    /// By its folded words: which procedure.
    names: HashMap<String, usize>,
    /// The first words of the names.
    firsts: HashSet<String>,
    list: &'a [Procedure],
}

/// The most words that a name is called by; a longer title is a sentence.
const NAME_WORDS: usize = 16;

impl<'a> Calls<'a> {
    /// Indexes the ways back of `list`; a title of one word is no name, everybody says "rollback".
    pub fn new(list: &'a [Procedure]) -> Calls<'a> {
        let (mut names, mut firsts) = (HashMap::new(), HashSet::new());
        for (i, procedure) in list.iter().enumerate().filter(|(_, p)| p.kind == ProcedureKind::Rollback) {
            let name = fold(procedure.title.split(['(', '（']).next().unwrap_or(&procedure.title));
            if let Some((first, _)) = name.split_once(' ') {
                firsts.insert(first.to_owned());
                names.entry(name).or_insert(i);
            }
        }
        Calls { names, firsts, list }
    }

    /// The procedure that a sentence calls for: "Immediate rollback" is "Immediate Rollback (if critical issues)".
    pub fn of(&self, text: &str) -> Option<ProcedureId> {
        let said = fold(text);
        let borders = || std::iter::once(0).chain(said.match_indices(' ').map(|(at, _)| at + 1));
        let first = |at: &usize| self.firsts.contains(said[*at..].split(' ').next().unwrap_or(""));
        let found = borders().filter(first).filter_map(|at| self.begun_by(&said[at..])).min();
        found.map(|i| self.list[i].id.clone())
    }

    /// The first of the procedures whose name a text begins with.
    fn begun_by(&self, said: &str) -> Option<usize> {
        let ends = said.match_indices(' ').map(|(at, _)| at).chain([said.len()]).take(NAME_WORDS);
        ends.filter_map(|end| self.names.get(&said[..end])).min().copied()
    }
}
