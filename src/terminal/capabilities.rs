//! What the terminal can show, judged from a snapshot of the environment. Pure: nothing is asked of the
//! terminal, because an answer may never come.

use ratatui::style::Color;

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: `NO_COLOR`, or a terminal without.
    None,
    /// The sixteen of the terminal's own palette.
    Sixteen,
    /// The palette of 256.
    Indexed,
    /// Every colour.
    True,
}

/// What may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How many colours.
    pub depth: Depth,
    /// Characters beyond ASCII reach the terminal unharmed.
    pub unicode: bool,
    /// The terminal can do a screen at all; `TERM=dumb` and an unset `TERM` cannot.
    pub screen: bool,
    /// tmux stands between, so a clipboard sequence must be wrapped.
    pub tmux: bool,
}

impl Capabilities {
    /// Judges by the variables that `env` looks up; a variable that is set but empty counts as unset
    /// (<https://no-color.org>, <https://bixense.com/clicolors>).
    pub fn detect(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = get("TERM").unwrap_or_default();
        Self {
            depth: depth(&get, &term),
            unicode: is_unicode(&get, &term),
            screen: !matches!(term.as_str(), "" | "dumb"),
            tmux: get("TMUX").is_some(),
        }
    }
}

type Get<'a> = dyn Fn(&str) -> Option<String> + 'a;

fn depth(get: &Get<'_>, term: &str) -> Depth {
    let forced = get("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let declined = get("NO_COLOR").is_some() || (get("CLICOLOR").as_deref() == Some("0") && !forced);
    match terminal_depth(get, term) {
        _ if declined => Depth::None,
        Depth::None if forced => Depth::Sixteen,
        depth => depth,
    }
}

fn terminal_depth(get: &Get<'_>, term: &str) -> Depth {
    let program = get("TERM_PROGRAM").unwrap_or_default();
    let colorterm = get("COLORTERM").unwrap_or_default();
    if matches!(term, "" | "dumb") || term.starts_with("vt1") || term.ends_with("-mono") {
        Depth::None
    } else if matches!(colorterm.as_str(), "truecolor" | "24bit")
        || term.ends_with("-direct")
        || is_modern(term, &program)
    {
        Depth::True
    } else if term.contains("256") || program == "Apple_Terminal" {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

/// Terminals that know every colour and may not say so, for instance behind ssh, which passes only `TERM`.
fn is_modern(term: &str, program: &str) -> bool {
    const TERMS: [&str; 6] = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"];
    const PROGRAMS: [&str; 5] = ["iTerm.app", "WezTerm", "ghostty", "vscode", "Hyper"];
    TERMS.contains(&term) || PROGRAMS.contains(&program)
}

/// The locale decides as POSIX orders: `LC_ALL`, then `LC_CTYPE`, then `LANG`; none of them is "C".
/// The Linux console has a font of 256 or 512 glyphs, too few for charts.
fn is_unicode(get: &Get<'_>, term: &str) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| get(name)).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    term != "linux" && (locale.contains("utf-8") || locale.contains("utf8"))
}

/// The colour of `depth` that looks most like `color`.
pub fn nearest(color: Color, depth: Depth) -> Color {
    match (color, depth) {
        (_, Depth::None) => Color::Reset,
        (Color::Rgb(r, g, b), Depth::Indexed) => Color::Indexed(nearest_indexed([r, g, b])),
        (Color::Rgb(r, g, b), Depth::Sixteen) => nearest_of_sixteen([r, g, b]),
        (Color::Indexed(index), Depth::Sixteen) => nearest_of_sixteen(indexed(index)),
        _ => color,
    }
}

/// The sixteen names in the order of the palette, with the values xterm gives them.
const SIXTEEN: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn nearest_of_sixteen(rgb: [u8; 3]) -> Color {
    let closest = SIXTEEN.iter().min_by_key(|(_, other)| distance(rgb, *other));
    closest.map_or(Color::Reset, |&(color, _)| color)
}

/// The index from 16 on: the first sixteen are whatever the person made of them.
fn nearest_indexed(rgb: [u8; 3]) -> u8 {
    (16..=u8::MAX).min_by_key(|&index| distance(rgb, indexed(index))).unwrap_or(15)
}

/// What xterm shows for `index`.
fn indexed(index: u8) -> [u8; 3] {
    match index {
        0..16 => SIXTEEN[usize::from(index)].1,
        16..232 => {
            let cube = |place: u8| CUBE[usize::from((index - 16) / place % 6)];
            [cube(36), cube(6), cube(1)]
        }
        _ => [8 + 10 * (index - 232); 3],
    }
}

/// Squared distance, weighted roughly as eyes do.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let part = |n: usize, weight: u32| weight * u32::from(a[n].abs_diff(b[n])).pow(2);
    part(0, 3) + part(1, 6) + part(2, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(vars: &[(&str, &str)]) -> Capabilities {
        Capabilities::detect(&|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn colours_follow_the_environment() {
        for (vars, depth) in [
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..], Depth::True),
            (&[("TERM", "xterm-256color")], Depth::Indexed),
            (&[("TERM", "xterm")], Depth::Sixteen),
            (&[("TERM", "xterm-kitty")], Depth::True),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], Depth::Indexed),
            (&[("TERM", "dumb")], Depth::None),
            (&[], Depth::None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "1")], Depth::None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Depth::Indexed),
            (&[("TERM", "xterm"), ("CLICOLOR", "0")], Depth::None),
            (&[("TERM", "xterm"), ("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")], Depth::Sixteen),
            (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], Depth::Sixteen),
            (&[("TERM", "xterm"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], Depth::None),
        ] {
            assert_eq!(detect(vars).depth, depth, "{vars:?}");
        }
    }

    #[test]
    fn unicode_follows_the_locale_in_its_order() {
        for (vars, unicode) in [
            (&[("TERM", "xterm"), ("LANG", "de_DE.UTF-8")][..], true),
            (&[("TERM", "xterm"), ("LANG", "C")], false),
            (&[("TERM", "xterm"), ("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], false),
            (&[("TERM", "xterm"), ("LANG", "en_US.UTF-8"), ("LC_CTYPE", "POSIX")], false),
            (&[("TERM", "xterm"), ("LANG", "C"), ("LC_ALL", "C.utf8")], true),
            (&[("TERM", "xterm")], false),
            (&[("TERM", "linux"), ("LANG", "en_US.UTF-8")], false),
        ] {
            assert_eq!(detect(vars).unicode, unicode, "{vars:?}");
        }
    }

    #[test]
    fn a_dumb_terminal_has_no_screen() {
        assert!(
            !detect(&[("TERM", "dumb")]).screen && !detect(&[]).screen && detect(&[("TERM", "xterm")]).screen
        );
    }

    #[test]
    fn colours_fall_to_their_neighbours() {
        for (color, depth, shown) in [
            (Color::Rgb(255, 0, 0), Depth::True, Color::Rgb(255, 0, 0)),
            (Color::Rgb(255, 0, 0), Depth::Indexed, Color::Indexed(196)),
            (Color::Rgb(250, 10, 10), Depth::Sixteen, Color::LightRed),
            (Color::Rgb(128, 128, 128), Depth::Indexed, Color::Indexed(244)),
            (Color::Indexed(196), Depth::Sixteen, Color::LightRed),
            (Color::Red, Depth::Sixteen, Color::Red),
            (Color::Red, Depth::None, Color::Reset),
        ] {
            assert_eq!(nearest(color, depth), shown, "{color:?} at {depth:?}");
        }
    }
}
