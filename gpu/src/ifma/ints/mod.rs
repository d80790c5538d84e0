//! Machine integers beside field elements: conversions, folds, combinations, rounds of sumchecks.
//!
//! As in the portable kernels, a signed integer enters as `x + BIAS`. Integers of 64 bits are two parts of 32.

mod combination;
mod round;
pub(super) mod widen;

pub use combination::{combine, fold, to_field};
pub use round::product_round;
