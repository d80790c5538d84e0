//! What things cost: `cargo test -p assay-contracts --test gas -- --nocapture` prints the table.

mod chain;
mod synthetic;

use assay_contracts::Call;
use chain::Chain;
use chain::market::{Market, submission};
use revm::primitives::Address;
use synthetic::fixtures::{FIXTURES, setup};

/// Settling a job of 15 public inputs and 6 rows, all included.
const SUBMIT_BUDGET: u64 = 600_000;

/// What a transaction pays before anything runs: 21,000, and for its calldata.
fn intrinsic(calldata: &[u8]) -> u64 {
    let zeros = calldata.iter().filter(|byte| **byte == 0).count() as u64;
    21_000 + 4 * zeros + 16 * (calldata.len() as u64 - zeros)
}

/// Prints a row of the table.
fn row(name: &str, gas: u64) {
    println!("{name:<52}{gas:>10}");
}

/// Precompiles of the last transaction, by name.
fn precompiles(chain: &Chain) -> u64 {
    let named = [(6, "additions"), (7, "multiplications"), (8, "pairing product")];
    named.iter().fold(0, |sum, (number, name)| {
        let (count, gas) = chain.meter().precompile(*number);
        row(&format!("    {count} {name}"), gas);
        sum + gas
    })
}

#[test]
fn settling_a_job_stays_within_its_budget() {
    for (name, ..) in FIXTURES {
        let mut setup = setup(name);
        let mut market = Market::new(name, setup.key.program_id, setup.key.selector());
        let context = market.context(market.escrow, 1, market.provider);
        let receipt = setup.receipt(&context);
        let call = Call::new(&setup.key, &receipt).unwrap();
        let rows = setup.key.rows.len();
        println!("\n{name}: {} public inputs, {rows} rows, {} bytes of calldata", setup.key.num_public(), call.calldata().len());
        for (name, gas) in ["deploy router", "deploy verifier", "deploy escrow"].iter().zip(market.deployed) {
            row(name, gas);
        }

        let calldata = call.calldata();
        let verify = market.chain.call(market.owner, market.verifier, 0, calldata.clone()).unwrap().gas;
        row("verify, as a transaction", verify);
        row("    transaction and calldata", intrinsic(&calldata));
        let parts = precompiles(&market.chain);
        row("    the contract's own code", verify - intrinsic(&calldata) - parts);

        row("post", market.post(market.escrow, Address::ZERO, call.input_digest()).unwrap().gas);
        row("lock", market.lock(market.escrow, 1, market.provider, true).unwrap().gas);
        let submit = market.submit(market.escrow, 1, &call).unwrap().gas;
        let verified = market.chain.meter().of(market.verifier).1;
        row("submit", submit);
        row("    transaction and calldata", intrinsic(&submission(1, &call)));
        row("    verifier", verified);
        row("    escrow: checks, payment, event", submit - intrinsic(&submission(1, &call)) - verified);
        let arguments = [chain::market::address_word(&Address::ZERO), chain::market::address_word(&market.provider)];
        let data = chain::calldata("withdraw(address,address)", &arguments);
        row("withdraw", market.chain.call(market.provider, market.escrow, 0, data).unwrap().gas);
        if name == "BudgetVerifier" {
            assert!(submit <= SUBMIT_BUDGET, "{submit} gas");
        }
    }
}
