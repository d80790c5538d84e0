//! A client of the contracts over JSON-RPC.
//!
//! Blocking: one call, one answer. Every transaction is simulated by the node before it is sent, so what a contract would
//! refuse costs nothing and comes back as a typed [`Refusal`].
//!
//! ```text
//! requester   post  ...................................  job  ..............  claim_refund
//! provider          lock  (prove under context)  submit  withdraw
//! ```

mod contracts;
mod error;
mod transaction;

pub use alloy::primitives::{Address, B256, FixedBytes, U256};
pub use alloy::signers::local::PrivateKeySigner;
pub use contracts::{AssayRouter, AssayVerifier, JobEscrow, Token};
pub use error::{ClientError, Refusal};
pub use transaction::Done;

use crate::{Call, context_bytes};
use alloy::contract::CallBuilder;
use alloy::providers::{DynProvider, Provider, ProviderBuilder};

/// A node, and the account whose transactions it is sent.
#[derive(Debug)]
pub struct Client {
    runtime: tokio::runtime::Runtime,
    provider: DynProvider,
    account: Address,
}

type Result<T> = std::result::Result<T, ClientError>;

impl Client {
    /// A client of the node at `url` that signs with `key`.
    ///
    /// # Errors
    /// An address that is none. Whether somebody answers there shows with the first call.
    pub fn new(url: &str, key: PrivateKeySigner) -> Result<Client> {
        let parsed = url.parse().map_err(|_| ClientError::Url(url.into()))?;
        let account = key.address();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Asks for the nonce each time: a count of its own would go wrong with every transaction that is refused.
        let fillers = ProviderBuilder::default().with_gas_estimation().with_simple_nonce_management().fetch_chain_id();
        let provider = runtime.block_on(async { fillers.wallet(key).connect_http(parsed).erased() });
        Ok(Client { runtime, provider, account })
    }

    /// The account that signs.
    pub fn account(&self) -> Address {
        self.account
    }

