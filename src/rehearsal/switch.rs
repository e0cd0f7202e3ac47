//! The flags of a simulated production: of what kind each is, what it stands at, what it takes. Pure.

use serde_json::Value as Json;

use crate::plan::{Flag, Plan};

/// A flag of the plan in the simulated production.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// The plan's name.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// What it stands at.
    pub state: State,
}

/// What a flag takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// On and off.
    Toggle,
    /// A number that goes up the rungs, the lowest first.
    Ladder(Vec<f64>),
    /// Any text.
    Text,
}

/// What a flag stands at.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// On or off.
    On(bool),
    /// A percentage or another number.
    At(f64),
    /// A text.
    Says(String),
}

/// The plan's flags as they stand before the launch.
pub fn switches(plan: &Plan) -> Vec<Switch> {
    plan.flags.iter().map(|flag| switch(plan, flag)).collect()
}

fn switch(plan: &Plan, flag: &Flag) -> Switch {
    let kind = kind(plan, flag);
    let first = flag.value.as_deref().unwrap_or_default();
    let state = match &kind {
        Kind::Toggle => State::On(toggled(first).unwrap_or(false)),
        Kind::Ladder(rungs) => State::At(number(first).or(rungs.first().copied()).unwrap_or(0.0)),
        Kind::Text => State::Says(first.to_owned()),
    };
    Switch { name: flag.name.clone(), kind, state }
}

fn kind(plan: &Plan, flag: &Flag) -> Kind {
    let words: Vec<&str> =
        flag.value.iter().chain(flag.stages.iter().map(|s| &s.value)).map(|s| s.as_str()).collect();
    let ramps: Vec<f64> =
        plan.ramps.iter().filter(|r| r.flag.as_deref() == Some(&flag.name)).flat_map(rungs).collect();
    if words.iter().any(|w| toggled(w).is_some()) || (words.is_empty() && ramps.is_empty()) {
        return Kind::Toggle;
    }
    let numbers: Vec<f64> = words.iter().filter_map(|w| number(w)).collect();
    if numbers.is_empty() && ramps.is_empty() {
        return Kind::Text;
    }
    let share = words.iter().any(|w| w.contains('%')) || says_share(&flag.name);
    let alone = plan.flags.iter().filter(|f| says_share(&f.name)).count() == 1;
    let mut all: Vec<f64> = numbers.into_iter().chain(ramps).collect();
    if share && all.len() < 2 && alone {
        all.extend(plan.ramps.iter().filter(|r| r.flag.is_none()).flat_map(rungs));
    }
    if share && all.len() < 2 {
        all.push(100.0);
    }
    if share {
        all.push(0.0);
        all.retain(|v| (0.0..=100.0).contains(v));
    }
    all.sort_by(f64::total_cmp);
    all.dedup();
    Kind::Ladder(all)
}

fn rungs(ramp: &crate::plan::Ramp) -> impl Iterator<Item = f64> + '_ {
    ramp.rungs.iter().filter(|r| r.unit.starts_with('%')).filter_map(|r| r.value)
}

fn says_share(name: &str) -> bool {
    let name = name.to_lowercase();
    ["percent", "pct", "share"].iter().any(|word| name.contains(word))
}

fn toggled(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "true" | "on" | "yes" | "enabled" => Some(true),
        "false" | "off" | "no" | "disabled" => Some(false),
        _ => None,
    }
}

fn number(word: &str) -> Option<f64> {
    word.trim().trim_end_matches('%').trim_end().parse().ok().filter(|n: &f64| n.is_finite())
}

impl Switch {
    /// The state that a written word means.
    ///
    /// # Errors
    /// A sentence: what the flag takes instead.
    pub fn meant(&self, word: &str) -> Result<State, String> {
        let state = match &self.kind {
            Kind::Toggle => toggled(word).map(State::On),
            Kind::Ladder(_) => number(word).map(State::At),
            Kind::Text => Some(State::Says(word.to_owned())),
        };
        self.taken(state, word)
    }

