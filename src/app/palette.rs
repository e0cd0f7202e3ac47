//! The command line: what has no key of its own.

use super::tree::Row;
use super::{App, Effect, Screen, Tone};
use crate::plan::PhaseId;
use crate::room::{Intent, parse_place, parse_span, parse_t0};

/// A command as the help shows it.
pub struct Entry {
    /// Its word.
    pub word: &'static str,
    /// What comes behind it.
    pub takes: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// Every command.
pub const COMMANDS: &[Entry] = &[
    Entry {
        word: "t0",
        takes: "TIME [ZONE]",
        help: "set the launch instant: now, +15m, 10:00 Europe/Berlin",
    },
    Entry { word: "start", takes: "", help: "start the phase in view, or let it go on" },
    Entry {
        word: "hold",
        takes: "REASON | T-10m 15m [REASON] | plan",
        help: "hold the phase in view; with a place of T, plan a hold of the count there; the plan's own holds",
    },
    Entry { word: "clock", takes: "hold REASON | go", help: "hold the count, or let it go on" },
    Entry {
        word: "complete",
        takes: "[REASON]",
        help: "complete the phase in view; a reason overrides its gate",
    },
    Entry { word: "line", takes: "NUMBER", help: "to the item at this line of the plan" },
    Entry {
        word: "theme",
        takes: "NAME",
        help: "another theme: dark, light, high-contrast, colour-blind, or your own",
    },
    Entry { word: "report", takes: "", help: "write the report of a rehearsal into its journal" },
    Entry { word: "quit", takes: "", help: "leave" },
];

impl App {
    pub(super) fn run_command(&mut self, text: &str) -> Vec<Effect> {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match word {
            "" => {}
            "t0" => return self.set_t0(rest),
            "start" => return self.phase_command(|app, id| app.start_or_resume(id)),
            "clock" => return self.clock_command(rest),
            "hold" if rest == "plan" => return self.plan_built_in(),
            "hold" if rest.split_whitespace().next().and_then(parse_place).is_some() => {
                return self.plan_hold(rest);
            }
            "hold" => {
                let reason = rest.to_owned();
                return self.phase_command(|_, phase| Intent::HoldPhase { phase, reason });
            }
            "complete" => {
                let overriding = (!rest.is_empty()).then(|| rest.to_owned());
                return self.phase_command(|_, phase| Intent::CompletePhase { phase, overriding });
            }
            "theme" if !rest.is_empty() => return vec![Effect::UseTheme(rest.to_owned())],
            "report" if self.rehearses() => return vec![Effect::Report],
            "report" => self.say(Tone::Plain, "only a rehearsal has a report so far"),
            "quit" | "q" => return self.leave(),
            _ => match text.trim_start_matches("line").trim().parse() {
                Ok(line) => self.go_to_line(line),
                Err(_) => self.say(Tone::Bad, format!("no command “{text}”: there is {}", words())),
            },
        }
        vec![]
    }

    fn clock_command(&mut self, text: &str) -> Vec<Effect> {
        match text.split_once(' ').unwrap_or((text, "")) {
            ("go", _) => self.submit(Intent::ResumeClock),
            ("hold", reason) => self.submit(Intent::HoldClock { reason: reason.to_owned() }),
            _ => {
                self.say(Tone::Bad, "write clock hold REASON, or clock go");
                vec![]
            }
        }
    }

    /// Plans the holds that the plan itself asks for.
    fn plan_built_in(&mut self) -> Vec<Effect> {
        let holds = self.room.holds_to_plan(self.now);
        if holds.is_empty() {
            let word = match self.room.built_in().len() {
                0 => "the plan asks for no hold of the count".to_owned(),
                n => format!("none of the plan's {n} holds is ahead and unplanned, or T0 is not set"),
            };
            self.say(Tone::Plain, word);
        }
        holds.into_iter().flat_map(|intent| self.submit(intent)).collect()
    }

    /// "T-10m 15m waiting for the weather".
    fn plan_hold(&mut self, text: &str) -> Vec<Effect> {
        let mut words = text.splitn(3, char::is_whitespace);
        let at = words.next().and_then(parse_place);
        let lasts = words.next().and_then(parse_span);
        let reason = words.next().map(str::trim).filter(|r| !r.is_empty()).unwrap_or("planned");
        let (Some(at), Some(lasts)) = (at, lasts) else {
            self.say(Tone::Bad, "write where and how long: hold T-10m 15m REASON");
            return vec![];
        };
        self.submit(Intent::PlanHold { at, lasts, reason: reason.to_owned() })
    }

    fn set_t0(&mut self, text: &str) -> Vec<Effect> {
        let zone = self.room.t0.as_ref().map_or(self.local_zone, crate::room::T0::tz);
        match parse_t0(text, zone, self.now) {
            Ok(t0) => self.submit(Intent::SetT0 { at: t0.at, zone: t0.zone }),
            Err(why) => {
                self.say(Tone::Bad, why);
                vec![]
            }
        }
    }

    /// Does something to the phase in view; where the list in view is none, to the one that is next.
    fn phase_command(&mut self, intent: impl FnOnce(&Self, PhaseId) -> Intent) -> Vec<Effect> {
        let group = self.outline.strip().get(self.cell()).copied();
        let in_view = group.and_then(|g| self.phase_of(g));
        let Some(phase) = in_view.or_else(|| self.room.current_phase()) else {
            self.say(Tone::Bad, "the plan has no phases");
            return vec![];
        };
        let intent = intent(self, phase.id.clone());
        self.submit(intent)
    }

    fn start_or_resume(&self, id: PhaseId) -> Intent {
        match self.room.phase_state(&id).progress {
            crate::room::PhaseProgress::Held { .. } => Intent::ResumePhase(id),
            _ => Intent::StartPhase(id),
        }
    }

    fn go_to_line(&mut self, line: usize) {
        let items = self.room.plan.items.iter().enumerate();
        let Some((index, _)) = items.min_by_key(|(_, i)| i.line.abs_diff(line)) else {
            return self.say(Tone::Plain, "the plan has no items");
        };
        self.screen = Screen::Checklists;
        if let Some(group) = self.outline.group_of(index) {
            self.folded.remove(&group);
        }
        self.show = super::Show::All;
        self.rebuild();
        self.lists.select_row(Row::Item(index));
    }
}

fn words() -> String {
    let words: Vec<_> = COMMANDS.iter().map(|c| c.word).collect();
    words.join(", ")
}
