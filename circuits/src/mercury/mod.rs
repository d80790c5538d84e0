//! Mercury: a multilinear opening over KZG with a proof of constant size (eprint 2025/385).
//!
//! ```text
//! claim  f~(u2, u1) = v for the first 2^m coefficients of f; b1 b2 = 2^m; coefficient i1 + b1 i2;
//!        u2 the FIRST log b2 entries of the point (high variables), u1 the rest
//! P_u(X) = sum_i eq(u, i) X^i
//!
//! 1.  h(X) = sum_i2 X^i2 <block i2 of f, eq(u1)>                            send [h];           challenge alpha
//! 2.  f(X) = q(X) (X^b1 - alpha) + g(X), deg g < b1                         send [q], [g];      challenge gamma
//! 3.  g(X) P1(1/X) + g(1/X) P1(X) + gamma (h(X) P2(1/X) + h(1/X) P2(X))
//!         = 2 (h(alpha) + gamma v) + X S(X) + S(1/X)/X
//!     D(X) = X^(b1-1) g(1/X)                                                send [S], [D];      challenge zeta
//! 4.  values of g, h, S at zeta and 1/zeta and of h at alpha                send them;          challenge eta
//! 5.  one quotient each at zeta, 1/zeta and alpha, polynomials batched by powers of eta:
//!         at zeta     f - (zeta^b1 - alpha) q,  g,  h,  S,  D               send the quotients; challenge rho
//!         at 1/zeta   g,  h,  S
//!         at alpha    h
//! ```
//!
//! The last step follows Gabizon, Williamson, Ciobotaru (PLONK, eprint 2019/953, section 3). With three points it needs as
//! many group elements as the two-quotient scheme of the Mercury paper, eight, but one full-size commitment fewer
//! than a two-quotient batch of everything, and one round less.
//!
//! # Salt
//! f may carry further coefficients at 2^m and beyond: they hide its commitment. They form further blocks, number b2 and up,
//! so h gains coefficients of X^b2, X^(b2+1), .. and g multiples alpha^b2, .. of the salt. Steps 1 and 2 hold for any
//! number of blocks. In step 3 the claim v is tied to the CONSTANT coefficient of `h(X) P2(1/X)` alone, and as
//! deg P2 < b2 a coefficient of h at b2 or beyond only meets positive powers: X^k X^(-j) with k >= b2 > j. So
//! `v = sum_(i2 < b2) h_i2 eq(u2, i2)`, whatever the salt: no claim can read it.
//!
//! One salt hides a commitment. To hide an opening, whose group elements and evaluation show seven more functions of f, one
//! row has [`SALT_WIDTH`] salts in each of [`SALT_BLOCKS`] blocks: so many free coefficients in g and in h.
//!
//! # Soundness
//! With f, q, g, h, S, D of degree below N (algebraic group model), a false claim survives with probability at most
//! about `(b2 + 1 + 2 + 4 N) / |F|`: alpha for `h = sum X^i2 <block, eq(u1)>` (h is fixed before alpha), gamma for the two inner
//! products, zeta for the identities; the degree of g is below b1 because D is a polynomial.

mod proof;
mod verify;

pub use proof::{Points, Proof, Scalars};
pub use verify::{Opening, verify};

/// Salts in a block.
pub const SALT_WIDTH: usize = 4;
/// Blocks with salts.
pub const SALT_BLOCKS: usize = 6;
/// Salts that make an opening reveal nothing.
pub const NUM_SALTS: usize = SALT_WIDTH * SALT_BLOCKS;

/// Where salt number `index` stands, counted from the first coefficient behind the row.
pub const fn salt_offset(log_len: usize, index: usize) -> usize {
    ((index / SALT_WIDTH) << split(log_len).0) + index % SALT_WIDTH
}

/// The powers of tau that a row of 2^`log_len` entries and its salts take.
pub const fn num_powers(log_len: usize) -> usize {
    (1 << log_len) + salt_offset(log_len, NUM_SALTS - 1) + 1
}

/// The sizes of a polynomial's blocks: `(log b1, log b2)` with `b1 b2 = 2^log_len`, the block at least as long as their number.
pub const fn split(log_len: usize) -> (usize, usize) {
    (log_len - log_len / 2, log_len / 2)
}
