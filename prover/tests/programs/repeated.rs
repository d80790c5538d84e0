//! Several proofs at one workplace, whose constants and tables are placed once.

use crate::harness::{Ready, build, inputs, ready, rng};
use assay_core::DType;
use assay_gpu::{Backend, Portable};
use assay_prover::{Options, Workplace, prove};

/// Constants and tables outside of scans and in two of them, all different.
fn program() -> Ready {
    ready(build(|p| {
        let x = p.input("x", DType::I8, &[3, 5])?;
        let w = p.constant("w", &[3, 5], &[3, -1, 4, -1, 5, -9, 2, -6, 5, -3, 5, -8, 9, -7, 9])?;
        let scaled = p.mul(x, w)?;
        let mut all = p.map(scaled, "low bits", |v| v as i32 & 63)?;
        for round in 1..3 {
            let last = p.scan(3, &[(all, DType::U8)], &[w], |b, t| {
                let own = b.constant("own", &[3, 5], &(0..15).map(|i| i * round - 7).collect::<Vec<i64>>())?;
                let sum = b.linear(&[(t[0], 1), (t[1], 2), (own, 3)], 0)?;
                let kept = b.map(sum, "wrapped", move |v| (v * round) as i32 & 127)?;
                Ok(vec![kept])
            })?[0];
            all = p.slice(last, 0, 2, 1, 1)?;
            all = p.reshape(all, &[3, 5])?;
        }
        p.output("y", all, DType::I16)
    }))
}

fn agrees<B: Backend>(ready: &Ready, backend: &B) {
    let place = Workplace::new(backend, &ready.key, &ready.srs.g1);
    for seed in 0..3 {
        let given = inputs(&ready.program, seed);
        let options = Options { context: b"context".to_vec(), ..Options::default() };
        let proven = prove(&place, &given, &options, &mut rng(2), &|_| ()).unwrap();
        // As at a workplace of its own.
        assert_eq!(proven.receipt.encode(), ready.prove(&given).receipt.encode(), "proof {seed} on {}", backend.name());
    }
}

#[test]
fn a_workplace_serves_several_proofs() {
    let ready = program();
    agrees(&ready, &Portable);
    #[cfg(feature = "cuda")]
    match assay_gpu::Cuda::detect() {
        Ok(cuda) => agrees(&ready, &cuda),
        Err(reason) => eprintln!("skipped for cuda: {reason}"),
    }
}
