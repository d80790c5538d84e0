//! The generated verifiers, run by revm: they accept what the native verifier accepts, and nothing that was changed.

mod chain;
mod synthetic;

use assay_contracts::{Call, Layout, render};
use chain::{Chain, Done, Failed, bytecode};
use revm::primitives::Address;
use synthetic::fixtures::{CONTEXT, FIXTURES, setup};

/// A deployed fixture.
struct Fixture {
    chain: Chain,
    caller: Address,
    verifier: Address,
    layout: Layout,
    call: Call,
}

impl Fixture {
    fn new(name: &str) -> Fixture {
        let mut setup = setup(name);
        let receipt = setup.receipt(CONTEXT);
        let call = Call::new(&setup.key, &receipt).unwrap();
        let mut chain = Chain::new();
        let caller = chain.account(1);
        let (verifier, _) = chain.deploy(caller, &bytecode(name));
        Fixture { chain, caller, verifier, layout: Layout::new(&setup.key), call }
    }

    fn send(&mut self, calldata: Vec<u8>) -> Result<Done, Failed> {
        self.chain.call(self.caller, self.verifier, 0, calldata)
    }
}

#[test]
fn accepts_receipts_of_every_form() {
    for (name, ..) in FIXTURES {
        let mut fixture = Fixture::new(name);
        let calldata = fixture.call.calldata();
        assert_eq!(calldata.len(), fixture.layout.size(), "{name}");
        let done = fixture.send(calldata).unwrap_or_else(|failed| panic!("{name}: {failed:?}"));
        println!("{name}: {} gas", done.gas);
        assert!(done.output.is_empty());
    }
}

#[test]
fn the_committed_sources_are_what_the_generator_writes() {
    for (name, ..) in FIXTURES {
        let path = format!("{}/solidity/test/fixtures/{name}.sol", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(std::fs::read_to_string(path).unwrap(), render(&setup(name).key).unwrap(), "{name}: run the example regenerate");
    }
}
