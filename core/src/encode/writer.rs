//! Writing canonical encodings.

/// Collects an encoding. Numbers are little-endian; what [`super::Reader`] reads, it writes.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty encoding.
    pub fn new() -> Self {
        Writer::default()
    }

    /// The bytes written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Many numbers of one width.
    pub fn words<const N: usize>(&mut self, words: impl ExactSizeIterator<Item = [u8; N]>) {
        let start = self.bytes.len();
        self.bytes.resize(start + N * words.len(), 0);
        self.bytes[start..].chunks_exact_mut(N).zip(words).for_each(|(slot, word)| slot.copy_from_slice(&word));
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    /// Eight bytes, two's complement.
    pub fn i64(&mut self, value: i64) {
        self.bytes(&value.to_le_bytes());
    }

    /// 0 or 1.
    pub fn flag(&mut self, value: bool) {
        self.u8(value.into());
    }

    /// A count or an index as a `u32`; one that does not fit becomes the greatest, which every reader rejects.
    pub fn count(&mut self, value: usize) {
        self.u32(u32::try_from(value).unwrap_or(u32::MAX));
    }

    /// A small number as one byte; one that does not fit becomes the greatest, which every reader rejects.
    pub fn small(&mut self, value: usize) {
        self.u8(u8::try_from(value).unwrap_or(u8::MAX));
    }

    /// A list: its length, then its items.
    pub fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut item: impl FnMut(&mut Self, T)) {
        self.count(items.len());
        items.for_each(|i| item(self, i));
    }

    /// A byte string with its length.
    pub fn blob(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.bytes(bytes);
    }

    /// The magic number and the version that every encoding starts with.
    pub fn header(&mut self, magic: &[u8; 8], version: u32) {
        self.bytes(magic);
        self.u32(version);
    }
}
