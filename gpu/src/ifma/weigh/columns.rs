//! Rows of a tensor's columns, in place where they are contiguous, copied where not.

use super::Pass;

/// Outputs of a block.
pub const WIDTH: usize = 64;

/// The terms of up to [`WIDTH`] neighbouring outputs.
pub struct Block<'a, T> {
    values: &'a [T],
    inner: usize,
    origins: [usize; WIDTH],
    len: usize,
    contiguous: bool,
    copy: Vec<T>,
}

impl<'a, T: Copy + Default> Block<'a, T> {
    /// The outputs from `first` on.
    pub fn new(values: &'a [T], pass: Pass, first: usize, len: usize) -> Self {
        let contiguous = len == WIDTH && first % pass.inner + WIDTH <= pass.inner;
        Self { values, inner: pass.inner, origins: pass.origins(first), len, contiguous, copy: Vec::new() }
    }

    /// The rows `[start, start + count)`, each of [`WIDTH`] values, and the stride between them.
    pub fn rows(&mut self, start: usize, count: usize) -> (&[T], usize) {
        if self.contiguous {
            return (&self.values[self.origins[0] + start * self.inner..], self.inner);
        }
        self.copy.resize(count.max(self.copy.len() / WIDTH) * WIDTH, T::default());
        for (i, origin) in self.origins.iter().enumerate().take(self.len) {
            let column = self.values[origin + start * self.inner..].iter().step_by(self.inner);
            for (row, value) in self.copy.chunks_exact_mut(WIDTH).zip(column).take(count) {
                row[i] = *value;
            }
        }
        (&self.copy, WIDTH)
    }
}
