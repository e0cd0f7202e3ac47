//! What an edit of a plan changes in meaning: parts added, removed, reworded, moved, set differently.
//!
//! Pure. Parts of the two plans are paired by id, then by name, then by the closest text in the same
//! section; where something stands in the file is no difference. Called by `warroom check --diff`.

mod around;
mod launch;
mod pairs;
mod parts;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::{Command, Plan, Procedure};
pub use parts::lasting;

use pairs::pair;
use parts::{Entry, Facet, Names, Side};

/// What kind of part changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "named like the parts of the plan")]
pub enum Part {
    Title,
    Phase,
    Item,
    Limit,
    Trigger,
    Flag,
    Ramp,
    Procedure,
    Step,
    Command,
    Host,
    #[serde(rename = "rollback point")]
    RollbackPoint,
    Endpoint,
    Log,
    #[serde(rename = "sign-off")]
    SignOff,
    Contact,
    Message,
    Template,
    Channel,
    Severity,
    Escalation,
    Stage,
    Scenario,
    Risk,
    #[serde(rename = "follow-up")]
    FollowUp,
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Only the new plan has it.
    Added,
    /// Only the old plan has it.
    Removed,
    /// The same in other words.
    Reworded,
    /// It belongs to something else now, or comes at another time.
    Moved,
    /// The new plan has it ticked.
    Ticked,
    /// The new plan has it open again.
    Unticked,
    /// One aspect of it is another.
    Changed,
}

/// What one of the plans says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Its line there.
    pub line: usize,
    /// In words; of a command the exact text.
    pub text: String,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Of what kind the part is.
    pub part: Part,
    /// What became of it.
    pub how: How,
    /// The part, as the new plan calls it; as the old one where it is gone.
    pub name: String,
    /// The phase or procedure it belongs to; may be empty.
    pub place: String,
    /// Which aspect changed ("for", "severity", "window"); empty for the part itself.
    pub aspect: String,
    /// What the old plan says.
    pub before: Option<Said>,
    /// What the new plan says.
    pub after: Option<Said>,
    /// Whether it changes what can reach outside, so that it has to be allowed anew.
    pub executable: bool,
}

/// What `new` says that `old` does not, and the other way round: by kind of part, then by line.
///
/// ```
/// use warroom::plan::{diff::diff, read};
/// let old = read(b"# P\n## Alerts\n- Error rate > 5%\n", "p");
/// let new = read(b"# P\n## Alerts\n- Error rate > 3%\n", "p");
/// let changes = diff(&old, &new);
/// assert_eq!(changes.len(), 1);
/// assert_eq!(changes[0].after.as_ref().map(|s| s.text.as_str()), Some("> 3 %"));
/// assert_eq!(diff(&old, &old), []);
/// ```
pub fn diff(old: &Plan, new: &Plan) -> Vec<Change> {
    let mut out = vec![];
    let (before, after) = sides(old, new, &mut out);
    for list in parts::LISTS {
        let (a, b) = (list(&before), list(&after));
        let pairs = pair(&a, &b);
        compare(&a, &b, &pairs, &mut out);
    }
    orders(old, new, &before, &mut out);
    hosts(old, new, &mut out);
    out.sort_by_key(|c| (c.part, line_of(c)));
    out
}

fn line_of(change: &Change) -> usize {
    change.after.as_ref().or(change.before.as_ref()).map_or(0, |s| s.line)
}

/// The two plans, the phases, procedures and sign-offs of the old one called as the new one calls them.
fn sides<'a>(old: &'a Plan, new: &'a Plan, out: &mut Vec<Change>) -> (Side<'a>, Side<'a>) {
    let (bare, after) = (Side::new(old, Names::default()), Side::new(new, Names::default()));
    let mut names = Names::default();
    let owners = [
        (launch::phases as parts::List, &mut names.phases),
        (launch::procedures, &mut names.procedures),
        (launch::signoffs, &mut names.signoffs),
    ];
    for (list, known) in owners {
        let (a, b) = (list(&bare), list(&after));
        let pairs = pair(&a, &b);
        known.extend(a.iter().map(|e| (e.id.clone(), format!("gone {}", e.id))));
        known.extend(pairs.iter().map(|(i, j)| (a[*i].id.clone(), b[*j].id.clone())));
        compare(&a, &b, &pairs, out);
    }
    (Side::new(old, names), after)
}

fn compare(old: &[Entry], new: &[Entry], pairs: &[(usize, usize)], out: &mut Vec<Change>) {
    let (mut gone, mut fresh) = (vec![true; old.len()], vec![true; new.len()]);
    for (i, j) in pairs {
        (gone[*i], fresh[*j]) = (false, false);
        differences(&old[*i], &new[*j], out);
    }
    let left = |entries: &'_ [Entry], marks: Vec<bool>| -> Vec<Entry> {
        entries.iter().zip(marks).filter(|(e, left)| *left && !e.inner).map(|(e, _)| e.clone()).collect()
    };
    out.extend(left(old, gone).iter().map(|e| change(e, How::Removed, "", Some(e.said()), None)));
    out.extend(left(new, fresh).iter().map(|e| change(e, How::Added, "", None, Some(e.said()))));
}

fn change(entry: &Entry, how: How, aspect: &str, before: Option<Said>, after: Option<Said>) -> Change {
    Change {
        part: entry.part,
        how,
        name: entry.name.clone(),
        place: entry.place.clone(),
        aspect: aspect.to_owned(),
        before,
        after,
        executable: entry.executable,
    }
}

