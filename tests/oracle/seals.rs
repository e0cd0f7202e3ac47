//! The second oracle: signatures, lists of signers and times, mutated, through our verdict and through
//! `ssh-keygen -Y verify`. Compared is what OpenSSH is asked for, before this house's stricter rules about
//! patterns and namespaces.
//!
//! 500 triples; `WARROOM_SEALS=20000 cargo test --test oracle seals` for more, `WARROOM_ORACLE_SEED` for
//! others. Keys are made anew each time, those that want a touch put together by hand.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use warroom::signing::wire::{Reader, from_base64, put};
use warroom::signing::{NAMESPACE, Signers, accept, armor, blob, message};

use super::asked;
use super::case::Random;

const KINDS: [&[&str]; 6] = [
    &["ed25519"],
    &["ed25519", "-C", "other"],
    &["rsa", "-b", "2048"],
    &["ecdsa", "-b", "256"],
    &["ecdsa", "-b", "384"],
    &["ecdsa", "-b", "521"],
];

const MESSAGE: &[u8] = b"warroom-signoff v1\nroom: checkout\n";

/// The middle of all times that are tried.
const NOON: i64 = 1_790_000_000;

/// A key's line, and signature files that it made of [`MESSAGE`].
struct Hand {
    line: String,
    made: Vec<String>,
}

/// One question.
struct Triple {
    message: Vec<u8>,
    signature: String,
    signers: String,
    principal: &'static str,
    at: i64,
    zone: &'static str,
}

fn keygen(args: &[&str], folder: &Path) -> Option<bool> {
    let mut command = Command::new("ssh-keygen");
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().ok().map(|status| status.success())
}

fn hands(folder: &Path) -> Option<Vec<Hand>> {
    std::fs::write(folder.join("message"), MESSAGE).unwrap();
    let mut all = vec![];
    for (n, kind) in KINDS.iter().enumerate() {
        let name = format!("key{n}");
        let made = keygen(&[&["-q", "-N", "", "-f", &name, "-t"][..], kind].concat(), folder)?;
        assert!(made, "{kind:?}");
        let line = std::fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap().trim().to_owned();
        let sign = |namespace: &str, hash: &str| {
            let hash = format!("hashalg={hash}");
            let args = ["-Y", "sign", "-f", &name, "-n", namespace, "-O", &hash, "message"];
            assert_eq!(keygen(&args, folder), Some(true));
            let path = folder.join("message.sig");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::remove_file(path).unwrap();
            text
        };
        let made = [(NAMESPACE, "sha512"), (NAMESPACE, "sha256"), ("git", "sha512")];
        all.push(Hand { line, made: made.map(|(n, h)| sign(n, h)).to_vec() });
    }
    all.push(touched());
    Some(all)
}

/// A key on a device, as the device would sign (`PROTOCOL.u2f`).
fn touched() -> Hand {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let kind = "sk-ssh-ed25519@openssh.com";
    let mut key = vec![];
    [kind.as_bytes(), pair.public_key().as_ref(), b"ssh:"].iter().for_each(|part| put(&mut key, part));
    let made = |namespace: &str, flags: u8| {
        let data = message(MESSAGE, namespace);
        let mut signed = Sha256::digest(b"ssh:").to_vec();
        signed.push(flags);
        signed.extend([0, 0, 0, 9]);
        signed.extend(Sha256::digest(&data));
        let mut raw = vec![];
        put(&mut raw, kind.as_bytes());
        put(&mut raw, pair.sign(&signed).as_ref());
        raw.extend([flags, 0, 0, 0, 9]);
        armor(&blob(&key, namespace, &raw))
    };
    let base64 = base64::engine::general_purpose::STANDARD.encode(&key);
    Hand {
        line: format!("{kind} {base64} touch"),
        made: vec![made(NAMESPACE, 1), made(NAMESPACE, 0), made("git", 1)],
    }
}

