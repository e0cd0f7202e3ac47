//! OSC 52: text into the clipboard of the terminal the person sits at, also through ssh.

/// The longest text that is copied, in bytes: terminals commonly refuse beyond some 74 kB of Base64.
pub const COPY_LIMIT: usize = 54_000;

/// The bytes that copy `text`, for [`Frames::emit`](super::Frames::emit); wrapped for tmux where it
/// stands between. None when the text is longer than [`COPY_LIMIT`].
pub fn copy(text: &str, tmux: bool) -> Option<Vec<u8>> {
    if text.len() > COPY_LIMIT {
        return None;
    }
    let code = format!("\x1b]52;c;{}\x1b\\", base64(text.as_bytes()));
    let bytes = if tmux { format!("\x1bPtmux;{}\x1b\\", code.replace('\x1b', "\x1b\x1b")) } else { code };
    Some(bytes.into_bytes())
}

/// Base64 with padding, RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let sextet = (group >> (18 - 6 * place)) as usize & 0x3f;
            out.push(if place <= chunk.len() { ALPHABET[sextet] as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, code) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("\u{3ff}?~", "z78/fg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), code, "{text:?}");
        }
    }

    #[test]
    fn a_copy_holds_no_byte_of_the_text() {
        let bytes = copy("\x1b]0;evil\x07\u{9c}", false).unwrap();
        let inner = &bytes[7..bytes.len() - 2];
        assert!(inner.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)));
    }

    #[test]
    fn tmux_passes_it_on() {
        assert_eq!(copy("a", true).unwrap(), b"\x1bPtmux;\x1b\x1b]52;c;YQ==\x1b\x1b\\\x1b\\");
    }

    #[test]
    fn a_long_text_is_refused_whole() {
        assert!(copy(&"x".repeat(COPY_LIMIT), false).is_some());
        assert_eq!(copy(&"x".repeat(COPY_LIMIT + 1), false), None);
    }
}
