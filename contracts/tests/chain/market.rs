//! Router, verifier and escrow on one chain, and the people who use them.

use super::{Chain, Done, Failed, bytecode, calldata};
use assay_contracts::abi::{Word, number_word, selector};
use assay_contracts::{Call, context_bytes};
use revm::primitives::{Address, U256};

/// Reward and bond of every job here, in wei.
pub const REWARD: u64 = 1_000_000;
/// See [`REWARD`].
pub const BOND: u64 = 1_000;
/// Seconds that a provider has.
pub const WINDOW: u64 = 3600;

/// The contracts.
pub struct Market {
    pub chain: Chain,
    pub owner: Address,
    pub requester: Address,
    pub provider: Address,
    pub router: Address,
    pub verifier: Address,
    pub escrow: Address,
    /// Gas of the deployments: router, verifier, escrow.
    pub deployed: [u64; 3],
    program_id: Word,
    selector: [u8; 4],
}

/// An address as an argument.
pub fn address_word(address: &Address) -> Word {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address.as_slice());
    word
}

/// Four bytes as an argument.
pub fn selector_word(selector: [u8; 4]) -> Word {
    let mut word = [0; 32];
    word[..4].copy_from_slice(&selector);
    word
}

impl Market {
    /// Deploys all, and adds the verifier of a fixture.
    pub fn new(fixture: &str, program_id: Word, selector: [u8; 4]) -> Market {
        let mut chain = Chain::new();
        let [owner, requester, provider] = [0x0a, 0x0b, 0x0c].map(|index| chain.account(index));
        let router_code = [bytecode("AssayRouter"), address_word(&owner).to_vec()].concat();
        let (router, router_gas) = chain.deploy(owner, &router_code);
        let (verifier, verifier_gas) = chain.deploy(owner, &bytecode(fixture));
        let escrow_code = [bytecode("JobEscrow"), address_word(&router).to_vec()].concat();
        let (escrow, escrow_gas) = chain.deploy(owner, &escrow_code);
        chain.call(owner, router, 0, calldata("add(address)", &[address_word(&verifier)])).expect("a verifier to add");
        let deployed = [router_gas, verifier_gas, escrow_gas];
        Market { chain, owner, requester, provider, router, verifier, escrow, deployed, program_id, selector }
    }

    /// The bytes under which a provider proves a job.
    pub fn context(&self, escrow: Address, job: u64, provider: Address) -> Vec<u8> {
        let job = number_word(job as usize);
        context_bytes(&self.chain.chain_id(), &escrow.into_array(), &job, &provider.into_array()).to_vec()
    }

    /// Posts a job with native coins, or a token's.
    pub fn post(&mut self, escrow: Address, token: Address, input_digest: Word) -> Result<Done, Failed> {
        let deadline = self.chain.now() + 10 * WINDOW;
        // The request's words are inline, for it is a static struct; the description's offset and length follow.
        let mut arguments = vec![
            self.program_id,
            selector_word(self.selector),
            input_digest,
            address_word(&token),
            number_word(REWARD as usize),
            number_word(BOND as usize),
            number_word(WINDOW as usize),
            number_word(deadline as usize),
        ];
        arguments.push(number_word((arguments.len() + 1) * 32));
        arguments.push(number_word(0));
        let signature = "post((bytes32,bytes4,bytes32,address,uint256,uint128,uint32,uint40),string)";
        let value = if token == Address::ZERO { REWARD } else { 0 };
        self.chain.call(self.requester, escrow, value, calldata(signature, &arguments))
    }

    /// Locks a job.
    pub fn lock(&mut self, escrow: Address, job: u64, provider: Address, native: bool) -> Result<Done, Failed> {
        let arguments = [number_word(job as usize), number_word(BOND as usize)];
        self.chain.call(provider, escrow, if native { BOND } else { 0 }, calldata("lock(uint256,uint256)", &arguments))
    }

    /// Delivers a receipt.
    pub fn submit(&mut self, escrow: Address, job: u64, call: &Call) -> Result<Done, Failed> {
        self.chain.call(self.provider, escrow, 0, submission(job, call))
    }

    /// What an account can withdraw.
    pub fn balance(&mut self, escrow: Address, token: Address, account: Address) -> u64 {
        let arguments = [address_word(&token), address_word(&account)];
        let done = self.chain.call(self.owner, escrow, 0, calldata("balances(address,address)", &arguments)).expect("a view");
        U256::from_be_slice(&done.output).to()
    }
}

/// The calldata of `submit`.
pub fn submission(job: u64, call: &Call) -> Vec<u8> {
    let hidden = 5 * 32;
    let outputs = hidden + 32 + call.hidden.len();
    let seal = outputs + 32 + 32 * call.outputs.len();
    let head = [number_word(job as usize), call.inputs, number_word(hidden), number_word(outputs), number_word(seal)];
    let mut data = selector("submit(uint256,uint256,bytes,uint256[],bytes)").to_vec();
    data.extend(head.as_flattened());
    data.extend(number_word(call.hidden.len()));
    data.extend(&call.hidden);
    data.extend(number_word(call.outputs.len()));
    data.extend(call.outputs.as_flattened());
    data.extend(number_word(call.seal.len()));
    data.extend(&call.seal);
    data.resize(data.len().next_multiple_of(32) + 4, 0);
    data
}
