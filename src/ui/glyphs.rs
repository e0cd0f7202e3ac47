//! The signs for states, in Unicode or in ASCII. Each is one column wide except the ASCII boxes.

use crate::room::{Mark, Verdict};

/// One set of signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Glyphs {
    pub ascii: bool,
    /// Whether braille can be shown: not on a console, whose font has none.
    pub braille: bool,
    pub cursor: &'static str,
    pub arrow: &'static str,
    pub dot: &'static str,
    pub ring: &'static str,
    pub check: &'static str,
    pub cross: &'static str,
    pub running: &'static str,
    pub held: &'static str,
    pub waiting: &'static str,
    pub alert: &'static str,
    pub folded: &'static str,
    pub unfolded: &'static str,
    pub rule: &'static str,
    pub wall: &'static str,
    pub full: &'static str,
    pub half: &'static str,
    pub rest: &'static str,
    pub ellipsis: &'static str,
    pub note: &'static str,
    open: &'static str,
    done: &'static str,
    blocked: &'static str,
    not_applicable: &'static str,
    pub saving: &'static str,
    pub criterion: &'static str,
    /// How many columns a box takes.
    pub box_width: u16,
}

const UNICODE: Glyphs = Glyphs {
    ascii: false,
    braille: true,
    cursor: "▸",
    arrow: "▸",
    dot: "●",
    ring: "○",
    check: "✓",
    cross: "✗",
    running: "▶",
    held: "‖",
    waiting: "·",
    alert: "▲",
    folded: "▸",
    unfolded: "▾",
    rule: "─",
    wall: "│",
    full: "━",
    half: "╸",
    rest: "─",
    ellipsis: "…",
    note: "✎",
    open: "☐",
    done: "✓",
    blocked: "✗",
    not_applicable: "–",
    saving: "◌",
    criterion: "◇",
    box_width: 1,
};

const ASCII: Glyphs = Glyphs {
    ascii: true,
    braille: false,
    cursor: ">",
    arrow: ">",
    dot: "*",
    ring: "o",
    check: "+",
    cross: "x",
    running: ">",
    held: "=",
    waiting: ".",
    alert: "^",
    folded: "+",
    unfolded: "-",
    rule: "-",
    wall: "|",
    full: "=",
    half: "-",
    rest: "-",
    ellipsis: "..",
    note: "~",
    open: "[ ]",
    done: "[x]",
    blocked: "[!]",
    not_applicable: "[-]",
    saving: "[~]",
    criterion: "<>",
    box_width: 3,
};

impl Glyphs {
    /// The signs for a terminal.
    pub fn new(ascii: bool) -> Self {
        if ascii { ASCII } else { UNICODE }
    }

    /// A box.
    pub fn mark(&self, mark: Mark) -> &'static str {
        match mark {
            Mark::Open => self.open,
            Mark::Done => self.done,
            Mark::Blocked => self.blocked,
            Mark::NotApplicable => self.not_applicable,
        }
    }

    /// A gate's sign.
    pub fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Go => self.check,
            Verdict::NoGo => self.cross,
            Verdict::Inconclusive => "?",
        }
    }
}
