//! Keys: made from programs, found in the cache where their salts must not change.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use assay_core::Program;
use assay_core::flatten::flatten;
use assay_core::system::System;
use assay_prover::key_file::{content_digest, has_private_constants};
use assay_prover::keys::num_powers;
use assay_prover::srs::Srs;
use assay_prover::{Error, KeyFile, ProvingKey};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::backend::with_backend;
use super::computer::Computer;
use super::load::Executable;
use crate::cache::Keyring;
use crate::output::{Output, hex, sentence};
use crate::srs::Selection;

/// A program that is ready to be proven.
pub struct Ready {
    /// The program, with its constants.
    pub program: Program,
    /// Its key.
    pub key: ProvingKey,
    /// At least the powers of tau that the key needs.
    pub srs: Srs,
    /// Seconds that mapping and committing took, without the reference string.
    pub seconds: f64,
}

impl Ready {
    /// Makes a program ready, and keeps its verifying key in the cache.
    ///
    /// A program with private weights has salts, on which its id depends: its key is taken from the cache, or kept there.
    pub fn new(executable: Executable, selection: &Selection, computer: &mut Computer<'_>, output: &Output) -> Result<Ready> {
        let ready = match executable {
            Executable::Compiled(file) => restore(*file, selection, output)?,
            Executable::Program(program) if has_private_constants(&program) => salted(program, selection, computer, output)?,
            Executable::Program(program) => compile(program, &|powers| selection.load(powers, output), computer)?,
        };
        Keyring::open()?.store_verifying(ready.key.verifying.key(), output);
        Ok(ready)
    }

    /// The id of the program.
    pub fn program_id(&self) -> [u8; 32] {
        self.key.verifying.program_id()
    }

    /// The proving key as a file.
    pub fn key_file(&self) -> KeyFile {
        KeyFile::new(&self.program, &self.key)
    }
}

fn compile(program: Program, srs: &dyn Fn(usize) -> Result<Srs>, computer: &Computer<'_>) -> Result<Ready> {
    let mut rng = ChaCha20Rng::from_entropy();
    let mut waited = 0.0;
    let start = Instant::now();
    let load = |powers| {
        let begin = Instant::now();
        // The sentence is the same, whatever the type that carries it through the library.
        let srs = srs(powers).map_err(|e| Error::Input(sentence(&e)));
        waited += begin.elapsed().as_secs_f64();
        srs
    };
    let (key, srs) = with_backend!(computer.for_keys(), backend => assay_prover::compile(&backend, &program, load, &mut rng)?);
    Ok(Ready { program, key, srs, seconds: start.elapsed().as_secs_f64() - waited })
}

fn salted(program: Program, selection: &Selection, computer: &mut Computer<'_>, output: &Output) -> Result<Ready> {
    let powers = num_powers(&System::new(flatten(&program)?)?);
    let srs = selection.load(powers, output)?;
    let keyring = Keyring::open()?;
    let name = content_digest(&program, &srs.digest());
    if let Some(bytes) = keyring.proving_key(&name)? {
        let start = Instant::now();
        let restored = KeyFile::decode(&bytes).and_then(|file| Ok((file.to_key()?, file)));
        let (key, file) = restored.with_context(|| {
            let path = keyring.proving_path(&name);
            format!("{}: restore it from a copy, or delete it and get another program id with new salts", path.display())
        })?;
        return Ok(Ready { program: file.program, key, srs, seconds: start.elapsed().as_secs_f64() });
    }
    let ready = compile(program, &|_| Ok(srs.clone()), computer)?;
    keyring.store_proving(&name, &ready.key_file().encode())?;
    Ok(ready)
}

fn restore(file: KeyFile, selection: &Selection, output: &Output) -> Result<Ready> {
    let start = Instant::now();
    let key = file.to_key()?;
    let seconds = start.elapsed().as_secs_f64();
    let srs = selection.load(key.num_powers(), output)?;
    let (made, selected) = (file.reference.digest, srs.digest());
    if made != selected {
        bail!(
            "this key was made with reference string {}; {} is {}: choose the other with --srs, or compile again",
            hex(&made),
            selection.path().display(),
            hex(&selected)
        );
    }
    Ok(Ready { program: file.program, key, srs, seconds })
}