fn bytes_of(signature: &str) -> Vec<u8> {
    let inner: String = signature.lines().filter(|line| !line.starts_with('-')).collect();
    from_base64(&inner).unwrap()
}

/// The fields of a signature file: key, namespace, reserved, hash, signature.
fn fields(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(&bytes[10..]);
    (0..5).map(|_| reader.string().unwrap().to_vec()).collect()
}

fn joined(version: u8, fields: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"SSHSIG\0\0\0".to_vec();
    out.push(version);
    fields.iter().for_each(|field| put(&mut out, field));
    out
}

/// A signature file with one thing changed, or none.
fn mutated(random: &mut Random, text: &str, others: &[Hand]) -> String {
    let mut bytes = bytes_of(text);
    let at = random.below(bytes.len() as u64) as usize;
    let place = random.below(text.len() as u64) as usize;
    match random.below(32) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes.truncate(at),
        2 => bytes.push(random.below(256) as u8),
        3 => {
            let version = random.below(4) as u8;
            bytes = joined(version, &fields(&bytes));
        }
        4 | 5 => {
            let mut parts = fields(&bytes);
            let which = random.below(5) as usize;
            match random.below(5) {
                0 => parts[which].clear(),
                1 => parts[which].push(0),
                2 => drop(parts[which].pop()),
                3 => {
                    parts[3] =
                        random.pick(&[&b"sha256"[..], b"sha512", b"sha1", b"SHA512", b"sha384"]).to_vec()
                }
                _ => parts[1] = random.pick(&[NAMESPACE.as_bytes(), b"git", b"signoff-v1", b""]).to_vec(),
            }
            bytes = joined(1, &parts);
        }
        6 => {
            let other = bytes_of(&others[random.below(others.len() as u64) as usize].made[0]);
            let (mut parts, other) = (fields(&bytes), fields(&other));
            let which = random.pick(&[0, 4]);
            parts[which].clone_from(&other[which]);
            bytes = joined(1, &parts);
        }
        7 => {
            let mut parts = fields(&bytes);
            parts[4] = inside(random, &parts[4]);
            bytes = joined(1, &parts);
        }
        8 => return text.replace('\n', "\r\n"),
        9 => return format!("{}{}", random.pick(&["\n", " ", "x", "\r\n"]), text),
        10 => return format!("{text}{}", random.pick(&["\n", "junk", "-----BEGIN SSH SIGNATURE-----\n"])),
        11 => {
            return format!(
                "{}{}{}",
                &text[..place],
                random.pick(&[" ", "\n", "\t", "=", "A", "-", "\r"]),
                &text[place..]
            );
        }
        12 => return format!("{}{}", &text[..place], &text[place + 1..]),
        13 => {
            return text.replacen(
                "SSH SIGNATURE",
                random.pick(&["SSH  SIGNATURE", "PGP SIGNATURE", "ssh signature"]),
                1 + random.below(2) as usize,
            );
        }
        14 => return text[..place].to_owned(),
        _ => return text.to_owned(),
    }
    armor(&bytes)
}

/// What is changed within the signature itself.
fn inside(random: &mut Random, raw: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(raw);
    let (name, mut body) = (reader.string().unwrap().to_vec(), reader.string().unwrap().to_vec());
    let rest = &raw[8 + name.len() + body.len()..];
    let mut out = vec![];
    let names = [&b"ssh-rsa"[..], b"rsa-sha2-256", b"rsa-sha2-512", b"ssh-ed25519", b"ecdsa-sha2-nistp256"];
    match random.below(4) {
        0 => put(&mut out, random.pick(&names)),
        _ => put(&mut out, &name),
    }
    match random.below(4) {
        // A zero before the first number of ECDSA, or before the whole of others.
        0 if name.starts_with(b"ecdsa") => {
            let length = u32::from_be_bytes(body[..4].try_into().unwrap()) + 1;
            body.splice(0..4, length.to_be_bytes().into_iter().chain([0]));
        }
        0 => body.insert(0, 0),
        1 => drop(body.pop()),
        _ => {}
    }
    put(&mut out, &body);
    out.extend(rest);
    out
}

