//! Protocol-buffer wire format: a bounded, zero-copy reader.

use super::error::Error;

type Result<T> = std::result::Result<T, Error>;

/// A cursor over one message.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// Where `bytes` starts in the file, for errors.
    base: usize,
    at: usize,
}

/// One field of a message.
#[derive(Clone, Copy)]
pub(super) enum Field<'a> {
    Varint(u64),
    Fixed64,
    Bytes(Reader<'a>),
    Fixed32(u32),
}

impl<'a> Reader<'a> {
    /// A reader of a whole file.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, base: 0, at: 0 }
    }

    /// All of the message.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// An error at this place.
    pub fn error(&self, reason: &str) -> Error {
        Error::Encoding { offset: self.base + self.at, reason: reason.to_owned() }
    }

    /// Whether the message is over.
    pub fn done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let Some(&byte) = self.bytes.get(self.at) else { return Err(self.error("the file ends inside a number")) };
            self.at += 1;
            // The tenth byte of a 64-bit number can carry one bit only.
            if shift == 63 && byte > 1 {
                return Err(self.error("a number exceeds 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.error("a number exceeds 64 bits"))
    }

    fn take(&mut self, len: usize) -> Result<Reader<'a>> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.bytes.len());
        let Some(end) = end else { return Err(self.error("a field is longer than what is left of its message")) };
        let part = Reader { bytes: &self.bytes[self.at..end], base: self.base + self.at, at: 0 };
        self.at = end;
        Ok(part)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let part = self.take(N)?;
        part.bytes.try_into().map_err(|_| self.error("the file ends inside a number"))
    }

    /// The next field and its number.
    pub fn field(&mut self) -> Result<(u32, Field<'a>)> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).map_err(|_| self.error("a field number is too large"))?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => {
                self.take(8)?;
                Field::Fixed64
            }
            2 => {
                let len = self.varint()?;
                let len = usize::try_from(len).map_err(|_| self.error("a field is too long"))?;
                Field::Bytes(self.take(len)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(self.fixed()?)),
            _ => return Err(self.error("not an ONNX file: an unknown kind of field")),
        };
        Ok((number, field))
    }

    /// The message as text.
    pub fn text(self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes).map_err(|_| self.error("a name is not valid UTF-8"))
    }
}

impl<'a> Field<'a> {
    /// A message or string.
    pub fn message(self, at: &Reader<'_>) -> Result<Reader<'a>> {
        match self {
            Field::Bytes(reader) => Ok(reader),
            _ => Err(at.error("a message or string was expected")),
        }
    }

    /// A string.
    pub fn text(self, at: &Reader<'_>) -> Result<&'a str> {
        self.message(at)?.text()
    }

    /// An integer.
    pub fn int(self, at: &Reader<'_>) -> Result<i64> {
        match self {
            Field::Varint(v) => Ok(v as i64),
            _ => Err(at.error("an integer was expected")),
        }
    }

    /// Appends a repeated integer, packed or not.
    pub fn ints_into(self, at: &Reader<'_>, out: &mut Vec<i64>) -> Result<()> {
        match self {
            Field::Varint(v) => out.push(v as i64),
            Field::Bytes(mut packed) => {
                while !packed.done() {
                    out.push(packed.varint()? as i64);
                }
            }
            _ => return Err(at.error("a list of integers was expected")),
        }
        Ok(())
    }

    /// Appends a repeated f32, packed or not.
    pub fn floats_into(self, at: &Reader<'_>, out: &mut Vec<f32>) -> Result<()> {
        match self {
            Field::Fixed32(v) => out.push(f32::from_bits(v)),
            Field::Bytes(mut packed) => {
                while !packed.done() {
                    out.push(f32::from_le_bytes(packed.fixed()?));
                }
            }
            _ => return Err(at.error("a list of floats was expected")),
        }
        Ok(())
    }
}
