//! A private key in a file, in OpenSSH's form: Ed25519, RSA, ECDSA. Read when it signs and forgotten after.
//! The files are taken apart here, because ssh-key 0.6 reads no ECDSA key whose number is a byte short
//! (every other P-521 key), and signs with no RSA key; what unlocks them is its.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair};
use num_bigint::BigUint;
use ssh_key::{Cipher, Kdf};

use super::keys::{Asks, Held, KeyTrouble, Place};
use crate::signing::wire::{Reader, from_base64, put, put_big};
use crate::signing::{Key, Kind};

/// The largest file that is read.
const MAX_FILE: u64 = 64 * 1024;

/// A file as it lies there: its public half, and the rest, which may be locked.
struct Sealed {
    key: Key,
    cipher: String,
    kdf: Vec<u8>,
    private: Vec<u8>,
    /// What proves that nothing was changed, for ciphers that have it.
    tag: Vec<u8>,
}

/// The public half of a file's key; a locked file tells it too.
///
/// # Errors
/// It is no private key that can be used.
pub fn look(path: &Path) -> Result<Held, KeyTrouble> {
    let Sealed { key, .. } = read(path)?;
    if key.kind.is_touched() {
        return Err(KeyTrouble::Touch(path.to_owned()));
    }
    Ok(Held { key, comment: String::new(), place: Place::File(path.to_owned()) })
}

/// The signature of a file's key over these bytes, as SSH writes it.
///
/// # Errors
/// It is locked and nobody can be asked, or cannot be used.
pub fn sign(path: &Path, data: &[u8], passphrase: Option<Asks<'_>>) -> Result<Vec<u8>, KeyTrouble> {
    let mut sealed = read(path)?;
    if sealed.cipher != "none" {
        let locked = || KeyTrouble::Locked(path.to_owned());
        let said = passphrase.and_then(|ask| ask(path)).ok_or_else(locked)?;
        let opened = unlock(&mut sealed, &said);
        opened.ok_or_else(|| KeyTrouble::WrongPassphrase(path.to_owned()))?;
    }
    let unfit = || KeyTrouble::File { path: path.to_owned(), why: "its key does not sign".to_owned() };
    made(&sealed, data).ok_or_else(unfit)
}

fn read(path: &Path) -> Result<Sealed, KeyTrouble> {
    let refused = |why: String| KeyTrouble::File { path: path.to_owned(), why };
    let file = File::open(path).map_err(|why| refused(why.to_string()))?;
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return Err(refused("it is no regular file".to_owned()));
    }
    let mut text = String::new();
    let read = file.take(MAX_FILE).read_to_string(&mut text);
    read.map_err(|_| refused("it is no private key".to_owned()))?;
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-") {
        return Err(refused("it is the public half".to_owned()));
    }
    let bytes =
        dearmored(&text).ok_or_else(|| refused("it is no private key in OpenSSH's form".to_owned()))?;
    taken_apart(&bytes).ok_or_else(|| refused("it is damaged".to_owned()))?.map_err(refused)
}

fn dearmored(text: &str) -> Option<Vec<u8>> {
    let inner = text.trim_start().strip_prefix("-----BEGIN OPENSSH PRIVATE KEY-----")?;
    from_base64(inner.split_once("-----END OPENSSH PRIVATE KEY-----")?.0)
}

/// The parts of a file (`PROTOCOL.key` of OpenSSH).
fn taken_apart(bytes: &[u8]) -> Option<Result<Sealed, String>> {
    const MAGIC: &[u8] = b"openssh-key-v1\0";
    let mut reader = Reader::new(bytes);
    if reader.take(MAGIC.len())? != MAGIC {
        return None;
    }
    let cipher = String::from_utf8(reader.text()?.to_vec()).ok()?;
    let (_name, kdf) = (reader.text()?, reader.string()?.to_vec());
    if reader.number()? != 1 {
        return None;
    }
    let key = Key::read(reader.string()?);
    let private = reader.string()?.to_vec();
    let mut tag = vec![];
    while let Some(byte) = reader.byte() {
        tag.push(byte);
    }
    Some(key.map(|key| Sealed { key, cipher, kdf, private, tag }))
}

