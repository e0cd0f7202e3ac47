//! Themes: semantic roles in a TOML file, made into styles for what the terminal can show.
//!
//! A theme says what a colour means, never where it goes. Without colour the same roles are told
//! apart by bold, reverse and underline, and every state has its glyph and word anyway.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::glyphs::Glyphs;
use crate::signal::Rank;

/// The themes in the program, by name; the first is the default.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../themes/colour-blind.toml")),
];

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// None, or none wanted.
    None,
    /// The 16 of the terminal's own palette.
    Sixteen,
    /// The 256 of the xterm cube.
    Many,
    /// 24 bits.
    #[default]
    True,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    colours: Colours,
}

/// Every role of a theme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Colours {
    background: Shade,
    surface: Shade,
    selection: Shade,
    text: Shade,
    strong: Shade,
    dim: Shade,
    faint: Shade,
    accent: Shade,
    good: Shade,
    warn: Shade,
    bad: Shade,
    critical: Shade,
    high: Shade,
    medium: Shade,
    low: Shade,
    production: Shade,
    staging: Shade,
    elsewhere: Shade,
}

/// One colour, for many and for sixteen.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "(String, String)")]
struct Shade {
    rgb: Option<(u8, u8, u8)>,
    named: Option<Color>,
}

impl TryFrom<(String, String)> for Shade {
    type Error = String;

    fn try_from((rgb, named): (String, String)) -> Result<Self, String> {
        let none = |text: &str| text == "none";
        let rgb = if none(&rgb) {
            None
        } else {
            Some(hex(&rgb).ok_or(format!("{rgb:?} is no colour like \"#56c2ff\""))?)
        };
        let named = if none(&named) {
            None
        } else {
            let known =
                named.parse::<Color>().ok().filter(|c| !matches!(c, Color::Rgb(..) | Color::Indexed(_)));
            Some(known.ok_or(format!("{named:?} is none of the 16 colours"))?)
        };
        Ok(Self { rgb, named })
    }
}

fn hex(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some((byte(0)?, byte(2)?, byte(4)?))
}

impl Shade {
    fn at(self, depth: Depth) -> Option<Color> {
        match depth {
            Depth::None => None,
            Depth::Sixteen => self.named,
            Depth::Many => self.rgb.map(|(r, g, b)| Color::Indexed(nearest(r, g, b))),
            Depth::True => self.rgb.map(|(r, g, b)| Color::Rgb(r, g, b)),
        }
    }
}

/// The nearest of xterm's 6x6x6 cube and its 24 greys.
fn nearest(r: u8, g: u8, b: u8) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |v: u8| (0..6u8).min_by_key(|i| STEPS[*i as usize].abs_diff(v)).expect("six steps");
    let (cr, cg, cb) = (step(r), step(g), step(b));
    let grey = (0..24u8).min_by_key(|i| (8 + 10 * i).abs_diff(luma(r, g, b))).expect("24 greys");
    let far = |x: (u8, u8, u8)| {
        [(x.0, r), (x.1, g), (x.2, b)].iter().map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum::<u32>()
    };
    let cube = (STEPS[cr as usize], STEPS[cg as usize], STEPS[cb as usize]);
    let level = 8 + 10 * grey;
    if far((level, level, level)) < far(cube) { 232 + grey } else { 16 + 36 * cr + 6 * cg + cb }
}

fn luma(r: u8, g: u8, b: u8) -> u8 {
    u8::try_from((u32::from(r) * 3 + u32::from(g) * 6 + u32::from(b)) / 10).unwrap_or(u8::MAX)
}

/// The styles that panels draw with.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "roles; the theme file documents them")]
pub struct Styles {
    pub base: Style,
    pub surface: Style,
    pub selection: Style,
    pub text: Style,
    pub strong: Style,
    pub dim: Style,
    pub faint: Style,
    pub accent: Style,
    pub title: Style,
    pub good: Style,
    pub warn: Style,
    pub bad: Style,
    pub good_pill: Style,
    pub warn_pill: Style,
    pub bad_pill: Style,
    pub found: Style,
    ranks: [Style; 4],
    environments: [Style; 3],
    /// The signs.
    pub glyphs: Glyphs,
}

impl Styles {
    /// The styles of a theme's text for a terminal.
    ///
    /// # Errors
    /// What is wrong with the text, with its place.
    pub fn parse(text: &str, depth: Depth, ascii: bool) -> Result<Self, String> {
        let File { colours } = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut glyphs = Glyphs::new(ascii);
        // What shows 16 colours at most may be a console, and a console's font has no braille.
        glyphs.braille &= matches!(depth, Depth::Many | Depth::True);
        Ok(Self::make(&colours, depth, glyphs))
    }