    /// The state that a request's JSON means.
    ///
    /// # Errors
    /// A sentence: what the flag takes instead.
    pub fn asked(&self, json: &Json) -> Result<State, String> {
        let state = match (&self.kind, json) {
            (Kind::Toggle, Json::Bool(on)) => Some(State::On(*on)),
            (Kind::Ladder(_), Json::Number(n)) => n.as_f64().map(State::At),
            (Kind::Text, Json::String(text)) => Some(State::Says(text.clone())),
            _ => None,
        };
        self.taken(state, &json.to_string())
    }

    fn taken(&self, state: Option<State>, written: &str) -> Result<State, String> {
        let takes = match &self.kind {
            Kind::Toggle => "true or false",
            Kind::Ladder(rungs) if rungs.iter().all(|r| (0.0..=100.0).contains(r)) => {
                "a number from 0 to 100"
            }
            Kind::Ladder(_) => "a number",
            Kind::Text => "a text",
        };
        let fits =
            |s: &State| !matches!(s, State::At(n) if takes.ends_with("100") && !(0.0..=100.0).contains(n));
        state.filter(fits).ok_or_else(|| format!("{} takes {takes}, not {written}", self.name))
    }
}

impl State {
    /// As a flag's endpoint answers it.
    pub fn json(&self) -> Json {
        match self {
            State::On(on) => Json::Bool(*on),
            State::At(n) if n.fract() == 0.0 && n.abs() < 1e15 => Json::from(*n as i64),
            State::At(n) => Json::from(*n),
            State::Says(text) => Json::String(text.clone()),
        }
    }

    /// Whether going from `self` to `next` pulls the lever for an outage that found the flag at
    /// `began`: a number has to go down, unless it stood at nothing; anything else has to change.
    pub fn pulled(&self, next: &State, began: &State) -> bool {
        match (self, next, began) {
            (State::At(before), State::At(after), State::At(began)) if *began > 0.0 => after < before,
            _ => self != next,
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            State::On(on) => write!(f, "{on}"),
            State::At(n) => write!(f, "{n}"),
            State::Says(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flags(text: &str) -> Vec<Switch> {
        switches(&crate::plan::read(text.as_bytes(), "plan"))
    }

    const PLAN: &str = "# P\n## Feature flags\n| Flag | Default |\n|---|---|\n| `new_page` | false |\n\
        | `new_page_percentage` | 0 |\n| `engine` | classic |\n\n## Phase 1: Canary\n\
        - [ ] Set `new_page_percentage` to 5%\n\n## Phase 2: All\n- [ ] Set `new_page_percentage` to 100%\n";

    #[test]
    fn kinds_and_rungs_come_from_the_plan() {
        let all = flags(PLAN);
        let kind = |name: &str| &all.iter().find(|s| s.name == name).unwrap().kind;
        assert_eq!(kind("new_page"), &Kind::Toggle);
        assert_eq!(kind("new_page_percentage"), &Kind::Ladder(vec![0.0, 5.0, 100.0]));
        assert_eq!(kind("engine"), &Kind::Text);
        assert_eq!(all.iter().map(|s| s.state.to_string()).collect::<Vec<_>>(), ["false", "0", "classic"]);
    }

    #[test]
    fn a_flag_takes_what_fits_and_says_what_does_not() {
        let all = flags(PLAN);
        assert_eq!(all[1].meant("25%"), Ok(State::At(25.0)));
        assert_eq!(all[1].asked(&json!(5)).map(|s| s.json()), Ok(json!(5)));
        assert_eq!(all[0].meant("on"), Ok(State::On(true)));
        for (flag, json) in
            [(0, json!(1)), (0, json!("true")), (1, json!(101)), (1, json!(-1)), (1, json!(true))]
        {
            assert!(all[flag].asked(&json).unwrap_err().contains("takes"), "{json}");
        }
    }

    #[test]
    fn a_number_is_pulled_down_and_a_switch_turned() {
        let at = State::At;
        for (before, after, began, pulled) in [
            (at(25.0), at(5.0), at(25.0), true),
            (at(25.0), at(50.0), at(25.0), false),
            (at(50.0), at(25.0), at(25.0), true),
            (at(25.0), at(25.0), at(25.0), false),
            (at(0.0), at(5.0), at(0.0), true),
            (State::On(true), State::On(false), State::On(true), true),
            (State::On(false), State::On(false), State::On(false), false),
        ] {
            assert_eq!(before.pulled(&after, &began), pulled, "{before} to {after}");
        }
    }
}
