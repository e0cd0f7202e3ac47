//! Secrets are struck out of a stream of output before it is kept anywhere: as they are, in base64, as
//! in an address and as in JSON, also where they come in pieces. Pure.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in the place of a secret.
const STRUCK: &[u8] = "…".as_bytes();

/// Below so many bytes a value is no secret, and striking it out would make output unreadable.
const SHORTEST: usize = 4;

/// What an address leaves as it is.
const ADDRESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Strikes secrets out of pieces of a stream.
#[derive(Default)]
pub(super) struct Mask {
    /// The longest first.
    forms: Vec<Vec<u8>>,
    /// Whether a form begins with this byte.
    begins: Vec<bool>,
    held: Vec<u8>,
}

impl Mask {
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().flat_map(|s| [s, s.trim_end()]).filter(|s| s.len() >= SHORTEST);
        let mut forms: Vec<Vec<u8>> = secrets.flat_map(forms).map(String::into_bytes).collect();
        forms.retain(|form| form.len() >= SHORTEST);
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        let mut begins = vec![false; 256];
        forms.iter().for_each(|form| begins[usize::from(form[0])] = true);
        Self { forms, begins, held: vec![] }
    }

    /// What can be shown with `piece` come; the beginning of what may be a secret waits for more.
    pub fn pass(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(piece);
        let (out, rest) = self.strike(&all, true);
        self.held = all.split_off(rest);
        out
    }

    /// What waited.
    pub fn finish(&mut self) -> Vec<u8> {
        let rest = std::mem::take(&mut self.held);
        self.strike(&rest, false).0
    }

    /// The text without secrets, and from where on more is needed.
    fn strike(&self, all: &[u8], more: bool) -> (Vec<u8>, usize) {
        let (mut out, mut at) = (Vec::with_capacity(all.len()), 0);
        while at < all.len() {
            let rest = &all[at..];
            if !self.begins[usize::from(rest[0])] {
                out.push(rest[0]);
                at += 1;
                continue;
            }
            if more && self.forms.iter().any(|form| form.len() > rest.len() && form.starts_with(rest)) {
                break;
            }
            match self.forms.iter().find(|form| rest.starts_with(form)) {
                Some(form) => {
                    out.extend_from_slice(STRUCK);
                    at += form.len();
                }
                None => {
                    out.push(rest[0]);
                    at += 1;
                }
            }
        }
        (out, at)
    }
}

/// A secret in every form it may be printed in.
fn forms(secret: &str) -> Vec<String> {
    let address = utf8_percent_encode(secret, ADDRESS).to_string();
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    let mut all = vec![secret.to_owned(), lower_codes(&address), address, json.to_owned()];
    let mut coded = vec![BASE64_STANDARD_NO_PAD.encode(secret)];
    if secret.len() >= 8 {
        coded.extend((0..3).map(|before| within(secret, before)));
    }
    all.extend(coded.iter().map(|c| c.replace('+', "-").replace('/', "_")));
    all.extend(coded);
    all
}

/// `%C3` as `%c3`.
fn lower_codes(address: &str) -> String {
    let mut left = 0;
    let lower = |c: char| {
        left = if c == '%' { 2 } else { left };
        let coded = left > 0 && c != '%';
        left -= usize::from(coded);
        if coded { c.to_ascii_lowercase() } else { c }
    };
    address.chars().map(lower).collect()
}

/// The characters of base64 that a secret alone decides where `before` bytes, as of `user:`, stand in
/// front of it and others behind.
fn within(secret: &str, before: usize) -> String {
    let bytes = [vec![0; before], secret.as_bytes().to_vec()].concat();
    let coded = BASE64_STANDARD.encode(&bytes);
    let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    coded.get(first..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(secrets: &[&str], pieces: &[&[u8]]) -> String {
        let mut mask = Mask::new(secrets.iter().copied());
        let mut out: Vec<u8> = pieces.iter().flat_map(|p| mask.pass(p)).collect();
        out.extend(mask.finish());
        String::from_utf8_lossy(&out).into_owned()
    }

    const SECRET: &str = "s3cr3t/+ \"töken\"?";

    proptest! {
        #[test]
        fn no_form_of_a_secret_survives_however_it_is_cut(
            before in "[a-z ]{0,5}", after in "[a-z ]{0,5}", form in 0..9usize, size in 1..40usize,
        ) {
            let coded = |text: String| BASE64_STANDARD.encode(text);
            let url = |text: String| text.replace('+', "-").replace('/', "_");
            let told = match form {
                0 => SECRET.to_owned(),
                1 => coded(SECRET.to_owned()),
                2 => coded(format!("u:{SECRET}")),
                3 => coded(format!("user:{SECRET} and more")),
                4 => url(coded(format!("a{SECRET}"))),
                5 => utf8_percent_encode(SECRET, ADDRESS).to_string(),
                6 => lower_codes(&utf8_percent_encode(SECRET, ADDRESS).to_string()),
                7 => serde_json::to_string(SECRET).unwrap(),
                _ => format!("{SECRET}{SECRET}"),
            };
            let whole = format!("{before}{told}{after}");
            let pieces: Vec<&[u8]> = whole.as_bytes().chunks(size).collect();
            let out = shown(&[SECRET], &pieces);
            let core = &within(SECRET, form % 3);
            for bad in ["s3cr3t", "%C3%B6", "%c3%b6", "töken", core.as_str()] {
                prop_assert!(!out.contains(bad), "{bad} in {out}");
            }
            prop_assert!(out.starts_with(&before) && out.ends_with(&after), "{out}");
        }

        #[test]
        fn other_text_passes_unchanged(text in "[a-f0-9 ]{0,80}", size in 1..20usize) {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            prop_assert_eq!(shown(&["abcdef-not-there"], &pieces), text.clone());
        }
    }

    #[test]
    fn the_longer_secret_wins_and_short_values_stay() {
        assert_eq!(shown(&["abcd", "abcdefgh"], &[b"x abcd", b"efgh y abcd z"]), "x … y … z");
        assert_eq!(shown(&["abc", ""], &[b"abc"]), "abc");
        assert_eq!(Mask::new(["secret"]).pass(b"plain\n"), b"plain\n", "nothing waits that is none");
    }
}
