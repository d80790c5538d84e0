//! Where a transaction's gas goes.

use revm::Inspector;
use revm::context_interface::ContextTr;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::{CallInputs, CallOutcome};
use revm::primitives::Address;
use std::collections::BTreeMap;

/// Calls and their gas, what they call in turn included, by the contract that is called.
#[derive(Default, Debug)]
pub struct Meter(BTreeMap<Address, (usize, u64)>);

impl Meter {
    /// The number of calls of a contract and their gas.
    pub fn of(&self, address: Address) -> (usize, u64) {
        self.0.get(&address).copied().unwrap_or_default()
    }

    /// As [`Meter::of`] for the precompile of a number.
    pub fn precompile(&self, number: u8) -> (usize, u64) {
        self.of(Address::with_last_byte(number))
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<C: ContextTr> Inspector<C, EthInterpreter> for Meter {
    fn call_end(&mut self, _: &mut C, inputs: &CallInputs, outcome: &mut CallOutcome) {
        let entry = self.0.entry(inputs.target_address).or_default();
        entry.0 += 1;
        entry.1 += outcome.result.gas.total_gas_spent();
    }
}
