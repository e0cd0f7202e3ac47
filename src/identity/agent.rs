//! The ssh-agent: which keys it holds, and a signature by one of them. Blocks, so it lives on a thread of
//! its own; [`Stop`] ends it from another one, and after a minute it ends by itself.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::keys::{Held, KeyTrouble, Place};
use crate::signing::wire::{Reader, put};
use crate::signing::{Key, Kind};

/// So long an agent, or whoever has to touch a key, may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The largest answer that is read.
const MAX_ANSWER: usize = 256 * 1024;

// The numbers of the protocol's messages (draft-miller-ssh-agent).
const FAILURE: u8 = 5;
const LIST: u8 = 11;
const LISTED: u8 = 12;
const SIGN: u8 = 13;
const SIGNED: u8 = 14;
/// RSA with SHA-512; without it an agent would take SHA-1.
const RSA_SHA512: u32 = 4;

/// Ends a signature that is waited for.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Mutex<Stopping>>);

#[derive(Debug, Default)]
struct Stopping {
    stopped: bool,
    open: Option<UnixStream>,
}

impl Stop {
    /// Gives up whatever is waited for.
    pub fn stop(&self) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.stopped = true;
        if let Some(stream) = state.open.take() {
            // It may be closed already.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Whether it was given up.
    pub fn is_stopped(&self) -> bool {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).stopped
    }

    fn holds(&self, stream: &UnixStream) -> Result<(), KeyTrouble> {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if state.stopped {
            return Err(KeyTrouble::Stopped);
        }
        state.open = stream.try_clone().ok();
        Ok(())
    }
}

/// An agent that answers.
#[derive(Debug)]
pub struct Agent {
    stream: UnixStream,
    until: Instant,
    patience: Duration,
    stop: Stop,
}

impl Agent {
    /// The agent that the environment names.
    ///
    /// # Errors
    /// There is none, or it cannot be reached.
    pub fn find(stop: &Stop) -> Result<Self, KeyTrouble> {
        let path = std::env::var_os("SSH_AUTH_SOCK").filter(|p| !p.is_empty()).ok_or(KeyTrouble::NoAgent)?;
        Self::at(&PathBuf::from(path), PATIENCE, stop)
    }

    /// The agent behind a socket.
    ///
    /// # Errors
    /// It cannot be reached.
    pub fn at(path: &Path, patience: Duration, stop: &Stop) -> Result<Self, KeyTrouble> {
        let gone =
            |why: std::io::Error| KeyTrouble::Unreachable { path: path.to_owned(), why: why.to_string() };
        let stream = UnixStream::connect(path).map_err(gone)?;
        stream.set_write_timeout(Some(patience)).map_err(gone)?;
        stop.holds(&stream)?;
        Ok(Self { stream, until: Instant::now() + patience, patience, stop: stop.clone() })
    }

    /// The keys that it holds and we can use.
    ///
    /// # Errors
    /// It holds none, or does not answer.
    pub fn keys(&mut self) -> Result<Vec<Held>, KeyTrouble> {
        let answer = self.ask(&[LIST])?;
        let mut reader = Reader::new(&answer);
        let listed = reader.byte() == Some(LISTED);
        let count = reader.number().filter(|_| listed).ok_or(KeyTrouble::Garbled)?;
        let mut held = vec![];
        for _ in 0..count {
            let pair = reader.string().zip(reader.string());
            let (blob, comment) = pair.ok_or(KeyTrouble::Garbled)?;
            let comment = String::from_utf8_lossy(comment).into_owned();
            // Certificates and other kinds are passed over.
            held.extend(Key::read(blob).ok().map(|key| Held { key, comment, place: Place::Agent }));
        }
        if held.is_empty() { Err(KeyTrouble::Empty) } else { Ok(held) }
    }

    /// The signature of a key over these bytes, as SSH writes it.
    ///
    /// # Errors
    /// It refuses, is too slow, or was given up.
    pub fn sign(&mut self, key: &Key, data: &[u8]) -> Result<Vec<u8>, KeyTrouble> {
        let flags = if key.kind == Kind::Rsa { RSA_SHA512 } else { 0 };
        let mut question = vec![SIGN];
        put(&mut question, &key.blob());
        put(&mut question, data);
        question.extend(flags.to_be_bytes());
        let answer = self.ask(&question)?;
        let mut reader = Reader::new(&answer);
        match reader.byte() {
            Some(SIGNED) => reader.string().map(<[u8]>::to_vec).ok_or(KeyTrouble::Garbled),
            Some(FAILURE) => Err(KeyTrouble::Refused { touched: key.kind.is_touched() }),
            _ => Err(KeyTrouble::Garbled),
        }
    }

    fn ask(&mut self, question: &[u8]) -> Result<Vec<u8>, KeyTrouble> {
        self.until = Instant::now() + self.patience;
        let mut whole = vec![];
        put(&mut whole, question);
        let sent = self.stream.write_all(&whole);
        sent.map_err(|why| self.trouble(&why))?;
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_ANSWER {
            return Err(KeyTrouble::Garbled);
        }
        let mut answer = vec![0; length];
        self.fill(&mut answer)?;
        Ok(answer)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), KeyTrouble> {
        let mut done = 0;
        while done < bytes.len() {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(KeyTrouble::Slow);
            }
            let limit = self.stream.set_read_timeout(Some(left));
            let read = limit.and_then(|()| self.stream.read(&mut bytes[done..]));
            match read {
                Ok(0) if self.stop.is_stopped() => return Err(KeyTrouble::Stopped),
                Ok(0) => return Err(KeyTrouble::Garbled),
                Ok(count) => done += count,
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(why) => return Err(self.trouble(&why)),
            }
        }
        Ok(())
    }

    fn trouble(&self, why: &std::io::Error) -> KeyTrouble {
        match why.kind() {
            _ if self.stop.is_stopped() => KeyTrouble::Stopped,
            ErrorKind::WouldBlock | ErrorKind::TimedOut => KeyTrouble::Slow,
            _ => KeyTrouble::Lost(why.to_string()),
        }
    }
}
