//! Public keys of SSH and what their signatures verify: Ed25519, RSA with SHA-2, ECDSA, and the first
//! and last of these on a security key. Other kinds are named and verify nothing.

use aws_lc_rs::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::wire::{Reader, from_base64, put, put_big};

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `ssh-ed25519`.
    Ed25519,
    /// `ssh-rsa`.
    Rsa,
    /// `ecdsa-sha2-nistp256`.
    P256,
    /// `ecdsa-sha2-nistp384`.
    P384,
    /// `ecdsa-sha2-nistp521`.
    P521,
    /// `sk-ssh-ed25519@openssh.com`.
    SkEd25519,
    /// `sk-ecdsa-sha2-nistp256@openssh.com`.
    SkP256,
}

impl Kind {
    const ALL: [Kind; 7] =
        [Kind::Ed25519, Kind::Rsa, Kind::P256, Kind::P384, Kind::P521, Kind::SkEd25519, Kind::SkP256];

    /// As it stands in front of a key.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ed25519 => "ssh-ed25519",
            Kind::Rsa => "ssh-rsa",
            Kind::P256 => "ecdsa-sha2-nistp256",
            Kind::P384 => "ecdsa-sha2-nistp384",
            Kind::P521 => "ecdsa-sha2-nistp521",
            Kind::SkEd25519 => "sk-ssh-ed25519@openssh.com",
            Kind::SkP256 => "sk-ecdsa-sha2-nistp256@openssh.com",
        }
    }

    /// The kind of a name.
    pub fn of(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().as_bytes() == name)
    }

    /// Whether a touch is asked for.
    pub fn is_touched(self) -> bool {
        matches!(self, Kind::SkEd25519 | Kind::SkP256)
    }

    /// The curve's name in a key, and the bytes of its numbers.
    fn curve(self) -> Option<(&'static [u8], usize)> {
        match self {
            Kind::P256 | Kind::SkP256 => Some((b"nistp256", 32)),
            Kind::P384 => Some((b"nistp384", 48)),
            Kind::P521 => Some((b"nistp521", 66)),
            _ => None,
        }
    }
}

/// What a key's numbers are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Numbers {
    /// Of Ed25519: the point. Of ECDSA: the point, uncompressed.
    Point(Vec<u8>),
    /// Exponent and modulus.
    Rsa { e: Vec<u8>, n: Vec<u8> },
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    numbers: Numbers,
    /// Of a security key: whom it was made for, mostly `ssh:`.
    application: Option<Vec<u8>>,
    fingerprint: String,
}

impl Key {
    /// The key of a blob.
    ///
    /// # Errors
    /// What it is instead, in a few words.
    pub fn read(blob: &[u8]) -> Result<Self, String> {
        let mut reader = Reader::new(blob);
        let name = reader.text().ok_or("its key is damaged")?;
        let kind = Kind::of(name).ok_or_else(|| {
            format!("keys of the kind {:?} are not supported", String::from_utf8_lossy(name))
        })?;
        let numbers = numbers(kind, &mut reader).ok_or("its key is damaged")?;
        let application = match kind.is_touched() {
            true => Some(reader.text().ok_or("its key is damaged")?.to_vec()),
            false => None,
        };
        if !reader.is_empty() {
            return Err("its key is damaged".to_owned());
        }
        let fingerprint = fingerprint(&encoded(kind, &numbers, application.as_deref()));
        Ok(Self { kind, numbers, application, fingerprint })
    }

    /// The key as it stands in files, whatever it was read from.
    pub fn blob(&self) -> Vec<u8> {
        encoded(self.kind, &self.numbers, self.application.as_deref())
    }

    /// The key of `ssh-ed25519 AAAA…`, and what stands behind it.
    pub fn read_line(line: &str) -> Option<(Self, &str)> {
        let blank = |c: char| c == ' ' || c == '\t';
        let (name, rest) = line.split_once(blank)?;
        let rest = rest.trim_start_matches(blank);
        let (base64, comment) = rest.split_once(blank).unwrap_or((rest, ""));
        let key = Self::read(&from_base64(base64)?).ok()?;
        (Kind::of(name.as_bytes()) == Some(key.kind)).then_some((key, comment.trim()))
    }

    /// `SHA256:` and the digest of the key, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether `signature`, an SSH signature blob, is this key's over `message`.
    pub fn verifies(&self, signature: &[u8], message: &[u8]) -> Option<()> {
        let mut reader = Reader::new(signature);
        let algorithm = reader.text()?;
        let raw = reader.string()?;
        if let Numbers::Rsa { e, n } = &self.numbers {
            return reader.is_empty().then(|| rsa(algorithm, (e, n), raw, message)).flatten();
        }
        if algorithm != self.kind.name().as_bytes() {
            return None;
        }
        let touched = self.application.as_ref().map(|app| Some((app, reader.byte()?, reader.number()?)));
        let wrapped = match touched {
            Some(touched) => Some(wrap(touched?, message)),
            None => None,
        };
        if !reader.is_empty() {
            return None;
        }
        self.verifies_raw(raw, wrapped.as_deref().unwrap_or(message))
    }