/// A time as the lists write it, near the middle.
fn time(random: &mut Random) -> String {
    let at = DateTime::from_timestamp(NOON + random.below(400_000) as i64 - 200_000, 0).unwrap();
    let forms =
        ["%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y-%m-%d", "%Y%m%d%H", "%Y%m31", "19690101", "%Y %m1"];
    let form = random.pick(&[0, 0, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7]);
    format!("{}{}", at.format(forms[form]), random.pick(&["", "", "Z", "Z", "z", "UTC", "x"]))
}

fn option(random: &mut Random) -> String {
    const LISTS: [&str; 9] = [
        "signoff-v1@warroom",
        "signoff-v1@warroom",
        "git",
        "*",
        "git,signoff-*",
        "!signoff-v1@warroom,*",
        "*,!git",
        "",
        "signoff-v?@warroom",
    ];
    match random.below(14) {
        0..=4 => format!("namespaces=\"{}\"", random.pick(&LISTS)),
        5 | 6 => format!("valid-after=\"{}\"", time(random)),
        7 | 8 => format!("valid-before=\"{}\"", time(random)),
        9 => format!("Valid-Before=\"{}\"", time(random)),
        10 => "cert-authority".to_owned(),
        11 => random
            .pick(&["namespaces=git", "no-touch-required", "namespaces=\"a\\\"b\"", "x=\"", ","])
            .to_owned(),
        _ => "namespaces=\"signoff-v1@warroom\"".to_owned(),
    }
}

fn line(random: &mut Random, hands: &[Hand], right: usize) -> String {
    const NAMES: [&str; 16] = [
        "ana",
        "ana",
        "ana",
        "ana",
        "ana",
        "bo,ana",
        "ana",
        "ana,bo",
        "bo",
        "*",
        "an?",
        "*,!ana",
        "!bo,*",
        "\"ana b\"",
        "x\"ana\"",
        "ANA",
    ];
    let hand = if random.below(5) == 0 { random.below(hands.len() as u64) as usize } else { right };
    let mut key = hands[hand].line.clone();
    match random.below(20) {
        0 => key = key.replacen(' ', "  ", 1),
        1 => key.truncate(key.len() / 2),
        2 => key = key.replacen("ssh-", "SSH-", 1),
        3 => key = key.split(' ').take(2).collect::<Vec<_>>().join("\t"),
        _ => {}
    }
    let options: Vec<_> = (0..random.pick(&[0, 0, 0, 1, 1, 1, 2, 2, 3])).map(|_| option(random)).collect();
    let (name, options) = (random.pick(&NAMES), options.join(","));
    let (before, gap) =
        (random.pick(&["", "", "", " ", "\t", "# "]), random.pick(&[" ", " ", " ", "\t", "  "]));
    match options.is_empty() {
        true => format!("{before}{name}{gap}{key}"),
        false => format!("{before}{name}{gap}{options}{gap}{key}"),
    }
}

