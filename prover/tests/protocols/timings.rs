//! Times on this machine: `cargo test --release -p assay-prover --test protocols timings -- --ignored --nocapture`.

use crate::{
    dense::{random, rng},
    mercury::Reference,
};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use assay_circuits::{Transcript, logup, mercury as scalar, poseidon2, sumcheck};
use assay_gpu::{Backend, Portable};
use assay_prover::{
    logup::{Economy, prove},
    mercury,
    sumcheck::{Factor, Instance},
};
use assay_verifier::kzg;
use std::time::Instant;

fn milliseconds<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what:32} {:10.3} ms", start.elapsed().as_secs_f64() * 1e3);
    result
}

#[test]
#[ignore = "prints times"]
fn timings() {
    let mut rng = rng(1);
    let log_len = 16;
    let len = 1 << log_len;

    let mut state = [Fr::ONE; 4];
    milliseconds("1000 permutations", || (0..1000).for_each(|_| poseidon2::permute(&mut state)));

    let factors = [(); 3].map(|()| random(len, &mut rng));
    let claim = (0..len).map(|i| factors[0][i] * factors[1][i] * factors[2][i]).sum();
    let factors = factors.iter().map(|factor| Factor::Field(Portable.upload(factor))).collect();
    let instance = Instance { coefficient: Fr::ONE, claim, factors };
    let proven =
        milliseconds("sumcheck of degree 3, prove", || assay_prover::sumcheck::prove(&Portable, vec![instance], &mut Transcript::new("t")));
    milliseconds("sumcheck of degree 3, verify", || {
        sumcheck::verify(&proven.proof, log_len, 3, &claim, &mut Transcript::new("t")).unwrap()
    });

    let (mut p, q) = (random(len, &mut rng), random(len, &mut rng));
    p[0] = Fr::ZERO;
    let sum: Fr = p.iter().zip(&q).map(|(p, q)| *p * Field::inverse(q).unwrap()).sum();
    p[0] = -sum * q[0];
    let leaves = crate::logup::Leaves { p, q, log_len };
    let (proof, _) = milliseconds("LogUp, prove", || prove(&Portable, &leaves, log_len, Economy::USUAL, &mut Transcript::new("t")));
    milliseconds("LogUp, verify", || logup::verify(&proof, log_len, &mut Transcript::new("t")).unwrap());
    println!("{:32} {:10} bytes", "LogUp proof", 32 * proof.clone().values_mut().count());

    let reference = Reference::new(len + (1 << log_len.div_ceil(2)), 7);
    let f = random(len + 24, &mut rng);
    let point = random(log_len, &mut rng);
    let value = crate::dense::mle(&f[..len], &point);
    let vector = Portable.upload(&f);
    let commitment = milliseconds("commit", || assay_prover::kzg::commit(&Portable, &reference.bases, &vector));
    let proof =
        milliseconds("Mercury, open", || mercury::open(&Portable, &reference.bases, &vector, &point, value, &mut Transcript::new("t")));
    let opening = milliseconds("Mercury, scalar half", || {
        scalar::verify(&proof.scalars, &proof.points.digests(), &point, &value, &mut Transcript::new("t")).unwrap()
    });
    milliseconds("Mercury, pairing half", || kzg::verify(&reference.powers, commitment, &proof.points, &opening).unwrap());
}
