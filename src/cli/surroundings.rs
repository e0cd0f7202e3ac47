//! What the program finds around itself: folders, settings, themes, keys, the terminal's words.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::app::Keymap;
use crate::config::{Colour, Config};
use crate::ui::BUILT_IN;

/// Folders and settings.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// `config.toml`, `keys.toml` and `themes`.
    pub config_dir: Option<PathBuf>,
    /// The rooms; none where the system gives no home.
    pub state: Option<PathBuf>,
    /// The settings.
    pub config: Config,
}

impl Surroundings {
    /// Looks around. `state` is the folder given by flag.
    ///
    /// # Errors
    /// Every problem of the user's `config.toml` at once.
    pub fn find(state: Option<&Path>) -> Result<Self, Failure> {
        let folders = directories::ProjectDirs::from("", "", "warroom");
        let config_dir = folders.as_ref().map(|d| d.config_dir().to_owned());
        let state = state.map(Path::to_owned).or_else(|| folders.as_ref().map(|d| d.data_dir().to_owned()));
        let config = match user_file(config_dir.as_deref(), "config.toml")? {
            Some((path, text)) => Config::with(&text).map_err(|p| listed(&path, &p))?,
            None => Config::default(),
        };
        Ok(Self { config_dir, state, config })
    }

    /// The keys, with the user's changes.
    ///
    /// # Errors
    /// Every bad binding at once.
    pub fn keymap(&self) -> Result<Keymap, Failure> {
        match user_file(self.config_dir.as_deref(), "keys.toml")? {
            Some((path, text)) => Keymap::with(&text).map_err(|p| listed(&path, &p)),
            None => Ok(Keymap::default()),
        }
    }

    /// A theme's text: the user's folder first, then the built-in ones. The path is for messages.
    ///
    /// # Errors
    /// An unknown name, with those that are known; a file that cannot be read.
    pub fn theme(&self, name: &str) -> Result<(String, String), Failure> {
        let safe = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_ ".contains(c));
        let own =
            if safe { user_file(self.config_dir.as_deref(), &format!("themes/{name}.toml"))? } else { None };
        if let Some((path, text)) = own {
            return Ok((path.display().to_string(), text));
        }
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        built_in.map(|(known, text)| ((*known).to_owned(), (*text).to_owned())).ok_or_else(|| {
            let hint = format!("there is {}", self.theme_names().join(", "));
            Failure::usage(format!("no theme is called {name:?}")).hint(hint)
        })
    }

    /// Every theme there is, the user's first.
    pub fn theme_names(&self) -> Vec<String> {
        let folder = self.config_dir.as_ref().map(|d| d.join("themes"));
        let files = folder.and_then(|d| std::fs::read_dir(d).ok()).into_iter().flatten().flatten();
        let stem = |file: std::fs::DirEntry| {
            let path = file.path();
            let toml = path.extension().is_some_and(|e| e == "toml");
            path.file_stem().filter(|_| toml).map(|s| s.to_string_lossy().into_owned())
        };
        let mut names: Vec<_> = files.filter_map(stem).collect();
        names.sort();
        names.extend(BUILT_IN.iter().map(|(n, _)| (*n).to_owned()));
        names.dedup();
        names
    }
}

fn user_file(folder: Option<&Path>, name: &str) -> Result<Option<(PathBuf, String)>, Failure> {
    let Some(path) = folder.map(|f| f.join(name)) else { return Ok(None) };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => Ok(None),
        Err(e) => Err(Failure::usage(format!("{}: cannot be read: {e}", path.display()))),
    }
}

fn listed(path: &Path, problems: &[String]) -> Failure {
    let shown = path.display();
    let all: Vec<_> = problems.iter().map(|p| format!("{shown}: {}", p.trim_end())).collect();
    Failure::usage(all.join("\n"))
}

/// The colour wanted: a flag wins over the settings.
pub fn colour(flag: Option<&str>, config: &Config) -> Colour {
    match flag {
        Some("always") => Colour::Always,
        Some("never") => Colour::Never,
        Some(_) => Colour::Auto,
        None => config.colour,
    }
}
