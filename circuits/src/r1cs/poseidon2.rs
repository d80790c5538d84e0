//! The Poseidon2 permutation as constraints: 273 a permutation.
//!
//! ```text
//! x^5        x x = s,  s s = f,  f x = y          3 constraints; B holds x alone, so few variables enter B
//! linear     free: lanes are linear combinations
//! ```
//! In the partial rounds a lane gains one variable a round. After every 14 of them the three idle lanes become variables of
//! their own: 9 constraints more, and combinations of at most about 18 terms.

use super::Wire;
use crate::Num;
use crate::poseidon2::{self, FULL_ROUNDS, INTERNAL_DIAGONAL, PARTIAL_ROUNDS};
use ark_bn254::Fr;

/// Partial rounds after which idle lanes become variables.
const ROUNDS_A_SEGMENT: usize = 14;

/// Applies the permutation.
pub fn permute(state: &mut [Wire; 4]) {
    if state.iter().all(|lane| lane.builder().is_none()) {
        let mut values = state.each_ref().map(Wire::value);
        poseidon2::permute(&mut values);
        *state = values.map(Wire::constant);
        return;
    }
    let (first, last) = FULL_ROUNDS.split_at(FULL_ROUNDS.len() / 2);
    mix_full(state);
    first.iter().for_each(|constants| full_round(state, constants));
    for (round, constant) in PARTIAL_ROUNDS.iter().enumerate() {
        if round > 0 && round % ROUNDS_A_SEGMENT == 0 {
            state[1..].iter_mut().for_each(|lane| *lane = lane.allocated());
        }
        partial_round(state, constant);
    }
    last.iter().for_each(|constants| full_round(state, constants));
}

fn power_of_five(x: &Wire) -> Wire {
    let square = x.mul(x);
    let fourth = square.mul(&square);
    fourth.mul(x)
}

fn full_round(state: &mut [Wire; 4], constants: &[Fr; 4]) {
    for (lane, constant) in state.iter_mut().zip(constants) {
        *lane = power_of_five(&lane.add_constant(*constant));
    }
    mix_full(state);
}

fn partial_round(state: &mut [Wire; 4], constant: &Fr) {
    state[0] = power_of_five(&state[0].add_constant(*constant));
    let sum = Wire::sum(state.iter().cloned());
    for (lane, diagonal) in state.iter_mut().zip(&INTERNAL_DIAGONAL) {
        *lane = lane.mul_constant(*diagonal).add(&sum);
    }
}

/// The product with the matrix of [`poseidon2`], row by row.
fn mix_full(state: &mut [Wire; 4]) {
    const ROWS: [[u64; 4]; 4] = [[5, 7, 1, 3], [4, 6, 1, 1], [1, 3, 5, 7], [1, 1, 4, 6]];
    let lanes = state.clone();
    *state = ROWS.map(|row| Wire::linear_combination(row.iter().map(|c| Fr::from(*c)).zip(&lanes)));
}
