//! Settings: built-in, then the user's `config.toml`, then flags. Pure: `cli` reads the files.
//!
//! `config.toml` beside this file is the reference and the built-in value of everything.

use serde::Deserialize;

use crate::room::Role;

/// The built-in settings, with a comment for each.
pub const REFERENCE: &str = include_str!("config.toml");

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// As the terminal and the environment say.
    Auto,
    /// Even where nothing says so.
    Always,
    /// Not at all.
    Never,
}

/// Every setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name in the journal; empty for login@host.
    pub name: String,
    /// What the user does here.
    pub role: Role,
    /// The file of the private key that signs; empty for the ssh-agent.
    pub key: String,
    /// The file of the signers that a room made here counts; empty for none.
    pub signers: String,
    /// The theme's name.
    pub theme: String,
    /// When to use colour.
    pub colour: Colour,
    /// ASCII signs only.
    pub ascii: bool,
    /// Report the mouse.
    pub mouse: bool,
    /// `tick` and `untick` also write the box into the plan's file.
    pub write_back: bool,
    /// How many hours samples are kept; 0 for none at all.
    pub keep_hours: u32,
    /// Variables that every step of a procedure gets, by name.
    pub env: Vec<String>,
    /// How many days what steps left on the disk is kept; 0 for ever.
    pub keep_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: String::new(),
            role: Role::Commander,
            key: String::new(),
            signers: String::new(),
            theme: "dark".to_owned(),
            colour: Colour::Auto,
            ascii: false,
            mouse: false,
            write_back: false,
            keep_hours: 48,
            env: vec![],
            keep_days: 30,
        }
    }
}

impl Config {
    /// The settings with a user's file over them.
    ///
    /// # Errors
    /// Every problem of the text at once, each with the setting's name.
    pub fn with(text: &str) -> Result<Self, Vec<String>> {
        let table: toml::Table = toml::from_str(text).map_err(|e| vec![e.to_string()])?;
        let (mut config, mut problems) = (Self::default(), vec![]);
        for (section, value) in table {
            match value {
                toml::Value::Table(settings) => {
                    for (key, value) in settings {
                        config.set(&format!("{section}.{key}"), value, &mut problems);
                    }
                }
                _ => problems.push(format!(
                    "{section}: settings stand in [user], [screen], [plan], [samples] or [run]"
                )),
            }
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    fn set(&mut self, name: &str, value: toml::Value, problems: &mut Vec<String>) {
        let outcome = match name {
            "user.name" => take(value, &mut self.name, "a text"),
            "user.role" => take(value, &mut self.role, "observer, engineer or commander"),
            "user.key" => take(value, &mut self.key, "a file's name"),
            "user.signers" => take(value, &mut self.signers, "a file's name"),
            "screen.theme" => take(value, &mut self.theme, "a theme's name"),
            "screen.colour" => take(value, &mut self.colour, "auto, always or never"),
            "screen.ascii" => take(value, &mut self.ascii, "true or false"),
            "screen.mouse" => take(value, &mut self.mouse, "true or false"),
            "plan.write_back" => take(value, &mut self.write_back, "true or false"),
            "samples.keep_hours" => take(value, &mut self.keep_hours, "a number of hours"),
            "run.keep_days" => take(value, &mut self.keep_days, "a number of days"),
            "run.env" => take(value, &mut self.env, "a list of names"),
            _ => Err("no such setting".to_owned()),
        };
        problems.extend(outcome.err().map(|why| format!("{name}: {why}")));
    }
}

fn take<T: serde::de::DeserializeOwned>(
    value: toml::Value,
    into: &mut T,
    wanted: &str,
) -> Result<(), String> {
    let shown = value.to_string();
    *into = value.try_into().map_err(|_| format!("{shown} is not {wanted}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_says_what_is_built_in() {
        assert_eq!(Config::with(REFERENCE), Ok(Config::default()));
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let text = "[user]\nrole = \"captain\"\n[screen]\nascii = \"yes\"\nsize = 3\n";
        let problems = Config::with(text).unwrap_err().join("\n");
        for part in [
            "user.role: \"captain\" is not observer",
            "screen.ascii: \"yes\" is not true",
            "screen.size: no such setting",
        ] {
            assert!(problems.contains(part), "{part} in {problems}");
        }
        assert!(Config::with("[user").is_err());
    }
}
