//! What is held at a time changes no byte of a proof.

use crate::harness::{inputs, ready};
use assay_core::jobs;
use assay_gpu::Portable;
use assay_prover::{Economy, Options};

#[test]
fn every_economy_makes_the_same_proof() {
    // Lookups and many columns; no lookups; tables of functions.
    for name in ["heat2d:8x8x3", "matmul:9x7x5", "hardswish:6x5x4"] {
        let ready = ready(jobs::by_name(name).unwrap().unwrap());
        let inputs = inputs(&ready.program, 3);
        let receipt = |economy: Economy| {
            let options = Options { context: b"context".to_vec(), economy };
            ready.prove_with(&Portable, &inputs, options).unwrap().receipt.encode()
        };
        let expected = receipt(Economy::USUAL);
        for economy in [Economy::WHOLE, Economy::LEAST] {
            assert_eq!(receipt(economy), expected, "{name}, {economy:?}");
        }
        // Such pieces that small programs have many of them.
        for log_piece in [1, 3, 6] {
            for (parents_from, whole_space) in [(0, 0), (usize::MAX, 0), (0, 64)] {
                let economy = Economy { log_piece, parents_from, whole_space };
                assert_eq!(receipt(economy), expected, "{name}, {economy:?}");
            }
        }
    }
}
