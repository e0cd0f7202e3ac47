//! The encoding that SSH keys, signatures and agents share (RFC 4251): lengths in front, big numbers
//! without a needless byte. Reads as leniently as OpenSSH does, so that both say the same of a text.

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// From the first byte on.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// So many bytes as they are.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    /// A number of four bytes.
    pub fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Bytes with their length in front.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    /// A text; OpenSSH lets it end with one NUL.
    pub fn text(&mut self) -> Option<&'a [u8]> {
        let text = self.string()?;
        let text = text.strip_suffix(&[0]).unwrap_or(text);
        (!text.contains(&0)).then_some(text)
    }

    /// A number of any size that is not negative, without zeros in front.
    pub fn big(&mut self) -> Option<&'a [u8]> {
        let bytes = self.string()?;
        if bytes.first().is_some_and(|first| first & 0x80 != 0) || bytes.len() > 2049 {
            return None;
        }
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        Some(&bytes[zeros..])
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes bytes with their length in front.
pub fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("nothing here is larger than 4 GiB");
    out.extend(length.to_be_bytes());
    out.extend(bytes);
}

/// Writes a number that is not negative.
pub fn put_big(out: &mut Vec<u8>, number: &[u8]) {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    let number = &number[zeros..];
    let mut bytes = Vec::with_capacity(number.len() + 1);
    if number.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.push(0);
    }
    bytes.extend(number);
    put(out, &bytes);
}

/// Bytes of Base64 as OpenSSH reads it: white space anywhere, the padding in full, no stray bits.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let is_space = |c: &char| c.is_ascii_whitespace() || *c == '\x0b';
    let dense: String = text.chars().filter(|c| !is_space(c)).collect();
    base64::engine::general_purpose::STANDARD.decode(dense).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut out = vec![];
        put(&mut out, b"abc\0");
        put_big(&mut out, &[0, 0, 0x80, 1]);
        let mut reader = Reader::new(&out);
        assert_eq!(reader.text(), Some(&b"abc"[..]));
        assert_eq!(reader.big(), Some(&[0x80, 1][..]));
        assert!(reader.is_empty());
        assert_eq!(reader.byte(), None);
    }

    #[test]
    fn a_length_that_lies_and_a_negative_number_are_nothing() {
        assert_eq!(Reader::new(&[0, 0, 0, 9, 1]).string(), None);
        assert_eq!(Reader::new(&[0, 0, 0, 1, 0x80]).big(), None);
        assert_eq!(Reader::new(b"\0\0\0\x03a\0b").text(), None);
    }

    #[test]
    fn base64_is_read_with_any_white_space_and_no_stray_bits() {
        assert_eq!(from_base64(" YW\nJj\r\x0b"), Some(b"abc".to_vec()));
        for bad in ["YWJ", "YWJ=", "YW=J", "YWJj=", "Y!Jj", "YW===="] {
            assert_eq!(from_base64(bad), None, "{bad}");
        }
        assert_eq!(from_base64("YWI="), Some(b"ab".to_vec()));
        assert_eq!(from_base64("YWJ="), None, "bits that are lost are not zero");
    }
}
