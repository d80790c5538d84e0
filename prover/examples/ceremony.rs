//! A whole ceremony over a `.ptau` file, its results in iden3's formats: `ceremony PTAU FOLDER [CONSTRAINTS]`.
//!
//! Without a number of constraints the circuit is x^3 + x + 5 = y, else a random one. `prover/tests/snarkjs/check.sh`
//! has snarkjs judge what this writes: circuit.r1cs, witness.wtns, final.zkey, vkey.json, proof.json, public.json.

#[path = "../tests/ceremony/circuits.rs"]
mod circuits;

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;
use std::time::Instant;

use assay_prover::ceremony::{Beacon, Initial, Phase1, State, finish, log_domain, verify};
use assay_prover::iden3::{proof_json, public_json, verifying_key_json, write_r1cs, write_wtns, write_zkey};
use rand::SeedableRng;
use rand::rngs::{OsRng, StdRng};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(ptau), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: ceremony PTAU FOLDER [CONSTRAINTS]".into());
    };
    let mut rng = StdRng::seed_from_u64(11);
    let (r1cs, z) = match arguments.next() {
        Some(count) => circuits::random(3, count.parse()?, &mut rng),
        None => circuits::cubic(3),
    };
    let folder = PathBuf::from(folder);
    let create = |name: &str| File::create(folder.join(name)).map(BufWriter::new);

    let mut clock = Instant::now();
    let mut lap = |what: &str| {
        println!("{what}: {:.2} s", clock.elapsed().as_secs_f64());
        clock = Instant::now();
    };
    let phase1 = Phase1::read(&mut File::open(ptau)?, log_domain(&r1cs)?, &mut OsRng, &|_| ())?;
    lap("powers of tau read, checked and in Lagrange form");
    let initial = Initial::new(&phase1, &r1cs)?;
    lap("initial parameters");
    let mut state = State::begin(&initial);
    for name in ["first", "second", "third"] {
        state.contribute(name, b"typed by a person", &mut OsRng)?;
    }
    lap("three contributions");
    state.apply_beacon(Beacon::new((0..32).collect(), 10)?, "beacon")?;
    lap("beacon");
    verify(&initial, &state, &mut OsRng)?;
    lap("verified");
    let key = finish(initial, &state, &mut OsRng)?;
    write_r1cs(&r1cs, &mut create("circuit.r1cs")?)?;
    write_wtns(&z, &mut create("witness.wtns")?)?;
    lap("finished and written");
    write_zkey(&r1cs, &key, &state, &mut create("final.zkey")?)?;
    lap("zkey written");
    fs::write(folder.join("vkey.json"), verifying_key_json(&key.vk))?;
    fs::write(folder.join("proof.json"), proof_json(&circuits::prove(&key, &r1cs, &z, &mut rng)))?;
    fs::write(folder.join("public.json"), public_json(&z[1..r1cs.num_instance]))?;
    lap("proved");
    Ok(())
}
