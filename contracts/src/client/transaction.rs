//! Sending transactions and asking questions.

use super::{B256, Client, ClientError, Result};
use alloy::contract::{CallBuilder, CallDecoder};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionReceipt;
use alloy::transports::TransportError;
use std::time::Duration;

/// How long a transaction may take until a block has it.
const INCLUSION: Duration = Duration::from_secs(300);

/// What a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done<T> {
    /// What came of it.
    pub value: T,
    /// Its hash.
    pub transaction: B256,
    /// The gas that it used.
    pub gas: u64,
}

impl Done<()> {
    pub(super) fn of(receipt: &TransactionReceipt) -> Done<()> {
        Done { value: (), transaction: receipt.transaction_hash, gas: receipt.gas_used }
    }

    /// With what came of it, which a contract that is what it should be always says.
    pub(super) fn with<T>(self, call: &'static str, value: Option<T>, missing: &'static str) -> Result<Done<T>> {
        let Done { transaction, gas, .. } = self;
        let value = value.ok_or_else(|| ClientError::Incomplete { call, transaction: transaction.to_string(), missing })?;
        Ok(Done { value, transaction, gas })
    }
}

impl Client {
    /// Sends a transaction and waits until a block has it.
    pub(super) fn send<P: Provider, D: CallDecoder>(&self, call: &'static str, builder: CallBuilder<P, D>) -> Result<TransactionReceipt> {
        let receipt = self.runtime.block_on(async {
            let pending = builder.send().await.map_err(|error| ClientError::of_call(call, error))?;
            pending
                .with_timeout(Some(INCLUSION))
                .get_receipt()
                .await
                .map_err(|error| ClientError::Node { call, message: error.to_string() })
        })?;
        if receipt.status() { Ok(receipt) } else { Err(ClientError::Reverted { call, transaction: receipt.transaction_hash.to_string() }) }
    }

    /// Calls a view.
    pub(super) fn view<P: Provider, D: CallDecoder + Unpin>(
        &self,
        call: &'static str,
        builder: CallBuilder<P, D>,
    ) -> Result<D::CallOutput> {
        self.runtime.block_on(async { builder.call().await }).map_err(|error| ClientError::of_call(call, error))
    }

    /// Asks the node itself.
    pub(super) fn ask<T>(&self, call: &'static str, answer: impl Future<Output = std::result::Result<T, TransportError>>) -> Result<T> {
        self.runtime.block_on(answer).map_err(|error| ClientError::Node { call, message: error.to_string() })
    }
}