    /// The default theme.
    pub fn standard(depth: Depth, ascii: bool) -> Self {
        Self::parse(BUILT_IN[0].1, depth, ascii).expect("the built-in themes are tested")
    }

    fn make(c: &Colours, depth: Depth, glyphs: Glyphs) -> Self {
        let plain = depth == Depth::None;
        let fg = |shade: Shade| shade.at(depth).map_or(Style::new(), |colour| Style::new().fg(colour));
        let bg = |shade: Shade| shade.at(depth).map_or(Style::new(), |colour| Style::new().bg(colour));
        let marked = |style: Style, sign: Modifier| if plain { style.add_modifier(sign) } else { style };
        let pill = |shade: Shade| match (shade.at(depth), c.background.at(depth)) {
            (Some(colour), Some(ink)) => Style::new().fg(ink).bg(colour).add_modifier(Modifier::BOLD),
            (Some(colour), None) => Style::new().fg(colour).add_modifier(Modifier::BOLD | Modifier::REVERSED),
            (None, _) => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
        };
        let banner = |shade: Shade| match shade.at(depth) {
            Some(colour) => Style::new().fg(Color::White).bg(colour).add_modifier(Modifier::BOLD),
            None => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
        };
        Self {
            base: bg(c.background).patch(fg(c.text)),
            surface: bg(c.surface).patch(fg(c.text)),
            selection: marked(bg(c.selection), Modifier::REVERSED),
            text: fg(c.text),
            strong: fg(c.strong).add_modifier(Modifier::BOLD),
            dim: fg(c.dim),
            faint: fg(c.faint),
            accent: marked(fg(c.accent), Modifier::BOLD),
            title: fg(c.accent).add_modifier(Modifier::BOLD),
            good: fg(c.good),
            warn: marked(fg(c.warn), Modifier::BOLD),
            bad: marked(fg(c.bad), Modifier::BOLD),
            good_pill: pill(c.good),
            warn_pill: pill(c.warn),
            bad_pill: pill(c.bad),
            found: marked(fg(c.warn), Modifier::UNDERLINED).add_modifier(Modifier::UNDERLINED),
            ranks: [c.critical, c.high, c.medium, c.low].map(|s| marked(fg(s), Modifier::BOLD)),
            environments: [c.production, c.staging, c.elsewhere].map(banner),
            glyphs,
        }
    }

    /// A severity's colour.
    pub fn rank(&self, rank: Rank) -> Style {
        self.ranks[rank as usize]
    }

    /// An environment's banner.
    pub fn environment(&self, name: &str) -> Style {
        let name = name.to_lowercase();
        let place = match name.as_str() {
            "production" | "prod" | "live" => 0,
            "staging" | "stage" | "preprod" | "pre-production" => 1,
            _ => 2,
        };
        self.environments[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_reads_at_every_depth() {
        for (name, text) in BUILT_IN {
            for depth in [Depth::None, Depth::Sixteen, Depth::Many, Depth::True] {
                assert!(Styles::parse(text, depth, false).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn without_colour_no_style_has_one() {
        let styles = Styles::standard(Depth::None, true);
        for style in [styles.base, styles.selection, styles.bad, styles.environment("production")] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert_ne!(styles.selection, styles.base);
    }

    #[test]
    fn a_broken_theme_says_where() {
        let broken = BUILT_IN[0].1.replace("#6fd68b", "greenish");
        let why = Styles::parse(&broken, Depth::True, false).unwrap_err();
        assert!(why.contains("greenish") && why.contains("good"), "{why}");
        assert!(Styles::parse("[colours]\nsparkle = [\"#ffffff\", \"white\"]", Depth::True, false).is_err());
    }

    #[test]
    fn text_of_the_light_theme_stands_out_from_its_background() {
        let light = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |(r, g, b): (u8, u8, u8)| 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
        for (name, text) in BUILT_IN {
            let File { colours: c } = toml::from_str(text).unwrap();
            let back = luminance(c.background.rgb.unwrap());
            for (role, shade) in [
                ("text", c.text),
                ("dim", c.dim),
                ("good", c.good),
                ("warn", c.warn),
                ("bad", c.bad),
                ("accent", c.accent),
            ] {
                let own = luminance(shade.rgb.unwrap());
                let ratio = (back.max(own) + 0.05) / (back.min(own) + 0.05);
                assert!(ratio >= 4.5, "{name} {role} has {ratio:.2} : 1");
            }
        }
    }
}
