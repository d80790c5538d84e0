//! Constraint counts, pinned down: a change must be explained.
//!
//! `cargo test -p assay-prover --test wrap counts -- --nocapture` prints the table.

use crate::everything;
use crate::harness::ready;
use ark_bn254::Fr;
use assay_circuits::r1cs::{Builder, Mode};
use assay_circuits::{Num, Transcript, sumcheck};
use assay_core::Program;
use assay_core::onnx::{ImportOptions, import};
use assay_prover::wrap;

fn network(path: &str) -> Program {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    import(&std::fs::read(path).unwrap(), &ImportOptions::default()).unwrap()
}

#[test]
fn of_programs() {
    let peers = |name: &str| network(&format!("benches/peers/models/{name}_qdq/model.onnx"));
    let digits = network("examples/digits/digits_qdq.onnx");
    let programs = [
        ("digits", digits, EXPECTED[0]),
        ("mlp64", peers("mlp64"), EXPECTED[1]),
        ("cnn28", peers("cnn28"), EXPECTED[2]),
        ("mlp784", peers("mlp784"), EXPECTED[3]),
        ("every relation", everything::program(), EXPECTED[4]),
    ];
    let mut found = vec![];
    println!("program          constraints  private variables  public inputs  entries of A, B, C");
    for (name, program, _) in &programs {
        let circuit = wrap::circuit(&ready(program.clone()).key).unwrap();
        let entries = [&circuit.a, &circuit.b, &circuit.c].map(|matrix| matrix.num_entries());
        let (constraints, public) = (circuit.num_constraints(), circuit.num_instance - 1);
        println!("{name:16} {constraints:11} {:18} {public:14}  {entries:?}", circuit.num_witness);
        found.push([constraints, public, entries.iter().sum()]);
    }
    assert_eq!(found, programs.map(|p| p.2));
}

/// Constraints, public inputs, entries of all three matrices.
const EXPECTED: [[usize; 3]; 5] = [[57507, 15, 651325], [46645, 15, 529711], [77468, 15, 879902], [68207, 16, 783141], [31774, 15, 377021]];

#[test]
fn of_a_sumcheck_round() {
    let constraints = |rounds: usize| {
        let builder = Builder::new(Mode::Record, 0);
        let wire = || builder.witness(Fr::from(7u64));
        let proof = sumcheck::Proof { rounds: (0..rounds).map(|_| vec![wire(), wire(), wire()]).collect() };
        let mut transcript = Transcript::new("test");
        transcript.absorb(&[wire()]);
        transcript.squeeze();
        let claim = wire();
        sumcheck::verify(&proof, rounds, 3, &claim, &mut transcript).unwrap();
        drop((proof, transcript, claim));
        builder.finish().system.num_constraints()
    };
    // A permutation for three coefficients, and one product for each.
    assert_eq!(constraints(11) - constraints(10), 273 + 3);
}

#[test]
fn of_a_permutation() {
    let builder = Builder::new(Mode::Record, 0);
    let mut state: [_; 4] = std::array::from_fn(|i| builder.witness(Fr::from(i as u64)));
    let mut native: [Fr; 4] = std::array::from_fn(|i| Fr::from(i as u64));
    Num::permute(&mut state);
    Num::permute(&mut native);
    assert_eq!(state.each_ref().map(assay_circuits::r1cs::Wire::value), native);
    drop(state);
    let recorded = builder.finish();
    assert_eq!(recorded.system.num_constraints(), 273);
    assert_eq!(recorded.system.first_violation(&recorded.assignment), None);
}
