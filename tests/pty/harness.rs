//! A program in a pseudo-terminal: keys in, a screen model out, and the two questions every test of a
//! screen ends with: did only our own escape sequences reach the terminal, and was it left as found?
//!
//! No thread reads behind the test's back: the terminal is read while the test waits, so a test that
//! does not wait is a frozen terminal. `setsid --ctty` makes it the program's controlling terminal.

use std::fmt::Write as _;
use std::num::NonZero;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fcntl_setfl, open};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcsetwinsize};

/// How long anything may take: generous, because only a failure ever waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The kernel hands written bytes on by a worker of its own: so long they may take after their
/// writer is gone.
const LAST_BYTES: Duration = Duration::from_millis(100);

/// A program and its terminal.
pub struct Pty {
    master: Option<OwnedFd>,
    /// Kept open so that the modes can be asked for after the program is gone.
    slave: OwnedFd,
    child: Child,
    parser: vt100::Parser,
    /// Everything the program wrote.
    pub raw: Vec<u8>,
    /// The modes before the program started.
    found: String,
}

impl Pty {
    /// Starts `program` in a terminal of `size` columns and rows with `env` added to a small environment.
    pub fn spawn(program: &str, args: &[&str], size: (u16, u16), env: &[(&str, &str)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        tcsetwinsize(&slave, winsize(size)).unwrap();
        fcntl_setfl(&master, OFlags::NONBLOCK).unwrap();
        let found = modes(&slave);
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(program).args(args);
        command.env("TERM", "xterm-256color").env("COLORTERM", "truecolor").env("LC_ALL", "C.UTF-8");
        command.envs(env.iter().copied());
        let stdio = || slave.try_clone().unwrap();
        let child = command.stdin(stdio()).stdout(stdio()).stderr(stdio()).spawn().unwrap();
        Self { master: Some(master), slave, child, parser: parser(size), raw: Vec::new(), found }
    }

    /// Types keys: characters stand for themselves, others have names: `jj<space><c-d><s-tab><f2><lt>`.
    pub fn keys(&mut self, keys: &str) {
        self.send(&bytes_of(keys));
    }

    /// Pastes as a terminal with bracketed paste does.
    pub fn paste(&mut self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// Writes bytes as the terminal's keyboard; reads along, as a terminal would.
    pub fn send(&mut self, mut bytes: &[u8]) {
        let end = Instant::now() + PATIENCE;
        while !bytes.is_empty() {
            let ready = self.poll(PollFlags::IN | PollFlags::OUT, end);
            assert!(!ready.is_empty(), "{} bytes were never taken\n{}", bytes.len(), self.dump());
            if ready.contains(PollFlags::IN) {
                self.read();
            }
            if ready.contains(PollFlags::OUT) {
                bytes = &bytes[rustix::io::write(self.master(), bytes).unwrap_or(0)..];
            }
        }
    }

    /// Waits until the screen shows `text`.
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} to appear"), |screen| screen.contents().contains(text));
    }

