//! Writes the seeds: small valid programs, keys and receipts. Deterministic; run it again when a format changes.
//!
//! `cargo run --release --features seeds --bin seeds` in this folder; it also refreshes the verifier's test vectors.

use assay_core::program::{Rounding, Visibility};
use assay_core::view::Block;
use assay_core::{Builder, DType, Error, Program, Tensor};
use assay_gpu::Portable;
use assay_prover::srs::Srs;
use assay_prover::wrap::Wrapper;
use assay_prover::{Options, Workplace, compile, prove, wrap};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::Path;

type Failure = Box<dyn std::error::Error>;

/// A dense layer with weights beyond the inline limit, rounded and saturated; odd shapes.
fn dense() -> Result<Program, Error> {
    let mut p = Builder::new("dense");
    let x = p.input("x", DType::I8, &[3, 11])?;
    let weights: Vec<i64> = (0..11 * 17).map(|i| i * 7 % 15 - 7).collect();
    let w = p.constant_of("weights", &[11, 17], &weights, Visibility::Public)?;
    let acc = p.contract("mk,kn->mn", x, w)?;
    let q = p.round_shift(acc, 5, Rounding::HalfEven)?;
    let y = p.map(q, "saturate", |v| v.clamp(-100, 100) as i32)?;
    p.output("y", y, DType::I8)?;
    p.finish()
}

/// A smoothing stencil repeated over time, and a division.
fn scan() -> Result<Program, Error> {
    let mut p = Builder::new("scan");
    let (s, d) = (p.input("state", DType::I8, &[5])?, p.input("divisor", DType::U8, &[5])?);
    let d = p.map(d, "at least one", |v| v.clamp(1, 9) as i32)?;
    let start = p.div(s, d)?;
    let all = p.scan(3, &[(start, DType::I8)], &[], |b, t| {
        let taps = b.view(t[0], &[5, 3], vec![Block::window(0, [0, 1], 1, 1, -1)], 1)?;
        let kernel = b.constant_of("kernel", &[3], &[1, 2, 1], Visibility::Public)?;
        let smooth = b.contract("xk,k->x", taps, kernel)?;
        Ok(vec![b.round_shift(smooth, 2, Rounding::Floor)?])
    })?;
    let last = p.slice(all[0], 0, 2, 1, 1)?;
    p.output("last", last, DType::I8)?;
    p.finish()
}

fn inputs(program: &Program) -> Result<Vec<Tensor>, Error> {
    let port = |(i, p): (usize, &assay_core::program::Port)| {
        let shape = program.shape(p.tensor).clone();
        let values: Vec<i64> = (0..shape.num_elements() as i64).map(|j| (j * 29 + i as i64 * 5) % 100).collect();
        Tensor::from_valid(shape, p.dtype, &values)
    };
    program.inputs.iter().enumerate().map(port).collect()
}

fn write(kind: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    if !kind.starts_with("wrapped") {
        seed(kind, name, bytes)?;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/tests/vectors").join(kind);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name), bytes)?;
    println!("{kind}/{name}: {} bytes", bytes.len());
    Ok(())
}

/// A seed of a fuzz target that is no test vector.
fn seed(target: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(name), bytes)?)
}

fn main() -> Result<(), Failure> {
    let programs = [("public", dense()?), ("private", dense()?.with_visibility(&["x"], true)?), ("scan", scan()?)];
    for (name, program) in programs {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (key, srs) = compile(&Portable, &program, |n| Ok(Srs::development(n, &|_| ())), &mut rng)?;
        let place = Workplace::new(&Portable, &key, &srs.g1);
        let options = Options { context: b"to whom it may concern".to_vec(), ..Options::default() };
        let proven = prove(&place, &inputs(&program)?, &options, &mut rng, &|_| ())?;
        write("program", name, &program.stripped().encode())?;
        write("key", name, &key.verifying.key().encode())?;
        write("receipt", name, &proven.receipt.encode())?;
        let wrap = wrap::setup(&key, &mut rng)?;
        let wrapped = wrap::prove(&place, &Wrapper::new(&wrap), &inputs(&program)?, &options, &mut rng, &|_| ())?;
        let (receipt, verifying) = (wrapped.receipt.encode(), wrap.verifying.encode());
        write("wrapped-receipt", name, &receipt)?;
        write("wrapped-key", name, &verifying)?;
        seed("wrapped", &format!("{name}-receipt"), &receipt)?;
        seed("wrapped", &format!("{name}-key"), &verifying)?;
    }
    Ok(())
}
