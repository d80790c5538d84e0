//! A chain in this process (revm), and the committed artifacts to deploy on it.
#![allow(dead_code, reason = "each test uses its own part")]

pub mod market;
pub mod meter;

use assay_contracts::abi::{Word, number_word, selector};
use meter::Meter;
use revm::context::result::{ExecutionResult, Output};
use revm::context::{BlockEnv, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::MainnetContext;
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, Log, TxKind, U256};
use revm::{Context, InspectCommitEvm, MainBuilder, MainContext, MainnetEvm};

/// Gas that a transaction may use: below the cap of 2^24 that a transaction has.
pub const GAS_LIMIT: u64 = 16_000_000;

/// The chain.
pub struct Chain {
    evm: MainnetEvm<MainnetContext<CacheDB<EmptyDB>>, Meter>,
}

/// A transaction that went through.
#[derive(Debug)]
pub struct Done {
    pub output: Bytes,
    pub gas: u64,
    pub logs: Vec<Log>,
}

/// One that did not.
#[derive(Debug, PartialEq, Eq)]
pub enum Failed {
    /// It reverted with these bytes.
    Revert(Bytes),
    /// It ran out of gas or did something that cannot be done.
    Halt(String),
}

impl Failed {
    /// Whether it reverted with the error of this signature.
    pub fn is(&self, signature: &str) -> bool {
        matches!(self, Failed::Revert(bytes) if bytes.starts_with(&selector(signature)))
    }
}

impl Chain {
    pub fn new() -> Chain {
        let block = BlockEnv { timestamp: U256::from(1_800_000_000u64), ..BlockEnv::default() };
        let context = Context::mainnet()
            .modify_cfg_chained(|cfg| {
                cfg.set_spec_and_mainnet_gas_params(SpecId::PRAGUE);
                cfg.disable_nonce_check = true;
            })
            .with_block(block)
            .with_db(CacheDB::new(EmptyDB::default()));
        Chain { evm: context.build_mainnet_with_inspector(Meter::default()) }
    }

    /// An account with a hundred ether.
    pub fn account(&mut self, index: u8) -> Address {
        let address = Address::repeat_byte(index);
        let info = revm::state::AccountInfo { balance: U256::from(10).pow(U256::from(20)), ..Default::default() };
        self.evm.ctx.journaled_state.database.insert_account_info(address, info);
        address
    }

    pub fn now(&self) -> u64 {
        self.evm.ctx.block.timestamp.to()
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: u64) {
        self.evm.ctx.block.timestamp += U256::from(seconds);
    }

    pub fn chain_id(&self) -> Word {
        number_word(self.evm.ctx.cfg.chain_id as usize)
    }

    pub fn set_chain_id(&mut self, id: u64) {
        self.evm.ctx.cfg.chain_id = id;
    }

    fn transact(&mut self, caller: Address, kind: TxKind, value: U256, data: Vec<u8>) -> Result<(Output, Done), Failed> {
        self.evm.inspector.clear();
        let chain_id = Some(self.evm.ctx.cfg.chain_id);
        let tx = TxEnv { caller, kind, value, data: data.into(), gas_limit: GAS_LIMIT, chain_id, ..TxEnv::default() };
        match self.evm.inspect_tx_commit(tx).expect("a transaction that is well formed") {
            ExecutionResult::Success { gas, logs, output, .. } => {
                let done = Done { output: output.data().clone(), gas: gas.tx_gas_used(), logs };
                Ok((output, done))
            }
            ExecutionResult::Revert { output, .. } => Err(Failed::Revert(output)),
            ExecutionResult::Halt { reason, .. } => Err(Failed::Halt(format!("{reason:?}"))),
        }
    }

    /// Where the last transaction's gas went.
    pub fn meter(&self) -> &Meter {
        &self.evm.inspector
    }

    /// Deploys bytecode and says what it cost.
    pub fn deploy(&mut self, caller: Address, bytecode: &[u8]) -> (Address, u64) {
        let (output, done) = self.transact(caller, TxKind::Create, U256::ZERO, bytecode.to_vec()).expect("a contract that deploys");
        (*output.address().expect("an address"), done.gas)
    }

    /// Calls a contract.
    pub fn call(&mut self, caller: Address, to: Address, value: u64, data: Vec<u8>) -> Result<Done, Failed> {
        self.transact(caller, TxKind::Call(to), U256::from(value), data).map(|(_, done)| done)
    }
}

/// The creation bytecode of an artifact.
pub fn bytecode(name: &str) -> Vec<u8> {
    let path = format!("{}/artifacts/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let artifact: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let hex = artifact["bytecode"].as_str().expect("bytecode").trim_start_matches("0x");
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hexadecimal")).collect()
}

/// The calldata of a function of static arguments.
pub fn calldata(signature: &str, arguments: &[Word]) -> Vec<u8> {
    [&selector(signature)[..], arguments.as_flattened()].concat()
}
