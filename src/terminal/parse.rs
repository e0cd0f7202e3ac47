//! Bytes of the keyboard to [`Input`]. Pure: it holds what is unfinished and never guesses by the way
//! the bytes were cut.
//!
//! crossterm takes an escape byte at the end of one read for the key Esc, so a flood of arrows or a slow
//! line turns `ESC [ A` into three keys; here such a byte waits. The key events are crossterm's, and so
//! is what a byte means (xterm's control sequences, SGR mouse, bracketed paste).

use std::time::Duration;

use crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::Input;

const ESC: u8 = 0x1b;
const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// After this long a lone escape byte is the key Esc.
const SEQUENCE: Duration = Duration::from_millis(25);

/// After this long without a byte the paste so far is handed on; the rest stays a paste.
const SILENCE: Duration = Duration::from_secs(1);

/// A longer sequence is none of a keyboard.
const LONGEST: usize = 64;

/// A longer paste comes in pieces of this size.
const LARGEST_PASTE: usize = 16 << 20;

/// Bytes that are not yet an input.
#[derive(Default)]
pub(super) struct Parser {
    bytes: Vec<u8>,
    /// Where the next input begins.
    at: usize,
    paste: Option<Paste>,
}

/// The paste whose end has not come.
#[derive(Clone, Copy, Default)]
struct Paste {
    /// So many of its bytes were searched for the end.
    searched: usize,
    /// Part of it was handed on already.
    begun: bool,
}

/// What stands at the beginning of some bytes.
#[derive(Debug, PartialEq)]
enum Token {
    /// So many bytes, with or without a meaning.
    Whole(usize, Option<Input>),
    /// The end is missing.
    Partial,
}

impl Parser {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next input that is complete.
    pub fn next(&mut self) -> Option<Input> {
        loop {
            let token = match self.paste {
                Some(paste) => self.pasted(paste),
                None => self.typed(),
            };
            match token {
                Token::Whole(length, None) => self.at += length,
                Token::Whole(length, input) => {
                    self.at += length;
                    return input;
                }
                Token::Partial => {
                    self.bytes.drain(..std::mem::take(&mut self.at));
                    return None;
                }
            }
        }
    }

    /// How long to wait for the rest of what is unfinished.
    pub fn patience(&self) -> Option<Duration> {
        let unfinished = self.at < self.bytes.len();
        unfinished.then_some(if self.paste.is_some() { SILENCE } else { SEQUENCE })
    }

    /// What the unfinished bytes mean, now that no more came.
    pub fn flush(&mut self) -> Option<Input> {
        let rest = self.bytes.split_off(self.at);
        self.bytes.clear();
        self.at = 0;
        match (rest.as_slice(), self.paste) {
            ([], _) => None,
            (rest, Some(paste)) => Some(self.stalled(rest, paste)),
            ([ESC], None) => Some(key(KeyCode::Esc)),
            ([ESC, byte @ (b'[' | b'O')], None) => Some(Input::Key(with_alt(letter(char::from(*byte))))),
            _ => None,
        }
    }

    /// Hands on a paste that stalls. What comes later is still pasted, not typed, until its end; only a
    /// single Esc or Ctrl-C after the stall gives the keyboard back where that end was lost.
    fn stalled(&mut self, text: &[u8], paste: Paste) -> Input {
        match text {
            [byte @ (ESC | 0x03)] if paste.begun => {
                self.paste = None;
                Input::Key(letter(char::from(*byte)))
            }
            text => {
                self.paste = Some(Paste { searched: 0, begun: true });
                pasted(text)
            }
        }
    }

    fn typed(&mut self) -> Token {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(PASTE) {
            self.paste = Some(Paste::default());
            return Token::Whole(PASTE.len(), None);
        }
        token(rest)
    }

