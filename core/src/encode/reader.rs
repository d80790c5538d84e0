//! Reading bytes that nobody vouches for: every length is checked against the bytes that remain before anything is
//! allocated.

use crate::error::Error;

/// A cursor over an encoding.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
    claimed: u64,
}

impl<'a> Reader<'a> {
    /// A cursor at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, offset: 0, claimed: 0 }
    }

    /// The number of bytes read so far.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The number of bytes left.
    pub fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.offset)
    }

    /// Counts memory that a value read here takes beyond its encoding; returns all that was counted so far.
    pub(super) fn claim(&mut self, bytes: u64) -> u64 {
        self.claimed = self.claimed.saturating_add(bytes);
        self.claimed
    }

    /// An error at the cursor.
    pub fn error(&self, reason: impl Into<String>) -> Error {
        Error::Encoding { offset: self.offset, reason: reason.into() }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        match rest.split_at_checked(count) {
            Some((bytes, _)) => {
                self.offset += count;
                Ok(bytes)
            }
            None => Err(self.error(format!("expected {count} more bytes, found {}", rest.len()))),
        }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    /// One byte.
    ///
    /// # Errors
    /// None is left.
    pub fn u8(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Four little-endian bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight little-endian bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_le_bytes)
    }

    /// Eight little-endian bytes, two's complement.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn i64(&mut self) -> Result<i64, Error> {
        self.array().map(i64::from_le_bytes)
    }

    /// A byte that is 0 or 1.
    ///
    /// # Errors
    /// Another byte.
    pub fn flag(&mut self) -> Result<bool, Error> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.error(format!("expected 0 or 1, found {other}"))),
        }
    }

    /// A `u32` that counts items of at least `item_bytes` bytes each, which must still follow.
    ///
    /// # Errors
    /// More items than bytes left.
    pub fn count(&mut self, item_bytes: usize) -> Result<usize, Error> {
        let count = self.u32()? as usize;
        if count.checked_mul(item_bytes.max(1)).is_none_or(|bytes| bytes > self.remaining()) {
            return Err(self.error(format!("{count} items cannot follow in {} bytes", self.remaining())));
        }
        Ok(count)
    }

    /// A list: its length, then its items of at least `item_bytes` bytes each.
    ///
    /// # Errors
    /// Whatever `item` returns, or a length that the bytes left cannot hold.
    pub fn list<T>(&mut self, item_bytes: usize, mut item: impl FnMut(&mut Self) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        // The vector grows as items are found, so that a hostile length reserves nothing.
        let count = self.count(item_bytes)?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// A byte string of at most `most` bytes.
    ///
    /// # Errors
    /// A longer one, or one that ends early.
    pub fn blob(&mut self, most: usize) -> Result<&'a [u8], Error> {
        let count = self.count(1)?;
        if count > most {
            return Err(self.error(format!("expected at most {most} bytes, found {count}")));
        }
        self.bytes(count)
    }

    /// A UTF-8 string of at most `most` bytes.
    ///
    /// # Errors
    /// A longer one, or one that is not UTF-8.
    pub fn text(&mut self, most: usize) -> Result<String, Error> {
        let bytes = self.blob(most)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| self.error("a name is not UTF-8"))
    }

    /// The magic number and the version that every encoding starts with.
    ///
    /// # Errors
    /// Another kind of data, or another version.
    pub fn header(&mut self, magic: &[u8; 8], version: u32, what: &str) -> Result<(), Error> {
        if self.array::<8>().is_ok_and(|found| found == *magic) {
            let found = self.u32()?;
            return if found == version {
                Ok(())
            } else {
                Err(self.error(format!("this is {what} of version {found}; this program reads version {version}")))
            };
        }
        Err(Error::Encoding { offset: 0, reason: format!("this is not {what}: it does not start with its magic number") })
    }

    /// Requires that nothing is left.
    ///
    /// # Errors
    /// Trailing bytes.
    pub fn finish(self) -> Result<(), Error> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(self.error(format!("{left} bytes follow after the end"))),
        }
    }
}
