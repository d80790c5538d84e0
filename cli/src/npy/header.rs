//! The header of a `.npy` file: a strict reader of the one dictionary that NumPy writes.

use super::{MAX_AXES, NpyError};

/// NumPy's own limit on what it is willing to parse is 10,000 bytes.
const MAX_HEADER_BYTES: usize = 65536;

/// What the dictionary says.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub(super) descr: String,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
}

/// Splits a file into its parsed header and its elements' bytes.
pub(super) fn split(bytes: &[u8]) -> Result<(Header, &[u8]), NpyError> {
    let truncated = NpyError::TruncatedHeader { found: bytes.len() };
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or(NpyError::WrongMagic)?;
    let (&[major, minor], rest) = rest.split_first_chunk::<2>().ok_or(truncated)?;
    let truncated = || NpyError::TruncatedHeader { found: bytes.len() };
    let (length, rest) = match (major, minor) {
        (1, 0) => {
            let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(truncated)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        (2 | 3, 0) => {
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(truncated)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        _ => return Err(NpyError::UnsupportedVersion { major, minor }),
    };
    if length > MAX_HEADER_BYTES {
        return Err(NpyError::MalformedHeader { offset: 0, expected: "a header of at most 65536 bytes" });
    }
    let (header, elements) = rest.split_at_checked(length).ok_or_else(truncated)?;
    Ok((parse(header)?, elements))
}

fn parse(text: &[u8]) -> Result<Header, NpyError> {
    let mut cursor = Cursor { text, at: 0 };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    cursor.expect(b'{', "`{`")?;
    while !cursor.accept(b'}') {
        let key = cursor.string()?;
        cursor.expect(b':', "`:`")?;
        let repeated = match key.as_str() {
            "descr" => descr.replace(cursor.string_or_record()?).is_some(),
            "fortran_order" => fortran_order.replace(cursor.boolean()?).is_some(),
            "shape" => shape.replace(cursor.tuple()?).is_some(),
            _ => return Err(cursor.fail("one of the keys 'descr', 'fortran_order', 'shape'")),
        };
        if repeated {
            return Err(cursor.fail("each key once"));
        }
        if !cursor.accept(b',') {
            cursor.expect(b'}', "`,` or `}`")?;
            break;
        }
    }
    cursor.skip_spaces();
    if cursor.at != text.len() {
        return Err(cursor.fail("nothing after the dictionary"));
    }
    match (descr, fortran_order, shape) {
        (Some(descr), Some(fortran_order), Some(shape)) => Ok(Header { descr, fortran_order, shape }),
        _ => Err(cursor.fail("the keys 'descr', 'fortran_order' and 'shape'")),
    }
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn fail(&self, expected: &'static str) -> NpyError {
        NpyError::MalformedHeader { offset: self.at, expected }
    }

    fn skip_spaces(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\n' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_spaces();
        self.text.get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), NpyError> {
        if self.accept(byte) { Ok(()) } else { Err(self.fail(expected)) }
    }

    /// A quoted string without escapes; NumPy writes no others here.
    fn string(&mut self) -> Result<String, NpyError> {
        let quote = self.peek().filter(|b| matches!(b, b'\'' | b'"')).ok_or_else(|| self.fail("a quoted string"))?;
        let start = self.at + 1;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.iter().position(|&b| b == quote).ok_or_else(|| self.fail("a closing quote"))?;
        let content = &rest[..length];
        if content.contains(&b'\\') || !content.is_ascii() {
            return Err(self.fail("a plain ASCII string"));
        }
        self.at = start + length + 1;
        Ok(String::from_utf8_lossy(content).into_owned())
    }

    /// A structured type is a list of fields: reported as a type that is not supported, not as a malformed header.
    fn string_or_record(&mut self) -> Result<String, NpyError> {
        if self.peek() == Some(b'[') {
            return Err(NpyError::UnsupportedType { descr: "structured array".into() });
        }
        self.string()
    }

    fn boolean(&mut self) -> Result<bool, NpyError> {
        self.skip_spaces();
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.fail("True or False"))
    }

    fn integer(&mut self) -> Result<usize, NpyError> {
        self.skip_spaces();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let value = std::str::from_utf8(&rest[..digits]).ok().and_then(|s| s.parse().ok());
        let value = value.ok_or_else(|| self.fail("a length"))?;
        self.at += digits;
        Ok(value)
    }

    /// `()`, `(2,)`, `(2, 3)`; `(2)` is an integer in Python and refused.
    fn tuple(&mut self) -> Result<Vec<usize>, NpyError> {
        self.expect(b'(', "`(`")?;
        let mut values = Vec::new();
        while !self.accept(b')') {
            if values.len() == MAX_AXES {
                return Err(self.fail("at most 32 axes"));
            }
            values.push(self.integer()?);
            if !self.accept(b',') {
                if values.len() == 1 {
                    return Err(self.fail("`,` after the only length"));
                }
                self.expect(b')', "`,` or `)`")?;
                break;
            }
        }
        Ok(values)
    }
}