fn triple(random: &mut Random, hands: &[Hand], zones: &[&'static str]) -> Triple {
    let right = random.below(hands.len() as u64) as usize;
    let made = &hands[right].made[random.pick(&[0, 0, 0, 0, 1, 1, 1, 2])];
    let signature = mutated(random, made, hands);
    let mut message = MESSAGE.to_vec();
    if random.below(30) == 0 {
        message.push(b' ');
    }
    let lines: Vec<_> = (0..1 + random.below(3)).map(|_| line(random, hands, right)).collect();
    let end = random.pick(&["\n", "\n", "", "\r\n"]);
    Triple {
        message,
        signature,
        signers: lines.join(random.pick(&["\n", "\n", "\r\n", "\n\n"])) + end,
        principal: random
            .pick(&["ana", "ana", "ana", "ana", "ana", "ana", "ana", "bo", "ana b", "*", "xana"]),
        at: NOON + random.below(400_000) as i64 - 200_000,
        zone: random.pick(zones),
    }
}

fn ours(triple: &Triple) -> Result<(), String> {
    let signers = Signers::read(&triple.signers, triple.zone.parse().unwrap());
    let at = DateTime::<Utc>::from_timestamp(triple.at, 0).unwrap();
    let verdict = accept(&triple.message, &triple.signature, &signers, (triple.principal, NAMESPACE), at);
    verdict.map(drop).map_err(|why| why.to_string())
}

/// Whether it is good, and what was said.
fn theirs(triple: &Triple, folder: &Path) -> (bool, String) {
    std::fs::write(folder.join("m"), &triple.message).unwrap();
    std::fs::write(folder.join("m.sig"), &triple.signature).unwrap();
    std::fs::write(folder.join("signers"), &triple.signers).unwrap();
    let at = DateTime::<Utc>::from_timestamp(triple.at, 0).unwrap().format("verify-time=%Y%m%d%H%M%SZ");
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "verify", "-f", "signers", "-n", NAMESPACE, "-s", "m.sig", "-O", &at.to_string()]);
    command.args(["-I", triple.principal]).current_dir(folder).env("TZ", triple.zone);
    let input = File::open(folder.join("m")).unwrap();
    let output = command.stdin(input).output().unwrap();
    (output.status.success(), format!("{:?} {}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Where the two differ, and how many were good.
fn compared(mut random: Random, count: u64, hands: &[Hand], folder: &PathBuf) -> (Vec<String>, u64) {
    std::fs::create_dir(folder).unwrap();
    let with_zones = Path::new("/usr/share/zoneinfo/Europe/Berlin").exists();
    let zones: &[&'static str] =
        if with_zones { &["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"] } else { &["UTC"] };
    let (mut wrong, mut good) = (vec![], 0);
    for _ in 0..count {
        let triple = triple(&mut random, hands, zones);
        let (ours, (theirs, said)) = (ours(&triple), theirs(&triple, folder));
        good += u64::from(theirs);
        if ours.is_ok() != theirs {
            let Triple { signature, signers, principal, at, zone, .. } = &triple;
            wrong.push(format!(
                "ours {ours:?}, ssh-keygen {theirs}, {said}: {principal} at {at} in {zone}\n{signers}\n{signature}"
            ));
        }
    }
    (wrong, good)
}

#[test]
fn ssh_keygen_says_of_every_signature_what_we_say() {
    let folder = tempfile::tempdir().unwrap();
    let Some(hands) = hands(folder.path()) else {
        eprintln!(
            "SKIPPED: ssh-keygen is not installed (apt-get install openssh-client); nothing was compared"
        );
        return;
    };
    let (seed, count) = (asked("WARROOM_ORACLE_SEED", 20_261_121), asked("WARROOM_SEALS", 500));
    let (half, hands) = (count / 2, &hands);
    let (mut wrong, mut good) = (vec![], 0);
    std::thread::scope(|scope| {
        let part = |seed: u64, count: u64, name: &str| {
            let path = folder.path().join(name);
            scope.spawn(move || compared(Random(seed), count, hands, &path))
        };
        for part in [part(seed, half, "one"), part(!seed, count - half, "two")] {
            let (more, fine) = part.join().unwrap();
            wrong.extend(more);
            good += fine;
        }
    });
    println!("seed {seed}: {good} of {count} are good, {} differ", wrong.len());
    assert!(
        wrong.is_empty(),
        "{} differ, the first: {}",
        wrong.len(),
        wrong[..wrong.len().min(4)].join("\n----\n")
    );
    assert!(good * 8 > count && good * 2 < count, "some hold and most do not: {good} of {count}");
}
