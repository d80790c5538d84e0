//! Escrowed jobs in revm: a receipt is good for one job, provider, escrow and chain.

mod chain;
mod synthetic;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use assay_contracts::Call;
use assay_contracts::abi::{Word, keccak, number_word, selector};
use chain::market::{BOND, Market, REWARD, WINDOW, address_word, submission};
use chain::{bytecode, calldata};
use revm::primitives::Address;
use synthetic::Setup;
use synthetic::fixtures::setup;

const NATIVE: Address = Address::ZERO;

fn market(name: &str) -> (Market, Setup) {
    let setup = setup(name);
    let market = Market::new(name, setup.key.program_id, setup.key.selector());
    (market, setup)
}

/// A receipt for inputs that are the same in every call.
fn call_under(setup: &mut Setup, context: &[u8]) -> Call {
    let private: Vec<Vec<Fr>> = setup.key.private_rows().iter().map(|rows| vec![Fr::from(7u64); *rows]).collect();
    let receipt = setup.receipt_for(Fr::from(42u64).double(), &private, context);
    Call::new(&setup.key, &receipt).unwrap()
}

/// Posts and locks a job, and proves it for its provider.
fn locked_job(market: &mut Market, setup: &mut Setup) -> Call {
    let call = call_under(setup, &market.context(market.escrow, 1, market.provider));
    market.post(market.escrow, NATIVE, call.input_digest()).unwrap();
    market.lock(market.escrow, 1, market.provider, true).unwrap();
    call
}

#[test]
fn a_receipt_of_every_form_earns_reward_and_bond() {
    for name in ["BudgetVerifier", "PrivateVerifier", "LeastVerifier", "DigestVerifier"] {
        let (mut market, mut setup) = market(name);
        let call = locked_job(&mut market, &mut setup);
        let done = market.submit(market.escrow, 1, &call).unwrap_or_else(|failed| panic!("{name}: {failed:?}"));
        assert_eq!(market.balance(market.escrow, NATIVE, market.provider), REWARD + BOND);
        // The last event has the output words, behind their offset and number.
        let completed = done.logs.last().unwrap();
        assert_eq!(completed.topics()[0].0, keccak(b"JobCompleted(uint256,address,uint256[])"));
        assert_eq!(completed.data.data[64..], *call.outputs.as_flattened(), "{name}");
        assert!(market.submit(market.escrow, 1, &call).unwrap_err().is("WrongStatus(uint256,uint8)"));
    }
}

#[test]
fn the_contract_and_the_client_agree_on_the_context() {
    let (mut market, _) = market("LeastVerifier");
    let arguments = [number_word(9), address_word(&market.provider)];
    let done = market.chain.call(market.owner, market.escrow, 0, calldata("context(uint256,address)", &arguments)).unwrap();
    assert_eq!(done.output[64..], market.context(market.escrow, 9, market.provider));
}

#[test]
fn a_receipt_is_no_good_for_another_provider() {
    let (mut market, mut setup) = market("BudgetVerifier");
    let call = call_under(&mut setup, &market.context(market.escrow, 1, market.provider));
    market.post(market.escrow, NATIVE, call.input_digest()).unwrap();
    let thief = market.chain.account(0x66);
    market.lock(market.escrow, 1, thief, true).unwrap();
    assert!(market.submit(market.escrow, 1, &call).unwrap_err().is("InvalidProof()"));
}

#[test]
fn a_receipt_is_no_good_for_another_job() {
    let (mut market, mut setup) = market("BudgetVerifier");
    let call = locked_job(&mut market, &mut setup);
    market.post(market.escrow, NATIVE, call.input_digest()).unwrap();
    market.lock(market.escrow, 2, market.provider, true).unwrap();
    assert!(market.submit(market.escrow, 2, &call).unwrap_err().is("InvalidProof()"));
    market.submit(market.escrow, 1, &call).unwrap();
}

