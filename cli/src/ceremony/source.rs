//! What a ceremony is made from: powers of tau and a circuit.

use std::path::PathBuf;

use anyhow::{Context, Result};
use assay_circuits::r1cs::R1cs;
use assay_prover::ceremony::{Initial, Phase1, log_domain};
use assay_prover::iden3;
use rand::rngs::OsRng;

use crate::files;
use crate::output::Output;

/// The options that name them.
#[derive(clap::Args)]
pub struct Source {
    /// The powers of tau (.ptau); verify its contributions first (`snarkjs powersoftau verify`)
    #[arg(long, value_name = "FILE")]
    ptau: PathBuf,
    /// The circuit, a constraint system in iden3's format (.r1cs)
    #[arg(long, value_name = "FILE")]
    circuit: PathBuf,
}

impl Source {
    /// The circuit, and the parameters that a ceremony for it begins with.
    pub fn initial(&self, output: &Output) -> Result<(R1cs, Initial)> {
        let circuit = self.circuit()?;
        let log = log_domain(&circuit).with_context(|| self.circuit.display().to_string())?;
        let mut source = files::open(&self.ptau, "the powers of tau")?;
        // Twice the domain in section 2, and once in the other G1 and G2 sections and in the four Lagrange ones.
        let bar = output.progress("reading and checking the powers of tau", 9 << log);
        let phase1 = Phase1::read(&mut source, log, &mut OsRng, &|n| bar.inc(n as u64));
        bar.finish_and_clear();
        let phase1 = phase1.with_context(|| self.ptau.display().to_string())?;
        let spinner = output.spinner("computing the initial parameters");
        let initial = Initial::new(&phase1, &circuit);
        spinner.finish_and_clear();
        Ok((circuit, initial?))
    }

    fn circuit(&self) -> Result<R1cs> {
        let mut file = files::open(&self.circuit, "the circuit")?;
        iden3::read_r1cs(&mut file).with_context(|| self.circuit.display().to_string())
    }
}