    /// The chain's id.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn chain_id(&self) -> Result<u64> {
        self.ask("chain id", self.provider.get_chain_id().into_future())
    }

    /// The latest block's time, in seconds.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn now(&self) -> Result<u64> {
        let block = self.ask("latest block", self.provider.get_block_by_number(Default::default()).into_future())?;
        block.map(|block| block.header.timestamp).ok_or(ClientError::Node { call: "latest block", message: "there is none".into() })
    }

    /// Deploys a contract: its creation bytecode and the words of its constructor's arguments.
    ///
    /// # Errors
    /// The constructor refuses, or the node does not answer.
    pub fn deploy(&self, bytecode: &[u8], arguments: &[B256]) -> Result<Done<Address>> {
        let mut code = bytecode.to_vec();
        arguments.iter().for_each(|word| code.extend(word));
        let receipt = self.send("deployment", CallBuilder::new_raw_deploy(&self.provider, code.into()))?;
        Done::of(&receipt).with("deployment", receipt.contract_address, "contract")
    }

    /// Adds a program's verifier to the router, whose owner the account is.
    ///
    /// # Errors
    /// Another owner, a selector that is taken.
    pub fn add_verifier(&self, router: Address, verifier: Address) -> Result<Done<()>> {
        Ok(Done::of(&self.send("add", AssayRouter::new(router, &self.provider).add(verifier))?))
    }

    /// The verifier in use under a selector.
    ///
    /// # Errors
    /// None was added, or it was stopped.
    pub fn verifier_of(&self, router: Address, selector: [u8; 4]) -> Result<Address> {
        self.view("verifierOf", AssayRouter::new(router, &self.provider).verifierOf(selector.into()))
    }

    /// Asks a verifier contract about a receipt, without a transaction.
    ///
    /// # Errors
    /// The contract does not accept it.
    pub fn verify(&self, verifier: Address, call: &Call) -> Result<()> {
        let outputs = call.outputs.iter().map(|word| U256::from_be_bytes(*word)).collect();
        let contract = AssayVerifier::new(verifier, &self.provider);
        let inputs = U256::from_be_bytes(call.inputs);
        let seal = call.seal.clone().into();
        self.view("verify", contract.verify(inputs, call.hidden.clone().into(), outputs, call.context_hash.into(), seal))?;
        Ok(())
    }

    /// Lets the escrow take an amount of an ERC-20 token.
    ///
    /// # Errors
    /// The token refuses.
    pub fn approve(&self, token: Address, escrow: Address, amount: U256) -> Result<Done<()>> {
        Ok(Done::of(&self.send("approve", Token::new(token, &self.provider).approve(escrow, amount))?))
    }

    /// Posts a job and pays its reward in; returns its number.
    ///
    /// # Errors
    /// No verifier, a deadline that leaves no time, no reward.
    pub fn post(&self, escrow: Address, request: JobEscrow::Request, description: &str) -> Result<Done<U256>> {
        let value = if request.token.is_zero() { request.reward } else { U256::ZERO };
        let contract = JobEscrow::new(escrow, &self.provider);
        let receipt = self.send("post", contract.post(request, description.into()).value(value))?;
        let job = receipt.decoded_log::<JobEscrow::JobPosted>().map(|event| event.jobId);
        Done::of(&receipt).with("post", job, "JobPosted event")
    }

    /// Takes a job for its lock window, with a bond in its token.
    ///
    /// # Errors
    /// The job is not open, there is no time left, or too little arrived.
    pub fn lock(&self, escrow: Address, job: U256, amount: U256) -> Result<Done<()>> {
        let native = self.job(escrow, job)?.token.is_zero();
        let contract = JobEscrow::new(escrow, &self.provider);
        let value = if native { amount } else { U256::ZERO };
        Ok(Done::of(&self.send("lock", contract.lock(job, amount).value(value))?))
    }

    /// The context under which a provider has to prove a job.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn context(&self, escrow: Address, job: U256, provider: Address) -> Result<Vec<u8>> {
        let chain = U256::from(self.chain_id()?).to_be_bytes();
        Ok(context_bytes(&chain, &escrow.into_array(), &job.to_be_bytes(), &provider.into_array()).to_vec())
    }

    /// Delivers a receipt.
    ///
    /// # Errors
    /// The lock ran out, the receipt is for other inputs, or it does not verify.
    pub fn submit(&self, escrow: Address, job: U256, call: &Call) -> Result<Done<()>> {
        let outputs = call.outputs.iter().map(|word| U256::from_be_bytes(*word)).collect();
        let contract = JobEscrow::new(escrow, &self.provider);
        let inputs = U256::from_be_bytes(call.inputs);
        let delivery = contract.submit(job, inputs, call.hidden.clone().into(), outputs, call.seal.clone().into());
        let receipt = self.send("submit", delivery)?;
        let completed = receipt.decoded_log::<JobEscrow::JobCompleted>().map(|_| ());
        Done::of(&receipt).with("submit", completed, "JobCompleted event")
    }

    /// Opens a job whose lock ran out.
    ///
    /// # Errors
    /// The job is not locked, or its lock lasts.
    pub fn reopen(&self, escrow: Address, job: U256) -> Result<Done<()>> {
        Ok(Done::of(&self.send("reopen", JobEscrow::new(escrow, &self.provider).reopen(job))?))
    }

    /// Gives a requester its reward back.
    ///
    /// # Errors
    /// The job is done, or its deadline has not passed.
    pub fn claim_refund(&self, escrow: Address, job: U256) -> Result<Done<()>> {
        Ok(Done::of(&self.send("claimRefund", JobEscrow::new(escrow, &self.provider).claimRefund(job))?))
    }

    /// Draws everything that the account has in a token, and says how much; the zero address stands for the native coin.
    ///
    /// # Errors
    /// There is nothing, or the transfer fails.
    pub fn withdraw(&self, escrow: Address, token: Address, to: Address) -> Result<Done<U256>> {
        let receipt = self.send("withdraw", JobEscrow::new(escrow, &self.provider).withdraw(token, to))?;
        let amount = receipt.decoded_log::<JobEscrow::Withdrawn>().map(|event| event.amount);
        Done::of(&receipt).with("withdraw", amount, "Withdrawn event")
    }

    /// A job as it stands.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn job(&self, escrow: Address, job: U256) -> Result<JobEscrow::Job> {
        self.view("getJob", JobEscrow::new(escrow, &self.provider).getJob(job))
    }

    /// What an account can withdraw.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn balance(&self, escrow: Address, token: Address, account: Address) -> Result<U256> {
        self.view("balances", JobEscrow::new(escrow, &self.provider).balances(token, account))
    }
}
