//! Large buffers of sums, kept for the next sum: to get as much memory from the system anew takes a sixth of a sum's time.

use std::{
    mem,
    sync::{Mutex, PoisonError},
};

/// A place for one buffer.
pub struct Spare<T>(Mutex<Vec<T>>);

impl<T> Spare<T> {
    /// An empty place.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The buffer, with whatever it held, or an empty one.
    pub fn take(&self) -> Vec<T> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a buffer, unless there is a larger one.
    pub fn give(&self, buffer: Vec<T>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buffer.capacity() > kept.capacity() {
            *kept = buffer;
        }
    }
}
