//! Who acts, and keys: real ones made by `ssh-keygen`, a real `ssh-agent`, and one of our own that misbehaves.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::agent::{Agent, Stop};
use super::*;
use crate::signing::{NAMESPACE, checks};

#[test]
fn the_name_given_wins_and_read_only_makes_an_observer() {
    assert_eq!(actor(Some("ana"), "bo", Role::Engineer, false).name, "ana");
    assert_eq!(actor(Some(" "), "bo", Role::Engineer, false).name, "bo");
    assert!(actor(None, "", Role::Commander, false).name.contains('@'));
    assert_eq!(actor(None, "", Role::Commander, true).role, Role::Observer);
}

/// A key made by `ssh-keygen`; none where that is not installed.
fn made(folder: &Path, kind: &[&str], passphrase: &str) -> Option<PathBuf> {
    let path = folder.join(kind.join("-"));
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-N", passphrase, "-C", "ana@desk", "-f"]).arg(&path).arg("-t").args(kind);
    match command.stdin(Stdio::null()).status() {
        Ok(status) => assert!(status.success()),
        Err(_) => {
            eprintln!("SKIPPED: ssh-keygen is not installed (apt-get install openssh-client)");
            return None;
        }
    }
    Some(path)
}

const KINDS: [&[&str]; 5] = [
    &["ed25519"],
    &["rsa", "-b", "2048"],
    &["ecdsa", "-b", "256"],
    &["ecdsa", "-b", "384"],
    &["ecdsa", "-b", "521"],
];

#[test]
fn every_kind_of_file_signs_and_a_locked_one_only_with_its_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let Some(path) = made(folder.path(), kind, "open sesame") else { return };
        let found = held(&Which::File(path.clone()), &Stop::default()).unwrap().remove(0);
        let sign = |word: &'static str| {
            let ask = move |_: &Path| Some(word.to_owned());
            super::sign(&found, b"statement", Some(&ask), &Stop::default())
        };
        let signature = sign("open sesame").unwrap();
        assert_eq!(checks(b"statement", &signature, NAMESPACE).unwrap(), found.key, "{kind:?}");
        assert_eq!(sign("guess"), Err(KeyTrouble::WrongPassphrase(path.clone())));
        let alone = super::sign(&found, b"statement", None, &Stop::default());
        assert_eq!(alone, Err(KeyTrouble::Locked(path.clone())));
        assert!(held(&Which::File(path.with_extension("pub")), &Stop::default()).is_err());
    }
}

/// A real agent with these keys on a socket of its own.
struct RealAgent(Child, PathBuf);

impl RealAgent {
    fn start(folder: &Path) -> Option<Self> {
        let socket = folder.join("agent");
        let child =
            Command::new("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).spawn().ok()?;
        let agent = Self(child, socket);
        for _ in 0..400 {
            if agent.1.exists() {
                return Some(agent);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the agent has no socket");
    }

    fn add(&self, args: &[&std::ffi::OsStr]) {
        let mut command = Command::new("ssh-add");
        command.arg("-q").args(args).env("SSH_AUTH_SOCK", &self.1).stdin(Stdio::null());
        assert!(command.status().unwrap().success());
    }

    fn open(&self) -> Result<Agent, KeyTrouble> {
        Agent::at(&self.1, Duration::from_secs(20), &Stop::default())
    }
}

impl Drop for RealAgent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_real_agent_signs_with_each_kind_of_key() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = KINDS.iter().filter_map(|kind| made(folder.path(), kind, "")).collect();
    let Some(agent) = RealAgent::start(folder.path()).filter(|_| !paths.is_empty()) else {
        eprintln!("SKIPPED: ssh-agent is not installed (apt-get install openssh-client)");
        return;
    };
    assert_eq!(agent.open().unwrap().keys(), Err(KeyTrouble::Empty));
    paths.iter().for_each(|path| agent.add(&[path.as_os_str()]));
    let keys = agent.open().unwrap().keys().unwrap();
    assert_eq!((keys.len(), keys[0].comment.as_str()), (5, "ana@desk"));
    for held in keys {
        let raw = agent.open().unwrap().sign(&held.key, b"data").unwrap();
        assert_eq!(held.key.verifies(&raw, b"data"), Some(()), "{:?}", held.key.kind);
    }
}

/// What a bad agent does with a question.
#[derive(Clone, Copy)]
enum Manner {
    Silent,
    Refusing,
    Babbling,
    Leaving,
}

/// An agent of bad manners; it answers one question.
fn bad(folder: &Path, manner: Manner) -> PathBuf {
    let path = folder.join(format!("bad{}", manner as u8));
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut question = [0; 4];
        let _ = stream.read_exact(&mut question);
        let _ = match manner {
            Manner::Silent => {
                // Until the other side goes.
                let mut rest = vec![];
                stream.read_to_end(&mut rest).map(drop)
            }
            Manner::Refusing => stream.write_all(&[0, 0, 0, 1, 5]),
            Manner::Babbling => stream.write_all(&[255; 64]),
            Manner::Leaving => Ok(()),
        };
        let mut rest = vec![];
        let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
        if !matches!(manner, Manner::Leaving) {
            let _ = stream.read_to_end(&mut rest);
        }
    });
    path
}

#[test]
fn an_agent_that_misbehaves_is_named_with_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";
    let (key, _) = crate::signing::Key::read_line(line).unwrap();
    let asked = |manner, patience| {
        let path = bad(folder.path(), manner);
        Agent::at(&path, patience, &Stop::default()).unwrap().sign(&key, b"data")
    };
    let generous = Duration::from_secs(30);
    assert_eq!(asked(Manner::Refusing, generous), Err(KeyTrouble::Refused { touched: false }));
    assert_eq!(asked(Manner::Babbling, generous), Err(KeyTrouble::Garbled));
    assert!(matches!(asked(Manner::Leaving, generous), Err(KeyTrouble::Garbled | KeyTrouble::Lost(_))));
    let _ = std::fs::remove_file(folder.path().join("bad0"));
    assert_eq!(asked(Manner::Silent, Duration::from_millis(150)), Err(KeyTrouble::Slow));
    let nobody = Agent::at(&folder.path().join("none"), generous, &Stop::default());
    assert!(nobody.is_err_and(|why| why.hint().contains("ssh-agent")));
}

#[test]
fn what_waits_for_a_touch_can_be_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = bad(folder.path(), Manner::Silent);
    let stop = Stop::default();
    let mut agent = Agent::at(&path, Duration::from_secs(600), &stop).unwrap();
    let waiting = std::thread::spawn(move || agent.keys());
    stop.stop();
    assert_eq!(waiting.join().unwrap(), Err(KeyTrouble::Stopped));
    assert!(Agent::at(&path, Duration::from_secs(600), &stop).is_err(), "given up is given up");
}
