//! Work that plans with all the memory there is, one thread at a time.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
};

/// Whose turn it is.
#[derive(Default)]
pub struct Turn {
    held: Mutex<()>,
    holder: Mutex<Option<ThreadId>>,
}

/// A thread's turn, until this is dropped.
pub struct InTurn<'a> {
    turn: &'a Turn,
    _held: MutexGuard<'a, ()>,
}

impl Turn {
    /// Waits for this thread's turn. Whoever has it leaves rayon alone, which might start other such work on the same thread.
    pub fn take(&self) -> InTurn<'_> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *self.holder() = Some(thread::current().id());
        InTurn { turn: self, _held: held }
    }

    /// If it is another thread's turn, waits for its end, and says so.
    pub fn wait_for_other(&self) -> bool {
        let holder = *self.holder();
        let other = holder.is_some_and(|holder| holder != thread::current().id());
        if other {
            drop(self.held.lock().unwrap_or_else(PoisonError::into_inner));
        }
        other
    }

    fn holder(&self) -> MutexGuard<'_, Option<ThreadId>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InTurn<'_> {
    fn drop(&mut self) {
        *self.turn.holder() = None;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use super::*;

    #[test]
    fn only_others_are_waited_for() {
        let turn = Turn::default();
        assert!(!turn.wait_for_other());
        let mine = turn.take();
        assert!(!turn.wait_for_other(), "a thread does not wait for itself");
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let others: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        turn.wait_for_other();
                        ended.load(Ordering::SeqCst)
                    })
                })
                .collect();
            thread::sleep(Duration::from_millis(20));
            ended.store(true, Ordering::SeqCst);
            drop(mine);
            assert!(others.into_iter().all(|other| other.join().expect("no panic")), "it was still this thread's turn");
        });
        assert!(!turn.wait_for_other());
    }
}
