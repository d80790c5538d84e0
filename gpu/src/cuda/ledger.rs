//! How much of a device's memory is in use, and how much may be.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A device's memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryUse {
    /// What the device has.
    pub total: usize,
    /// What no process has taken, as the driver counts. Memory that this process has freed may stay with it, and does not
    /// count as free then.
    pub free: usize,
    /// What this process may use for buffers: what the device has, unless [`super::Cuda::limit_memory`] has said otherwise.
    pub limit: usize,
    /// What buffers of this process use.
    pub live: usize,
    /// The most that they have used at one time.
    pub peak: usize,
}

/// The bytes of all buffers on a device.
pub struct Ledger(Mutex<Account>);

#[derive(Clone, Copy, Debug)]
pub struct Account {
    pub live: usize,
    pub peak: usize,
    pub limit: usize,
}

/// Why bytes were not given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{needed} bytes are needed, and {live} of at most {limit} are in use")]
pub struct Exceeded {
    pub needed: usize,
    pub live: usize,
    pub limit: usize,
}

/// Bytes that count as in use until this is dropped.
pub struct Counted {
    ledger: Arc<Ledger>,
    bytes: usize,
}

impl Ledger {
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Account { live: 0, peak: 0, limit })))
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in use now.
    pub fn state(&self) -> Account {
        *self.account()
    }

    /// Sets the limit. What is in use beyond it stays; nothing is added to it.
    pub fn limit(&self, bytes: usize) {
        self.account().limit = bytes;
    }

    /// What may still be counted.
    pub fn left(&self) -> usize {
        let Account { live, limit, .. } = self.state();
        limit.saturating_sub(live)
    }

    /// Counts bytes that are about to be allocated, if they stay below the limit.
    pub fn count(self: &Arc<Self>, bytes: usize) -> Result<Counted, Exceeded> {
        let mut account = self.account();
        if bytes > account.limit.saturating_sub(account.live) {
            return Err(account.exceeded_by(bytes));
        }
        account.live += bytes;
        account.peak = account.peak.max(account.live);
        Ok(Counted { ledger: self.clone(), bytes })
    }
}

impl Account {
    pub fn exceeded_by(&self, needed: usize) -> Exceeded {
        Exceeded { needed, live: self.live, limit: self.limit }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ledger.account().live -= self.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_until_they_are_dropped() {
        let ledger = Ledger::new(100);
        let first = ledger.count(60).expect("within the limit");
        assert_eq!(ledger.count(41).err(), Some(Exceeded { needed: 41, live: 60, limit: 100 }));
        let second = ledger.count(40).expect("exactly the limit");
        drop(first);
        let Account { live, peak, limit } = ledger.state();
        assert_eq!((live, peak, limit), (40, 100, 100));
        drop(second);
        assert_eq!(ledger.state().live, 0);
    }

    #[test]
    fn a_limit_below_what_is_in_use_stops_growth() {
        let ledger = Ledger::new(usize::MAX);
        let counted = ledger.count(60).expect("no limit");
        ledger.limit(50);
        let refused = ledger.count(1).err().expect("beyond the limit");
        assert_eq!(refused.to_string(), "1 bytes are needed, and 60 of at most 50 are in use");
        assert!(ledger.count(0).is_ok());
        drop(counted);
        assert!(ledger.count(50).is_ok());
    }
}
