//! Wrapped receipts on chain: the Solidity verifier of a program, and the bytes that one sends to it.
//!
//! ```text
//! render            the source of a program's verifier, from its WrapKey: stateless, immutable, every constant inlined
//! Call, calldata    a receipt as the arguments of IAssayVerifier.verify
//! Layout            where each part lies in that calldata
//! ```
//! The contracts around it (router, escrow) are in `contracts/solidity`, their bytecode in `contracts/artifacts`.
#![forbid(unsafe_code)]

pub mod abi;
pub mod call;
#[cfg(feature = "client")]
pub mod client;
pub mod context;
pub mod error;
pub mod layout;
pub mod render;
pub mod seal;

pub use call::{Call, decode_calldata, encode_calldata};
pub use context::{context_bytes, context_hash};
pub use error::Error;
pub use layout::Layout;
pub use render::{RENDERED_CONTRACT, render};