/// What two entries for the same part say differently.
fn differences(old: &Entry, new: &Entry, out: &mut Vec<Change>) {
    if old.text != new.text {
        let how = if new.part == Part::Command { How::Changed } else { How::Reworded };
        out.push(change(new, how, "", Some(old.said()), Some(new.said())));
    }
    let named = |facets: &[Facet], name: &str| facets.iter().position(|f| f.name == name);
    let only_new = new.facets.iter().filter(|f| named(&old.facets, &f.name).is_none());
    for facet in old.facets.iter().chain(only_new) {
        let find = |entry: &Entry| named(&entry.facets, &facet.name).map(|i| entry.facets[i].clone());
        let (before, after) = (find(old), find(new));
        if before.as_ref().map(|f| &f.means) != after.as_ref().map(|f| &f.means) {
            let how = how(&facet.name, after.as_ref());
            let said = |facet: Option<Facet>, line| facet.map(|f| Said { line, text: f.shown });
            let (before, after) = (said(before, old.line), said(after, new.line));
            out.push(change(new, how, &facet.name, before, after));
        }
    }
}

fn how(aspect: &str, after: Option<&Facet>) -> How {
    match (aspect, after.map(|f| f.means.as_str())) {
        (parts::TICKED, Some("ticked")) => How::Ticked,
        (parts::TICKED, _) => How::Unticked,
        (parts::OWNER, _) => How::Moved,
        _ => How::Changed,
    }
}

/// The order of phases, and of the steps and commands of each procedure: it means something.
fn orders(old: &Plan, new: &Plan, before: &Side<'_>, out: &mut Vec<Change>) {
    let of = |plan: &Plan, side: Option<&Side<'_>>| -> Vec<(String, String)> {
        let id = |id: &str| side.map_or(id.to_owned(), |s| s.phase_key(id));
        plan.top_phases().map(|p| (id(p.id.as_str()), p.name.clone())).collect()
    };
    let line = new.top_phases().next().map_or(0, |p| p.line);
    if let Some((was, is)) = reordered(of(old, Some(before)), of(new, None)) {
        out.push(ordered(Part::Phase, "the phases", line, was, is, false));
    }
    let known: HashMap<String, &Procedure> =
        old.procedures.iter().map(|p| (before.procedure_key(p.id.as_str()), p)).collect();
    for now in &new.procedures {
        let Some(then) = known.get(now.id.as_str()) else { continue };
        let steps = |p: &Procedure| p.steps.iter().map(|s| (s.text.clone(), s.text.clone())).collect();
        if let Some((was, is)) = reordered(steps(then), steps(now)) {
            out.push(ordered(Part::Procedure, &now.title, now.line, was, is, false));
        }
        let texts = |p: &Procedure| commands(p).map(|c| (c.text.clone(), c.text.clone())).collect();
        if let Some((was, is)) = reordered(texts(then), texts(now)) {
            out.push(ordered(Part::Command, &now.title, now.line, was, is, true));
        }
    }
}

fn ordered(part: Part, name: &str, line: usize, was: String, is: String, executable: bool) -> Change {
    let said = |text| Some(Said { line, text });
    let (name, aspect) = (name.to_owned(), "order".to_owned());
    Change {
        part,
        how: How::Moved,
        name,
        place: String::new(),
        aspect,
        before: said(was),
        after: said(is),
        executable,
    }
}

/// The orders of what both have, where they differ. What occurs twice has no order to compare.
fn reordered(old: Vec<(String, String)>, new: Vec<(String, String)>) -> Option<(String, String)> {
    let count = |list: &[(String, String)]| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        list.iter().for_each(|(key, _)| *counts.entry(key.clone()).or_default() += 1);
        counts
    };
    let (a, b) = (count(&old), count(&new));
    let both = |key: &str| a.get(key) == Some(&1) && b.get(key) == Some(&1);
    let kept = |list: Vec<(String, String)>| -> (Vec<String>, Vec<String>) {
        list.into_iter().filter(|(key, _)| both(key)).unzip()
    };
    let ((a, was), (b, is)) = (kept(old), kept(new));
    (a != b).then(|| (was.join(", "), is.join(", ")))
}

/// All commands of a procedure.
fn commands(procedure: &Procedure) -> impl Iterator<Item = &Command> {
    procedure.steps.iter().flat_map(|s| &s.commands).chain(&procedure.commands)
}

/// The hosts that the requests of the two plans name.
fn hosts(old: &Plan, new: &Plan, out: &mut Vec<Change>) {
    let of = |plan: &Plan| -> BTreeSet<(String, usize)> {
        let requests =
            plan.procedures.iter().flat_map(commands).filter_map(|c| Some((c.http.as_ref()?, c.line)));
        requests.filter_map(|(http, line)| Some((host(&http.url)?, line))).collect()
    };
    let (was, is) = (of(old), of(new));
    let mut only = |from: &BTreeSet<(String, usize)>, other: &BTreeSet<(String, usize)>, how| {
        let mut last = None;
        for (host, line) in from {
            if last != Some(host) && !other.iter().any(|(h, _)| h == host) {
                let said = Some(Said { line: *line, text: host.clone() });
                let (before, after) = if how == How::Added { (None, said) } else { (said, None) };
                let (name, empty) = (host.clone(), String::new());
                let part = Part::Host;
                out.push(Change {
                    part,
                    how,
                    name,
                    place: empty.clone(),
                    aspect: empty,
                    before,
                    after,
                    executable: true,
                });
            }
            last = Some(host);
        }
    };
    only(&was, &is, How::Removed);
    only(&is, &was, How::Added);
}

/// "api.example.com:8080" of an address.
fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty()).then(|| host.to_lowercase())
}

#[cfg(test)]
mod tests;
