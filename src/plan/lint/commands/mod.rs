//! Commands that will not do what the plan says: rule tables by tool, each rule with its source.
//!
//! Reads words, never runs anything. A rule speaks once a procedure. Called by `lint`.

mod cluster;
mod data;
mod endless;
mod hosting;
mod rule;
mod shell;
mod sql;
mod text;
mod tools;
mod variables;

use super::problem;
use crate::plan::{Command, Level, Plan, Problem, Procedure, ProcedureKind};
use rule::{Case, Place, Rule, Weight};
use shell::{Script, Simple};
use variables::Uses;

/// All rules, the more telling first.
fn rules() -> impl Iterator<Item = &'static Rule> {
    [hosting::RULES, cluster::RULES, data::RULES, tools::RULES, endless::RULES].into_iter().flatten()
}

/// What is wrong with the commands of a plan, one problem a rule and procedure.
pub(super) fn lint(plan: &Plan, out: &mut Vec<Problem>) {
    let mut uses = Uses::default();
    for procedure in &plan.procedures {
        let mut asked = Asked { back: procedure.kind == ProcedureKind::Rollback, told: Vec::new(), out };
        asked.procedure(procedure, &mut uses);
    }
    unset(uses, &plan.text, out);
}

/// A procedure that is being asked about, and what was said of it already.
struct Asked<'a> {
    back: bool,
    told: Vec<&'static str>,
    out: &'a mut Vec<Problem>,
}

impl Asked<'_> {
    fn procedure(&mut self, procedure: &Procedure, uses: &mut Uses) {
        let mut commands: Vec<&Command> =
            procedure.steps.iter().flat_map(|s| &s.commands).chain(&procedure.commands).collect();
        commands.sort_by_key(|c| c.line);
        let mut simples = Vec::new();
        for command in commands {
            if is_sql(&command.language) {
                self.sql(&command.text, command.line);
            } else if is_shell(command) {
                let script = shell::read(&command.text);
                if self.text(command, &script) {
                    uses_of(&script, command.line, self.back, uses);
                }
                let own = script.commands.into_iter().map(|c| Simple { line: command.line + c.line, ..c });
                for simple in own {
                    let inner = simple.inner();
                    simples.push(simple);
                    simples.extend(inner);
                }
            }
        }
        for at in 0..simples.len() {
            self.rules(&simples, at);
        }
    }

    /// What a shell stumbles over; whether it is a shell's text at all.
    fn text(&mut self, command: &Command, script: &Script) -> bool {
        let tagged = crate::plan::commands::is_shell(&command.language);
        let findings = if command.language.is_empty() { Vec::new() } else { text::findings(script, tagged) };
        let own = !findings.iter().any(|f| f.message.contains("a shell cannot run it"));
        for found in findings {
            self.tell(Weight::Fails, command.line + found.line, found.message, found.hint, found.source);
        }
        own
    }

    fn sql(&mut self, text: &str, line: usize) {
        for found in sql::statements(text) {
            let (weight, hint, source) = match found.unbounded {
                true => (Weight::Destroys, "name the rows: WHERE …", sql::DELETE),
                false => (Weight::Advises, "take a copy first, and say what is lost", sql::DROP),
            };
            if found.unbounded || self.back {
                self.tell(weight, line + found.line, found.message, hint, source);
            }
        }
    }

    fn rules(&mut self, commands: &[Simple], at: usize) {
        let (back, case) = (self.back, Case::new(commands, at));
        for rule in rules().filter(|r| (back || r.place == Place::Anywhere) && case.begins(r.tool)) {
            if self.told.contains(&rule.hint) {
                continue;
            }
            if let Some(said) = (rule.says)(&case) {
                let message = format!("`{}` {said}", shown(&case));
                self.tell(rule.weight, case.line, message, rule.hint, rule.source);
            }
        }
        const CLIENTS: &[&str] = &["psql", "mysql", "sqlite3", "sqlcmd"];
        if CLIENTS.contains(&case.program()) {
            case.arguments().filter(|w| w.contains(' ')).for_each(|w| self.sql(w, case.line));
        }
    }

    /// Says it once a procedure; the hint tells rules apart.
    fn tell(&mut self, weight: Weight, line: usize, message: String, hint: &'static str, source: &str) {
        if !self.told.contains(&hint) {
            self.told.push(hint);
            self.out.push(problem(weight.level(self.back), line, message, &format!("{hint}; see {source}")));
        }
    }
}

fn is_shell(command: &Command) -> bool {
    crate::plan::commands::is_shell(&command.language) || matches!(command.language.as_str(), "" | "inline")
}

fn is_sql(language: &str) -> bool {
    matches!(language, "sql" | "psql" | "mysql" | "postgresql" | "postgres" | "pgsql" | "plsql" | "tsql")
}

fn uses_of(script: &Script, line: usize, back: bool, uses: &mut Uses) {
    for (name, below) in &script.expansions {
        uses.add(name.clone(), line + below, back);
    }
}

fn unset(uses: Uses, text: &str, out: &mut Vec<Problem>) {
    for (name, found) in uses.unset(text) {
        let level = if found.back { Level::Warning } else { Level::Note };
        let times = if found.count == 1 { String::new() } else { format!(", {} times", found.count) };
        let message = format!("`${name}` is used{times}, and nothing in the plan sets or names it");
        let hint = "say where it comes from, or bind it in warroom.toml";
        out.push(problem(level, found.line, message, hint));
    }
}

/// The beginning of a command.
fn shown(simple: &Simple) -> String {
    let head = simple.words.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(" ");
    let head: String = head.chars().take(72).collect();
    let whole = simple.words.len() <= 5 && simple.words.join(" ") == head;
    if whole { head } else { format!("{head} …") }
}

#[cfg(test)]
mod tests;
