//! A passphrase, asked for on the terminal, and the user's own files. What is typed is not shown, and
//! goes nowhere but to the key.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use rustix::termios::{self, LocalModes, OptionalActions};

/// A path of the settings, `~/` being the home folder.
pub fn home(path: &str) -> PathBuf {
    let folders = directories::BaseDirs::new();
    match (path.strip_prefix("~/"), folders) {
        (Some(rest), Some(folders)) => folders.home_dir().join(rest),
        _ => PathBuf::from(path),
    }
}

/// Asks for a file's passphrase; none where nobody can be asked, or somebody gave up.
pub fn passphrase(path: &Path) -> Option<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return None;
    }
    eprint!("passphrase of {}: ", crate::text::clean(&path.display().to_string()));
    let _ = std::io::stderr().flush();
    let before = termios::tcgetattr(&stdin).ok()?;
    let mut quiet = before.clone();
    // Ctrl-C comes as a byte too, so that the terminal is never left without an echo.
    quiet.local_modes -= LocalModes::ECHO | LocalModes::ISIG | LocalModes::ICANON;
    termios::tcsetattr(&stdin, OptionalActions::Flush, &quiet).ok()?;
    let said = line(|byte| rustix::io::read(&stdin, byte).ok());
    let _ = termios::tcsetattr(&stdin, OptionalActions::Flush, &before);
    eprintln!();
    said
}

/// The bytes up to Enter; none where somebody left.
fn line(mut read: impl FnMut(&mut [u8]) -> Option<usize>) -> Option<String> {
    let (mut said, mut byte) = (vec![], [0]);
    loop {
        if read(&mut byte)? == 0 {
            return None;
        }
        match byte[0] {
            b'\r' | b'\n' => return String::from_utf8(said).ok(),
            3 | 4 | 27 | 28 => return None,
            8 | 127 => drop(said.pop()),
            21 => said.clear(),
            typed => said.push(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_typed_and_ctrl_c_leaves() {
        let typed = |text: &'static str| {
            let mut bytes = text.bytes();
            line(move |byte| {
                Some(bytes.next().map_or(0, |b| {
                    byte[0] = b;
                    1
                }))
            })
        };
        assert_eq!(typed("secrex\x7ft\n"), Some("secret".to_owned()));
        assert_eq!(typed("sec\x15open\r"), Some("open".to_owned()));
        assert_eq!(typed("secret\x03"), None);
        assert_eq!(typed("secret"), None);
    }
}
