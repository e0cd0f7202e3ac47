//! How wide and how coloured `check` prints; nothing is asked of the terminal but its size.

use std::io::{IsTerminal as _, stdout};

use crate::terminal::{Capabilities, Depth};
use crate::text;

/// Width and colours of what is printed.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns of a terminal; none where lines go to a file or a pipe and are not broken.
    pub columns: Option<usize>,
    /// Whether colours are wanted.
    pub colour: bool,
    /// Whether characters beyond ASCII may draw frames.
    pub unicode: bool,
}

impl Look {
    /// As standard output wants it: plain where it is no terminal, `NO_COLOR` heeded.
    pub fn of_stdout() -> Self {
        let env = |name: &str| std::env::var(name).ok();
        let terminal = stdout().is_terminal();
        let capabilities = Capabilities::detect(&env);
        let said = env("COLUMNS").and_then(|c| c.parse().ok()).filter(|c: &usize| *c > 0);
        let measured = || rustix::termios::tcgetwinsize(stdout()).ok().map(|s| usize::from(s.ws_col));
        let columns = said.or_else(|| measured().filter(|_| terminal)).map(|c| c.clamp(80, 120));
        Self {
            columns: columns.or(terminal.then_some(80)),
            colour: terminal && capabilities.depth != Depth::None,
            unicode: !terminal || capabilities.unicode,
        }
    }

    /// Columns of what has to be broken in any case.
    pub fn width(&self) -> usize {
        self.columns.unwrap_or(100)
    }

    /// Bold, where there are colours.
    pub fn bold(&self, words: &str) -> String {
        if self.colour { format!("\u{1b}[1m{words}\u{1b}[0m") } else { words.to_owned() }
    }

    /// Cut to the width, for what is shown in part only.
    pub fn cut(&self, words: &str) -> String {
        let ellipsis = if self.unicode { "…" } else { ".." };
        text::truncate(words, self.width(), ellipsis).into_owned()
    }
}