    /// Waits until the screen no longer shows `text`.
    pub fn wait_gone(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} to go"), |screen| !screen.contents().contains(text));
    }

    /// Waits until `is_so` of the screen; `what` is what the failure says was waited for.
    pub fn wait_until(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(self.parser.screen()) {
            let ready = self.poll(PollFlags::IN, end);
            assert!(!ready.is_empty(), "waited in vain for {what}\n{}", self.dump());
            assert!(self.read() > 0, "the program ended before {what}\n{}", self.dump());
        }
    }

    /// Reads for so long, and says how many bytes came.
    pub fn pump(&mut self, time: Duration) -> usize {
        let (before, end) = (self.raw.len(), Instant::now() + time);
        while self.poll(PollFlags::IN, end).contains(PollFlags::IN) {
            self.read();
        }
        self.raw.len() - before
    }

    /// The screen as text, a line a row.
    pub fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Makes the terminal another size; the kernel tells the program.
    pub fn resize(&mut self, size: (u16, u16)) {
        tcsetwinsize(self.master(), winsize(size)).unwrap();
        let (columns, rows) = modelled(size);
        self.parser.screen_mut().set_size(rows, columns);
    }

    /// Sends a signal to the program alone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Takes the terminal away, as a closed window or a lost connection does.
    pub fn close_master(&mut self) {
        self.master = None;
    }

    /// Waits until the program is stopped by job control.
    pub fn wait_stopped(&mut self) {
        let end = Instant::now() + PATIENCE;
        while self.state() != 'T' {
            assert!(Instant::now() < end, "the program never stopped\n{}", self.dump());
            self.pump(Duration::from_millis(5));
        }
        self.pump(LAST_BYTES);
    }

    /// Waits for the program's end, reads what it still had to say, and gives its status and the time waited.
    pub fn wait_exit(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let watch = pidfd_open(self.pid(), PidfdFlags::empty()).unwrap();
        while !is_over(&watch) {
            assert!(start.elapsed() < PATIENCE, "the program did not end\n{}", self.dump());
            if self.master.is_some() {
                self.pump(Duration::from_millis(2));
            }
        }
        let waited = start.elapsed();
        if self.master.is_some() {
            self.pump(LAST_BYTES);
        }
        (self.child.wait().unwrap(), waited)
    }

    /// CPU time the program has used so far, in clock ticks of 10 ms.
    pub fn cpu_ticks(&self) -> u64 {
        let fields = self.stat();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// Fails unless every byte so far belongs to what this program is allowed to tell a terminal.
    pub fn assert_own_grammar(&self) {
        if let Err(problem) = check_grammar(&self.raw) {
            panic!("{problem}\n{}", self.dump());
        }
    }

    /// Fails unless screen, cursor, paste, mouse and all modes are as before the program started.
    pub fn assert_left_as_found(&self) {
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is still on");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(
            screen.mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse is still reported"
        );
        assert_eq!(left_on(&self.raw), Vec::<String>::new(), "modes are not as found");
        assert_eq!(modes(&self.slave), self.found, "the terminal's modes (termios) are not as found");
    }

    /// Whether the program has put the terminal into raw mode.
    pub fn is_raw(&self) -> bool {
        modes(&self.slave) != self.found
    }

    fn master(&self) -> &OwnedFd {
        self.master.as_ref().expect("the terminal was closed by this test")
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// What of `wanted` the terminal is ready for before `end`; nothing when the time is over.
    fn poll(&self, wanted: PollFlags, end: Instant) -> PollFlags {
        let left = Timespec::try_from(end.saturating_duration_since(Instant::now())).unwrap();
        let mut fds = [PollFd::from_borrowed_fd(self.master().as_fd(), wanted)];
        poll(&mut fds, Some(&left)).unwrap();
        fds[0].revents()
    }

    /// Reads what is there; 0 when the terminal has no program any more.
    fn read(&mut self) -> usize {
        let mut buffer = [0; 65536];
        let count = rustix::io::read(self.master(), &mut buffer).unwrap_or(0);
        self.parser.process(&buffer[..count]);
        self.raw.extend_from_slice(&buffer[..count]);
        count
    }

    fn state(&self) -> char {
        self.stat()[0].chars().next().unwrap()
    }

    /// The fields of `/proc/PID/stat` behind the name.
    fn stat(&self) -> Vec<String> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().map(str::to_owned).collect()
    }

    fn dump(&self) -> String {
        let from = self.raw.len().saturating_sub(400);
        let end = String::from_utf8_lossy(&self.raw[from..]);
        format!("--- screen ---\n{}\n--- last bytes ---\n{end:?}", self.screen())
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parser(size: (u16, u16)) -> vt100::Parser {
    let (columns, rows) = modelled(size);
    vt100::Parser::new(rows, columns, 0)
}

/// The size of the model: no terminal of nothing, and not the largest one a test may claim to have.
fn modelled((columns, rows): (u16, u16)) -> (NonZero<u16>, NonZero<u16>) {
    let bound = |cells: u16| NonZero::new(cells.clamp(1, 300)).expect("at least 1");
    (bound(columns), bound(rows))
}

fn winsize((columns, rows): (u16, u16)) -> Winsize {
    Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 }
}

fn modes(tty: &OwnedFd) -> String {
    format!("{:?}", tcgetattr(tty).unwrap())
}

fn is_over(pidfd: &OwnedFd) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(pidfd.as_fd(), PollFlags::IN)];
    let wait = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    poll(&mut fds, Some(&wait)).unwrap() > 0
}

