//! Groth16 over BN254 for any [`R1cs`](assay_circuits::r1cs::R1cs).
//!
//! ```text
//! A = alpha + sum_i z_i A_i(tau) + r delta          B = beta + sum_i z_i B_i(tau) + s delta
//! C = sum_{i private} z_i L_i + sum_j h_j H_j + s A + r B - r s delta
//! e(A, B) = e(alpha, beta) e(sum_{i public} z_i K_i, gamma) e(C, delta)
//! ```
//! J. Groth, *On the size of pairing-based non-interactive arguments*, EUROCRYPT 2016 (eprint 2016/260), section 3.2;
//! h are the coefficients of the quotient by the vanishing polynomial of the reduction of libsnark, which appends the
//! public variables as rows of A.
//!
//! Keys, proofs and the verifier are arkworks' types. With the same (r, s) a proof equals that of arkworks' prover byte
//! for byte; what differs is that a key is kept as a file in the form that proving wants ([`PreparedKey`]), that sums and
//! transforms run on a [`Backend`](assay_gpu::Backend), and that no proof is returned that does not verify.

mod checksum;
mod error;
mod kept;
mod key;
mod layout;
mod matrix;
mod memory;
mod prove;
mod raw;
mod setup;
mod shape;
mod validate;

pub use error::Error;
pub use kept::KeptKey;
pub use key::PreparedKey;
pub use matrix::ark_matrix;
pub use prove::{prove, prove_with_blinding};
pub use setup::setup;
pub use shape::Shape;
