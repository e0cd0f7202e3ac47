//! Keys to actions. The table is data (`keymap.toml`); footer and help are made from it, so that
//! they cannot say anything else than what the keys do.

use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;

/// The built-in table.
const BUILT_IN: &str = include_str!("keymap.toml");

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "keymap.toml documents each")]
pub enum Action {
    Now,
    Board,
    Checklists,
    Signals,
    Levers,
    Timeline,
    Plan,
    NextPanel,
    PreviousPanel,
    Zoom,
    Down,
    Up,
    Left,
    Right,
    Top,
    Bottom,
    PageDown,
    PageUp,
    NextOpen,
    Tick,
    Exclude,
    Block,
    Assign,
    Note,
    Evidence,
    Sign,
    Flag,
    Ways,
    Acknowledge,
    Silence,
    Bind,
    Shorter,
    Longer,
    Compare,
    Earlier,
    Later,
    Play,
    Faster,
    Slower,
    NextAlert,
    PreviousAlert,
    NextRun,
    PreviousRun,
    NextSign,
    PreviousSign,
    NextPhase,
    PreviousPhase,
    Baseline,
    Decline,
    Conditions,
    Stop,
    Review,
    Poll,
    TickSeen,
    Approve,
    Trust,
    Open,
    Undo,
    Filter,
    Search,
    NextMatch,
    PreviousMatch,
    Command,
    Help,
    Back,
    Quit,
    Copy,
    Mouse,
    Redraw,
    Suspend,
}

/// What has to be selected for an action to be offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// Anything.
    #[default]
    Any,
    /// A checklist entry.
    Item,
    /// A phase or another group of items.
    Group,
    /// A sign-off line.
    SignOff,
    /// A watched metric or a rule.
    Signal,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// What it does.
    #[serde(rename = "name")]
    pub action: Action,
    /// The keys, as written.
    pub keys: Vec<String>,
    /// The heading it stands under in the help.
    pub group: String,
    /// What has to be selected.
    #[serde(default)]
    pub on: On,
    /// Its place in the footer.
    pub foot: Option<u8>,
    /// Its word in the footer.
    #[serde(default)]
    pub label: String,
    /// Its line in the help.
    pub help: String,
}

/// A key without what terminals disagree about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    control: bool,
    alt: bool,
}

/// The whole table.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
    actions: HashMap<Chord, Action>,
}

#[derive(Deserialize)]
struct Table {
    action: Vec<Binding>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Changes {
    #[serde(default)]
    keys: toml::Table,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with("").expect("the built-in table is tested")
    }
}

impl Keymap {
    /// The built-in table with a user's changes (`[keys]` of `keys.toml`; empty text for none).
    ///
    /// # Errors
    /// Every problem at once: text that is no TOML, unknown actions, keys that are none, a key
    /// that stands for two actions.
    pub fn with(changes: &str) -> Result<Self, Vec<String>> {
        let Table { action: mut bindings } = toml::from_str(BUILT_IN).map_err(|e| vec![e.to_string()])?;
        let changes: Changes = toml::from_str(changes).map_err(|e| vec![e.to_string()])?;
        let mut problems = vec![];
        for (name, value) in changes.keys {
            if let Err(problem) = rebind(&mut bindings, &name, value) {
                problems.push(problem);
            }
        }
        let (actions, clashes) = index(&bindings);
        problems.extend(clashes);
        if problems.is_empty() { Ok(Self { bindings, actions }) } else { Err(problems) }
    }

    /// What a key means.
    pub fn action(&self, key: KeyEvent) -> Option<Action> {
        self.actions.get(&Chord::from(key)).copied()
    }

    /// Every line, in the order of the table.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The first key of an action, as shown to people; empty where it has none.
    pub fn key_of(&self, action: Action) -> &str {
        let binding = self.bindings.iter().find(|b| b.action == action);
        binding.and_then(|b| b.keys.first()).map_or("", |k| k.as_str())
    }
}

fn rebind(bindings: &mut [Binding], name: &str, value: toml::Value) -> Result<(), String> {
    let action: Action = toml::Value::String(name.to_owned())
        .try_into()
        .map_err(|_| format!("{name}: no such action; `?` in warroom lists them"))?;
    let keys: Vec<String> =
        value.try_into().map_err(|_| format!("{name}: write a list of keys, like {name} = [\"j\"]"))?;
    let binding = bindings.iter_mut().find(|b| b.action == action).expect("every action has a line");
    binding.keys = keys;
    Ok(())
}