#[test]
fn a_receipt_is_no_good_on_another_chain() {
    let (mut market, mut setup) = market("BudgetVerifier");
    let call = locked_job(&mut market, &mut setup);
    market.chain.set_chain_id(5);
    assert!(market.submit(market.escrow, 1, &call).unwrap_err().is("InvalidProof()"));
    market.chain.set_chain_id(1);
    market.submit(market.escrow, 1, &call).unwrap();
}

#[test]
fn a_receipt_is_no_good_in_another_escrow() {
    let (mut market, mut setup) = market("BudgetVerifier");
    let call = locked_job(&mut market, &mut setup);
    let code = [bytecode("JobEscrow"), address_word(&market.router).to_vec()].concat();
    let (other, _) = market.chain.deploy(market.owner, &code);
    market.post(other, NATIVE, call.input_digest()).unwrap();
    market.lock(other, 1, market.provider, true).unwrap();
    assert!(market.submit(other, 1, &call).unwrap_err().is("InvalidProof()"));
}

#[test]
fn a_receipt_for_other_inputs_is_not_what_was_asked_for() {
    let (mut market, mut setup) = market("PrivateVerifier");
    locked_job(&mut market, &mut setup);
    let context = market.context(market.escrow, 1, market.provider);
    let receipt = setup.receipt(&context);
    let other = Call::new(&setup.key, &receipt).unwrap();
    assert!(market.submit(market.escrow, 1, &other).unwrap_err().is("WrongInputs(bytes32,bytes32)"));
}

#[test]
fn a_late_receipt_is_worth_nothing_and_the_bond_is_the_requesters() {
    let (mut market, mut setup) = market("BudgetVerifier");
    let call = locked_job(&mut market, &mut setup);
    market.chain.wait(WINDOW + 1);
    assert!(market.submit(market.escrow, 1, &call).unwrap_err().is("LockExpired(uint256)"));
    let job: [Word; 1] = [number_word(1)];
    market.chain.call(market.owner, market.escrow, 0, calldata("reopen(uint256)", &job)).unwrap();
    assert_eq!(market.balance(market.escrow, NATIVE, market.requester), BOND);
    market.chain.wait(20 * WINDOW);
    market.chain.call(market.owner, market.escrow, 0, calldata("claimRefund(uint256)", &job)).unwrap();
    assert_eq!(market.balance(market.escrow, NATIVE, market.requester), REWARD + BOND);
}

#[test]
fn a_token_that_calls_back_gets_nothing_twice() {
    let (mut market, mut setup) = market("BudgetVerifier");
    let (token, _) = market.chain.deploy(market.owner, &bytecode("ReentrantToken"));
    for account in [market.requester, market.provider] {
        let arguments = [address_word(&account), number_word(10 * REWARD as usize)];
        market.chain.call(market.owner, token, 0, calldata("mint(address,uint256)", &arguments)).unwrap();
    }
    let call = call_under(&mut setup, &market.context(market.escrow, 1, market.provider));
    market.post(market.escrow, token, call.input_digest()).unwrap();
    market.lock(market.escrow, 1, market.provider, false).unwrap();
    market.submit(market.escrow, 1, &call).unwrap();

    // While it pays out, it delivers the same receipt again.
    let again = submission(1, &call);
    let mut arm = selector("arm(address,bytes)").to_vec();
    arm.extend([address_word(&market.escrow), number_word(64), number_word(again.len())].as_flattened());
    arm.extend(&again);
    arm.resize(arm.len().next_multiple_of(32) + 4, 0);
    market.chain.call(market.owner, token, 0, arm).unwrap();
    let arguments = [address_word(&token), address_word(&market.provider)];
    market.chain.call(market.provider, market.escrow, 0, calldata("withdraw(address,address)", &arguments)).unwrap();

    let mut view = |signature: &str| market.chain.call(market.owner, token, 0, calldata(signature, &[])).unwrap().output;
    assert_eq!(view("tried()")[31], 1);
    assert_eq!(view("succeeded()")[31], 0);
    assert_eq!(view("answer()")[64..68], selector("Reentrant()"));
    assert_eq!(market.balance(market.escrow, token, market.provider), 0);
}
