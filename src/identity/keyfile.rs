//! A private key in a file, in OpenSSH's form: Ed25519, RSA, ECDSA. Read when it signs and forgotten after.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair};
use num_bigint::BigUint;
use ssh_key::private::{EcdsaKeypair, KeypairData, RsaKeypair};
use ssh_key::{Mpint, PrivateKey};

use super::keys::{Held, KeyTrouble, Place};
use crate::signing::Key;
use crate::signing::wire::{put, put_big};

/// The largest file that is read.
const MAX_FILE: u64 = 64 * 1024;

/// The public half of a file's key; a locked file tells it too.
///
/// # Errors
/// It is no private key that can be used.
pub fn look(path: &Path) -> Result<Held, KeyTrouble> {
    let private = read(path)?;
    let refused = |why: String| KeyTrouble::File { path: path.to_owned(), why };
    let blob = private.public_key().to_bytes().map_err(|why| refused(why.to_string()))?;
    let key = Key::read(&blob).map_err(refused)?;
    if key.kind.is_touched() {
        return Err(KeyTrouble::Touch(path.to_owned()));
    }
    Ok(Held { key, comment: private.comment().to_owned(), place: Place::File(path.to_owned()) })
}

/// The signature of a file's key over these bytes, as SSH writes it.
///
/// # Errors
/// It is locked and nobody can be asked, or cannot be used.
pub fn sign(
    path: &Path,
    data: &[u8],
    passphrase: Option<&dyn Fn(&Path) -> Option<String>>,
) -> Result<Vec<u8>, KeyTrouble> {
    let mut private = read(path)?;
    if private.is_encrypted() {
        let locked = || KeyTrouble::Locked(path.to_owned());
        let said = passphrase.and_then(|ask| ask(path)).ok_or_else(locked)?;
        private = private.decrypt(said).map_err(|_| KeyTrouble::WrongPassphrase(path.to_owned()))?;
    }
    let made = match private.key_data() {
        KeypairData::Ed25519(pair) => ed25519(pair.private.as_ref(), pair.public.as_ref(), data),
        KeypairData::Ecdsa(pair) => ecdsa(pair, data),
        KeypairData::Rsa(pair) => rsa(pair, data),
        _ => None,
    };
    let unfit = || KeyTrouble::File { path: path.to_owned(), why: "its key does not sign".to_owned() };
    made.ok_or_else(unfit)
}

fn read(path: &Path) -> Result<PrivateKey, KeyTrouble> {
    let refused = |why: String| KeyTrouble::File { path: path.to_owned(), why };
    let file = File::open(path).map_err(|why| refused(why.to_string()))?;
    let regular = file.metadata().is_ok_and(|m| m.is_file());
    let mut bytes = vec![];
    let read = file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|why| refused(why.to_string()));
    if !regular || bytes.starts_with(b"ssh-") || bytes.starts_with(b"ecdsa-") {
        return Err(refused("it is no private key".to_owned()));
    }
    read.map(drop)?;
    PrivateKey::from_openssh(&bytes).map_err(|_| refused("it is no private key in OpenSSH's form".to_owned()))
}

fn named(algorithm: &str, signature: &[u8]) -> Vec<u8> {
    let mut out = vec![];
    put(&mut out, algorithm.as_bytes());
    put(&mut out, signature);
    out
}

fn ed25519(seed: &[u8], public: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public).ok()?;
    Some(named("ssh-ed25519", pair.sign(data).as_ref()))
}

fn ecdsa(pair: &EcdsaKeypair, data: &[u8]) -> Option<Vec<u8>> {
    type Algorithm = &'static EcdsaSigningAlgorithm;
    let (name, algorithm, private, public): (_, Algorithm, &[u8], &[u8]) = match pair {
        EcdsaKeypair::NistP256 { public, private } => {
            let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
            ("ecdsa-sha2-nistp256", algorithm, private.as_slice(), public.as_bytes())
        }
        EcdsaKeypair::NistP384 { public, private } => {
            let algorithm = &signature::ECDSA_P384_SHA384_FIXED_SIGNING;
            ("ecdsa-sha2-nistp384", algorithm, private.as_slice(), public.as_bytes())
        }
        EcdsaKeypair::NistP521 { public, private } => {
            let algorithm = &signature::ECDSA_P521_SHA512_FIXED_SIGNING;
            ("ecdsa-sha2-nistp521", algorithm, private.as_slice(), public.as_bytes())
        }
    };
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, private, public).ok()?;
    let made = pair.sign(&SystemRandom::new(), data).ok()?;
    let (r, s) = made.as_ref().split_at(made.as_ref().len() / 2);
    let mut numbers = vec![];
    put_big(&mut numbers, r);
    put_big(&mut numbers, s);
    Some(named(name, &numbers))
}

fn rsa(pair: &RsaKeypair, data: &[u8]) -> Option<Vec<u8>> {
    let pair = RsaKeyPair::from_der(&rsa_der(pair)?).ok()?;
    let mut made = vec![0; pair.public_modulus_len()];
    pair.sign(&signature::RSA_PKCS1_SHA512, &SystemRandom::new(), data, &mut made).ok()?;
    Some(named("rsa-sha2-512", &made))
}

/// The key as PKCS #1 writes it (RFC 8017, A.1.2). OpenSSH's form has all but two of its numbers.
fn rsa_der(pair: &RsaKeypair) -> Option<Vec<u8>> {
    let of = |number: &Mpint| number.as_positive_bytes().map(BigUint::from_bytes_be);
    let (n, e) = (of(&pair.public.n)?, of(&pair.public.e)?);
    let private = &pair.private;
    let (d, p, q, inverse) = (of(&private.d)?, of(&private.p)?, of(&private.q)?, of(&private.iqmp)?);
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