    fn verifies_raw(&self, raw: &[u8], message: &[u8]) -> Option<()> {
        let Numbers::Point(point) = &self.numbers else { return None };
        let ecdsa = |algorithm: &'static signature::EcdsaVerificationAlgorithm| {
            let (_, size) = self.kind.curve()?;
            UnparsedPublicKey::new(algorithm, point).verify(message, &pair(raw, size)?).ok()
        };
        match self.kind {
            Kind::Ed25519 | Kind::SkEd25519 => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, raw).ok()
            }
            Kind::P256 | Kind::SkP256 => ecdsa(&signature::ECDSA_P256_SHA256_FIXED),
            Kind::P384 => ecdsa(&signature::ECDSA_P384_SHA384_FIXED),
            Kind::P521 => ecdsa(&signature::ECDSA_P521_SHA512_FIXED),
            Kind::Rsa => None,
        }
    }
}

fn numbers(kind: Kind, reader: &mut Reader<'_>) -> Option<Numbers> {
    if kind == Kind::Rsa {
        let (e, n) = (reader.big()?.to_vec(), reader.big()?.to_vec());
        return (n.len() >= 128).then_some(Numbers::Rsa { e, n });
    }
    let size = match kind.curve() {
        Some((curve, size)) => {
            if reader.text()? != curve {
                return None;
            }
            2 * size + 1
        }
        None => 32,
    };
    let point = reader.string()?;
    let fits = point.len() == size && (kind.curve().is_none() || point[0] == 4);
    fits.then(|| Numbers::Point(point.to_vec()))
}

fn encoded(kind: Kind, numbers: &Numbers, application: Option<&[u8]>) -> Vec<u8> {
    let mut out = vec![];
    put(&mut out, kind.name().as_bytes());
    if let Some((curve, _)) = kind.curve() {
        put(&mut out, curve);
    }
    match numbers {
        Numbers::Point(point) => put(&mut out, point),
        Numbers::Rsa { e, n } => {
            put_big(&mut out, e);
            put_big(&mut out, n);
        }
    }
    application.into_iter().for_each(|application| put(&mut out, application));
    out
}

fn fingerprint(blob: &[u8]) -> String {
    let digest = base64::engine::general_purpose::STANDARD_NO_PAD.encode(Sha256::digest(blob));
    format!("SHA256:{digest}")
}

/// What a security key signs: application, flags, counter, message (`PROTOCOL.u2f`).
fn wrap((application, flags, counter): (&Vec<u8>, u8, u32), message: &[u8]) -> Vec<u8> {
    let mut out = Sha256::digest(application).to_vec();
    out.push(flags);
    out.extend(counter.to_be_bytes());
    out.extend(Sha256::digest(message));
    out
}

/// The two numbers of an ECDSA signature, each filled up to the curve's size.
fn pair(raw: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut reader = Reader::new(raw);
    let mut out = vec![];
    for _ in 0..2 {
        let number = reader.big()?;
        out.resize(out.len() + size.checked_sub(number.len())?, 0);
        out.extend(number);
    }
    reader.is_empty().then_some(out)
}

/// RSA with SHA-2; what was made with SHA-1 never counts. OpenSSH fills up a short signature.
fn rsa(algorithm: &[u8], (e, n): (&[u8], &[u8]), raw: &[u8], message: &[u8]) -> Option<()> {
    let parameters = match algorithm {
        b"rsa-sha2-256" => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        b"rsa-sha2-512" => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return None,
    };
    let mut whole = vec![0; n.len().checked_sub(raw.len())?];
    whole.extend(raw);
    RsaPublicKeyComponents { n, e }.verify(parameters, message, &whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS ana@desk";

    #[test]
    fn a_line_is_a_key_and_a_comment() {
        let (key, comment) = Key::read_line(LINE).unwrap();
        assert_eq!((key.kind, comment), (Kind::Ed25519, "ana@desk"));
        assert!(key.fingerprint().starts_with("SHA256:") && key.fingerprint().len() == 50);
    }

    #[test]
    fn a_key_of_another_kind_than_it_says_is_none() {
        assert!(Key::read_line(&LINE.replacen("ssh-ed25519", "ssh-rsa", 1)).is_none());
        assert!(Key::read_line(&LINE.replacen("ssh-ed25519", "ssh-dss", 1)).is_none());
        let mut blob = from_base64(LINE.split(' ').nth(1).unwrap()).unwrap();
        blob.push(0);
        assert!(Key::read(&blob).is_err());
        assert!(Key::read(b"\0\0\0\x07ssh-dss").unwrap_err().contains("not supported"));
    }
}
