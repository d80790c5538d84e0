//! Constraint counts, pinned down: a change must be explained.

use crate::harness::{ready, rng};
use ark_bn254::Fr;
use assay_circuits::inner::Proof;
use assay_circuits::r1cs::Mode;
use assay_circuits::wrap::circuit::{Assignment, record};
use assay_core::onnx::{self, ImportOptions};
use std::time::Instant;

#[test]
fn print() {
    for name in ["digits", "mlp64", "cnn28", "mlp784"] {
        let path = match name {
            "digits" => "../examples/digits/digits_qdq.onnx".to_owned(),
            _ => format!("../benches/peers/models/{name}_qdq/model.onnx"),
        };
        let program = onnx::import(&std::fs::read(path).unwrap(), &ImportOptions::default()).unwrap();
        let inputs = crate::harness::inputs(&program, 1);
        let ready = ready(program);
        let (system, plan) = (&ready.key.system, &ready.key.plan);
        let outputs = assay_core::execute(&ready.program, &inputs).unwrap();
        let proof = Proof::filled(system, plan, &Fr::from(0u64));
        let assignment = Assignment {
            binding: Fr::from(1u64),
            inputs: inputs.iter().map(Some).collect(),
            outputs: outputs.iter().collect(),
            proof: &proof,
            opening: [Fr::from(0u64); 4],
            hidden: Fr::from(0u64),
        };
        for mode in [Mode::Record, Mode::Assign] {
            let start = Instant::now();
            let recorded = record(mode, system, plan, ready.key.verifying.program_digest(), &assignment).unwrap();
            let s = &recorded.system;
            println!(
                "{name}: {} constraints, {} witness, {} public, nnz {} {} {}, {:?}",
                s.num_constraints(),
                s.num_witness,
                s.num_instance,
                s.a.num_entries(),
                s.b.num_entries(),
                s.c.num_entries(),
                start.elapsed()
            );
        }
        let _ = rng(1);
    }
}