    /// The paste up to its end, or a large piece of it.
    fn pasted(&mut self, paste: Paste) -> Token {
        let rest = &self.bytes[self.at..];
        let found = rest[paste.searched..].windows(PASTE_END.len()).position(|window| window == PASTE_END);
        // The last bytes may be the beginning of the end.
        let searched = rest.len().saturating_sub(PASTE_END.len() - 1);
        match found.map(|offset| paste.searched + offset) {
            Some(end) => {
                self.paste = None;
                let is_news = end > 0 || !paste.begun;
                Token::Whole(end + PASTE_END.len(), is_news.then(|| pasted(&rest[..end])))
            }
            None if rest.len() > LARGEST_PASTE => {
                self.paste = Some(Paste { searched: 0, begun: true });
                Token::Whole(searched, Some(pasted(&rest[..searched])))
            }
            None => {
                self.paste = Some(Paste { searched, ..paste });
                Token::Partial
            }
        }
    }
}

fn pasted(text: &[u8]) -> Input {
    Input::Paste(String::from_utf8_lossy(text).into_owned())
}

fn token(bytes: &[u8]) -> Token {
    match bytes {
        [] | [ESC] | [ESC, b'O'] => Token::Partial,
        [ESC, b'[', rest @ ..] => control_sequence(rest),
        [ESC, b'O', last, ..] if cursor_key(*last).is_some() => Token::Whole(3, cursor_key(*last).map(key)),
        [ESC, ESC, ..] => Token::Whole(1, Some(key(KeyCode::Esc))),
        [ESC, rest @ ..] => character(rest, 1, with_alt),
        _ => character(bytes, 0, std::convert::identity),
    }
}

/// One character behind `before` bytes, changed by `change`.
fn character(bytes: &[u8], before: usize, change: fn(KeyEvent) -> KeyEvent) -> Token {
    let length = match bytes[0] {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return Token::Whole(before + 1, None),
    };
    let whole = bytes.get(..length).map(std::str::from_utf8);
    match whole {
        Some(Ok(text)) => {
            let input = text.chars().next().map(|c| Input::Key(change(letter(c))));
            Token::Whole(before + length, input)
        }
        Some(Err(_)) => Token::Whole(before + 1, None),
        None if bytes[1..].iter().all(|byte| byte & 0xc0 == 0x80) => Token::Partial,
        None => Token::Whole(before + 1, None),
    }
}

/// The key that sends `c`.
fn letter(c: char) -> KeyEvent {
    let control = |c: u8| KeyEvent::new(KeyCode::Char(c.into()), KeyModifiers::CONTROL);
    match c {
        '\r' => KeyCode::Enter.into(),
        '\t' => KeyCode::Tab.into(),
        '\x7f' => KeyCode::Backspace.into(),
        '\x1b' => KeyCode::Esc.into(),
        '\0' => control(b' '),
        '\x01'..='\x1a' => control(c as u8 - 1 + b'a'),
        '\x1c'..='\x1f' => control(c as u8 - 0x1c + b'4'),
        c if c.is_uppercase() => KeyEvent::new(KeyCode::Char(c), KeyModifiers::SHIFT),
        c => KeyCode::Char(c).into(),
    }
}

fn with_alt(mut key: KeyEvent) -> KeyEvent {
    key.modifiers |= KeyModifiers::ALT;
    key
}

fn key(code: KeyCode) -> Input {
    Input::Key(code.into())
}

/// The sequence whose `ESC [` was already seen.
fn control_sequence(rest: &[u8]) -> Token {
    // The Linux console's F1 to F5 have a second bracket.
    if let [b'[', tail @ ..] = rest {
        return match tail {
            [] => Token::Partial,
            [last @ b'A'..=b'E', ..] => Token::Whole(4, Some(key(KeyCode::F(last - b'A' + 1)))),
            _ => Token::Whole(3, None),
        };
    }
    let end = rest.iter().position(|byte| !(0x20..0x40).contains(byte));
    match end {
        None if rest.len() > LONGEST => Token::Whole(2 + rest.len(), None),
        None => Token::Partial,
        Some(end) if !(0x40..0x7f).contains(&rest[end]) => Token::Whole(2 + end, None),
        Some(end) => Token::Whole(2 + end + 1, meaning(&rest[..end], rest[end])),
    }
}