/// Opens a locked file.
fn unlock(sealed: &mut Sealed, passphrase: &str) -> Option<()> {
    let cipher = Cipher::new(&sealed.cipher).ok()?;
    let mut reader = Reader::new(&sealed.kdf);
    let kdf = Kdf::Bcrypt { salt: reader.string()?.to_vec(), rounds: reader.number()? };
    let (key, iv) = kdf.derive_key_and_iv(cipher, passphrase).ok()?;
    let tag = sealed.tag.get(..16).filter(|_| cipher.has_tag()).and_then(|tag| tag.try_into().ok());
    cipher.decrypt(&key, &iv, &mut sealed.private, tag).ok()?;
    // A wrong passphrase gives two numbers that differ.
    let mut check = Reader::new(&sealed.private);
    (check.number()? == check.number()?).then_some(())
}

fn made(sealed: &Sealed, data: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(&sealed.private);
    let same = reader.number()? == reader.number()?;
    if !same || Kind::of(reader.text()?) != Some(sealed.key.kind) {
        return None;
    }
    match sealed.key.kind {
        Kind::Ed25519 => ed25519(&mut reader, data),
        Kind::P256 => {
            ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, 32, sealed.key.kind, &mut reader, data)
        }
        Kind::P384 => {
            ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, 48, sealed.key.kind, &mut reader, data)
        }
        Kind::P521 => {
            ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, 66, sealed.key.kind, &mut reader, data)
        }
        Kind::Rsa => rsa(&mut reader, data),
        Kind::SkEd25519 | Kind::SkP256 => None,
    }
}

fn named(algorithm: &str, signature: &[u8]) -> Vec<u8> {
    let mut out = vec![];
    put(&mut out, algorithm.as_bytes());
    put(&mut out, signature);
    out
}

fn ed25519(reader: &mut Reader<'_>, data: &[u8]) -> Option<Vec<u8>> {
    let (public, both) = (reader.string()?, reader.string()?);
    let pair = Ed25519KeyPair::from_seed_and_public_key(both.get(..32)?, public).ok()?;
    Some(named("ssh-ed25519", pair.sign(data).as_ref()))
}

fn ecdsa(
    algorithm: &'static EcdsaSigningAlgorithm,
    size: usize,
    kind: Kind,
    reader: &mut Reader<'_>,
    data: &[u8],
) -> Option<Vec<u8>> {
    let (_curve, public, number) = (reader.text()?, reader.string()?, reader.big()?);
    let mut private = vec![0; size.checked_sub(number.len())?];
    private.extend(number);
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, public).ok()?;
    let made = pair.sign(&SystemRandom::new(), data).ok()?;
    let (r, s) = made.as_ref().split_at(made.as_ref().len() / 2);
    let mut numbers = vec![];
    put_big(&mut numbers, r);
    put_big(&mut numbers, s);
    Some(named(kind.name(), &numbers))
}

fn rsa(reader: &mut Reader<'_>, data: &[u8]) -> Option<Vec<u8>> {
    let pair = RsaKeyPair::from_der(&rsa_der(reader)?).ok()?;
    let mut made = vec![0; pair.public_modulus_len()];
    pair.sign(&signature::RSA_PKCS1_SHA512, &SystemRandom::new(), data, &mut made).ok()?;
    Some(named("rsa-sha2-512", &made))
}

/// The key as PKCS #1 writes it (RFC 8017, A.1.2). OpenSSH's form has all but two of its numbers.
fn rsa_der(reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let mut next = || reader.big().map(BigUint::from_bytes_be);
    let (n, e, d) = (next()?, next()?, next()?);
    let (inverse, p, q) = (next()?, next()?, next()?);
    let one = BigUint::from(1u8);
    if p <= one || q <= one {
        return None;
    }
    let (dp, dq) = (&d % (&p - &one), &d % (&q - &one));
    let mut numbers = integer(&[0]);
    for number in [&n, &e, &d, &p, &q, &dp, &dq, &inverse] {
        numbers.extend(integer(&number.to_bytes_be()));
    }
    Some(tagged(0x30, &numbers))
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        body.push(0);
    }
    body.extend(bytes);
    tagged(2, &body)
}

fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = body.len().to_be_bytes();
    let short: Vec<u8> = length.into_iter().skip_while(|b| *b == 0).collect();
    match body.len() {
        0..=127 => out.push(body.len() as u8),
        _ => {
            out.push(0x80 | short.len() as u8);
            out.extend(short);
        }
    }
    out.extend(body);
    out
}