/// The bytes of keys written as in [`Pty::keys`].
fn bytes_of(keys: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let name = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
        match name {
            Some((name, tail)) => {
                out.extend_from_slice(&named(name));
                rest = tail;
            }
            None => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

fn named(name: &str) -> Vec<u8> {
    let bytes: &[u8] = match name {
        "space" => b" ",
        "enter" => b"\r",
        "esc" => b"\x1b",
        "tab" => b"\t",
        "s-tab" => b"\x1b[Z",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "right" => b"\x1b[C",
        "left" => b"\x1b[D",
        "home" => b"\x1b[H",
        "end" => b"\x1b[F",
        "pgup" => b"\x1b[5~",
        "pgdn" => b"\x1b[6~",
        "del" => b"\x1b[3~",
        "bs" => b"\x7f",
        "f1" => b"\x1bOP",
        "f2" => b"\x1bOQ",
        "f3" => b"\x1bOR",
        "f4" => b"\x1bOS",
        "lt" => b"<",
        _ => return modified(name),
    };
    bytes.to_vec()
}

/// `c-x` and `a-x`.
fn modified(name: &str) -> Vec<u8> {
    match name.as_bytes() {
        [b'c', b'-', key] => vec![key & 0x1f],
        [b'a', b'-', key] => vec![0x1b, *key],
        _ => panic!("no key is called <{name}>"),
    }
}

/// Private modes that are not as a shell has them: switched on and not off, or wrapping the other way round.
fn left_on(raw: &[u8]) -> Vec<String> {
    let mut on = std::collections::BTreeMap::new();
    let text = String::from_utf8_lossy(raw);
    for piece in text.split("\x1b[?").skip(1) {
        let Some(end) = piece.find(|c: char| c.is_ascii_alphabetic()) else { continue };
        for mode in piece[..end].split(';') {
            on.insert(mode.to_owned(), piece[end..].starts_with('h'));
        }
    }
    let as_found = |mode: &str| matches!(mode, "7" | "25");
    on.into_iter().filter(|(mode, on)| *on != as_found(mode)).map(|(mode, _)| mode).collect()
}

/// Checks that `raw` is UTF-8 without invisible characters, and that each escape sequence is one of ours.
pub fn check_grammar(raw: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(raw).map_err(|error| format!("not UTF-8: {error}"))?;
    let mut rest = text;
    let mut problems = String::new();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\x1b' => own_sequence(rest).unwrap_or(0),
            '\r' | '\n' => 1,
            _ if c.is_control() || warroom::text::has_hidden(c.encode_utf8(&mut [0; 4])) => 0,
            _ => c.len_utf8(),
        };
        if length == 0 {
            let at = text.len() - rest.len();
            let shown: String = rest.chars().take(24).collect();
            let _ = writeln!(problems, "byte {at} begins nothing of ours: {shown:?}");
        }
        rest = &rest[length.max(c.len_utf8())..];
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The length of the escape sequence at the start of `text`, if it is one this program may write.
fn own_sequence(text: &str) -> Option<usize> {
    if text.starts_with("\x1b\\") {
        return Some(2);
    }
    if let Some(copy) = text.strip_prefix("\x1b]52;c;") {
        let end = copy.find(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c))?;
        return copy[end..].starts_with("\x1b\\").then_some(7 + end + 2);
    }
    let body = text.strip_prefix("\x1b[")?;
    let end = body.find(|c: char| c.is_ascii_alphabetic())?;
    let (parameters, last) = (&body[..end], &body[end..=end]);
    let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == ';');
    let own = match last {
        "h" | "l" => {
            let known = ["7", "25", "1000", "1002", "1004", "1006", "1049", "2004", "2026"];
            parameters.strip_prefix('?').is_some_and(|mode| known.contains(&mode))
        }
        "J" => parameters == "2",
        "H" | "C" | "X" | "m" => numbers(parameters),
        _ => false,
    };
    own.then_some(2 + end + 1)
}

#[test]
fn the_grammar_knows_ours_and_refuses_others() {
    for own in ["\x1b[2;3H", "\x1b[?2026h", "\x1b[38;2;1;2;3mtext\x1b[m", "\x1b]52;c;YQ==\x1b\\", "日本\r\n"]
    {
        assert_eq!(check_grammar(own.as_bytes()), Ok(()), "{own:?}");
    }
    for foreign in [
        "\x1b]0;title\x07",
        "\x1b[6n",
        "\x1b[?1003h",
        "\u{9b}2J",
        "\x07",
        "\u{202e}",
        "\x1b]52;c;a\x07",
        "\x1bc",
        "\x1bP",
    ] {
        assert!(check_grammar(foreign.as_bytes()).is_err(), "{foreign:?}");
    }
    assert!(check_grammar(b"\x9b2J").is_err());
}

#[test]
fn what_stays_on_is_named() {
    assert_eq!(left_on(b"\x1b[?7l\x1b[?25l\x1b[?2004h\x1b[?2004l"), ["25", "7"]);
}

#[test]
fn keys_become_bytes() {
    assert_eq!(bytes_of("j<space><c-d><lt>é<up>"), "j \x04<é\x1b[A".as_bytes());
}