/// What a whole control sequence says; none where it says nothing to us.
fn meaning(parameters: &[u8], last: u8) -> Option<Input> {
    let text = std::str::from_utf8(parameters).ok()?;
    match (text.strip_prefix('<'), last) {
        (Some(report), b'M' | b'm') => mouse(report, last == b'm'),
        (Some(_), _) => None,
        (None, b'I') => Some(Input::Focus(true)),
        (None, b'O') => Some(Input::Focus(false)),
        (None, last) => named_key(text, last),
    }
}

/// A key with a name: `ESC [ 1 ; modifiers : event A`, `ESC [ number ; … ~`, `ESC [ code ; … u`.
fn named_key(parameters: &str, last: u8) -> Option<Input> {
    let mut parts = parameters.split(';');
    let first = parts.next().unwrap_or_default().split(':').next().unwrap_or_default();
    let (mask, event) = parts.next().map_or((1, 1), modifiers_and_event);
    let number: u32 = if first.is_empty() { 1 } else { first.parse().ok()? };
    let mut key = match last {
        b'~' => numbered_key(number)?.into(),
        b'u' => letter(char::from_u32(number)?),
        b'Z' => KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT),
        last => cursor_key(last)?.into(),
    };
    key.modifiers |= modifiers(mask);
    key.kind = match event {
        2 => KeyEventKind::Repeat,
        3 => return None,
        _ => KeyEventKind::Press,
    };
    Some(Input::Key(key))
}

fn modifiers_and_event(part: &str) -> (u8, u8) {
    let (mask, event) = part.split_once(':').unwrap_or((part, "1"));
    (mask.parse().unwrap_or(1), event.parse().unwrap_or(1))
}

/// xterm counts modifiers from 1.
fn modifiers(mask: u8) -> KeyModifiers {
    let bits = mask.saturating_sub(1);
    let all = [KeyModifiers::SHIFT, KeyModifiers::ALT, KeyModifiers::CONTROL, KeyModifiers::SUPER];
    let held = all.into_iter().enumerate().filter(|(place, _)| bits & 1 << place != 0);
    held.fold(KeyModifiers::NONE, |held, (_, modifier)| held | modifier)
}

fn cursor_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered_key(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        // The numbers skip one after each group, as the keys of the VT220 stood in groups.
        11..=15 => KeyCode::F(number as u8 - 10),
        17..=21 => KeyCode::F(number as u8 - 11),
        23..=24 => KeyCode::F(number as u8 - 12),
        _ => return None,
    })
}

/// An SGR mouse report: `button;column;row`, both from 1.
fn mouse(report: &str, released: bool) -> Option<Input> {
    let mut numbers = report.split(';').map(|part| part.parse::<u16>().ok());
    let mut number = || numbers.next().flatten();
    let (button, column, row) = (number()?, number()?, number()?);
    let held = [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)];
    let held = held.into_iter().filter(|(bit, _)| button & bit != 0);
    Some(Input::Mouse(MouseEvent {
        kind: mouse_kind(button & !0b1_1100, released)?,
        column: column.checked_sub(1)?,
        row: row.checked_sub(1)?,
        modifiers: held.fold(KeyModifiers::NONE, |held, (_, modifier)| held | modifier),
    }))
}

