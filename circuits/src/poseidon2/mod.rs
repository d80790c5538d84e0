//! The Poseidon2 permutation of four lanes over BN254's scalar field.
//!
//! ```text
//! x -> M_E x;  4 full rounds;  56 partial rounds;  4 full rounds
//! full round     x -> M_E (x + c)^5 on every lane       M_E = the 4 x 4 MDS matrix of the paper, section 5.1
//! partial round  x -> M_I (x + c)^5 on lane 0 only      M_I = diag(d) + all ones
//! ```
//!
//! Grassi, Khovratovich, Schofnegger: Poseidon2 (eprint 2023/323).

mod constants;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

pub use constants::{FULL_ROUNDS, INTERNAL_DIAGONAL, PARTIAL_ROUNDS};

/// Applies the permutation.
pub fn permute(state: &mut [Fr; 4]) {
    let (first, last) = FULL_ROUNDS.split_at(FULL_ROUNDS.len() / 2);
    mix_full(state);
    for constants in first {
        full_round(state, constants);
    }
    for constant in &PARTIAL_ROUNDS {
        partial_round(state, constant);
    }
    for constants in last {
        full_round(state, constants);
    }
}

fn power_of_five(x: &mut Fr) {
    let square = x.square();
    *x *= square.square();
}

fn full_round(state: &mut [Fr; 4], constants: &[Fr; 4]) {
    for (lane, constant) in state.iter_mut().zip(constants) {
        *lane += constant;
        power_of_five(lane);
    }
    mix_full(state);
}

fn partial_round(state: &mut [Fr; 4], constant: &Fr) {
    // The sum of the lanes that skip the S-box does not wait for it.
    let idle = state[1] + state[2] + state[3];
    state[0] += constant;
    power_of_five(&mut state[0]);
    let sum = idle + state[0];
    for (lane, diagonal) in state.iter_mut().zip(&INTERNAL_DIAGONAL) {
        *lane *= diagonal;
        *lane += &sum;
    }
}

/// The product with `[[5, 7, 1, 3], [4, 6, 1, 1], [1, 3, 5, 7], [1, 1, 4, 6]]` by the paper's addition chain.
fn mix_full(state: &mut [Fr; 4]) {
    let [a, b, c, d] = *state;
    let ab = a + b;
    let cd = c + d;
    let low = b.double() + cd;
    let high = d.double() + ab;
    let fourth = cd.double().double() + high;
    let second = ab.double().double() + low;
    *state = [high + second, second, low + fourth, fourth];
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;
    use ark_std::rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn matches_the_published_vector() {
        let mut state = [0u64, 1, 2, 3].map(Fr::from);
        permute(&mut state);
        let hex = state.map(|lane| {
            use ark_ff::{BigInteger, PrimeField};
            lane.into_bigint().to_bytes_be().iter().map(|b| format!("{b:02x}")).collect::<String>()
        });
        assert_eq!(hex[0], "01bd538c2ee014ed5141b29e9ae240bf8db3fe5b9a38629a9647cf8d76c01737");
        assert_eq!(hex[3], "2e11c5cff2a22c64d01304b778d78f6998eff1ab73163a35603f54794c30847a");
    }

    #[test]
    fn agrees_with_an_independent_implementation() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..100 {
            let input: [Fr; 4] = core::array::from_fn(|_| Fr::rand(&mut rng));
            let mut ours = input;
            permute(&mut ours);
            assert_eq!(ours, taceo_poseidon2::bn254::t4::permutation(&input));
        }
    }
}