fn index(bindings: &[Binding]) -> (HashMap<Chord, Action>, Vec<String>) {
    let (mut actions, mut problems) = (HashMap::new(), vec![]);
    for binding in bindings {
        for key in &binding.keys {
            let Some(chord) = parse(key) else {
                problems.push(format!("{:?}: {key:?} is no key", binding.action));
                continue;
            };
            if let Some(other) = actions.insert(chord, binding.action) {
                problems.push(format!("{key:?} stands for both {other:?} and {:?}", binding.action));
            }
        }
    }
    (actions, problems)
}

impl From<KeyEvent> for Chord {
    fn from(key: KeyEvent) -> Self {
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        let code = match key.code {
            KeyCode::Tab if shift => KeyCode::BackTab,
            KeyCode::Char(c) if shift => KeyCode::Char(c.to_uppercase().next().unwrap_or(c)),
            code => code,
        };
        Self {
            code,
            control: key.modifiers.contains(KeyModifiers::CONTROL),
            alt: key.modifiers.contains(KeyModifiers::ALT),
        }
    }
}

/// Reads a key's name; none where it is no key.
fn parse(text: &str) -> Option<Chord> {
    let (mut rest, mut control, mut alt, mut shift) = (text, false, false, false);
    while rest.chars().count() > 2 && rest.as_bytes().get(1) == Some(&b'-') {
        match rest.as_bytes()[0] {
            b'c' => control = true,
            b'a' => alt = true,
            b's' => shift = true,
            _ => return None,
        }
        rest = &rest[2..];
    }
    let code = match (named(rest)?, shift) {
        (KeyCode::Tab, true) => KeyCode::BackTab,
        (KeyCode::Char(c), true) => KeyCode::Char(c.to_uppercase().next()?),
        (code, _) => code,
    };
    Some(Chord { code, control, alt })
}

fn named(name: &str) -> Option<KeyCode> {
    Some(match name {
        "space" => KeyCode::Char(' '),
        "tab" => KeyCode::Tab,
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "bs" => KeyCode::Backspace,
        "del" => KeyCode::Delete,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        _ => return one(name),
    })
}

fn one(name: &str) -> Option<KeyCode> {
    if let Some(number) = name.strip_prefix('f').and_then(|n| n.parse().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    let mut chars = name.chars();
    let c = chars.next()?;
    chars.next().is_none().then_some(KeyCode::Char(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn keys_mean_what_the_table_says() {
        let map = Keymap::default();
        for (code, modifiers, action) in [
            (KeyCode::Char('j'), KeyModifiers::NONE, Action::Down),
            (KeyCode::Char('G'), KeyModifiers::SHIFT, Action::Bottom),
            (KeyCode::Char('g'), KeyModifiers::SHIFT, Action::Bottom),
            (KeyCode::Char('p'), KeyModifiers::CONTROL, Action::Command),
            (KeyCode::BackTab, KeyModifiers::SHIFT, Action::PreviousPanel),
            (KeyCode::F(2), KeyModifiers::NONE, Action::Mouse),
            (KeyCode::Char('?'), KeyModifiers::SHIFT, Action::Help),
        ] {
            assert_eq!(map.action(key(code, modifiers)), Some(action), "{code:?}");
        }
        assert_eq!(map.action(key(KeyCode::Char('j'), KeyModifiers::ALT)), None);
    }

    #[test]
    fn a_user_moves_keys() {
        let map = Keymap::with("[keys]\ntick = [\"c-t\"]\n").unwrap();
        assert_eq!(map.action(key(KeyCode::Char('t'), KeyModifiers::CONTROL)), Some(Action::Tick));
        assert_eq!(map.action(key(KeyCode::Char(' '), KeyModifiers::NONE)), None);
        assert_eq!(map.key_of(Action::Tick), "c-t");
    }

    #[test]
    fn all_bad_bindings_are_named_at_once() {
        let text = "[keys]\nfly = [\"f\"]\ntick = [\"spce\"]\nundo = [\"j\"]\nnote = 7\n";
        let problems = Keymap::with(text).unwrap_err().join("\n");
        for part in [
            "fly: no such action",
            "\"spce\" is no key",
            "\"j\" stands for both Down and Undo",
            "note: write",
        ] {
            assert!(problems.contains(part), "{part} in {problems}");
        }
        assert!(Keymap::with("[keys").is_err());
        assert!(Keymap::with("[colours]").is_err());
    }
}