/// The report's button without its modifiers: 32 says the mouse moved, 64 is the wheel.
fn mouse_kind(button: u16, released: bool) -> Option<MouseEventKind> {
    let which = match button & 3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    Some(match (button, released) {
        (64, _) => MouseEventKind::ScrollUp,
        (65, _) => MouseEventKind::ScrollDown,
        (66, _) => MouseEventKind::ScrollLeft,
        (67, _) => MouseEventKind::ScrollRight,
        (0..=2, false) => MouseEventKind::Down(which),
        (0..=2, true) => MouseEventKind::Up(which),
        (32..=34, _) => MouseEventKind::Drag(which),
        (35, _) => MouseEventKind::Moved,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) -> Vec<Input> {
        let mut parser = Parser::default();
        parser.push(bytes);
        let mut inputs: Vec<Input> = std::iter::from_fn(|| parser.next()).collect();
        inputs.extend(parser.flush());
        inputs
    }

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Vec<Input> {
        vec![Input::Key(KeyEvent::new(code, modifiers))]
    }

    #[test]
    fn keys_are_those_of_xterm() {
        use KeyCode::*;
        let (none, shift, alt, ctrl) =
            (KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::ALT, KeyModifiers::CONTROL);
        for (bytes, code, modifiers) in [
            (&b"j"[..], Char('j'), none),
            (b"J", Char('J'), shift),
            (b" ", Char(' '), none),
            ("é".as_bytes(), Char('é'), none),
            ("日".as_bytes(), Char('日'), none),
            (b"\r", Enter, none),
            (b"\n", Char('j'), ctrl),
            (b"\t", Tab, none),
            (b"\x1b[Z", BackTab, shift),
            (b"\x7f", Backspace, none),
            (b"\x08", Char('h'), ctrl),
            (b"\x04", Char('d'), ctrl),
            (b"\x1a", Char('z'), ctrl),
            (b"\x1c", Char('4'), ctrl),
            (b"\0", Char(' '), ctrl),
            (b"\x1b", Esc, none),
            (b"\x1bx", Char('x'), alt),
            (b"\x1bX", Char('X'), alt | shift),
            ("\x1bé".as_bytes(), Char('é'), alt),
            (b"\x1b\r", Enter, alt),
            (b"\x1b[", Char('['), alt),
            (b"\x1bO", Char('O'), alt | shift),
            (b"\x1b[A", Up, none),
            (b"\x1bOA", Up, none),
            (b"\x1b[1;5C", Right, ctrl),
            (b"\x1b[1;2D", Left, shift),
            (b"\x1b[H", Home, none),
            (b"\x1b[4~", End, none),
            (b"\x1b[5~", PageUp, none),
            (b"\x1b[6;3~", PageDown, alt),
            (b"\x1b[3~", Delete, none),
            (b"\x1bOP", F(1), none),
            (b"\x1b[12~", F(2), none),
            (b"\x1b[1;5S", F(4), ctrl),
            (b"\x1b[[B", F(2), none),
            (b"\x1b[15~", F(5), none),
            (b"\x1b[17~", F(6), none),
            (b"\x1b[24~", F(12), none),
            (b"\x1b[97;5u", Char('a'), ctrl),
            (b"\x1b[13;2u", Enter, shift),
        ] {
            assert_eq!(all(bytes), pressed(code, modifiers), "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn what_says_nothing_is_silent() {
        for bytes in [
            &b"\x1b[?1;2c"[..],
            b"\x1b[99~",
            b"\x1b[1;1:3A",
            b"\x1b[<0;0;0M",
            b"\x1b[<99;1;1M",
            b"\xff",
            b"\xc3",
            b"\x1b[1;2",
        ] {
            assert_eq!(all(bytes), [], "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn a_broken_sequence_costs_only_itself() {
        assert_eq!(all(b"\x1b[1;\x1b[A"), pressed(KeyCode::Up, KeyModifiers::NONE));
        assert_eq!(all(b"\xe6j"), pressed(KeyCode::Char('j'), KeyModifiers::NONE));
        let endless = [b"\x1b[".as_slice(), &b"1".repeat(100), b"q"].concat();
        assert_eq!(all(&endless), []);
    }

    #[test]
    fn the_mouse_counts_from_zero() {
        let report = |kind, modifiers| vec![Input::Mouse(MouseEvent { kind, column: 4, row: 5, modifiers })];
        let none = KeyModifiers::NONE;
        assert_eq!(all(b"\x1b[<0;5;6M"), report(MouseEventKind::Down(MouseButton::Left), none));
        assert_eq!(all(b"\x1b[<2;5;6m"), report(MouseEventKind::Up(MouseButton::Right), none));
        assert_eq!(all(b"\x1b[<33;5;6M"), report(MouseEventKind::Drag(MouseButton::Middle), none));
        assert_eq!(all(b"\x1b[<81;5;6M"), report(MouseEventKind::ScrollDown, KeyModifiers::CONTROL));
        assert_eq!(all(b"\x1b[I\x1b[O"), [Input::Focus(true), Input::Focus(false)]);
    }

    #[test]
    fn a_paste_is_one_input_whatever_it_holds() {
        let text = "y\rq\u{1b}[A\u{1b}[20";
        assert_eq!(all(format!("\x1b[200~{text}\x1b[201~").as_bytes()), [Input::Paste(text.into())]);
        assert_eq!(all(b"\x1b[200~no end"), [Input::Paste("no end".into())]);
        assert_eq!(all(b"\x1b[200~\xff\x1b[201~"), [Input::Paste("\u{fffd}".into())]);
    }

    #[test]
    fn a_stalled_or_endless_paste_types_nothing() {
        let mut parser = Parser::default();
        parser.push(b"\x1b[200~first");
        assert_eq!((parser.next(), parser.flush()), (None, Some(Input::Paste("first".into()))));
        parser.push(b"q\rR\x1b[201~j");
        assert_eq!(parser.next(), Some(Input::Paste("q\rR".into())));
        assert_eq!(parser.next(), Some(key(KeyCode::Char('j'))));

        parser.push(PASTE);
        parser.push(&vec![b'q'; LARGEST_PASTE + 3]);
        parser.push(PASTE_END);
        let pieces: Vec<Input> = std::iter::from_fn(|| parser.next()).collect();
        assert!(pieces.iter().all(|piece| matches!(piece, Input::Paste(_))));
    }

    #[test]
    fn a_key_alone_ends_a_paste_that_lost_its_end() {
        let mut parser = Parser::default();
        parser.push(b"\x1b[200~text");
        assert_eq!((parser.next(), parser.flush()), (None, Some(Input::Paste("text".into()))));
        parser.push(b"\x1b");
        assert_eq!((parser.next(), parser.flush()), (None, Some(key(KeyCode::Esc))));
        parser.push(b"j");
        assert_eq!(parser.next(), Some(key(KeyCode::Char('j'))));
    }

    #[test]
    fn only_what_is_unfinished_is_waited_for() {
        for (bytes, patience) in [
            (&b"j"[..], None),
            (b"\x1b", Some(SEQUENCE)),
            (b"\x1b[1;", Some(SEQUENCE)),
            (b"\x1b[200~y", Some(SILENCE)),
        ] {
            let mut parser = Parser::default();
            parser.push(bytes);
            while parser.next().is_some() {}
            assert_eq!(parser.patience(), patience, "{:?}", bytes.escape_ascii().to_string());
        }
    }

    proptest! {
        /// The bytes mean the same however they arrive.
        #[test]
        fn cuts_change_nothing(
            pieces in prop::collection::vec(prop::sample::select(vec![
                &b"j"[..], b"\x1b[A", b"\x1bOP", b"\x1b[1;5C", "日".as_bytes(), b"\x1b[<0;5;6M", b"\r", b"\x1bx", b"\x1b[5~",
                b"\x1b[200~y\rq\x1b[201~", b"\x04", b"\x1b[200~\x1b[201~", b"\xff",
            ]), 0..40),
            cuts in prop::collection::vec(1usize..9, 1..20),
        ) {
            let bytes = pieces.concat();
            let mut parser = Parser::default();
            let (mut inputs, mut rest, mut cuts) = (Vec::new(), bytes.as_slice(), cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (now, later) = rest.split_at(cuts.next().unwrap().min(rest.len()));
                parser.push(now);
                inputs.extend(std::iter::from_fn(|| parser.next()));
                rest = later;
            }
            inputs.extend(parser.flush());
            prop_assert_eq!(inputs, all(&bytes));
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut parser = Parser::default();
            parser.push(&bytes);
            while parser.next().is_some() {}
            let _ = parser.flush();
            prop_assert_eq!(parser.patience(), None);
            prop_assert_eq!(parser.flush(), None);
        }
    }
}
