//! SSHSIG, the signature file of `ssh-keygen -Y sign` (`PROTOCOL.sshsig` of OpenSSH): taken apart,
//! checked, and put together. What is lenient here is so in OpenSSH.

use sha2::{Digest, Sha256, Sha512};

use super::keys::Key;
use super::wire::{Reader, from_base64, put};

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "\n-----END SSH SIGNATURE-----";

/// The parts of a signature that are of use.
struct Parts<'a> {
    key: Key,
    namespace: &'a [u8],
    hash: &'a [u8],
    signature: &'a [u8],
}

/// The key that signed `statement` for `namespace`.
///
/// # Errors
/// Why the signature is none, in a few words.
pub fn checks(statement: &[u8], signature: &str, namespace: &str) -> Result<Key, String> {
    let bytes = dearmor(signature)?;
    let parts = take_apart(&bytes)?;
    let digest = hashed(parts.hash, statement).ok_or("its hash is neither sha256 nor sha512")?;
    if parts.namespace != namespace.as_bytes() {
        let made = String::from_utf8_lossy(parts.namespace);
        return Err(format!("it was made for {made:?} and not for {namespace}"));
    }
    let message = wrapped(namespace, parts.hash, &digest);
    let verified = parts.key.verifies(parts.signature, &message);
    verified.map(|()| parts.key).ok_or_else(|| "the signature does not fit the statement".to_owned())
}

/// The bytes between the first and the last line.
fn dearmor(text: &str) -> Result<Vec<u8>, String> {
    let rest = text.strip_prefix(BEGIN).ok_or("it does not begin as an SSH signature does")?;
    let (base64, _) = rest.split_once(END).ok_or("its end is missing")?;
    from_base64(base64).ok_or_else(|| "it is damaged".to_owned())
}

fn take_apart(bytes: &[u8]) -> Result<Parts<'_>, String> {
    let mut reader = Reader::new(bytes);
    if reader.take(MAGIC.len()) != Some(MAGIC) {
        return Err("it is damaged".to_owned());
    }
    if reader.number().ok_or("it is damaged")? > VERSION {
        return Err("it is of a newer version".to_owned());
    }
    let key = Key::read(reader.string().ok_or("it is damaged")?)?;
    let mut rest = || Some((reader.text()?, reader.string()?, reader.text()?, reader.string()?));
    let (namespace, _reserved, hash, signature) = rest().ok_or("it is damaged")?;
    if !reader.is_empty() {
        return Err("something stands behind it".to_owned());
    }
    Ok(Parts { key, namespace, hash, signature })
}

fn hashed(hash: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    match hash {
        b"sha256" => Some(Sha256::digest(message).to_vec()),
        b"sha512" => Some(Sha512::digest(message).to_vec()),
        _ => None,
    }
}

/// The bytes that a key signs, for a statement and this namespace.
fn wrapped(namespace: &str, hash: &[u8], digest: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put(&mut out, namespace.as_bytes());
    put(&mut out, b"");
    put(&mut out, hash);
    put(&mut out, digest);
    out
}

/// What whoever signs `statement` for `namespace` hands to the key.
pub fn message(statement: &[u8], namespace: &str) -> Vec<u8> {
    wrapped(namespace, b"sha512", &Sha512::digest(statement))
}

/// A signature file's bytes: of a key's blob and its signature over [`message`].
pub fn blob(key: &[u8], namespace: &str, signature: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_be_bytes());
    put(&mut out, key);
    put(&mut out, namespace.as_bytes());
    put(&mut out, b"");
    put(&mut out, b"sha512");
    put(&mut out, signature);
    out
}

/// The text of a signature file, in lines of 70.
pub fn armor(blob: &[u8]) -> String {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(blob);
    let mut text = BEGIN.to_owned();
    for line in base64.as_bytes().chunks(70) {
        text.extend(line.iter().map(|b| char::from(*b)));
        text.push('\n');
    }
    text.push_str(&END[1..]);
    text.push('\n');
    text
}
