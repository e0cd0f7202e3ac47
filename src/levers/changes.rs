//! What of an executable set is new, gone or another since somebody allowed it, and the words a person
//! says for it. Pure.

use super::allow::{ExecutableSet, Part, What};
use crate::text::clean;

/// A part of what can reach outside, against what was allowed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// At the same place as something that went: old, new.
    Other(&'a Part, &'a Part),
    /// Not there before.
    Added(&'a Part),
    /// Not there any more.
    Removed(&'a Part),
    /// As it was, or nothing was ever allowed.
    Same(&'a Part),
}

/// Every part of a set, what changed first.
pub fn changes<'a>(set: &'a ExecutableSet, before: Option<&'a ExecutableSet>) -> Vec<Change<'a>> {
    let same = set.parts().iter();
    let Some(before) = before else { return same.map(Change::Same).collect() };
    let difference = set.diff(before);
    let mut removed = difference.removed;
    let mut changes = vec![];
    let mut added = vec![];
    for part in &difference.added {
        let place = |old: &&Part| old.place == part.place && old.kind() == part.kind();
        match removed.iter().position(place) {
            Some(at) => changes.push(Change::Other(removed.remove(at), part)),
            None => added.push(Change::Added(part)),
        }
    }
    changes.extend(added);
    changes.extend(removed.into_iter().map(Change::Removed));
    let kept = same.filter(|part| !difference.added.iter().any(|new| std::ptr::eq(*new, *part)));
    changes.extend(kept.map(Change::Same));
    changes
}

impl Part {
    /// What it is, in words.
    pub fn kind(&self) -> String {
        match &self.what {
            What::Command { language, .. } if language.is_empty() => "command".to_owned(),
            What::Command { language, .. } => format!("command, {}", clean(language)),
            What::Poll { .. } => "asked again and again".to_owned(),
            What::Secret { .. } => "secret".to_owned(),
            What::Flag { .. } => "flag".to_owned(),
            What::Procedure { .. } => "how it is run".to_owned(),
            What::Base { .. } => "where requests go".to_owned(),
            What::Blank { .. } => "fills a blank".to_owned(),
        }
    }

    /// Where it stands: the line of the plan, or the file beside it.
    pub fn whereabouts(&self) -> String {
        match self.line {
            0 => format!("{}  {}", super::bound::FILE, clean(&self.place)),
            line => format!("line {line}  {}", clean(&self.place)),
        }
    }
}

impl ExecutableSet {
    /// What a person types to allow it: it cannot have been typed before the set was shown, and says so
    /// where something in it cannot be seen.
    pub fn phrase(&self) -> String {
        let hidden = if self.parts().iter().any(Part::has_hidden) { " hidden" } else { "" };
        let digest = self.digest();
        let hex = digest.trim_start_matches("sha256:");
        format!("allow{hidden} {}", hex.get(..6).unwrap_or(hex))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::binding::Binding;

    fn set(commands: &[&str]) -> ExecutableSet {
        let way = |c: &&str| format!("### Way {}\n\n```bash\n{c}\n```\n\n", c.chars().next().unwrap());
        let ways: String = commands.iter().map(way).collect();
        let plan = crate::plan::read(format!("# L\n\n## Rollback Procedures\n\n{ways}").as_bytes(), "plan");
        ExecutableSet::of(&plan, &Binding::default())
    }

    #[test]
    fn what_changed_comes_first_old_beside_new() {
        let (before, now) = (set(&["a 1", "b 1", "c 1"]), set(&["a 2", "c 1", "d 1"]));
        let told: Vec<_> = changes(&now, Some(&before))
            .into_iter()
            .map(|change| match change {
                Change::Other(old, new) => format!("~{} {}", old.shown()[0], new.shown()[0]),
                Change::Added(new) => format!("+{}", new.shown()[0]),
                Change::Removed(old) => format!("-{}", old.shown()[0]),
                Change::Same(part) => format!("={}", part.shown()[0]),
            })
            .collect();
        assert_eq!(told, ["~a 1 a 2", "+d 1", "-b 1", "=c 1"]);
        assert!(changes(&now, None).iter().all(|c| matches!(c, Change::Same(_))));
        assert_ne!(before.phrase(), now.phrase());
        assert!(set(&["a \u{202e}"]).phrase().starts_with("allow hidden "));
    }
}
