//! Documents of other hands under `tests/plans`, each with its expected reading beside it.
//!
//! `NAME.toml` holds lists by category, one entry "LINE WHAT" for each part; a category that is
//! listed is exact, nothing may be missing and nothing extra, one that is not listed is not judged.
//! `owners` alone is partial: only the lines it gives are judged.

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::super::*;

    type Parts = Vec<(usize, String)>;

    /// What was read of one category.
    fn parts(plan: &Plan, category: &str) -> Option<Parts> {
        people(plan, category).or_else(|| measured(plan, category)).or_else(|| launch(plan, category))
    }

    fn launch(plan: &Plan, category: &str) -> Option<Parts> {
        Some(match category {
            "phases" => plan.phases.iter().map(|p| (p.line, phase(p))).collect(),
            "windows" => {
                plan.phases.iter().filter_map(|p| Some((p.line, window(p.window.as_ref()?)?))).collect()
            }
            "shares" => plan.phases.iter().filter_map(|p| Some((p.line, share(p.share.as_ref()?)))).collect(),
            "tasks" => {
                let boxed = plan.items.iter().filter(|i| matches!(i.kind, ItemKind::Task | ItemKind::Table));
                boxed
                    .map(|i| (i.line, format!("[{}] {}", if i.checked { "x" } else { " " }, i.text)))
                    .collect()
            }
            "actions" => entries(plan, ItemKind::Action),
            "criteria" => entries(plan, ItemKind::Criterion),
            "owners" => plan.items.iter().map(|i| (i.line, owner(plan, &i.owner))).collect(),
            "rungs" => {
                let rungs = plan.ramps.iter().flat_map(|r| &r.rungs);
                rungs.map(|r| (r.line, number(r.value.unwrap_or(f64::NAN), Some(&r.unit)))).collect()
            }
            "flags" => plan.flags.iter().map(|f| (f.line, set(&f.name, f.value.as_deref()))).collect(),
            "homes" => {
                let home = |f: &Flag| Some(plan.phase(f.phase.as_ref()?)?.name.clone());
                plan.flags
                    .iter()
                    .filter_map(|f| Some((f.line, format!("{} in {}", f.name, home(f)?))))
                    .collect()
            }
            "settings" => {
                let stages = plan.flags.iter().flat_map(|f| f.stages.iter().map(move |s| (f, s)));
                stages.map(|(f, s)| (s.line, set(&f.name, Some(&s.value)))).collect()
            }
            "procedures" => plan.procedures.iter().map(|p| (p.line, procedure(p))).collect(),
            "steps" => {
                let steps = plan.procedures.iter().flat_map(|p| &p.steps);
                steps.map(|s| (s.line, s.text.clone())).collect()
            }
            "commands" => commands(plan).map(|c| (c.line, first_line(&c.text))).collect(),
            "blanks" => {
                commands(plan).flat_map(|c| c.placeholders.iter().map(|b| (c.line, b.clone()))).collect()
            }
            "points" => plan.rollback_points.iter().map(|p| (p.line, p.name.clone())).collect(),
            "problems" => plan.problems.iter().map(problem).collect(),
            _ => return None,
        })
    }

    fn measured(plan: &Plan, category: &str) -> Option<Parts> {
        Some(match category {
            "limits" => plan.thresholds.iter().map(|t| (t.line, limit(t))).collect(),
            "triggers" => plan.triggers.iter().map(|t| (t.line, trigger(t))).collect(),
            "endpoints" => {
                plan.endpoints.iter().map(|e| (e.line, format!("{} {}", e.method, e.path))).collect()
            }
            "logs" => plan.log_watches.iter().map(|w| (w.line, w.pattern.clone())).collect(),
            "severities" => {
                plan.severities.iter().map(|s| (s.line, format!("{} {}", s.level, s.name))).collect()
            }
            _ => return None,
        })
    }

    fn people(plan: &Plan, category: &str) -> Option<Parts> {
        Some(match category {
            "signoffs" => plan.signoffs.iter().map(|s| (s.line, s.role.clone())).collect(),
            "contacts" => plan.contacts.iter().map(|c| (c.line, c.role.clone())).collect(),
            "messages" => {
                let kind = |m: &Message| format!("{:?}", m.kind).to_lowercase();
                plan.messages.iter().map(|m| (m.line, format!("{} {}", kind(m), m.when))).collect()
            }
            "channels" => plan.channels.iter().map(|c| (c.line, c.name.clone())).collect(),
            "templates" => plan.templates.iter().map(|t| (t.line, t.title.clone())).collect(),
            "risks" => {
                let level = |r: &Risk| r.level.clone().unwrap_or_else(|| "-".to_owned());
                plan.risks.iter().map(|r| (r.line, format!("{} {}", level(r), r.title))).collect()
            }
            "followups" => plan.followups.iter().map(|f| (f.line, f.text.clone())).collect(),
            "incident" => plan.stages.iter().map(|s| (s.line, s.name.clone())).collect(),
            "scenarios" => plan.scenarios.iter().map(|s| (s.line, s.title.clone())).collect(),
            _ => return None,
        })
    }

    fn entries(plan: &Plan, kind: ItemKind) -> Parts {
        plan.items.iter().filter(|i| i.kind == kind).map(|i| (i.line, i.text.clone())).collect()
    }

    fn phase(phase: &Phase) -> String {
        let part = if phase.parent.is_some() { "> " } else { "" };
        let when = phase.window.as_ref().map(|w| format!(" [{}]", w.text)).unwrap_or_default();
        format!("{part}{}{when}", phase.name)
    }

    fn window(window: &Window) -> Option<String> {
        let hours = |seconds: i64| (seconds as f64 / 3600.0).to_string();
        let mut said = Vec::new();
        if let Some((first, last)) = window.days {
            said.push(format!("days {first}..{}", last.map(|d| d.to_string()).unwrap_or_default()));
        }
        if let Some(start) = window.start {
            said.push(format!("hours {}..{}", hours(start), window.end.map(hours).unwrap_or_default()));
        }
        if let Some(at) = &window.at {
            said.push(format!(
                "at {at}{}",
                window.zone.as_ref().map(|z| format!(" {z}")).unwrap_or_default()
            ));
        }
        (!said.is_empty()).then(|| said.join(", "))
    }

    fn share(share: &Share) -> String {
        number(share.value, Some(&share.unit))
    }

    fn number(value: f64, unit: Option<&str>) -> String {
        let unit = unit.unwrap_or("");
        let gap = if unit.starts_with(|c: char| c.is_alphanumeric()) { " " } else { "" };
        if value.is_nan() { unit.to_owned() } else { format!("{value}{gap}{unit}") }
    }

    fn set(name: &str, value: Option<&str>) -> String {
        format!("{name} = {}", value.unwrap_or("?"))
    }

    fn procedure(procedure: &Procedure) -> String {
        let target = procedure.target.map(|s| format!(" in {s}")).unwrap_or_default();
        format!("{} {}{target}", format!("{:?}", procedure.kind).to_lowercase(), procedure.title)
    }

    fn commands(plan: &Plan) -> impl Iterator<Item = &Command> {
        plan.procedures.iter().flat_map(|p| p.steps.iter().flat_map(|s| &s.commands).chain(&p.commands))
    }

    fn first_line(text: &str) -> String {
        text.lines().map(str::trim).find(|line| !line.starts_with('#')).unwrap_or("").to_owned()
    }

    fn limit(limit: &Threshold) -> String {
        let value = match limit.value {
            Some(Value::One(value)) => number(value, limit.unit.as_deref()),
            Some(Value::Range([low, high])) => format!("{low}..{}", number(high, limit.unit.as_deref())),
            None => "-".to_owned(),
        };
        let mut said = format!("{} {} {value}", limit.metric, limit.cmp.as_str());
        said += &limit.hold.map(|s| format!(" for {s}")).unwrap_or_default();
        said += &limit.over.map(|s| format!(" over {s}")).unwrap_or_default();
        said += &format!(" {}", format!("{:?}", limit.role).to_lowercase());
        said += &limit.severity.as_ref().map(|s| format!(" {s}")).unwrap_or_default();
        if let Some(cooldown) = &limit.cooldown {
            said += &format!(" cooldown {}", number(cooldown.value, cooldown.unit.as_deref()));
        }
        said + if limit.baseline { " baseline" } else { "" }
    }

    fn trigger(trigger: &Trigger) -> String {
        let severity = trigger.severity.as_ref().map(|s| format!(" {s}")).unwrap_or_default();
        format!("{}{severity} {}", format!("{:?}", trigger.role).to_lowercase(), trigger.text)
    }

    fn problem(problem: &Problem) -> (usize, String) {
        (problem.line, format!("{} {}", format!("{:?}", problem.level).to_lowercase(), problem.message))
    }

    fn owner(plan: &Plan, owner: &Owner) -> String {
        match owner {
            Owner::Phase(id) => plan.phase(id).map(|p| p.name.clone()).unwrap_or_default(),
            Owner::SignOff(id) => {
                let signoff = plan.signoffs.iter().find(|s| &s.id == id);
                format!("signoff {}", signoff.map_or("", |s| s.role.as_str()))
            }
            Owner::Procedure(id) => {
                let procedure = plan.procedures.iter().find(|p| &p.id == id);
                format!("procedure {}", procedure.map_or("", |p| p.title.as_str()))
            }
            other => format!("{other:?}"),
        }
    }

    fn squeezed(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What `wanted` and `read` do not share, as lines with the file.
    fn compare(file: &str, category: &str, wanted: &[String], read: Parts, out: &mut Vec<String>) {
        let mut read: Vec<(usize, String)> = read.into_iter().map(|(n, t)| (n, squeezed(&t))).collect();
        for entry in wanted {
            let (line, what) = entry.split_once(' ').unwrap_or((entry, ""));
            let (at, what) = (line.parse::<usize>().expect("an entry begins with its line"), squeezed(what));
            let same = |(n, text): &(usize, String)| {
                *n == at && if category == "problems" { said(text, &what) } else { *text == what }
            };
            match read.iter().position(same) {
                Some(found) => {
                    read.remove(found);
                }
                None => out.push(format!("{file}:{line}: {category}: missed  {what}")),
            }
        }
        let judged = |n: &usize| {
            category != "owners" || wanted.iter().any(|w| w.split(' ').next() == Some(&n.to_string()))
        };
        let extra = read.iter().filter(|(n, _)| judged(n));
        out.extend(extra.map(|(n, text)| format!("{file}:{n}: {category}: extra   {text}")));
    }

    /// The level, and a part of the message.
    fn said(text: &str, want: &str) -> bool {
        let (level, part) = want.split_once(' ').unwrap_or((want, ""));
        text.strip_prefix(level).is_some_and(|message| message.contains(part))
    }

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
    }

    fn documents() -> Vec<PathBuf> {
        let entries = fs::read_dir(folder()).expect("tests/plans is there");
        let paths = entries.map(|e| e.expect("an entry").path());
        let mut found: Vec<PathBuf> = paths.filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
        found.sort();
        found
    }

    fn judge(path: &Path, out: &mut Vec<String>) {
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a plain name");
        let file = format!("tests/plans/{stem}.md");
        let Ok(expected) = fs::read_to_string(path.with_extension("toml")) else {
            out.push(format!("{file}:0: its expectation {stem}.toml is missing"));
            return;
        };
        let expected: toml::Table = expected.parse().unwrap_or_else(|e| panic!("{stem}.toml: {e}"));
        let plan = read(&fs::read(path).expect("a document"), stem);
        for (category, value) in &expected {
            if let Some(title) = value.as_str() {
                if plan.title != title {
                    out.push(format!("{file}:1: title: read {:?}, expected {title:?}", plan.title));
                }
                continue;
            }
            let wanted: Vec<String> = value.clone().try_into().expect("a list of texts");
            let read =
                parts(&plan, category).unwrap_or_else(|| panic!("{stem}.toml: no category {category}"));
            compare(&file, category, &wanted, read, out);
        }
        if expected.is_empty() {
            out.push(format!("{file}:0: {stem}.toml judges nothing"));
        }
    }

    #[test]
    fn every_document_is_read_as_expected() {
        let (mut out, documents) = (Vec::new(), documents());
        documents.iter().for_each(|path| judge(path, &mut out));
        assert!(documents.len() >= 40, "{} documents", documents.len());
        assert!(out.is_empty(), "{} differences:\n{}", out.len(), out.join("\n"));
    }
}
