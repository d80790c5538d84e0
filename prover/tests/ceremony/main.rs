//! The second phase of the Groth16 setup, from the outside.

mod circuits;
mod files;
mod honest;
mod malicious;
mod phase1;
mod powers;

use ark_bn254::Fr;
use assay_circuits::r1cs::R1cs;
use assay_prover::ceremony::{Initial, State, log_domain};
use rand::SeedableRng;
use rand::rngs::StdRng;

use powers::Trapdoor;

fn rng() -> StdRng {
    StdRng::seed_from_u64(3)
}

/// The parameters of a circuit over the powers of a trapdoor.
fn initial(r1cs: &R1cs, trapdoor: &Trapdoor) -> Initial {
    let phase1 = powers::read(&powers::file(&trapdoor.sections(true)), log_domain(r1cs).unwrap()).unwrap();
    Initial::new(&phase1, r1cs).unwrap()
}

/// A small circuit with two public variables, satisfied.
fn circuit() -> (R1cs, Vec<Fr>) {
    circuits::random(2, 9, &mut rng())
}

/// A ceremony to which "first", "second", .. have contributed: the state after each.
fn series(initial: &Initial, count: usize) -> Vec<State> {
    let mut state = State::begin(initial);
    let contribute = |name: &&str| {
        state.contribute(name, name.as_bytes(), &mut rng()).unwrap();
        state.clone()
    };
    ["first", "second", "third"][..count].iter().map(contribute).collect()
}
